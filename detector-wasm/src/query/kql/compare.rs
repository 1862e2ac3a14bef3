//! In: the values of a clause and the type of its field. Out: the tests of which one must pass.

use super::field::Type;
use super::instant::{instant, is_date_math};
use super::intervals::Intervals;
use super::lints::{self, shorten};
use super::literal::{Bound, Literal, Range, Values};
use super::word::Word;
use super::words::{Words, parts};
use crate::event::mapping::FieldType;
use crate::pattern::{Case, Pattern};
use crate::query::decimal::Decimal;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::network::{Network, address};
use crate::query::notice::Notice;
use crate::query::order::Order;
use crate::query::test::Test;

/// How many patterns are tried one after the other before a table pays.
const FEW: usize = 16;

/// How a clause names its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By its name.
    Exact,
    /// By a pattern, or among all: values that can't be compared with some field's are passed over.
    Wildcard,
    /// Not at all.
    None,
}

/// The tests of a field being one of the values; none if none of them can be.
pub(super) fn equality(
    words: &[Word],
    kind: Type,
    naming: Naming,
    sink: &mut DiagnosticSink,
) -> Vec<Test> {
    let (patterns, plain): (Vec<&Word>, Vec<&Word>) =
        words.iter().filter(|word| !word.is_null()).partition(|word| word.plain().is_none());
    if let Type::Known(FieldType::Text) = kind {
        let all = plain.into_iter().chain(patterns).map(Words::new);
        return vec![Test::Kql(Literal::Words(all.collect()))];
    }
    let mut tests = Vec::new();
    let mut texts = Vec::new();
    match kind {
        Type::Known(FieldType::Date) => {
            let dates = known(&plain, "a date", naming, sink, instant);
            if !dates.is_empty() {
                tests.push(Test::Kql(Literal::Instants(Intervals::new(dates))));
            }
        }
        Type::Known(FieldType::Ip) => {
            let expected = "an IP address or a network such as `10.0.0.0/8`";
            let network = |text: &str| Network::parse(text).map(|net| (net.first, net.last));
            let networks = known(&plain, expected, naming, sink, network);
            if !networks.is_empty() {
                tests.push(Test::Kql(Literal::Addresses(Intervals::new(networks))));
            }
        }
        Type::Known(FieldType::Boolean) => {
            let truth = |text: &str| matches!(text, "true" | "false").then(|| text.into());
            texts = known(&plain, "`true` or `false`", naming, sink, truth);
        }
        Type::Known(FieldType::Number) => {
            let number = |text: &str| Decimal::parse(text).map(|_| text.into());
            texts = known(&plain, "a number", naming, sink, number);
        }
        Type::Known(FieldType::Keyword | FieldType::Text) | Type::Flattened | Type::Unknown => {
            texts = plain.iter().filter_map(|word| word.plain()).map(Into::into).collect();
        }
    }
    if naming == Naming::Exact
        && let (
            Type::Known(FieldType::Date | FieldType::Ip | FieldType::Boolean | FieldType::Number),
            Some(word),
        ) = (kind, patterns.first())
    {
        sink.add(
            Notice::warning(
                "kql-wildcard-on-typed-field",
                word.span.clone(),
                "Elasticsearch refuses wildcards on this field, which holds no text",
            )
            .hint("here the value's text is compared; name the values or use a range"),
        );
    }
    // Without a field, and on leaves that Kibana doesn't know, it leaves the value to `query_string`.
    let splits = kind == Type::Flattened || naming == Naming::None;
    let patterns = patterns.into_iter().flat_map(|word| match splits {
        true => {
            let parts = parts(&word.pieces);
            if parts.len() > 1 && naming != Naming::Wildcard {
                sink.add(lints::split_value(word, parts.len()));
            }
            parts.iter().map(|part| Pattern::new(part, Case::Sensitive)).collect()
        }
        false => vec![word.pattern()],
    });
    tests.extend(texts_or_patterns(texts, patterns.collect(), kind));
    tests
}

/// The test of exact texts and patterns, in the simplest form that there is.
fn texts_or_patterns(texts: Vec<String>, mut patterns: Vec<Pattern>, kind: Type) -> Option<Test> {
    if texts.is_empty() && patterns.is_empty() {
        return None;
    }
    let number = texts.iter().any(|text| Decimal::parse(text).is_some());
    if !number && texts.len() + patterns.len() <= FEW {
        patterns.extend(texts.iter().map(|text| Pattern::exact(text, Case::Sensitive)));
        return Some(match patterns.pop() {
            Some(only) if patterns.is_empty() => Test::Text(only),
            last => {
                patterns.extend(last);
                Test::OneOf(patterns)
            }
        });
    }
    let reads_numbers = kind == Type::Known(FieldType::Number);
    Some(Test::Kql(Literal::Values(Values::new(texts, patterns, reads_numbers))))
}

/// The values that can be compared with a field's; says which can't.
fn known<T>(
    words: &[&Word],
    expected: &str,
    naming: Naming,
    sink: &mut DiagnosticSink,
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for word in words {
        let text = word.plain().unwrap_or_default();
        match read(text) {
            Some(value) => found.push(value),
            None if naming == Naming::Exact => sink.add(mismatch(word, expected)),
            None => {}
        }
    }
    found
}

fn mismatch(word: &Word, expected: &str) -> Notice {
    let text = word.shown();
    if is_date_math(&text) && expected == "a date" {
        return Notice::error(
            "kql-date-math",
            word.span.clone(),
            format!("expected a date, found the date math `{}`", shorten(&text)),
        )
        .hint(
            "records are judged without a clock: write the date itself, or leave the time to the \
             rule's schedule",
        );
    }
    Notice::warning(
        "kql-value-of-wrong-type",
        word.span.clone(),
        format!("expected {expected}, found `{}`: this never matches", shorten(&text)),
    )
}

/// The test of a field standing in an order relation; nothing if no value can.
pub(super) fn range(
    order: Order,
    word: &Word,
    kind: Type,
    naming: Naming,
    sink: &mut DiagnosticSink,
) -> Option<Test> {
    let text = word.shown();
    let wrong = |sink: &mut DiagnosticSink, expected: &str| {
        if naming == Naming::Exact {
            sink.add(mismatch(word, expected));
        }
    };
    let bound = match kind {
        Type::Known(FieldType::Date) => match instant(&text) {
            Some((first, last)) => Bound::Instant(first, last),
            None => {
                wrong(sink, "a date");
                return None;
            }
        },
        Type::Known(FieldType::Ip) => match address(&text) {
            Some(address) => Bound::Address(address),
            None => {
                wrong(sink, "an IP address");
                return None;
            }
        },
        Type::Known(FieldType::Number) => match Decimal::parse(&text) {
            Some(number) => Bound::Number(number),
            None => {
                wrong(sink, "a number");
                return None;
            }
        },
        Type::Known(FieldType::Text) => Bound::Word(text.into()),
        Type::Unknown => match Decimal::parse(&text) {
            Some(number) => Bound::Either(number, text.into()),
            None => Bound::Text(text.into()),
        },
        Type::Known(FieldType::Keyword | FieldType::Boolean) | Type::Flattened => {
            Bound::Text(text.into())
        }
    };
    Some(Test::Range(Range { order, bound }))
}
