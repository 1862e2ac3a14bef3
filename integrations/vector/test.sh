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

# The writer of one file is in the middle of a line when another file gets one.
mkdir "$work/two"
: >"$work/two/a.ndjson"
: >"$work/two/b.ndjson"
TOCSIN=$tocsin PROBLEMS=$work/problems.two setsid "$here/tocsin-tail" "$work/two" >"$work/alerts.two" &
stop_at_exit $!
sleep 1
one=$(sed -n 1p "$examples/recorder.ndjson")
two=$(sed -n 2p "$examples/recorder.ndjson")
printf '%s\n%s\n' "$one" "$two" | "$tocsin" scan - | sort >"$work/expected.two"
printf '%s' "$one" | cut -c1-60 | tr -d '\n' >>"$work/two/a.ndjson"
sleep 1.2
printf '%s\n' "$two" >>"$work/two/b.ndjson"
sleep 1.2
printf '%s\n' "$one" | cut -c61- >>"$work/two/a.ndjson"
expect "half a line of one file isn't joined with another's" same_lines "$work/alerts.two" "$work/expected.two"
expect "nothing of it is a problem" test ! -s "$work/problems.two"

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
