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
    let letters = letters_of(&lower);
    // A letter that only one of them has takes an edit; one edit makes up for one letter of each.
    let may_be_near = |known: &str| {
        let others = letters_of(known);
        (letters & !others).count_ones().max((others & !letters).count_ones()) as usize <= allowed
    };
    known
        .into_iter()
        .filter(|known| known.len().abs_diff(word.len()) <= 2 && *known != word)
        .filter(|known| !known.is_ascii() || may_be_near(known))
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// A bit for each byte that a word has, whatever its case.
fn letters_of(word: &str) -> u64 {
    word.bytes().fold(0, |letters, byte| letters | 1 << (byte.to_ascii_lowercase() % 64))
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
