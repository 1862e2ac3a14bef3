//! A list of records in, marks of those elements that plainly are one out.

use tocsin_wire::{RecordKeys, Text};

use super::{IN_LIST, Survey};
use crate::edges::{Edge, Edges};
use crate::is_element;

/// The offset behind the opening bracket of the list of records that begins at an offset: the list
/// alone, or a document whose first key holds it.
pub(super) fn opening(batch: &[u8], at: usize, keys: &RecordKeys) -> Option<usize> {
    let rest = batch.get(at..)?;
    let inside = match rest.strip_prefix(b"{") {
        Some(object) => {
            let key = object.trim_ascii_start().strip_prefix(b"\"")?;
            let names = |name: &Text| key.strip_prefix(name.as_bytes())?.strip_prefix(b"\"");
            let colon = keys.lists.iter().find_map(names)?;
            colon.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?
        }
        None => rest.strip_prefix(b"[")?,
    };
    Some(batch.len() - inside.len())
}

/// Marks the plain elements of the list whose inside begins at an offset. Gives the offset behind it, and
/// behind the document around it if that has nothing else; an error if the list is cut off, with the end
/// of what could be marked.
pub(super) fn mark(
    (batch, inside): (&[u8], usize),
    keys: &RecordKeys,
    survey: &mut Survey,
) -> Result<usize, usize> {
    let mut edges = Edges::new(batch, inside);
    let mut start = inside;
    // The end of the last marked record, if no other element has come since.
    let mut marked: Option<usize> = None;
    while let Some(edge) = edges.next() {
        match edge {
            Edge::Start(at) => start = at,
            Edge::End(at) => {
                let plain =
                    edges.is_sound(start, at) && is_element(batch, start, at, keys).unwrap_or(true);
                if let Some(end) = marked.filter(|end| !plain || !is_comma(batch, *end, start)) {
                    survey.end(end, IN_LIST);
                }
                if plain {
                    survey.record(start);
                }
                marked = plain.then_some(at);
            }
            Edge::ListEnd(at) => {
                if let Some(end) = marked {
                    survey.end(end, IN_LIST);
                }
                let rest = batch.get(at..).unwrap_or_default().trim_ascii_start();
                let rest = rest.strip_prefix(b"}").unwrap_or(rest);
                return Ok(batch.len() - rest.len());
            }
        }
    }
    if let Some(end) = marked {
        survey.end(end, IN_LIST);
    }
    Err(marked.unwrap_or(inside))
}

/// Whether nothing stands between two elements but a comma and blanks.
fn is_comma(batch: &[u8], from: usize, to: usize) -> bool {
    batch.get(from..to).unwrap_or_default().trim_ascii() == b","
}
