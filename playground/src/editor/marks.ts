// Marked ranges of an editor's text: what a clause reads, or which clause a value decides.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

export type MarkKind = "true" | "false" | "missing" | "undecided" | "read";

export interface Mark {
    from: number;
    to: number;
    kind: MarkKind;
}

const setMarks = StateEffect.define<Mark[]>();

const decorations = Object.fromEntries(
    (["true", "false", "missing", "undecided", "read"] as const).map((kind) => [kind, Decoration.mark({ class: `cm-mark-${kind}` })]),
) as Record<MarkKind, Decoration>;

export const marks = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(set, transaction) {
        let now = set.map(transaction.changes);
        for (const effect of transaction.effects) {
            if (!effect.is(setMarks)) continue;
            const end = transaction.newDoc.length;
            const inside = effect.value.filter(({ from, to }) => from < to && to <= end);
            now = Decoration.set(
                inside.map(({ from, to, kind }) => decorations[kind].range(from, to)),
                true,
            );
        }
        return now;
    },
    provide: (field) => EditorView.decorations.from(field),
});

/** Marks these ranges and no others. */
export function show(view: EditorView, ranges: Mark[]): void {
    view.dispatch({ effects: setMarks.of(ranges) });
}
