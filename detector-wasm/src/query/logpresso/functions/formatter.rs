//! The function `format`, whose first argument is read as Java's `Formatter` reads it.

use super::containers::elements;
use crate::event::Value;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::Outcome;
use crate::query::expression::number::Number;

/// The widest that a value can be made, and the most digits behind its point.
const WIDEST: usize = 10_240;
const MOST_DIGITS: usize = 300;

/// A format, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Format(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Value(Spec),
}

/// `%2$-05.1f`: which argument, and how it is written.
#[derive(Debug, Clone, Default, PartialEq)]
struct Spec {
    argument: Option<usize>,
    left: bool,
    zeros: bool,
    sign: bool,
    blank: bool,
    groups: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

impl Format {
    /// The format that a text is, or what in it is none.
    pub(super) fn parse(text: &str) -> Result<Format, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((plain, after)) = rest.split_once('%') {
            parts.push(Part::Text(plain.to_owned()));
            let (spec, behind) = spec(after)
                .ok_or_else(|| format!("%{}", after.chars().take(5).collect::<String>()))?;
            parts.push(match spec.conversion {
                'n' => Part::Text("\n".into()),
                '%' => Part::Text("%".into()),
                _ => Part::Value(spec),
            });
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Format(parts))
    }
}

fn spec(text: &str) -> Option<(Spec, &str)> {
    let mut spec = Spec::default();
    let mut rest = text;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(("", after)) = rest.get(digits(rest)..).and_then(|rest| rest.split_once('$')) {
        let number = rest.get(..digits(rest))?.parse::<usize>().ok()?;
        spec.argument = Some(number.checked_sub(1)?);
        rest = after;
    }
    while let Some(flag) = rest.chars().next() {
        match flag {
            '-' => spec.left = true,
            '0' => spec.zeros = true,
            '+' => spec.sign = true,
            ' ' => spec.blank = true,
            ',' => spec.groups = true,
            '#' => spec.alternate = true,
            _ => break,
        }
        rest = rest.get(1..)?;
    }
    let (width, after) = rest.split_at_checked(digits(rest))?;
    spec.width =
        if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width <= WIDEST)? };
    rest = after;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = after.split_at_checked(digits(after))?;
        spec.precision = Some(precision.parse().ok().filter(|digits| *digits <= WIDEST)?);
        rest = after;
    }
    spec.conversion = rest.chars().next().filter(|sign| "sSdfxXoeEcCbBn%".contains(*sign))?;
    Some((spec, rest.get(1..)?))
}

/// The format with its arguments in their places; null if one doesn't fit.
pub(super) fn format<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(format) = arguments.own::<Format>() else {
        return Outcome::Value(Datum::Null);
    };
    let mut list = Vec::new();
    // A single list is its elements.
    if arguments.len() == 2 {
        elements(arguments.get(1), &mut |element| {
            let mut json = Vec::new();
            element.write_json(&mut json);
            list.push(Value::exact(&json).map_or(Datum::Null, |value| Datum::owned(&value)));
            list.len() >= arguments.parts()
        });
    }
    let is_list = arguments.len() == 2 && arguments.get(1).is_container() && !list.is_empty();
    let get = |place: usize| match is_list {
        true => list.get(place),
        false => (place + 1 < arguments.len()).then(|| arguments.get(place + 1)),
    };
    let (mut texts, mut next) = (Vec::new(), 0);
    for part in &format.0 {
        match part {
            Part::Text(text) => texts.push(text.clone()),
            Part::Value(spec) => {
                let place = spec.argument.unwrap_or(next);
                next += usize::from(spec.argument.is_none());
                match get(place).and_then(|datum| spec.write(datum)) {
                    Some(text) => texts.push(text),
                    None => return Outcome::Value(Datum::Null),
                }
            }
        }
    }
    Outcome::Value(arguments.compose(|out| texts.iter().for_each(|text| out.push(text))))
}

impl Spec {
    fn write(&self, datum: &Datum<'_>) -> Option<String> {
        let number = Number::of(datum);
        let text = match (self.conversion, number) {
            ('s' | 'S', _) => {
                let text = datum.as_text().unwrap_or("null".into());
                let cut = text.char_indices().nth(self.precision.unwrap_or(usize::MAX));
                cut.map_or(&*text, |(end, _)| text.get(..end).unwrap_or_default()).to_owned()
            }
            ('b' | 'B', _) => match datum {
                Datum::Null | Datum::Bool(false) => "false".to_owned(),
                _ => "true".to_owned(),
            },
            (_, None) if datum.is_null() => "null".to_owned(),
            ('d', Some(Number::Long(number))) => {
                let digits = number.unsigned_abs().to_string();
                let digits = if self.groups { grouped(&digits) } else { digits };
                self.signed(number < 0, &digits)
            }
            ('x' | 'X' | 'o', Some(Number::Long(number))) => {
                // Negative numbers show their bits, as many as their type has.
                let bits = match datum {
                    Datum::Int(number) => u64::from(*number as u32),
                    _ => number as u64,
                };
                let (prefix, digits) = match self.conversion {
                    'o' => ("0", format!("{bits:o}")),
                    _ => ("0x", format!("{bits:x}")),
                };
                let prefix = if self.alternate { prefix } else { "" };
                self.filled(prefix, &digits)
            }
            ('f', Some(Number::Double(number))) => {
                let precision = self.precision.unwrap_or(6).min(MOST_DIGITS);
                let digits = half_up(number.abs(), precision);
                let digits = match digits.split_once('.') {
                    Some((whole, fraction)) if self.groups => {
                        format!("{}.{fraction}", grouped(whole))
                    }
                    _ => digits,
                };
                self.signed(number.is_sign_negative(), &digits)
            }
            ('e' | 'E', Some(Number::Double(number))) => {
                let precision = self.precision.unwrap_or(6).min(MOST_DIGITS);
                let digits = format!("{:.precision$e}", number.abs());
                let (mantissa, exponent) = digits.split_once('e')?;
                let exponent: i32 = exponent.parse().ok()?;
                let sign = if exponent < 0 { '-' } else { '+' };
                let digits = format!("{mantissa}e{sign}{:02}", exponent.abs());
                self.signed(number.is_sign_negative(), &digits)
            }
            ('c' | 'C', Some(Number::Long(number))) => {
                char::from_u32(u32::try_from(number).ok()?)?.to_string()
            }
            ('c' | 'C', None) => {
                let text = datum.as_text()?;
                let mut letters = text.chars();
                letters.next().filter(|_| letters.next().is_none())?.to_string()
            }
            _ => return None,
        };
        let text = if self.conversion.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let missing = self.width.saturating_sub(text.chars().count());
        let blanks = " ".repeat(missing);
        Some(if self.left { text + &blanks } else { blanks + &text })
    }

    fn signed(&self, negative: bool, digits: &str) -> String {
        let sign = match negative {
            true => "-",
            false if self.sign => "+",
            false if self.blank => " ",
            false => "",
        };
        self.filled(sign, digits)
    }

    /// Zeros between what stands before the digits and the digits, if the format asks for them.
    fn filled(&self, before: &str, digits: &str) -> String {
        let missing = self.width.saturating_sub(before.len() + digits.len());
        let zeros = if self.zeros && !self.left { "0".repeat(missing) } else { String::new() };
        format!("{before}{zeros}{digits}")
    }
}

/// A number's digits, rounded half up as Java does, where Rust rounds to even.
fn half_up(number: f64, precision: usize) -> String {
    let shortest = format!("{number}");
    let fraction = shortest.split_once('.').map_or("", |(_, fraction)| fraction);
    let half = fraction.len() == precision + 1 && fraction.ends_with('5');
    match half {
        // A digit more than needed, and it is a five: the next number up rounds the right way.
        true => format!("{:.precision$}", number.next_up()),
        false => format!("{number:.precision$}"),
    }
}

fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    groups.extend(digits.get(..first).filter(|group| !group.is_empty()));
    let mut rest = digits.get(first..).unwrap_or_default();
    while let Some((group, after)) = rest.split_at_checked(3) {
        groups.push(group);
        rest = after;
    }
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_java_writes_them() {
        for (format, datum, expected) in [
            ("%05d", Datum::Int(42), Some("00042")),
            ("%-5d|", Datum::Int(-42), Some("-42  ")),
            ("%,d", Datum::Long(1_234_567), Some("1,234,567")),
            ("%x", Datum::Int(-1), Some("ffffffff")),
            ("%.1f", Datum::Double(0.25), Some("0.3")),
            ("%8.2f", Datum::Double(-1.5), Some("   -1.50")),
            ("%e", Datum::Double(12345.678), Some("1.234568e+04")),
            ("%S", Datum::Text("ab".into()), Some("AB")),
            ("%.1s", Datum::Text("ab".into()), Some("a")),
            ("%b", Datum::Null, Some("false")),
            ("%c", Datum::Int(65), Some("A")),
            ("%d", Datum::Double(1.0), None),
            ("%d", Datum::Text("1".into()), None),
        ] {
            let format = Format::parse(format).unwrap();
            let spec = format.0.iter().find_map(|part| match part {
                Part::Value(spec) => Some(spec),
                Part::Text(_) => None,
            });
            assert_eq!(spec.unwrap().write(&datum).as_deref(), expected, "{format:?}");
        }
        for wrong in ["%", "%q", "%99999999999d", "%0$s"] {
            assert!(Format::parse(wrong).is_err(), "{wrong}");
        }
    }
}
