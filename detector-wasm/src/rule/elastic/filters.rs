//! In: the `[[rule.filters]]` of an Elastic rule. Out: what a record must satisfy beside the rule's query.
//!
//! Kibana joins filters to the query: each that isn't switched off must hold, or must not if it is negated.
//! A filter holds a piece of Elasticsearch's query language. The pieces that Kibana's own filter editor makes
//! are read; a rule with any other is refused, since without it the rule would raise other alerts.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::table::{Table, scalar};
use crate::event::Fields;
use crate::pattern::Case;
use crate::query::Query;
use crate::query::kql::clauses::Clauses;
use crate::query::notice::Notice;
use crate::query::predicate::ClauseId;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::keys::Keys;
use crate::rule::source_map::SourceMap;

/// How deep pieces of a filter may be nested.
const DEEPEST: usize = 8;

/// Why a filter isn't applied: what it holds that isn't read, and where.
struct Unread {
    what: String,
    span: Range<usize>,
}

type Read = Result<ClauseId, Unread>;

/// A value and where it stands.
type Spot<'d, 't> = &'d Spanned<DeValue<'t>>;

/// Adds the rule's filters to its query. `None` if one of them can't be applied, which is reported.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn apply(
    rule: &Table<'_, '_>,
    mut query: Query,
    explained: &mut Explained,
    fields: &mut Fields,
    out: &mut Vec<Diagnostic>,
) -> Option<Query> {
    let filters = rule.tables("filters", out);
    if filters.is_empty() {
        return Some(query);
    }
    let mut failed = None;
    let mut notices = Vec::new();
    query.predicate = query.predicate.and(|builder| {
        let mut clauses = Clauses::new(fields, builder);
        let mut nodes = Vec::new();
        for filter in &filters {
            let place = filter.span.clone();
            let mut reader = Reader { clauses: &mut clauses, explained, place };
            match reader.filter(filter.table, filter.span.clone(), 0) {
                Ok(node) => nodes.extend(node),
                Err(unread) => failed = Some(unread),
            }
        }
        notices = clauses.finish();
        nodes
    });
    if let Some(Unread { what, span }) = failed {
        let notice = Notice::refused("rule-filter", 0..0, format!("the filter's {what} can't be run"))
            .hint("filters that run: phrase, phrases, exists, range, wildcard, and several of them combined");
        rule.say(span, notice, out);
        return None;
    }
    let span = filters.first().map_or(rule.span.clone(), |filter| filter.span.clone());
    for notice in notices {
        rule.say(span.clone(), notice, out);
    }
    Some(query)
}

/// The text that the spans of a rule's clauses are ranges of.
pub(super) struct Explained {
    pub(super) text: String,
    pub(super) source_map: SourceMap,
}

/// Makes clauses of filters, and writes beside the rule's query what each asks, for explanations.
struct Reader<'r, 'f, 'b> {
    clauses: &'r mut Clauses<'f, 'b>,
    explained: &'r mut Explained,
    /// Where the filter at hand stands.
    place: Range<usize>,
}

impl Reader<'_, '_, '_> {
    /// A filter as Kibana keeps it; nothing if it is switched off.
    fn filter(
        &mut self,
        filter: &DeTable<'_>,
        span: Range<usize>,
        depth: usize,
    ) -> Result<Option<ClauseId>, Unread> {
        let meta = filter.get("meta").and_then(|meta| meta.get_ref().as_table());
        let is = |key: &str| {
            let value = meta.and_then(|meta| meta.get(key)).map(|value| value.get_ref());
            value.and_then(DeValue::as_bool) == Some(true)
        };
        if is("disabled") {
            return Ok(None);
        }
        let node = if let Some(query) = filter.get("query") {
            self.query(query, depth)?
        } else if let Some(piece) = PIECES.iter().find(|piece| filter.contains_key(**piece)) {
            // Kibana's older filters hold their piece without a `query` around it.
            self.piece(piece, filter.get(*piece), span, depth)?
        } else if let Some(meta) = meta {
            self.described(meta, span, depth)?
        } else {
            return Err(Unread { what: "lack of a `query`".into(), span });
        };
        Ok(Some(if is("negate") { self.clauses.builder().not(node) } else { node }))
    }

    /// A filter of which only the description is there, as combined ones are.
    fn described(&mut self, meta: &DeTable<'_>, span: Range<usize>, depth: usize) -> Read {
        let word = |key: &str| meta.get(key).and_then(|value| value.get_ref().as_str());
        let unread = |what: String| Unread { what, span: span.clone() };
        let params = meta.get("params");
        let list = || params.and_then(|params| params.get_ref().as_array());
        match (word("type"), word("key")) {
            (Some("combined"), _) => {
                if depth >= DEEPEST {
                    return Err(unread("nesting".into()));
                }
                let mut nodes = Vec::new();
                for member in list().ok_or_else(|| unread("missing `params`".into()))? {
                    let table = member.get_ref().as_table();
                    let table = table.ok_or_else(|| unread("`params`".into()))?;
                    self.place = member.span();
                    nodes.extend(self.filter(table, member.span(), depth + 1)?);
                }
                let builder = self.clauses.builder();
                match word("relation").unwrap_or("AND") {
                    "AND" | "and" => Ok(builder.all(nodes)),
                    "OR" | "or" => Ok(builder.any(nodes)),
                    other => Err(unread(format!("relation `{other}`"))),
                }
            }
            (Some("exists"), Some(field)) => Ok(self.exists(field)),
            (Some("phrase"), Some(field)) => {
                let value = params.and_then(|params| match params.get_ref() {
                    DeValue::Table(params) => params.get("query").and_then(scalar),
                    _ => scalar(params),
                });
                let value = value.or_else(|| meta.get("value").and_then(scalar));
                let value = value.ok_or_else(|| unread("missing value".into()))?;
                Ok(self.one_of(field, &[value]))
            }
            (Some("phrases"), Some(field)) => {
                let values = list().map(|list| list.iter().map(scalar).collect::<Option<Vec<_>>>());
                let values = values.flatten().ok_or_else(|| unread("missing values".into()))?;
                Ok(self.one_of(field, &values))
            }
            (Some("range"), Some(field)) => {
                let params = params.ok_or_else(|| unread("missing bounds".into()))?;
                self.range(field, params)
            }
            (kind, _) => Err(unread(format!("type `{}`", kind.unwrap_or("custom")))),
        }
    }

    /// A piece of Elasticsearch's query language: a table with one member, the piece's name.
    fn query(&mut self, query: Spot<'_, '_>, depth: usize) -> Read {
        let unread = |what: String| Unread { what, span: query.span() };
        let table = query.get_ref().as_table().ok_or_else(|| unread("`query`".into()))?;
        let mut members = table.iter();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => {
                self.piece(name.get_ref(), Some(value), name.span(), depth)
            }
            _ => Err(unread("`query`".into())),
        }
    }

    fn piece(
        &mut self,
        name: &str,
        value: Option<Spot<'_, '_>>,
        span: Range<usize>,
        depth: usize,
    ) -> Read {
        let unread = |what: String| Unread { what, span: span.clone() };
        let value = value.ok_or_else(|| unread(format!("`{name}`")))?;
        let table = value.get_ref().as_table().ok_or_else(|| unread(format!("`{name}`")))?;
        match name {
            "match_all" => Ok(self.clauses.builder().constant(true)),
            "match_none" => Ok(self.clauses.builder().constant(false)),
            "exists" => match table.get("field").and_then(|field| field.get_ref().as_str()) {
                Some(field) => Ok(self.exists(field)),
                None => Err(unread("`exists` without a `field`".into())),
            },
            "bool" => self.joined(table, span, depth),
            _ => {
                let (field, value) =
                    only_field(table).ok_or_else(|| unread(format!("`{name}`")))?;
                self.about(name, &field, value, span)
            }
        }
    }

    /// A piece about one field.
    fn about(&mut self, name: &str, field: &str, value: Spot<'_, '_>, span: Range<usize>) -> Read {
        let unread = |what: &str| Unread { what: what.into(), span: span.clone() };
        let options = value.get_ref().as_table();
        let keys = match name {
            "match_phrase" | "match" => &["query", "type", "operator", "boost"][..],
            _ => &["value", "wildcard", "case_insensitive", "boost", "rewrite"],
        };
        let simple = options
            .is_none_or(|options| options.iter().all(|(key, _)| keys.contains(&&**key.get_ref())));
        let inner = |key: &str| match options {
            Some(options) => options.get(key).and_then(scalar),
            None => scalar(value),
        };
        let case = options.and_then(|options| options.get("case_insensitive")?.get_ref().as_bool());
        let case = if case == Some(true) { Case::Insensitive } else { Case::Sensitive };
        match name {
            "match_phrase" | "match" if simple => {
                let value = inner("query").ok_or_else(|| unread("missing value"))?;
                Ok(self.one_of(field, &[value]))
            }
            "term" if simple => {
                let value = inner("value").ok_or_else(|| unread("missing value"))?;
                match case {
                    Case::Sensitive => Ok(self.one_of(field, &[value])),
                    Case::Insensitive => {
                        let plain =
                            value.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?");
                        Ok(self.wildcard(field, &plain, case))
                    }
                }
            }
            "terms" => {
                let values = value.get_ref().as_array();
                let values =
                    values.and_then(|list| list.iter().map(scalar).collect::<Option<Vec<_>>>());
                Ok(self.one_of(field, &values.ok_or_else(|| unread("missing values"))?))
            }
            "wildcard" if simple => {
                let value = inner("value").or_else(|| inner("wildcard"));
                Ok(self.wildcard(field, value.ok_or_else(|| unread("missing value"))?, case))
            }
            "prefix" if simple => {
                let value = inner("value").ok_or_else(|| unread("missing value"))?;
                let span = self.said(&format!("{field}: {value}*"));
                Ok(self.clauses.prefix(field, value, case, span))
            }
            "range" => self.range(field, value),
            _ => Err(Unread { what: format!("`{name}`"), span }),
        }
    }

    /// `bool`: pieces that all must hold, of which one must, or of which none may.
    fn joined(&mut self, table: &DeTable<'_>, span: Range<usize>, depth: usize) -> Read {
        if depth >= DEEPEST {
            return Err(Unread { what: "nesting".into(), span });
        }
        let mut all = Vec::new();
        let mut least = None;
        let mut should: Option<Vec<ClauseId>> = None;
        for (key, value) in table.iter() {
            let unread = || Unread { what: format!("`bool.{}`", key.get_ref()), span: key.span() };
            match &**key.get_ref() {
                "boost" => {}
                "minimum_should_match" => {
                    let number = scalar(value).and_then(|number| number.parse::<u64>().ok());
                    least = Some(number.filter(|least| *least <= 1).ok_or_else(unread)?);
                }
                "must" | "filter" => all.extend(self.pieces(value, depth)?),
                "must_not" => {
                    for node in self.pieces(value, depth)? {
                        all.push(self.clauses.builder().not(node));
                    }
                }
                "should" => should = Some(self.pieces(value, depth)?),
                _ => return Err(unread()),
            }
        }
        // Beside others that must hold, those of which one should only count for the order of results.
        if let Some(should) = should
            && least.unwrap_or(u64::from(all.is_empty())) > 0
        {
            all.push(self.clauses.builder().any(should));
        }
        Ok(self.clauses.builder().all(all))
    }

    /// One piece, or a list of them.
    fn pieces(&mut self, value: Spot<'_, '_>, depth: usize) -> Result<Vec<ClauseId>, Unread> {
        match value.get_ref().as_array() {
            Some(list) => list.iter().map(|piece| self.query(piece, depth + 1)).collect(),
            None => Ok(vec![self.query(value, depth + 1)?]),
        }
    }

    fn range(&mut self, field: &str, bounds: Spot<'_, '_>) -> Read {
        let unread = |what: String| Unread { what, span: bounds.span() };
        let table = bounds.get_ref().as_table().ok_or_else(|| unread("bounds".into()))?;
        let mut all = Vec::new();
        for (key, value) in table.iter() {
            let key = &**key.get_ref();
            // As older versions of Kibana wrote them.
            let (relation, sign) = match key {
                "lt" => ("lt", "<"),
                "lte" | "to" => ("lte", "<="),
                "gt" => ("gt", ">"),
                "gte" | "from" => ("gte", ">="),
                "boost" => continue,
                "format" if scalar(value) == Some("strict_date_optional_time") => continue,
                other => return Err(unread(format!("`range` with `{other}`"))),
            };
            let value = scalar(value).ok_or_else(|| unread(format!("bound `{key}`")))?;
            if value.starts_with("now") || value.contains("||") {
                return Err(unread(format!("bound `{value}`, which needs a clock,")));
            }
            let span = self.said(&format!("{field} {sign} {value}"));
            all.extend(self.clauses.range(field, relation, value, span));
        }
        Ok(self.clauses.builder().all(all))
    }

    fn exists(&mut self, field: &str) -> ClauseId {
        let span = self.said(&format!("{field}: *"));
        self.clauses.exists(field, span)
    }

    fn one_of(&mut self, field: &str, values: &[&str]) -> ClauseId {
        let span = self.said(&format!("{field}: ({})", values.join(" or ")));
        self.clauses.one_of(field, values, span)
    }

    fn wildcard(&mut self, field: &str, value: &str, case: Case) -> ClauseId {
        let span = self.said(&format!("{field}: {value}"));
        self.clauses.wildcard(field, value, case, span)
    }

    /// Writes what a clause asks behind the rule's query. Gives the place.
    fn said(&mut self, clause: &str) -> Range<usize> {
        let text = &mut self.explained.text;
        text.push('\n');
        let from = text.len();
        text.push_str(clause);
        let span = from..text.len();
        self.explained.source_map.append(from, &self.place);
        span
    }
}

/// The pieces that a filter may hold without a `query` around them.
const PIECES: [&str; 9] =
    ["match_phrase", "match", "exists", "range", "term", "terms", "wildcard", "prefix", "bool"];

/// The one field that a piece is about, and what is said of it. A name whose dots TOML has read as tables is
/// put together again.
fn only_field<'d, 't>(table: &'d DeTable<'t>) -> Option<(String, Spot<'d, 't>)> {
    let only = |table: &'d DeTable<'t>| {
        let mut members = table.iter().filter(|(key, _)| key.get_ref() != "boost");
        let (key, value) = members.next()?;
        members.next().is_none().then(|| (key.get_ref(), value))
    };
    let (first, mut value) = only(table)?;
    let mut name = first.to_string();
    while let Some((key, inner)) = value.get_ref().as_table().and_then(only)
        && !OPTIONS.contains(&&**key)
    {
        name.push('.');
        name.push_str(key);
        value = inner;
    }
    Some((name, value))
}

/// What a piece may say of its field.
const OPTIONS: [&str; 8] =
    ["query", "value", "wildcard", "gt", "gte", "lt", "lte", "case_insensitive"];
