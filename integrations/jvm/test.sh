#!/usr/bin/env bash
# The JVM library: it builds around the command's module, its tests pass, its Javadoc has no warnings, and its
# alerts are the command's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
need javac openjdk-17-jdk-headless
need mvn maven
"$tocsin" module -o "$work/tocsin.wasm"
# One run of Maven: compiling the module to classes takes longer than everything else.
classpath=$("$here/build.sh" "$work/tocsin.wasm" "$work/jvm" package javadoc:javadoc-no-fork)
examples=$here/../../examples
java -cp "$classpath" tocsin.examples.ScanLines <"$examples/recorder.ndjson" >"$work/alerts"
"$tocsin" scan "$examples/recorder.ndjson" | cmp - "$work/alerts"
echo "jvm: alerts are those of the command, byte for byte: ok"
