// The tabs of the result pane.
import type { App } from "./app.ts";
import type { Description, Evaluation } from "./engine/types.ts";
import { prepareEngine } from "./engine/engine.ts";
import { Corpus, prepareCorpus } from "./records/corpus.ts";
import { CorpusView } from "./records/view.ts";
import { alertsView } from "./ui/alerts.ts";
import { byId, h } from "./ui/dom.ts";
import { Tabs } from "./ui/tabs.ts";
import { openFragment } from "./share/link.ts";
import { TakeHome } from "./share/view.ts";
import { TestsView } from "./tests/view.ts";
import { FieldsView } from "./why/fields.ts";
import { WhyView } from "./why/view.ts";
import type { Work } from "./state.ts";

export type ViewId = "why" | "alerts" | "fields" | "tests" | "many" | "take";

export class Views {
    readonly why: WhyView;
    readonly #app: App;
    readonly #tabs: Tabs;
    readonly #corpus: Corpus;
    readonly #many: CorpusView;
    readonly #fields: FieldsView;
    readonly #tests: TestsView;
    readonly #take: TakeHome;
    optional: string[] = [];

    constructor(app: App) {
        this.#app = app;
        this.why = new WhyView({ chosen: (chosen) => app.choose(chosen), derivation: (field) => app.vocabulary.derivation(field) });
        this.#fields = new FieldsView(app);
        this.#tests = new TestsView(app);
        this.#take = new TakeHome(app);
        byId("share").addEventListener("click", () => {
            app.pane("result");
            this.open("take");
        });
        this.#corpus = new Corpus(app.module, (state) => {
            this.#many.show(state);
            this.#label();
        });
        this.#many = new CorpusView(app, this.#corpus);
        this.#tabs = new Tabs("Result", () => this.#fill(), "view");
        byId("views").append(this.#tabs.element);
        const view = byId("view");
        view.setAttribute("role", "tabpanel");
        view.tabIndex = 0;
        this.#label();
    }

    get active(): ViewId {
        return this.#tabs.active as ViewId;
    }

    open(id: ViewId): void {
        this.#tabs.choose(id);
    }

    started(description: string, optional: string[]): void {
        this.optional = optional;
        const { engine, mapping } = JSON.parse(description) as Description;
        const element = byId("module");
        element.textContent = `engine ${engine.version}`;
        element.title = `mapping ${mapping}`;
        void digest(this.#app.bytes).then((sha256) => {
            if (!sha256) return;
            element.textContent = `engine ${engine.version} · ${sha256.slice(0, 12)}`;
            element.title = `The module's sha256 is ${sha256}, which “tocsin --version” prints. Mapping: ${mapping}`;
        });
    }

    judgeFiles(files: File[]): void {
        this.#app.pane("result");
        this.open("many");
        this.#corpus.judge(files, this.#app.work.documents);
    }

    /** Fetches what is needed later, so that no request leaves after the start. */
    async prepare(): Promise<void> {
        await Promise.allSettled([this.#take.prepare(), prepareEngine(), prepareCorpus()]);
    }

    /** The rules are others than those that files were judged by. */
    rulesChanged(): void {
        this.#corpus.rulesChanged();
        if (this.active === "many") this.#many.show(this.#corpus.state);
    }

    /** The work in the address, which is taken out of it: what is changed from here on is a draft. */
    sharedWork(): Work | undefined {
        const opened = openFragment(location.hash);
        if (!opened) return undefined;
        history.replaceState(null, "", location.pathname + location.search);
        if ("work" in opened) return opened.work;
        byId("notice").textContent = opened.problem;
        byId("notice").hidden = false;
        return { documents: [], active: 0, records: "", tests: [], files: [], format: "json" };
    }

    show(_evaluation: Evaluation): void {
        this.#label();
        this.#fill();
    }

    #label(): void {
        const runs = this.#app.evaluation?.tests ?? [];
        const tests = runs.flatMap((run) => run.tests);
        const failing = tests.filter((test) => !test.passed).length;
        const alerts = this.#app.evaluation?.summary.matches ?? 0;
        const badge = (text: number | string) => h("span", { class: "badge", text: String(text) });
        this.#tabs.set(
            [
                { id: "why", text: "Why" },
                { id: "alerts", text: "Alerts", after: badge(alerts.toLocaleString("en")) },
                { id: "fields", text: "Fields" },
                { id: "tests", text: "Tests", ...(tests.length > 0 && { after: h("span", { class: `badge ${failing > 0 ? "failing" : "passing"}`, text: failing > 0 ? `✕ ${failing}` : `✓ ${tests.length}` }) }) },
                { id: "many", text: "Many records", ...(this.#corpus.state && { after: badge((this.#corpus.state.progress?.counts.alerts ?? 0).toLocaleString("en")) }) },
                { id: "take", text: "Take home" },
            ],
            this.active || "why",
        );
    }

    #fill(): void {
        const { evaluation, record, work } = this.#app;
        const view = byId("view");
        if (this.active === "many") {
            if (!view.contains(this.#many.element)) view.replaceChildren(this.#many.element);
            return;
        }
        if (!evaluation) return;
        if (this.active === "why") {
            this.why.show(evaluation, record, this.#app.active?.name);
            view.replaceChildren(this.why.element);
        } else if (this.active === "fields") {
            // The filter keeps its focus while the record stays.
            if (!view.contains(document.activeElement) || !view.contains(this.#fields.element)) this.#fields.show(evaluation.readings, record);
            if (!view.contains(this.#fields.element)) view.replaceChildren(this.#fields.element);
        } else if (this.active === "tests") {
            this.#tests.show(evaluation.tests);
            view.replaceChildren(this.#tests.element);
        } else if (this.active === "take") {
            this.#take.show();
            view.replaceChildren(this.#take.element);
        } else {
            const choose = (format: Work["format"]) => {
                work.format = format;
                this.#app.changed();
            };
            view.replaceChildren(alertsView(evaluation, work.format, choose, (index) => this.#app.goToRecord(index)));
        }
    }
}

/** SHA-256 in hex digits; browsers give it to secure pages alone. */
export async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    if (!globalThis.crypto?.subtle) return undefined;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
