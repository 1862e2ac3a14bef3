//! In: a query in the Kibana Query Language. Out: a predicate, or what is wrong with the query.
//!
//! The grammar is that of Kibana (package kbn-es-query), the meaning that of the Elasticsearch queries
//! which Kibana makes of it; `docs/kql.md` says it sentence by sentence.

mod address;
mod compare;
mod complaint;
pub(crate) mod decimal;
mod field;
mod instant;
mod intervals;
pub(crate) mod literal;
mod lower;
mod notes;
mod parser;
mod remark;
mod scan;
mod tape;
mod word;
mod words;

#[cfg(test)]
mod tests;

use super::Query;
use super::expression::Expressions;
use super::notice::Notice;
use super::predicate::Builder;
use crate::event::Fields;

/// Compiles a query. Nothing comes back if there is an error among the notices that it adds.
pub(crate) fn compile(text: &str, fields: &mut Fields, notices: &mut Vec<Notice>) -> Option<Query> {
    let mut notes = notes::Notes::default();
    let predicate = match parser::parse(text, &mut notes) {
        Ok(tape) if tape.ops.is_empty() => {
            notes.add(remark::empty_query(text));
            let mut builder = Builder::default();
            let root = builder.constant(true);
            Some(builder.finish(root))
        }
        Ok(tape) => lower::lower(tape, fields, &mut notes),
        Err(notice) => {
            notes.forget_warnings();
            notes.add(notice);
            None
        }
    };
    let usable = !notes.has_error();
    notices.extend(notes.finish());
    let predicate = predicate.filter(|_| usable)?;
    let expressions = Expressions::default();
    Some(Query { predicate, expressions, names: Vec::new(), output: None })
}
