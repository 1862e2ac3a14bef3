//! In: a predicate. Out: literals of which any record that satisfies it must hold at least one, if that
//! can be told.
//!
//! A clause needs a literal if its field is a value of the record as it stands there, and its test asks
//! for a text.

use super::Operand;
use super::kql::decimal::Decimal;
use super::kql::literal::Literal as KqlLiteral;
use super::needs::needs;
use super::predicate::{Clause, Predicate};
use super::sigma::matcher::Matcher;
use super::test::Test;
use crate::event::fields::{Fields, Raw};
use crate::pattern::{Case, Pattern};
use crate::record::sample::Literal;

/// Percent of a literal's pieces that may be common without making it worse than another.
const COMMON: u8 = 20;

/// Bytes of a literal that is long enough.
const LONG: usize = 10;

/// The literals of which any record must hold one that satisfies the predicate.
pub(crate) fn required(predicate: &Predicate, fields: &Fields) -> Option<Vec<Literal>> {
    // What is easiest to look for: unlike what stands in every record, not too short, and few of them.
    let cost = |needs: &[Literal]| {
        let common = needs.iter().map(Literal::commonness).max().unwrap_or(0);
        let shortest = needs.iter().map(|literal| literal.text().len()).min().unwrap_or(LONG);
        (usize::from(common / COMMON) + 2 * LONG.saturating_sub(shortest), needs.len())
    };
    needs(predicate, |clause| of_clause(clause, fields), cost)
}

fn of_clause(clause: &Clause, fields: &Fields) -> Option<Vec<Literal>> {
    let Operand::Field(id) = clause.operand else { return None };
    // What is worked out, or the same in every record, needn't stand there.
    let Raw::Slot(_) = fields.get(id)?.raw else { return None };
    match &clause.test {
        Test::Text(pattern) => Some(vec![of_pattern(pattern, Literal::of)?]),
        Test::OneOf(patterns) => of_patterns(patterns),
        Test::Shown(pattern) => Some(vec![of_shown(pattern)?]),
        Test::In(texts) => {
            let exact = texts.exact().iter().map(|text| Literal::of(text, Case::Sensitive));
            let exact: Option<Vec<Literal>> = exact.collect();
            Some([exact?, of_patterns(texts.patterns())?].concat())
        }
        Test::Kql(KqlLiteral::Values(values)) => {
            let exact = values.texts().iter().map(|text| match Decimal::parse(text) {
                // Numbers compare by value.
                Some(_) => None,
                None => Literal::of(text, Case::Sensitive),
            });
            let exact: Option<Vec<Literal>> = exact.collect();
            Some([exact?, of_patterns(values.patterns())?].concat())
        }
        Test::Sigma(Matcher::Values(values)) => {
            let case = if values.is_cased() { Case::Sensitive } else { Case::Insensitive };
            if values.has_numbers() {
                return None;
            }
            let exact = values.texts().iter().map(|text| of_shown_exactly(text, case));
            let patterns = values
                .patterns()
                .iter()
                .map(|pattern| of_pattern(pattern, |text, _| Literal::of_shown(text, case)));
            exact.chain(patterns).collect()
        }
        _ => None,
    }
}

fn of_patterns(patterns: &[Pattern]) -> Option<Vec<Literal>> {
    patterns.iter().map(|pattern| of_pattern(pattern, Literal::of)).collect()
}

fn of_shown(pattern: &Pattern) -> Option<Literal> {
    match pattern.literal() {
        Some(text) => of_shown_exactly(text, pattern.case()),
        None => of_pattern(pattern, Literal::of_shown),
    }
}

/// What shows as a text that doesn't begin like a map or an array is neither.
fn of_shown_exactly(text: &str, case: Case) -> Option<Literal> {
    let literal = if text.starts_with(['{', '[']) { Literal::of_shown } else { Literal::of };
    literal(text, case)
}

fn of_pattern(
    pattern: &Pattern,
    literal: impl Fn(&str, Case) -> Option<Literal>,
) -> Option<Literal> {
    let found = pattern.texts().filter_map(|text| literal(text, pattern.case()));
    found.max_by_key(|literal| literal.text().len())
}
