//! Tocsin's detector: bytes of CloudTrail records in, alerts out, and nothing else.
//!
//! ```
//! let mut detector = tocsin_detector::Detector::new();
//! let record = br#"{"eventVersion":"1.08","eventSource":"config.amazonaws.com",
//!     "eventName":"StopConfigurationRecorder","recipientAccountId":"123456789012"}"#;
//! let mut frames = Vec::new();
//! let answer = detector.detect(record, &mut frames);
//! assert_eq!(answer.status, tocsin_detector::Status::Ok);
//! assert_eq!(answer.count, 2, "both embedded rules raise an alert");
//! ```
//!
//! Data flows one way, and each step has its room: `record` (bytes to records), `event` (records to
//! fields), `query` (fields to verdicts), `rule` (documents to queries and what to say), `alert`
//! (verdicts to bytes). `detect` is the whole way of a record. Nothing here knows a file, a clock or a
//! host; compiled to wasm, `abi` adds the one face that does (`docs/abi.md`).
#![deny(unsafe_code)]
// A panic would trap the module: what may panic on some input is not written outside tests.
#![cfg_attr(
    not(test),
    warn(
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::unreachable,
        clippy::todo,
        clippy::disallowed_methods
    )
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(any(target_family = "wasm", test))]
mod abi;
mod alert;
mod budget;
mod configure;
mod coverage;
mod describe;
mod detect;
mod event;
mod explain;
mod pattern;
mod place;
mod prefilter;
mod query;
mod reading;
mod record;
mod room;
mod rule;
mod rule_test;
mod sort;
mod source;
mod vocabulary;

use std::cell::OnceCell;

use detect::{RuleSet, Task};
use event::capture::Captures;
use reading::EveryField;
use record::frame::RECORD_KEYS;
use rule::load;
use tocsin_boundary::Survey;
use tocsin_wire::{Configuration, Configured, Diagnostic, Options, limits};

pub use tocsin_wire::Status;

/// What a call says beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// Rules described, diagnostics found, or alert frames written.
    pub count: u32,
}

impl Answer {
    pub(crate) fn refused(status: Status, reason: &str, text: &mut Vec<u8>) -> Answer {
        text.clear();
        text.extend_from_slice(b"{\"reason\":");
        record::write::text(reason, text);
        text.push(b'}');
        Answer { status, count: 0 }
    }
}

/// A set of rules, and what it needs to judge records. Starts with the embedded rules.
///
/// The three calls are those of the module's interface (`docs/abi.md`): each appends its answer to
/// `text`, in the same bytes as the module.
#[derive(Debug)]
pub struct Detector {
    /// Nothing while they are the embedded ones and no call has needed them: most who bring rules of
    /// their own never do.
    rules: OnceCell<RuleSet>,
    /// What reads records whole, once that has been asked for.
    every_field: OnceCell<Box<(RuleSet, EveryField)>>,
    options: Options,
    captures: Captures,
    survey: Survey,
}

impl Default for Detector {
    fn default() -> Detector {
        Detector::new()
    }
}

impl Detector {
    /// A detector with the embedded rules and default options.
    #[must_use]
    pub fn new() -> Detector {
        let options = Options::default();
        Detector {
            rules: OnceCell::new(),
            every_field: OnceCell::new(),
            options,
            captures: Captures::default(),
            survey: Survey::default(),
        }
    }

    /// What the detector holds: one JSON object. `count` is the number of rules.
    pub fn describe(&self, text: &mut Vec<u8>) -> Answer {
        let Some(set) = present(&self.rules) else { return no_room(text) };
        if describe::describe(set, &self.options, text) {
            Answer { status: Status::Ok, count: set.rules.len() as u32 }
        } else {
            no_room(text)
        }
    }

    /// Replaces rules and options by those of a JSON document, all of them or none. `count` is the
    /// number of diagnostics.
    pub fn configure(&mut self, document: &[u8], text: &mut Vec<u8>) -> Answer {
        if !room::is_there_for_rules(document.len()) {
            return no_room(text);
        }
        let configuration = match serde_json::from_slice::<Configuration>(document) {
            Ok(configuration) => configuration,
            Err(error) => {
                let reason = format!("the configuration document: {error}");
                return Answer::refused(Status::BadArgument, &reason, text);
            }
        };
        let no_room_for = |diagnostics: &[Diagnostic]| {
            let found = diagnostics.iter().find(|found| found.code == load::NO_ROOM);
            found.map(|found| format!("the memory has no room for the rules of {}", found.document))
        };
        let present_rules = || self.rules.get_or_init(RuleSet::embedded);
        let (status, rules, dated_exceptions, diagnostics) =
            match configure::apply(configuration, present_rules, &self.options) {
                Ok(change) => {
                    if let Some(reason) = no_room_for(&change.diagnostics) {
                        return Answer::refused(Status::LimitExceeded, &reason, text);
                    }
                    if let Some(rules) = change.rules {
                        self.rules = OnceCell::from(rules);
                    }
                    if let Some(options) = change.options {
                        self.options = options;
                    }
                    let set = self.rules.get_or_init(RuleSet::embedded);
                    let dated = set.has_dated_exceptions();
                    (Status::Ok, Some(set.rules.len()), dated, change.diagnostics)
                }
                Err(diagnostics) => {
                    if let Some(reason) = no_room_for(&diagnostics) {
                        return Answer::refused(Status::LimitExceeded, &reason, text);
                    }
                    (Status::BadConfiguration, None, false, diagnostics)
                }
            };
        let count = diagnostics.len() as u32;
        let configured = Configured { rules, dated_exceptions, diagnostics };
        match serde_json::to_writer(room::Growing(text), &configured) {
            Ok(()) => Answer { status, count },
            Err(_) => no_room(text),
        }
    }

    /// Judges a batch of records in any accepted shape: frames, a line each. `count` is the number of
    /// alert frames.
    ///
    /// What is plainly one of CloudTrail's records by its ends, on a line of its own or in a list, and holds
    /// nothing that a rule asks for is counted and passed over, unless the option `strict` is set.
    pub fn detect(&mut self, batch: &[u8], text: &mut Vec<u8>) -> Answer {
        self.survey.clear();
        let Some(set) = present(&self.rules) else { return no_room(text) };
        if !self.options.strict && set.prefilter.sampler().is_some() {
            self.survey.look_at(batch, &RECORD_KEYS);
        }
        let survey = std::mem::take(&mut self.survey);
        let answer = self.detect_marked(batch, survey.marks(), text);
        self.survey = survey;
        answer
    }

    /// Like [`Detector::detect`], for a batch in which the caller has marked the plain records: a
    /// [`tocsin_boundary::Survey`]'s marks, which `docs/abi.md` describes. They are believed: with wrong ones
    /// records may be counted wrongly, or read from their middle.
    pub fn detect_marked(&mut self, batch: &[u8], marks: &[[u8; 4]], text: &mut Vec<u8>) -> Answer {
        if batch.len() > limits::BATCH_BYTES {
            return Answer::refused(
                Status::LimitExceeded,
                "the batch is larger than the limit",
                text,
            );
        }
        let task = Task::Alerts;
        let marks = (!self.options.strict).then_some(marks);
        let Some(set) = present(&self.rules) else { return no_room(text) };
        detect::detect(set, task, &mut self.captures, &self.options, (batch, marks), text)
    }

    /// Whether nothing in a text of any shape can raise an alert, as far as that shows without
    /// reading it. Far cheaper than [`Detector::detect`].
    #[must_use]
    pub fn rules_out(&self, text: &[u8]) -> bool {
        let sampler = present(&self.rules).and_then(|set| set.prefilter.sampler());
        !self.options.strict && sampler.is_some_and(|sampler| sampler.find(text, 0).is_none())
    }

    /// Says of each record in a batch why the rule with this id does or doesn't select it: frames, a
    /// line each. `count` is 0.
    pub fn explain(&mut self, rule: &[u8], batch: &[u8], text: &mut Vec<u8>) -> Answer {
        let Some(set) = present(&self.rules) else { return no_room(text) };
        let Some(rule) = set.rules.iter().find(|known| known.id.as_bytes() == rule) else {
            let reason = format!("there is no rule with the id {}", String::from_utf8_lossy(rule));
            return Answer::refused(Status::BadArgument, &reason, text);
        };
        let task = Task::Explanation(rule);
        detect::detect(set, task, &mut self.captures, &self.options, (batch, None), text)
    }
}

/// What is asked beside alerts.
impl Detector {
    /// How records are recognised by their first bytes: one JSON object ([`tocsin_wire::RecordKeys`]). `count` is 0.
    pub fn record_keys(&self, text: &mut Vec<u8>) -> Answer {
        if serde_json::to_writer(room::Growing(text), &RECORD_KEYS).is_err() {
            return no_room(text);
        }
        Answer { status: Status::Ok, count: 0 }
    }

    /// What a rule's author may write: fields, their known values, functions; one JSON object. `count` is 0.
    pub fn vocabulary(&self, text: &mut Vec<u8>) -> Answer {
        if text.try_reserve(room::VOCABULARY).is_err() {
            return no_room(text);
        }
        vocabulary::vocabulary(text);
        Answer { status: Status::Ok, count: 0 }
    }

    /// Runs the tests of a rule document by its rules alone; the argument is a JSON document
    /// ([`tocsin_wire::TestRun`]). What is configured stays. `count` is the number of tests that fail.
    pub fn test(&self, argument: &[u8], text: &mut Vec<u8>) -> Answer {
        rule_test::run(argument, text)
    }

    /// Reads each record of a batch whole: all its fields by the names of each vocabulary, each value with its
    /// place. A frame for each reading of a record, a line each. `count` is 0.
    pub fn read(&mut self, batch: &[u8], text: &mut Vec<u8>) -> Answer {
        if !room::is_there_for(room::EMBEDDED_RULES) {
            return no_room(text);
        }
        let every = self.every_field.get_or_init(|| Box::new(RuleSet::of_every_field()));
        let task = Task::Reading(&every.1);
        detect::detect(&every.0, task, &mut self.captures, &self.options, (batch, None), text)
    }

    /// Counts over a batch how often each rule, and each node of its query, was true: a frame for each rule, a
    /// line each. `count` is the number of alerts that [`Detector::detect`] would raise.
    pub fn coverage(&mut self, batch: &[u8], text: &mut Vec<u8>) -> Answer {
        let Some(set) = present(&self.rules) else { return no_room(text) };
        let task = Task::Coverage;
        detect::detect(set, task, &mut self.captures, &self.options, (batch, None), text)
    }
}

/// The rules that hold, read now if they are the embedded ones; none if there is no memory for them.
fn present(rules: &OnceCell<RuleSet>) -> Option<&RuleSet> {
    match rules.get() {
        None if !room::is_there_for(room::EMBEDDED_RULES) => None,
        None => Some(rules.get_or_init(RuleSet::embedded)),
        known => known,
    }
}

fn no_room(text: &mut Vec<u8>) -> Answer {
    Answer::refused(Status::LimitExceeded, "the memory has no room for this", text)
}
