// Three ways to say where something is in a text, and the ways between them.
//
// - the module's offsets: bytes of UTF-8, from 0;
// - the module's lines and columns: from 1, a column counts characters (code points);
// - the editor's and JavaScript's positions: units of UTF-16, from 0.
//
// A lone surrogate, which UTF-8 can't hold, is encoded as U+FFFD: three bytes, one character.

/** Bytes in UTF-8 of the character that begins at a position, and its units of UTF-16. */
function widths(text: string, at: number): [bytes: number, units: number] {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) return [1, 1];
    if (unit < 0x800) return [2, 1];
    if (unit >= 0xd800 && unit < 0xdc00) {
        const next = text.charCodeAt(at + 1);
        if (next >= 0xdc00 && next < 0xe000) return [4, 2];
    }
    return [3, 1];
}

/** Between two of these a text is walked. */
const STRIDE = 1024;

/** A text with its positions. Made once for a text, cheap to ask often. */
export class Positions {
    readonly text: string;
    /** Every so many units (or one more, not to split a pair): the unit, and the bytes before it. */
    #units: number[] = [0];
    #bytes: number[] = [0];
    #lines: number[] | undefined;

    constructor(text: string) {
        this.text = text;
        let bytes = 0;
        let next = STRIDE;
        for (let at = 0; at < text.length; ) {
            if (at >= next) {
                this.#units.push(at);
                this.#bytes.push(bytes);
                next = at + STRIDE;
            }
            const [wide, units] = widths(text, at);
            bytes += wide;
            at += units;
        }
    }

    /** The position of the character that holds a byte; the text's end for bytes behind it. */
    ofByte(byte: number): number {
        const from = last(this.#bytes, byte);
        let at = this.#units[from] ?? 0;
        let bytes = this.#bytes[from] ?? 0;
        while (at < this.text.length) {
            const [wide, units] = widths(this.text, at);
            if (bytes + wide > byte) return at;
            bytes += wide;
            at += units;
        }
        return this.text.length;
    }

    /** How many bytes stand before a position. */
    toByte(position: number): number {
        const from = last(this.#units, position);
        let at = this.#units[from] ?? 0;
        let bytes = this.#bytes[from] ?? 0;
        while (at < position && at < this.text.length) {
            const [wide, units] = widths(this.text, at);
            if (at + units > position) break;
            bytes += wide;
            at += units;
        }
        return bytes;
    }

    /** The position of a line and column; a column behind the line's end is its end. */
    ofLineColumn(line: number, column: number): number {
        this.#lines ??= starts(this.text);
        const index = Math.min(Math.max(line, 1), this.#lines.length) - 1;
        let at = this.#lines[index] ?? 0;
        const end = (this.#lines[index + 1] ?? this.text.length + 1) - 1;
        for (let left = column - 1; left > 0 && at < end; left--) at += widths(this.text, at)[1];
        return at;
    }

    /** The line and column of a position. */
    toLineColumn(position: number): [line: number, column: number] {
        this.#lines ??= starts(this.text);
        const index = last(this.#lines, position);
        let column = 1;
        for (let at = this.#lines[index] ?? 0; at < position && at < this.text.length; column++) {
            at += widths(this.text, at)[1];
        }
        return [index + 1, column];
    }
}

/** The position of a byte of a JSON string's value: the string begins with its quote at a position of the text, and
 * its escapes count as what they mean. */
export function ofByteInString(text: string, start: number, byte: number): number {
    let at = start + 1;
    for (let bytes = 0; at < text.length && text[at] !== '"'; ) {
        let wide: number;
        let units: number;
        if (text[at] !== "\\") [wide, units] = widths(text, at);
        else if (text[at + 1] !== "u") [wide, units] = [1, 2];
        else {
            const code = escape(text, at);
            const low = code >= 0xd800 && code < 0xdc00 ? escape(text, at + 6) : 0;
            const pair = low >= 0xdc00 && low < 0xe000;
            units = pair ? 12 : 6;
            wide = pair ? 4 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
        }
        if (bytes + wide > byte) return at;
        bytes += wide;
        at += units;
    }
    return at;
}

/** The unit of UTF-16 that an escape at a position stands for. */
function escape(text: string, at: number): number {
    return text.startsWith("\\u", at) ? Number.parseInt(text.slice(at + 2, at + 6), 16) : 0;
}

function starts(text: string): number[] {
    const found = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) found.push(at + 1);
    return found;
}

/** The index of the last number that isn't greater. */
function last(numbers: number[], than: number): number {
    let [low, high] = [0, numbers.length];
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((numbers[middle] ?? 0) <= than) low = middle;
        else high = middle;
    }
    return low;
}
