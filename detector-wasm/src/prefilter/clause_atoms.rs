//! In: a clause. Out: atoms of which a record that satisfies it has one, and how much that says.

use std::collections::BTreeMap;

use super::atoms::{AtomKind, Atoms};
use super::near::Near;
use super::regex_literal::required_text;
use crate::event::fields::{Fields, Leaves, Raw};
use crate::event::layout::Slot;
use crate::event::vocabulary::Vocabulary;
use crate::pattern::{Case, Pattern};
use crate::query::Operand;
use crate::query::accepted::{Accepted, AcceptedTexts, Numbers};
use crate::query::expression::number::Number;
use crate::query::predicate::{Clause, Predicate};
use crate::query::regex::Regex;

/// What a clause asks of a record: without any of these it doesn't hold.
#[derive(Debug, Default, Clone)]
pub(super) struct ClauseAtoms {
    /// If the record has one of these, the clause holds, unless keys stand twice.
    pub(super) sure: Vec<u32>,
    /// If the record has one of these, the clause must be judged.
    pub(super) maybe: Vec<u32>,
}

/// Where values are asked about: slots that are one field's.
#[derive(Debug, Default)]
pub(super) struct Places {
    known: BTreeMap<Vec<Slot>, u32>,
}

impl Places {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[Slot], u32)> {
        self.known.iter().map(|(slots, place)| (slots.as_slice(), *place))
    }

    fn of(&mut self, slots: Vec<Slot>) -> u32 {
        let next = self.known.len() as u32;
        *self.known.entry(slots).or_insert(next)
    }
}

/// The place of keywords: the whole record.
pub(super) const RECORD: u32 = u32::MAX;

/// Reads clauses.
pub(super) struct Reader<'r> {
    pub(super) fields: &'r Fields,
    pub(super) atoms: &'r mut Atoms,
    pub(super) places: &'r mut Places,
}

/// The field that a clause asks about.
#[derive(Clone, Copy)]
struct AskedField {
    number: u32,
    /// Whether what is found here is exactly what the clause sees.
    exact: bool,
}

impl Reader<'_> {
    /// What a clause asks for, if that is known.
    pub(super) fn read(&mut self, predicate: &Predicate, clause: &Clause) -> Option<ClauseAtoms> {
        let id = match &clause.operand {
            Operand::Field(id) => *id,
            Operand::Named(id) => {
                let names = predicate.names(*id)?;
                let all = names.own && names.fields.is_empty() && names.roots.is_empty();
                return if all { self.keywords(clause.test.accepted()) } else { None };
            }
            Operand::Expression(_) | Operand::Member(_) => return None,
        };
        let field = self.fields.get(id)?;
        let Raw::Slot(slot) = field.raw else { return None };
        let mut slots = field.direct.clone();
        slots.push(slot);
        crate::sort::sort_and_dedup(&mut slots);
        let exact =
            slots.len() == 1 && field.vocabulary == Vocabulary::Raw && field.leaves == Leaves::None;
        let place = AskedField { number: self.places.of(slots), exact };
        let present = self.atoms.add(place.number, AtomKind::Present, b"");
        let by_presence = ClauseAtoms { sure: Vec::new(), maybe: vec![present] };
        match clause.test.accepted() {
            Accepted::Unknown => None,
            Accepted::Present if exact => {
                Some(ClauseAtoms { sure: vec![present], maybe: Vec::new() })
            }
            Accepted::Texts(texts) if field.leaves != Leaves::All => {
                Some(self.texts(place, &texts).unwrap_or(by_presence))
            }
            Accepted::Regexes(regexes) if field.leaves != Leaves::All => {
                Some(self.regexes(place, regexes))
            }
            _ => Some(by_presence),
        }
    }

    /// The texts that pass, or what they have in them. `None` if numbers pass that can't be listed.
    fn texts(&mut self, place: AskedField, texts: &AcceptedTexts<'_>) -> Option<ClauseAtoms> {
        let numbers = match texts.numbers {
            Numbers::AsTexts => &[],
            Numbers::EqualTexts => return None,
            Numbers::Also(numbers) => numbers,
        };
        let mut found = ClauseAtoms::default();
        for text in texts.exact {
            self.exact(place, text, texts.folded, &mut found);
        }
        for pattern in texts.patterns {
            self.pattern(place, pattern, texts.case_of(pattern), &mut found);
        }
        for number in numbers {
            let near = Near::of(Number::parse(&number.to_string())?);
            found.maybe.push(self.atoms.add(place.number, AtomKind::Number, &near.bytes()));
        }
        Some(found)
    }

    fn exact(&mut self, place: AskedField, text: &str, any_case: bool, found: &mut ClauseAtoms) {
        let lower = text.to_lowercase();
        let atom = self.atoms.add(place.number, AtomKind::Exact, lower.as_bytes());
        // What an object shows as is looked up too, which not every test does.
        let sure = place.exact && any_case && !text.starts_with(['{', '[']);
        if sure { found.sure.push(atom) } else { found.maybe.push(atom) }
    }

    fn pattern(
        &mut self,
        place: AskedField,
        pattern: &Pattern,
        case: Case,
        found: &mut ClauseAtoms,
    ) {
        let any_case = case == Case::Insensitive;
        if let Some(text) = pattern.literal() {
            self.exact(place, text, any_case, found);
            return;
        }
        let only = pattern.only_part();
        let Some(part) = only.or_else(|| pattern.longest_part()) else {
            found.maybe.push(self.atoms.add(place.number, AtomKind::Present, b""));
            return;
        };
        let kind = match (part.first, part.last) {
            (true, _) => AtomKind::Start,
            (_, true) => AtomKind::End,
            _ => AtomKind::Inside,
        };
        let (text, kind) = match ascii_only(part.text, any_case) {
            Some(text) if text.len() == part.text.len() => (text, kind),
            // A part of the part may stand anywhere.
            Some(text) => (text, AtomKind::Inside),
            None => ("", AtomKind::Present),
        };
        let whole = text.len() == part.text.len();
        let atom = self.atoms.add(place.number, kind, text.to_ascii_lowercase().as_bytes());
        let sure =
            place.exact && any_case && only.is_some() && whole && !text.starts_with(['{', '[']);
        if sure { found.sure.push(atom) } else { found.maybe.push(atom) }
    }

    fn regexes(&mut self, place: AskedField, regexes: &[Regex]) -> ClauseAtoms {
        let mut found = ClauseAtoms::default();
        for regex in regexes {
            let (kind, text) = match required_text(regex.engine().as_str()) {
                Some(text) => (AtomKind::Inside, text),
                None => (AtomKind::Present, String::new()),
            };
            found.maybe.push(self.atoms.add(place.number, kind, text.as_bytes()));
        }
        found
    }

    /// Texts that any value may have in it.
    fn keywords(&mut self, accepted: Accepted<'_>) -> Option<ClauseAtoms> {
        let mut found = ClauseAtoms::default();
        match accepted {
            Accepted::Texts(texts) if texts.exact.is_empty() && texts.has_texts_alone() => {
                for pattern in texts.patterns {
                    self.keyword(pattern, texts.case_of(pattern), &mut found)?;
                }
            }
            Accepted::Regexes(regexes) => {
                for regex in regexes {
                    let text = required_text(regex.engine().as_str())?;
                    found.maybe.push(self.atoms.add(RECORD, AtomKind::Keyword, text.as_bytes()));
                }
            }
            _ => return None,
        }
        Some(found)
    }

    fn keyword(&mut self, pattern: &Pattern, case: Case, found: &mut ClauseAtoms) -> Option<()> {
        let any_case = case == Case::Insensitive;
        let only = pattern.only_part().filter(|part| !part.first && !part.last);
        let part = only.or_else(|| pattern.longest_part())?;
        let text = ascii_only(part.text, any_case)?;
        let atom = self.atoms.add(RECORD, AtomKind::Keyword, text.to_ascii_lowercase().as_bytes());
        let sure = any_case && only.is_some();
        if sure {
            found.sure.push(atom)
        } else {
            found.maybe.push(atom)
        }
        Some(())
    }
}

/// The text as it stands in the lower case of a value that has it: all of it where letters' case doesn't count, since
/// it is compared with just that; else its longest piece of ASCII, whose lower case doesn't depend on what is around it.
fn ascii_only(text: &str, any_case: bool) -> Option<&str> {
    if any_case || text.is_ascii() {
        return Some(text).filter(|text| !text.is_empty());
    }
    let pieces = text.split(|c: char| !c.is_ascii());
    pieces.max_by_key(|piece| piece.len()).filter(|piece| !piece.is_empty())
}

/// The longest piece of a keyword whose characters a record writes as themselves or as `\u00hh`, without an `i` at its
/// end, which may be what lower case makes of a dotted capital.
pub(super) fn keyword_piece(text: &str) -> Option<&str> {
    let pieces = text.split(|c: char| !matches!(c, ' '..='~') || matches!(c, '"' | '\\' | '/'));
    let longest =
        pieces.map(|piece| piece.trim_end_matches('i')).max_by_key(|piece| piece.len())?;
    (!longest.is_empty()).then_some(longest)
}
