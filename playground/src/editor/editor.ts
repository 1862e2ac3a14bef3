// CodeMirror in a shadow root: there it uses constructed style sheets, which the page's policy allows, and no
// style of the page reaches it.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
    drawSelection,
    EditorView,
    highlightActiveLine,
    highlightSpecialChars,
    keymap,
    lineNumbers,
    placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { json, toml, yaml } from "./languages.ts";
import { marks } from "./marks.ts";

const LANGUAGES = { json, toml, yaml };
export type Language = keyof typeof LANGUAGES;

/** Colours are the page's variables, so a change of theme needs nothing here. */
const colours = HighlightStyle.define([
    { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
    { tag: tags.string, color: "var(--code-string)" },
    { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
    { tag: [tags.number, tags.atom], color: "var(--code-number)" },
    { tag: tags.propertyName, color: "var(--code-field)" },
    { tag: tags.definition(tags.variableName), color: "var(--code-key)" },
    { tag: tags.heading, color: "var(--code-heading)", fontWeight: "600" },
    { tag: tags.function(tags.variableName), color: "var(--code-function)" },
    { tag: [tags.operator, tags.punctuation], color: "var(--text-soft)" },
]);

const look = EditorView.theme({
    "&": { height: "100%", fontSize: "var(--code-size)", color: "var(--text)", backgroundColor: "transparent" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overflow: "auto" },
    ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
    ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
    ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--text-faint)", border: "none" },
    ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 10px", minWidth: "42px" },
    ".cm-activeLine": { backgroundColor: "var(--line)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
        background: "var(--selection) !important",
    },
    ".cm-matchingBracket": { backgroundColor: "var(--selection) !important", color: "inherit !important" },
    ".cm-selectionMatch": { backgroundColor: "var(--line)" },
    ".cm-placeholder": { color: "var(--text-faint)" },
    ".cm-specialChar": { color: "var(--bad)" },
    ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--border)" },
    ".cm-textfield": { backgroundColor: "var(--ground)", color: "var(--text)", border: "1px solid var(--border-strong)" },
    ".cm-button": { backgroundImage: "none", backgroundColor: "var(--sunken)", color: "var(--text)", border: "1px solid var(--border-strong)" },
    ".cm-searchMatch": { backgroundColor: "var(--mark-missing)" },
    ".cm-tooltip": {
        backgroundColor: "var(--raised)",
        color: "var(--text)",
        border: "1px solid var(--border-strong)",
        borderRadius: "8px",
        boxShadow: "var(--shadow)",
        maxWidth: "min(480px, 90vw)",
    },
    ".cm-tooltip-autocomplete ul li": { padding: "3px 8px" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
    ".cm-completionDetail": { color: "var(--text-soft)", fontStyle: "normal", marginLeft: "1em" },
    "li[aria-selected] .cm-completionDetail": { color: "var(--on-accent)" },
    ".cm-completionInfo": { padding: "6px 10px", lineHeight: "1.45" },
    ".cm-hover": { padding: "8px 12px", lineHeight: "1.45", fontSize: "13px" },
    ".cm-hover strong": { fontFamily: "var(--mono)", display: "block" },
    ".cm-hover .soft": { color: "var(--text-soft)", display: "block" },
    ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--bad)", whiteSpace: "pre-wrap" },
    ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
    ".cm-diagnostic-info": { borderLeftColor: "var(--accent)" },
    ".cm-diagnostic .hint": { display: "block", color: "var(--text-soft)" },
    ".cm-diagnostic .code": { color: "var(--text-soft)", fontFamily: "var(--mono)", fontSize: "12px" },
    ".cm-lintRange-error": {
        backgroundImage: "none",
        textDecoration: "underline wavy var(--bad) 1px",
        textUnderlineOffset: "3px",
    },
    ".cm-lintRange-warning": {
        backgroundImage: "none",
        textDecoration: "underline wavy var(--warn) 1px",
        textUnderlineOffset: "3px",
    },
    ".cm-mark-true": { backgroundColor: "var(--mark-true)", boxShadow: "inset 0 -2px var(--good)", borderRadius: "2px" },
    ".cm-mark-false": { backgroundColor: "var(--mark-false)", boxShadow: "inset 0 -2px var(--bad)", borderRadius: "2px" },
    ".cm-mark-missing, .cm-mark-undecided": { backgroundColor: "var(--mark-missing)", boxShadow: "inset 0 -2px var(--warn)", borderRadius: "2px" },
    ".cm-mark-read": { boxShadow: "inset 0 -1px var(--border-strong)" },
});

interface Options {
    parent: HTMLElement;
    label: string;
    language: Language;
    wrap?: boolean;
    readOnly?: boolean;
    hint?: string;
    extensions?: Extension;
    changed?: (text: string) => void;
    /** The caret has moved, by the user. */
    moved?: (position: number) => void;
}

export class Editor {
    readonly view: EditorView;
    readonly #language = new Compartment();
    readonly #options: Options;
    #kind: Language;
    /** Whether a change comes from the page itself. */
    #setting = false;

    constructor(options: Options) {
        this.#options = options;
        this.#kind = options.language;
        const root = options.parent.attachShadow({ mode: "open" });
        this.view = new EditorView({ root, parent: root, state: this.#state("") });
    }

    #state(text: string): EditorState {
        const { label, wrap, readOnly, hint, extensions, changed, moved } = this.#options;
        return EditorState.create({
            doc: text,
            extensions: [
                // Only a line feed ends a line, so that no byte of a record changes by being shown.
                EditorState.lineSeparator.of("\n"),
                lineNumbers(),
                lintGutter(),
                highlightSpecialChars(),
                highlightActiveLine(),
                highlightSelectionMatches(),
                history(),
                drawSelection(),
                indentOnInput(),
                bracketMatching(),
                closeBrackets(),
                search({ top: true }),
                wrap ? EditorView.lineWrapping : [],
                readOnly ? EditorState.readOnly.of(true) : [],
                hint ? placeholder(hint) : [],
                extensions ?? [],
                keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap]),
                this.#language.of(LANGUAGES[this.#kind]),
                syntaxHighlighting(colours),
                marks,
                look,
                EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
                EditorView.updateListener.of((update) => {
                    if (this.#setting) return;
                    if (update.docChanged) changed?.(update.state.doc.toString());
                    else if (update.selectionSet && update.view.hasFocus) moved?.(update.state.selection.main.head);
                }),
            ],
        });
    }

    get text(): string {
        return this.view.state.doc.toString();
    }

    /** Another document: nothing of the former one can be undone into it. */
    open(text: string, language: Language): void {
        this.#kind = language;
        this.#setting = true;
        this.view.setState(this.#state(text));
        this.#setting = false;
    }

    /** The same document with another text, which can be undone. */
    replace(text: string): void {
        if (text === this.text) return;
        this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    }

    set language(language: Language) {
        if (language === this.#kind) return;
        this.#kind = language;
        this.view.dispatch({ effects: this.#language.reconfigure(LANGUAGES[language]) });
    }

    /** Moves the caret there and shows it. */
    goTo(from: number, to = from, focus = true): void {
        const end = this.view.state.doc.length;
        const selection = { anchor: Math.min(from, end), head: Math.min(to, end) };
        this.#setting = true;
        this.view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
        this.#setting = false;
        if (focus) this.view.focus();
    }

    /** Shows a place without moving the caret. */
    reveal(position: number): void {
        const end = this.view.state.doc.length;
        this.view.dispatch({ effects: EditorView.scrollIntoView(Math.min(position, end), { y: "center" }) });
    }
}
