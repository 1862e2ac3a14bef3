//! Documents one after the other in, where those that are whole end out.

use memchr::memchr;
use tocsin_boundary::{ObjectStart, failed_at, next_object, value_end};

/// Where the last of the documents ends that can be read, and if none can, where the lines end that can't;
/// what comes behind may go on.
pub(super) fn whole(data: &[u8]) -> (usize, Option<usize>) {
    let (mut end, mut broken) = (0, None);
    let mut at = begin(data, 0);
    while at < data.len() {
        let is_container = matches!(data.get(at), Some(b'{' | b'['));
        match value_end(data, at) {
            Ok(behind) if is_container => (end, at) = (behind, begin(data, behind)),
            // A text is a document with its line: what follows it there may show that it is none.
            Err(fault) if fault.cut_off => break,
            _ => {
                let Some(line) = line_end(data, at, end > 0 || broken.is_some()) else { break };
                at = line;
                // A line that is no document is one for itself, and doesn't end the document before it.
                if end > 0 {
                    end = at;
                } else {
                    broken = Some(at);
                }
            }
        }
    }
    (end, broken)
}

/// Where a line ends that is no document, with the objects over several lines that may begin on it; if the last one goes
/// on behind the data, where the one before that ends. None if that isn't known yet, and `may_wait`.
fn line_end(data: &[u8], mut at: usize, may_wait: bool) -> Option<usize> {
    let mut whole = None;
    loop {
        let object = match next_object(data, at) {
            ObjectStart::Element(object)
            | ObjectStart::Member(object)
            | ObjectStart::First(object)
            | ObjectStart::Glued(object) => object,
            ObjectStart::LineEnd(end) => return (end < data.len()).then_some(end + 1),
        };
        at = match value_end(data, object) {
            Ok(behind) => *whole.insert(behind),
            Err(fault) if !fault.cut_off => failed_at(data, object, fault.offset).max(object + 1),
            Err(_) if may_wait || whole.is_some() => return whole,
            Err(_) => {
                let rest = data.get(object..)?;
                return Some(object + memchr(b'\n', rest)? + 1);
            }
        };
    }
}

/// Whether a document, out of which lists have been taken, has anything but empty lists.
pub(super) fn holds_more(document: &[u8]) -> bool {
    let bare: Vec<u8> =
        document.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let members = bare.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
    let is_empty_list = |member: &[u8]| {
        let key = member.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\":[]"));
        key.is_some_and(|key| !key.contains(&b'"'))
    };
    !members.is_some_and(|members| members.split(|byte| *byte == b',').all(is_empty_list))
}

fn begin(data: &[u8], at: usize) -> usize {
    let rest = data.get(at..).unwrap_or_default();
    data.len() - rest.trim_ascii_start().len()
}
