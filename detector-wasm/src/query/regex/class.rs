//! In: a class in brackets, or one that an escape names. Out: the characters it stands for, as ranges.

use super::Flavour;
use super::source::{Escape, Problem, Source};

/// Ranges of characters by code point, ends included.
pub(super) type Ranges = Vec<(u32, u32)>;

const LAST: u32 = char::MAX as u32;

/// Ends of lines and paragraphs, and the vertical tab.
pub(super) const VERTICAL: &[(u32, u32)] = &[(0x0a, 0x0d), (0x85, 0x85), (0x2028, 0x2029)];

const HORIZONTAL: &[(u32, u32)] = &[
    (0x09, 0x09),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x180e, 0x180e),
    (0x2000, 0x200a),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

const DIGIT: &[(u32, u32)] = &[(b'0' as u32, b'9' as u32)];
const SPACE: &[(u32, u32)] = &[(0x09, 0x0d), (0x20, 0x20)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

/// The class that a letter behind a backslash names.
pub(super) fn named_by(letter: char, flavour: Flavour) -> Option<Ranges> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => DIGIT,
        's' => SPACE,
        'w' => WORD,
        'h' => HORIZONTAL,
        'v' => VERTICAL,
        'n' if letter == 'N' && flavour == Flavour::Pcre => &[(0x0a, 0x0a)],
        _ => return None,
    };
    match letter.is_ascii_uppercase() {
        true => Some(complement(ranges.to_vec())),
        false => Some(ranges.to_vec()),
    }
}

/// The class between `[:` and `:]`, which PCRE has and Java hasn't.
fn posix(name: &str) -> Option<Ranges> {
    let (name, negated) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let ranges: &[(u32, u32)] = match name {
        "alnum" => &[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)],
        "alpha" => &[(0x41, 0x5a), (0x61, 0x7a)],
        "ascii" => &[(0, 0x7f)],
        "blank" => &[(0x09, 0x09), (0x20, 0x20)],
        "cntrl" => &[(0, 0x1f), (0x7f, 0x7f)],
        "digit" => DIGIT,
        "graph" => &[(0x21, 0x7e)],
        "lower" => &[(0x61, 0x7a)],
        "print" => &[(0x20, 0x7e)],
        "punct" => &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)],
        "space" => SPACE,
        "upper" => &[(0x41, 0x5a)],
        "word" => WORD,
        "xdigit" => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        _ => return None,
    };
    Some(if negated { complement(ranges.to_vec()) } else { ranges.to_vec() })
}

/// All other characters.
pub(super) fn complement(mut ranges: Ranges) -> Ranges {
    crate::sort::sort(&mut ranges);
    let mut others = Vec::new();
    let mut from = 0;
    for (first, last) in ranges {
        if first > from {
            others.push((from, first - 1));
        }
        from = from.max(last.saturating_add(1));
    }
    if from <= LAST {
        others.push((from, LAST));
    }
    others
}

/// The letters of ASCII that the ranges hold in one case only, in the other case.
fn other_case(ranges: &Ranges) -> Ranges {
    let moved = |from: u32, to: u32, letters: (u32, u32)| {
        ranges.iter().filter_map(move |(first, last)| {
            let (first, last) = ((*first).max(letters.0), (*last).min(letters.1));
            (first <= last).then(|| (first - from + to, last - from + to))
        })
    };
    let (small, capital) = ((0x61, 0x7a), (0x41, 0x5a));
    moved(0x61, 0x41, small).chain(moved(0x41, 0x61, capital)).collect()
}

/// Writes a class in the form that every engine reads alike. The engine has no ranges that take any case, so
/// both cases are written.
pub(super) fn write(ranges: &Ranges, negated: bool, any_case: bool, out: &mut String) {
    let others = if any_case { other_case(ranges) } else { Ranges::new() };
    out.push_str(if any_case { "(?-i:" } else { "" });
    out.push_str(if negated { "[^" } else { "[" });
    for (first, last) in ranges.iter().chain(&others) {
        // Surrogates are no characters: ranges go round them.
        for (first, last) in [(*first, (*last).min(0xd7ff)), ((*first).max(0xe000), *last)] {
            if first <= last {
                out.push_str(&format!("\\x{{{first:X}}}-\\x{{{last:X}}}"));
            }
        }
    }
    out.push_str(if any_case { "])" } else { "]" });
}

/// Reads a class behind its opening bracket.
pub(super) fn read(source: &mut Source<'_>, from: usize) -> Result<(Ranges, bool), Problem> {
    let negated = source.take_if('^');
    let mut ranges = Ranges::new();
    let mut first = true;
    loop {
        let at = source.at();
        let Some(next) = source.next() else {
            return Err(Problem::new(from..from + 1, "this bracket isn't closed"));
        };
        let low = match next {
            ']' if !first => break,
            '[' => match bracket(source, at)? {
                Some(class) => {
                    ranges.extend(class);
                    first = false;
                    continue;
                }
                None => '[',
            },
            '&' if source.flavour == Flavour::Java && source.peek() == Some('&') => {
                return Err(Problem::new(at..at + 2, "intersections of classes don't run"));
            }
            '\\' => match source.escape(at, true)? {
                Escape::Class(class) => {
                    ranges.extend(class);
                    first = false;
                    continue;
                }
                Escape::Char(low) => low,
                Escape::Nothing => continue,
                _ => return Err(Problem::new(at..source.at(), "this has no meaning in a class")),
            },
            other => other,
        };
        first = false;
        let high = range_end(source)?;
        if let Some(high) = high.filter(|high| *high < low) {
            let message = format!("the range goes down, from `{low}` to `{high}`");
            return Err(Problem::new(at..source.at(), message));
        }
        ranges.push((low as u32, high.unwrap_or(low) as u32));
    }
    Ok((ranges, negated))
}

/// What an opening bracket in a class begins: a class by its name, or in PCRE nothing.
fn bracket(source: &mut Source<'_>, at: usize) -> Result<Option<Ranges>, Problem> {
    if source.flavour == Flavour::Java {
        return Err(Problem::new(at..at + 1, "classes in classes don't run"));
    }
    let rest = source.rest();
    let Some(sign @ (':' | '.' | '=')) = rest.chars().next() else { return Ok(None) };
    let Some(end) = rest.get(1..).and_then(|rest| rest.find(']')) else { return Ok(None) };
    let inside = rest.get(1..=end).unwrap_or_default();
    let Some(name) = inside.strip_suffix(sign) else { return Ok(None) };
    let range = at..at + 1 + inside.len() + 2;
    if sign != ':' {
        return Err(Problem::new(range, "collating elements don't run"));
    }
    let class = posix(name);
    let class = class.ok_or_else(|| Problem::new(range, "there is no such class"))?;
    source.skip(inside.len() + 2);
    Ok(Some(class))
}

/// The character behind a hyphen, if there is a range.
fn range_end(source: &mut Source<'_>) -> Result<Option<char>, Problem> {
    let mut after = source.rest().chars();
    if after.next() != Some('-') || matches!(after.next(), None | Some(']')) {
        return Ok(None);
    }
    source.skip(1);
    let at = source.at();
    let problem = |to| Err(Problem::new(at..to, "a range can't end in this"));
    match source.next() {
        Some('[') if source.flavour == Flavour::Java || source.rest().starts_with(':') => {
            problem(source.at())
        }
        Some('\\') => match source.escape(at, true)? {
            Escape::Char(high) => Ok(Some(high)),
            _ => problem(source.at()),
        },
        other => Ok(other),
    }
}
