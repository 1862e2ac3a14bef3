// A table of many rows of one height, of which only those in sight are elements; it says how many there are.
import { h } from "../ui/dom.ts";

const HEIGHT = 33;
const SPARE = 8;

export interface Column<R> {
    title: string;
    text: (row: R) => string;
    class?: string;
}

export class VirtualTable<R> {
    readonly element: HTMLElement;
    readonly #columns: Column<R>[];
    readonly #open: (row: R) => void;
    readonly #body: HTMLElement;
    #rows: R[] = [];
    #total = 0;
    #table: HTMLElement;
    #current = 0;

    constructor(label: string, columns: Column<R>[], open: (row: R) => void) {
        this.#columns = columns;
        this.#open = open;
        this.#body = h("tbody");
        const head = h("tr", { attributes: { "aria-rowindex": 1 } }, ...columns.map((column) => h("th", { text: column.title, attributes: { scope: "col" } })));
        this.#table = h("table", { class: "virtual", attributes: { "aria-label": label } }, h("thead", {}, head), this.#body);
        this.element = h("div", { class: "scroller", attributes: { tabindex: 0, role: "region", "aria-label": label } }, this.#table);
        this.element.addEventListener("scroll", () => this.#draw());
        this.element.addEventListener("keydown", (event) => this.#key(event));
    }

    set(rows: R[], total: number): void {
        this.#rows = rows;
        this.#total = total;
        this.#table.setAttribute("aria-rowcount", String(total + 1));
        this.#draw();
    }

    #draw(): void {
        const first = Math.max(0, Math.floor(this.element.scrollTop / HEIGHT) - SPARE);
        const count = Math.ceil((this.element.clientHeight || 400) / HEIGHT) + 2 * SPARE;
        const shown = this.#rows.slice(first, first + count);
        const focused = this.#body.contains(document.activeElement);
        const space = (rows: number) => {
            const cell = h("td", { attributes: { colspan: this.#columns.length } });
            cell.style.height = `${rows * HEIGHT}px`;
            return h("tr", { class: "space", attributes: { "aria-hidden": "true" } }, cell);
        };
        this.#body.replaceChildren(
            ...(first > 0 ? [space(first)] : []),
            ...shown.map((row, index) => this.#row(row, first + index)),
            ...(first + shown.length < this.#rows.length ? [space(this.#rows.length - first - shown.length)] : []),
        );
        if (focused) this.#body.querySelector<HTMLElement>(`[data-row="${this.#current}"] button`)?.focus({ preventScroll: true });
    }

    #row(row: R, index: number): HTMLElement {
        const cells = this.#columns.map((column, at) => {
            const text = column.text(row);
            const cell = h("td", { attributes: { title: text }, ...(column.class && { class: column.class }) });
            if (at > 0) cell.textContent = text;
            else
                cell.append(
                    h("button", {
                        class: "quiet",
                        text,
                        attributes: { type: "button", "aria-label": `Open the record of alert ${index + 1}, ${text}` },
                        on: { click: () => this.#open(row), focus: () => (this.#current = index) },
                    }),
                );
            return cell;
        });
        const element = h("tr", { attributes: { "aria-rowindex": index + 2 } }, ...cells);
        element.dataset.row = String(index);
        return element;
    }

    #key(event: KeyboardEvent): void {
        const to = { ArrowDown: this.#current + 1, ArrowUp: this.#current - 1, Home: 0, End: this.#rows.length - 1, PageDown: this.#current + 10, PageUp: this.#current - 10 }[event.key];
        if (to === undefined || this.#rows.length === 0) return;
        event.preventDefault();
        this.#current = Math.max(0, Math.min(to, this.#rows.length - 1));
        const top = this.#current * HEIGHT;
        const { scrollTop, clientHeight } = this.element;
        if (top < scrollTop || top > scrollTop + clientHeight - 3 * HEIGHT) this.element.scrollTop = Math.max(0, top - clientHeight / 2);
        this.#draw();
        this.#body.querySelector<HTMLElement>(`[data-row="${this.#current}"] button`)?.focus({ preventScroll: true });
    }

    get total(): number {
        return this.#total;
    }
}
