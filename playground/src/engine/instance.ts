// One instance of the module, called by its C interface (docs/abi.md).

/** What a call answers. */
export interface Answer {
    status: number;
    /** A copy, so it outlives the next call. */
    text: Uint8Array<ArrayBuffer>;
    count: number;
}

export const OK = 0;

type Call = (...numbers: number[]) => number;

/** The module has trapped or doesn't keep to the interface; the instance is of no more use. */
export class Broken extends Error {}

export class Instance {
    readonly #memory: WebAssembly.Memory;
    readonly #exports: WebAssembly.Exports;
    readonly #malloc: Call;
    readonly #free: Call;

    private constructor(exports: WebAssembly.Exports) {
        this.#exports = exports;
        this.#memory = exports.memory as WebAssembly.Memory;
        this.#malloc = exports.malloc as Call;
        this.#free = exports.free as Call;
    }

    static async start(module: WebAssembly.Module): Promise<Instance> {
        const { exports } = await WebAssembly.instantiate(module, {});
        const version = exports.tocsin_abi_version as Call | undefined;
        if (version?.() !== 1) throw new Broken("this isn't a module of version 1 of Tocsin's interface");
        return new Instance(exports);
    }

    /** Whether a module of version 1 has an optional export. */
    has(name: string): boolean {
        return typeof this.#exports[name] === "function";
    }

    /** Bytes of the module's memory. */
    get size(): number {
        return this.#memory.buffer.byteLength;
    }

    get exports(): WebAssembly.Exports {
        return this.#exports;
    }

    /** Calls an export with arguments in the module's memory, each as an address and a length. */
    call(name: string, ...texts: Uint8Array[]): Answer {
        const addresses: number[] = [];
        try {
            const parameters = texts.flatMap((text) => {
                const address = this.#malloc(text.length) >>> 0;
                if (address === 0) throw new Broken("the module's memory is full");
                addresses.push(address);
                new Uint8Array(this.#memory.buffer).set(text, address);
                return [address, text.length];
            });
            const answer = this.#answer((this.#exports[name] as Call)(...parameters));
            for (const address of addresses) this.#free(address);
            return answer;
        } catch (error) {
            throw error instanceof Broken ? error : new Broken(`the module stopped: ${String(error)}`);
        }
    }

    #answer(address: number): Answer {
        const header = new DataView(this.#memory.buffer, address >>> 0, 16);
        const [status, start, length, count] = [0, 4, 8, 12].map((at) => header.getUint32(at, true)) as [
            number,
            number,
            number,
            number,
        ];
        return { status, text: new Uint8Array(this.#memory.buffer, start, length).slice(), count };
    }
}
