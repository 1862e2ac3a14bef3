// A file in, its bytes out, unpacked if it is gzip with any number of members.
import { Gunzip } from "fflate";

/** What one file may unpack to: a small file can hold any number of zeros. */
export const MOST_INFLATED = 4 * 2 ** 30;

export class TooLarge extends Error {}

/** The stream of a file's bytes; how far the file itself was read is told on the way. */
export async function* bytesOf(file: Blob, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
        yield* chunks(file, read);
        return;
    }
    let given = 0;
    const counted = (chunk: Uint8Array) => {
        given += chunk.length;
        if (given > MOST_INFLATED) throw new TooLarge(`it unpacks to more than ${MOST_INFLATED / 2 ** 30} GiB`);
        return chunk;
    };
    try {
        for await (const chunk of native(file, read)) yield counted(chunk);
        return;
    } catch (error) {
        if (error instanceof TooLarge) throw error;
    }
    // The browser's own decompressor takes one member and nothing behind it. From the start again, without what
    // was given already.
    let skip = given;
    given = 0;
    for await (const chunk of members(file, read)) {
        counted(chunk);
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        if (rest.length > 0) yield rest;
    }
}

const CHUNK = 1 << 20;

async function* chunks(file: Blob, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < file.size; at += CHUNK) {
        const chunk = new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
        read(at + chunk.length);
        yield chunk;
    }
}

async function* native(file: Blob, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    let at = 0;
    const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
            at += chunk.length;
            read(at);
            controller.enqueue(chunk);
        },
    });
    const reader = file.stream().pipeThrough(counting).pipeThrough(new DecompressionStream("gzip")).getReader();
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            yield value;
        }
    } finally {
        // A reader that is left in the middle must not keep the file open.
        void reader.cancel().catch(() => undefined);
    }
}

async function* members(file: Blob, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    let out: Uint8Array[] = [];
    let problem: unknown;
    const gunzip = new Gunzip((chunk) => out.push(chunk));
    for (let at = 0; at < file.size; at += CHUNK / 16) {
        const chunk = new Uint8Array(await file.slice(at, at + CHUNK / 16).arrayBuffer());
        read(at + chunk.length);
        try {
            // Not the last one, even where it is: of that it would read one member alone.
            gunzip.push(chunk, false);
        } catch (error) {
            problem = error;
        }
        yield* out;
        out = [];
        if (problem) break;
    }
    if (problem) {
        if (await onlyZeros(file, problem, gunzip)) return;
        throw problem;
    }
    // The library doesn't always say so itself. It has how far it skips behind a member under a name of one letter: 1
    // before the first one, 0 inside of one.
    const { v: skipped } = gunzip as unknown as { v?: number };
    if (skipped !== undefined && skipped < 2) throw new Error("it is cut off");
}

/** Whether what no member could be read from is padding: zeros up to the file's end. The library has what is left
 * and how far it read under names of one letter; if it hadn't, padding would be an error. */
async function onlyZeros(file: Blob, problem: unknown, gunzip: Gunzip): Promise<boolean> {
    const { p: left, v: skipped, r: total } = gunzip as unknown as { p?: Uint8Array; v?: number; r?: number };
    if (!String(problem).includes("invalid gzip data") || !left || !skipped || !total) return false;
    const zeros = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
    if (!zeros(left.subarray(skipped - 1))) return false;
    for (let at = total; at < file.size; at += CHUNK) {
        if (!zeros(new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer()))) return false;
    }
    return true;
}
