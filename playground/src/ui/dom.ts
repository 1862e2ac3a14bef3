// Elements from text and properties. Text becomes text nodes: nothing here reads markup, so rules, records and
// links, which somebody else may have written, can't become any.

type Child = Node | string | number | null | undefined | false;

interface Properties {
    class?: string;
    text?: string;
    /** Attributes; `false` and `undefined` leave one out. */
    attributes?: Record<string, string | number | boolean | undefined>;
    on?: Record<string, (event: Event) => void>;
}

/** An element with its properties and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
    name: K,
    properties: Properties = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(name);
    if (properties.class) element.className = properties.class;
    if (properties.text !== undefined) element.textContent = properties.text;
    for (const [key, value] of Object.entries(properties.attributes ?? {})) {
        if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
    }
    for (const [type, listener] of Object.entries(properties.on ?? {})) element.addEventListener(type, listener);
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue;
        element.append(child instanceof Node ? child : String(child));
    }
    return element;
}

/** A button; what it does, in words. */
export function button(text: string, act: () => void, properties: Properties = {}, ...children: Child[]) {
    return h(
        "button",
        { ...properties, attributes: { type: "button", ...properties.attributes }, on: { click: act, ...properties.on } },
        ...children,
        text,
    );
}

/** The element with an id, which the page's own HTML has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
    const found = document.getElementById(id);
    if (!found) throw new Error(`the page has no #${id}`);
    return found as T;
}

/** `1 record`, `2 records`, `12,000 records`. */
export function count(number: number, one: string, many = `${one}s`): string {
    return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `900 B`, `1.4 kB`, `98 MB`. */
export function bytes(number: number): string {
    if (number < 1000) return `${number} B`;
    const units = ["kB", "MB", "GB"];
    let value = number;
    let unit = "B";
    for (const next of units) {
        if (value < 999.5) break;
        value /= 1000;
        unit = next;
    }
    return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Offers bytes as a file to keep. */
export function download(name: string, parts: BlobPart[], type: string): void {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = h("a", { attributes: { href: address, download: name } });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A text that may break behind the signs that join names, before it breaks inside of one. */
export function breakable(text: string): (string | HTMLElement)[] {
    return text.split(/(?<=[.:/,|])(?=[\w"])/).flatMap((part, index) => (index === 0 ? [part] : [h("wbr"), part]));
}
