#!/usr/bin/env bash
# Puts the module into the package and builds its wheel; prints the wheel's path. The command is $TOCSIN, or cargo's;
# arguments go to `pip wheel`.
set -euo pipefail
cd "$(dirname "$0")"
# The wheel holds it. Beside the source it would go on being the plugin's own module.
trap 'rm -f tocsin_module/tocsin.wasm' EXIT
if [ -n "${TOCSIN:-}" ]; then
    "$TOCSIN" module -o tocsin_module/tocsin.wasm 2>/dev/null
else
    cargo run --release --quiet --manifest-path ../../Cargo.toml -p tocsin-cli -- module -o tocsin_module/tocsin.wasm
fi
"${PYTHON:-python3}" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist "$@" .
ls -d "$PWD"/dist/tocsin_detector-*.whl
