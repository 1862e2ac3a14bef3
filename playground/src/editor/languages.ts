// Highlighting. A rule file is two languages: TOML with a query inside of it, YAML with conditions. The module
// itself judges what is right; here texts only get colours, so a token at a time and a small state are enough.
import { StreamLanguage, type StringStream } from "@codemirror/language";

type Token = string | null;

const KQL = /^(and|or|not)\b/i;
const PIPE = /^(search|eval|rename|fields|parsejson|parsexml|explode|limit|sort|stats|as|and|or|not|in|true|false|null)\b/;

/** One token of a query in KQL or Logpresso's language. */
function query(stream: StringStream, pipes: boolean): Token {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^\/\/.*/) && !pipes) return "comment";
    if (stream.match(pipes ? PIPE : KQL)) return "keyword";
    if (pipes && stream.match(/^[a-z_]\w*(?=\s*\()/i)) return "variableName.function";
    if (stream.match(/^(==|!=|<=|>=|<|>|=|\|)/)) return "operator";
    if (!pipes && stream.match(/^[\w.@-]+(?=\s*(:|<|>))/)) return "propertyName";
    if (stream.match(/^-?\d+(\.\d+)?\b/)) return "number";
    if (stream.match(/^[:(),{}*]/)) return "punctuation";
    if (stream.match(/^[\w.@*-]+/)) return pipes ? "propertyName" : "string";
    stream.next();
    return null;
}

interface TomlState {
    /** What ends the string that we are in, if it goes over several lines. */
    until: "'''" | '"""' | null;
    /** Whether that string is a query. */
    query: boolean;
    pipes: boolean;
    /** The key of this line. */
    key: string;
}

/** Elastic's rule files, and the same with a query of Logpresso's. */
export const toml = StreamLanguage.define<TomlState>({
    name: "toml",
    startState: () => ({ until: null, query: false, pipes: false, key: "" }),
    token(stream, state) {
        if (state.until) {
            if (stream.match(state.until)) {
                state.until = null;
                return "string";
            }
            if (state.query) return query(stream, state.pipes);
            while (!stream.eol() && !stream.match(state.until, false)) stream.next();
            return "string";
        }
        if (stream.sol()) state.key = "";
        if (stream.eatSpace()) return null;
        if (stream.match(/^#.*/)) return "comment";
        if (!state.key && stream.match(/^\[\[?[^\]]*\]\]?/)) return "heading";
        if (!state.key && stream.match(/^[\w."'-]+(?=\s*=)/)) {
            state.key = stream.current();
            return "variableName.definition";
        }
        const open = stream.match(/^('''|""")/) as RegExpMatchArray | null;
        if (open) {
            state.until = open[0] as "'''" | '"""';
            state.query = state.key === "query";
            return "string";
        }
        const string = stream.match(/^("(?:[^"\\]|\\.)*"?|'[^']*'?)/) as RegExpMatchArray | null;
        if (string) {
            if (state.key === "language") state.pipes = /logpresso/.test(string[0]);
            return "string";
        }
        if (stream.match(/^(true|false)\b/)) return "atom";
        if (stream.match(/^[+-]?[\d][\w.:+-]*/)) return "number";
        stream.next();
        return "punctuation";
    },
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
});

/** Sigma's rules: YAML, and the condition's words. */
export const yaml = StreamLanguage.define<{ condition: boolean; block: number }>({
    name: "yaml",
    startState: () => ({ condition: false, block: -1 }),
    token(stream, state) {
        if (stream.sol()) {
            state.condition = false;
            if (state.block >= 0) {
                if (stream.indentation() > state.block || /^\s*$/.test(stream.string)) {
                    stream.skipToEnd();
                    return "string";
                }
                state.block = -1;
            }
        }
        if (stream.eatSpace()) return null;
        if (stream.match(/^#.*/)) return "comment";
        if (stream.match(/^---|^\.\.\./)) return "heading";
        if (stream.match(/^-(?=\s|$)/)) return "punctuation";
        if (stream.match(/^[\w.|'"-]+(?=\s*:(\s|$))/)) {
            state.condition = stream.current() === "condition";
            return "variableName.definition";
        }
        if (stream.eat(":")) return "punctuation";
        if (stream.match(/^[>|][+-]?\s*$/)) {
            state.block = stream.indentation();
            return "punctuation";
        }
        if (state.condition) {
            if (stream.match(/^(and|or|not|of|all|them|1)\b/i)) return "keyword";
            if (stream.match(/^[\w*]+/)) return "propertyName";
        }
        if (stream.match(/^("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)/)) return "string";
        if (stream.match(/^(true|false|null|~)\s*$/)) return "atom";
        if (stream.match(/^-?\d+(\.\d+)?\s*$/)) return "number";
        if (stream.match(/^[[\]{},]/)) return "punctuation";
        if (stream.match(/^[^\s#,\]}]+/)) return "string";
        stream.next();
        return null;
    },
    languageData: { commentTokens: { line: "#" } },
});

/** Records. */
export const json = StreamLanguage.define<object>({
    name: "json",
    startState: () => ({}),
    token(stream) {
        if (stream.eatSpace()) return null;
        if (stream.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/)) return "variableName.definition";
        if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
        if (stream.match(/^-?\d+(\.\d+)?([eE][+-]?\d+)?/)) return "number";
        if (stream.match(/^(true|false|null)\b/)) return "atom";
        stream.next();
        return "punctuation";
    },
});

/** The kinds of rule document, told by what stands in them. */
export type DocumentKind = "toml" | "yaml";

export function kindOf(text: string): DocumentKind {
    return /^\s*(title|detection|logsource|id|correlation)\s*:/m.test(text) && !/^\s*\[rule\]/m.test(text) ? "yaml" : "toml";
}
