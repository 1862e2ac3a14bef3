// The project's own rewriting of modules (`rewrite/`), as a module: what `tocsin compile` runs natively.

type Call = (...numbers: number[]) => number;

export class Rewriter {
    readonly #exports: WebAssembly.Exports;

    private constructor(exports: WebAssembly.Exports) {
        this.#exports = exports;
    }

    static async start(bytes: BufferSource): Promise<Rewriter> {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        return new Rewriter(instance.exports);
    }

    withoutSection(module: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
        return this.#call("without_section", [module, encode(name)]);
    }

    appendSection(module: Uint8Array, name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
        return this.#call("append_section", [module, encode(name), data]);
    }

    instrument(module: Uint8Array, mostPages = -1): Uint8Array<ArrayBuffer> {
        return this.#call("instrument", [module], mostPages);
    }

    snapshot(module: Uint8Array, globals: bigint[], memory: Uint8Array): Uint8Array<ArrayBuffer> {
        const values = new DataView(new ArrayBuffer(globals.length * 8));
        for (const [index, value] of globals.entries()) values.setBigUint64(index * 8, BigInt.asUintN(64, value), true);
        return this.#call("snapshot", [module, new Uint8Array(values.buffer), memory]);
    }

    #call(name: string, texts: Uint8Array[], ...numbers: number[]): Uint8Array<ArrayBuffer> {
        const call = (name: string, ...numbers: number[]) => (this.#exports[`tocsin_rewrite_${name}`] as Call)(...numbers) >>> 0;
        const memory = () => (this.#exports.memory as WebAssembly.Memory).buffer;
        for (const text of texts) {
            const address = call("argument", text.length);
            if (address === 0) throw new Error("there isn’t enough memory");
            new Uint8Array(memory()).set(text, address);
        }
        const status = call(name, ...numbers);
        const result = new Uint8Array(memory(), call("result"), call("length")).slice();
        if (status !== 0) throw new Error(new TextDecoder().decode(result));
        return result;
    }
}

const encode = (text: string) => new TextEncoder().encode(text);
