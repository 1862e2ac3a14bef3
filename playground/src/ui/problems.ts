// The module's diagnostics as a list: what, where, and what to do.
import type { Diagnostic } from "../engine/types.ts";
import { button, h } from "./dom.ts";

export function showProblems(box: HTMLElement, found: Diagnostic[], jump: (diagnostic: Diagnostic) => void): void {
    box.hidden = found.length === 0;
    box.replaceChildren(
        ...found.slice(0, 100).map((diagnostic) =>
            button(
                "",
                () => jump(diagnostic),
                { class: "problem" },
                h("span", { class: `severity ${diagnostic.severity}`, text: diagnostic.severity }),
                h("span", { class: "message", text: diagnostic.message }),
                h("span", { class: "place", text: `${diagnostic.line}:${diagnostic.column} ${diagnostic.code}` }),
                diagnostic.hint && h("span", { class: "hint", text: diagnostic.hint }),
            ),
        ),
    );
}
