//! In: a text of a full-text field, and what a query asks of it. Out: whether its words answer.
//!
//! Words are as in Elasticsearch's standard analyzer: Unicode's word boundaries, in lower case.

use unicode_segmentation::UnicodeSegmentation;

use super::word::Word;
use crate::pattern::{Case, Pattern, Piece};
use crate::sort;

/// What is asked of a text's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Words {
    /// At least one of them is among these. Ascending.
    Any(Vec<String>),
    /// All of these, one right after the other.
    Phrase(Vec<String>),
    /// At least one fits one of the patterns.
    Fitting(Vec<Pattern>),
}

impl Words {
    /// What a value asks: quoted a phrase, unquoted any of its words, with wildcards any of its parts.
    pub(super) fn new(word: &Word) -> Words {
        match word.plain() {
            Some(text) if word.quoted => Words::Phrase(split(text)),
            Some(text) => {
                let mut words = split(text);
                sort::sort_and_dedup(&mut words);
                Words::Any(words)
            }
            None => Words::Fitting(
                parts(&word.pieces)
                    .iter()
                    .map(|part| Pattern::new(&lower(part), Case::Sensitive))
                    .collect(),
            ),
        }
    }

    /// Whether a text's words answer.
    pub(super) fn answer(&self, text: &str) -> bool {
        let words = split(text);
        match self {
            Words::Any(wanted) => words.iter().any(|word| wanted.binary_search(word).is_ok()),
            Words::Phrase(phrase) => {
                !phrase.is_empty() && words.windows(phrase.len()).any(|words| words == phrase)
            }
            Words::Fitting(patterns) => {
                words.iter().any(|word| patterns.iter().any(|pattern| pattern.matches(word)))
            }
        }
    }
}

/// The words of a text, in lower case.
pub(super) fn split(text: &str) -> Vec<String> {
    text.unicode_words().map(str::to_lowercase).collect()
}

/// The parts between blanks of a value with wildcards, as Elasticsearch's `query_string` takes them: it
/// is enough if one of them fits. Parts without wildcards that follow each other stay together.
pub(super) fn parts(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
    let push = |parts: &mut Vec<Vec<Piece>>, piece: Piece| {
        if let Some(part) = parts.last_mut() {
            part.push(piece);
        }
    };
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                for (place, word) in text.split(char::is_whitespace).enumerate() {
                    if place > 0 {
                        parts.push(Vec::new());
                    }
                    if !word.is_empty() {
                        push(&mut parts, Piece::Text(word.to_owned()));
                    }
                }
            }
            star => push(&mut parts, star.clone()),
        }
    }
    let mut joined: Vec<Vec<Piece>> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match (joined.last_mut().map(Vec::as_mut_slice), part.as_slice()) {
            (Some([Piece::Text(former)]), [Piece::Text(text)]) => {
                former.push(' ');
                former.push_str(text);
            }
            _ => joined.push(part),
        }
    }
    joined
}

fn lower(pieces: &[Piece]) -> Vec<Piece> {
    let lower = |piece: &Piece| match piece {
        Piece::Text(text) => Piece::Text(text.to_lowercase()),
        other => other.clone(),
    };
    pieces.iter().map(lower).collect()
}
