//! In: a configured detector. Out: what it holds, as `docs/abi.md` has it.

use tocsin_wire::limits::{
    ABI_VERSION, ANSWER_BYTES, BATCH_BYTES, DOCUMENT_BYTES, ENVELOPE_DEPTH, RECORD_BYTES,
};
use tocsin_wire::{Description, EngineInfo, ModuleLimits, Options, RuleInfo};

use crate::detect::RuleSet;
use crate::prefilter::literals::MOST;
use crate::prefilter::search::Literal;
use crate::room::Growing;
use crate::rule::{Rule, Threat};
use crate::source::SOURCE;

/// Appends the description.
pub(crate) fn describe(rules: &RuleSet, options: &Options, out: &mut Vec<u8>) -> bool {
    let (name, version) = ("tocsin".into(), env!("CARGO_PKG_VERSION").into());
    let described = rules.rules.iter().enumerate().map(|(place, rule)| {
        let literals = rules.prefilter.literals(place);
        let source = rule.source.as_ref().filter(|_| !rules.sources.admit_known(rule));
        let texts = literals.map(|literals| literals.iter().map(Literal::text).collect());
        RuleInfo { other_source: source.cloned(), ..info(rule, texts) }
    });
    let description = Description {
        module: None,
        engine: EngineInfo { name, version, abi: ABI_VERSION },
        mapping: SOURCE.mapping_version.into(),
        limits: ModuleLimits {
            batch_bytes: BATCH_BYTES as u64,
            record_bytes: RECORD_BYTES as u64,
            envelope_depth: ENVELOPE_DEPTH as u64,
            rule_bytes: DOCUMENT_BYTES as u64,
            answer_bytes: ANSWER_BYTES as u64,
            literals: MOST as u64,
        },
        options: options.clone(),
        rules: described.collect(),
    };
    serde_json::to_writer(Growing(out), &description).is_ok()
}

fn info<'a>(rule: &'a Rule, literals: Option<Vec<&'a str>>) -> RuleInfo<'a, &'a Threat> {
    RuleInfo {
        id: (&rule.id).into(),
        name: (&rule.name).into(),
        version: rule.version,
        language: rule.language.name().into(),
        r#type: (&*rule.kind).into(),
        severity: Some(rule.severity.name().into()),
        risk_score: rule.risk_score,
        schedule: Some(rule.schedule),
        threat: rule.threat.iter().collect(),
        fields: rule.reads.iter().map(Into::into).collect(),
        literals: literals.map(|texts| texts.into_iter().map(Into::into).collect()),
        document: Some((&rule.document).into()),
        tags: rule.tags.iter().map(Into::into).collect(),
        overrides: rule.has_overrides(),
        other_source: None,
        other_data: rule.other_data.iter().map(Into::into).collect(),
    }
}
