// Completion and hover from the module's vocabulary, if it has one: fields by the names of the rule's language, known
// values, functions, commands and modifiers.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { EditorState, Extension } from "@codemirror/state";
import { type EditorView, hoverTooltip, type Tooltip } from "@codemirror/view";
import { h } from "../ui/dom.ts";
import { kindOf } from "./languages.ts";

interface Field {
    name: string;
    type?: string;
    path?: string;
    from?: string[];
    constant?: string;
    absent?: string;
    meaning?: string;
    aliases?: string[];
}

interface LogpressoFunction {
    name: string;
    signature: string;
    meaning: string;
    examples: { call: string; value: unknown }[];
}

interface Given {
    fields: Record<Names, Field[]>;
    values: { fields: string[]; closed: boolean; known: string[] }[];
    logpresso: { commands: string[]; functions: LogpressoFunction[] };
    sigma: { modifiers: string[] };
}

type Names = "ecs" | "logpresso" | "raw";

export class Vocabulary {
    readonly extensions: Extension;
    #given: Given | undefined;

    constructor() {
        this.extensions = [
            autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
            hoverTooltip((view, position) => this.#hover(view, position)),
        ];
    }

    fill(text: string | undefined): void {
        this.#given = text ? (JSON.parse(text) as Given) : undefined;
    }

    /** What a worked-out field comes from, in words. */
    derivation(field: string): string | undefined {
        const found = this.#field(field);
        if (found?.from) return `worked out from ${found.from.join(", ")}`;
        return found?.constant === undefined ? undefined : "the same in every record";
    }

    #field(name: string, names?: Names): Field | undefined {
        const lists = names ? [this.#given?.fields[names]] : Object.values(this.#given?.fields ?? {});
        for (const list of lists) {
            const found = list?.find((field) => field.name === name);
            if (found) return found;
        }
        return undefined;
    }

    #complete(context: CompletionContext): CompletionResult | null {
        const given = this.#given;
        const names = given && namesAt(context.state, context.pos);
        if (!given || !names) return null;
        const value = context.matchBefore(/[\w.]+\s*(?::|==|!=)\s*\(?"?[\w.-]*$/);
        const known = value && knownValues(given, value.text);
        if (value && known) {
            const typed = /[\w.-]*$/.exec(value.text)![0];
            return { from: context.pos - typed.length, options: known.map((label) => ({ label, type: "constant" })), validFor: /^[\w.-]*$/ };
        }
        if (names === "raw") {
            const modifier = context.matchBefore(/\|\w*$/);
            if (modifier) return { from: modifier.from + 1, options: given.sigma.modifiers.map((label) => ({ label, type: "keyword" })), validFor: /^\w*$/ };
        }
        const word = context.matchBefore(/[\w.@-]+$/);
        if (!word && !context.explicit) return null;
        const options: Completion[] = given.fields[names].map((field) => ({ label: field.name, type: "property", detail: sourceOf(field), info: () => describe(field) }));
        if (names === "logpresso") {
            options.push(...given.logpresso.commands.map((label) => ({ label, type: "keyword", detail: "command" })));
            options.push(...given.logpresso.functions.map((one) => ({ label: one.name, apply: `${one.name}(`, type: "function", detail: one.signature, info: () => describeFunction(one) })));
        }
        return { from: word?.from ?? context.pos, options, validFor: /^[\w.@-]*$/ };
    }

    #hover(view: EditorView, position: number): Tooltip | null {
        const given = this.#given;
        const names = given && namesAt(view.state, position);
        if (!given || !names) return null;
        const line = view.state.doc.lineAt(position);
        const column = position - line.from;
        const before = /[\w.@-]*$/.exec(line.text.slice(0, column))![0];
        const after = /^[\w.@-]*/.exec(line.text.slice(column))![0];
        const field = this.#field(before + after, names);
        const found = names === "logpresso" ? given.logpresso.functions.find((one) => one.name === before + after) : undefined;
        if (!field && !found) return null;
        const from = position - before.length;
        return { pos: from, end: position + after.length, above: true, create: () => ({ dom: found ? describeFunction(found) : describe(field!) }) };
    }
}

/** By whose names the query at a position goes; nothing outside of a query. */
export function namesAt(state: EditorState, position: number): Names | undefined {
    const text = state.doc.toString();
    const before = text.slice(0, position);
    if (kindOf(text) === "yaml") {
        const detection = before.lastIndexOf("\ndetection:");
        return detection >= 0 && !/\n\w+:/.test(before.slice(detection + 1)) ? "raw" : undefined;
    }
    const start = before.search(/^query\s*=/m);
    if (start < 0) return undefined;
    const inside = before.slice(start);
    const quote = /^query\s*=\s*('''|"""|'|")/.exec(inside)?.[1];
    if (!quote) return undefined;
    const rest = inside.slice(inside.indexOf(quote) + quote.length);
    if (rest.includes(quote) || (quote.length === 1 && rest.includes("\n"))) return undefined;
    return /^\s*language\s*=\s*["']logpresso["']/m.test(text) ? "logpresso" : "ecs";
}

function knownValues(given: Given, text: string): string[] | undefined {
    const field = /^[\w.]+/.exec(text)?.[0];
    return given.values.find((one) => field !== undefined && one.fields.includes(field))?.known;
}

function sourceOf(field: Field): string {
    if (field.path) return field.path;
    if (field.constant !== undefined) return `always ${field.constant}`;
    if (field.absent !== undefined) return "not in this log source";
    return field.from ? `from ${field.from.join(", ")}` : "";
}

function describe(field: Field): HTMLElement {
    const needs = field.absent === undefined ? undefined : `No record has it: it would need ${field.absent}.`;
    const lines = [field.meaning, sourceOf(field), field.type && `type ${field.type}`, needs];
    return h("div", { class: "cm-hover" }, h("strong", { text: field.name }), ...lines.filter(Boolean).map((line) => h("span", { class: line === field.meaning ? "" : "soft", text: line as string })));
}

function describeFunction(one: LogpressoFunction): HTMLElement {
    const examples = one.examples.slice(0, 3).map(({ call, value }) => h("span", { class: "soft", text: `${call} = ${JSON.stringify(value)}` }));
    return h("div", { class: "cm-hover" }, h("strong", { text: one.signature }), h("span", { text: one.meaning }), ...examples);
}
