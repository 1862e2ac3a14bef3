// In: a module and records. Out: alerts. The same for Node and the browser; they differ in how they get
// at the module's bytes (node.js, web.js).

import { frames, object } from "./answers.js";
import { RawDetector } from "./raw.js";

/** The class `Detector` for a platform: `read` gives the bytes of a source, `ownModule` is the default. */
export function detectorClass(read, ownModule) {
  /** The package's own module, compiled once. */
  let own;

  const start = async (compiled) => new Detector(compiled, await RawDetector.start(compiled.module));

  class Detector {
    #compiled;
    #raw;

    /** Use `Detector.load`. */
    constructor(compiled, raw) {
      this.#compiled = compiled;
      this.#raw = raw;
    }

    static async load(source) {
      if (source !== undefined) return start(await compile(await read(await source)));
      own ??= read(ownModule).then(compile);
      try {
        return await start(await own);
      } catch (error) {
        // A file that couldn't be fetched may be there the next time.
        own = undefined;
        throw error;
      }
    }

    another() {
      return start(this.#compiled);
    }

    get raw() {
      return this.#raw;
    }

    get module() {
      const { sha256, bytes } = this.#compiled;
      return { sha256, bytes };
    }

    describe() {
      return { module: this.module, ...object(this.#raw.describe()) };
    }

    configure(configuration) {
      return object(this.#raw.configure(JSON.stringify(configuration)));
    }

    detect(batch) {
      const answer = this.#raw.detect(batch);
      const { found: alerts, errors, moreErrors, summary } = frames(answer, "alert");
      return { alerts, errors, moreErrors, summary };
    }

    explain(rule, batch) {
      const answer = this.#raw.explain(rule, batch);
      const { found: explanations, errors, summary } = frames(answer, "explanation");
      return { explanations, errors, summary };
    }

    test(run) {
      return object(this.#raw.test(JSON.stringify(run)));
    }

    vocabulary() {
      return object(this.#raw.vocabulary());
    }

    read(batch) {
      const { found: readings, errors, summary } = frames(this.#raw.read(batch), "reading");
      return { readings, errors, summary };
    }

    coverage(batch) {
      const { found, errors, moreErrors, summary } = frames(this.#raw.coverage(batch), "coverage");
      return { rules: found.map(({ coverage }) => coverage), errors, moreErrors, summary };
    }
  }
  return Detector;
}

/** The bytes of what was fetched. */
export async function body(response) {
  if (!response.ok) throw new Error(`${response.url}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The bytes, if the source holds them already. */
export function inMemory(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return undefined;
}

async function compile(bytes) {
  const [module, sha256] = await Promise.all([WebAssembly.compile(bytes), digest(bytes)]);
  return { module, sha256, bytes: bytes.length };
}

/** SHA-256 in hex digits. Browsers have it for pages from https or localhost only; null elsewhere. */
async function digest(bytes) {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return null;
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
