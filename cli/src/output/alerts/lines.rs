//! The module's line of an alert in, the line that is printed out: a person's with colour and place, any with a
//! count if it stands for several.

use tocsin_host::detector::Facts;

use super::Shown;
use super::row::{place, time};
use crate::output::{printable, style};

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineForm {
    /// For a person.
    Text,
    /// Tocsin's object.
    Json,
    /// Elastic's object.
    Ecs,
    /// OCSF's object.
    Ocsf,
}

/// Writes lines.
pub(crate) struct Lines {
    pub(super) kind: LineForm,
    pub(super) is_coloured: bool,
}

impl Lines {
    pub(super) fn write(&self, shown: &Shown<'_>, out: &mut Vec<u8>) {
        let line = shown.line.strip_suffix(b"\n").unwrap_or(shown.line);
        match self.kind {
            LineForm::Text => self.text(&String::from_utf8_lossy(line), shown, out),
            kind => object(kind, line, shown, out),
        }
        out.push(b'\n');
    }

    fn text(&self, line: &str, shown: &Shown<'_>, out: &mut Vec<u8>) {
        let severity = shown.info.facts.as_deref().map(|facts: &Facts| facts.severity.as_str());
        match (self.is_coloured, severity, line.split_at_checked(time_end(line))) {
            (true, Some(severity), Some((time, rest))) => {
                let rest = rest.trim_start();
                let rest = rest.strip_prefix(severity).unwrap_or(rest);
                let coloured = format!("{time} {}{rest}", style::severity(severity, severity));
                out.extend_from_slice(coloured.as_bytes());
            }
            _ => out.extend_from_slice(line.as_bytes()),
        }
        if let Some((count, last)) = shown.together.filter(|(count, _)| *count > 1) {
            let until = last.map(|last| format!(" up to {}", time(Some(last)))).unwrap_or_default();
            out.extend_from_slice(format!("; {count} times{until}").as_bytes());
        }
        let mut place = place(shown);
        if shown.shares_name {
            let before = if place.is_empty() { "" } else { ", " };
            place.push_str(&format!("{before}rule {}", shown.info.rule));
        }
        if !place.is_empty() {
            out.extend_from_slice(format!(" ({})", printable(&place)).as_bytes());
        }
    }
}

/// Where a line's time ends. A record may write one with blanks, which stands in quotes.
fn time_end(line: &str) -> usize {
    let Some(quoted) = line.strip_prefix('"') else { return line.find(' ').unwrap_or(0) };
    let mut escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(0, |end| end + 2)
}

/// An object, with one more member if it stands for several alerts.
fn object(kind: LineForm, line: &[u8], shown: &Shown<'_>, out: &mut Vec<u8>) {
    let (Some((count, last)), [before @ .., b'}']) = (shown.together, line) else {
        out.extend_from_slice(line);
        return;
    };
    out.extend_from_slice(before);
    let more = match (kind, last) {
        // Elastic counts the alerts that aren't there.
        (LineForm::Ecs, _) => {
            format!(",\"kibana.alert.suppression.docs_count\":{}}}", count.saturating_sub(1))
        }
        (LineForm::Ocsf, _) => format!(",\"count\":{count}}}"),
        (_, Some(last)) => format!(",\"count\":{count},\"last_time\":\"{}\"}}", time(Some(last))),
        (_, None) => format!(",\"count\":{count}}}"),
    };
    out.extend_from_slice(more.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::time_end;

    #[test]
    fn a_time_in_quotes_ends_at_the_second_one() {
        for (line, end) in
            [("2026 high", 4), ("- high", 1), (r#""a \" b" high"#, 8), (r#""a"#, 0), ("", 0)]
        {
            assert_eq!(time_end(line), end, "{line}");
        }
    }
}
