// A module's bytes in, its answers out: the calls of docs/abi.md over WebAssembly itself, for Node and
// browsers alike. Answers stay bytes.

/** What the driver asks of a way to run modules: compile one, start an instance. */
export const plain = {
  load: (bytes) => WebAssembly.compile(bytes),
  start: async (module) => new Guest(await WebAssembly.instantiate(module, {})),
};

/** The same by the npm package of integrations/javascript, whose `Detector` is given. */
export function packaged({ Detector }) {
  return {
    load: (bytes) => Detector.load(bytes),
    start: async (detector) => {
      const { raw } = await detector.another();
      return {
        describe: () => raw.describe(),
        configure: (document) => raw.configure(document),
        detect: (batch) => raw.detect(batch),
        explain: (rule, batch) => raw.explain(new TextDecoder().decode(rule), batch),
        ask: (name, argument) => raw[name](argument),
      };
    },
  };
}

class Guest {
  #exports;

  constructor(instance) {
    this.#exports = instance.exports;
    const version = this.#exports.tocsin_abi_version();
    if (version !== 1) throw new Error(`the module speaks version ${version} of the interface`);
  }

  describe() {
    return this.#answer(this.#exports.tocsin_describe());
  }

  configure(document) {
    return this.#pass(this.#exports.tocsin_configure, document);
  }

  detect(batch) {
    return this.#pass(this.#exports.tocsin_detect, batch);
  }

  explain(rule, batch) {
    return this.#pass(this.#exports.tocsin_explain, rule, batch);
  }

  ask(name, argument) {
    const given = name === "vocabulary" ? [] : [argument];
    return this.#pass(this.#exports[`tocsin_${name}`], ...given);
  }

  #pass(call, ...given) {
    const places = given.map((bytes) => {
      const address = this.#exports.malloc(bytes.length) >>> 0;
      if (address === 0) throw new Error(`no memory for ${bytes.length} bytes`);
      // The memory may have grown: its buffer is another one then.
      new Uint8Array(this.#exports.memory.buffer).set(bytes, address);
      return [address, bytes.length];
    });
    const answer = this.#answer(call(...places.flat()));
    for (const [address] of places) this.#exports.free(address);
    return answer;
  }

  #answer(header) {
    const { buffer } = this.#exports.memory;
    const [status, address, length, count] = new Uint32Array(buffer, header >>> 0, 4);
    if (new Uint8Array(buffer)[0] !== 0) throw new Error("the module has written to address 0");
    return { status, count, text: new Uint8Array(buffer, address, length).slice() };
  }
}
