#!/usr/bin/env bash
# Fills the package with the module and its glue, and packs it. The command is $TOCSIN, or cargo's.
set -euo pipefail
cd "$(dirname "$0")"
if [ -n "${TOCSIN:-}" ]; then
    "$TOCSIN" module --javascript glue
else
    cargo run --release --quiet --manifest-path ../../Cargo.toml -p tocsin-cli -- module --javascript glue
fi
cp ../../LICENSE LICENSE
npm pack --silent "$@"
