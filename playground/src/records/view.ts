// Many records: progress, counts, over time, by whom and where, clause by clause, and the alerts themselves.
import type { App } from "../app.ts";
import { bytes, button, count, download, h } from "../ui/dom.ts";
import { clauseText, joinText, languageName } from "../why/model.ts";
import { empty } from "../why/view.ts";
import { type Corpus, type CorpusState } from "./corpus.ts";
import { VirtualTable } from "./table.ts";
import { type Counts, MOST_ROWS, type Row } from "./tally.ts";
import { timeline } from "./timeline.ts";
import { indented, topValue } from "./token.ts";
import type { ClauseCount, Coverage, CorpusProgress } from "./worker.ts";

const NAMES = { user: "User", account: "Account", region: "Region", address: "Address" } as const;

export class CorpusView {
    readonly element = h("div", { class: "corpus" });
    readonly #app: App;
    readonly #corpus: Corpus;
    readonly #table: VirtualTable<Row>;
    readonly #bar = h("progress", { attributes: { "aria-label": "Files read" } });
    readonly #head = h("div", { class: "corpus-head" });
    readonly #body = h("div");

    constructor(app: App, corpus: Corpus) {
        this.#app = app;
        this.#corpus = corpus;
        this.#table = new VirtualTable<Row>(
            "Alerts",
            [
                { title: "Time (UTC)", text: (row) => (row.time === null ? "no time" : new Date(row.time).toISOString().slice(0, 19).replace("T", " ")), class: "time" },
                { title: "Rule", text: (row) => this.#ruleName(row.rule) },
                { title: "User", text: (row) => row.user },
                { title: "Region", text: (row) => row.region },
                { title: "Address", text: (row) => row.address },
            ],
            (row) => app.setRecords(`${indented(topValue(row.line, "event") ?? row.line)}`),
        );
        this.element.append(this.#head, this.#body);
        this.show(undefined);
    }

    #ruleName(id: string): string {
        const rule = this.#corpus.state?.progress?.rules.find((rule) => rule.id === id);
        return rule ? `${rule.name} (${languageName(rule.language)})` : id;
    }

    show(state: CorpusState | undefined): void {
        if (!state) {
            const open = button("Open files…", () => document.getElementById("files")?.click(), { class: "primary" });
            const box = empty("Judge many records at once", "Drop files or folders anywhere on this page: NDJSON, CloudTrail’s own files, .gz of any kind, hundreds of megabytes. They are read here, in your browser, and go nowhere.");
            box.append(h("p", {}, open));
            this.#head.replaceChildren();
            this.#body.replaceChildren(box);
            return;
        }
        this.#showHead(state);
        const { progress } = state;
        if (!progress) return this.#body.replaceChildren();
        if (!state.running) return this.#showAll(state, progress);
        // While it runs, only what is small is drawn anew.
        this.#body.replaceChildren(this.#tiles(progress.counts, progress.took), ...this.#ruleCounts(progress));
    }

    #showHead(state: CorpusState): void {
        const { files, size, running, progress } = state;
        const what = files.length === 1 ? files[0]!.name : count(files.length, "file");
        this.#bar.max = Math.max(1, size);
        this.#bar.value = progress?.read ?? 0;
        this.#bar.hidden = !running;
        const read = `${bytes(progress?.read ?? 0)} of ${bytes(size)}`;
        const status = running ? `reading ${read}` : state.cancelled ? `stopped by you after ${read}` : state.failure ? `stopped after ${read}` : `${bytes(size)} in ${((progress?.took ?? 0) / 1000).toFixed(1)} s`;
        const again = () => this.#corpus.judge(files, this.#app.work.documents);
        this.#head.replaceChildren(
            h("div", { class: "bar-of-view" }, h("strong", { class: "corpus-name", text: what }), h("span", { class: "soft", text: status, attributes: { role: "status" } }), h("span", { class: "grow" }), running ? button("Cancel", () => this.#corpus.cancel()) : button("Judge again", again, state.stale ? { class: "primary" } : {})),
            this.#bar,
            ...(state.failure ? [h("p", { class: "note bad", text: `Stopped: ${state.failure}` })] : []),
            ...(state.stale && !running ? [h("p", { class: "note", text: "The rules have changed since these records were judged." })] : []),
            ...(progress?.problems ?? []).slice(0, 20).map(({ file, reason }) => h("p", { class: "note bad", text: `${file}: ${reason}. What came before is counted.` })),
        );
    }

    #tiles(counts: Counts, took: number): HTMLElement {
        const rate = took > 0 ? counts.records / (took / 1000) : 0;
        const tile = (value: string, label: string, kind = "") => h("div", { class: `tile ${kind}` }, h("strong", { text: value }), h("span", { text: label }));
        const number = (value: number) => value.toLocaleString("en");
        return h(
            "div",
            { class: "tiles" },
            tile(number(counts.records), counts.records === 1 ? "record" : "records"),
            tile(number(counts.alerts), counts.alerts === 1 ? "alert" : "alerts", counts.alerts > 0 ? "good" : ""),
            tile(number(counts.errors), "not read", counts.errors > 0 ? "bad" : ""),
            tile(number(Math.round(rate)), "records a second"),
            ...(counts.untrusted > 0 ? [tile(number(counts.untrusted), "from senders that aren’t AWS", "bad")] : []),
        );
    }

    #ruleCounts({ rules, counts }: CorpusProgress): HTMLElement[] {
        if (rules.length === 0) return [h("p", { class: "note", text: "No rule can run: see the diagnostics." })];
        const values = rules.map((rule): [string, number] => [`${rule.name} (${languageName(rule.language)})`, counts.rules[rule.id] ?? 0]);
        return [barTable("Rule", values.sort((a, b) => b[1] - a[1]).slice(0, 50))];
    }

    #showAll(state: CorpusState, progress: CorpusProgress): void {
        const { counts } = progress;
        const parts: HTMLElement[] = [this.#tiles(counts, progress.took), ...this.#ruleCounts(progress)];
        if (counts.records === 0 && !state.failure) parts.push(empty("No record in these files", "Nothing in them looks like a record: JSON objects, one a line or in a list, or in an envelope."));
        else if (counts.alerts === 0) parts.push(empty("No alert", `None of ${count(counts.records, "record")} is selected by ${progress.rules.length === 1 ? "the rule" : "any of the rules"}.`));
        if (counts.alerts > 0) {
            if (counts.hours.length > 0) parts.push(h("h3", { text: "Over time" }), timeline(counts.hours, counts.withoutTime));
            parts.push(h("div", { class: "dimensions" }, ...Object.entries(NAMES).map(([name, title]) => dimension(title, counts.top[name as keyof typeof NAMES]))));
        }
        parts.push(...coverageTables(progress.coverage, progress.rules.map((rule) => ({ id: rule.id, title: this.#ruleName(rule.id) })), counts.records));
        if (counts.alerts > 0) {
            const shown = Math.min(counts.alerts, MOST_ROWS);
            parts.push(
                h("div", { class: "bar-of-view" }, h("h3", { text: shown < counts.alerts ? `The first ${shown.toLocaleString("en")} of ${count(counts.alerts, "alert")}` : count(counts.alerts, "alert") }), h("span", { class: "grow" }), button("Save as NDJSON", () => download("alerts.ndjson", [progress.ndjson], "application/x-ndjson")), button("Save as CSV", () => download("alerts.csv", [progress.csv], "text/csv"))),
                this.#table.element,
            );
        }
        this.#body.replaceChildren(...parts);
        this.#table.set(progress.rows, progress.rows.length);
    }
}

/** Names and numbers as a table whose rows have a bar. */
function barTable(title: string, values: [string, number][], note?: string): HTMLElement {
    const most = Math.max(1, ...values.map(([, number]) => number));
    const rows = values.map(([name, number]) => {
        const bar = h("span", { class: "bar-fill", attributes: { "aria-hidden": "true" } });
        bar.style.width = `${(number / most) * 100}%`;
        return h("tr", {}, h("td", {}, h("span", { class: "bar-cell" }, bar, h("span", { class: "bar-name", text: name || "(none)", attributes: { title: name } }))), h("td", { class: "number", text: number.toLocaleString("en") }));
    });
    return h("table", { class: "bars" }, h("caption", { class: "hidden", text: `Alerts by ${title.toLowerCase()}` }), h("thead", {}, h("tr", {}, h("th", { text: title, attributes: { scope: "col" } }), h("th", { text: "Alerts", class: "number", attributes: { scope: "col" } }))), h("tbody", {}, ...rows, note ? h("tr", {}, h("td", { class: "note", text: note, attributes: { colspan: 2 } })) : null));
}

function dimension(title: string, found: Counts["top"]["user"]): HTMLElement {
    const left = found.different - found.values.length;
    const note = left > 0 ? `and ${found.more ? "more than " : ""}${left.toLocaleString("en")} other values` : undefined;
    return barTable(title, found.values, note);
}

/** How often each clause was true, false or missing. */
function coverageTables(coverage: Coverage, rules: { id: string; title: string }[], records: number): HTMLElement[] {
    const covered = rules.filter(({ id }) => coverage.rules[id]);
    if (covered.length === 0) return [];
    const scope = coverage.records < records ? `Counted over the first ${count(coverage.records, "record")}.` : `Over ${count(coverage.records, "record")}.`;
    const head = () => h("thead", {}, h("tr", {}, ...["Clause", "true", "false", "no value"].map((text, at) => h("th", { text, class: at > 0 ? "number" : "", attributes: { scope: "col" } }))));
    const tables = covered.slice(0, 12).map(({ id, title }) =>
        h("table", { class: "coverage" }, h("caption", { text: title }), head(), h("tbody", {}, ...coverage.rules[id]!.map(coverageRow))),
    );
    return [h("h3", { text: "Clause by clause" }), h("p", { class: "note", text: `${scope} A clause that is never true, or always, may not say what you mean.` }), ...tables];
}

function coverageRow(clause: ClauseCount): HTMLElement {
    const never = clause.kind === "clause" && clause.true === 0;
    const name = h("td", {}, h("code", { text: clause.kind === "clause" ? clauseText(clause) : joinText({ kind: clause.kind, truth: clause.false === 0 }) }), never && h("span", { class: "never", text: "never true" }));
    name.style.paddingLeft = `${10 + clause.depth * 16}px`;
    return h("tr", {}, name, ...[clause.true, clause.false, clause.missing].map((number) => h("td", { class: "number", text: number.toLocaleString("en") })));
}
