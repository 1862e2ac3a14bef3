//! In: a pattern of field names. Out: which fields of a vocabulary it means, and whether a path fits it
//! as the path grows.

use super::fields::FieldId;
use crate::pattern::Piece;

/// The fields that a wildcard name, or none, stands for.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// The names that are meant.
    pub(crate) pattern: NamePattern,
    /// The vocabulary's fields among them.
    pub(crate) fields: Vec<FieldId>,
    /// Fields of the vocabulary that are whole subtrees of a raw record, and below which names fit.
    pub(crate) roots: Vec<FieldId>,
    /// Whether the record's own keys count too, by their path.
    pub(crate) own: bool,
}

/// A pattern of names, compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamePattern {
    /// Any name.
    Everything,
    /// One name.
    One(Box<str>),
    /// What stands before the first star, between stars, and after the last.
    Parts { first: Box<str>, middle: Vec<Box<str>>, last: Box<str> },
}

/// How far a pattern is in a path that may still grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The path can't fit any more, however it grows.
    dead: bool,
    /// The first part was found.
    begun: bool,
    /// How many of the middle parts were found.
    done: usize,
    /// Where the last of them ends.
    free: usize,
    /// The path was searched for the next one up to here.
    searched: usize,
}

impl NamePattern {
    /// The pattern of these pieces.
    pub(crate) fn new(pieces: &[Piece]) -> NamePattern {
        let mut parts = vec![String::new()];
        for piece in pieces {
            match (piece, parts.last_mut()) {
                (Piece::Text(text), Some(part)) => part.push_str(text),
                _ => parts.push(String::new()),
            }
        }
        let mut parts = parts.into_iter().map(String::into_boxed_str);
        let first = parts.next().unwrap_or_default();
        let mut middle: Vec<Box<str>> = parts.collect();
        match middle.pop() {
            None => NamePattern::One(first),
            Some(last) => {
                middle.retain(|part| !part.is_empty());
                if first.is_empty() && middle.is_empty() && last.is_empty() {
                    NamePattern::Everything
                } else {
                    NamePattern::Parts { first, middle, last }
                }
            }
        }
    }

    /// The names that begin with this one and a dot.
    pub(crate) fn below(name: &str) -> NamePattern {
        let first = format!("{name}.").into();
        NamePattern::Parts { first, middle: Vec::new(), last: "".into() }
    }

    /// Whether a whole name fits.
    pub(crate) fn fits(&self, name: &str) -> bool {
        self.accepts(name, self.advance(name, Progress::default()))
    }

    /// Whether a longer name that begins with this one may fit.
    pub(crate) fn may_fit_below(&self, name: &str) -> bool {
        !self.advance(name, Progress::default()).dead
    }

    /// Whether names matter at all.
    pub(crate) fn reads_names(&self) -> bool {
        *self != NamePattern::Everything
    }

    /// How far the pattern is in a path, given how far it was in the path's beginning.
    pub(crate) fn advance(&self, path: &str, before: Progress) -> Progress {
        let mut now = before;
        if now.dead {
            return now;
        }
        match self {
            NamePattern::Everything => {}
            NamePattern::One(name) => now.dead = !name.starts_with(path),
            NamePattern::Parts { first, middle, .. } => {
                if !now.begun {
                    now.begun = path.starts_with(&**first);
                    now.dead = !now.begun && !first.starts_with(path);
                    now.free = first.len();
                    now.searched = now.free;
                }
                while now.begun
                    && let Some(part) = middle.get(now.done)
                {
                    let from = floor(path, now.searched.saturating_sub(part.len()).max(now.free));
                    match path.get(from..).and_then(|rest| rest.find(&**part)) {
                        Some(at) => {
                            now.done += 1;
                            now.free = from + at + part.len();
                            now.searched = now.free;
                        }
                        None => {
                            now.searched = path.len();
                            break;
                        }
                    }
                }
            }
        }
        now
    }

    /// Whether the path fits as it is.
    pub(crate) fn accepts(&self, path: &str, progress: Progress) -> bool {
        match self {
            NamePattern::Everything => true,
            NamePattern::One(name) => **name == *path,
            NamePattern::Parts { middle, last, .. } => {
                progress.begun
                    && progress.done == middle.len()
                    && path.get(progress.free..).is_some_and(|rest| rest.ends_with(&**last))
            }
        }
    }
}

/// The nearest place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().take(4).find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(glob: &str) -> NamePattern {
        let mut pieces = Vec::new();
        for c in glob.chars() {
            pieces.push(if c == '*' { Piece::Star } else { Piece::Text(c.to_string()) });
        }
        NamePattern::new(&pieces)
    }

    #[test]
    fn growing_a_path_gives_what_the_whole_path_gives() {
        for glob in ["*", "a*", "*a", "a*b*c", "*é*éa*", "aa*aa", "a", "**", "*ab*ab*"] {
            for path in ["", "a", "aaa", "abc", "aXbYbZc", "xéyéa", "éé.éa", "abab", "ab.ab", "b"]
            {
                let pattern = pattern(glob);
                let mut grown = Progress::default();
                for end in (0..=path.len()).filter(|end| path.is_char_boundary(*end)) {
                    grown = pattern.advance(&path[..end], grown);
                }
                assert_eq!(pattern.accepts(path, grown), pattern.fits(path), "{glob} {path}");
            }
        }
        assert!(pattern("a*b*c").fits("aXbYbZc"));
        assert!(!pattern("aa*aa").fits("aaa"));
        assert!(pattern("user.*").may_fit_below("us"));
        assert!(!pattern("user.*").may_fit_below("aws"));
    }
}
