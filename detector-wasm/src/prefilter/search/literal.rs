//! In: a text that a value must hold. Out: the part of it that can be looked for in a record's bytes.

use super::common::{commonness, is_common, rarest_part};
use super::escape;
use crate::pattern::{Case, Part};
use crate::source::SOURCE;

/// The shortest literal, in bytes: shorter ones are everywhere.
const SHORTEST: usize = 5;

/// The longest, in bytes; what is longer is cut.
const LONGEST: usize = 32;

/// Characters that a record writes as themselves or as `\u00hh`, and in no third way, in texts inside texts
/// too.
///
/// Two of them are more than that. A quote, which only begins or ends a literal, is the one around the
/// value: of its spelling the literal has the last byte, or the first. Where letters' case doesn't count, a
/// `k` may also be the Kelvin sign, whose lower case it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    text: Box<str>,
    any_case: bool,
    /// How many percent of the pieces of the text it comes from are those of any record.
    commonness: u8,
}

impl Literal {
    /// The best part of a text that a value of a record must hold as it is.
    pub(crate) fn of(part: Part<'_>, case: Case) -> Option<Literal> {
        Literal::best_run(part, case, |c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '/'))
    }

    /// The best part of a text that must stand in what a value shows as, which may be a map's JSON: only
    /// letters stand there as they do in the record, and a first one may belong to an escape.
    pub(crate) fn of_shown(part: Part<'_>, case: Case) -> Option<Literal> {
        let mut best: Option<Literal> = None;
        for run in part.text.split(|c: char| !c.is_ascii_alphabetic()) {
            let first = run.chars().next().unwrap_or('x').to_ascii_lowercase();
            let doubtful = matches!(first, 'a'..='f' | 'n' | 'r' | 't' | 'u');
            let text = run.get(usize::from(doubtful)..).unwrap_or_default();
            let run = Part { text, first: false, last: false };
            let found = Literal::best_run(run, case, |c| c.is_ascii_alphabetic());
            best = best.into_iter().chain(found).max_by_key(|literal| literal.text.len());
        }
        best
    }

    /// Of the runs of characters that are allowed the one with the most pieces that are rare.
    fn best_run(part: Part<'_>, case: Case, allowed: fn(char) -> bool) -> Option<Literal> {
        let any_case = case == Case::Insensitive;
        let quoted = !is_bare(part.text);
        let quote = |stands: bool| if stands && quoted { "\"" } else { "" };
        let runs = part.text.split(|c: char| !allowed(c));
        let last = runs.clone().count().saturating_sub(1);
        let spelled = runs.enumerate().map(|(at, run)| {
            let (first, last) = (part.first && at == 0, part.last && at == last);
            // A dotted capital's lower case is an `i`, behind which a combining dot follows.
            let run = if any_case && !last { run.trim_end_matches(['i', 'I']) } else { run };
            [quote(first), run, quote(last)].concat()
        });
        let rare =
            |text: &String| text.as_bytes().windows(4).filter(|piece| !is_common(piece)).count();
        let best = spelled.max_by_key(rare)?;
        let commonness = if best.trim_end_matches('"').ends_with(SOURCE.service_suffix) {
            100
        } else {
            commonness(&best)
        };
        let (_, best) = rarest_part(&best, LONGEST);
        let text = if any_case { best.to_ascii_lowercase() } else { best.to_owned() };
        (best.len() >= SHORTEST && !is_number(best)).then(|| Literal {
            text: text.into(),
            any_case,
            commonness,
        })
    }

    /// The characters, all of them ASCII; in lower case if letters' case doesn't count.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How letters are compared.
    pub(crate) fn any_case(&self) -> bool {
        self.any_case
    }

    /// Whether one of the characters may be written as the Kelvin sign.
    pub(super) fn may_have_kelvin(&self) -> bool {
        self.any_case && self.text.contains('k')
    }

    /// How many percent of the pieces of the text that the literal comes from are those of any record.
    pub(crate) fn commonness(&self) -> u8 {
        self.commonness
    }

    /// The part of so many bytes whose pieces are the least common, and where it begins.
    pub(super) fn rarest_part(&self, length: usize) -> (usize, Literal) {
        let (from, text) = rarest_part(&self.text, length);
        (from, Literal { text: text.into(), ..*self })
    }

    /// Whether the literal may stand in a text so that its own byte number `piece` is at a position:
    /// spelled as it is, at least until a character that is written in another way.
    pub(super) fn may_stand(&self, text: &[u8], at: usize, piece: usize) -> bool {
        let own = self.text.as_bytes();
        let (before, behind) = own.split_at_checked(piece).unwrap_or_default();
        let (left, right) = text.split_at_checked(at).unwrap_or_default();
        let stops = |own: &u8, other: &u8| !self.same(*own, *other);
        let back = before.iter().rev().zip(left.iter().rev());
        let matched = back.take_while(|(own, other)| !stops(own, other)).count();
        if matched < before.len() && !escape::ends(text, at.saturating_sub(matched)) {
            return false;
        }
        let ahead = behind.iter().zip(right);
        let matched = ahead.take_while(|(own, other)| !stops(own, other)).count();
        match behind.get(matched..) {
            None | Some([]) => true,
            // In a text inside a text an escape ends the value.
            Some(b"\"") => right.get(matched) == Some(&b'\\'),
            Some(_) => escape::begins(text, at + matched),
        }
    }

    fn same(&self, own: u8, other: u8) -> bool {
        own == if self.any_case { other.to_ascii_lowercase() } else { other }
    }
}

/// Whether a text may be a part of what isn't written as a string: then it has no quotes around it.
fn is_bare(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    is_number(&text) || ["true", "false", "null", "nan"].iter().any(|bare| bare.contains(&text))
}

/// Whether a text may be a part of a number. They may be written in several ways, and one of them as a
/// word.
fn is_number(text: &str) -> bool {
    let is_word = text.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
    !is_word || "-infinity".contains(&text.to_ascii_lowercase())
}
