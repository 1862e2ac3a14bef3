//! In: a call's name and arguments. Out: its node, or what is wrong with it.

use std::ops::Range;

use super::codes;
use super::lexer::{Token, shorten};
use super::parser::Parser;
use super::syntax::{SyntaxId, SyntaxKind};
use crate::query::expression::function::Function;
use crate::query::logpresso::functions;
use crate::query::nearest::nearest;

impl Parser<'_> {
    /// The function of a name.
    pub(super) fn function(&mut self, token: Token) -> Option<&'static Function> {
        let name = self.text_of(token);
        let function = functions::by_name(name);
        if function.is_some() {
            return function;
        }
        let span = token.span();
        let shown = shorten(name);
        if matches!(name, "now" | "ago") {
            let message = format!(
                "`{name}` has no meaning here: a verdict depends on the record alone, and there is no clock"
            );
            let hint = "compare with the record's own `_log_time`";
            self.notices.error_with_hint(codes::NO_CLOCK, span, message, hint);
        } else if let Some((_, why)) = BEYOND.iter().find(|(names, _)| names.contains(&name)) {
            let message = format!("a rule can't use the function `{shown}`");
            self.notices.error_with_hint(codes::UNSUPPORTED, span, message, *why);
        } else if let Some((_, hint)) = OTHER_FUNCTIONS.iter().find(|(other, _)| *other == name) {
            let message = format!("there is no function `{shown}`");
            self.notices.error_with_hint(codes::UNKNOWN_FUNCTION, span, message, *hint);
        } else {
            let message = format!("there is no function `{shown}`");
            let known = functions::all().map(|function| function.name);
            match nearest(name, known) {
                Some(known) => {
                    let hint = format!("did you mean `{known}`?");
                    self.notices.error_with_hint(codes::UNKNOWN_FUNCTION, span, message, hint);
                }
                None => self.notices.error(codes::UNKNOWN_FUNCTION, span, message),
            }
        }
        None
    }

    pub(super) fn call(
        &mut self,
        name: Range<usize>,
        function: Option<&'static Function>,
        arguments: Vec<SyntaxId>,
        end: usize,
    ) -> SyntaxId {
        let span = name.start..end;
        let Some(function) = function else { return self.tree.push(SyntaxKind::Broken, span) };
        if let ("field", [name]) = (function.name, arguments.as_slice()) {
            return match self.tree.text(*name).map(Box::from) {
                Some(name) => self.tree.push(SyntaxKind::Name(name), span),
                None => {
                    let message =
                        "the name in `field` must be a text in quotes, written in the query";
                    self.notices.error("logpresso-literal-needed", span.clone(), message);
                    self.tree.push(SyntaxKind::Broken, span)
                }
            };
        }
        let count = arguments.len();
        if count < function.least || count > function.most {
            let message = format!("`{}` takes {}, found {count}", function.name, function.arity());
            self.notices.error(codes::ARITY, span.clone(), message);
            return self.tree.push(SyntaxKind::Broken, span);
        }
        self.tree.push(SyntaxKind::Call(function, arguments), span)
    }
}

/// Functions of Logpresso's that one record alone can't answer, and why.
const BEYOND: &[(&[&str], &str)] = &[
    (
        &["rand", "randbytes", "guid", "whoami"],
        "a verdict depends on the record alone: the same record gives the same alert",
    ),
    (
        &[
            "matchfeed",
            "matchnet",
            "matchblackip",
            "matchport",
            "matchsig",
            "matchbehavior",
            "matchfilter",
        ],
        "it asks for lists that Logpresso keeps; write the values into the query: in(field, \"a\", \"b\")",
    ),
    (&["evtctxget", "evtctxgetvar", "evtctxsetvar", "seq"], "a rule looks at one record at a time"),
    (
        &["foreach"],
        "name the elements: valueof(list, 0), or ask the whole list: in(list, ...), contains(list, x)",
    ),
    (&["kvjoin"], "name the fields: concat(\"a=\", a, \";b=\", b)"),
    (&["encrypt", "decrypt"], "ciphers aren't part of a rule"),
    (
        &[
            "avg",
            "count",
            "dc",
            "estdc",
            "first",
            "last",
            "median",
            "percentile",
            "sum",
            "values",
            "stddev",
            "var",
            "cov",
            "corr",
            "slope",
        ],
        "a rule looks at one record at a time; there is nothing to group",
    ),
    (&["zip", "xpath"], "this is no longer one of Logpresso's functions"),
];

/// Names that people bring along from other languages.
const OTHER_FUNCTIONS: &[(&str, &str)] = &[
    ("iif", "write if(condition, then, else)"),
    ("startswith", "compare with a pattern: == \"prefix*\""),
    ("endswith", "compare with a pattern: == \"*suffix\""),
    ("coalesce", "write nvl(a, b)"),
    ("ifnull", "write nvl(a, b)"),
    ("like", "compare with a pattern: == \"*part*\""),
    ("regex", "write match(value, \"expression\")"),
    ("matches", "write match(value, \"expression\")"),
    ("exists", "write isnotnull(value)"),
    ("length", "write len(value)"),
    ("substring", "write substr(value, begin, end)"),
    ("cidr", "compare network addresses: network(ip, 24) == \"10.0.0.0\""),
];
