// The work in the middle: editors change it, the engine judges it, views show the result.
import { showDiagnostics } from "./editor/diagnostics.ts";
import { Editor } from "./editor/editor.ts";
import { kindOf } from "./editor/languages.ts";
import { show as showMarks } from "./editor/marks.ts";
import { Vocabulary } from "./editor/vocabulary.ts";
import { Engine, type Outcome } from "./engine/engine.ts";
import type { Description, Evaluation, NodeValue } from "./engine/types.ts";
import { type Example, EXAMPLES, packExamples } from "./examples.ts";
import { Positions } from "./positions.ts";
import { acceptFiles } from "./records/open.ts";
import { indented } from "./records/token.ts";
import { draft, keepDraft, running, wasRunning } from "./share/drafts.ts";
import { NEW_RULE, type Work } from "./state.ts";
import { byId, count, h } from "./ui/dom.ts";
import { Documents } from "./ui/documents.ts";
import { showProblems } from "./ui/problems.ts";
import { splitter } from "./ui/splitter.ts";
import { Tabs } from "./ui/tabs.ts";
import { themeChoice } from "./ui/theme.ts";
import { toast } from "./ui/toast.ts";
import { Views } from "./views.ts";
import { clauseMark, clauseMarks, rangesOf, valueMarks } from "./why/places.ts";
import type { Chosen } from "./why/view.ts";

/** Records up to this size are judged while typing; larger ones are files. */
export const MOST_TYPED = 512 * 1024;

/** Records up to this size are kept with every key; larger ones when typing pauses. */
const MOST_KEPT_AT_ONCE = 64 * 1024;

const encoder = new TextEncoder();

export class App {
    work: Work = { documents: [], active: 0, records: "", tests: [], files: [], format: "json" };
    record = 0;
    evaluation: Evaluation | undefined;
    readonly module: WebAssembly.Module;
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly engine: Engine;
    readonly vocabulary = new Vocabulary();
    readonly documents: Documents;
    readonly #rule: Editor;
    readonly #records: Editor;
    readonly views: Views;
    readonly #phone: Tabs;
    #safe = false;
    #chosen: Chosen | undefined;
    #draft: ReturnType<typeof setTimeout> | undefined;
    #recordPositions = new Positions("");

    constructor(module: WebAssembly.Module, bytes: Uint8Array<ArrayBuffer>) {
        this.module = module;
        this.bytes = bytes;
        this.engine = new Engine(module, (outcome) => this.#answered(outcome));
        this.#rule = new Editor({
            parent: byId("rule-editor"),
            label: "Rule",
            language: "toml",
            wrap: true,
            hint: "An Elastic rule (TOML), a Logpresso query in the same form, or Sigma (YAML)",
            extensions: this.vocabulary.extensions,
            changed: (text) => this.#ruleChanged(text),
        });
        this.#records = new Editor({
            parent: byId("record-editor"),
            label: "Records",
            language: "json",
            wrap: true,
            hint: "Paste CloudTrail records in any form: an object, NDJSON, {\"Records\": […]}, EventBridge, SQS",
            changed: (text) => this.#recordsChanged(text),
            moved: (position) => this.#recordCaret(position),
        });
        this.documents = new Documents(this);
        this.views = new Views(this);
        this.#phone = new Tabs("Panes", (id) => (byId("panes").dataset.pane = id));
        this.#layout();
    }

    #layout(): void {
        const panes = byId("panes");
        splitter(byId("split-panes"), panes, { label: "Width of the editors", variable: "--left", axis: "x", initial: 42, controls: "rules" });
        splitter(byId("split-editors"), panes, { label: "Height of the rule editor", variable: "--top", axis: "y", initial: 55, controls: "rules" });
        themeChoice(byId<HTMLSelectElement>("theme"));
        byId("phone").append(this.#phone.element);
        this.pane("rules");
        byId("previous").addEventListener("click", () => this.goToRecord(this.record - 1));
        byId("next").addEventListener("click", () => this.goToRecord(this.record + 1));
        byId("format").addEventListener("click", () => this.#records.replace(indented(this.#records.text)));
        byId("run").addEventListener("click", () => {
            this.#safe = false;
            this.evaluate();
        });
        acceptFiles(this);
        // A page that is left in order hasn't frozen.
        addEventListener("pagehide", () => {
            keepDraft(this.work);
            running(false);
        });
    }

    /** Opens with the work of a link, else the draft, else the first example; judges it after the first paint. */
    async open(): Promise<void> {
        this.#safe = location.hash === "#safe" || wasRunning();
        const kept = this.views.sharedWork() ?? draft();
        this.#examples(EXAMPLES);
        const first = workOf(EXAMPLES[0]!);
        this.load(kept ?? first);
        const { description, vocabulary, optional } = await this.engine.ready;
        // A module that was compiled with rules of somebody's own is opened with those.
        const own = (JSON.parse(description) as Description).rules.some((rule) => !first.documents.some(({ name }) => rule.document?.endsWith(name)));
        if (!kept && own) this.load({ ...first, documents: [], files: [] });
        this.vocabulary.fill(vocabulary);
        this.views.started(description, optional);
        const idle = globalThis.requestIdleCallback ?? ((later: () => void) => setTimeout(later, 500));
        idle(() => {
            void Promise.allSettled([packExamples().then((pack) => this.#examples([...EXAMPLES, ...pack])), this.views.prepare()]).then(
                () => (document.documentElement.dataset.ready = ""),
            );
        });
    }

    #examples(examples: Example[]): void {
        const select = byId<HTMLSelectElement>("examples");
        const groups = Map.groupBy(examples, (example) => example.group);
        select.replaceChildren(
            h("option", { text: "Load an example…", attributes: { value: "" } }),
            ...[...groups].map(([label, list]) =>
                h("optgroup", { attributes: { label } }, ...list.map((one) => h("option", { text: one.title, attributes: { value: examples.indexOf(one) } }))),
            ),
        );
        select.onchange = () => {
            const example = examples[Number(select.value)];
            select.value = "";
            if (!example) return;
            const before = structuredClone(this.work);
            this.load(workOf(example));
            toast(`Loaded “${example.title}”.`, { text: "Undo", run: () => this.load(before) });
        };
    }

    /** Other work, from its start. */
    load(work: Work): void {
        this.work = work;
        this.record = 0;
        this.#records.open(work.records, "json");
        this.#recordPositions = new Positions(work.records);
        this.openDocument(work.active);
        this.changed();
    }

    /** Shows a rule document in the editor. */
    openDocument(index: number): void {
        const { documents } = this.work;
        this.work.active = Math.max(0, Math.min(index, documents.length - 1));
        const document = documents[this.work.active];
        this.#rule.open(document?.text ?? "", kindOf(document?.text ?? ""));
        this.documents.show();
        this.#decorate();
        // What people come for is the query, which stands below all that describes the rule.
        const query = /^(query\s*=|detection\s*:)/m.exec(document?.text ?? "");
        if (query) this.#rule.reveal(query.index);
    }

    get active() {
        return this.work.documents[this.work.active];
    }

    #ruleChanged(text: string): void {
        if (!this.active) this.work.documents.push({ name: kindOf(text) === "yaml" ? "rule.yml" : "rule.toml", text });
        this.active!.text = text;
        this.views.rulesChanged();
        this.#rule.language = kindOf(text);
        this.changed();
    }

    #recordsChanged(text: string): void {
        this.work.records = text;
        this.#recordPositions = new Positions(text);
        this.changed();
    }

    /** Text for the records' editor, as another action than typing. */
    setRecords(text: string): void {
        this.#records.open(text, "json");
        this.record = 0;
        this.#recordsChanged(text);
        this.pane("records");
    }

    /** The work has changed: it is kept, then judged. */
    changed(): void {
        clearTimeout(this.#draft);
        const keep = () => keepDraft(this.work);
        if (this.work.records.length < MOST_KEPT_AT_ONCE) keep();
        else this.#draft = setTimeout(keep, 250);
        this.#chosen = undefined;
        this.evaluate();
    }

    evaluate(): void {
        this.documents.show();
        byId("run").hidden = !this.#safe;
        if (this.#safe) {
            byId("verdict").textContent = "Nothing has run: a safe start. Change what froze the page, then run it.";
            return;
        }
        const records = encoder.encode(this.work.records);
        if (records.length > MOST_TYPED) {
            byId("verdict").textContent = `The records are larger than what is judged while typing; open them as a file.`;
            return;
        }
        running(true);
        const { documents, format, tests, files } = this.work;
        this.engine.evaluate({ documents, records, format, tests, files });
    }

    #answered(outcome: Outcome): void {
        running(false);
        if ("failure" in outcome) {
            byId("verdict").textContent = outcome.tooLong ? `Not judged: ${outcome.failure}. Typing goes on; the next change is judged anew.` : `Not judged: ${outcome.failure}`;
            byId("view").classList.add("stale");
            return;
        }
        this.evaluation = outcome.evaluation;
        byId("view").classList.remove("stale");
        this.record = Math.max(0, Math.min(this.record, outcome.evaluation.summary.records - 1));
        this.refresh();
    }

    /** Shows the last evaluation. */
    refresh(): void {
        const { evaluation } = this;
        if (!evaluation) return;
        this.documents.show();
        byId("verdict").replaceChildren(...verdictOf(evaluation));
        const { records } = evaluation.summary;
        byId("which").textContent = records === 0 ? "no record" : `record ${this.record + 1} of ${records.toLocaleString("en")}`;
        byId<HTMLButtonElement>("previous").disabled = this.record <= 0;
        byId<HTMLButtonElement>("next").disabled = this.record >= records - 1;
        const found = evaluation.diagnostics.filter((diagnostic) => diagnostic.document === this.active?.name);
        showDiagnostics(this.#rule.view, found);
        showProblems(byId("problems"), evaluation.diagnostics, (diagnostic) => {
            const index = this.work.documents.findIndex((document) => document.name === diagnostic.document);
            if (index >= 0 && index !== this.work.active) this.openDocument(index);
            this.refresh();
            this.#rule.goTo(new Positions(this.#rule.text).ofLineColumn(diagnostic.line, diagnostic.column));
        });
        this.views.show(evaluation);
        this.#decorate();
    }

    goToRecord(index: number): void {
        const records = this.evaluation?.summary.records ?? 0;
        this.record = Math.max(0, Math.min(index, records - 1));
        this.#chosen = undefined;
        this.refresh();
        const start = this.#startOf(this.record);
        if (start !== undefined) this.#records.reveal(this.#recordPositions.ofByte(start));
    }

    /** Where a record begins, as a byte of the batch; in older modules, the first byte that any rule reads of it. */
    #startOf(record: number): number | undefined {
        let least: number | undefined;
        for (const frames of Object.values(this.evaluation?.explanations ?? {})) {
            const explanation = frames.find((frame) => frame.record === record)?.explanation;
            if (!explanation) continue;
            if (explanation.start !== undefined) return explanation.origin ?? explanation.start;
            for (const { values } of explanation.nodes) {
                for (const { offset } of values ?? []) if (offset !== null && (least === undefined || offset < least)) least = offset;
            }
        }
        return least;
    }

    /** The caret is in the records: its record is the chosen one, and its clauses are marked. */
    #recordCaret(position: number): void {
        const { text } = this.#recordPositions;
        const lineEnd = text.indexOf("\n", position);
        const byte = this.#recordPositions.toByte(lineEnd < 0 ? text.length : lineEnd);
        const total = this.evaluation?.summary.records ?? 0;
        let record = 0;
        for (let index = 0; index < total; index++) {
            const start = this.#startOf(index);
            if (start !== undefined && start <= byte) record = index;
        }
        if (record !== this.record) {
            this.record = record;
            this.refresh();
        }
        this.#chosen = undefined;
        const hits = this.views.why.markReaders((value, explanation) =>
            rangesOf(value, explanation.origin, this.#recordPositions).some(({ from, to }) => from <= position && position <= to),
        );
        if (hits > 0 && this.views.active !== "why") this.views.open("why");
    }

    /** A clause was chosen in the tree: its text and what it reads are marked. */
    choose(chosen: Chosen | undefined): void {
        this.#chosen = chosen;
        if (chosen) {
            const index = this.work.documents.findIndex((document) => document.name === chosen.rule.document);
            if (index >= 0 && index !== this.work.active) {
                this.openDocument(index);
                this.refreshDiagnostics();
            }
        }
        this.#decorate();
        if (!chosen) return;
        const clause = clauseMark(chosen.clause, chosen.explanation, new Positions(this.#rule.text));
        if (clause) this.#rule.reveal(clause.from);
        const [value] = valueMarks([chosen.clause], chosen.explanation, this.#recordPositions);
        if (value) this.#records.reveal(value.from);
    }

    /** The text of the chosen record, as it stands among the records. */
    recordText(): string | undefined {
        const frames = Object.values(this.evaluation?.explanations ?? {}).flatMap((list) => list.filter((frame) => frame.record === this.record));
        const explanation = frames[0]?.explanation;
        if (!explanation) return undefined;
        if (this.evaluation?.summary.records === 1 && !explanation.origin) return this.work.records;
        if (explanation.start === undefined || explanation.end === undefined || explanation.origin) return undefined;
        const { text } = this.#recordPositions;
        return text.slice(this.#recordPositions.ofByte(explanation.start), this.#recordPositions.ofByte(explanation.end));
    }

    /** Shows a line of a rule or of its tests. */
    goToLine(document: string, line: number): void {
        const index = this.work.documents.findIndex(({ name }) => name === document);
        if (index < 0) return;
        if (index !== this.work.active) this.openDocument(index);
        this.pane("rules");
        this.#rule.goTo(new Positions(this.#rule.text).ofLineColumn(line, 1));
    }

    /** Marks a value of the chosen record, or what it is worked out from. */
    markValue(value: NodeValue, origin: number | null): void {
        const ranges = rangesOf(value, origin, this.#recordPositions);
        showMarks(this.#records.view, ranges.map((range) => ({ ...range, kind: "true" as const })));
        if (ranges[0]) this.#records.reveal(ranges[0].from);
    }

    refreshDiagnostics(): void {
        const found = this.evaluation?.diagnostics.filter((diagnostic) => diagnostic.document === this.active?.name);
        showDiagnostics(this.#rule.view, found ?? []);
    }

    /** Marks in both editors: the chosen clause, else all clauses by their truth and all that they read. */
    #decorate(): void {
        const rule = new Positions(this.#rule.text);
        if (this.#chosen) {
            const { clause, explanation } = this.#chosen;
            const mark = clauseMark(clause, explanation, rule);
            showMarks(this.#rule.view, mark ? [mark] : []);
            showMarks(this.#records.view, valueMarks([clause], explanation, this.#recordPositions));
            return;
        }
        const explanations = (this.evaluation?.rules ?? []).flatMap((described) => {
            const frame = this.evaluation?.explanations[described.id]?.find((frame) => frame.record === this.record);
            return frame ? [{ described, explanation: frame.explanation }] : [];
        });
        const here = explanations.filter(({ described }) => described.document === this.active?.name);
        showMarks(this.#rule.view, here.flatMap(({ explanation }) => clauseMarks(explanation, rule)));
        const read = explanations.flatMap(({ explanation }) => valueMarks(explanation.nodes, explanation, this.#recordPositions, "read"));
        showMarks(this.#records.view, read);
    }

    addDocument(name: string, text = NEW_RULE): void {
        this.work.documents.push({ name, text });
        this.openDocument(this.work.documents.length - 1);
        this.pane("rules");
        this.changed();
    }

    /** Shows a pane where only one has room. */
    pane(id: "rules" | "records" | "result"): void {
        byId("panes").dataset.pane = id;
        this.#phone.set(
            [
                { id: "rules", text: "Rules" },
                { id: "records", text: "Records" },
                { id: "result", text: "Result" },
            ],
            id,
        );
    }
}

export function workOf(example: Example): Work {
    const documents = example.documents.map((document) => ({ ...document }));
    return { documents, active: 0, records: example.records, tests: example.tests ?? [], files: example.files ?? [], format: "json" };
}

function verdictOf(evaluation: Evaluation): (Node | string)[] {
    const took = h("span", { class: "took", text: ` · ${evaluation.took < 10 ? evaluation.took.toFixed(1) : Math.round(evaluation.took)} ms` });
    if (evaluation.failure) return [`Not judged: ${evaluation.failure}`];
    const { records, matches, errors } = evaluation.summary;
    const parts = [matches === 0 ? "No alert" : count(matches, "alert"), count(evaluation.rules.length, "rule"), count(records, "record")];
    if (errors > 0) parts.push(`${errors.toLocaleString("en")} not read`);
    const broken = evaluation.diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
    if (broken > 0) parts.push(`${count(broken, "error")} in rules`);
    return [parts.join(" · "), took];
}
