// From clauses to places: in the rule's document, and in the text of the records.
import type { Mark } from "../editor/marks.ts";
import type { Explanation, ExplainedNode, NodeValue, ValuePlace } from "../engine/types.ts";
import { ofByteInString, type Positions } from "../positions.ts";
import { valueEnd } from "../records/token.ts";
import { verdictOf } from "./model.ts";

/** Where a clause stands in its document; nothing if that can't be told. */
export function clauseMark(node: ExplainedNode, explanation: Explanation, document: Positions): Mark | undefined {
    const kind = verdictOf(node);
    if (node.place) {
        const [from, to] = [document.ofByte(node.place.start), document.ofByte(node.place.end)];
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

interface Range {
    from: number;
    to: number;
}

/** The range of a value in the text of the records; nothing if that can't be told. */
export function valueRange(place: ValuePlace, value: unknown, origin: number | null | undefined, records: Positions): Range | undefined {
    const { offset, length } = place;
    if (offset === null) return undefined;
    if (origin !== null && origin !== undefined) {
        if (length === undefined) return undefined;
        const start = records.ofByte(origin);
        if (records.text[start] !== '"') return undefined;
        return { from: ofByteInString(records.text, start, offset), to: ofByteInString(records.text, start, offset + length) };
    }
    const from = records.ofByte(offset);
    if (length !== undefined) return { from, to: records.ofByte(offset + length) };
    // Modules that don't say how long it is don't say in which text it stands either: what is there must fit.
    const to = valueEnd(records.text, from);
    try {
        const parsed: unknown = JSON.parse(records.text.slice(from, to));
        const same = typeof parsed === "object" || parsed === value || String(parsed) === String(value);
        return same ? { from, to } : undefined;
    } catch {
        return undefined;
    }
}

/** The ranges of a value: its own, or those of what it is worked out from. */
export function rangesOf(value: NodeValue, origin: number | null | undefined, records: Positions): Range[] {
    const places: [ValuePlace, unknown][] = value.offset === null ? (value.from ?? []).map((from) => [from, undefined]) : [[value, value.value]];
    return places.flatMap(([place, content]) => valueRange(place, content, origin, records) ?? []);
}

/** What an explanation's clauses read. */
export function valueMarks(nodes: ExplainedNode[], explanation: Explanation, records: Positions, kind?: Mark["kind"]): Mark[] {
    return nodes.flatMap((node) =>
        (node.values ?? []).flatMap((value) => rangesOf(value, explanation.origin, records).map((range) => ({ ...range, kind: kind ?? verdictOf(node) }))),
    );
}
