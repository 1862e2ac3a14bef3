//! In: a message template. Out: its pieces.

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Shown as it is.
    Text(String),
    /// Shown as the value of this name.
    Name(String),
}

/// A message with places for values: `$name` or `${name}`, and `$$` for a dollar sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template. Every text is one: a `$` that no name follows stands for itself.
    pub(crate) fn parse(text: &str) -> Template {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            plain.push_str(before);
            rest = after;
            if let Some(after) = after.strip_prefix('$') {
                plain.push('$');
                rest = after;
                continue;
            }
            let (name, after) =
                match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                    Some(braced) => braced,
                    None => after.split_at(name_length(after)),
                };
            if name.is_empty() {
                plain.push('$');
                continue;
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Name(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Template { pieces }
    }
}

/// The length of the name at a text's beginning: letters, digits, `_`, and dots inside it.
fn name_length(text: &str) -> usize {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c: char| !word(c) && c != '.').unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end_matches('.').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_texts_and_dollars() {
        let show = |text: &str| -> String {
            let pieces = Template::parse(text).pieces;
            let show = |piece| match piece {
                Piece::Text(text) => text,
                Piece::Name(name) => format!("<{name}>"),
            };
            pieces.into_iter().map(show).collect()
        };
        assert_eq!(show("by $user, at $t."), "by <user>, at <t>.");
        assert_eq!(show("$a.b.c$d"), "<a.b.c><d>");
        assert_eq!(show("${a b}c, $$x $ ${open"), "<a b>c, $x $ ${open");
        assert_eq!(show(""), "");
    }
}
