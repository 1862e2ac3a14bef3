//! Documents one after the other in, where those that are whole end out.

use memchr::memchr;
use tocsin_boundary::value_end;

/// Where the last of the documents ends that can be read, and if none can, where the lines end that can't;
/// what comes behind may go on.
pub(super) fn whole(data: &[u8]) -> (usize, Option<usize>) {
    let (mut end, mut broken) = (0, None);
    let mut at = begin(data, 0);
    while at < data.len() {
        match value_end(data, at) {
            // A number may go on.
            Ok(behind) if behind < data.len() || data.ends_with(b"}") || data.ends_with(b"]") => {
                (end, at) = (behind, begin(data, behind));
            }
            Err(fault) if !fault.cut_off => {
                let rest = data.get(at..).unwrap_or_default();
                let Some(line) = memchr(b'\n', rest) else { break };
                at += line + 1;
                // A line that is no document is one for itself, and doesn't end the document before it.
                if end > 0 {
                    end = at;
                } else {
                    broken = Some(at);
                }
            }
            _ => break,
        }
    }
    (end, broken)
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
