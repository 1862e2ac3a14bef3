//! In: the values of a call's arguments. Out: the call's value. The functions are the language's own.

use std::any::Any;
use std::rc::Rc;

use super::date_format::DateFormat;
use super::datum::Datum;
use super::evaluate::Arguments;
use super::replacement::Replacement;
use super::span::Span;
use crate::pattern::Pattern;
use crate::query::regex::Regex;
use crate::query::text_set::TextSet;

/// A function or an operator.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// How many arguments it takes at least.
    pub(crate) least: usize,
    /// And at most.
    pub(crate) most: usize,
    /// Whether its value is always true or false, never null.
    pub(crate) decides: bool,
    pub(crate) prepare: Prepare,
    pub(crate) apply: Apply,
    pub(crate) doc: Doc,
}

/// What a person reads about a function; an operator has none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doc {
    /// How it is called, optional arguments in brackets.
    pub(crate) signature: &'static str,
    /// What it gives, as `docs/logpresso.md` says it.
    pub(crate) meaning: &'static str,
    /// Calls, each with the JSON of its value.
    pub(crate) examples: &'static [(&'static str, &'static str)],
}

impl Doc {
    const NONE: Doc = Doc { signature: "", meaning: "", examples: &[] };
}

/// Looks at the arguments that are constants.
pub(crate) type Prepare = fn(&[Option<&Datum<'static>>]) -> Result<Prepared, Refusal>;

/// Makes a value of the arguments' values.
pub(crate) type Apply = for<'m, 'a> fn(&Arguments<'m, 'a>) -> Outcome<'a>;

/// What a function gives back.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    Value(Datum<'a>),
    /// One of its arguments, by its place.
    Argument(usize),
}

/// What was worked out from constant arguments.
#[derive(Debug, Clone, Default)]
pub(crate) enum Prepared {
    #[default]
    Nothing,
    Pattern(Pattern),
    Regex(Regex),
    Texts(TextSet),
    /// A span of time, and how far its grid is moved, in milliseconds.
    Span(Span, i64),
    Dates(DateFormat),
    Replacement(Replacement),
    /// What only the function itself knows.
    Own(Rc<dyn Any>),
}

impl Prepared {
    /// What only the function itself knows, which asks for it by its type.
    pub(crate) fn own(value: impl Any) -> Prepared {
        Prepared::Own(Rc::new(value))
    }

    /// The regular expression that the call uses.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        match self {
            Prepared::Regex(regex) => Some(regex),
            Prepared::Replacement(replacement) => Some(replacement.regex()),
            _ => None,
        }
    }
}

/// Why a call can't be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The argument that is to blame.
    pub(crate) argument: usize,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(argument: usize, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { argument, code, message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Refusal {
        Refusal { hint: Some(hint.into()), ..self }
    }
}

impl Function {
    /// A function of a number of arguments, none of which need be constant.
    pub(crate) const fn new(
        name: &'static str,
        least: usize,
        most: usize,
        apply: Apply,
    ) -> Function {
        Function { name, least, most, decides: false, prepare: nothing, apply, doc: Doc::NONE }
    }

    /// The function's value is always true or false.
    pub(crate) const fn decides(self) -> Function {
        Function { decides: true, ..self }
    }

    /// What a person reads about it.
    pub(crate) const fn doc(
        self,
        signature: &'static str,
        meaning: &'static str,
        examples: &'static [(&'static str, &'static str)],
    ) -> Function {
        Function { doc: Doc { signature, meaning, examples }, ..self }
    }

    pub(crate) const fn prepared(self, prepare: Prepare) -> Function {
        Function { prepare, ..self }
    }

    /// The number of arguments, in words.
    pub(crate) fn arity(&self) -> String {
        let many =
            |count| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
        match (self.least, self.most) {
            (least, most) if least == most => many(least),
            (least, usize::MAX) => format!("at least {}", many(least)),
            (least, most) => format!("{least} to {}", many(most)),
        }
    }
}

fn nothing(_: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    Ok(Prepared::Nothing)
}
