//! In: a call's name and arguments. Out: its node, or what is wrong with it.

use std::ops::Range;

use super::codes;
use super::lexer::{Token, shorten};
use super::parser::Parser;
use super::syntax::{Kind, NodeId};
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
        if name == "now" {
            let message = "`now` has no meaning here: a verdict depends on the record alone, and there is no clock";
            let hint = "compare with the record's own `_log_time`";
            self.notices.error_with_hint(codes::NO_CLOCK, span, message, hint);
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
        arguments: Vec<NodeId>,
        end: usize,
    ) -> NodeId {
        let span = name.start..end;
        let Some(function) = function else { return self.tree.push(Kind::Broken, span) };
        let count = arguments.len();
        if count < function.least || count > function.most {
            let message = format!("`{}` takes {}, found {count}", function.name, function.arity());
            self.notices.error(codes::ARITY, span.clone(), message);
            return self.tree.push(Kind::Broken, span);
        }
        self.tree.push(Kind::Call(function, arguments), span)
    }
}

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
