// Tabs by ARIA's pattern: one tab stop, the arrows choose at once.
import { h } from "./dom.ts";

export interface Tab {
    id: string;
    text: string;
    /** Nodes in front of and behind the text. */
    before?: Node | undefined;
    after?: Node | undefined;
    title?: string;
}

export class Tabs {
    readonly element: HTMLElement;
    readonly #chosen: (id: string) => void;
    readonly #panel: string | undefined;
    #tabs: Tab[] = [];
    #active = "";

    constructor(label: string, chosen: (id: string) => void, panel?: string) {
        this.#chosen = chosen;
        this.#panel = panel;
        this.element = h("div", { class: "tablist", attributes: { role: "tablist", "aria-label": label } });
        this.element.addEventListener("keydown", (event) => this.#key(event));
    }

    get active(): string {
        return this.#active;
    }

    set(tabs: Tab[], active: string): void {
        const focused = this.element.contains(document.activeElement);
        this.#tabs = tabs;
        this.#active = active;
        this.element.replaceChildren(...tabs.map((tab) => this.#button(tab)));
        if (focused) this.element.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    }

    #button(tab: Tab): HTMLElement {
        const selected = tab.id === this.#active;
        const element = h(
            "button",
            {
                attributes: {
                    type: "button",
                    role: "tab",
                    "aria-selected": String(selected),
                    "aria-controls": this.#panel,
                    tabindex: selected ? 0 : -1,
                    title: tab.title,
                },
                on: { click: () => this.choose(tab.id) },
            },
            tab.before,
            tab.text,
            tab.after,
        );
        element.dataset.tab = tab.id;
        return element;
    }

    choose(id: string): void {
        if (!this.#tabs.some((tab) => tab.id === id)) return;
        this.set(this.#tabs, id);
        this.element.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
        this.#chosen(id);
    }

    #key(event: KeyboardEvent): void {
        const at = this.#tabs.findIndex((tab) => tab.id === this.#active);
        const last = this.#tabs.length - 1;
        const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
        const tab = to === undefined ? undefined : this.#tabs[to];
        if (!tab) return;
        event.preventDefault();
        this.element.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
        this.choose(tab.id);
    }
}
