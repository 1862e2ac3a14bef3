//! A literal as its author wrote it: quoted or not, its escapes resolved, its wildcards kept apart.

use std::ops::Range;

use crate::pattern::{Case, Pattern, Piece};

/// Whether a word has a keyword with a backslash before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Escaped {
    #[default]
    No,
    /// `and` or `or`.
    Conjunction,
    Not,
}

/// A field's name or a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Texts and stars, in order; neighbouring texts are one.
    pub(super) pieces: Vec<Piece>,
    pub(super) quoted: bool,
    /// A keyword in it was escaped.
    pub(super) escaped: Escaped,
    /// Where it stands in the query, in bytes.
    pub(super) span: Range<usize>,
}

impl Word {
    /// The text of a word without wildcards.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the word is a lone wildcard.
    pub(super) fn is_star(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Star])
    }

    /// Whether the word is the typed `null`.
    pub(super) fn is_null(&self) -> bool {
        !self.quoted && self.plain() == Some("null")
    }

    /// The text, wildcards as stars.
    pub(super) fn shown(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Star | Piece::One => "*".to_owned(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The pattern of texts that the word stands for, compared exactly.
    pub(super) fn pattern(&self) -> Pattern {
        Pattern::new(&self.pieces, Case::Sensitive)
    }

    /// Cuts blanks at both ends of an unquoted word's text, as JavaScript's `trim` does.
    pub(super) fn trim(&mut self) {
        if let Some(Piece::Text(text)) = self.pieces.first_mut() {
            let cut = text.len() - text.trim_start_matches(is_blank).len();
            text.drain(..cut);
        }
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            let kept = text.trim_end_matches(is_blank).len();
            text.truncate(kept);
        }
        self.pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    }
}

/// What JavaScript's `trim` cuts: Unicode's blanks and the byte order mark, but not U+0085.
fn is_blank(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}
