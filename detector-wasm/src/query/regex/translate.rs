//! In: a regular expression in the flavour of a vendor's engine. Out: the same in the few forms that mean
//! the same everywhere, or what in it can't be had, and where.
//!
//! Flavours differ in what they don't spell alike: `\<`, `\v`, `$`, a bracket in a bracket. So nothing is
//! passed on as it stands but what is a letter, a digit, a group, a quantifier or a bar.

use std::ops::Range;

use super::Flavour;
use super::class::{self, Ranges, VERTICAL};
use super::source::{Escape, Problem, Source};

/// An expression that every engine reads alike.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translated {
    pub(super) text: String,
    /// Whether `\z` in it stands for an end that lies before a last line end, too.
    pub(super) ends_before_line_end: bool,
}

/// How what is inside a group is read.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    any_case: bool,
    lines: bool,
    dot_takes_all: bool,
}

/// What stands before a place, as far as it says what may come there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing, an opening parenthesis or a bar.
    Begin,
    /// What a quantifier may follow.
    Atom,
    Quantifier,
    /// A condition on the place.
    Assertion,
}

/// What is known of the group that is being read.
#[derive(Debug, Clone, Default)]
struct Group {
    /// Where it begins, and the flags outside of it.
    from: usize,
    outside: Flags,
    /// Whether all that stands so far in the alternative may take no character.
    empty: bool,
    /// Whether one of the former alternatives may.
    other_empty: bool,
    /// A line's begin in the alternative, or in a former one, that nothing which takes a character follows.
    line_begin: Option<Range<usize>>,
    other_line_begin: Option<Range<usize>>,
    /// Whether the alternative, or a former one, ends where the text does.
    ends: bool,
    other_ends: bool,
}

/// What was read last, which a quantifier may still change.
#[derive(Debug, Clone, Default)]
struct Last {
    takes: bool,
    line_begin: Option<Range<usize>>,
    ends: bool,
}

/// Translates an expression; `flags` hold from its begin on.
pub(super) fn translate(text: &str, flavour: Flavour, flags: &str) -> Result<Translated, Problem> {
    let mut out = Writer {
        source: Source::new(text, flavour),
        out: String::new(),
        flags: Flags::default(),
        open: Vec::new(),
        group: Group { empty: true, ..Group::default() },
        last: Last::default(),
        before: Before::Begin,
        end: false,
        very_end: None,
    };
    for flag in flags.chars() {
        out.set(flag, true);
    }
    if out.flags.any_case {
        out.out.push_str("(?i)");
    }
    out.run()?;
    match out.very_end {
        Some(very_end) if out.end => Err(Problem::new(very_end, "`\\z` beside `$` doesn't run")),
        _ => Ok(Translated { text: out.out, ends_before_line_end: out.end }),
    }
}

struct Writer<'t> {
    source: Source<'t>,
    out: String,
    flags: Flags,
    /// The groups around the one that is being read.
    open: Vec<Group>,
    group: Group,
    last: Last,
    before: Before,
    /// Whether there is a `$` or `\Z`.
    end: bool,
    /// The first `\z`.
    very_end: Option<Range<usize>>,
}

impl Writer<'_> {
    fn run(&mut self) -> Result<(), Problem> {
        loop {
            let from = self.source.at();
            let Some(next) = self.source.next() else { break };
            if self.source.quoted {
                match next == '\\' && self.source.take_if('E') {
                    true => self.source.quoted = false,
                    false => self.character(from, next)?,
                }
                continue;
            }
            match next {
                '\\' if self.source.take_if('Q') => self.source.quoted = true,
                '\\' => self.escape(from)?,
                '[' => {
                    let (ranges, negated) = class::read(&mut self.source, from)?;
                    self.class(from, &ranges, negated)?;
                }
                '(' => self.open(from)?,
                ')' => self.close(from)?,
                '|' => {
                    self.alternative();
                    self.out.push('|');
                }
                '.' => self.dot(from)?,
                '^' => self.begin(from)?,
                '$' => self.end(from)?,
                '*' | '+' | '?' => {
                    self.out.push(next);
                    self.quantified(from, next != '+')?;
                }
                '{' => self.brace(from)?,
                other => self.character(from, other)?,
            }
        }
        self.alternative();
        match (self.open.is_empty(), self.group.other_line_begin.take()) {
            (false, _) => {
                let at = self.group.from;
                Err(Problem::new(at..at + 1, "this parenthesis isn't closed"))
            }
            (true, Some(range)) => Err(Problem::new(
                range,
                "a line's begin behind which nothing must stand doesn't run",
            )),
            (true, None) => Ok(()),
        }
    }

    /// Takes what was read last for good: no quantifier follows.
    fn settle(&mut self) {
        let last = std::mem::take(&mut self.last);
        if last.takes {
            self.group.empty = false;
            self.group.line_begin = None;
            self.group.ends = false;
        }
        self.group.line_begin = self.group.line_begin.take().or(last.line_begin);
        self.group.ends |= last.ends;
    }

    /// Something begins that takes a character, perhaps a line feed.
    fn atom(&mut self, from: usize, takes_line_feed: bool) -> Result<(), Problem> {
        self.settle();
        // Before a last line end the text's end may be followed by that, which isn't looked for.
        if self.group.ends && takes_line_feed {
            let range = from..self.source.at();
            return Err(Problem::new(range, "a line end behind the text's end isn't looked for"));
        }
        self.last.takes = true;
        self.before = Before::Atom;
        Ok(())
    }

    fn assertion(&mut self, text: &str) {
        self.settle();
        self.out.push_str(text);
        self.before = Before::Assertion;
    }

    fn character(&mut self, from: usize, character: char) -> Result<(), Problem> {
        self.atom(from, character == '\n')?;
        if character.is_ascii_alphanumeric() || matches!(character, '_' | ' ' | '<' | '>') {
            self.out.push(character);
        } else if character.is_ascii_punctuation() {
            self.out.push('\\');
            self.out.push(character);
        } else {
            self.out.push_str(&format!("\\x{{{:X}}}", character as u32));
        }
        Ok(())
    }

    fn class(&mut self, from: usize, ranges: &Ranges, negated: bool) -> Result<(), Problem> {
        let line_feed = ranges.iter().any(|(first, last)| (*first..=*last).contains(&0x0a));
        self.atom(from, line_feed != negated)?;
        class::write(ranges, negated, self.flags.any_case, &mut self.out);
        Ok(())
    }

    fn escape(&mut self, from: usize) -> Result<(), Problem> {
        match self.source.escape(from, false)? {
            Escape::Char(character) => self.character(from, character)?,
            Escape::Class(ranges) => self.class(from, &ranges, false)?,
            Escape::Assertion(assertion) => self.assertion(assertion),
            Escape::End => self.text_end(),
            Escape::VeryEnd => {
                self.very_end.get_or_insert(from..self.source.at());
                self.assertion(r"\z");
            }
            Escape::Nothing => {}
        }
        Ok(())
    }

    fn dot(&mut self, from: usize) -> Result<(), Problem> {
        if self.flags.dot_takes_all {
            return self.class(from, &vec![(0, char::MAX as u32)], false);
        }
        let line_ends: Ranges = match self.source.flavour {
            Flavour::Pcre => vec![(0x0a, 0x0a)],
            // The vertical tab and the form feed end no line of Java's.
            Flavour::Java => {
                let ends = VERTICAL.iter().filter(|range| range.0 != 0x0a).copied();
                ends.chain([(0x0a, 0x0a), (0x0d, 0x0d)]).collect()
            }
        };
        self.class(from, &line_ends, true)
    }

    fn begin(&mut self, from: usize) -> Result<(), Problem> {
        if !self.flags.lines {
            self.assertion(r"\A");
            return Ok(());
        }
        self.lines_run(from)?;
        self.assertion("(?m:^)");
        // No line begins behind the line end that ends the text; the engine finds one there. That makes
        // no difference where a character must follow.
        self.last.line_begin = Some(from..from + 1);
        Ok(())
    }

    fn end(&mut self, from: usize) -> Result<(), Problem> {
        if !self.flags.lines {
            self.text_end();
            return Ok(());
        }
        self.lines_run(from)?;
        self.assertion("(?m:$)");
        Ok(())
    }

    fn lines_run(&self, from: usize) -> Result<(), Problem> {
        match self.source.flavour {
            Flavour::Pcre => Ok(()),
            Flavour::Java => {
                Err(Problem::new(from..from + 1, "begins and ends of lines don't run"))
            }
        }
    }

    fn text_end(&mut self) {
        self.end = true;
        self.assertion(r"\z");
        self.last.ends = true;
    }

    /// Ends an alternative.
    fn alternative(&mut self) {
        self.settle();
        let group = &mut self.group;
        group.other_empty |= group.empty;
        group.other_ends |= group.ends;
        group.other_line_begin = group.other_line_begin.take().or(group.line_begin.take());
        group.empty = true;
        group.ends = false;
        self.before = Before::Begin;
    }

    fn close(&mut self, from: usize) -> Result<(), Problem> {
        let Some(outer) = self.open.pop() else {
            return Err(Problem::new(from..from + 1, "this parenthesis closes none"));
        };
        self.alternative();
        let inner = std::mem::replace(&mut self.group, outer);
        self.flags = inner.outside;
        self.last = Last {
            takes: !inner.other_empty,
            line_begin: inner.other_line_begin,
            ends: inner.other_ends,
        };
        self.out.push(')');
        self.before = Before::Atom;
        Ok(())
    }

    /// Ends a quantifier: it must follow something, and what follows it says how it takes.
    fn quantified(&mut self, from: usize, may_be_none: bool) -> Result<(), Problem> {
        if self.before != Before::Atom {
            return Err(Problem::new(from..self.source.at(), "there is nothing to repeat here"));
        }
        if self.source.take_if('+') {
            let range = from..self.source.at();
            return Err(Problem::new(range, "possessive quantifiers don't run"));
        }
        if self.source.take_if('?') {
            self.out.push('?');
        }
        self.last.takes &= !may_be_none;
        self.before = Before::Quantifier;
        Ok(())
    }

    /// `{2,3}`; in PCRE a brace that is no such thing is itself.
    fn brace(&mut self, from: usize) -> Result<(), Problem> {
        let rest = self.source.rest();
        let end = rest.find('}').unwrap_or(0);
        let inside = rest.get(..end).unwrap_or_default();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        if digits(least) && (digits(most) || most.is_empty()) {
            self.out.push('{');
            self.out.push_str(inside);
            self.out.push('}');
            let may_be_none = least.bytes().all(|digit| digit == b'0');
            self.source.skip(end + 1);
            return self.quantified(from, may_be_none);
        }
        // Newer versions read these as quantifiers, older ones as they stand.
        let unclear = digits(most.trim()) && least.trim().is_empty()
            || inside.contains(' ') && digits(least.trim());
        if self.source.flavour == Flavour::Java || unclear {
            return Err(Problem::new(from..from + 1, "write `\\{` for a brace"));
        }
        self.character(from, '{')
    }

    fn open(&mut self, from: usize) -> Result<(), Problem> {
        let java = self.source.flavour == Flavour::Java;
        if self.source.peek() == Some('*') {
            return Err(Problem::new(from..from + 2, "verbs don't run"));
        }
        let outside = self.flags;
        if !self.source.take_if('?') {
            self.opened(from, outside, "(");
            return Ok(());
        }
        let rest = self.source.rest();
        let look_behind = rest.starts_with("<=") || rest.starts_with("<!");
        let forms = [("P<", '>', !java), ("<", '>', !look_behind), ("'", '\'', !java)];
        for (begin, end, known) in forms {
            let inside = rest.strip_prefix(begin).filter(|_| known);
            let Some((name, _)) = inside.and_then(|inside| inside.split_once(end)) else {
                continue;
            };
            let fits = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && fits(name) {
                let (group, length) = (format!("(?P<{name}>"), begin.len() + name.len() + 1);
                self.source.skip(length);
                self.opened(from, outside, &group);
                return Ok(());
            }
        }
        if rest.starts_with('#') && !java {
            let length = rest.find(')').map_or(rest.len(), |end| end + 1);
            self.source.skip(length);
            return Ok(());
        }
        self.flags_or_group(from, outside)
    }

    fn opened(&mut self, from: usize, outside: Flags, text: &str) {
        self.settle();
        self.out.push_str(text);
        // What follows an end of the text outside follows it in here, too.
        let inside =
            Group { from, outside, empty: true, ends: self.group.ends, ..Group::default() };
        self.open.push(std::mem::replace(&mut self.group, inside));
        self.before = Before::Begin;
    }

    /// `(?i)`, `(?i:`, `(?:`.
    fn flags_or_group(&mut self, from: usize, outside: Flags) -> Result<(), Problem> {
        let mut on = true;
        loop {
            match self.source.next() {
                Some('-') => on = false,
                Some(flag @ ('i' | 'm' | 's')) => self.set(flag, on),
                Some(end @ (')' | ':')) => {
                    let case = match (outside.any_case, self.flags.any_case) {
                        (false, true) => "i",
                        (true, false) => "-i",
                        _ => "",
                    };
                    if end == ':' {
                        self.opened(from, outside, &format!("(?{case}:"));
                    } else if !case.is_empty() {
                        self.settle();
                        self.out.push_str(&format!("(?{case})"));
                        self.before = Before::Assertion;
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        let rest = self.source.text.get(from..).unwrap_or_default();
        let reason = match rest.as_bytes() {
            [_, _, b'=' | b'!', ..] | [_, _, b'<', b'=' | b'!', ..] => "look-around doesn't run",
            [_, _, b'>', ..] => "atomic groups don't run",
            _ => "a group or flag that doesn't run",
        };
        Err(Problem::new(from..self.source.at(), reason))
    }

    fn set(&mut self, flag: char, on: bool) {
        match flag {
            'i' => self.flags.any_case = on,
            'm' => self.flags.lines = on,
            's' => self.flags.dot_takes_all = on,
            _ => {}
        }
    }
}
