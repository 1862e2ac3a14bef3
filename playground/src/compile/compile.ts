// Rules in, one module out, with the bytes that `tocsin compile` gives for the same rules. It does what the host does
// (host/src/compile.rs), in the same order, around an instance in this browser.
import { Instance, OK } from "../engine/instance.ts";
import type { Description, Diagnostic, RuleDocument } from "../engine/types.ts";
import type { Rewriter } from "./rewrite.ts";

/** The custom section that lists a module's rules. */
const SECTION = "tocsin.rules";

const PAGE = 65_536;

export interface Compiled {
    module: Uint8Array<ArrayBuffer>;
    sha256: string;
    rules: number;
}

export async function compile(base: Uint8Array, rewriter: Rewriter, documents: RuleDocument[]): Promise<Compiled> {
    const plain = rewriter.withoutSection(base, SECTION);
    // The bytes that serde gives, since what lies in memory depends on them.
    const rules = documents.map(({ name, text }) => ({ name, text }));
    const document = new TextEncoder().encode(JSON.stringify({ rules }));

    // The host forbids memory to grow while it clears what is free. Here only a module's own limit does, so a first
    // run says how large the memory gets, and a second one has that as its limit.
    const first = await Instance.start(await WebAssembly.compile(rewriter.instrument(plain)));
    const pages = (configure(first, document), first.size / PAGE);
    const instance = await Instance.start(await WebAssembly.compile(rewriter.instrument(plain, pages)));
    const diagnostics = configure(instance, document);
    zeroFree(instance);

    const memory = new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer);
    const made = rewriter.snapshot(plain, globals(instance), memory);
    const manifest = await manifestOf(made, documents, diagnostics);
    const module = rewriter.appendSection(made, SECTION, new TextEncoder().encode(JSON.stringify(manifest)));
    return { module, sha256: await sha256(module), rules: manifest.rules.length };
}

/** As the host hands a configuration over. */
function configure(instance: Instance, document: Uint8Array): Diagnostic[] {
    const answer = instance.call("tocsin_configure", document);
    const found = JSON.parse(new TextDecoder().decode(answer.text)) as { diagnostics?: Diagnostic[]; reason?: string };
    if (answer.status !== OK) {
        const error = found.diagnostics?.find((diagnostic) => diagnostic.severity === "error");
        throw new Error(error ? `${error.document}, line ${error.line}: ${error.message}` : (found.reason ?? "the rules can’t be used"));
    }
    return found.diagnostics ?? [];
}

/** Up to this size each multiple of the alignment is asked for, above it only powers of two. */
const SMALL = 512;
const ALIGNMENT = 8;

/** Sets what is free to zero: all that can be reserved without growth is, is cleared, and given back. */
function zeroFree(instance: Instance): void {
    const malloc = instance.exports.malloc as (size: number) => number;
    const free = instance.exports.free as (address: number) => void;
    const memory = instance.exports.memory as WebAssembly.Memory;
    const taken: number[] = [];
    let size = 2 ** Math.ceil(Math.log2(instance.size));
    while (size > 0) {
        for (let address = malloc(size) >>> 0; address !== 0; address = malloc(size) >>> 0) {
            taken.push(address);
            new Uint8Array(memory.buffer, address, size).fill(0);
        }
        size = size > SMALL ? size / 2 : size - ALIGNMENT;
    }
    for (const address of taken) free(address);
}

/** The values of the globals that instrumenting exports; a float's bits. */
function globals(instance: Instance): bigint[] {
    const found: bigint[] = [];
    for (let number = 0; ; number++) {
        const global = instance.exports[`__tocsin_global_${number}`] as WebAssembly.Global | undefined;
        if (!global) return found;
        const value: unknown = global.value;
        if (typeof value === "bigint") found.push(value);
        else if (Number.isInteger(value)) found.push(BigInt((value as number) >>> 0));
        else throw new Error("a global that isn’t an integer");
    }
}

interface Manifest {
    engine: string;
    rules: { id: string; name: string; version: number; language: string; document: string; sha256: string }[];
    refused?: { document: string; line: number; code: string; message: string }[];
}

/** What the module says that it holds, with its keys in the host's order. */
async function manifestOf(module: Uint8Array<ArrayBuffer>, documents: RuleDocument[], diagnostics: Diagnostic[]): Promise<Manifest> {
    const instance = await Instance.start(await WebAssembly.compile(module));
    const description = JSON.parse(new TextDecoder().decode(instance.call("tocsin_describe").text)) as Description;
    const rules: Manifest["rules"] = [];
    for (const rule of description.rules) {
        const { id, name, version, language } = rule;
        const text = documents.find((document) => document.name === rule.document)?.text ?? "";
        rules.push({ id, name, version, language, document: rule.document ?? "", sha256: await sha256(new TextEncoder().encode(text)) });
    }
    const refused = diagnostics
        .filter((found) => found.severity === "refused")
        .map(({ document, line, code, message }) => ({ document, line, code, message }));
    return { engine: description.engine.version, rules, ...(refused.length > 0 && { refused }) };
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    if (!globalThis.crypto?.subtle) throw new Error("fingerprints need a page from https or from this machine");
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
