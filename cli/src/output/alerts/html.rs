//! Alerts in, one page for a browser that needs no other file and no network out.
//!
//! Everything that a record or a rule wrote is escaped text. The page's policy runs one script, by its hash, and
//! loads nothing, so that even a mistake here gives what a record wrote no script and no request.

use std::fmt::Write;

use tocsin_host::Alert;
use tocsin_host::summary::{Count, Summary};

use super::row::{COLUMNS, row, time};
use super::{Counts, Shown};
use crate::output::printable;

/// How many alerts the page lists: more make browsers slow. All of them are counted.
pub(crate) const LISTED: u64 = 5_000;

/// How much of a record the page shows.
const RECORD: usize = 16 << 10;

/// How many values of a kind the page shows.
const VALUES: usize = 10;

/// The most bars of a timeline.
const BARS: usize = 72;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// SHA-256 of the script, as a policy names it; a test works it out.
const SCRIPT_HASH: &str = "sha256-DgVJOHR+pseQtrr1FFu6wYX+GLBFp1K1bfUnYqj7OOU=";

/// Collects rows.
#[derive(Default)]
pub(crate) struct Page {
    rows: String,
    listed: u64,
    has_counts: bool,
}

impl Page {
    pub(super) fn add(&mut self, shown: &Shown<'_>) {
        if self.listed >= LISTED {
            return;
        }
        self.listed += 1;
        let cells = row(shown);
        let severity = cells.get(1).map_or("", String::as_str);
        // Of a few known words; anything else is none of the page's classes.
        let class = match severity {
            "low" | "medium" | "high" | "critical" => severity,
            _ => "unknown",
        };
        self.rows.push_str("<tr>");
        for (column, cell) in cells.iter().enumerate() {
            let cell = escaped(if cell.is_empty() { "–" } else { cell });
            let _ = match column {
                0 => write!(
                    self.rows,
                    "<td data-sort=\"{}\"><time>{cell}</time></td>",
                    shown.info.time.unwrap_or(i64::MIN)
                ),
                1 => write!(
                    self.rows,
                    "<td data-sort=\"{}\"><span class=\"severity {class}\">{cell}</span></td>",
                    rank(severity)
                ),
                2 => write!(self.rows, "<td>{cell}{}</td>", self.details(shown)),
                _ => write!(self.rows, "<td>{cell}</td>"),
            };
        }
        let (count, last) = shown.together.unwrap_or((1, None));
        self.has_counts |= shown.together.is_some();
        let until = last.filter(|_| count > 1).map(|last| format!(" up to {}", time(Some(last))));
        let _ = writeln!(
            self.rows,
            "<td data-sort=\"{count}\">{count}{}</td></tr>",
            until.unwrap_or_default()
        );
    }

    /// What a reader unfolds: the message, the rule and the record.
    fn details(&self, shown: &Shown<'_>) -> String {
        let Ok(alert) = Alert::read(shown.line) else { return String::new() };
        let mut text = String::from("<details><summary>Details</summary><dl>");
        let mut entry = |name: &str, value: String| {
            let _ = write!(text, "<dt>{name}</dt><dd>{value}</dd>");
        };
        entry("Message", escaped(&alert.message));
        entry("Rule", escaped(&format!("{} (version {})", alert.rule.id, alert.rule.version)));
        let techniques = alert.rule.techniques().join(", ");
        if !techniques.is_empty() {
            entry("ATT&amp;CK", escaped(&techniques));
        }
        let references: Vec<String> = alert.rule.references.iter().map(|it| link(it)).collect();
        if !references.is_empty() {
            entry("References", references.join("<br>"));
        }
        entry("Alert", escaped(&alert.id));
        let record = alert.event.get();
        let end = record.floor_char_boundary(RECORD.min(record.len()));
        let mut shown = escaped(record.get(..end).unwrap_or_default());
        if end < record.len() {
            let _ = write!(shown, " … ({} more bytes)", record.len() - end);
        }
        let _ = write!(
            text,
            "<dt>Record</dt><dd><pre tabindex=\"0\">{shown}</pre></dd></dl></details>"
        );
        text
    }

    pub(super) fn finish(&mut self, summary: &Summary, counts: &Counts, out: &mut Vec<u8>) {
        let mut page = String::with_capacity(self.rows.len() + STYLE.len() + 16_384);
        let _ = write!(
            page,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>Tocsin: {} alerts</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header><h1>{} alerts</h1>\n",
            summary.alerts, summary.alerts
        );
        self.lead(summary, counts, &mut page);
        page.push_str("</header>\n<main>\n<section aria-labelledby=\"summary-title\"><h2 id=\"summary-title\">Summary</h2>\n<div class=\"lists\">\n");
        let rules: Vec<(String, u64)> =
            summary.by_rule.iter().map(|rule| (rule.name.clone(), rule.seen.count)).collect();
        list("Rule", &rules, &mut page);
        for (name, values) in [
            ("Severity", &summary.by_severity),
            ("Tactic", &summary.by_tactic),
            ("User", &summary.by_user),
            ("Account", &summary.by_account),
            ("Region", &summary.by_region),
            ("Address", &summary.by_address),
        ] {
            list(name, &pairs(values), &mut page);
        }
        page.push_str("</div>\n");
        timeline(&summary.by_hour, &mut page);
        page.push_str("</section>\n");
        self.table(summary.alerts, &mut page);
        let json = inert(&serde_json::to_string(summary).unwrap_or_default());
        let _ = write!(
            page,
            "</main>\n<script type=\"application/json\" id=\"summary\">{json}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
        );
        out.extend_from_slice(page.as_bytes());
    }

    fn lead(&self, summary: &Summary, counts: &Counts, page: &mut String) {
        let totals = &counts.totals;
        let _ = write!(page, "<p>{} records in {} files", totals.records, totals.files);
        if let (Some(first), Some(last)) = (&summary.first_seen, &summary.last_seen) {
            let _ = write!(
                page,
                "; first seen <time>{}</time>, last seen <time>{}</time>",
                escaped(first),
                escaped(last)
            );
        }
        page.push_str(".</p>\n");
        let lost = totals.failed + totals.skipped;
        if lost > 0 || totals.unopened > 0 {
            let _ = writeln!(
                page,
                "<p><strong>Not judged:</strong> {lost} records and {} files.</p>",
                totals.unopened
            );
        }
    }

    fn table(&self, alerts: u64, page: &mut String) {
        page.push_str(
            "<section aria-labelledby=\"alerts-title\"><h2 id=\"alerts-title\">Alerts</h2>\n\
             <p class=\"filter\" hidden><label for=\"filter\">Show alerts with</label> <input id=\"filter\" type=\"search\"> \
             <span id=\"shown\" role=\"status\"></span></p>\n",
        );
        if !self.has_counts && alerts > self.listed {
            let _ = writeln!(
                page,
                "<p><strong>The first {} of {alerts} alerts are listed.</strong> The summary counts all of them.</p>",
                self.listed
            );
        }
        page.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of alerts\"><table id=\"alerts\">\n<thead><tr>");
        for name in COLUMNS.iter().chain(&["count"]) {
            let (first, rest) = name.split_at(1);
            let _ = write!(page, "<th scope=\"col\">{}{rest}</th>", first.to_uppercase());
        }
        page.push_str("</tr></thead>\n<tbody>\n");
        page.push_str(&self.rows);
        page.push_str("</tbody>\n</table></div></section>\n");
    }
}

/// Which severities are worse, for sorting.
fn rank(severity: &str) -> u8 {
    match severity {
        "low" => 1,
        "medium" => 2,
        "high" => 3,
        "critical" => 4,
        _ => 0,
    }
}

fn pairs(counts: &[Count]) -> Vec<(String, u64)> {
    let value = |count: &Count| count.value.clone().unwrap_or_else(|| "–".to_owned());
    counts.iter().map(|count| (value(count), count.count)).collect()
}

/// The values there is most of.
fn list(name: &str, values: &[(String, u64)], page: &mut String) {
    if values.is_empty() {
        return;
    }
    let _ = write!(page, "<div><h3>{name}</h3><ol>");
    for (value, count) in values.iter().take(VALUES) {
        let _ = write!(page, "<li><b>{count}</b> {}</li>", escaped(value));
    }
    let more = values.len().saturating_sub(VALUES);
    if more > 0 {
        let _ = write!(page, "<li>{more} more values</li>");
    }
    page.push_str("</ol></div>\n");
}

/// A bar for each span of hours.
fn timeline(hours: &[Count], page: &mut String) {
    if hours.len() < 2 {
        return;
    }
    let each = hours.len().div_ceil(BARS);
    let bars: Vec<(String, u64)> = hours
        .chunks(each)
        .map(|chunk| {
            let begin = chunk.first().and_then(|hour| hour.value.clone()).unwrap_or_default();
            (begin, chunk.iter().map(|hour| hour.count).sum())
        })
        .collect();
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(1);
    page.push_str("<h3>Hours with alerts</h3>\n<table class=\"hours\"><thead><tr><th scope=\"col\">From</th><th scope=\"col\">Alerts</th></tr></thead><tbody>\n");
    for (begin, count) in &bars {
        let begin = escaped(begin);
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><time>{begin}</time></th><td><meter min=\"0\" max=\"{most}\" value=\"{count}\" aria-label=\"{begin}\">{count}</meter> {count}</td></tr>"
        );
    }
    page.push_str("</tbody></table>\n");
}

/// A reference that a reader can follow if it is a page of the web.
fn link(reference: &str) -> String {
    let text = escaped(reference);
    match reference.starts_with("https://") || reference.starts_with("http://") {
        true => format!("<a href=\"{text}\" rel=\"noopener noreferrer\">{text}</a>"),
        false => text,
    }
}

/// JSON that ends no script around it, and holds nothing invisible: both stand in its strings alone, as escapes.
fn inert(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            c if printable(c.encode_utf8(&mut [0; 4])).starts_with("\\u{") => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            }
            c => safe.push(c),
        }
    }
    safe
}

/// A text as HTML has it, in and outside of attributes; characters that are not seen stand as `\u{...}`.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::Digest;

    #[test]
    fn the_policy_allows_the_script_that_the_page_has() {
        let hash = sha2::Sha256::digest(super::SCRIPT.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(hash);
        assert_eq!(super::SCRIPT_HASH, format!("sha256-{hash}"));
    }

    #[test]
    fn nothing_is_markup() {
        let hostile = "</script><img src=x onerror='a'> & \"\u{202e}\n";
        let safe = super::escaped(hostile);
        assert_eq!(
            safe,
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt; &amp; &quot;\\u{202e}\\u{a}"
        );
        assert_eq!(
            super::inert("\"</script>\u{202e}\u{e0041}é\""),
            r#""\u003c/script>\u202e\udb40\udc41é""#
        );
        assert_eq!(super::link("javascript:alert(1)"), "javascript:alert(1)");
    }
}
