#!/usr/bin/env bash
# Builds the module twice from clean, in folders of different names and with different homes of cargo, and
# compares the bytes. Takes some minutes; needs what has been downloaded for a build before.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

copy() { # name
    mkdir -p "$folder/$1/tocsin" "$folder/$1-home"
    # The sources as they are now, committed or not.
    (cd "$repository" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T -) |
        tar -x -C "$folder/$1/tocsin"
    ln -s "${CARGO_HOME:-$HOME/.cargo}/registry" "$folder/$1-home/registry"
}

build() { # name
    local sources="$folder/$1/tocsin" target="$folder/$1-target" home="$folder/$1-home"
    # A check runs the build script, which is what makes the module, and leaves the rest uncompiled.
    CARGO_HOME=$home CARGO_TARGET_DIR=$target \
        cargo check --quiet --locked --offline --manifest-path "$sources/Cargo.toml" -p tocsin-host
    sha256sum < "$(ls -t "$target"/debug/build/tocsin-host-*/out/tocsin.wasm | head -1)"
}

copy one
copy another-folder-with-a-longer-name
first=$(build one)
second=$(build another-folder-with-a-longer-name)
echo "first:  ${first%% *}"
echo "second: ${second%% *}"
test "$first" = "$second"
