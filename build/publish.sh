#!/usr/bin/env bash
# Tools, packages and the program, compiled ahead of time into artifacts/publish.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts/publish
touch artifacts/publish/stamp.new
build/restore.sh Cli/Cli.fsproj
# Restoring makes obj folders, which makes their parents newer: only a file that was edited meanwhile counts as a change.
if [ -z "$(find Domain.fs Core Sim Adapters Shell Cli build ./*.* -name obj -prune -o -type f -newer artifacts/publish/stamp.new -print -quit)" ]; then
  touch artifacts/publish/stamp.new
fi
dotnet publish Cli/Cli.fsproj -c Release -r linux-x64 --no-restore -nologo \
  -nodeReuse:false -p:UseSharedCompilation=false -o artifacts/publish
mv artifacts/publish/stamp.new artifacts/publish/stamp
