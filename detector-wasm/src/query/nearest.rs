//! In: an unknown word, and the known ones. Out: the one that was probably meant.

/// Longer words aren't compared: they aren't typed by hand.
const LONGEST: usize = 64;

/// The known word that is nearest to `word`, if it is near enough to be meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let allowed = match lower.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    known
        .into_iter()
        .filter(|known| known.len().abs_diff(word.len()) <= 2 && *known != word)
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words() {
        let known = ["search", "eval", "rename", "fields", "if", "in"];
        for (word, expected) in [
            ("serach", Some("search")),
            ("Eval", Some("eval")),
            ("field", Some("fields")),
            ("IF", Some("if")),
            ("of", None),
            ("timechart", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
