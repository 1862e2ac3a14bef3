// The module's diagnostics in, underlined ranges of the editor out.
import { type Diagnostic as Shown, setDiagnostics } from "@codemirror/lint";
import type { EditorView } from "@codemirror/view";
import type { Diagnostic } from "../engine/types.ts";
import { Positions } from "../positions.ts";
import { h } from "../ui/dom.ts";

const SEVERITIES = { error: "error", warning: "warning", refused: "info" } as const;

/** The range of a diagnostic; at least one character where the line has one. */
export function rangeOf(found: Diagnostic, positions: Positions): { from: number; to: number } {
    const from = positions.ofLineColumn(found.line, found.column);
    const to = positions.ofLineColumn(found.end_line, found.end_column);
    if (to > from) return { from, to };
    const { text } = positions;
    if (from < text.length && text[from] !== "\n") return { from, to: positions.ofByte(positions.toByte(from) + 1) || from + 1 };
    return from > 0 && text[from - 1] !== "\n" ? { from: from - 1, to: from } : { from, to: from };
}

export function showDiagnostics(view: EditorView, found: Diagnostic[]): void {
    const positions = new Positions(view.state.doc.toString());
    const shown = found.map((diagnostic): Shown => {
        const { from, to } = rangeOf(diagnostic, positions);
        return {
            from,
            to: Math.max(from, to),
            severity: SEVERITIES[diagnostic.severity],
            message: diagnostic.message,
            renderMessage: () =>
                h(
                    "span",
                    {},
                    diagnostic.message,
                    diagnostic.hint && h("span", { class: "hint", text: diagnostic.hint }),
                    " ",
                    h("span", { class: "code", text: diagnostic.code }),
                ),
        };
    });
    view.dispatch(setDiagnostics(view.state, shown));
}
