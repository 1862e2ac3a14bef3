//! Warnings about what is valid KQL but probably not what its author means.

use std::ops::Range;

use super::scan::is_space;
use super::word::{Escaped, Word};
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;

/// On any word that stands as a value.
pub(super) fn on_value(sink: &mut DiagnosticSink, word: &Word) {
    let span = word.span.clone();
    let text = word.shown();
    if word.quoted {
        // A star alone, and a share of Windows (`\\\\*\\IPC$`), are texts that records have.
        if text.contains('*') && text != "*" && !text.starts_with("\\\\*\\") {
            sink.add(
                Notice::warning(
                    "kql-quoted-wildcard",
                    span,
                    "`*` inside quotes is a star, not a wildcard",
                )
                .hint("remove the quotes if it should match any text"),
            );
        }
        return;
    }
    if word.escaped == Escaped::Not {
        sink.add(
            Notice::warning(
                "kql-escaped-not",
                span,
                "Kibana reads `\\not` as a line break and `ot`, here it is the word `not`",
            )
            .hint("quote the value instead: then both read it alike"),
        );
    } else if let Some(word) = keyword_in(word, &text) {
        sink.add(
            Notice::warning(
                "kql-keyword-as-value",
                span,
                format!("`{word}` is part of the value here, not an operator"),
            )
            .hint("quote the value if that is meant; an operator has an operand on both sides"),
        );
    } else if text.starts_with('\'') || text.ends_with('\'') {
        sink.add(
            Notice::warning(
                "kql-single-quotes",
                span,
                "`'` is part of the value, it doesn't quote",
            )
            .hint("quote with `\"`"),
        );
    } else if text.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}']) {
        sink.add(
            Notice::warning(
                "kql-smart-quotes",
                span,
                "typographic quotes are part of the value, they don't quote",
            )
            .hint("quote with `\"`"),
        );
    } else if text.starts_with('=') {
        sink.add(
            Notice::warning(
                "kql-equals-sign",
                span,
                "`=` is part of the value, it compares nothing",
            )
            .hint("write `field:value`; the other comparisons are `<`, `<=`, `>` and `>=`"),
        );
    } else if text.contains(is_space) && word.plain().is_some() {
        let foreign = ["&&", "||"].into_iter().find(|sign| text.contains(sign));
        let notice = Notice::warning(
            "kql-unquoted-space",
            span,
            format!("the value is the whole of `{}`, blanks and all", shorten(&text)),
        );
        sink.add(match foreign {
            Some(sign) => {
                notice.hint(format!("`{sign}` is no operator; those are `and`, `or`, `not`"))
            }
            None => notice.hint("quote it if that is meant; separate values are joined with `or`"),
        });
    }
}

/// On a field's name.
pub(super) fn on_name(sink: &mut DiagnosticSink, word: &Word) {
    let text = word.shown();
    if !word.quoted
        && let Some(keyword) = keyword_in(word, &text)
    {
        sink.add(
            Notice::warning(
                "kql-keyword-as-name",
                word.span.clone(),
                format!("`{keyword}` is part of the field's name here, not an operator"),
            )
            .hint("quote the name if that is meant; an operator has an operand on both sides"),
        );
    }
}

/// On a value that stands without a field.
pub(super) fn on_bare_value(sink: &mut DiagnosticSink, word: &Word) {
    let text = word.shown();
    if !word.quoted
        && let Some((field, _)) = text.split_once('=')
        && !field.trim_end_matches(['!', '=', ' ']).contains(is_space)
    {
        sink.add(
            Notice::warning(
                "kql-equals-sign",
                word.span.clone(),
                format!("`=` compares nothing: `{}` is looked for in every field", shorten(&text)),
            )
            .hint("write `field:value`, and `not field:value` for the opposite"),
        );
        return;
    }
    on_value(sink, word);
}

/// On a value without a field right after a clause with one.
pub(super) fn on_value_without_field(sink: &mut DiagnosticSink, word: &Word, former: &Word) {
    let (value, field) = (shorten(&word.shown()), shorten(&former.shown()));
    sink.add(
        Notice::warning(
            "kql-value-without-field",
            word.span.clone(),
            format!("`{value}` is looked for in every field"),
        )
        .hint(format!("if it is meant for `{field}`, put the values in parentheses: `{field}:(... or {value})`")),
    );
}

/// On the conjunction that makes a group hold both kinds.
pub(super) fn on_mixed_conjunctions(sink: &mut DiagnosticSink, span: Range<usize>) {
    sink.add(
        Notice::warning(
            "kql-mixed-conjunctions",
            span,
            "`and` and `or` stand side by side: `and` binds tighter",
        )
        .hint("put parentheses around what belongs together"),
    );
}

/// The keyword at either end of a word, unless the word says that it isn't meant as one.
fn keyword_in<'t>(word: &Word, text: &'t str) -> Option<&'t str> {
    if word.escaped != Escaped::No {
        return None;
    }
    let words = [text.split(is_space).next(), text.rsplit(is_space).next()];
    words
        .into_iter()
        .flatten()
        .find(|word| ["and", "or", "not"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword)))
}

/// A text for a message: its beginning, if it is long.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// On a query of nothing but blanks.
pub(super) fn empty_query(text: &str) -> Notice {
    Notice::warning("kql-empty-query", 0..text.len(), "the query is empty: it matches every record")
        .hint("write `*:*` if that is meant")
}

/// On `null` as a value.
pub(super) fn null_value(word: &Word) -> Notice {
    Notice::warning(
        "kql-null-value",
        word.span.clone(),
        "`null` is the typed null, which no value equals: this never matches",
    )
    .hint("write `not field:*` for a missing field, or quote the text \"null\"")
}

/// On a wildcard in a range's bound.
pub(super) fn wildcard_in_range(word: &Word) -> Notice {
    Notice::warning(
        "kql-wildcard-in-range",
        word.span.clone(),
        "`*` in a comparison is a star, not a wildcard",
    )
}

/// On a value that falls apart into alternatives.
pub(super) fn split_value(word: &Word, parts: usize) -> Notice {
    Notice::warning(
        "kql-split-value",
        word.span.clone(),
        format!("the blanks separate {parts} alternatives here, of which one must match"),
    )
    .hint("a value with wildcards is whole only on a field that the index knows as a keyword")
}

/// On a value without a field inside an object.
pub(super) fn bare_in_object(span: &Range<usize>) -> Notice {
    Notice::warning(
        "kql-bare-value-in-object",
        span.clone(),
        "a value without a field inside `{ }` never matches",
    )
    .hint("name the object's field, or write `*:value`")
}
