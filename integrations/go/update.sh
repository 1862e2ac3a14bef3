#!/usr/bin/env bash
# Renews the embedded module from the built command.
set -euo pipefail
cd "$(dirname "$0")"
"${TOCSIN:-../../target/release/tocsin}" module -o tocsin.wasm
