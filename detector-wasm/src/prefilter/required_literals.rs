//! In: a predicate. Out: literals of which any record that satisfies it must hold at least one, if that
//! is known.
//!
//! A clause needs a literal if its field is a value of the record as it stands there, and its test asks
//! for a text.

use super::necessary::groups;
use crate::event::fields::{Fields, Raw};
use crate::pattern::{Case, Part, Pattern};
use crate::prefilter::search::Literal;
use crate::query::Operand;
use crate::query::accepted::{Accepted, Numbers};
use crate::query::decimal::Decimal;
use crate::query::predicate::{Clause, Predicate};

/// Percent of a literal's pieces that may be common without making it worse than another.
const COMMON: u8 = 20;

/// Bytes of a literal that is long enough.
const LONG: usize = 12;

/// The literals of which any record must hold one that satisfies the predicate.
pub(crate) fn required(predicate: &Predicate, fields: &Fields) -> Option<Vec<Literal>> {
    // What is easiest to look for: unlike what stands in every record, not too short, and few of them.
    let cost = |needs: &[Literal]| {
        let common = needs.iter().map(Literal::commonness).max().unwrap_or(0);
        let shortest = needs.iter().map(|literal| literal.text().len()).min().unwrap_or(LONG);
        (usize::from(common / COMMON) + 2 * LONG.saturating_sub(shortest), needs.len())
    };
    let needed = groups(predicate, |_, clause| of_clause(clause, fields), cost, 1);
    needed.first().map(|(_, literals)| literals.to_vec())
}

fn of_clause(clause: &Clause, fields: &Fields) -> Option<Vec<Literal>> {
    let Operand::Field(id) = clause.operand else { return None };
    // What is worked out, or the same in every record, needn't stand there.
    let Raw::Slot(_) = fields.get(id)?.raw else { return None };
    let Accepted::Texts(texts) = clause.test.accepted() else { return None };
    // Numbers compare by value, however a record writes them.
    if let Numbers::Also(_) = texts.numbers {
        return None;
    }
    let by_value = matches!(texts.numbers, Numbers::EqualTexts);
    let exact = texts.exact.iter().map(|text| match by_value && Decimal::parse(text).is_some() {
        true => None,
        false if texts.shown => shown(text, text)(Part::whole(text), texts.exact_case()),
        false => Literal::of(Part::whole(text), texts.exact_case()),
    });
    let patterns = texts.patterns.iter().map(|pattern| match texts.shown {
        true => of_shown(pattern, texts.case_of(pattern)),
        false => of_pattern(pattern, Literal::of),
    });
    exact.chain(patterns).collect()
}

fn of_shown(pattern: &Pattern, case: Case) -> Option<Literal> {
    let text =
        |at_end: fn(&Part<'_>) -> bool| pattern.parts().find(at_end).map_or("", |part| part.text);
    let literal = shown(text(|part| part.first), text(|part| part.last));
    of_pattern(pattern, |part, _| literal(part, case))
}

/// How to look for a part of what shows as a text that begins and ends like this: a map or an array shows
/// as its JSON.
fn shown(begin: &str, end: &str) -> fn(Part<'_>, Case) -> Option<Literal> {
    let container = (begin.is_empty() || begin.starts_with(['{', '[']))
        && (end.is_empty() || end.ends_with(['}', ']']));
    if container { Literal::of_shown } else { Literal::of }
}

fn of_pattern(
    pattern: &Pattern,
    literal: impl Fn(Part<'_>, Case) -> Option<Literal>,
) -> Option<Literal> {
    let found = pattern.parts().filter_map(|part| literal(part, pattern.case()));
    found.max_by_key(|literal| literal.text().len())
}
