#!/usr/bin/env bash
# Builds a Bento that has files, mappings and the processor `wasm`, from its Go modules, as the file that the argument
# names. It takes one to three minutes the first time.
set -euo pipefail
output=$(realpath -m "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.go <<'GO'
package main

import (
	"context"

	_ "github.com/warpstreamlabs/bento/public/components/io"
	_ "github.com/warpstreamlabs/bento/public/components/pure"
	_ "github.com/warpstreamlabs/bento/public/components/wasm"
	"github.com/warpstreamlabs/bento/public/service"
)

func main() { service.RunCLI(context.Background()) }
GO
go mod init tocsin/bento >/dev/null 2>&1
go get github.com/warpstreamlabs/bento@v1.20.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go build -o "$output" .
