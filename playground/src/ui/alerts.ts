// The alerts as lines: what the command prints for the same rules and records.
import type { Evaluation, Format } from "../engine/types.ts";
import { languageName } from "../why/model.ts";
import { empty } from "../why/view.ts";
import { button, count, download, h } from "./dom.ts";
import { toast } from "./toast.ts";

const FORMATS: [Format, string][] = [
    ["json", "Tocsin’s JSON"],
    ["text", "Text"],
    ["ecs", "ECS"],
    ["ocsf", "OCSF"],
];

/** More are counted; the many-records view has them in a table. */
const MOST = 200;

export function alertsView(evaluation: Evaluation, format: Format, chosen: (format: Format) => void, jump: (record: number) => void): HTMLElement {
    const select = h(
        "select",
        {
            attributes: { "aria-label": "Format of alerts" },
            on: { change: () => chosen(select.value as Format) },
        },
        ...FORMATS.map(([value, text]) => h("option", { text, attributes: { value, selected: value === format } })),
    );
    const all = () => evaluation.alerts.map((alert) => `${alert.line}\n`).join("");
    const tools = h(
        "div",
        { class: "bar-of-view" },
        select,
        button("Copy", () => void copy(all()), { attributes: { disabled: evaluation.alerts.length === 0 } }),
        button("Save", () => download(format === "text" ? "alerts.txt" : "alerts.ndjson", [all()], "application/x-ndjson"), {
            attributes: { disabled: evaluation.alerts.length === 0 },
        }),
        h("span", { class: "note", text: `as “tocsin scan --format ${format}” prints them` }),
    );
    const view = h("div", {}, tools);
    const { records, matches } = evaluation.summary;
    if (evaluation.alerts.length === 0) view.append(noAlert(evaluation));
    const cards = evaluation.alerts.slice(0, MOST).map((alert) => {
        const rule = evaluation.rules.find((rule) => rule.id === alert.rule);
        return h(
            "article",
            { class: "card alert" },
            h(
                "header",
                {},
                h("h3", { text: rule?.name ?? alert.rule }),
                button(`record ${alert.record + 1} of ${records}`, () => jump(alert.record), { class: "quiet" }),
                h("span", { class: "facts", text: `${languageName(rule?.language ?? "")} · ${alert.rule}` }),
            ),
            message(alert.line, format),
            h("pre", { class: "alert-line", text: alert.line, attributes: { tabindex: 0 } }),
        );
    });
    view.append(h("div", { class: "cards one" }, ...cards));
    if (matches > MOST) view.append(h("p", { class: "note", text: `${count(matches - MOST, "more alert")} in “Copy” and “Save”.` }));
    if (evaluation.errors.length > 0) view.append(errorsOf(evaluation, jump));
    return view;
}

/** What an alert says to a person, above the line that programs read. */
function message(line: string, format: Format): HTMLElement | null {
    if (format !== "json") return null;
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === "string" ? h("p", { class: "alert-message", text: message }) : null;
}

/** Why there is none, in words: that is a result, too. */
export function noAlert(evaluation: Evaluation): HTMLElement {
    const { rules, summary } = evaluation;
    if (rules.length === 0) return empty("No alert", "There is no rule that can run.");
    if (summary.records === 0) return empty("No alert", "There is no record to judge.");
    const untrusted = summary.untrusted ? ` ${count(summary.untrusted, "record")} came in an envelope whose sender isn’t AWS, and no rule for CloudTrail judged ${summary.untrusted === 1 ? "it" : "them"}.` : "";
    const which = rules.length === 1 ? "The rule selects none" : `None of the ${rules.length} rules selects any`;
    return empty("No alert", `${which} of ${count(summary.records, "record")}.${untrusted} “Why” shows which clause decides.`);
}

function errorsOf(evaluation: Evaluation, jump: (record: number) => void): HTMLElement {
    const lines = evaluation.errors.slice(0, MOST).map((error) =>
        h(
            "li",
            {},
            button(`record ${error.record + 1}`, () => jump(error.record), { class: "quiet" }),
            ` byte ${error.offset.toLocaleString("en")}: ${error.reason}`,
        ),
    );
    return h("section", { class: "errors" }, h("h3", { text: `${count(evaluation.summary.errors, "record")} not read` }), h("ul", {}, ...lines));
}

export async function copy(text: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        toast("Copied.");
    } catch {
        toast("The browser doesn’t let this page copy; select the text instead.");
    }
}
