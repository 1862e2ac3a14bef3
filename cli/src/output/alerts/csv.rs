//! Alerts in, comma-separated values (RFC 4180) that no spreadsheet takes for formulas out.

use super::Shown;
use super::row::{COLUMNS, row, time};

/// Columns behind those of every table.
const MORE: [&str; 7] =
    ["count", "last_time", "rule_id", "alert_id", "file", "line", "record_number"];

/// Writes rows, the headings before the first.
#[derive(Default)]
pub(crate) struct Csv {
    has_headings: bool,
}

impl Csv {
    pub(super) fn write(&mut self, shown: &Shown<'_>, out: &mut Vec<u8>) {
        self.headings(out);
        let info = shown.info;
        let number =
            |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let (count, last) = shown.together.unwrap_or((1, info.time));
        let more = [
            count.to_string(),
            time(last),
            info.rule.clone(),
            info.id.clone(),
            shown.input.to_owned(),
            number(info.position.map(|position| position.line)),
            number(info.position.and_then(|position| position.record)),
        ];
        let cells = row(&Shown { shares_name: false, ..*shown });
        // Where it is, and the rule's id, stand in columns of their own.
        let shared = cells.iter().take(COLUMNS.len() - 1);
        line(shared.chain(&more).map(|cell| inert(cell)), out);
    }

    /// A file without alerts has its headings, too.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.headings(out);
    }

    fn headings(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.has_headings, true) {
            let shared = COLUMNS.iter().take(COLUMNS.len() - 1);
            line(shared.chain(&MORE).map(|name| (*name).to_owned()), out);
        }
    }
}

/// A cell that a spreadsheet shows as it stands: what begins like a formula gets an apostrophe before it, and a
/// line break or any other control character stands as `\u{a}`.
fn inert(cell: &str) -> String {
    let cell = crate::output::printable(cell);
    let begins_formula =
        |c: char| matches!(c, '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠');
    match cell.trim_start().starts_with(begins_formula) {
        true => format!("'{cell}"),
        false => cell,
    }
}

fn line(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        match cell.contains([',', '"', '\'', ' ', ';', '\t']) {
            true => out.extend_from_slice(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes()),
            false => out.extend_from_slice(cell.as_bytes()),
        }
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::{inert, line};

    #[test]
    fn nothing_is_a_formula() {
        for (cell, expected) in [
            ("alice", "alice"),
            ("=1+1", "'=1+1"),
            ("-2", "'-2"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("a=b", "a=b"),
            ("\t=1", r"\u{9}=1"),
            ("a\r\n=1", r"a\u{d}\u{a}=1"),
            ("＝1", "'＝1"),
        ] {
            assert_eq!(inert(cell), expected);
        }
    }

    #[test]
    fn a_cell_is_one_cell() {
        let mut out = Vec::new();
        line(["a", "b,c", "d\"e", "f g", ""].map(str::to_owned).into_iter(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a,\"b,c\",\"d\"\"e\",\"f g\",\r\n");
    }
}
