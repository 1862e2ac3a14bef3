//! Messages for queries that can't be parsed: what was expected, what was found, and what to do.

use std::ops::Range;

use super::scan::{Scanner, is_space};
use crate::query::notice::Notice;

/// What the parser was waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// A field or a value, where a clause begins.
    Clause,
    /// A value after `:`, or a group; `star` if the field is `*`.
    Value { star: bool },
    /// A value in a list.
    ListedValue,
    /// A value after `<` and the like.
    Bound,
}

/// The error of a word that isn't there.
pub(super) fn missing(scanner: &Scanner<'_>, awaited: Awaited) -> Notice {
    let before = scanner.before().trim_end_matches(is_space);
    let found = Found::of(scanner);
    if let (Some(opener), Some(closer @ (')' | '}'))) = (before.chars().next_back(), scanner.peek())
        && matches!((opener, closer), ('(', ')') | ('{', '}'))
    {
        let span = before.len() - 1..scanner.at() + 1;
        let what = match awaited {
            Awaited::ListedValue => "a value",
            _ => "a clause",
        };
        return Notice::error(
            "kql-empty-group",
            span,
            format!("expected {what} between `{opener}` and `{closer}`, found nothing"),
        )
        .hint("remove the group, or say what it should match");
    }
    let expected = match awaited {
        Awaited::Clause => "a field or a value",
        Awaited::Value { .. } => "a value, `(` or `{` after `:`",
        Awaited::ListedValue => "a value",
        Awaited::Bound => "a value after the comparison",
    };
    let notice = Notice::error(
        "kql-syntax",
        found.span.clone(),
        format!("expected {expected}, found {}", found.name),
    );
    match (awaited, scanner.peek()) {
        (Awaited::Value { .. }, _) if starts_not(scanner) => {
            notice.hint("write `not field:value`, or `field:(not value)`")
        }
        (Awaited::Value { .. }, Some('<' | '>')) => {
            notice.hint("a comparison has no colon: `field > value`")
        }
        (Awaited::Value { star: true }, _) => {
            notice.hint("`*:*` matches everything; `*:value` looks in every field")
        }
        (Awaited::Value { .. }, None) => {
            notice.hint("to ask whether the field exists, write `field:*`")
        }
        (Awaited::Bound, Some('(')) => notice.hint("a comparison takes one value"),
        (Awaited::Bound, Some('<' | '>')) => {
            notice.hint("the comparisons are `<`, `<=`, `>` and `>=`")
        }
        (_, Some(')' | '}')) if !ends_with_operator(before) => {
            notice.hint("there is no group to close here: remove it, or open one before")
        }
        (_, None | Some(')' | '}')) => notice.hint("an operand is missing here"),
        (_, Some(':' | '<' | '>')) => {
            notice.hint("a field's name stands before it; quote a value that contains the sign")
        }
        (_, Some('{')) => notice.hint("an object is written `field:{ ... }`"),
        _ => notice,
    }
}

/// The error of a second `not` right after a `not`.
pub(super) fn double_not(span: Range<usize>) -> Notice {
    Notice::error("kql-double-not", span, "expected an operand after `not`, found `not`")
        .hint("two of them cancel out: remove both, or write `not (not ...)`")
}

/// The error of a group that the query's end leaves open.
pub(super) fn unclosed(sign: Range<usize>, opener: char, closer: char) -> Notice {
    Notice::error(
        "kql-unclosed-group",
        sign,
        format!("expected `{closer}` for this `{opener}`, found the end of the query"),
    )
    .hint(format!("close the group with `{closer}`"))
}

/// The error of something that can't follow an operand. `at` is where the operand ends, `closer` the
/// sign that would close the group, and whether that is a list of values.
pub(super) fn after_operand(
    scanner: &Scanner<'_>,
    at: usize,
    closer: Option<(char, bool)>,
) -> Notice {
    let found = Found::of(scanner);
    let expected = match closer {
        None => "`and`, `or` or the end of the query".to_owned(),
        Some((closer, _)) => format!("`and`, `or` or `{closer}`"),
    };
    let message = format!("expected {expected}, found {}", found.name);
    if starts_not(scanner) && scanner.before().chars().next_back().is_some_and(|c| !is_space(c)) {
        return Notice::error("kql-not-inside-word", found.span, message)
            .hint("`not` and a blank are a keyword even at the end of a word: quote the value");
    }
    if let (None, Some(sign @ (')' | '}'))) = (closer, scanner.peek()) {
        return Notice::error("kql-unopened-group", found.span, message)
            .hint(format!("there is no group to close here: remove `{sign}`, or open one before"));
    }
    let notice = Notice::error("kql-syntax", found.span, message);
    let before = scanner.before().get(..at).unwrap_or_default();
    let glued = before.len() == scanner.at();
    match scanner.peek() {
        _ if starts_not(scanner) => notice.hint("join the two with `and not` or `or not`"),
        _ if glued && let Some(word) = first_word(scanner) => {
            notice.hint(format!("put a blank before `{word}`"))
        }
        Some(':' | '{') if matches!(closer, Some((_, true))) => notice
            .hint("a list after `field:` holds values only; quote a value that contains the sign"),
        Some(':') if let Some(sign) = foreign_conjunction(before) => {
            notice.hint(format!("`{sign}` is no operator; those are `and`, `or`, `not`"))
        }
        Some(':') => notice.hint(
            "a value that contains `:` is quoted, or the sign written `\\:`; \
             if a new clause begins here, `and` or `or` is missing before it",
        ),
        Some('"') if ends_in_equals(before) => {
            notice.hint("fields are compared with `:`, not with `=`")
        }
        Some('(') => match last_word(before) {
            Some(word) => notice.hint(format!("put a blank between `{word}` and `(`")),
            None => notice.hint("`and` or `or` is missing before the group; or quote the value"),
        },
        Some('<' | '>' | '{' | '}') => notice.hint("quote a value that contains the sign"),
        Some(')') => notice.hint("close the group with `}` first"),
        _ if glued => notice.hint("quote the whole value; inside quotes a quote is `\\\"`"),
        _ => notice.hint("join the two with `and` or `or`"),
    }
}

/// What stands at the scanner's position, for a message.
struct Found {
    name: String,
    span: Range<usize>,
}

impl Found {
    fn of(scanner: &Scanner<'_>) -> Found {
        let at = scanner.at();
        let rest = scanner.rest();
        let Some(first) = rest.chars().next() else {
            return Found { name: "the end of the query".to_owned(), span: at..at };
        };
        // The start of a word is enough to find it.
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).take(24).collect();
        let text = if word.is_empty() { first.to_string() } else { word };
        Found { span: at..at + text.len(), name: format!("`{text}`") }
    }
}

fn starts_not(scanner: &Scanner<'_>) -> bool {
    let mut ahead = scanner.clone();
    ahead.not()
}

fn ends_with_operator(before: &str) -> bool {
    let last = before.rsplit(|c: char| is_space(c) || "():<>{}".contains(c)).next();
    let keyword = |word: &str| ["and", "or", "not"].iter().any(|k| word.eq_ignore_ascii_case(k));
    last.is_some_and(keyword) || before.ends_with([':', '<', '>', '=', '(', '{'])
}

/// Another language's conjunction in the word that was read last.
fn foreign_conjunction(before: &str) -> Option<&'static str> {
    let word = before.rsplit(['(', ')', ':', '"', '{', '}']).next().unwrap_or_default();
    ["&&", "||"].into_iter().find(|sign| word.contains(sign))
}

fn ends_in_equals(before: &str) -> bool {
    before.trim_end_matches(is_space).ends_with('=')
}

/// The conjunction that comes next, without the blank before it that would make it one.
fn first_word(scanner: &Scanner<'_>) -> Option<&'static str> {
    let starts = |word: &&str| {
        let rest = scanner.rest();
        rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && rest.get(word.len()..).is_some_and(|rest| rest.starts_with(is_space))
    };
    ["and", "or"].into_iter().find(starts)
}

/// The keyword that stands right before, without the blank that would make it one.
fn last_word(before: &str) -> Option<&'static str> {
    ["and", "or", "not"].into_iter().find(|word| {
        let start = before.len().saturating_sub(word.len());
        before.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(word))
    })
}
