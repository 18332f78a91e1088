#!/usr/bin/env bash
# Clients by strangers against the local venue; vrlg must be built.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2
exec node --test
