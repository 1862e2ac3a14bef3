//! In: a rule document in YAML, as Sigma writes them. Out: its rules; there may be several.
//!
//! Unknown keys are tolerated: the specification allows any. What a rule says in keys that nothing here
//! needs (dates, status, related rules) is neither kept nor checked. The log source says whose field
//! names the rule speaks in.

mod attack;
mod collection;
mod filter;
mod log_sources;
mod map;

#[cfg(test)]
mod tests;

use hmac_sha256::Hash;

use super::diagnostic::{Diagnostic, locate};
use super::keys::Keys;
use super::load::Loaded;
use super::shown::Output;
use super::source_map::SourceMap;
use super::{Document, INACTIVE, Language, Rule, Severity, lints};
use crate::event::Fields;
use crate::query::Query;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;
use crate::query::sigma::yaml::{Entry, YamlId, YamlKind, parse};
use crate::query::sigma::{NOTICES, Source, compile};
use crate::source::SOURCE;
use tocsin_wire::LogSource;

use map::Map;

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
    let mut notes = DiagnosticSink::new(NOTICES);
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
        let mut reader =
            Reader { document, map: Map { tree: &tree, root }, place, notes: &mut notes };
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
    map: Map<'t>,
    /// Which rule it is of those that share what a collection says of all of them, from 0.
    place: Option<usize>,
    notes: &'r mut DiagnosticSink,
}

impl<'t> Reader<'_, 't> {
    fn rule(&mut self, fields: &mut Fields, inactive: bool) -> Option<Rule> {
        if !matches!(self.map.tree.kind(self.map.root), YamlKind::Map(_)) {
            let message = "a rule must be a map of keys and values";
            self.error("sigma-no-rule", self.map.root, message, "such as `title: ...`");
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
            let hint = "the detection says which records raise the alert";
            self.map.say_missing("detection", hint, self.notes);
            return None;
        };
        fields.take_asked();
        let query = self.query(detection, output.as_deref().unwrap_or_default(), fields)?;
        let output = output.map(Output::Named).unwrap_or_else(|| match known_source {
            true => Output::Usual(Language::Sigma.vocabulary(), SOURCE.sigma.output),
            false => Output::Named(query.names.iter().map(|(name, _)| name.clone()).collect()),
        });
        let tree = self.map.tree;
        let span = tree.span(detection.key).start..tree.span(detection.value).end;
        let threat = attack::threats(&tags);
        let mut rule = Rule {
            id: id?,
            name: name?.to_owned(),
            description,
            author,
            license,
            tags,
            references,
            threat,
            false_positives,
            source_map: SourceMap::verbatim(span.start),
            text: self.document.text.get(span).unwrap_or_default().to_owned(),
            source: Some(source),
            alias: self.text("name").map(str::to_owned),
            is_for_source: known_source,
            ..Rule::new(self.document, Language::Sigma, severity?, query)
        };
        rule.show(None, output, fields);
        Some(rule)
    }

    /// Compiles the detection, and says what is wrong with it and with the names that the rule shows.
    fn query(
        &mut self,
        detection: Entry<'t>,
        shown: &[String],
        fields: &mut Fields,
    ) -> Option<Query> {
        let top_keys = self.top_keys();
        let (tree, text) = (self.map.tree, self.document.text);
        let detection_source = Source { tree, text, detection, other_key: None, top_keys };
        let query = compile(detection_source, fields, self.notes)?;
        let base = tree.span(detection.key).start;
        let mut notices = query.costs();
        if self.is_for_known_source() {
            notices.extend(lints::check(&query, fields));
            self.check_output(shown.to_vec(), &query);
        }
        for notice in notices {
            let span = notice.span.start.saturating_add(base)..notice.span.end.saturating_add(base);
            self.notes.add(Notice { span, ..notice });
        }
        Some(query)
    }

    /// Documents of Sigma that aren't rules for single records.
    fn is_refused(&mut self) -> bool {
        let Some(entry) = self.get("correlation") else { return false };
        let message = "a correlation joins several events; only rules for single records run";
        let notice = Notice::refused("sigma-correlation", self.map.tree.span(entry.key), message);
        self.notes.add(notice.hint("the rules that it refers to run by themselves"));
        true
    }

    /// Whether the author has set the rule aside, which is then reported.
    fn is_set_aside(&mut self) -> bool {
        let Some(entry) = self.get("status") else { return false };
        let (code, message) = match self.map.tree.text(entry.value) {
            Some("deprecated") => ("rule-deprecated", "the rule is deprecated"),
            Some("unsupported") => {
                ("rule-unsupported", "the rule is one that its author calls unsupported")
            }
            _ => return false,
        };
        let notice = Notice::refused(code, self.map.tree.span(entry.value), message);
        self.notes.add(notice.hint(INACTIVE));
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
        let start = self.map.tree.span(self.map.root).start;
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
        self.map.tree.get(source.value, key).and_then(|entry| self.map.tree.text(entry.value))
    }

    fn severity(&mut self) -> Option<Severity> {
        let Some(level) = self.text("level") else { return Some(Severity::Medium) };
        let severity = LEVELS.iter().find(|row| row.0 == level).map(|row| row.1);
        if severity.is_none() {
            let hint = "one of informational, low, medium, high, critical";
            let shown: String = level.chars().take(40).collect();
            let value = self.get("level").map_or(self.map.root, |entry| entry.value);
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
    fn check_output(&mut self, names: Vec<String>, query: &Query) {
        let Some(entry) = self.get("fields") else { return };
        for notice in lints::shown_names(names, query, Language::Sigma.vocabulary()) {
            self.map.say(self.map.tree.span(entry.key), notice, self.notes);
        }
    }

    /// Says where the log source's names are one letter beside known ones.
    #[inline(never)] // a frame of its own, live only while it runs
    fn check_log_source(&mut self) {
        let Some(source) = self.get("logsource") else { return };
        for key in ["product", "category", "service"] {
            let Some(entry) = self.map.tree.get(source.value, key) else { continue };
            let Some(value) = self.map.tree.text(entry.value) else { continue };
            let Some(meant) = log_sources::meant(key, value, self.source("product")) else {
                continue;
            };
            let shown: String = value.chars().take(40).collect();
            let message = format!("no records are known of the {key} `{shown}`");
            let notice =
                Notice::warning("sigma-logsource", self.map.tree.span(entry.value), message);
            self.notes.add(notice.hint(format!("did you mean `{meant}`?")));
        }
    }

    fn log_source(&self) -> LogSource {
        let part = |key| self.source(key).map(str::to_owned);
        LogSource { category: part("category"), product: part("product"), service: part("service") }
    }

    fn missing_softly(&mut self) {
        let start = self.map.tree.span(self.map.root).start;
        let notice =
            Notice::warning("sigma-no-logsource", start..start, "the rule has no `logsource`");
        let product = SOURCE.sigma.product;
        let hint = format!("say which records it is for, such as `product: {product}`");
        self.notes.add(notice.hint(hint));
    }

    fn get(&self, key: &str) -> Option<Entry<'t>> {
        self.map.tree.get(self.map.root, key)
    }

    fn error(&mut self, code: &'static str, at: YamlId, message: &str, hint: &str) {
        self.notes.add(Notice::error(code, self.map.tree.span(at), message).hint(hint));
    }

    fn text(&mut self, key: &str) -> Option<&'t str> {
        self.map.text(key, self.notes)
    }

    /// A text that must be there, and that says something.
    fn required(&mut self, key: &str, hint: &str) -> Option<&'t str> {
        let unusable = self.notes.unusable();
        let text = self.text(key).filter(|text| !text.trim().is_empty());
        if text.is_none() && self.notes.unusable() == unusable {
            self.map.say_missing(key, hint, self.notes);
        }
        text
    }

    /// A list of texts, or a single one; empty if the key isn't there.
    fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = self.map.texts(key, self.notes);
        if let Some(entry) = self.get(key).filter(|_| texts.len() > MOST_TEXTS) {
            let message = format!("`{key}` has more than {MOST_TEXTS} texts");
            let span = self.map.tree.span(entry.key);
            self.notes.add(Notice::error("rule-wrong-type", span, message));
            texts.truncate(MOST_TEXTS);
        }
        texts
    }
}
