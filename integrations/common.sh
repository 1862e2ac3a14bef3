# What the tests of the integrations share. A test sources it; it gives:
#
#   $tocsin        the command under test: $TOCSIN, or the release build of this repository
#   $work          a folder that is removed at the end
#   need PROGRAM PACKAGE...   ends the test as skipped if the program isn't installed; with CI=true it
#                  installs Debian's packages of those names instead
#   expect WHAT COMMAND...    waits until the command succeeds, and fails after 30 seconds
#   stop_at_exit PID          ends that process, or the group it leads (setsid), with the test
#   same_lines FILE EXPECTED  whether a file's lines, sorted, are those of a sorted file
#   free_port, send_tcp PORT LINE
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tocsin=${TOCSIN:-$repository/target/release/tocsin}
if [ ! -x "$tocsin" ]; then
    echo "there is no $tocsin; run \`cargo build --release\`, or name one with TOCSIN=" >&2
    exit 1
fi
tocsin=$(realpath "$tocsin")

name=$(basename "$(cd "$(dirname "$0")" && pwd)")
work=$(mktemp -d)
started=()

stop_at_exit() { started+=("$1"); }

clean_up() {
    local code=$? pid
    for pid in "${started[@]}"; do kill -- "-$pid" 2>/dev/null || kill "$pid" 2>/dev/null || true; done
    # One that waits for its input may not hear that.
    for pid in "${started[@]}"; do
        for _ in $(seq 30); do kill -0 "$pid" 2>/dev/null && sleep 0.1; done
        kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    if [ $code -ne 0 ]; then
        echo "$name: FAILED" >&2
        for file in "$work"/log* "$work"/out/problems.log; do
            if [ -s "$file" ]; then echo "-- ${file##*/}" >&2; tail -n 20 "$file" >&2; fi
        done
    fi
    rm -rf "$work"
}
trap clean_up EXIT

need() {
    local program=$1
    shift
    command -v "$program" >/dev/null && return
    if [ "${CI:-}" = true ]; then
        apt-get update -q >/dev/null && apt-get install -y -q "$@" >/dev/null
        command -v "$program" >/dev/null && return
        exit 1
    fi
    echo "$name: skipped, $program isn't installed (Debian: apt-get install $*)"
    exit 0
}

expect() {
    local what=$1 end=$((SECONDS + 30))
    shift
    until "$@"; do
        if [ $SECONDS -ge $end ]; then
            echo "$name: $what: not so after 30 seconds" >&2
            exit 1
        fi
        sleep 0.1
    done
    echo "$name: $what: ok"
}

same_lines() { [ -e "$1" ] && sort "$1" | cmp -s - "$2"; }

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

send_tcp() {
    python3 - "$@" <<'PYTHON'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as connection:
    connection.sendall(sys.argv[2].encode() + b"\n")
PYTHON
}
