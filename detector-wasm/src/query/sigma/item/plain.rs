//! In: an item with texts, numbers, truth values and null. Out: its node.

use std::ops::Range;

use super::{Item, Items};
use crate::pattern::{Case, Pattern, Piece};
use crate::query::decimal::Decimal;
use crate::query::notice::Notice;
use crate::query::predicate::ClauseId;
use crate::query::sigma::matcher::{Matcher, Values};
use crate::query::sigma::modifier::{Anchor, Key};
use crate::query::sigma::value::{Encoding, FormRoom, Value};
use crate::query::sigma::yaml::{self, Scalar};
use crate::query::test::Test;

impl Items<'_, '_> {
    /// Texts, numbers, truth values and null, of which one is enough.
    pub(super) fn plain(
        &mut self,
        item: &Item<'_>,
        values: &[yaml::YamlId],
        span: &Range<usize>,
    ) -> Option<ClauseId> {
        let tree = self.tree;
        let mut set = Set::default();
        for value in values {
            let reason = match tree.scalar(*value)? {
                Scalar::Null if set.takes_null(&item.key) => continue,
                Scalar::Null => Err("null has no text"),
                Scalar::Text(text) => set.add(&item.key, Value::parse(text), &mut self.forms),
                Scalar::Number(text) => {
                    if item.key.place == Anchor::Whole && item.key.encodings.is_empty() {
                        set.numbers.extend(number(text));
                    }
                    set.add(&item.key, Value::parse(text), &mut self.forms)
                }
                Scalar::Bool(truth) => {
                    set.add(&item.key, Value::parse(&truth.to_string()), &mut self.forms)
                }
            };
            if let Err(reason) = reason {
                self.error("sigma-value", tree.span(*value), reason, "");
                return None;
            }
        }
        let lonely = item.key.encodings.contains(&Encoding::Base64Offset)
            && item.key.place != Anchor::Anywhere
            && item.key.field.is_some();
        if lonely {
            let message =
                "`base64offset` gives parts of an encoded text, which no whole value equals";
            let notice = Notice::warning("sigma-base64offset-alone", item.span.clone(), message);
            self.notes.add(notice.hint("write `|base64offset|contains`"));
        }
        let mut nodes = Vec::new();
        if set.null {
            let value = self.clause(item, Matcher::Value, span);
            nodes.push(self.builder.not(value));
        }
        if set.anything {
            nodes.push(self.clause(item, Matcher::Value, span));
        } else if let Some(test) = set.test(item.key.cased) {
            nodes.push(self.test(item, test, span));
        }
        Some(self.builder.any(nodes))
    }
}

/// The number of a plain scalar of YAML, or of a text that reads as one.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let radix = |digits: &str, radix| {
        u128::from_str_radix(digits, radix).ok().and_then(|n| Decimal::parse(&n.to_string()))
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    Decimal::parse(text)
}

/// The values of an item, on their way to a test.
#[derive(Default)]
struct Set {
    null: bool,
    anything: bool,
    texts: Vec<Vec<Piece>>,
    numbers: Vec<Decimal>,
}

impl Set {
    /// Takes null in, unless the key asks for what only texts have.
    fn takes_null(&mut self, key: &Key<'_>) -> bool {
        let takes = key.field.is_some() && key.place == Anchor::Whole && key.encodings.is_empty();
        self.null |= takes;
        takes
    }

    fn add(
        &mut self,
        key: &Key<'_>,
        value: Value,
        room: &mut FormRoom,
    ) -> Result<(), &'static str> {
        for form in value.encode(&key.encodings, room)? {
            if key.field.is_some() && key.place == Anchor::Whole && form.is_anything() {
                self.anything = true;
                continue;
            }
            let mut pieces =
                form.pieces().ok_or("what the encoding gives is no text, so no field has it")?;
            let place = if key.field.is_none() { Anchor::Anywhere } else { key.place };
            if matches!(place, Anchor::End | Anchor::Anywhere) {
                pieces.insert(0, Piece::Star);
            }
            if matches!(place, Anchor::Start | Anchor::Anywhere) {
                pieces.push(Piece::Star);
            }
            self.texts.push(pieces);
        }
        Ok(())
    }

    fn test(self, cased: bool) -> Option<Test> {
        let case = if cased { Case::Sensitive } else { Case::Insensitive };
        match (self.texts.as_slice(), self.numbers.is_empty()) {
            ([], true) => return None,
            ([only], true) => return Some(Test::Shown(Pattern::new(only, case))),
            _ => {}
        }
        let (mut exact, mut patterns) = (Vec::new(), Vec::new());
        for mut pieces in self.texts {
            if !cased {
                for piece in &mut pieces {
                    if let Piece::Text(text) = piece {
                        *text = text.to_lowercase();
                    }
                }
            }
            match pieces.as_slice() {
                [] => exact.push(String::new()),
                [Piece::Text(text)] => exact.push(text.clone()),
                // The text is brought to lower case once, for all of them.
                _ => patterns.push(Pattern::new(&pieces, Case::Sensitive)),
            }
        }
        Some(Test::Sigma(Matcher::Values(Values::new(exact, patterns, self.numbers, cased))))
    }
}
