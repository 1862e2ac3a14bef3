// The driver on pipes: standard input and output, each message behind its length. The npm package's entry
// may be given as an argument, or a file that exports a `host` of its own.

import { readSync, writeSync } from "node:fs";
import { reply } from "./driver.mjs";
import { packaged, plain } from "./tocsin.mjs";

const entry = process.argv[2];
const given = entry && (await import(entry));
const host = given?.host ?? (given ? packaged(given) : plain);

/** Waits a moment where a pipe isn't ready: packages may have made it one that doesn't wait. */
function patiently(io) {
  for (;;) {
    try {
      return io();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** So many bytes of standard input, or null where it has ended. */
function read(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const more = patiently(() => readSync(0, bytes, at, length - at, null));
    if (more === 0) return null;
    at += more;
  }
  return bytes;
}

function write(bytes) {
  for (let at = 0; at < bytes.length; ) at += patiently(() => writeSync(1, bytes, at));
}

for (let length = read(4); length; length = read(4)) {
  const request = read(new DataView(length.buffer).getUint32(0, true));
  if (!request) break;
  const bytes = await reply(host, request);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  write(length);
  write(bytes);
}
