//! In: a Logpresso query's text. Out: the predicate and the values that it stands for, or why there is none.
//!
//! The language is described in `docs/logpresso.md`. The way through: [`lexer`] makes tokens of the text,
//! [`parser`] trees of the tokens, [`commands`] takes one command of the pipe after the other and keeps in
//! [`scope`] what each name means behind it, [`lower`] makes clauses and computed values of the trees.

mod calls;
mod codes;
mod commands;
mod derived;
pub(crate) mod functions;
mod lexer;
mod lower;
mod names;
mod parser;
mod patterns;
mod scope;
mod source_paths;
mod syntax;
#[cfg(test)]
mod tests;

use super::Query;
use super::diagnostic_sink::Bounds;
use super::notice::Notice;
use crate::event::Fields;

/// How many notices a query gets.
const NOTICES: Bounds = Bounds { most: 100, more: codes::MORE, text: "query" };

/// Compiles a query. Its names mean fields of Logpresso's vocabulary, or else the record's own keys. Without
/// a result there is an error among the notices.
///
/// `shown` are names that the rule's message and output use.
pub(crate) fn compile(
    text: &str,
    shown: &[String],
    fields: &mut Fields,
    notices: &mut Vec<Notice>,
) -> Option<Query> {
    commands::compile(text, shown, fields, notices)
}

/// The commands that a query can have.
pub(crate) fn commands() -> &'static [&'static str] {
    &commands::COMMANDS
}
