// A stream's bytes in, batches of whole records out, each a text that the module accepts by itself.
//
// Two forms. Lines: a batch ends at a line end behind which a record begins. Lists: a document that begins as a
// list, bare or as a document's first key, is cut behind elements, and each batch is wrapped as its document was.
// Nothing is lost where a text fits neither: it then goes on whole, and the module says what is wrong with it.

/** Bytes of a batch: the memory that alerts take is a multiple of it. */
const BATCH = 1 << 20;

/** A single record or list that is larger than this is handed on as it is. */
const MOST = 48 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LF = 0x0a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;

const LIST = /^\uFEFF?\s*(?:\{\s*"(?:[^"\\]|\\.){0,200}"\s*:\s*)?\[/;

export class Cutter {
    #kept: Uint8Array = new Uint8Array(0);
    /** What stands around each batch; nothing for lines. */
    #list: { before: Uint8Array; after: Uint8Array } | undefined;
    #decided = false;
    /** Of a list: how far it was looked at, and what state that ended in. */
    #seen = 0;
    #depth = 0;
    #inString = false;
    /** The end of the last whole element. */
    #whole = 0;
    #over = false;

    /** The batches that some more bytes complete. */
    *push(bytes: Uint8Array): Generator<Uint8Array> {
        this.#kept = this.#kept.length === 0 ? bytes : joined([this.#kept, bytes]);
        if (this.#kept.length < BATCH) return;
        this.#decide();
        for (;;) {
            const end = this.#list && !this.#over ? this.#element() : this.#line();
            if (end === 0 && !this.#over) return;
            yield this.#take(end);
            if (this.#kept.length < BATCH) return;
        }
    }

    /** What is left at the end. */
    *finish(): Generator<Uint8Array> {
        if (this.#kept.length === 0) return;
        this.#decide();
        if (this.#list && !this.#over) {
            this.#scan(this.#kept.length);
            // The end of the document closes its list itself, if it is there.
            yield this.#over || this.#depth > 0 || this.#inString ? joined([this.#list.before, this.#kept]) : this.#wrapped(this.#kept);
        } else yield this.#kept;
        this.#kept = new Uint8Array(0);
    }

    #decide(): void {
        if (this.#decided) return;
        this.#decided = true;
        const head = new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#kept.subarray(0, 1024));
        const found = LIST.exec(head)?.[0];
        if (!found) return;
        const before = new TextEncoder().encode(found);
        this.#list = { before, after: new TextEncoder().encode(found.includes("{") ? "]}" : "]") };
        this.#kept = this.#kept.subarray(before.length);
    }

    /** The end of a batch of lines: the last line end before a record, within a batch's size if there is one. */
    #line(): number {
        const bytes = this.#kept;
        const end = before(bytes, Math.min(bytes.length, BATCH)) || after(bytes, BATCH);
        if (end > 0 || bytes.length < MOST) return end;
        return bytes.lastIndexOf(LF) + 1 || bytes.length;
    }

    /** The end of a batch of elements. */
    #element(): number {
        while (this.#seen < this.#kept.length && !(this.#whole > 0 && this.#seen >= BATCH) && !this.#over) {
            this.#scan(Math.min(this.#kept.length, this.#seen + (64 << 10)));
        }
        if (this.#over) return this.#whole;
        if (this.#whole > 0 && this.#seen >= BATCH) return this.#whole;
        return this.#kept.length < MOST ? 0 : this.#kept.length;
    }

    /** Follows brackets and strings up to a position. */
    #scan(end: number): void {
        const bytes = this.#kept;
        for (let at = this.#seen; at < end; at++) {
            const byte = bytes[at];
            if (this.#inString) {
                if (byte === BACKSLASH) at += 1;
                else if (byte === QUOTE) this.#inString = false;
                this.#seen = at + 1;
                continue;
            }
            if (byte === QUOTE) this.#inString = true;
            else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
            else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
                if (this.#depth === 0) {
                    // The list ends; what comes behind it is read as lines.
                    this.#over = true;
                    this.#whole = at;
                    return;
                }
                this.#depth -= 1;
                if (this.#depth === 0) this.#whole = at + 1;
            }
            this.#seen = at + 1;
        }
    }

    #take(end: number): Uint8Array {
        const taken = this.#kept.subarray(0, end);
        let rest = this.#kept.subarray(end);
        const list = this.#list;
        if (!list) {
            this.#kept = rest;
            return taken;
        }
        if (this.#over) {
            // Behind the list: its own closing brackets are no record.
            let skip = 0;
            while (skip < rest.length && (rest[skip]! <= 0x20 || rest[skip] === CLOSE_LIST || rest[skip] === CLOSE_OBJECT)) skip += 1;
            this.#kept = rest.subarray(skip);
            this.#list = undefined;
            this.#decided = false;
            this.#reset();
            return joined([list.before, taken, list.after]);
        }
        let comma = 0;
        while (comma < rest.length && rest[comma]! <= 0x20) comma += 1;
        if (rest[comma] === COMMA) rest = rest.subarray(comma + 1);
        this.#kept = rest;
        const damaged = this.#whole !== end;
        this.#reset();
        return damaged ? joined([list.before, taken]) : this.#wrapped(taken);
    }

    #reset(): void {
        this.#seen = 0;
        this.#whole = 0;
        this.#depth = 0;
        this.#inString = false;
        this.#over = false;
    }

    #wrapped(elements: Uint8Array): Uint8Array {
        return joined([this.#list!.before, elements, this.#list!.after]);
    }
}

/** Behind the last line end before a position that a record follows. */
function before(bytes: Uint8Array, position: number): number {
    for (let at = bytes.lastIndexOf(LF, position - 1); at > 0; at = bytes.lastIndexOf(LF, at - 1)) {
        if (bytes[at + 1] === OPEN_OBJECT) return at + 1;
    }
    return 0;
}

/** Behind the first such line end from a position on. */
function after(bytes: Uint8Array, position: number): number {
    for (let at = bytes.indexOf(LF, position); at >= 0; at = bytes.indexOf(LF, at + 1)) {
        if (bytes[at + 1] === OPEN_OBJECT) return at + 1;
    }
    return 0;
}

export function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}
