// In: bytes. Out: the module's answers as they are, by the numbers and bytes of docs/abi.md.

import { DetectorError } from "./errors.js";
import { createGlue } from "./glue/factory.js";

const encoder = new TextEncoder();

/** One instance of a module, and the glue that calls it. */
export class RawDetector {
  #glue = createGlue();
  #memory;
  #exports = new Set();
  #broken;

  /**
   * Starts an instance. Pages may do so only without blocking, if the module is of this size.
   *
   * @param {WebAssembly.Module} module
   */
  static async start(module) {
    const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
    if (!exports.includes("tocsin_javascript_detect")) {
      throw new DetectorError("this isn't a Tocsin module with exports for JavaScript");
    }
    const raw = new RawDetector();
    raw.#exports = new Set(exports);
    raw.#memory = (await raw.#glue({ module_or_path: module })).memory;
    return raw;
  }

  get memoryBytes() {
    return this.#memory.buffer.byteLength;
  }

  describe() {
    return this.#answer(() => this.#glue.tocsin_javascript_describe());
  }

  configure(document) {
    const bytes = toBytes(document, "the configuration");
    return this.#answer(() => this.#glue.tocsin_javascript_configure(bytes));
  }

  detect(batch) {
    const bytes = toBytes(batch, "the batch");
    return this.#answer(() => this.#glue.tocsin_javascript_detect(bytes));
  }

  explain(rule, batch) {
    if (typeof rule !== "string") throw new TypeError("the rule's id must be a string");
    const bytes = toBytes(batch, "the batch");
    return this.#answer(() => this.#glue.tocsin_javascript_explain(rule, bytes));
  }

  read(batch) {
    return this.#ask("read", batch);
  }

  coverage(batch) {
    return this.#ask("coverage", batch);
  }

  vocabulary() {
    return this.#optional("vocabulary");
  }

  test(run) {
    return this.#optional("test", toBytes(run, "the document of tests"));
  }

  #ask(name, batch) {
    return this.#optional(name, toBytes(batch, "the batch"));
  }

  /** By an export that a module of another version may lack. */
  #optional(name, ...given) {
    if (!this.#exports.has(`tocsin_javascript_${name}`)) {
      throw new DetectorError(`the module has no \`${name}\`: it was made by another version of Tocsin`);
    }
    return this.#answer(() => this.#glue[`tocsin_javascript_${name}`](...given));
  }

  #answer(call) {
    return this.#guard(() => {
      const text = call();
      return {
        status: this.#glue.tocsin_javascript_status(),
        count: this.#glue.tocsin_javascript_count(),
        text,
      };
    });
  }

  /** Nobody knows the state of an instance that has thrown, so it isn't called again. */
  #guard(call) {
    if (this.#broken !== undefined) {
      throw new DetectorError("an earlier call failed; load a new detector", { cause: this.#broken });
    }
    try {
      return call();
    } catch (cause) {
      this.#broken = cause;
      // The glue asks the module for room before it calls; without any, the module breaks off there.
      throw new DetectorError(`the call failed, perhaps for lack of memory: ${cause}`, { cause });
    }
  }
}

function toBytes(value, name) {
  if (typeof value === "string") return encoder.encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`${name} must be a string, a Uint8Array or an ArrayBuffer`);
}
