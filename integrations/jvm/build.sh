#!/usr/bin/env bash
# Builds the library around a module (first argument) in a folder of its own (second argument), so that
# several builds don't meet, and prints the class path of the tests. Further arguments are Maven's goals, by default
# those that compile the library and its tests.
set -euo pipefail
module=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$folder/src"
cp -R "$here/pom.xml" "$here/src" "$folder/"
mkdir -p "$folder/target"
cp "$module" "$folder/target/tocsin.wasm"
cd "$folder"
shift 2
[ $# -gt 0 ] || set -- test-compile
mvn -q -B -ntp "$@" dependency:build-classpath -Dmdep.outputFile=target/classpath >&2
printf '%s\n' "$folder/target/test-classes:$folder/target/classes:$(cat target/classpath)"
