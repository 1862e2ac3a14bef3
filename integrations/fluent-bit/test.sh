#!/usr/bin/env bash
# The configurations are YAML and name exports that a compiled module has; where a fluent-bit is installed
# it checks them itself. The exports' behaviour is tested in tests/fluent_bit_filter.rs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need_yaml

"$tocsin" compile "$repository/rules/pack" -o "$work/tocsin.wasm" >"$work/log.compile" 2>&1
names_exports() {
    python3 - "$here/$1" "$work/tocsin.wasm" "$here/README.md" <<'PYTHON'
import os, sys, yaml

with open(sys.argv[1], encoding="utf-8") as file:
    pipeline = yaml.safe_load(file)["pipeline"]
with open(sys.argv[2], "rb") as file:
    module = file.read()
(wasm,) = [entry for entry in pipeline["filters"] if entry["name"] == "wasm"]
assert wasm["event_format"] == "json", wasm
# An export's name stands in the module behind its length, before its kind: a function.
name = wasm["function_name"].encode()
assert bytes([len(name)]) + name + b"\0" in module, f"{name} isn't exported"
assert {entry["name"] for entry in pipeline["inputs"]} == {"tail", "http"}, pipeline["inputs"]
# What the filter opens for the module when it starts must be there; the folder it runs in is.
for folder in wasm.get("accessible_paths", ".").split(","):
    assert os.path.isdir(folder.strip()), f"{folder}: error while pre-opening directory"
with open(sys.argv[3], encoding="utf-8") as file:
    page = file.read()
needed = {wasm["wasm_path"]}
for entry in pipeline["inputs"] + pipeline["outputs"]:
    needed |= {os.path.dirname(entry[key]) for key in ("path", "db") if entry["name"] == "tail"}
    needed |= {entry["path"]} if entry["name"] == "file" else set()
for path in needed:
    assert f"| `{path}` |" in page, f"README.md doesn't name {path}"
PYTHON
}
for file in enrich.yaml alerts.yaml; do
    names_exports $file
    echo "fluent-bit: $file names an export: ok"
    if command -v fluent-bit >/dev/null; then
        sed "s|/etc/fluent-bit/tocsin.wasm|$work/tocsin.wasm|" "$here/$file" >"$work/$file"
        fluent-bit --dry-run -c "$work/$file" >"$work/log.dry-run" 2>&1
        echo "fluent-bit: $file passes its own check: ok"
    fi
done
command -v fluent-bit >/dev/null ||
    echo "fluent-bit: not loaded by a Fluent Bit, none is installed (no package registry has one with a wasm filter)"
