//! In: a regular expression that the engine has accepted. Out: how many of its states it may be in at once, which
//! is what a byte of a text can cost.
//!
//! The engine follows all ways at the same time, so that no text takes it longer than its length times this.

/// What is between two parentheses, or the whole.
#[derive(Default)]
struct Group {
    /// What stands before the last `|`.
    alternatives: u64,
    /// What stands behind it, without the last part.
    sequence: u64,
    /// The last part: what a repetition repeats.
    part: u64,
}

impl Group {
    fn push(&mut self, states: u64) {
        self.sequence = self.sequence.saturating_add(std::mem::replace(&mut self.part, states));
    }

    fn alternate(&mut self) {
        self.push(0);
        let sequence = std::mem::take(&mut self.sequence);
        self.alternatives = self.alternatives.saturating_add(sequence).saturating_add(1);
    }

    fn states(mut self) -> u64 {
        self.push(0);
        self.alternatives.saturating_add(self.sequence)
    }
}

/// How many states an expression has.
pub(super) fn states(expression: &str) -> u64 {
    let mut groups = vec![Group::default()];
    let mut chars = expression.chars().peekable();
    while let Some(c) = chars.next() {
        let depth = groups.len();
        let Some(group) = groups.last_mut() else { break };
        match c {
            '(' => {
                let flags_alone = chars.peek() == Some(&'?') && skip_flags(&mut chars);
                if !flags_alone {
                    groups.push(Group::default());
                }
            }
            ')' if depth > 1 => {
                let inner = groups.pop().map_or(0, Group::states);
                if let Some(group) = groups.last_mut() {
                    // Two for the places of the group.
                    group.push(inner.saturating_add(2));
                }
            }
            '|' => group.alternate(),
            '*' | '+' | '?' => group.part = group.part.saturating_add(1),
            '{' => {
                let bounds: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let copies = copies(&bounds);
                group.part = group.part.saturating_mul(copies).saturating_add(copies);
            }
            '[' => {
                skip_class(&mut chars);
                group.push(1);
            }
            '\\' => {
                let braced = matches!(chars.next(), Some('x' | 'u' | 'U' | 'p' | 'P'));
                if braced && chars.next_if_eq(&'{').is_some() {
                    chars.by_ref().find(|c| *c == '}');
                }
                group.push(1);
            }
            _ => group.push(1),
        }
    }
    groups.into_iter().map(Group::states).fold(0, u64::saturating_add)
}

/// How many copies of a part `{m}`, `{m,}` or `{m,n}` makes.
fn copies(bounds: &str) -> u64 {
    let number = |text: &str| text.trim().parse::<u64>().unwrap_or(0);
    match bounds.split_once(',') {
        None => number(bounds),
        Some((least, most)) if most.trim().is_empty() => number(least).saturating_add(1),
        Some((_, most)) => number(most),
    }
    .max(1)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// Skips what stands between `(` and a group's inside. Whether there is no inside: flags alone.
fn skip_flags(chars: &mut Chars<'_>) -> bool {
    chars.next();
    let named = chars.peek().is_some_and(|c| matches!(c, 'P' | '<'));
    let end = if named { '>' } else { ':' };
    loop {
        match chars.next() {
            Some(c) if c == end => return false,
            Some(')') | None => return true,
            Some(_) => {}
        }
    }
}

/// Skips a class, whose opening bracket has been read.
fn skip_class(chars: &mut Chars<'_>) {
    chars.next_if_eq(&'^');
    chars.next_if_eq(&']');
    let mut depth = 1;
    while depth > 0 {
        match chars.next() {
            Some('\\') => {
                chars.next();
            }
            Some('[') => depth += 1,
            Some(']') => depth -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::states;

    #[test]
    fn what_an_expression_may_be_in_at_once() {
        for (expression, expected) in [
            ("", 0),
            ("abc", 3),
            ("a|bc", 4),
            ("(?i)ab", 2),
            ("(?:ab)*", 5),
            ("(?P<x>a)(?<y>b)", 6),
            (r"[^\]a-z[:alpha:]]\x{41}\d.", 4),
            ("a{3}", 6),
            ("a{2,}b", 7),
            ("a{1,40}", 80),
            ("(a{1,40}){40}b", 40 * 82 + 40 + 1),
            ("((((a{9}){9}){9}){9}){9}", 140_238),
            (")", 1),
        ] {
            assert_eq!(states(expression), expected, "{expression}");
        }
    }
}
