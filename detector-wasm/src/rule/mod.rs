//! In: rule documents. Out: rules ready to judge events, and what is wrong with the documents.
#![forbid(unsafe_code)]

pub(crate) mod diagnostic;
mod elastic;
pub(crate) mod embedded;
mod event_names;
mod keys;
pub(crate) mod lints;
pub(crate) mod load;
mod position;
mod severity;
mod shown;
mod sigma;
mod source_map;
pub(crate) mod sources;
mod template;
mod threat;

pub(crate) use severity::Severity;
pub(crate) use template::{Piece, Template};
pub(crate) use threat::Threat;

use std::borrow::Cow;
use std::rc::Rc;

use crate::budget;
use crate::event::Event;
use crate::event::vocabulary::Vocabulary;
use crate::query::predicate::ClauseId;
use crate::query::{Operand, Query};
use elastic::{Exceptions, Overrides};
use sigma::Filter;
use source_map::SourceMap;
use tocsin_wire::LogSource;

pub(crate) use elastic::JudgedExceptions;
pub(crate) use tocsin_wire::Schedule;

/// How rules run that their authors have set aside.
const INACTIVE: &str = "the option `inactive` (`--inactive`) runs such rules, too";

/// A named text that may hold rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'t> {
    pub(crate) name: &'t str,
    pub(crate) text: &'t str,
}

/// The language that a rule's query is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Kuery,
    Logpresso,
    Sigma,
}

impl Language {
    /// The name that rule files and alerts use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::Kuery => "kuery",
            Language::Logpresso => "logpresso",
            Language::Sigma => "sigma",
        }
    }

    /// The names that its queries speak in.
    pub(crate) fn vocabulary(self) -> Vocabulary {
        match self {
            Language::Kuery => Vocabulary::Ecs,
            Language::Logpresso => Vocabulary::Logpresso,
            Language::Sigma => Vocabulary::Raw,
        }
    }
}

/// A rule: a query, and what to say when it selects an event.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) language: Language,
    /// `query`, or the type of an Elastic rule of which only the base query runs.
    pub(crate) kind: String,
    pub(crate) description: String,
    pub(crate) author: Vec<String>,
    pub(crate) license: Option<String>,
    pub(crate) severity: Severity,
    /// 0 to 100.
    pub(crate) risk_score: u8,
    pub(crate) tags: Vec<String>,
    pub(crate) references: Vec<String>,
    pub(crate) false_positives: Vec<String>,
    pub(crate) threat: Vec<Threat>,
    /// The rule as Tocsin's own alerts show it if nothing overrides it; the set that it is in fills this in.
    pub(crate) shown: Box<[u8]>,
    pub(crate) schedule: Schedule,
    /// The text that the spans of the query's clauses are ranges of.
    pub(crate) text: String,
    /// Where that text stands in the document.
    pub(crate) source_map: SourceMap,
    pub(crate) query: Query,
    /// Events that the query selects and that raise no alert all the same.
    pub(crate) exceptions: Vec<Rc<Exceptions>>,
    /// What the event must satisfy, too, by documents of their own.
    pub(crate) filters: Vec<Rc<Filter>>,
    /// The records that the rule is for, if its language has a word for them.
    pub(crate) source: Option<LogSource>,
    /// What other documents may call the rule instead of its id.
    pub(crate) alias: Option<String>,
    overrides: Overrides,
    pub(crate) message: Option<Template>,
    /// What an alert shows of the event, in order.
    pub(crate) output: Vec<(String, Operand)>,
    /// The names of the fields that the query reads, sorted.
    pub(crate) reads: Vec<String>,
    /// Whether it is for records of the log source, and so not for what only looks like one.
    pub(crate) is_for_source: bool,
    /// The data sets or indices that its query is about, if they aren't the log source's.
    pub(crate) other_data: Vec<String>,
    /// The document that the rule came from.
    pub(crate) document: String,
}

impl Rule {
    /// A rule without anything that a document need not say.
    fn new(document: Document<'_>, language: Language, severity: Severity, query: Query) -> Rule {
        Rule {
            id: String::new(),
            name: String::new(),
            version: 1,
            language,
            kind: "query".to_owned(),
            description: String::new(),
            author: Vec::new(),
            license: None,
            severity,
            risk_score: severity.risk_score(),
            tags: Vec::new(),
            references: Vec::new(),
            false_positives: Vec::new(),
            threat: Vec::new(),
            shown: Box::default(),
            schedule: Schedule::default(),
            text: String::new(),
            source_map: SourceMap::verbatim(0),
            query,
            exceptions: Vec::new(),
            filters: Vec::new(),
            source: None,
            alias: None,
            overrides: Overrides::default(),
            message: None,
            output: Vec::new(),
            reads: Vec::new(),
            // Elastic's and Logpresso's fields are the log source's.
            is_for_source: true,
            other_data: Vec::new(),
            document: document.name.to_owned(),
        }
    }

    /// Whether the event, of a record of so many bytes, raises an alert; nothing if that takes more steps than a
    /// rule may. Of some of its query's clauses it may be known already whether they hold. Exceptions are shared by rules,
    /// and judged once for a record.
    pub(crate) fn judge(
        &self,
        event: &Event<'_>,
        known: &dyn Fn(ClauseId) -> Option<bool>,
        record: usize,
        judged: &mut JudgedExceptions,
    ) -> Option<bool> {
        budget::begin(record);
        let selects = self.query.selects_knowing(event, known);
        let selects = match budget::is_spent() {
            false => Some(selects),
            true => self.query.decide(event, known, record),
        };
        let verdict = match selects {
            Some(true) => Some(!self.holds_back(event, record, judged)),
            other => other,
        };
        budget::end();
        verdict
    }

    /// Whether one of its exceptions or filters holds back the alert that the query alone would raise about the
    /// event, of a record of so many bytes. One that can't be decided holds none back.
    pub(crate) fn holds_back(
        &self,
        event: &Event<'_>,
        record: usize,
        judged: &mut JudgedExceptions,
    ) -> bool {
        let holds_back = self.exceptions.iter().any(|list| judged.except(list, event, record))
            || self.filters.iter().any(|filter| filter.holds_back(event, record));
        budget::end();
        holds_back
    }

    /// Whether some of its exceptions may end.
    pub(crate) fn has_dated_exceptions(&self) -> bool {
        self.exceptions.iter().any(|list| list.is_dated())
    }

    /// Whether an event may have a say in what its alert says of the rule.
    pub(crate) fn has_overrides(&self) -> bool {
        !self.overrides.is_empty()
    }

    /// The severity of an alert about the event.
    pub(crate) fn severity_of(&self, event: &Event<'_>) -> Severity {
        self.overrides.severity(event).unwrap_or(self.severity)
    }

    /// The risk score of an alert about the event, 0 to 100.
    pub(crate) fn risk_score_of(&self, event: &Event<'_>) -> u8 {
        self.overrides.risk_score(event).unwrap_or(self.risk_score)
    }

    /// The name of an alert about the event.
    pub(crate) fn name_of(&self, event: &Event<'_>) -> Cow<'_, str> {
        self.overrides.name(event).map_or(Cow::Borrowed(&self.name), Cow::Owned)
    }
}
