// The entry for Node: modules are read from files, or fetched.

import { readFile } from "node:fs/promises";

import { body, detectorClass, inMemory } from "./detector.js";

async function read(source) {
  const bytes = inMemory(source);
  if (bytes !== undefined) return bytes;
  if (source instanceof Response) return body(source);
  if (/^https?:/i.test(source)) return body(await fetch(source));
  // A path, or the URL of a file.
  const file = typeof source === "string" && /^file:/i.test(source) ? new URL(source) : source;
  return new Uint8Array(await readFile(file));
}

export const Detector = detectorClass(read, new URL("./glue/tocsin.wasm", import.meta.url));
export { ConfigurationError, DetectorError } from "./errors.js";
