//! In: a key of a detection, such as `field|contains|all`. Out: the field and what its modifiers ask for.

use std::ops::Range;

use super::matcher::TimePart;
use super::value::Encoding;
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::order::Order;

/// What one modifier does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    All,
    Cased,
    NotEqual,
    Anchor(Anchor),
    Encode(Encoding),
    Values(ValueKind),
    Flag(char),
    Compare(Order),
    Time(TimePart),
    Expand,
}

/// Where in a field's text the value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Whole,
    Start,
    End,
    Anywhere,
}

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// Texts with wildcards, numbers, truth values, null.
    Plain,
    Regex,
    Network,
    Exists,
    /// The name of another field.
    Field,
    /// Numbers that the field's number is compared with.
    Number(Order),
    /// Numbers that a part of the field's date is compared with; no order means equal.
    Time(TimePart, Option<Order>),
}

/// Every modifier of Sigma 2.1, with the longer names that pySigma has for the flags of `re`.
const MODIFIERS: &[(&str, Modifier)] = &[
    ("all", Modifier::All),
    ("base64", Modifier::Encode(Encoding::Base64)),
    ("base64offset", Modifier::Encode(Encoding::Base64Offset)),
    ("cased", Modifier::Cased),
    ("cidr", Modifier::Values(ValueKind::Network)),
    ("contains", Modifier::Anchor(Anchor::Anywhere)),
    ("day", Modifier::Time(TimePart::Day)),
    ("dotall", Modifier::Flag('s')),
    ("endswith", Modifier::Anchor(Anchor::End)),
    ("exists", Modifier::Values(ValueKind::Exists)),
    ("expand", Modifier::Expand),
    ("fieldref", Modifier::Values(ValueKind::Field)),
    ("gt", Modifier::Compare(Order::Greater)),
    ("gte", Modifier::Compare(Order::GreaterOrEqual)),
    ("hour", Modifier::Time(TimePart::Hour)),
    ("i", Modifier::Flag('i')),
    ("ignorecase", Modifier::Flag('i')),
    ("lt", Modifier::Compare(Order::Less)),
    ("lte", Modifier::Compare(Order::LessOrEqual)),
    ("m", Modifier::Flag('m')),
    ("minute", Modifier::Time(TimePart::Minute)),
    ("month", Modifier::Time(TimePart::Month)),
    ("multiline", Modifier::Flag('m')),
    ("neq", Modifier::NotEqual),
    ("re", Modifier::Values(ValueKind::Regex)),
    ("s", Modifier::Flag('s')),
    ("startswith", Modifier::Anchor(Anchor::Start)),
    ("utf16", Modifier::Encode(Encoding::Utf16)),
    ("utf16be", Modifier::Encode(Encoding::Utf16Be)),
    ("utf16le", Modifier::Encode(Encoding::Utf16Le)),
    ("week", Modifier::Time(TimePart::Week)),
    ("wide", Modifier::Encode(Encoding::Utf16Le)),
    ("windash", Modifier::Encode(Encoding::WinDash)),
    ("year", Modifier::Time(TimePart::Year)),
];

/// The names of those that rules here can use.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let usable = MODIFIERS.iter().filter(|(_, modifier)| !matches!(modifier, Modifier::Expand));
    usable.map(|(name, _)| *name)
}

/// A key: a field and how its values are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key<'k> {
    /// Nothing for a search in all fields.
    pub(super) field: Option<&'k str>,
    pub(super) kind: ValueKind,
    pub(super) place: Anchor,
    /// In the order in which they are applied.
    pub(super) encodings: Vec<Encoding>,
    /// Flags of a regular expression.
    pub(super) flags: String,
    pub(super) all: bool,
    pub(super) cased: bool,
    pub(super) not_equal: bool,
}

/// Reads a key; `place` maps a range of it to its place in the text.
pub(super) fn parse<'k>(
    key: &'k str,
    place: impl Fn(Range<usize>) -> Range<usize>,
) -> Result<Key<'k>, Notice> {
    let mut parts = key.split('|');
    let field = parts.next().unwrap_or_default();
    let mut found = Key {
        field: Some(field).filter(|field| !field.is_empty()),
        kind: ValueKind::Plain,
        place: Anchor::Whole,
        encodings: Vec::new(),
        flags: String::new(),
        all: false,
        cased: false,
        not_equal: false,
    };
    let mut at = field.len() + 1;
    let mut former = "";
    for name in parts {
        let span = || place(at..at + name.len());
        let modifier = MODIFIERS.iter().find(|(known, _)| *known == name).map(|(_, found)| *found);
        let Some(modifier) = modifier else { return Err(unknown(name, span())) };
        if let Err(reason) = found.apply(modifier, former) {
            let message = format!("`{name}` can't stand here: {reason}");
            let code =
                if modifier == Modifier::Expand { "sigma-expand" } else { "sigma-modifier-order" };
            return Err(match modifier {
                Modifier::Expand => Notice::refused(code, span(), message)
                    .hint("write the values out that the placeholder stands for"),
                _ => Notice::error(code, span(), message),
            });
        }
        former = name;
        at += name.len() + 1;
    }
    found.check().map(|()| found).map_err(|reason| {
        Notice::error("sigma-modifier-order", place(0..key.len()), format!("`{key}`: {reason}"))
    })
}

fn unknown(name: &str, span: Range<usize>) -> Notice {
    let shown: String = name.chars().take(40).collect();
    let notice =
        Notice::error("sigma-unknown-modifier", span, format!("there is no modifier `{shown}`"));
    match nearest(name, MODIFIERS.iter().map(|(known, _)| *known)) {
        Some(near) => notice.hint(format!("did you mean `{near}`?")),
        None => notice.hint("docs/sigma.md lists the modifiers"),
    }
}

impl Key<'_> {
    /// Adds a modifier, or says why it can't follow what stands before it.
    fn apply(&mut self, modifier: Modifier, former: &str) -> Result<(), &'static str> {
        let plain = self.kind == ValueKind::Plain;
        match modifier {
            Modifier::All => self.all = true,
            Modifier::Cased => self.cased = true,
            Modifier::NotEqual => self.not_equal = true,
            Modifier::Anchor(_) if self.place != Anchor::Whole => {
                return Err("the value's place is given already");
            }
            Modifier::Anchor(place) => self.place = place,
            Modifier::Encode(_) if !plain => return Err("it changes texts only"),
            // In the order as written the wildcards of a place would be encoded with the value.
            Modifier::Encode(encoding)
                if self.place != Anchor::Whole && !encoding.keeps_wildcards() =>
            {
                return Err("write it before contains, startswith and endswith");
            }
            Modifier::Encode(encoding) => self.encodings.push(encoding),
            Modifier::Values(_) if !plain => return Err("the values' kind is given already"),
            Modifier::Values(_) if !self.encodings.is_empty() => {
                return Err("its values can't be encoded");
            }
            Modifier::Values(kind) => self.kind = kind,
            Modifier::Flag(flag) => {
                let after = former == "re" || !self.flags.is_empty();
                if self.kind != ValueKind::Regex || !after {
                    return Err("it is a flag of `re` and stands right after it");
                }
                self.flags.push(flag);
            }
            Modifier::Compare(order) => {
                self.kind = match self.kind {
                    ValueKind::Plain if self.encodings.is_empty() => ValueKind::Number(order),
                    ValueKind::Time(part, None) => ValueKind::Time(part, Some(order)),
                    _ => return Err("only numbers and parts of dates have an order"),
                }
            }
            Modifier::Time(part) => {
                self.kind = match self.kind {
                    ValueKind::Plain if self.encodings.is_empty() => ValueKind::Time(part, None),
                    ValueKind::Number(order) => ValueKind::Time(part, Some(order)),
                    _ => return Err("the values' kind is given already"),
                }
            }
            Modifier::Expand => {
                return Err("placeholders get their values elsewhere, and nothing here has them");
            }
        }
        Ok(())
    }

    /// What doesn't go together, whatever the order.
    fn check(&self) -> Result<(), &'static str> {
        let texts = matches!(self.kind, ValueKind::Plain | ValueKind::Field);
        if self.place != Anchor::Whole
            && !texts
            && (self.kind, self.place) != (ValueKind::Regex, Anchor::Anywhere)
        {
            return Err(match self.kind {
                ValueKind::Regex => "anchor the expression with `^` and `$` instead",
                _ => "contains, startswith and endswith need texts",
            });
        }
        if self.cased && !texts {
            return Err("`cased` is for texts");
        }
        if self.not_equal && (self.all || self.kind == ValueKind::Exists) {
            return Err("`neq` goes with neither `all` nor `exists`");
        }
        if matches!(self.kind, ValueKind::Number(_)) && self.not_equal {
            return Err("`neq` is a comparison itself");
        }
        if self.field.is_none()
            && (!matches!(self.kind, ValueKind::Plain | ValueKind::Regex)
                || self.not_equal
                || !matches!(self.place, Anchor::Whole | Anchor::Anywhere))
        {
            return Err("a search in all fields finds texts anywhere; give the field's name");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(key: &str) -> &'static str {
        parse(key, |range| range).map_or_else(|notice| notice.code, |_| "fine")
    }

    #[test]
    fn chains() {
        for key in [
            "a",
            "a.b|contains|all",
            "a|utf16le|base64offset|contains",
            "a|re|i|m|s",
            "a|re|contains",
            "a|cased|startswith",
            "|all",
            "a|hour|gte",
            "a|neq",
            "a|fieldref|endswith",
            "a|fieldref|neq",
            "a|hour|neq",
            "|re|i",
            "a|windash|contains|all",
            "a|cidr|all",
            "a|contains|windash",
            "a|contains|all|windash",
            "a|all|windash|endswith",
            "a|startswith|windash",
            "a|contains|wide",
            "a|contains|cased",
            "a|startswith|fieldref",
        ] {
            assert_eq!(outcome(key), "fine", "{key}");
        }
        for key in [
            "a|contains|startswith",
            "a|contains|base64",
            "a|contains|wide|base64offset",
            "a|endswith|utf16",
            "a|re|cidr",
            "a|i",
            "a|cidr|re",
            "a|re|startswith",
            "a|base64|re",
            "a|re|all|i",
            "a|exists|neq",
            "a|neq|all",
            "a|gt|neq",
            "a|cidr|contains",
            "a|cased|re",
            "|cidr",
            "|startswith",
            "a|lt|contains",
            "a|exists|hour",
            "|neq",
        ] {
            assert_eq!(outcome(key), "sigma-modifier-order", "{key}");
        }
        assert_eq!(outcome("a|expand"), "sigma-expand");
        assert_eq!(outcome("a|"), "sigma-unknown-modifier");
    }

    #[test]
    fn the_nearest_modifier() {
        let notice = parse("a|contain", |range| range).unwrap_err();
        assert_eq!(notice.hint.as_deref(), Some("did you mean `contains`?"));
        assert_eq!(notice.span, 2..9);
    }
}
