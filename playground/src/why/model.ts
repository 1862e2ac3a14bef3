// An explanation's list of nodes in, a tree out; and what decided, in words.
import type { ExplainedNode, Explanation, NodeValue } from "../engine/types.ts";

export type Truth = "true" | "false" | "missing" | "undecided";

export interface Clause extends ExplainedNode {
    children: Clause[];
    verdict: Truth;
}

/** A clause without a value to look at says so; what it decides follows from its language. */
export function verdictOf(node: ExplainedNode): Truth {
    if (node.undecided) return "undecided";
    if (node.kind === "clause" && node.missing && !node.truth) return "missing";
    return node.truth ? "true" : "false";
}

/** The trees of a list in which a node stands before those that it joins. There is one root in each explanation;
 * without recursion, as the depth is the author's of the rule. */
export function treeOf(nodes: ExplainedNode[]): Clause[] {
    const roots: Clause[] = [];
    const open: Clause[] = [];
    for (const node of nodes) {
        const clause: Clause = { ...node, children: [], verdict: verdictOf(node) };
        open.length = Math.min(open.length, node.depth);
        const parent = open.at(-1);
        (parent ? parent.children : roots).push(clause);
        open.push(clause);
    }
    return roots;
}

const NAMES: Record<string, string> = { kuery: "KQL", logpresso: "Logpresso", sigma: "Sigma", lucene: "Lucene", eql: "EQL" };

/** The language of a rule, as its users say. */
export function languageName(language: string): string {
    return NAMES[language] ?? language;
}

/** The clauses that make a query not select: the false parts of "all of", every part of "any of". */
export function decidingClauses(roots: Clause[]): Clause[] {
    const found: Clause[] = [];
    const waiting: { clause: Clause; wanted: boolean }[] = roots.map((clause) => ({ clause, wanted: false }));
    while (waiting.length > 0) {
        const { clause, wanted } = waiting.shift()!;
        if (clause.truth !== wanted) continue;
        if (clause.kind === "clause") found.push(clause);
        const inside = clause.kind === "not" ? !wanted : wanted;
        for (const child of clause.children) waiting.push({ clause: child, wanted: inside });
    }
    return found;
}

/** A value in the words of JSON, cut to what fits a line. */
export function valueText(value: NodeValue, most = 80): string {
    const text = typeof value.value === "string" ? JSON.stringify(value.value) : (JSON.stringify(value.value) ?? "null");
    return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** What a clause looks at holds, in words. */
export function holds(clause: Clause): string {
    const what = clause.field ?? "the value";
    const values = clause.values ?? [];
    if (clause.missing || values.length === 0) return `the record has no ${what}`;
    const shown = values.slice(0, 3).map((value) => valueText(value, 48));
    const more = values.length > 3 ? ` and ${values.length - 3} more` : "";
    return `${what} is ${shown.join(", ")}${more}`;
}

interface Side {
    title: string;
    explanation: Explanation;
}

/** Why two rules that look at one record differ; nothing if they don't. */
export function difference(sides: Side[]): string | undefined {
    const yes = sides.find((side) => fires(side.explanation));
    const no = sides.find((side) => !fires(side.explanation));
    if (!yes || !no) return undefined;
    return `${no.title} raises no alert: ${reason(no.explanation)}. ${yes.title} does: ${asks(yes.explanation)}.`;
}

export function fires(explanation: Explanation): boolean {
    return explanation.selects && !explanation.excepted && !explanation.elsewhere && !explanation.untrusted;
}

function reason(explanation: Explanation): string {
    if (explanation.selects && explanation.excepted) return "one of its exceptions holds the alert back";
    if (explanation.undecided) return "it takes more steps than a rule may";
    if (explanation.untrusted) return "its log source is CloudTrail, and the record’s sender isn’t AWS";
    if (explanation.elsewhere) return "its log source isn’t the record’s";
    const [first, ...others] = decidingClauses(treeOf(explanation.nodes));
    if (!first) return "its query isn’t satisfied";
    const rest = others.length > 0 ? ` (and ${others.length === 1 ? "one more clause fails" : `${others.length} more clauses fail`})` : "";
    const text = clauseText(first);
    return `it asks for ${text}, and ${first.truth ? "that holds where it must not" : holds(first)}${rest}`;
}

function asks(explanation: Explanation): string {
    const fields = new Set(explanation.nodes.flatMap((node) => (node.field ? [node.field] : [])));
    const names = [...fields];
    if (names.length === 0) return "every clause of it holds";
    const shown = names.slice(0, 4).join(", ") + (names.length > 4 ? ` and ${names.length - 4} more` : "");
    return `it asks only about ${shown}, and that holds`;
}

/** What a node that isn't a clause says: how it joins others, or that it holds for every record or none. */
export function joinText(node: { kind: ExplainedNode["kind"]; truth?: boolean }): string {
    if (node.kind === "constant") return node.truth === false ? "no record" : "every record";
    return { all: "all of", any: "any of", not: "not", clause: "" }[node.kind] ?? node.kind;
}

/** A clause's own words on one line. */
export function clauseText(node: { text?: string }, most = 120): string {
    const text = (node.text ?? "").replace(/\s+/g, " ").trim();
    return text.length > most ? `${text.slice(0, most)}…` : text;
}
