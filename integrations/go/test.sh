#!/usr/bin/env bash
# The Go package: its module is the command's, its alerts are the command's, vet and the race detector are clean.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
version=$(go env GOVERSION 2>/dev/null || true)
case "$version" in
    go1.2[5-9]*|go1.[3-9][0-9]*|go[2-9]*) ;;
    *) if [ "${CI:-}" = true ]; then echo "go: Go 1.25 or newer is needed, found ${version:-none}" >&2; exit 1; fi
       echo "go: skipped, Go 1.25 or newer isn't installed (found ${version:-none})"
       exit 0 ;;
esac
cd "$here"
"$tocsin" module -o "$work/tocsin.wasm"
cmp "$work/tocsin.wasm" tocsin.wasm || { echo "go: tocsin.wasm isn't the built module: run integrations/go/update.sh" >&2; exit 1; }
[ -z "$(gofmt -l .)" ] || { echo "go: gofmt would change: $(gofmt -l .)" >&2; exit 1; }
go vet ./...
# What the first run compiles the second one finds: under the race detector compiling takes a minute.
go test ./...
go test -race -short ./...
go run ./internal/alerts "$here/../../examples/recorder.ndjson" >"$work/alerts"
"$tocsin" scan "$here/../../examples/recorder.ndjson" | cmp - "$work/alerts"
echo "go: alerts are those of the command, byte for byte: ok"
