//! In: a rule document in YAML, as Sigma writes them. Out: its rules; there may be several.
//!
//! Unknown keys are tolerated: the specification allows any. What a rule says in keys that nothing here
//! needs (dates, status, related rules) is neither kept nor checked. The log source says whose field
//! names the rule speaks in.

mod attack;
mod collection;
mod filter;
mod log_sources;

#[cfg(test)]
mod tests;

use hmac_sha256::Hash;

use super::diagnostic::{Diagnostic, locate};
use super::load::Loaded;
use super::overrides::Overrides;
use super::source_map::SourceMap;
use super::{Document, Language, Rule, Schedule, Severity, lints};
use crate::event::Fields;
use crate::query::notice::Notice;
use crate::query::sigma::diagnostic_sink::DiagnosticSink;
use crate::query::sigma::yaml::{Entry, Tree, YamlId, YamlKind, parse};
use crate::query::sigma::{Source, compile};
use crate::query::{Operand, Query};
use crate::source::SOURCE;
use tocsin_wire::LogSource;

pub(crate) use filter::Filter;

/// How many rules one document may hold.
const MOST_RULES: usize = 1_000;

/// How many texts of a list are kept.
const MOST_TEXTS: usize = 1_000;

/// Sigma's levels and the severities that they become. A rule without one is of medium severity.
const LEVELS: [(&str, Severity); 5] = [
    ("informational", Severity::Low),
    ("low", Severity::Low),
    ("medium", Severity::Medium),
    ("high", Severity::High),
    ("critical", Severity::Critical),
];

/// Whether a document is for this module: its name says so, or, if the name says nothing, its text
/// looks like YAML and has no table of TOML.
pub(super) fn is_yaml(document: Document<'_>) -> bool {
    let name = document.name.to_ascii_lowercase();
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        return true;
    }
    let mut lines =
        document.text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_end());
    let rule = |line: &str| {
        let line = line.trim_start();
        line.starts_with('[') && line.trim_start_matches('[').starts_with("rule")
    };
    if name.ends_with(".toml") || lines.clone().any(rule) {
        return false;
    }
    let keys = ["---", "title:", "id:", "detection:", "logsource:", "correlation:", "filter:"];
    lines.any(|line| keys.iter().any(|key| line.starts_with(key)))
}

/// Adds the rules of a document. A rule that has an error, or doesn't run here, is left out with a diagnostic.
pub(super) fn load(
    document: Document<'_>,
    fields: &mut Fields,
    loaded: &mut Loaded,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut notes = DiagnosticSink::default();
    let (mut tree, roots, faults) = parse(document.text, notes.room());
    faults.into_iter().for_each(|fault| notes.add(fault));
    let roots = collection::spread(&mut tree, roots);
    let mut rules = 0usize;
    for (place, root) in roots {
        rules += 1;
        if rules > MOST_RULES {
            let message = format!("the document has more than {MOST_RULES} rules");
            notes.add(Notice::error("sigma-too-many-rules", tree.span(root), message));
            break;
        }
        let mut reader = Reader { document, tree: &tree, root, place, notes: &mut notes };
        let before = reader.notes.unusable();
        let (mut rule, mut filter) = (None, None);
        match reader.get("filter") {
            Some(entry) => filter = reader.filter(entry, fields),
            None => rule = reader.rule(fields, loaded.inactive),
        }
        if notes.unusable() == before {
            loaded.rules.extend(rule);
            loaded.filters.extend(filter);
        }
    }
    if rules == 0 && notes.unusable() == 0 {
        notes.add(Notice::error("sigma-no-rule", 0..0, "the document holds no rule"));
    }
    for notice in notes.finish() {
        diagnostics.push(locate(document, notice.span.clone(), notice));
    }
}

/// Reads one rule of a document.
struct Reader<'r, 't> {
    document: Document<'t>,
    tree: &'t Tree,
    root: YamlId,
    /// Which rule it is of those that share what a collection says of all of them, from 0.
    place: Option<usize>,
    notes: &'r mut DiagnosticSink,
}

impl<'t> Reader<'_, 't> {
    fn rule(&mut self, fields: &mut Fields, inactive: bool) -> Option<Rule> {
        if !matches!(self.tree.kind(self.root), YamlKind::Map(_)) {
            let message = "a rule must be a map of keys and values";
            self.error("sigma-no-rule", self.root, message, "such as `title: ...`");
            return None;
        }
        if self.is_refused() || !inactive && self.is_set_aside() {
            return None;
        }
        let name = self.required("title", "the title is what an alert shows");
        let id = self.id(name.unwrap_or_default());
        let severity = self.severity();
        let description = self.text("description").unwrap_or_default().trim().to_owned();
        // Several authors stand in one text, with commas between them.
        let author = self.text("author").unwrap_or_default().split(',').map(str::trim);
        let author = author.filter(|author| !author.is_empty()).map(str::to_owned).collect();
        let license = self.text("license").map(str::to_owned);
        let tags = self.texts("tags");
        let references = self.texts("references");
        let false_positives = self.texts("falsepositives");
        let output = self.get("fields").map(|_| self.texts("fields"));
        let source = self.log_source();
        if source.is_anything() {
            self.missing_softly();
        }
        self.check_log_source();
        let known_source = self.is_for_known_source();
        let Some(detection) = self.get("detection") else {
            self.missing("detection", "the detection says which records raise the alert");
            return None;
        };
        fields.take_asked();
        let top_keys = self.top_keys();
        let (tree, text) = (self.tree, self.document.text);
        let detection_source = Source { tree, text, detection, other_key: None, top_keys };
        let mut query = compile(detection_source, fields, self.notes)?;
        let base = self.tree.span(detection.key).start;
        let mut notices = query.costs();
        if known_source {
            notices.extend(super::event_names::check(&query, fields));
            notices.extend(lints::check(&query, fields));
            self.check_output(output.as_deref().unwrap_or_default(), &query);
        }
        for notice in notices {
            let span = notice.span.start.saturating_add(base)..notice.span.end.saturating_add(base);
            self.notes.add(Notice { span, ..notice });
        }
        let reads = super::toml_rule::reads(fields);
        let output = output.unwrap_or_else(|| match known_source {
            true => SOURCE.sigma.output.iter().map(|name| (*name).to_owned()).collect(),
            false => query.names.iter().map(|(name, _)| name.clone()).collect(),
        });
        let output: Vec<(String, Operand)> = output
            .into_iter()
            .map(|name| {
                let vocabulary = Language::Sigma.vocabulary();
                let operand = super::toml_rule::resolve(&name, &mut query, vocabulary, fields);
                (name, operand)
            })
            .collect();
        let span = self.tree.span(detection.key).start..self.tree.span(detection.value).end;
        let severity = severity?;
        let threat = attack::threats(&tags);
        Some(Rule {
            id: id?,
            name: name?.to_owned(),
            version: 1,
            language: Language::Sigma,
            kind: "query".to_owned(),
            description,
            author,
            license,
            severity,
            risk_score: severity.risk_score(),
            shown: Box::default(),
            tags,
            references,
            threat,
            false_positives,
            schedule: Schedule::default(),
            source_map: SourceMap::verbatim(span.start),
            text: self.document.text.get(span).unwrap_or_default().to_owned(),
            query,
            exceptions: Vec::new(),
            filters: Vec::new(),
            source: Some(source),
            alias: self.text("name").map(str::to_owned),
            overrides: Overrides::default(),
            message: None,
            output,
            reads,
            is_for_source: known_source,
            other_data: Vec::new(),
            document: self.document.name.to_owned(),
        })
    }

    /// Documents of Sigma that aren't rules for single records.
    fn is_refused(&mut self) -> bool {
        let Some(entry) = self.get("correlation") else { return false };
        let message = "a correlation joins several events; only rules for single records run";
        let notice = Notice::refused("sigma-correlation", self.tree.span(entry.key), message);
        self.notes.add(notice.hint("the rules that it refers to run by themselves"));
        true
    }

    /// Whether the author has set the rule aside, which is then reported.
    fn is_set_aside(&mut self) -> bool {
        let Some(entry) = self.get("status") else { return false };
        let (code, message) = match self.tree.text(entry.value) {
            Some("deprecated") => ("rule-deprecated", "the rule is deprecated"),
            Some("unsupported") => {
                ("rule-unsupported", "the rule is one that its author calls unsupported")
            }
            _ => return false,
        };
        let notice = Notice::refused(code, self.tree.span(entry.value), message);
        self.notes.add(notice.hint(super::toml_rule::INACTIVE));
        true
    }

    /// The rule's id, which a rule needn't have: then it is made of title and log source, by which people know it.
    fn id(&mut self, title: &str) -> Option<String> {
        if let Some(entry) = self.get("id") {
            let unusable = self.notes.unusable();
            let id = self.text("id").filter(|id| !id.trim().is_empty());
            if id.is_none() && self.notes.unusable() == unusable {
                self.error(
                    "rule-missing-key",
                    entry.key,
                    "the `id` is empty",
                    "leave it out or give it one",
                );
            }
            // What all rules of a collection share doesn't tell them apart.
            return id.map(|id| match self.place {
                Some(place) if place > 0 => format!("{id}-{}", place + 1),
                _ => id.to_owned(),
            });
        }
        let start = self.tree.span(self.root).start;
        let notice = Notice::warning("sigma-no-id", start..start, "the rule has no `id`");
        let hint = "alerts get an id made of title and log source, which changes when they do; such as a UUID stays";
        self.notes.add(notice.hint(hint));
        let mut hash = Hash::new();
        for part in
            [Some(title), self.source("category"), self.source("product"), self.source("service")]
        {
            hash.update(part.unwrap_or_default());
            hash.update("\n");
        }
        if let Some(place) = self.place.filter(|place| *place > 0) {
            hash.update((place + 1).to_string());
        }
        let digits = hash.finalize().first_chunk::<16>().map(hex::encode).unwrap_or_default();
        Some(format!("sigma-{digits}"))
    }

    /// What the log source says about a key.
    fn source(&self, key: &str) -> Option<&'t str> {
        let source = self.get("logsource")?;
        self.tree.get(source.value, key).and_then(|entry| self.tree.text(entry.value))
    }

    fn severity(&mut self) -> Option<Severity> {
        let Some(level) = self.text("level") else { return Some(Severity::Medium) };
        let severity = LEVELS.iter().find(|row| row.0 == level).map(|row| row.1);
        if severity.is_none() {
            let hint = "one of informational, low, medium, high, critical";
            let shown: String = level.chars().take(40).collect();
            let value = self.get("level").map_or(self.root, |entry| entry.value);
            self.error("rule-severity", value, &format!("there is no level `{shown}`"), hint);
        }
        severity
    }

    /// Whether the rule names the keys of the log source's records.
    fn is_for_known_source(&self) -> bool {
        self.source("product") == Some(SOURCE.sigma.product)
            && self.source("service") == Some(SOURCE.sigma.service)
    }

    /// The keys that records may have at their top, if they are known.
    fn top_keys(&self) -> &'static [&'static str] {
        if self.is_for_known_source() { SOURCE.sigma.top_keys } else { &[] }
    }

    /// Says which names of the output no record fills.
    #[inline(never)] // a frame of its own, live only while it runs
    fn check_output(&mut self, names: &[String], query: &Query) {
        let Some(entry) = self.get("fields") else { return };
        for name in names {
            if let Some(notice) = lints::shown_name(name, query, Language::Sigma.vocabulary()) {
                self.notes.add(Notice { span: self.tree.span(entry.key), ..notice });
            }
        }
    }

    /// Says where the log source's names are one letter beside known ones.
    #[inline(never)] // a frame of its own, live only while it runs
    fn check_log_source(&mut self) {
        let Some(source) = self.get("logsource") else { return };
        for key in ["product", "category", "service"] {
            let Some(entry) = self.tree.get(source.value, key) else { continue };
            let Some(value) = self.tree.text(entry.value) else { continue };
            let Some(meant) = log_sources::meant(key, value, self.source("product")) else {
                continue;
            };
            let shown: String = value.chars().take(40).collect();
            let message = format!("no records are known of the {key} `{shown}`");
            let notice = Notice::warning("sigma-logsource", self.tree.span(entry.value), message);
            self.notes.add(notice.hint(format!("did you mean `{meant}`?")));
        }
    }

    fn log_source(&self) -> LogSource {
        let part = |key| self.source(key).map(str::to_owned);
        LogSource { category: part("category"), product: part("product"), service: part("service") }
    }

    fn missing_softly(&mut self) {
        let start = self.tree.span(self.root).start;
        let notice =
            Notice::warning("sigma-no-logsource", start..start, "the rule has no `logsource`");
        let product = SOURCE.sigma.product;
        let hint = format!("say which records it is for, such as `product: {product}`");
        self.notes.add(notice.hint(hint));
    }

    fn get(&self, key: &str) -> Option<Entry<'t>> {
        self.tree.get(self.root, key)
    }

    fn error(&mut self, code: &'static str, at: YamlId, message: &str, hint: &str) {
        self.notes.add(Notice::error(code, self.tree.span(at), message).hint(hint));
    }

    fn missing(&mut self, key: &str, hint: &str) {
        let start = self.tree.span(self.root).start;
        let message = format!("the rule has no `{key}`");
        self.notes.add(Notice::error("rule-missing-key", start..start, message).hint(hint));
    }

    /// A text, if the key is there.
    fn text(&mut self, key: &str) -> Option<&'t str> {
        let entry = self.get(key)?;
        let tree = self.tree;
        match tree.kind(entry.value) {
            YamlKind::Scalar(scalar) => scalar.text(),
            YamlKind::List(_) | YamlKind::Map(_) => {
                let message = format!("`{key}` must be a text");
                let span = tree.span(entry.value);
                self.notes.add(Notice::error("rule-wrong-type", span, message));
                None
            }
        }
    }

    fn required(&mut self, key: &str, hint: &str) -> Option<&'t str> {
        let unusable = self.notes.unusable();
        let text = self.text(key).filter(|text| !text.trim().is_empty());
        if text.is_none() && self.notes.unusable() == unusable {
            self.missing(key, hint);
        }
        text
    }

    /// A list of texts, or a single one; empty if the key isn't there.
    fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let tree = self.tree;
        let ids = match tree.kind(entry.value) {
            YamlKind::List(ids) => ids.as_slice(),
            YamlKind::Scalar(_) => std::slice::from_ref(&entry.value),
            YamlKind::Map(_) => {
                let message = format!("`{key}` must be a list of texts");
                let span = tree.span(entry.value);
                self.notes.add(Notice::error("rule-wrong-type", span, message));
                &[]
            }
        };
        let mut texts = Vec::new();
        for id in ids.iter().take(MOST_TEXTS) {
            match tree.kind(*id) {
                YamlKind::Scalar(scalar) => texts.extend(scalar.text().map(str::to_owned)),
                YamlKind::List(_) | YamlKind::Map(_) => {
                    let message = format!("`{key}` must be a list of texts");
                    self.notes.add(Notice::error("rule-wrong-type", tree.span(*id), message));
                }
            }
        }
        if ids.len() > MOST_TEXTS {
            let message = format!("`{key}` has more than {MOST_TEXTS} texts");
            self.notes.add(Notice::error("rule-wrong-type", tree.span(entry.key), message));
        }
        texts
    }
}
