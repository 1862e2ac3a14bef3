//! In: a rule's message and the names of its output fields. Out: what an alert shows of an event.

use std::collections::BTreeSet;

use super::{Piece, Rule, Template};
use crate::event::Fields;
use crate::event::vocabulary::Vocabulary;
use crate::query::expression::ExpressionId;
use crate::query::{Operand, Query};
use crate::sort;

/// The names that an alert shows the values of.
pub(super) enum Output {
    /// Those that the rule names, in its language's words.
    Named(Vec<String>),
    /// What alerts of its kind show if it names none, in the words of a vocabulary.
    Usual(Vocabulary, &'static [&'static str]),
}

impl Rule {
    /// Takes the names of the fields that were asked for so far for those that the query reads, and looks up what
    /// the message and the output name.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn show(&mut self, message: Option<Template>, output: Output, fields: &mut Fields) {
        self.reads = reads(fields);
        let vocabulary = self.language.vocabulary();
        for name in names(message.as_ref(), None) {
            resolve(&name, &mut self.query, vocabulary, fields);
        }
        self.output = match output {
            Output::Named(names) => distinct(names)
                .map(|name| {
                    let operand = resolve(&name, &mut self.query, vocabulary, fields);
                    (name, operand)
                })
                .collect(),
            Output::Usual(vocabulary, names) => {
                let mut field = |name: &&str| Operand::Field(fields.want(vocabulary, name));
                names.iter().map(|name| ((*name).to_owned(), field(name))).collect()
            }
        };
        plan_shown(&mut self.query, message.as_ref(), &self.output);
        self.message = message;
    }
}

/// The names that a rule's message and output use.
pub(super) fn names(message: Option<&Template>, output: Option<&[String]>) -> Vec<String> {
    let pieces = message.map_or(&[][..], |template| &template.pieces);
    let named = pieces.iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name.clone()),
        Piece::Text(_) => None,
    });
    named.chain(output.unwrap_or_default().iter().cloned()).collect()
}

/// What a rule's message or output calls by a name: what its query says, or the vocabulary's field.
#[inline(never)] // a frame of its own, live only while it runs
fn resolve(name: &str, query: &mut Query, vocabulary: Vocabulary, fields: &mut Fields) -> Operand {
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
pub(super) fn distinct(names: Vec<String>) -> impl Iterator<Item = String> {
    let mut known = BTreeSet::new();
    names.into_iter().filter(move |name| known.insert(name.clone()))
}

/// The names of the fields that were asked for while a query was compiled, sorted.
#[inline(never)] // a frame of its own, live only while it runs
fn reads(fields: &mut Fields) -> Vec<String> {
    let asked = fields.take_asked();
    let names = asked.iter().filter_map(|id| fields.get(*id).map(|field| field.name.clone()));
    let mut names: Vec<String> = names.collect();
    sort::sort_and_dedup(&mut names);
    names
}
