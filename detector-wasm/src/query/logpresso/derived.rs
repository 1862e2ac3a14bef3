//! The commands that make fields of a value (`rex`, `parse` and its kin), and those about values that aren't
//! fields of the record.

use std::collections::BTreeSet;

use super::codes;
use super::commands::Compiler;
use super::functions::read_json::Options;
use super::functions::records::{self, Columns, Cut};
use super::functions::{ENGINES, by_name};
use super::lexer::{Token, TokenKind};
use super::lower::MOST_REGEXES;
use super::parser::{Setting, Unreadable};
use super::scope::{Binding, Bound, Layer, Presence};
use super::syntax::SyntaxKind;
use crate::query::Operand;
use crate::query::expression::function::{Function, Prepared};
use crate::query::expression::{Call, Datum, ExpressionId, Step};
use crate::query::nearest::nearest;
use crate::query::regex::{Flavour, Regex};
use crate::query::test::Test;

/// How many characters `parsejson flatten=t` reads by default.
const FLATTENED: usize = 5_000;

/// How many commands of a query may make fields of a value: each lies over every name that comes later.
const MOST_LAYERS: usize = 100;

/// The options of each command.
const OPTIONS: [(&str, &[&str]); 9] = [
    ("rex", &["field", "engine", "debug"]),
    ("parse", &["field", "overlay"]),
    ("parsejson", &["field", "overlay", "flatten", "cutoff", "lenient"]),
    ("parsekv", &["field", "overlay", "pairdelim", "kvdelim"]),
    ("parsemap", &["field", "overlay"]),
    ("parsecsv", &["field", "overlay", "strict", "tab"]),
    ("parsexml", &["field", "overlay"]),
    ("tojson", &["output"]),
    ("signature", &[]),
];

/// The options that stand at a command.
struct Settings(Vec<Setting>);

impl Settings {
    fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|setting| setting.name == name)
            .map(|setting| setting.value.as_str())
    }

    /// Everything but `t` and `true` is false.
    fn is(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| {
            value.eq_ignore_ascii_case("t") || value.eq_ignore_ascii_case("true")
        })
    }
}

impl Compiler<'_, '_> {
    /// A command that makes fields of a value.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn fields_of_a_value(&mut self, name: &str, at: Token) -> Result<(), Unreadable> {
        let settings = self.settings(name)?;
        match name {
            "rex" => self.rex(&settings, at),
            "parse" => self.parse(&settings, at),
            "parsejson" => self.parse_json(&settings, at),
            "parsekv" => self.parse_kv(&settings, at),
            "parsemap" => self.parse_map(&settings, at),
            "parsecsv" => self.parse_csv(&settings, at),
            "parsexml" => {
                let map = self.made(&records::PARSE_XML, &settings, Prepared::Nothing);
                self.cover(map, &settings, None, None);
                Ok(())
            }
            "tojson" => self.write_json(&settings, at),
            _ => self.signature(),
        }
    }

    fn settings(&mut self, command: &str) -> Result<Settings, Unreadable> {
        let known =
            OPTIONS.iter().find(|(name, _)| *name == command).map_or(&[][..], |(_, known)| known);
        let mut settings = Vec::new();
        while let Some(setting) = self.parser.option() {
            if !known.contains(&setting.name.as_str()) {
                let message = format!("`{command}` has no option `{}`", setting.name);
                let hint = match nearest(&setting.name, known.iter().copied()) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None if known.is_empty() => "it has none".to_owned(),
                    None => format!("it has {}", known.join(", ")),
                };
                self.parser.notices.error_with_hint(codes::OPTION, setting.span, message, hint);
                return Err(Unreadable);
            }
            if setting.value.is_empty() || setting.value.starts_with('$') {
                let message = format!("`{}` needs a value that is written here", setting.name);
                self.parser.notices.error(codes::OPTION, setting.span, message);
                return Err(Unreadable);
            }
            settings.push(setting);
        }
        Ok(Settings(settings))
    }

    fn wrong(&mut self, at: std::ops::Range<usize>, message: &str, hint: &str) -> Unreadable {
        self.parser.notices.error_with_hint(codes::OPTION, at, message, hint);
        Unreadable
    }

    /// The step that reads the field that a command is about: `line` unless it says otherwise.
    fn subject(&mut self, settings: &Settings) -> ExpressionId {
        let name = settings.text("field").unwrap_or("line").to_owned();
        let at = settings
            .0
            .iter()
            .find(|setting| setting.name == "field")
            .map(|setting| setting.span.clone());
        let bound = self.lowering.lookup(&mut self.parser, &name, at.or(Some(0..0))).bound;
        self.lowering.step_of(bound)
    }

    /// The map that a function makes of the command's field.
    fn made(
        &mut self,
        function: &'static Function,
        settings: &Settings,
        prepared: Prepared,
    ) -> ExpressionId {
        let arguments = [self.subject(settings)].into();
        self.lowering.push(Step::Call(Call { function, arguments, prepared }))
    }

    /// Lays the map's fields over the names, or puts them in the names' place.
    fn cover(
        &mut self,
        map: ExpressionId,
        settings: &Settings,
        names: Option<BTreeSet<Box<str>>>,
        list: Option<&str>,
    ) {
        let overlay = settings.is("overlay");
        if let (Some(output), Some(names)) = (&mut self.output, &names) {
            names.iter().for_each(|name| output.add(name));
        }
        self.lay(Layer { map, overlay, names, list: list.map(Box::from) });
    }

    fn lay(&mut self, layer: Layer) {
        if self.lowering.scope.layers_above(0).len() >= MOST_LAYERS {
            let message = format!("more than {MOST_LAYERS} commands make fields of a value");
            self.lowering.full(&mut self.parser, message);
            return;
        }
        self.lowering.scope.cover(layer);
    }

    /// `rex field=F "RE"`: each named group becomes a field.
    fn rex(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        if settings.text("field").is_none() {
            return Err(self.wrong(
                at.span(),
                "`rex` needs a field",
                "write rex field=NAME \"...\"",
            ));
        }
        if let Some(engine) = settings.text("engine").filter(|engine| !ENGINES.contains(engine)) {
            let message = format!("there is no engine `{engine}`");
            return Err(self.wrong(
                at.span(),
                &message,
                "one of jdk, re2j, jdk-re2j, jdk-re2j-lax",
            ));
        }
        let token = self.parser.token();
        if token.kind != TokenKind::Text {
            return Err(self.parser.expected("a regular expression in quotes"));
        }
        self.parser.advance();
        let text = self.parser.text_of(token);
        let pattern = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let pattern = pattern.unwrap_or_default();
        let regex = match Regex::new(pattern, Flavour::Java, "") {
            Ok(regex) => regex,
            Err(problem) => {
                let part = pattern.get(problem.range.clone()).unwrap_or_default();
                let part: String = part.chars().take(40).collect();
                let reason = problem.reason;
                let message = format!("the regular expression can't be used: `{part}`: {reason}");
                self.parser.notices.error("logpresso-regex", token.span(), message);
                return Err(Unreadable);
            }
        };
        self.lowering.regexes += 1;
        if self.lowering.regexes > MOST_REGEXES {
            self.lowering.too_many_regexes(&mut self.parser);
            return Err(Unreadable);
        }
        let names: BTreeSet<Box<str>> =
            regex.engine().capture_names().flatten().map(Box::from).collect();
        if names.is_empty() {
            let message = "without a named group `rex` makes no field";
            self.parser.notices.warn(codes::UNUSED, token.span(), message, "name it: (?<name>...)");
        }
        let map = self.made(&records::REX, settings, Prepared::Regex(regex));
        self.lay(Layer { map, overlay: true, names: Some(names), list: None });
        Ok(())
    }

    /// `parse "START*STOP" as NAME, ...`
    fn parse(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        let mut cuts = Vec::new();
        let mut names = BTreeSet::new();
        if self.parser.token().kind == TokenKind::Word {
            let message = "a parser that is configured in Logpresso isn't part of the rule";
            let hint = "write what it does: parse \"START*STOP\" as NAME";
            self.parser.notices.error_with_hint(codes::UNSUPPORTED, at.span(), message, hint);
            return Err(Unreadable);
        }
        loop {
            let token = self.parser.token();
            if token.kind != TokenKind::Text {
                return Err(self.parser.expected("a rule in quotes"));
            }
            self.parser.advance();
            let text = raw_text(self.parser.text_of(token));
            let word = self.parser.token();
            if !self.parser.text_of(word).eq_ignore_ascii_case("as") {
                return Err(self.parser.expected("`as`"));
            }
            self.parser.advance();
            let (name, _) = self.name("a name for the value")?;
            names.insert(name.as_str().into());
            match text.split_once('*') {
                Some((start, stop)) if !start.is_empty() && !stop.contains('*') => {
                    let (start, stop) = (start.to_owned(), stop.chars().next());
                    cuts.push(Cut { start, stop, name });
                }
                _ => {
                    let message = "this rule takes nothing";
                    let hint = "write a text, one star, and what ends the value: \"user=*;\"";
                    self.parser.notices.warn(codes::UNUSED, token.span(), message, hint);
                }
            }
            if !self.parser.eat(TokenKind::Comma) {
                break;
            }
        }
        let map = self.made(&records::PARSE, settings, Prepared::own(cuts));
        self.cover(map, settings, Some(names), None);
        Ok(())
    }

    fn parse_json(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        let flatten = settings.is("flatten");
        let cutoff = match settings.text("cutoff").map(str::parse) {
            None => flatten.then_some(FLATTENED),
            Some(Ok(0)) => None,
            Some(Ok(cutoff)) => Some(cutoff),
            Some(Err(_)) => {
                let message = "`cutoff` must be a whole number of characters";
                return Err(self.wrong(at.span(), message, "0 means all of them"));
            }
        };
        let options = Options { cutoff, lenient: settings.is("lenient"), flatten };
        let map = self.made(&records::PARSE_JSON, settings, Prepared::own(options));
        let field = settings.text("field").unwrap_or("line");
        self.cover(map, settings, None, Some(field));
        Ok(())
    }

    fn parse_kv(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        let between = settings.text("pairdelim").unwrap_or(" ").to_owned();
        let inside = settings.text("kvdelim").unwrap_or("=").to_owned();
        if between.is_empty() || inside.is_empty() {
            return Err(self.wrong(
                at.span(),
                "a delimiter can't be empty",
                "such as pairdelim=\";\"",
            ));
        }
        if !settings.is("overlay") {
            // A record without the field goes no further.
            let subject = self.subject(settings);
            self.keep_if_not_null(subject, at);
        }
        let pair = records::Pair { between, inside };
        let map = self.made(&records::PARSE_KV, settings, Prepared::own(pair));
        self.cover(map, settings, None, None);
        Ok(())
    }

    fn parse_map(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        if settings.text("field").is_none() {
            return Err(self.wrong(
                at.span(),
                "`parsemap` needs a field",
                "write parsemap field=NAME",
            ));
        }
        let map = self.subject(settings);
        self.cover(map, settings, None, None);
        Ok(())
    }

    fn parse_csv(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        let (strict, tab) = (settings.is("strict"), settings.is("tab"));
        if strict && tab {
            return Err(self.wrong(
                at.span(),
                "`strict` and `tab` exclude each other",
                "leave one out",
            ));
        }
        let names = self.names()?;
        let separator = if tab { '\t' } else { ',' };
        let columns = Columns { names, separator, strict };
        let map = self.made(&records::PARSE_CSV, settings, Prepared::own(columns));
        self.cover(map, settings, None, None);
        Ok(())
    }

    /// `tojson output=F NAME, ...`
    fn write_json(&mut self, settings: &Settings, at: Token) -> Result<(), Unreadable> {
        let names = self.names()?;
        if names.is_empty() {
            let message = "`tojson` of all fields isn't possible here";
            let hint = "name the fields: tojson a, b";
            self.parser.notices.error_with_hint(codes::UNSUPPORTED, at.span(), message, hint);
            return Err(Unreadable);
        }
        let mut arguments = Vec::new();
        for name in names {
            let bound = self.lowering.lookup(&mut self.parser, &name, Some(at.span())).bound;
            let value = self.lowering.step_of(bound);
            arguments.push(self.lowering.push(Step::Constant(Datum::text(name))));
            arguments.push(value);
        }
        let (function, prepared) = (&records::TO_JSON, Prepared::Nothing);
        let step = self.lowering.push(Step::Call(Call {
            function,
            arguments: arguments.into(),
            prepared,
        }));
        self.assign(settings.text("output").unwrap_or("_json"), step);
        Ok(())
    }

    fn signature(&mut self) -> Result<(), Unreadable> {
        let settings = Settings(Vec::new());
        let subject = self.subject(&settings);
        self.keep_if_not_null(subject, self.parser.token());
        let step = self.made(&records::SIGNATURE, &settings, Prepared::Nothing);
        self.assign("signature", step);
        Ok(())
    }

    fn assign(&mut self, name: &str, step: ExpressionId) {
        let bound = Bound::Step(step);
        self.bind(name, Binding { bound, presence: Presence::Always, unread: None });
        if let Some(output) = &mut self.output {
            output.add(name);
        }
    }

    /// Lets a record pass only if the value isn't null.
    fn keep_if_not_null(&mut self, value: ExpressionId, at: Token) {
        let Some(function) = by_name("isnotnull") else { return };
        let (arguments, prepared) = ([value].into(), Prepared::Nothing);
        let step = self.lowering.push(Step::Call(Call { function, arguments, prepared }));
        self.lowering.expressions.plan(step);
        let clause =
            self.lowering.builder.clause(Operand::Expression(step), Test::Truth, at.span());
        self.searches.push(clause);
    }

    /// Names up to the command's end, joined by commas; there may be none.
    fn names(&mut self) -> Result<Vec<String>, Unreadable> {
        let mut names = Vec::new();
        while !self.parser.is_at_end() {
            names.push(self.name("a field's name")?.0);
            if !self.parser.eat(TokenKind::Comma) {
                break;
            }
        }
        Ok(names)
    }

    /// `set NAME = EXPRESSION`, `evalc NAME=EXPRESSION`: a value that `$("NAME")` stands for.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn parameter(&mut self, command: &str) -> Result<(), Unreadable> {
        let (name, span) = self.name("a name to assign to")?;
        if !self.parser.eat(TokenKind::Assign) {
            return Err(self.parser.expected("`=`"));
        }
        let before = self.parser.tree.len();
        let node = self.parser.expression()?;
        if command == "set"
            && self.parser.tree.since(before).any(|node| matches!(node.kind, SyntaxKind::Name(_)))
        {
            let message = "`set` is done before any record is there, so it can't read a field";
            let hint = "use evalc for a value of the record";
            self.parser.notices.error_with_hint(codes::UNSUPPORTED, span, message, hint);
            return Err(Unreadable);
        }
        let step = self.lowering.value(&mut self.parser, node);
        self.lowering.parameters.insert(name.into(), step);
        Ok(())
    }

    /// `order NAME, ...`: which names are shown first.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn order(&mut self) -> Result<(), Unreadable> {
        let names = self.names()?;
        if names.is_empty() {
            return Err(self.parser.expected("a field's name"));
        }
        if let Some(output) = &mut self.output {
            let known = std::mem::take(output).finish();
            let first: Vec<String> =
                names.into_iter().filter(|name| known.contains(name)).collect();
            known.iter().for_each(|name| output.add(name));
            output.order(&first);
        }
        Ok(())
    }

    /// `limit [SKIP] MAX`
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn limit(&mut self, at: Token) -> Result<(), Unreadable> {
        let mut numbers = 0;
        while self.parser.token().kind == TokenKind::Word && numbers < 2 {
            let token = self.parser.token();
            if self.parser.text_of(token).parse::<u64>().is_err() {
                return Err(self.parser.expected("a whole number"));
            }
            self.parser.advance();
            numbers += 1;
        }
        if numbers == 0 {
            return Err(self.parser.expected("a whole number"));
        }
        self.counts_for_nothing(at.span());
        Ok(())
    }

    /// Warns of a count over records.
    pub(super) fn counts_for_nothing(&mut self, span: std::ops::Range<usize>) {
        let message = "a limit doesn't end anything here: each record is judged by itself";
        let hint = "leave it out";
        self.parser.notices.warn(codes::LIMIT, span, message, hint);
    }
}

/// A text in quotes of `parse`, where a backslash is only something before a quote and itself.
fn raw_text(quoted: &str) -> String {
    let inner =
        quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some('"' | '\\')) => out.extend(letters.next()),
            _ => out.push(letter),
        }
    }
    out
}
