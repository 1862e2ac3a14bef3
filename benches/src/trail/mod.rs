//! Plain records and a seed in, a trail out: records with fresh ids, stops and decoys among them at a
//! stated rate, and an exact account of what was written.

pub mod dice;
pub mod kinds;
pub mod record;
pub mod sources;
mod synthetic;
pub mod template;

use dice::Dice;
use kinds::{NAME, RecordKind, escaped};
use record::Record;
use serde::Serialize;
use std::collections::BTreeMap;
use template::{Filling, Template};

/// What a trail has beside plain records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// Some hundred stops, failed stops and decoys in a million records.
    Mixed,
    /// As mixed, and one record in 20 is a stop.
    Hits,
    /// As mixed, and one record in 4 is a decoy.
    Decoys,
    /// As mixed, and each record has a letter or more written as a JSON escape.
    Escapes,
    /// As mixed, with each record's keys sorted, as Vector writes them.
    Sorted,
    /// As mixed, with a time under `date` before everything, as Fluent Bit writes records.
    Dated,
    /// As mixed, with each record as a text under `message`.
    Texts,
    /// Plain records only.
    Clean,
}

impl Variant {
    /// How many records of a kind stand in a million.
    #[must_use]
    pub fn in_a_million(self, kind: RecordKind) -> u32 {
        let usual = match kind {
            RecordKind::Plain => 0,
            RecordKind::Stop => 76,
            RecordKind::FailedStop => 24,
            RecordKind::EscapedStop | RecordKind::OtherService | RecordKind::DecoyEscaped => 4,
            _ => 20,
        };
        match (self, kind) {
            (Variant::Clean, _) => 0,
            (Variant::Hits, RecordKind::Stop) => 50_000,
            (Variant::Decoys, kind) if usual > 0 && !kind.truth().logpresso => 42_000,
            _ => usual,
        }
    }
}

/// What a trail holds so far.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Bytes of the records, without line ends.
    pub record_bytes: u64,
    /// Records whose text holds the name as it is: what a search for it finds.
    pub with_name: u64,
    /// Alerts of Elastic's embedded rule.
    pub elastic: u64,
    /// Alerts of Logpresso's embedded rule.
    pub logpresso: u64,
    /// Records by kind.
    pub kinds: BTreeMap<&'static str, u64>,
}

/// Templates of one kind, and whether each shows the name as it is.
#[derive(Debug)]
struct Stock {
    kind: RecordKind,
    templates: Vec<(Template, bool)>,
    next: usize,
    /// Picks below this one and above the stock before are of this kind.
    threshold: usize,
}

/// An endless trail.
#[derive(Debug)]
pub struct Trail {
    plain: Stock,
    marked: Vec<Stock>,
    picks: Dice,
    filling: Filling,
    counts: Counts,
}

/// How many templates each kind but the plain one has.
const TEMPLATES: usize = 32;
/// Each kind stands once among the first records, so that none is missing however short the trail.
const FIRST_EVERY: u64 = 10;

impl Trail {
    /// A trail of such records; the same for the same records, seed and variant. `records` are plain ones
    /// ([`sources`]); without any the trail is of empty objects.
    #[must_use]
    pub fn new(records: &[Record], seed: u64, variant: Variant) -> Trail {
        let mut dice = Dice::new(seed ^ 0x7261_696C);
        let finish = |record: Record, dice: &mut Dice| {
            let record = match variant {
                Variant::Escapes => with_escapes(record, dice),
                Variant::Sorted => record.sorted(),
                Variant::Dated => record.behind("date", "1772323200.5"),
                _ => record,
            };
            let template = Template::new(&record);
            let template = match variant {
                Variant::Texts => template.as_text_of("message"),
                _ => template,
            };
            (template, record.write().contains(NAME))
        };
        let plain = records.iter().map(|record| finish(record.clone(), &mut dice)).collect();
        let bases: Vec<&Record> = records
            .iter()
            .filter(|record| record.text("eventType").is_some_and(|kind| kind == "AwsApiCall"))
            .filter(|record| record.get("errorCode").is_none() && record.get("userAgent").is_some())
            .collect();
        let mut threshold = 0;
        let mut marked = Vec::new();
        for kind in RecordKind::MARKED {
            let rate = variant.in_a_million(kind) as usize;
            if rate == 0 || bases.is_empty() {
                continue;
            }
            threshold += rate;
            let templates = (0..TEMPLATES)
                .filter_map(|_| bases.get(dice.below(bases.len())).copied())
                .collect::<Vec<_>>()
                .into_iter()
                .map(|base| {
                    let record = kind.make(base, &mut dice);
                    finish(record, &mut dice)
                })
                .collect();
            marked.push(Stock { kind, templates, next: 0, threshold });
        }
        Trail {
            plain: Stock {
                kind: RecordKind::Plain,
                templates: plain,
                next: 0,
                threshold: 1_000_000,
            },
            marked,
            picks: Dice::new(seed ^ 0x7069_636B),
            filling: Filling::new(seed),
            counts: Counts::default(),
        }
    }

    /// Appends the next record, without a line end, and says of what kind it is.
    pub fn write(&mut self, out: &mut Vec<u8>) -> RecordKind {
        let counts = &mut self.counts;
        let pick = self.picks.below(1_000_000);
        let first = counts.records / FIRST_EVERY;
        let stock =
            if counts.records.is_multiple_of(FIRST_EVERY) && (first as usize) < self.marked.len() {
                self.marked.get_mut(first as usize)
            } else {
                self.marked.iter_mut().find(|stock| pick < stock.threshold)
            };
        let stock = stock.unwrap_or(&mut self.plain);
        let start = out.len();
        let at = stock.next;
        stock.next = if at + 1 < stock.templates.len() { at + 1 } else { 0 };
        let shows = match stock.templates.get(at) {
            Some((template, shows)) => {
                template.fill(&mut self.filling, out);
                *shows
            }
            None => {
                out.extend_from_slice(b"{}");
                false
            }
        };
        let truth = stock.kind.truth();
        counts.records += 1;
        counts.record_bytes += (out.len() - start) as u64;
        counts.with_name += u64::from(shows);
        counts.elastic += u64::from(truth.elastic);
        counts.logpresso += u64::from(truth.logpresso);
        *counts.kinds.entry(truth.name).or_default() += 1;
        stock.kind
    }

    /// What was written so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The last record's eventID.
    #[must_use]
    pub fn event_id(&self) -> &[u8] {
        self.filling.event_id()
    }
}

/// The same record with escapes: one in the user agent or the event's type, and in one record of eight one
/// in the event's name.
fn with_escapes(mut record: Record, dice: &mut Dice) -> Record {
    let mut keys = vec![if record.get("userAgent").is_some() { "userAgent" } else { "eventName" }];
    keys.extend((dice.below(2) == 0).then_some("eventType"));
    keys.extend((dice.below(8) == 0).then_some("eventName"));
    for key in keys {
        if let Some(string) = record.get(key).filter(|value| value.starts_with('"')) {
            let string = escaped(string, dice);
            record.set(key, string);
        }
    }
    record
}
