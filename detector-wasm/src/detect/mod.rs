//! In: a batch. Out: frames: an alert for each match, an error for each record that can't be read,
//! and a summary; or an explanation for each record. This is the way of a record: `layer` reads it,
//! `take` tells what it is and opens what it envelops, `judge` raises its alerts.

mod closely;
mod indexes;
mod judge;
mod layer;
mod provenance;
mod raised;
mod rule_set;
mod take;
mod tally;

use std::collections::BTreeSet;

use tocsin_wire::Options;

use crate::coverage::Coverage;
use crate::event::capture::Captures;
use crate::prefilter::skip::Skipper;
use crate::reading::EveryField;
use crate::record::frame::{Candidate, Found, Frames};
use crate::rule::Rule;
use crate::{Answer, Status};
use judge::Judged;
use layer::{Layer, Source, read};
pub(crate) use rule_set::RuleSet;
use tally::Tally;

/// What is wanted about each record.
#[derive(Clone, Copy)]
pub(crate) enum Task<'r> {
    /// An alert for each rule that selects it.
    Alerts,
    /// Why a rule does or doesn't select it.
    Explanation(&'r Rule),
    /// All of its fields.
    Reading(&'r EveryField),
    /// What each rule makes of it, counted.
    Coverage,
}

/// Judges all records of a batch by the rules. Where it has marks, plain records that no rule can select
/// are passed over. `captures` is kept from call to call for its memory.
pub(crate) fn detect(
    rules: &RuleSet,
    task: Task<'_>,
    captures: &mut Captures,
    options: &Options,
    (batch, marks): (&[u8], Option<&[[u8; 4]]>),
    out: &mut Vec<u8>,
) -> Answer {
    let sampler = rules.prefilter.sampler();
    let mut skipper = sampler.zip(marks).map(|(sampler, marks)| Skipper::new(sampler, marks));
    let mut tally = Tally::new(out, error_frames(task, options), options.facts);
    if let Task::Coverage = task {
        tally.coverage = Some(Coverage::new(&rules.rules));
    }
    let mut layers = vec![Layer {
        source: Source::Batch(batch),
        frames: Frames::new(0, batch.len()),
        origin: None,
        beside_record: false,
        depth: 0,
        envelope: None,
        raised: None,
    }];
    // The alerts of the outermost value at hand, to tell a second reading of the same record.
    let mut raised: BTreeSet<[u8; 32]> = BTreeSet::new();
    while !tally.is_full()
        && let Some(layer) = layers.last_mut()
    {
        if let (Some(skipper), Source::Batch(text), 0) = (&mut skipper, &layer.source, layer.depth)
            && let Some((at, top)) = layer.frames.position(text)
            && let Some(passed) = skipper.pass(text, at, top)
        {
            tally.records = tally.records.saturating_add(passed.records);
            tally.provenance.passed(passed.records);
            layer.frames.passed(passed.until, passed.over_lines);
        }
        let source = layer.source.clone();
        let text = source.bytes();
        match layer.frames.next(text) {
            None => {
                layers.pop();
            }
            Some(Found::List) => {}
            Some(Found::Broken(error)) => tally.error(layer, error),
            Some(Found::Around(start, end)) => {
                let judged = Judged { rules, task, captures, options, text, start, end };
                judged.take_around(&mut layers, &mut raised, &mut tally);
            }
            Some(Found::Value(candidate)) => {
                let read = read(rules, captures, layer, text, candidate, &mut tally);
                let Some(Candidate { start, limit: end, doubt }) = read else { continue };
                if layers.len() == 1 {
                    raised.clear();
                }
                let judged = Judged { rules, task, captures, options, text, start, end };
                judged.take(doubt, &mut layers, &mut raised, &mut tally);
            }
        }
    }
    tally.coverage(rules);
    tally.summary(&rules.named_fields);
    let status = if tally.is_limited() {
        Status::LimitExceeded
    } else if tally.unread > 0 && tally.unread == tally.records {
        Status::BadBatch
    } else {
        Status::Ok
    };
    Answer { status, count: tally.matches }
}

/// How many errors may have frames of their own. Explanations are for one who reads all of them.
fn error_frames(task: Task<'_>, options: &Options) -> Option<u32> {
    match task {
        Task::Alerts | Task::Coverage => options.error_frames,
        Task::Explanation(_) | Task::Reading(_) => None,
    }
}
