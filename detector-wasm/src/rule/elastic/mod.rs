//! In: a rule document in TOML, as Elastic's public rule repository writes them. Out: the rule.
//!
//! Queries in Logpresso's language live in the same container, with a message, output fields, and
//! lists of prose that Elastic's files don't have. Unknown keys are tolerated: rule repositories carry
//! more metadata than a detector needs.

mod exceptions;
mod filters;
mod kinds;
mod overrides;
mod schedule;
mod table;
mod threat;

use std::rc::Rc;

use crate::event::Fields;
use crate::event::vocabulary::Vocabulary;
use crate::query::notice::{DiagnosticSeverity, Notice};
use crate::query::{Query, kql, logpresso};

use super::diagnostic::Diagnostic;
use super::keys::Keys;
use super::lints::{self, About};
use super::load::Loaded;
use super::shown::{self, Output};
use super::source_map::SourceMap;
use super::{Document, Language, Rule, Severity, Template};
use schedule::schedule;
use table::{Table, parse};

pub(crate) use exceptions::{ExceptionList, Exceptions, JudgedExceptions};
pub(crate) use overrides::Overrides;

/// What an alert shows of the event for a rule that names no output fields.
const DEFAULT_OUTPUT: [&str; 9] = [
    "@timestamp",
    "cloud.account.id",
    "cloud.region",
    "source.address",
    "user.name",
    "event.action",
    "event.provider",
    "event.outcome",
    "user_agent.original",
];

/// Adds what a document holds: a rule with its exceptions, or exceptions for rules of other documents.
/// Nothing is added if it has an error, which is reported.
pub(super) fn load(
    document: Document<'_>,
    fields: &mut Fields,
    loaded: &mut Loaded,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(root) = parse(document, diagnostics) else { return };
    let root = Table { document, table: root.get_ref(), span: 0..0 };
    let before = diagnostics.len();
    let (mut rule, mut exceptions) = (None, None);
    if let Some(table) = root.table("rule", diagnostics) {
        let settings = (loaded.now, loaded.inactive);
        rule = read(&root, &table, settings, fields, diagnostics);
    } else if root.get("exceptions").is_some() {
        exceptions = ExceptionList::read(&root, loaded.now, fields, diagnostics);
    } else if diagnostics.len() == before {
        let notice =
            Notice::error("rule-missing-table", 0..0, "the document has no `[rule]` table");
        root.say(0..0, notice.hint("a rule file holds its rule under `[rule]`"), diagnostics);
    }
    if !diagnostics.iter().skip(before).any(Diagnostic::is_error) {
        loaded.rules.extend(rule);
        loaded.exceptions.extend(exceptions.map(|list| (document.name.to_owned(), list)));
    }
}

fn read(
    root: &Table<'_, '_>,
    table: &Table<'_, '_>,
    (now, inactive): (Option<i64>, bool),
    fields: &mut Fields,
    out: &mut Vec<Diagnostic>,
) -> Option<Rule> {
    let kind = table.text("type", out).unwrap_or("query");
    // What a rule of another type, or one that is set aside, says in its other keys is nothing to be asked for.
    if !kinds::runs(table, kind, out) || !inactive && kinds::is_set_aside(root, table, out) {
        return None;
    }
    let language = kinds::language(table, kind, out);
    if language.is_none() && table.get("language").is_some() {
        return None;
    }
    let id = table.required("rule_id", "give it an id that stays the same, such as a UUID", out);
    let name = table.required("name", "the name is what an alert shows", out);
    let severity = severity(table, out);
    let risk_score = table.integer("risk_score", 0..101, out).map(|score| score as u8);
    let version = table.integer("version", 0..u64::MAX, out).unwrap_or(1);
    let description = table.text("description", out).unwrap_or_default().trim().to_owned();
    let author = table.texts("author", out);
    let license = table.text("license", out).map(str::to_owned);
    let tags = table.texts("tags", out);
    let references = table.texts("references", out);
    let false_positives = table.texts("false_positives", out);
    let threats = table.tables("threat", out);
    let threat = threats.iter().map(|threat| threat::read(threat, out)).collect();
    let schedule = schedule(table, out);
    let message = table.text("message", out).map(Template::parse);
    let output = table.get("output_fields").map(|_| table.texts("output_fields", out));
    let text = table.required("query", "the query selects the events that raise the alert", out);
    let language = language?;
    fields.take_asked();
    let text = text?;
    let shown = shown::names(message.as_ref(), output.as_deref());
    let query = compile(table, language, text, &shown, fields, out)?;
    let source_map = SourceMap::of_toml_string(table.document.text, table.span_at("query"));
    let mut explained = filters::Explained { text: text.to_owned(), source_map };
    let query = filters::apply(table, query, &mut explained, fields, out)?;
    kinds::elsewhere(table, out);
    let severity = severity?;
    let vocabulary = language.vocabulary();
    let about = about(&query, table, fields);
    let before = out.len();
    let exceptions = Exceptions::read(root, vocabulary, now, fields, out).map(Rc::new);
    if let About::Source = about {
        check_names(table, message.as_ref(), output.as_deref(), &query, vocabulary, out);
    } else {
        let mut said = out.split_off(before);
        said.retain(|one| !lints::ABOUT_FIELDS.contains(&&*one.code));
        out.append(&mut said);
    }
    let overrides = Overrides::read(table, vocabulary, fields, out);
    let output = match output.or_else(|| query.output.clone()) {
        Some(names) => Output::Named(names),
        None => Output::Usual(Vocabulary::Ecs, &DEFAULT_OUTPUT),
    };
    let mut rule = Rule {
        id: id?.to_owned(),
        name: name?.to_owned(),
        version,
        kind: kind.to_owned(),
        description,
        author,
        license,
        risk_score: risk_score.unwrap_or_else(|| severity.risk_score()),
        tags,
        references,
        false_positives,
        threat,
        schedule,
        text: explained.text,
        source_map: explained.source_map,
        exceptions: exceptions.into_iter().collect(),
        overrides,
        other_data: match about {
            About::Source => Vec::new(),
            About::Other(names) => names,
        },
        ..Rule::new(table.document, language, severity, query)
    };
    rule.show(message, output, fields);
    Some(rule)
}

#[inline(never)] // a frame of its own, live only while it runs
fn severity(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Option<Severity> {
    let hint = "one of low, medium, high, critical";
    let name = table.required("severity", hint, out)?;
    let severity = Severity::parse(name);
    if severity.is_none() {
        let notice = Notice::error("rule-severity", 0..0, format!("there is no severity `{name}`"));
        table.say(table.place_in("severity", 0..name.len()), notice.hint(hint), out);
    }
    severity
}

#[inline(never)] // a frame of its own, live only while it runs
fn compile(
    table: &Table<'_, '_>,
    language: Language,
    text: &str,
    shown: &[String],
    fields: &mut Fields,
    out: &mut Vec<Diagnostic>,
) -> Option<Query> {
    let mut notices = Vec::new();
    let query = match language {
        Language::Kuery => kql::compile(text, fields, &mut notices),
        Language::Logpresso => logpresso::compile(text, shown, fields, &mut notices),
        // Rules of Sigma come in documents of their own.
        Language::Sigma => None,
    };
    if table.get("filters").is_some() {
        notices.retain(|notice| notice.code != "kql-empty-query");
    }
    if let Some(query) = &query {
        if let About::Source = about(query, table, fields) {
            notices.extend(lints::check(query, fields));
        } else {
            notices.retain(|notice| !lints::ABOUT_FIELDS.contains(&notice.code));
        }
        notices.extend(query.costs());
    }
    let failed = notices.iter().any(|notice| notice.severity == DiagnosticSeverity::Error);
    for notice in notices {
        table.say(table.place_in("query", notice.span.clone()), notice, out);
    }
    query.filter(|_| !failed)
}

/// The data that the rule is about.
fn about(query: &Query, table: &Table<'_, '_>, fields: &Fields) -> About {
    let indices = table.texts("index", &mut Vec::new());
    lints::about(query, fields, &indices)
}

/// Says which names of the message and the output nothing fills.
#[inline(never)] // a frame of its own, live only while it runs
fn check_names(
    table: &Table<'_, '_>,
    message: Option<&Template>,
    output: Option<&[String]>,
    query: &Query,
    vocabulary: Vocabulary,
    out: &mut Vec<Diagnostic>,
) {
    let of_message = shown::names(message, None);
    for (key, names) in [("message", of_message), ("output_fields", shown::names(None, output))] {
        for notice in lints::shown_names(names, query, vocabulary) {
            table.say(table.span_at(key), notice, out);
        }
    }
}
