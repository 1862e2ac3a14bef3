#!/usr/bin/env bash
# Packs the package, installs it into a folder of its own, and runs the tests and the types' check there:
# what is tested is what a user gets.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$here/../..
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ -z "${TOCSIN:-}" ]; then
    cargo build --release --manifest-path "$repository/Cargo.toml" -p tocsin-cli
    TOCSIN=${CARGO_TARGET_DIR:-$repository/target}/release/tocsin
fi
export TOCSIN
tarball=$("$here/pack.sh" --pack-destination "$folder")

versions=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$repository/Cargo.toml" | head -1)
versions+=" $(node -p 'require(process.argv[1]).version' "$here/package.json")"
test "${versions% *}" = "${versions#* }" || { echo "two versions: $versions"; exit 1; }

"$TOCSIN" compile "$repository/rules/pack" -o "$folder/pack.wasm" 2>/dev/null
cd "$folder"
cp "$here"/test/* .
printf '{"type": "module", "private": true}\n' > package.json
npm install --silent --no-audit --no-fund "./$tarball" typescript@5
TOCSIN_SHA256=$("$TOCSIN" --version | sed 's/.*sha256 \([0-9a-f]*\).*/\1/') \
    TOCSIN_COMPILED=$folder/pack.wasm node --test ./*.test.js
npx --no-install tsc --noEmit --strict --noUncheckedIndexedAccess --target es2022 \
    --module nodenext --lib es2022,dom types.ts
echo "tocsin-detector: tests and types are as they should be"
