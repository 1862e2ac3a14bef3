//! In: a rule document in TOML, as Elastic's public rule repository writes them. Out: the rule.
//!
//! Queries in Logpresso's language live in the same container, with a message, output fields, and
//! lists of prose that Elastic's files don't have. Unknown keys are tolerated: rule repositories carry
//! more metadata than a detector needs.

use std::collections::BTreeSet;

use std::rc::Rc;

use super::diagnostic::Diagnostic;
use super::event_names;
use super::exceptions::{ExceptionList, Exceptions};
use super::filters;
use super::lints::{self, About};
use super::load::Loaded;
use super::overrides::Overrides;
use super::schedule::schedule;
use super::source_map::SourceMap;
use super::threat::{Subtechnique, Tactic, Technique};
use super::toml_document::{Table, parse};
use super::{Document, Language, Piece, Rule, Severity, Template, Threat};
use crate::event::Fields;
use crate::event::vocabulary::Vocabulary;
use crate::query::expression::ExpressionId;
use crate::query::nearest::nearest;
use crate::query::notice::{DiagnosticSeverity, Notice};
use crate::query::{Operand, Query, kql, logpresso};
use crate::sort;

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

/// Rule types that run: `query` whole, of the others the base query alone.
const TYPES: [&str; 3] = ["query", "threshold", "new_terms"];

/// Rule types that don't run.
const OTHER_TYPES: [&str; 5] = ["eql", "esql", "machine_learning", "saved_query", "threat_match"];

/// Languages that don't run.
const OTHER_LANGUAGES: [&str; 3] = ["eql", "esql", "lucene"];

/// Names that people give to Kibana's query language.
const KUERY_TOO: [&str; 2] = ["kql", "kibana"];

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
    if !runs(table, kind, out) || !inactive && is_set_aside(root, table, out) {
        return None;
    }
    let language = language(table, kind, out);
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
    let threat: Vec<_> =
        table.tables("threat", out).iter().map(|threat| read_threat(threat, out)).collect();
    let schedule = schedule(table, out);
    let message = table.text("message", out).map(Template::parse);
    let output_fields = table.get("output_fields").map(|_| table.texts("output_fields", out));
    let text = table.required("query", "the query selects the events that raise the alert", out);
    let language = language?;
    fields.take_asked();
    let text = text?;
    let shown = shown(message.as_ref(), output_fields.as_deref());
    let query = compile(table, language, text, &shown, fields, out)?;
    let source_map = SourceMap::of_toml_string(table.document.text, span_of(table, "query"));
    let mut explained = filters::Explained { text: text.to_owned(), source_map };
    let mut query = filters::apply(table, query, &mut explained, fields, out)?;
    let filters::Explained { text, source_map } = explained;
    elsewhere(table, out);
    let severity = severity?;
    let vocabulary = language.vocabulary();
    let about = about(&query, table, fields);
    let before = out.len();
    let exceptions =
        Exceptions::read(root, vocabulary, now, fields, out).map(Rc::new).into_iter().collect();
    if let About::Source = about {
        check_names(table, message.as_ref(), output_fields.as_deref(), &query, vocabulary, out);
    } else {
        let mut said = out.split_off(before);
        said.retain(|one| !lints::ABOUT_FIELDS.contains(&&*one.code));
        out.append(&mut said);
    }
    let overrides = Overrides::read(table, vocabulary, fields, out);
    let reads = reads(fields);
    for piece in message.iter().flat_map(|template| &template.pieces) {
        if let Piece::Name(name) = piece {
            resolve(name, &mut query, vocabulary, fields);
        }
    }
    let output: Vec<_> = match output_fields.or_else(|| query.output.clone()) {
        Some(names) => distinct(names)
            .map(|name| {
                let operand = resolve(&name, &mut query, vocabulary, fields);
                (name, operand)
            })
            .collect(),
        None => DEFAULT_OUTPUT
            .iter()
            .map(|name| ((*name).to_owned(), Operand::Field(fields.want(Vocabulary::Ecs, name))))
            .collect(),
    };
    plan_shown(&mut query, message.as_ref(), &output);
    Some(Rule {
        id: id?.to_owned(),
        name: name?.to_owned(),
        version,
        language,
        kind: kind.to_owned(),
        description,
        author,
        license,
        severity,
        shown: Box::default(),
        risk_score: risk_score.unwrap_or_else(|| severity.risk_score()),
        tags,
        references,
        false_positives,
        threat,
        schedule,
        text,
        source_map,
        query,
        exceptions,
        filters: Vec::new(),
        source: None,
        alias: None,
        overrides,
        message,
        output,
        reads,
        // These languages' fields are the log source's.
        is_for_source: true,
        other_data: match about {
            About::Source => Vec::new(),
            About::Other(names) => names,
        },
        document: table.document.name.to_owned(),
    })
}

/// Whether rules of the type run; if not, a diagnostic says so.
#[inline(never)] // a frame of its own, live only while it runs
fn runs(table: &Table<'_, '_>, kind: &str, out: &mut Vec<Diagnostic>) -> bool {
    if TYPES.contains(&kind) {
        return true;
    }
    let hint = format!("these types run: {}", TYPES.join(", "));
    let known = TYPES.into_iter().chain(OTHER_TYPES);
    let meant = nearest(kind, known).filter(|_| !OTHER_TYPES.contains(&kind));
    let notice = match meant {
        Some(meant) => Notice::error("rule-type", 0..0, format!("there is no rule type `{kind}`"))
            .hint(format!("did you mean `{meant}`?")),
        None => {
            let message = format!("rules of the type `{kind}` don't run on single records");
            Notice::refused("rule-type", 0..0, message).hint(hint)
        }
    };
    table.say(span_of(table, "type"), notice, out);
    false
}

/// Whether the author has set the rule aside, which is then reported.
#[inline(never)] // a frame of its own, live only while it runs
fn is_set_aside(root: &Table<'_, '_>, table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> bool {
    let off = table.get("enabled").filter(|value| value.get_ref().as_bool() == Some(false));
    let metadata = root.get("metadata").and_then(|metadata| metadata.get_ref().as_table());
    let maturity = metadata.and_then(|metadata| metadata.get("maturity"));
    let old = maturity.filter(|value| value.get_ref().as_str() == Some("deprecated"));
    let (value, code, message) = match (off, old) {
        (Some(value), _) => (value, "rule-not-enabled", "the rule isn't enabled"),
        (None, Some(value)) => (value, "rule-deprecated", "the rule is deprecated"),
        (None, None) => return false,
    };
    table.say(value.span(), Notice::refused(code, 0..0, message).hint(INACTIVE), out);
    true
}

/// How rules run that are set aside.
pub(super) const INACTIVE: &str = "the option `inactive` (`--inactive`) runs such rules, too";

fn span_of(table: &Table<'_, '_>, key: &str) -> std::ops::Range<usize> {
    table.get(key).map_or(table.span.clone(), |value| value.span())
}

/// The language, if it is one that runs.
#[inline(never)] // a frame of its own, live only while it runs
fn language(table: &Table<'_, '_>, kind: &str, out: &mut Vec<Diagnostic>) -> Option<Language> {
    if kind != "query" {
        let message = format!("of this {kind} rule only the base query runs");
        let hint = "each record that the query selects raises an alert, without the rule's condition on several";
        let notice = Notice::warning("rule-base-query", 0..0, message).hint(hint);
        table.say(span_of(table, "type"), notice, out);
    }
    let hint = "`kuery` for Elastic's rules, `logpresso` for Logpresso's";
    let name = table.required("language", hint, out)?;
    let known =
        [Language::Kuery, Language::Logpresso].into_iter().find(|known| known.name() == name);
    if known.is_some() {
        return known;
    }
    let names = [Language::Kuery.name(), Language::Logpresso.name()];
    let others = OTHER_LANGUAGES.contains(&name);
    let meant = match KUERY_TOO.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        true => Some(Language::Kuery.name()),
        false => nearest(name, names).filter(|_| !others),
    };
    let notice = match meant {
        Some(meant) => {
            let message = format!("there is no query language `{name}`");
            Notice::error("rule-language", 0..0, message).hint(format!("did you mean `{meant}`?"))
        }
        None => {
            let message = format!("queries in the language `{name}` can't be run");
            Notice::refused("rule-language", 0..0, message).hint(hint)
        }
    };
    table.say(span_of(table, "language"), notice, out);
    None
}

/// Warns of what Elastic does with the rule's alerts and Tocsin doesn't.
#[inline(never)] // a frame of its own, live only while it runs
fn elsewhere(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (key, code, message, hint) in ELSEWHERE {
        if let Some(value) = table.get(key) {
            table.say(value.span(), Notice::warning(code, 0..0, message).hint(hint), out);
        }
    }
}

/// Keys that change which alerts Elastic raises, and that aren't followed here.
const ELSEWHERE: [(&str, &str, &str, &str); 3] = [
    (
        "alert_suppression",
        "rule-suppression",
        "alerts of this rule aren't suppressed: each event that it selects raises one",
        "group them where alerts arrive, by the fields of `group_by`",
    ),
    (
        "exceptions_list",
        "rule-exceptions-elsewhere",
        "the rule's exception lists aren't in this file, so they hold no alert back",
        "export them and put them beside the rule, or under `[[exceptions]]`",
    ),
    (
        "saved_id",
        "rule-saved-query",
        "the saved query isn't in this file; the rule's own `query` runs",
        "write what the saved query asks into `query`",
    ),
];

#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn severity(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Option<Severity> {
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
            notices.extend(event_names::check(query, fields));
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
    for (key, names) in [("message", shown(message, None)), ("output_fields", shown(None, output))]
    {
        for name in distinct(names) {
            if let Some(notice) = lints::shown_name(&name, query, vocabulary) {
                let span = table.get(key).map_or(table.span.clone(), |value| value.span());
                table.say(span, notice, out);
            }
        }
    }
}

/// The names that a rule's message and output use.
fn shown(message: Option<&Template>, output: Option<&[String]>) -> Vec<String> {
    let pieces = message.map_or(&[][..], |template| &template.pieces);
    let named = pieces.iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name.clone()),
        Piece::Text(_) => None,
    });
    named.chain(output.unwrap_or_default().iter().cloned()).collect()
}

/// What a rule's message or output calls by a name: what its query says, or the vocabulary's field.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn resolve(
    name: &str,
    query: &mut Query,
    vocabulary: Vocabulary,
    fields: &mut Fields,
) -> Operand {
    if let Some(operand) = query.named(name) {
        return operand.clone();
    }
    let operand = Operand::Field(fields.want(vocabulary, name));
    query.names.push((name.to_owned(), operand.clone()));
    operand
}

/// Lets the query work out once what the values take that an alert shows.
#[inline(never)] // a frame of its own, live only while it runs
fn plan_shown(query: &mut Query, message: Option<&Template>, output: &[(String, Operand)]) {
    let pieces = message.map_or(&[][..], |template| &template.pieces);
    let named = pieces.iter().filter_map(|piece| match piece {
        Piece::Name(name) => query.named(name),
        Piece::Text(_) => None,
    });
    let operands = named.chain(output.iter().map(|(_, operand)| operand));
    let shown: Vec<ExpressionId> = operands.filter_map(Operand::expression).collect();
    query.expressions.show(shown);
}

/// Each name once: an alert has no room for a field twice.
fn distinct(names: Vec<String>) -> impl Iterator<Item = String> {
    let mut known = BTreeSet::new();
    names.into_iter().filter(move |name| known.insert(name.clone()))
}

/// The names of the fields that were asked for while a query was compiled, sorted.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn reads(fields: &mut Fields) -> Vec<String> {
    let asked = fields.take_asked();
    let names = asked.iter().filter_map(|id| fields.get(*id).map(|field| field.name.clone()));
    let mut names: Vec<String> = names.collect();
    sort::sort_and_dedup(&mut names);
    names
}

#[inline(never)] // a frame of its own, live only while it runs
fn read_threat(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Threat {
    let text = |table: &Table<'_, '_>, key: &str, out: &mut Vec<Diagnostic>| {
        table.text(key, out).unwrap_or_default().to_owned()
    };
    let tactic = table.table("tactic", out);
    let tactic = match &tactic {
        Some(tactic) => Tactic {
            id: text(tactic, "id", out),
            name: text(tactic, "name", out),
            reference: text(tactic, "reference", out),
        },
        None => Tactic { id: String::new(), name: String::new(), reference: String::new() },
    };
    let mut techniques = Vec::new();
    for technique in table.tables("technique", out) {
        let mut subtechniques = Vec::new();
        for subtechnique in technique.tables("subtechnique", out) {
            subtechniques.push(Subtechnique {
                id: text(&subtechnique, "id", out),
                name: text(&subtechnique, "name", out),
                reference: text(&subtechnique, "reference", out),
            });
        }
        techniques.push(Technique {
            id: text(&technique, "id", out),
            name: text(&technique, "name", out),
            reference: text(&technique, "reference", out),
            subtechnique: subtechniques,
        });
    }
    let framework = table.text("framework", out).unwrap_or("MITRE ATT&CK").to_owned();
    Threat { framework, tactic, technique: techniques }
}
