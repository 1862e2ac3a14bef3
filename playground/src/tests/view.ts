// The rules' own tests, judged with every change; and the record at hand as another one.
import type { App } from "../app.ts";
import type { TestResult, TestRun } from "../engine/types.ts";
import { testsName } from "../engine/names.ts";
import { kindOf } from "../editor/languages.ts";
import { button, count, h } from "../ui/dom.ts";
import { toast } from "../ui/toast.ts";
import { fires } from "../why/model.ts";
import { empty } from "../why/view.ts";

export class TestsView {
    readonly element = h("div", { class: "tests" });
    readonly #app: App;

    constructor(app: App) {
        this.#app = app;
    }

    show(runs: TestRun[] | undefined): void {
        const save = h(
            "div",
            { class: "bar-of-view" },
            button("Save this record as a test", () => this.#save(), { class: "primary", attributes: { disabled: this.#verdict() === undefined } }),
            h("span", { class: "note", text: "with the verdict that the rule in the editor has now" }),
        );
        if (runs === undefined) {
            this.element.replaceChildren(save, empty("This module runs no tests", "It is older than tests in pages; `tocsin test` runs them."));
            return;
        }
        const shown = runs.filter((run) => run.tests.length > 0 || run.diagnostics.length > 0);
        const none = shown.length === 0 ? [empty("No test yet", "Save a record as one, or write [[test]] into the rule’s file.")] : [];
        this.element.replaceChildren(save, ...none, ...shown.map((run) => this.#run(run)));
    }

    #run(run: TestRun): HTMLElement {
        const failed = run.tests.filter((test) => !test.passed).length;
        const word = failed > 0 ? `✕ ${failed} of ${run.tests.length} fail` : `✓ ${count(run.tests.length, "test")} pass${run.tests.length === 1 ? "es" : ""}`;
        return h(
            "section",
            { class: "card test-run" },
            h("header", {}, h("h3", { text: run.document }), h("span", { class: `outcome ${failed > 0 ? "failed" : "alert"}`, text: word })),
            h("ul", { class: "body" }, ...run.diagnostics.map((found) => h("li", { class: "note bad", text: `${found.document}:${found.line}:${found.column} ${found.message}` })), ...run.tests.map((test) => this.#test(test))),
        );
    }

    #test(test: TestResult): HTMLElement {
        const verdict = h("span", { class: `truth ${test.passed ? "true" : "false"}` }, h("span", { class: "shape", text: test.passed ? "✓" : "✕", attributes: { "aria-hidden": "true" } }), h("span", { class: "word", text: test.passed ? "passes" : "fails" }));
        return h(
            "li",
            { class: "test" },
            h("div", { class: "row" }, verdict, button(test.name, () => this.#app.goToLine(test.document, test.line), { class: "quiet name" })),
            ...test.differences.map((difference) => h("pre", { class: "diff" }, ...difference.message.split("\n").map((line) => h("span", { class: kindOfLine(line), text: `${line}\n` })))),
        );
    }

    /** Whether the rule in the editor raises an alert on the record at hand. */
    #verdict(): boolean | undefined {
        const { evaluation, record, active } = this.#app;
        const rule = evaluation?.rules.find((rule) => rule.document === active?.name);
        const explanation = rule && evaluation?.explanations[rule.id]?.find((frame) => frame.record === record)?.explanation;
        return explanation && fires(explanation);
    }

    #save(): void {
        const matches = this.#verdict();
        const text = this.#app.recordText();
        const { active, work } = this.#app;
        if (matches === undefined || text === undefined || !active) return;
        const before = structuredClone(work);
        const block = testBlock(matches ? "a record that raises an alert" : "a record that raises none", matches, text);
        if (kindOf(active.text) === "toml") active.text = `${active.text.trimEnd()}\n\n${block}`;
        else {
            const name = testsName(active.name);
            const beside = work.tests.find((document) => document.name === name);
            if (beside) beside.text = `${beside.text.trimEnd()}\n\n${block}`;
            else work.tests.push({ name, text: block });
        }
        this.#app.openDocument(work.active);
        this.#app.changed();
        toast("Saved as a test; give it a name that says what it shows.", { text: "Undo", run: () => this.#app.load(before) });
    }
}

/** A test in TOML. */
export function testBlock(name: string, matches: boolean, record: string): string {
    const plain = !record.includes("'''") && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\r]/.test(record);
    const text = plain ? `'''\n${record.trim()}\n'''` : JSON.stringify(record).replaceAll("\u007f", "\\u007f");
    return `[[test]]\nname = ${JSON.stringify(name)}\nmatches = ${matches}\nrecord = ${text}\n`;
}

function kindOfLine(line: string): string {
    if (/^\s*- /.test(line)) return "expected";
    return /^\s*\+ /.test(line) ? "actual" : "context";
}
