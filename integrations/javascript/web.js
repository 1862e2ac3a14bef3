// The entry for browsers, bundlers and workers: modules are fetched.

import { body, detectorClass, inMemory } from "./detector.js";

async function read(source) {
  const bytes = inMemory(source);
  if (bytes !== undefined) return bytes;
  return body(source instanceof Response ? source : await fetch(source));
}

export const Detector = detectorClass(read, new URL("./glue/tocsin.wasm", import.meta.url));
export { ConfigurationError, DetectorError } from "./errors.js";
