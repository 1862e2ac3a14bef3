#!/usr/bin/env bash
# The program that vector.yaml starts, run as Vector would run it: alerts must come out of it while it
# runs. The files must be YAML; where a vector is installed it checks them itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need_yaml

examples=$repository/examples
mkdir -p "$work/in"
: >"$work/in/trail.ndjson"
TOCSIN=$tocsin PROBLEMS=$work/problems.log setsid "$here/tocsin-tail" "$work/in" >"$work/alerts" &
stop_at_exit $!
sleep 1
"$tocsin" scan "$examples/recorder.ndjson" | sort >"$work/expected"
cat "$examples/recorder.ndjson" >>"$work/in/trail.ndjson"
expect "records appended to a file" same_lines "$work/alerts" "$work/expected"
echo '{"cut": "off' >>"$work/in/trail.ndjson"
expect "what can't be read is reported" grep -q "the record is cut off" "$work/problems.log"

for file in "$here"/*.yaml; do
    python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1], encoding="utf-8"))["sources"]' "$file"
    if command -v vector >/dev/null; then
        vector validate --no-environment "$file"
    fi
done
command -v vector >/dev/null ||
    echo "vector: the files are not loaded by a Vector, none is installed (no package registry has it)"
