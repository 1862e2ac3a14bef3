//! In: a record that was read, and what rules read. Out: counts of where records are from, and of those that rules can
//! make nothing of, so that neither passes for a log in which nothing happened.

use tocsin_wire::frames::{Fieldless, FromSource, Summary, Wrapped as Counted};

use crate::event::capture::Captures;
use crate::event::envelope::{Envelopes, Wrapped};
use crate::event::fields::{Fields, Raw};
use crate::event::value::Value;
use crate::rule::Rule;
use crate::rule::sources::Sources;
use crate::source::SOURCE;

/// How many keys of a record are shown, and the longest of them in bytes.
const SHOWN_KEYS: usize = 8;
const LONGEST_KEY: usize = 64;

/// What rules read by its name. Rules that look for a text anywhere read every record, and so say nothing of it.
#[derive(Debug)]
pub(crate) struct NamedFields {
    /// By slot: whether a field that is read may stand there in a record that isn't in the source's own form.
    direct: Vec<bool>,
    /// Whether a rule reads anything of the source's own records.
    of_source: bool,
}

impl NamedFields {
    pub(crate) fn new(rules: &[Rule], fields: &mut Fields, sources: &Sources) -> NamedFields {
        let (mut direct, mut of_source) = (Vec::new(), false);
        for rule in rules {
            let is_for_source = sources.admit_known(rule);
            // It asks for nothing by its name.
            of_source |= is_for_source && rule.reads.is_empty();
            for name in &rule.reads {
                let id = fields.want(rule.language.vocabulary(), name);
                let Some(field) = fields.get(id) else { continue };
                for slot in &field.direct {
                    if direct.len() <= slot.index() {
                        direct.resize(slot.index() + 1, false);
                    }
                    direct.iter_mut().skip(slot.index()).take(1).for_each(|named| *named = true);
                }
                let path = |path: &str| {
                    let top = path.split('.').next().unwrap_or_default();
                    SOURCE.sigma.top_keys.contains(&top)
                };
                of_source |= is_for_source
                    && match &field.raw {
                        Raw::Slot(slot) => path(fields.layout.path(*slot)),
                        Raw::Constant(_) | Raw::Computed(..) => true,
                        Raw::Nothing => false,
                    };
            }
        }
        NamedFields { direct, of_source }
    }

    /// Whether there is anything that a record may lack.
    fn is_empty(&self) -> bool {
        !self.direct.contains(&true)
    }

    /// Whether a record that was read has one of the fields.
    fn any_in(&self, captures: &Captures) -> bool {
        let is_named = |index: usize| self.direct.get(index) == Some(&true);
        captures.filled().iter().any(|slot| is_named(slot.index()))
    }
}

/// Counts about the records of a batch.
#[derive(Debug, Default)]
pub(super) struct Provenance {
    /// Records in the source's own form, those that were passed over among them.
    own: u32,
    /// Records in the names of a vocabulary.
    normalised: u32,
    /// Records in no known form.
    unknown: u32,
    /// Those of them whose source a key tells.
    sources: Vec<FromSource>,
    wrapped: Vec<Counted>,
    fieldless: Option<Fieldless>,
}

/// A record as it is counted.
pub(super) struct Seen<'a> {
    /// Its index in the batch.
    pub(super) index: u32,
    pub(super) captures: &'a Captures,
    pub(super) text: &'a [u8],
    /// Its bytes.
    pub(super) record: &'a [u8],
    /// Whether it has the source's own form, and whether it is normalised.
    pub(super) own: bool,
    pub(super) normalised: bool,
    /// Whether records were found in it.
    pub(super) is_envelope: bool,
}

impl Provenance {
    /// Counts a record that was read.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn count(&mut self, seen: &Seen<'_>, envelopes: &Envelopes, named: &NamedFields) {
        let known = seen.own || seen.normalised;
        let wrapped = (!seen.is_envelope)
            .then(|| envelopes.wrapped(seen.captures, seen.text, known))
            .flatten();
        if let Some(wrapped) = wrapped {
            self.wrapped(wrapped, seen.index);
        } else if seen.own {
            self.own = self.own.saturating_add(1);
        } else {
            if seen.normalised {
                self.normalised = self.normalised.saturating_add(1);
            } else {
                self.unknown = self.unknown.saturating_add(1);
                if let Some(name) = envelopes.elsewhere(seen.captures) {
                    self.of_source(name);
                }
            }
            if !named.is_empty() && !named.any_in(seen.captures) {
                let index = u64::from(seen.index);
                let new = || Fieldless { count: 0, first: index, keys: top_keys(seen.record) };
                self.fieldless.get_or_insert_with(new).count += 1;
            }
        }
    }

    /// Counts records that were passed over: they have the source's own form.
    pub(super) fn passed(&mut self, records: u32) {
        self.own = self.own.saturating_add(records);
    }

    fn of_source(&mut self, name: &str) {
        match self.sources.iter_mut().find(|known| known.source == name) {
            Some(known) => known.count += 1,
            None => self.sources.push(FromSource { source: name.to_owned(), count: 1 }),
        }
    }

    fn wrapped(&mut self, wrapped: &Wrapped, index: u32) {
        match self.wrapped.iter_mut().find(|known| known.what == wrapped.what) {
            Some(known) => known.count += 1,
            None => self.wrapped.push(Counted {
                what: wrapped.what.to_owned(),
                count: 1,
                first: index.into(),
                hint: wrapped.hint.to_owned(),
            }),
        }
    }

    /// Puts the counts into a summary.
    pub(super) fn finish(&mut self, named: &NamedFields, summary: &mut Summary) {
        summary.normalised = self.normalised.into();
        summary.unknown = self.unknown.into();
        summary.sources = std::mem::take(&mut self.sources);
        summary.wrapped = std::mem::take(&mut self.wrapped);
        summary.fieldless = self.fieldless.take();
        if !named.of_source && !named.is_empty() && self.own > 0 {
            // The first of them isn't known: it may have been passed over.
            let none = || Fieldless { count: 0, first: 0, keys: Vec::new() };
            summary.fieldless.get_or_insert_with(none).count += u64::from(self.own);
        }
    }
}

/// The first keys of an object.
fn top_keys(record: &[u8]) -> Vec<String> {
    let mut keys = Vec::new();
    if let Some(object) = Value::exact(record) {
        object.members(&mut |key, _| {
            keys.extend(key.decode_within(LONGEST_KEY).map(|key| key.into_owned()));
            keys.len() >= SHOWN_KEYS
        });
    }
    keys
}
