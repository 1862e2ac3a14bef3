// Where a value of JSON ends that begins at a position.

export function valueEnd(text: string, at: number): number {
    const first = text[at];
    if (first === '"') return stringEnd(text, at);
    if (first !== "{" && first !== "[") {
        const match = /^[^\s,\]}]+/.exec(text.slice(at, at + 64));
        return at + (match?.[0].length ?? 0);
    }
    let depth = 0;
    for (let next = at; next < text.length; next++) {
        const character = text[next];
        if (character === '"') next = stringEnd(text, next) - 1;
        else if (character === "{" || character === "[") depth += 1;
        else if ((character === "}" || character === "]") && --depth === 0) return next + 1;
    }
    return text.length;
}

function stringEnd(text: string, at: number): number {
    for (let next = at + 1; next < text.length; next++) {
        if (text[next] === "\\") next += 1;
        else if (text[next] === '"') return next + 1;
    }
    return text.length;
}

/** The same JSON values with line breaks and indents between their tokens; no token changes. */
export function indented(text: string): string {
    let out = "";
    let depth = 0;
    const line = () => `\n${"  ".repeat(depth)}`;
    for (let at = 0; at < text.length; ) {
        const character = text[at]!;
        if (character === '"') {
            const end = stringEnd(text, at);
            out += text.slice(at, end);
            at = end;
            continue;
        }
        at += 1;
        if (/\s/.test(character)) continue;
        const empty = /^\s*[}\]]/.exec(text.slice(at, at + 200));
        if ((character === "{" || character === "[") && empty) {
            out += character + empty[0].trim();
            at += empty[0].length;
            if (depth === 0) out += "\n";
        } else if (character === "{" || character === "[") {
            depth += 1;
            out += character + line();
        } else if (character === "}" || character === "]") {
            depth = Math.max(0, depth - 1);
            out += line() + character;
            if (depth === 0) out += "\n";
        } else if (character === ",") out += character + line();
        else if (character === ":") out += ": ";
        else out += character;
    }
    return out;
}

/** The text of the value that an object has under a key, as it stands there. */
export function topValue(object: string, key: string): string | undefined {
    let at = object.indexOf("{") + 1;
    while (at > 0 && at < object.length) {
        const start = object.indexOf('"', at);
        if (start < 0) return undefined;
        const end = valueEnd(object, start);
        const name: unknown = JSON.parse(object.slice(start, end));
        let value = object.indexOf(":", end) + 1;
        while (/\s/.test(object[value] ?? "")) value += 1;
        const stop = valueEnd(object, value);
        if (name === key) return object.slice(value, stop);
        at = stop;
    }
    return undefined;
}
