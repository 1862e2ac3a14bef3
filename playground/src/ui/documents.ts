// The rule documents as tabs above their editor.
import type { App } from "../app.ts";
import { kindOf } from "../editor/languages.ts";
import { freeName } from "../state.ts";
import { button, byId, download, h } from "./dom.ts";
import { Tabs } from "./tabs.ts";
import { toast } from "./toast.ts";

export class Documents {
    readonly #app: App;
    readonly #tabs: Tabs;
    #shown = "";

    constructor(app: App) {
        this.#app = app;
        this.#tabs = new Tabs("Rule documents", (id) => {
            app.openDocument(Number(id));
            app.refresh();
        });
        byId("documents").append(
            this.#tabs.element,
            button("+", () => app.addDocument(freeName(app.work.documents, "my-rule.toml")), {
                class: "quiet",
                attributes: { "aria-label": "New rule", title: "New rule" },
            }),
        );
        const name = byId<HTMLInputElement>("name");
        name.addEventListener("change", () => {
            const { active } = app;
            if (!active || !name.value.trim() || name.value === active.name) return;
            const others = app.work.documents.filter((document) => document !== active);
            active.name = freeName(others, name.value.trim());
            app.changed();
        });
        byId("remove-document").addEventListener("click", () => this.#remove());
        byId("save-document").addEventListener("click", () => {
            if (app.active) download(app.active.name.split("/").at(-1) ?? "rule.toml", [app.active.text], "text/plain");
        });
    }

    #remove(): void {
        const { work, active } = this.#app;
        if (!active) return;
        const before = structuredClone(work);
        work.documents.splice(work.active, 1);
        this.#app.openDocument(work.active);
        this.#app.changed();
        toast(`Removed ${active.name}.`, { text: "Undo", run: () => this.#app.load(before) });
    }

    show(): void {
        const { work, evaluation, active } = this.#app;
        const failing = new Set(evaluation?.diagnostics.filter((found) => found.severity === "error").map((found) => found.document));
        const alerting = new Set(evaluation?.alerts.map((alert) => alert.rule));
        const state = (name: string) => {
            if (failing.has(name)) return "error";
            return evaluation?.rules.some((rule) => rule.document === name && alerting.has(rule.id)) ? "alert" : "quiet";
        };
        const words = { error: "has an error", alert: "raises alerts", quiet: "raises no alert" };
        const states = work.documents.map(({ name }) => state(name));
        // Only what has changed is built anew: a tab that has the focus keeps it.
        const shown = JSON.stringify([work.documents.map(({ name }) => name), states, work.active]);
        if (shown === this.#shown) return;
        this.#shown = shown;
        this.#tabs.set(
            work.documents.map(({ name }, index) => ({
                id: String(index),
                text: short(name, work.documents.map((document) => document.name)),
                title: name,
                before: h("span", { class: `dot ${states[index]}`, attributes: { role: "img", "aria-label": words[states[index]!] } }),
            })),
            String(work.active),
        );
        byId<HTMLInputElement>("name").value = active?.name ?? "";
        byId<HTMLInputElement>("name").disabled = !active;
        byId<HTMLButtonElement>("remove-document").disabled = !active;
        byId<HTMLButtonElement>("save-document").disabled = !active;
        byId("kind").textContent = active ? kindName(active.text) : "";
    }
}

/** Names that begin alike are told apart by how they end. */
function short(name: string, all: string[]): string {
    const base = name.split("/").at(-1) ?? name;
    if (base.length <= 24) return base;
    const twin = all.find((other) => other !== name && other.slice(0, 12) === name.slice(0, 12));
    return twin ? `…${base.slice(-18)}` : `${base.slice(0, 22)}…`;
}

function kindName(text: string): string {
    if (kindOf(text) === "yaml") return "Sigma";
    return /^\s*language\s*=\s*["']logpresso["']/m.test(text) ? "Logpresso" : "Elastic";
}
