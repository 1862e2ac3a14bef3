// One record in three vocabularies: its own keys, ECS, and Logpresso's names beside each other.
import type { App } from "../app.ts";
import type { ReadField, Reading } from "../engine/types.ts";
import { breakable, count, h } from "../ui/dom.ts";
import { valueText } from "./model.ts";
import { empty } from "./view.ts";

interface Line {
    value: ReadField;
    raw: string[];
    ecs: string[];
    logpresso: string[];
}

export class FieldsView {
    readonly element = h("div", { class: "fields" });
    readonly #app: App;
    #filter = "";

    constructor(app: App) {
        this.#app = app;
    }

    show(readings: { record: number; reading: Reading }[] | undefined, record: number): void {
        const reading = readings?.find((frame) => frame.record === record)?.reading;
        if (!reading) {
            const why = readings === undefined ? empty("This module doesn’t read records out", "It is older than that; “Why” shows the fields that the rules read.") : empty("No record to read", "Paste one, or choose another.");
            this.element.replaceChildren(why);
            return;
        }
        const lines = linesOf(reading);
        const body = h("tbody");
        const input = h("input", {
            attributes: { type: "text", placeholder: "Filter by name or value", "aria-label": "Filter by name or value", value: this.#filter },
            on: {
                input: () => {
                    this.#filter = input.value;
                    fill();
                },
            },
        });
        const status = h("span", { class: "note", attributes: { role: "status" } });
        const fill = () => {
            const wanted = this.#filter.toLowerCase();
            const shown = lines.filter((line) => !wanted || [...line.raw, ...line.ecs, ...line.logpresso, valueText(line.value, 10_000)].some((text) => text.toLowerCase().includes(wanted)));
            body.replaceChildren(...shown.slice(0, 500).map((line) => this.#row(line, reading)));
            status.textContent = shown.length === lines.length ? count(lines.length, "value") : `${shown.length} of ${count(lines.length, "value")}`;
        };
        fill();
        const head = h("tr", {}, ...["Value", "Record’s own key", "ECS (KQL)", "Logpresso"].map((text) => h("th", { text, attributes: { scope: "col" } })));
        this.element.replaceChildren(
            h("div", { class: "bar-of-view" }, input, status),
            h("div", { class: "scroll-x" }, h("table", { class: "names" }, h("thead", {}, head), body)),
            ...(reading.left_out > 0 ? [h("p", { class: "note", text: `${count(reading.left_out, "value")} had no room here.` })] : []),
        );
    }

    #row(line: Line, reading: Reading): HTMLElement {
        const names = (list: string[]) => h("td", {}, ...list.map((name) => h("code", { class: "name" }, ...breakable(name))));
        const own = line.raw.length > 0 ? names(line.raw) : h("td", { class: "soft", text: derived(line.value) });
        const show = h("button", { class: "quiet value", attributes: { type: "button", title: "Mark it in the record" }, on: { click: () => this.#app.markValue(line.value, reading.origin) } }, h("code", {}, ...breakable(line.value.cut ? "(a long value)" : valueText(line.value, 160))));
        return h("tr", {}, h("td", {}, show), own, names(line.ecs), names(line.logpresso));
    }
}

function derived(value: ReadField): string {
    if (!value.from) return "worked out";
    if (value.from.length === 0) return "the same in every record";
    return `from ${value.from.map((place) => (place.offset === null ? `${place.path} (not there)` : place.path)).join(", ")}`;
}

/** Values that stand at one place are one line, with all their names; worked-out values that are equal and come from
 * the same places, too. */
export function linesOf(reading: Reading): Line[] {
    const lines = new Map<string, Line>();
    for (const vocabulary of ["raw", "ecs", "logpresso"] as const) {
        for (const field of reading[vocabulary]) {
            const place = field.offset === null ? JSON.stringify([field.value, field.from]) : `${field.offset} ${field.length}`;
            let line = lines.get(place);
            if (!line) lines.set(place, (line = { value: field, raw: [], ecs: [], logpresso: [] }));
            if (!line[vocabulary].includes(field.field)) line[vocabulary].push(field.field);
        }
    }
    return [...lines.values()];
}
