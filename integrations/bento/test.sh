#!/usr/bin/env bash
# bento.yaml in a real Bento: alerts are the command's, what can't be judged is set apart, nothing is lost.
# BENTO names the program; with CI=true it is built from Go modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
bento=${BENTO:-$(command -v bento || true)}
if [ -z "$bento" ] && [ "${CI:-}" = true ]; then
    bento=$work/bento
    "$here/build.sh" "$bento"
fi
if [ -z "$bento" ]; then
    echo "bento: skipped, bento isn't installed (build.sh makes one)"
    exit 0
fi

# Alerts with what bends JSON: a lone surrogate, a broken record between whole ones; and a file that is no JSON.
examples=$here/../../examples
{
    cat "$examples/recorder.ndjson"
    echo '{"eventName":"Stop'
    sed -n 1p "$examples/recorder.ndjson" | sed 's/{/{"userAgent":"\\ud800",/'
} | gzip >"$work/trail.json.gz"
printf 'hello' | gzip >"$work/hello.gz"
"$tocsin" scan "$work/trail.json.gz" >"$work/expected" 2>/dev/null || true
grep -q 'ud800' "$work/expected"
"$tocsin" module --for bento -o "$work/tocsin-bento.wasm"

run() {
    mkdir -p "$work/$1"
    TRAIL="$work/$2" MODULE="$work/tocsin-bento.wasm" OUT="$work/$1" timeout 120 "$bento" -c "$here/bento.yaml" \
        >"$work/log-$1" 2>&1
}

run trail trail.json.gz
cmp "$work/trail/alerts.ndjson" "$work/expected"
echo "bento: alerts are those of the command, byte for byte: ok"
grep -q '"record":5,"error":' "$work/trail/unread.ndjson"
run hello hello.gz
[ ! -s "$work/hello/alerts.ndjson" ] && grep -q '"error":' "$work/hello/unread.ndjson"
echo "bento: what can't be judged is set apart: ok"
