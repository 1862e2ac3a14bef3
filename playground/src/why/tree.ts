// The clause tree: ARIA's tree pattern. One tab stop; the arrows move, open and close; letters find; Enter and a
// click choose. Truth is a word and a shape beside its colour.
import { breakable, h } from "../ui/dom.ts";
import type { NodeValue, ValuePlace } from "../engine/types.ts";
import { type Clause, clauseText, joinText, type Truth, valueText } from "./model.ts";

const SHAPES: Record<Truth, string> = { true: "✓", false: "✕", missing: "∅", undecided: "?" };

export interface TreeOptions {
    label: string;
    /** A clause was chosen; `undefined` takes the choice back. */
    chosen: (clause: Clause | undefined) => void;
    /** Where a worked-out value comes from, in words. */
    derivation: (clause: Clause) => string | undefined;
}

export class ClauseTree {
    readonly element: HTMLElement;
    readonly #options: TreeOptions;
    readonly #clauses = new Map<HTMLElement, Clause>();
    #typed = "";
    #typedAt = 0;

    constructor(roots: Clause[], options: TreeOptions) {
        this.#options = options;
        this.element = h("ul", { class: "tree", attributes: { role: "tree", "aria-label": options.label } });
        this.#fill(roots);
        const first = this.element.querySelector<HTMLElement>('[role="treeitem"]');
        if (first) first.tabIndex = 0;
        this.element.addEventListener("keydown", (event) => this.#key(event));
        this.element.addEventListener("click", (event) => {
            const item = itemOf(event.target);
            if (!item) return;
            if ((event.target as HTMLElement).closest(".twist")) this.#toggle(item);
            else this.#choose(item);
            this.#focus(item);
        });
    }

    /** Items without recursion: a query may nest as deep as its author likes. */
    #fill(roots: Clause[]): void {
        const waiting = roots.map((clause) => ({ clause, into: this.element, level: 1 }));
        while (waiting.length > 0) {
            const { clause, into, level } = waiting.shift()!;
            const item = this.#item(clause, level);
            into.append(item);
            this.#clauses.set(item, clause);
            if (clause.children.length === 0) continue;
            const group = h("ul", { attributes: { role: "group" } });
            item.append(group);
            waiting.push(...clause.children.map((child) => ({ clause: child, into: group, level: level + 1 })));
        }
    }

    #item(clause: Clause, level: number): HTMLElement {
        const group = clause.kind !== "clause";
        const opens = group && clause.kind !== "constant";
        const row = h(
            "div",
            { class: "row" },
            opens && h("span", { class: "twist", attributes: { "aria-hidden": "true" } }),
            h(
                "span",
                { class: `truth ${clause.verdict}` },
                h("span", { class: "shape", text: SHAPES[clause.verdict], attributes: { "aria-hidden": "true" } }),
                h("span", { class: "word", text: clause.verdict }),
            ),
            h("code", { class: group ? "join" : "clause" }, ...breakable(group ? joinText(clause) : clauseText(clause, 400))),
        );
        const item = h("li", {
            class: `node ${clause.kind}`,
            attributes: {
                role: "treeitem",
                tabindex: -1,
                "aria-level": level,
                "aria-selected": group ? undefined : "false",
                "aria-expanded": opens ? "true" : undefined,
            },
        });
        item.append(row);
        const detail = group ? undefined : this.#detail(clause);
        if (detail) item.append(detail);
        return item;
    }

    #detail(clause: Clause): HTMLElement {
        const values = clause.values ?? [];
        const line = h("div", { class: "values" });
        if (clause.missing || values.length === 0) {
            line.append(h("span", { class: "none", text: clause.field ? `no ${clause.field} in this record` : "no value" }));
            return line;
        }
        // The clause's own text mostly begins with the field's name: saying it twice takes room from the value.
        const named = clause.field && clauseText(clause).replace(/^\W+/, "").startsWith(clause.field);
        for (const value of values.slice(0, 20)) {
            const source = value.path === null ? worked(value, this.#options.derivation(clause)) : `from ${value.path}`;
            line.append(
                h(
                    "span",
                    { class: "value" },
                    h("span", { class: "soft", text: named ? "is " : `${clause.field ?? "value"} is ` }),
                    h("code", {}, ...breakable(valueText(value, 200))),
                    h("span", { class: "soft", text: ` ${source}` }),
                ),
            );
        }
        if (values.length > 20) line.append(h("span", { class: "soft", text: `and ${values.length - 20} more values` }));
        return line;
    }

    /** Marks the clauses that a place of the record decides, and shows the first. */
    mark(reads: (clause: Clause) => boolean): number {
        let found = 0;
        for (const [item, clause] of this.#clauses) {
            const hit = clause.kind === "clause" && reads(clause);
            item.classList.toggle("hit", hit);
            if (!hit) continue;
            found += 1;
            for (let up = item.parentElement?.closest('[role="treeitem"]'); up; up = up.parentElement?.closest('[role="treeitem"]')) {
                up.setAttribute("aria-expanded", "true");
            }
            if (found === 1) item.scrollIntoView({ block: "nearest" });
        }
        return found;
    }

    /** Takes a choice back, as when another tree's clause is chosen. */
    unselect(): void {
        for (const item of this.#clauses.keys()) {
            if (item.hasAttribute("aria-selected")) item.setAttribute("aria-selected", "false");
        }
    }

    #choose(item: HTMLElement): void {
        const clause = this.#clauses.get(item);
        if (!clause) return;
        if (clause.kind !== "clause") {
            this.#toggle(item);
            return;
        }
        const was = item.getAttribute("aria-selected") === "true";
        this.unselect();
        item.setAttribute("aria-selected", String(!was));
        this.#options.chosen(was ? undefined : clause);
    }

    #toggle(item: HTMLElement): void {
        const open = item.getAttribute("aria-expanded");
        if (open !== null) item.setAttribute("aria-expanded", open === "true" ? "false" : "true");
    }

    #focus(item: HTMLElement | undefined): void {
        if (!item) return;
        for (const other of this.#clauses.keys()) other.tabIndex = -1;
        item.tabIndex = 0;
        item.focus();
    }

    /** Items that aren't inside of a closed one. */
    #visible(): HTMLElement[] {
        return [...this.#clauses.keys()]
            .filter((item) => !item.parentElement?.closest('[aria-expanded="false"]'))
            .sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    }

    #key(event: KeyboardEvent): void {
        const item = itemOf(event.target);
        if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
        const items = this.#visible();
        const at = items.indexOf(item);
        const open = item.getAttribute("aria-expanded");
        const parent = item.parentElement?.closest<HTMLElement>('[role="treeitem"]');
        const acts: Record<string, () => void> = {
            ArrowDown: () => this.#focus(items[at + 1]),
            ArrowUp: () => this.#focus(items[at - 1]),
            Home: () => this.#focus(items[0]),
            End: () => this.#focus(items.at(-1)),
            ArrowRight: () => (open === "false" ? this.#toggle(item) : open && this.#focus(items[at + 1])),
            ArrowLeft: () => (open === "true" ? this.#toggle(item) : this.#focus(parent ?? undefined)),
            Enter: () => this.#choose(item),
            " ": () => this.#choose(item),
        };
        const act = acts[event.key];
        if (act) act();
        else if (event.key.length === 1) this.#find(event.key, items, at, event.timeStamp);
        else return;
        event.preventDefault();
    }

    /** Type-ahead: the next item whose text begins with what was typed. */
    #find(key: string, items: HTMLElement[], at: number, now: number): void {
        this.#typed = now - this.#typedAt > 700 ? key : this.#typed + key;
        this.#typedAt = now;
        const wanted = this.#typed.toLowerCase();
        const from = this.#typed.length > 1 ? at : at + 1;
        const order = [...items.slice(from), ...items.slice(0, from)];
        const text = (item: HTMLElement) => item.querySelector(".row code")?.textContent?.toLowerCase() ?? "";
        this.#focus(order.find((item) => text(item).startsWith(wanted)));
    }
}

/** What a value is worked out from, in words. */
function worked(value: NodeValue, derivation: string | undefined): string {
    if (!value.from) return derivation ?? "worked out from other values";
    if (value.from.length === 0) return "the same in every record";
    const part = (place: ValuePlace) => (place.offset === null ? `${place.path}, which isn’t there` : (place.path ?? ""));
    return `worked out from ${value.from.map(part).join(", ")}`;
}

function itemOf(target: EventTarget | null): HTMLElement | undefined {
    return (target as HTMLElement | null)?.closest<HTMLElement>('[role="treeitem"]') ?? undefined;
}
