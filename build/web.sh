#!/usr/bin/env bash
# Brings the chart library that the report page embeds into ./artifacts/web, and the browser driver of its test into
# ./node_modules, both exactly as package-lock.json names them. Does nothing when that has been done for this lock.
set -euo pipefail
cd "$(dirname "$0")/.."
out=artifacts/web
want=$(cat package-lock.json build/web.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$out/stamp" 2>/dev/null || true)" = "$want" ] && [ -d node_modules/playwright-core ] &&
  [ -f "$out/uplot.js" ] && [ -f "$out/uplot.css" ] && [ -f "$out/uplot.license" ]; then exit 0; fi
if ! command -v npm >/dev/null; then
  echo "build/web.sh: npm is missing, so the chart library cannot be fetched." \
    "Install Node.js 20 with npm, then run build/web.sh again." >&2
  exit 1
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2
mkdir -p "$out"
# The banner names the library's page; the report holds no address at all, so only the words stay.
sed '1s#https\{0,1\}://##' node_modules/uplot/dist/uPlot.iife.min.js > "$out/uplot.js"
cp node_modules/uplot/dist/uPlot.min.css "$out/uplot.css"
cp node_modules/uplot/LICENSE "$out/uplot.license"
echo "$want" > "$out/stamp"
