// From clauses to places: in the rule's document, and in the text of the records.
import type { Mark } from "../editor/marks.ts";
import type { Explanation, ExplainedNode } from "../engine/types.ts";
import type { Positions } from "../positions.ts";
import { valueEnd } from "../records/token.ts";
import { verdictOf } from "./model.ts";

/** Where a clause stands in its document; nothing if that can't be told. */
export function clauseMark(node: ExplainedNode, explanation: Explanation, document: Positions): Mark | undefined {
    const kind = verdictOf(node);
    if (node.place) {
        const from = document.ofLineColumn(node.place.line, node.place.column);
        const to = document.ofLineColumn(node.place.end_line, node.place.end_column);
        return { from, to, kind };
    }
    if (node.start === undefined || node.end === undefined) return undefined;
    // A query in quotes without escapes, and a block of YAML, stand in the document as they are.
    const query = explanation.query.trimEnd();
    const at = query ? document.text.indexOf(query) : -1;
    if (at < 0 || document.text.indexOf(query, at + 1) >= 0) return undefined;
    const begin = document.toByte(at);
    return { from: document.ofByte(begin + node.start), to: document.ofByte(begin + node.end), kind };
}

/** All clauses of an explanation, as their document shows them. */
export function clauseMarks(explanation: Explanation, document: Positions): Mark[] {
    return explanation.nodes.flatMap((node) => {
        const mark = node.kind === "clause" ? clauseMark(node, explanation, document) : undefined;
        return mark ? [mark] : [];
    });
}

/** The range of a value that begins at a byte of the records; nothing if another text stands there, as when a
 * record is a text inside another. */
export function valueRange(offset: number, value: unknown, records: Positions): { from: number; to: number } | undefined {
    const from = records.ofByte(offset);
    const to = valueEnd(records.text, from);
    const found = records.text.slice(from, to);
    try {
        const parsed: unknown = JSON.parse(found);
        const same = typeof parsed === "object" || parsed === value || String(parsed) === String(value);
        return same ? { from, to } : undefined;
    } catch {
        return undefined;
    }
}

/** What an explanation's clauses read. */
export function valueMarks(nodes: ExplainedNode[], records: Positions, kind?: Mark["kind"]): Mark[] {
    return nodes.flatMap((node) =>
        (node.values ?? []).flatMap((value) => {
            const range = value.offset === null ? undefined : valueRange(value.offset, value.value, records);
            return range ? [{ ...range, kind: kind ?? verdictOf(node) }] : [];
        }),
    );
}
