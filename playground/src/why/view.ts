// One card a rule: whether it raises an alert on the chosen record, and its clause tree.
import type { DescribedRule, Evaluation, Explanation, NodeValue } from "../engine/types.ts";
import { count, h } from "../ui/dom.ts";
import { type Clause, difference, fires, languageName, treeOf } from "./model.ts";
import { ClauseTree } from "./tree.ts";

/** More trees than these on one page help nobody; the rule in the editor is among them. */
const MOST_CARDS = 12;

export interface Chosen {
    rule: DescribedRule;
    clause: Clause;
    explanation: Explanation;
}

export interface WhyOptions {
    chosen: (chosen: Chosen | undefined) => void;
    derivation: (field: string) => string | undefined;
}

export class WhyView {
    readonly element = h("div", { class: "why" });
    readonly #options: WhyOptions;
    #trees: { tree: ClauseTree; explanation: Explanation; rule: DescribedRule }[] = [];

    constructor(options: WhyOptions) {
        this.#options = options;
    }

    /** Shows why, for a record by its index. */
    show(evaluation: Evaluation, record: number, active: string | undefined): void {
        this.#trees = [];
        if (evaluation.rules.length === 0) {
            const broken = evaluation.diagnostics.length > 0;
            this.element.replaceChildren(
                empty(
                    broken ? "No rule that can run" : "No rule yet",
                    broken ? "Each rule has an error; they are listed below the editor." : "Write one on the left, open a file, or load an example.",
                ),
            );
            return;
        }
        if (evaluation.summary.records === 0) {
            const lost = evaluation.errors.length > 0;
            this.element.replaceChildren(
                empty(lost ? "No record could be read" : "No record yet", lost ? (evaluation.errors[0]?.reason ?? "") : "Paste one, drop files or folders anywhere on the page, or load an example."),
            );
            return;
        }
        const shown = this.#sides(evaluation, record, active);
        const sides = shown.flatMap(({ rule, explanation }) => (explanation ? [{ title: titleOf(rule, evaluation.rules), explanation }] : []));
        const sentence = sides.length > 1 ? difference(sides) : undefined;
        const cards = h("div", { class: "cards" }, ...shown.map(({ rule, explanation }) => this.#card(rule, explanation, evaluation, record)));
        const left = evaluation.rules.length - shown.length;
        this.element.replaceChildren(
            ...(sentence ? [h("p", { class: "difference", text: sentence })] : []),
            cards,
            ...(left > 0 ? [h("p", { class: "note", text: `${count(left, "more rule")}: choose one on the left to see it here.` })] : []),
        );
    }

    /** The rules to show: those of the document in the editor first, if not all have room. */
    #sides(evaluation: Evaluation, record: number, active: string | undefined) {
        const rules = [...evaluation.rules];
        if (rules.length > MOST_CARDS) rules.sort((a, b) => Number(b.document === active) - Number(a.document === active));
        return rules.slice(0, MOST_CARDS).map((rule) => {
            const found = evaluation.explanations[rule.id]?.find((frame) => frame.record === record);
            return { rule, explanation: found?.explanation };
        });
    }

    #card(rule: DescribedRule, explanation: Explanation | undefined, evaluation: Evaluation, record: number): HTMLElement {
        const error = evaluation.errors.find((error) => error.record === record && (error.rule ?? rule.id) === rule.id);
        const [word, kind] = outcome(explanation, error !== undefined);
        const facts = [languageName(rule.language), `severity ${rule.severity}`, `risk ${rule.risk_score}`];
        if (explanation?.duplicates === "first") facts.push("equal keys: the first counts");
        const body = h("div", { class: "body" });
        if (explanation) {
            const tree = new ClauseTree(treeOf(explanation.nodes), {
                label: `Clauses of ${rule.name} (${languageName(rule.language)})`,
                chosen: (clause) => this.#choose(tree, clause && { rule, clause, explanation }),
                derivation: (clause) => (clause.field ? this.#options.derivation(clause.field) : undefined),
            });
            this.#trees.push({ tree, explanation, rule });
            body.append(tree.element);
        } else {
            body.append(h("p", { class: "note", text: error?.reason ?? "This record has no explanation." }));
        }
        return h(
            "article",
            { class: "card", attributes: { "data-rule": rule.id } },
            h(
                "header",
                {},
                h("h3", { text: rule.name }),
                h("span", { class: `outcome ${kind}`, text: word }),
                h("span", { class: "facts", text: facts.join(" · ") }),
            ),
            body,
        );
    }

    #choose(tree: ClauseTree, chosen: Chosen | undefined): void {
        for (const other of this.#trees) if (other.tree !== tree) other.tree.unselect();
        this.#options.chosen(chosen);
    }

    /** Marks the clauses that read a place of the record; says how many. */
    markReaders(reads: (value: NodeValue, explanation: Explanation) => boolean): number {
        let found = 0;
        for (const { tree, explanation } of this.#trees) {
            found += tree.mark((clause) => (clause.values ?? []).some((value) => reads(value, explanation)));
        }
        return found;
    }
}

function outcome(explanation: Explanation | undefined, failed: boolean): [string, string] {
    if (failed && !explanation) return ["not read", "failed"];
    if (failed) return ["undecided", "failed"];
    if (!explanation) return ["no verdict", "none"];
    if (fires(explanation)) return ["✓ alert", "alert"];
    if (explanation.selects && explanation.excepted) return ["held back by an exception", "none"];
    if (explanation.undecided) return ["undecided", "failed"];
    if (explanation.untrusted) return ["sender not trusted", "none"];
    if (explanation.elsewhere) return ["not this log source", "none"];
    return ["✕ no alert", "none"];
}

/** What to call a rule beside others: two vendors may give theirs one name. */
function titleOf(rule: DescribedRule, rules: DescribedRule[]): string {
    const same = rules.filter((other) => other.language === rule.language).length;
    const vendor = rule.language === "kuery" ? "Elastic" : languageName(rule.language);
    return same === 1 ? `${vendor}’s rule` : `“${rule.name}”`;
}

export function empty(title: string, text: string): HTMLElement {
    return h("div", { class: "empty" }, h("strong", { text: title }), text);
}
