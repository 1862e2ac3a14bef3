//! Records that need no reading, and rules that need no running.
//!
//! In: the predicates of a rule set, a batch, and what was read of a record. Out: records of the batch that no rule can
//! select, found without reading them; of a record that was read the few rules that may select it.
//!
//! Why that is sound. Whatever a predicate needs follows from its tree ([`necessary`]), from what its clauses need: a
//! clause on a field doesn't hold of a field without a value.
//!
//! - *Unread*: each rule names literals of which the record's bytes must hold one ([`required_literals`]). They are
//!   looked for in all spellings that JSON has for them, in texts inside texts too ([`search`]); where none may stand,
//!   well-delimited records are counted and passed over ([`skip`]).
//! - *Read, but not run*: what each clause asks for is made of atoms ([`clause_atoms`]): a value, a number, a text in a
//!   field or in any value, or that there is one. A record that satisfies the clause has one of them, in whichever
//!   reading, shape and spelling: all values of all of a field's places are looked at, decoded, and in lower case, so
//!   that what a language takes for equal is equal here. The [`index`] leads from the atoms that a record has to the
//!   rules that need them. A rule that it leaves out can't select the record, so running the others gives the alerts of
//!   running all.
//! - *Any value*: texts that any value may have in it are looked for in the record's bytes, by pieces that JSON writes in
//!   few ways ([`keywords`]). Only where a rule comes of one are the record's values looked at one by one.
//! - *Known*: atoms that are all of what a clause asks decide it; it is judged anew only where keys stand twice, since
//!   then each reading has some of the values. A clause of which no atom is there doesn't hold in any reading.
//!
//! Property tests hold each of these to reading everything and running every rule.
#![forbid(unsafe_code)]

mod atoms;
mod bits;
mod build;
mod clause_atoms;
mod edges;
pub(crate) mod index;
mod keywords;
mod lists;
mod literal_set;
pub(crate) mod literals;
mod near;
mod necessary;
mod regex_literal;
mod required_literals;
pub(crate) mod search;
pub(crate) mod skip;
