// What can be taken away: a link, the files, and the module that production runs.
import type { App } from "../app.ts";
import type { CompileRequest, FromCompiler } from "../compile/worker.ts";
import compilerAddress from "../compile/worker.ts?worker&url";
import type { Compiled } from "../compile/compile.ts";
import { prepareWorker, startWorker } from "../engine/start-worker.ts";
import { copy } from "../ui/alerts.ts";
import { bytes, button, count, download, h } from "../ui/dom.ts";
import { linkFragment } from "./link.ts";

/** Characters of an address beyond which chat programs cut it, and beyond which most do. */
const LONG = 2000;
const TOO_LONG = 8000;

/** Seconds that compiling may take. */
const PATIENCE = 30_000;

export class TakeHome {
    readonly element = h("div", { class: "take-home" });
    readonly #app: App;
    #compiled: { compiled: Compiled; key: string; command: string } | undefined;
    #problem: string | undefined;
    #rewriter: Promise<Uint8Array<ArrayBuffer>> | undefined;
    #busy = false;
    #onlyRules = false;

    constructor(app: App) {
        this.#app = app;
    }

    show(): void {
        this.element.replaceChildren(this.#link(), this.#module(), this.#files());
    }

    /** What compiling needs; fetched when the page is idle, so that it works offline from then on. */
    prepare(): Promise<Uint8Array<ArrayBuffer>> {
        void prepareWorker(compilerAddress).catch(() => undefined);
        this.#rewriter ??= fetch("./rewrite.wasm").then(async (response) => {
            if (!response.ok) throw new Error(`rewrite.wasm: ${response.status}`);
            return new Uint8Array(await response.arrayBuffer());
        });
        this.#rewriter.catch(() => (this.#rewriter = undefined));
        return this.#rewriter;
    }

    #link(): HTMLElement {
        const { work } = this.#app;
        const address = `${location.href.split("#")[0]}#${linkFragment(work, !this.#onlyRules)}`;
        const option = h("input", { attributes: { type: "checkbox", checked: this.#onlyRules }, on: { change: () => this.#toggle() } });
        const field = h("input", { attributes: { type: "text", readonly: true, "aria-label": "Link", value: address }, on: { focus: () => field.select() } });
        const length = address.length;
        const note =
            length > TOO_LONG
                ? `${length.toLocaleString("en")} characters: most chat programs cut so long a link. Send the files instead.`
                : length > LONG
                  ? `${length.toLocaleString("en")} characters: some chat programs cut links of more than 2,000.`
                  : `${length.toLocaleString("en")} characters.`;
        const travels = this.#onlyRules ? "The rules travel in the link itself; the records stay here." : "Rules and records travel in the link itself, to whoever has it. No server stores them or sees them.";
        return h(
            "section",
            { class: "card" },
            h("header", {}, h("h3", { text: "Link" })),
            h(
                "div",
                { class: "body padded" },
                h("p", { text: travels }),
                h("label", { class: "check" }, option, "Rules only"),
                h("div", { class: "with-button" }, field, button("Copy link", () => void copy(address), { class: "primary" })),
                h("p", { class: `note${length > TOO_LONG ? " bad" : ""}`, text: note }),
            ),
        );
    }

    #toggle(): void {
        this.#onlyRules = !this.#onlyRules;
        this.show();
        this.element.querySelector<HTMLElement>("input[type=checkbox]")?.focus();
    }

    #module(): HTMLElement {
        const { documents } = this.#app.work;
        const made = this.#compiled?.key === keyOf(documents) ? this.#compiled : undefined;
        const body = h(
            "div",
            { class: "body padded" },
            h("p", { text: "The engine with these rules inside: one WebAssembly file without imports, for every host that runs Tocsin. It is made here, and has the bytes that the command makes." }),
        );
        const act = button(this.#busy ? "Compiling…" : "Compile", () => void this.#compile(), { class: "primary", attributes: { disabled: this.#busy || documents.length === 0 } });
        body.append(h("div", { class: "bar-of-view", attributes: { role: "status" } }, act, ...(made ? [button("Save rules.wasm", () => download("rules.wasm", [made.compiled.module], "application/wasm"))] : [])));
        if (this.#problem) body.append(h("p", { class: "note bad", text: this.#problem, attributes: { role: "alert" } }));
        if (made) {
            const { compiled, command } = made;
            body.append(
                h(
                    "dl",
                    { class: "facts-list" },
                    h("dt", { text: "sha256" }),
                    h("dd", {}, h("code", { class: "sha256", text: compiled.sha256 })),
                    h("dt", { text: "size" }),
                    h("dd", { text: `${compiled.module.length.toLocaleString("en")} bytes, ${count(compiled.rules, "rule")}` }),
                    h("dt", { text: "the same by" }),
                    h("dd", { class: "with-button" }, h("code", { class: "command", text: command }), button("Copy", () => void copy(command))),
                ),
            );
        }
        return h("section", { class: "card" }, h("header", {}, h("h3", { text: "Module" })), body);
    }

    async #compile(): Promise<void> {
        const { documents } = this.#app.work;
        this.#busy = true;
        this.#problem = undefined;
        this.show();
        try {
            const compiled = await inWorker({ base: this.#app.bytes, rewriter: await this.prepare(), documents });
            this.#compiled = { compiled, key: keyOf(documents), command: commandOf(documents.map(({ name }) => name)) };
        } catch (error) {
            this.#problem = error instanceof Error ? error.message : String(error);
        }
        this.#busy = false;
        this.show();
    }

    #files(): HTMLElement {
        const { documents, tests, records } = this.#app.work;
        const file = (name: string, text: string) => {
            const base = name.split("/").at(-1) ?? name;
            return h("li", {}, h("code", { text: base }), h("span", { class: "soft", text: bytes(new TextEncoder().encode(text).length) }), button("Save", () => download(base, [text], "text/plain"), { attributes: { "aria-label": `Save ${base}` } }));
        };
        const all = [...documents, ...tests].map(({ name, text }) => file(name, text));
        if (records) all.push(file("records.ndjson", records));
        return h("section", { class: "card" }, h("header", {}, h("h3", { text: "Files" })), h("ul", { class: "body padded file-list" }, ...all));
    }
}

function keyOf(documents: { name: string; text: string }[]): string {
    return JSON.stringify(documents.map(({ name, text }) => [name, text]));
}

/** The command line that makes the same file, for a shell in the rules' folder. */
export function commandOf(names: string[]): string {
    const quoted = (name: string) => (/^[\w./@%+=:,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
    const files = names.map(quoted).join(" ");
    // A name that begins like an option stands behind all options: it is part of the module as it is given.
    return names.some((name) => name.startsWith("-")) ? `tocsin compile -o rules.wasm -- ${files}` : `tocsin compile ${files} -o rules.wasm`;
}

function inWorker(request: CompileRequest): Promise<Compiled> {
    const worker = startWorker(compilerAddress);
    return new Promise<Compiled>((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`it took more than ${PATIENCE / 1000} seconds`)), PATIENCE);
        worker.onerror = (event) => reject(new Error(event.message || "the worker could not be started"));
        worker.onmessage = ({ data }: MessageEvent<FromCompiler>) => {
            clearTimeout(limit);
            if ("compiled" in data) resolve(data.compiled);
            else reject(new Error(data.failure));
        };
        worker.postMessage(request);
    }).finally(() => worker.terminate());
}
