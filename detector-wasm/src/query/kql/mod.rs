//! In: a query in the Kibana Query Language. Out: a predicate, or what is wrong with the query.
//!
//! The grammar is that of Kibana (package kbn-es-query), the meaning that of the Elasticsearch queries
//! which Kibana makes of it; `docs/kql.md` says it sentence by sentence.

pub(crate) mod clauses;
mod compare;
mod field;
mod instant;
mod intervals;
mod lints;
pub(crate) mod literal;
mod lower;
mod parser;
mod postfix;
mod scan;
mod syntax_errors;
mod word;
mod words;

#[cfg(test)]
mod tests;

use super::Query;
use super::diagnostic_sink::{Bounds, DiagnosticSink};
use super::expression::Expressions;
use super::notice::Notice;
use super::predicate::Builder;
use crate::event::Fields;

/// How many notices a query gets.
const NOTICES: Bounds = Bounds { most: 20, more: "kql-more-warnings", text: "query" };

/// Compiles a query. Nothing comes back if there is an error among the notices that it adds.
pub(crate) fn compile(text: &str, fields: &mut Fields, notices: &mut Vec<Notice>) -> Option<Query> {
    let mut sink = DiagnosticSink::new(NOTICES);
    let predicate = match parser::parse(text, &mut sink) {
        Ok(postfix) if postfix.ops.is_empty() => {
            sink.add(lints::empty_query(text));
            let mut builder = Builder::default();
            let root = builder.constant(true);
            Some(builder.finish(root))
        }
        Ok(postfix) => lower::lower(postfix, fields, &mut sink),
        Err(notice) => {
            sink.forget_warnings();
            sink.add(notice);
            None
        }
    };
    let usable = !sink.has_errors();
    notices.extend(sink.finish());
    let predicate = predicate.filter(|_| usable)?;
    let expressions = Expressions::default();
    Some(Query { predicate, expressions, names: Vec::new(), output: None })
}
