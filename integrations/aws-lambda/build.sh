#!/usr/bin/env bash
# The function's folder, build/: the handler, the package for Node, and the module (MODULE, or the built-in one).
set -euo pipefail
cd "$(dirname "$0")"
tocsin=${TOCSIN:-../../target/release/tocsin}
rm -rf build
mkdir -p build/node_modules/tocsin-detector
cp events.js handler.js index.js sinks.js package.json build/
package=build/node_modules/tocsin-detector
cp ../javascript/*.js ../javascript/index.d.ts ../javascript/package.json "$package/"
"$tocsin" module --javascript "$package/glue" >/dev/null
if [ -n "${MODULE:-}" ]; then cp "$MODULE" build/tocsin.wasm; else cp "$package/glue/tocsin.wasm" build/tocsin.wasm; fi
du -sh build | cut -f1
