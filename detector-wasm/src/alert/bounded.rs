//! In: texts that a record's writer may make as long as they like, and a rule repeat as often. Out: texts that
//! end, with a mark where they were cut.

/// The longest message, in bytes.
pub(super) const MESSAGE: usize = 64 << 10;

/// The longest value of an output field, in bytes.
pub(super) const VALUE: usize = 256 << 10;

/// The values of all output fields together. What comes behind is cut to nothing but the mark.
pub(super) const VALUES: usize = 1 << 20;

/// What stands behind a text that was cut.
pub(super) const MARK: &str = "… (cut)";

/// A text that grows up to its bound.
#[derive(Debug)]
pub(super) struct Bounded {
    text: String,
    bound: usize,
    is_cut: bool,
}

impl Bounded {
    /// An empty text. `likely` bytes hold most of its kind.
    pub(super) fn new(bound: usize, likely: usize) -> Bounded {
        Bounded { text: String::with_capacity(likely), bound, is_cut: false }
    }

    /// Appends as much as there is room for.
    pub(super) fn push(&mut self, text: &str) {
        if self.is_cut {
            return;
        }
        let room = self.bound.saturating_sub(self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
            return;
        }
        self.text.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        self.text.push_str(MARK);
        self.is_cut = true;
    }

    /// Whether nothing more can be appended.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// A text of at most so many bytes, the mark not counted.
pub(super) fn bounded(text: &str, bound: usize) -> String {
    let mut out = Bounded::new(bound, text.len().min(bound) + MARK.len());
    out.push(text);
    out.into_text()
}

#[cfg(test)]
mod tests {
    use super::{Bounded, bounded};

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_marked() {
        assert_eq!(bounded("abc", 3), "abc");
        assert_eq!(bounded("abcd", 3), "abc… (cut)");
        assert_eq!(bounded("aéé", 2), "a… (cut)");
        let mut text = Bounded::new(3, 0);
        ["ab", "cd", "ef"].into_iter().for_each(|part| text.push(part));
        assert!(text.is_cut());
        assert_eq!(text.into_text(), "abc… (cut)");
    }
}
