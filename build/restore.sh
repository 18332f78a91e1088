#!/usr/bin/env bash
# Tools and packages for a project or the solution: the local package folder, then Paket, then NuGet.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet tool restore
build/nuget-fill.sh
dotnet paket restore
dotnet restore "${1:-Vrlg.sln}" -nologo
