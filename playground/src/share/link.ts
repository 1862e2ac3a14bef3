// Work as the fragment of an address, which browsers send to no server.
//
// `#1` + base64url: the character is the version, and names the dictionary that the text was deflated with; a
// published dictionary never changes. Inside: four bytes of CRC-32, then the deflated JSON. Only letters, digits,
// `-` and `_`, as chat programs and trackers break other signs. A link that was cut fails its check and is said to
// be cut.
import { deflateSync, Inflate } from "fflate";
import type { Work } from "../state.ts";
import { DICTIONARY_1 } from "./dictionary-1.ts";
import { checkedWork } from "./drafts.ts";

const VERSION = "1";

/** What a link may unpack to. */
const MOST = 4 << 20;

/** What travels: rules, and records unless they are left out. */
export interface Shared {
    documents: Work["documents"];
    tests?: Work["tests"];
    files?: Work["files"];
    records?: string;
}

export function linkFragment(work: Work, withRecords: boolean): string {
    const shared: Shared = {
        documents: work.documents,
        ...(work.tests.length > 0 && { tests: work.tests }),
        ...(work.files.length > 0 && withRecords && { files: work.files }),
        ...(withRecords && { records: work.records }),
    };
    const bytes = new TextEncoder().encode(JSON.stringify(shared));
    const packed = deflateSync(bytes, { level: 9, mem: 9, dictionary: DICTIONARY_1 });
    const whole = new Uint8Array(packed.length + 4);
    new DataView(whole.buffer).setUint32(0, crc32(bytes));
    whole.set(packed, 4);
    return VERSION + base64url(whole);
}

export type Opened = { work: Work } | { problem: string };

/** The work of a fragment; nothing if it isn't one of ours. */
export function openFragment(fragment: string): Opened | undefined {
    const text = safeDecode(fragment.replace(/^#/, "")).replace(/\s+/g, "");
    if (text.length < 8 || !/^[0-9]/.test(text)) return undefined;
    if (text[0] !== VERSION) return { problem: "This link was made by another version of the playground, which this one can’t read." };
    const cut = { problem: "This link was cut off or changed on its way: it doesn’t hold what was shared. Ask for it again, or for the files." };
    try {
        const whole = fromBase64url(text.slice(1));
        const bytes = inflated(whole.subarray(4));
        if (crc32(bytes) !== new DataView(whole.buffer).getUint32(0)) return cut;
        const shared = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as Partial<Shared>;
        const work = checkedWork({ ...shared, records: shared.records ?? "" });
        return work ? { work } : cut;
    } catch (error) {
        return error instanceof TooMuch ? { problem: error.message } : cut;
    }
}

class TooMuch extends Error {}

function inflated(packed: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    let size = 0;
    let ended = false;
    const inflate = new Inflate({ dictionary: DICTIONARY_1 }, (chunk, final) => {
        size += chunk.length;
        if (size > MOST) throw new TooMuch("This link unpacks to more than 4 MiB, and is not opened.");
        parts.push(chunk.slice());
        ended ||= final;
    });
    // In pieces, so that what unpacks to very much is noticed before it has.
    for (let at = 0; at < packed.length; at += 4096) inflate.push(packed.subarray(at, at + 4096), at + 4096 >= packed.length);
    if (!ended) throw new Error("cut off");
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}

function safeDecode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function base64url(bytes: Uint8Array): string {
    let binary = "";
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
});

function crc32(bytes: Uint8Array): number {
    let sum = ~0;
    for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
    return ~sum >>> 0;
}
