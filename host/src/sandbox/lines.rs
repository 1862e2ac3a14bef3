//! A batch in, how many lines it is out, if each of them plainly is one record: what `tocsin_detect_lines`
//! of `docs/abi.md` wants to be told.
//!
//! Finding every line's end takes as long as searching the batch. Here it is done with the processor's
//! widest instructions, which the module doesn't have.

use memchr::memchr;

/// How a plain line begins.
const HEAD: &[u8] = b"{\"eventVersion\"";

/// The number of lines of a batch; `None` if one of them doesn't begin and end as the interface has it.
pub(super) fn plain_lines(batch: &[u8]) -> Option<u32> {
    let mut rest = batch;
    let mut lines = 0u32;
    while !rest.is_empty() {
        // Before its end is sought: a document of one line is large.
        if !rest.starts_with(HEAD) {
            return None;
        }
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, behind) = rest.split_at_checked(end)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.ends_with(b"}") {
            return None;
        }
        lines = lines.checked_add(1)?;
        rest = behind.get(1..).unwrap_or_default();
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::plain_lines;

    #[test]
    fn lines_are_judged_by_their_ends() {
        for (batch, lines) in [
            ("", Some(0)),
            ("{\"eventVersion\":\"1.08\"}", Some(1)),
            ("{\"eventVersion\":\"1.08\"}\r\n{\"eventVersion\":}\n", Some(2)),
            ("{\"eventVersion\":\"1.08\"}\n\n", None),
            ("{\"eventVersion\":\"1.08\"} \n", None),
            (" {\"eventVersion\":\"1.08\"}\n", None),
            ("{\"eventVersion\":\"1.08\"\n}\n", None),
            ("{\"Records\":[]}\n", None),
        ] {
            assert_eq!(plain_lines(batch.as_bytes()), lines, "{batch}");
        }
    }
}
