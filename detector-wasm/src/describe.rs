//! In: a configured detector. Out: what it holds, as `docs/abi.md` has it.

use serde::Serialize;

use crate::configure::Options;
use crate::detect::{ENVELOPE_DEPTH, RECORD_BYTES};
use crate::record::sample::Literal;
use crate::rule::set::DOCUMENT_BYTES;
use crate::rule::{RuleSet, Schedule, Threat};

/// The largest batch, in bytes: what a 32-bit memory can hold beside its alerts.
pub(crate) const BATCH_BYTES: usize = 1 << 30;

/// The version of the interface.
pub(crate) const ABI: i32 = 1;

#[derive(Serialize)]
struct Description<'a> {
    engine: Engine,
    limits: Limits,
    options: Options,
    rules: Vec<RuleEntry<'a>>,
}

#[derive(Serialize)]
struct Engine {
    name: &'static str,
    version: &'static str,
    abi: i32,
}

#[derive(Serialize)]
struct Limits {
    batch_bytes: usize,
    record_bytes: usize,
    envelope_depth: usize,
    rule_bytes: usize,
}

#[derive(Serialize)]
struct RuleEntry<'a> {
    id: &'a str,
    name: &'a str,
    version: u64,
    language: &'static str,
    r#type: &'a str,
    severity: &'static str,
    risk_score: u8,
    schedule: Schedule,
    threat: &'a [Threat],
    fields: &'a [String],
    literals: Option<Vec<&'a str>>,
    document: &'a str,
}

/// Appends the description.
pub(crate) fn describe(rules: &RuleSet, options: Options, out: &mut Vec<u8>) -> bool {
    let description = Description {
        engine: Engine { name: "tocsin", version: env!("CARGO_PKG_VERSION"), abi: ABI },
        limits: Limits {
            batch_bytes: BATCH_BYTES,
            record_bytes: RECORD_BYTES,
            envelope_depth: ENVELOPE_DEPTH,
            rule_bytes: DOCUMENT_BYTES,
        },
        options,
        rules: rules
            .rules
            .iter()
            .enumerate()
            .map(|(place, rule)| RuleEntry {
                id: &rule.id,
                name: &rule.name,
                version: rule.version,
                language: rule.language.name(),
                r#type: &rule.kind,
                severity: rule.severity.name(),
                risk_score: rule.risk_score,
                schedule: rule.schedule,
                threat: &rule.threat,
                fields: &rule.reads,
                literals: rules
                    .prefilter
                    .literals(place)
                    .map(|literals| literals.iter().map(Literal::text).collect()),
                document: &rule.document,
            })
            .collect(),
    };
    serde_json::to_writer(out, &description).is_ok()
}
