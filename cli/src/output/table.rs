//! A module's rules in, a table out.

use tocsin_host::detector::RuleInfo;
use unicode_width::UnicodeWidthStr;

use super::printable;

const HEADINGS: [&str; 5] = ["ID", "NAME", "LANGUAGE", "SEVERITY", "TECHNIQUE"];

/// One line a rule, under headings; columns are as wide as they need to be.
pub(crate) fn rule_table(rules: &[RuleInfo]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(rules.iter().map(row));
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width + 2 - cell.width().min(*width)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(rule: &RuleInfo) -> [String; 5] {
    [
        printable(&rule.id),
        printable(&rule.name),
        rule.language.to_string(),
        rule.severity.as_deref().unwrap_or("-").to_owned(),
        match rule.techniques() {
            none if none.is_empty() => "-".into(),
            techniques => printable(&techniques.join(", ")),
        },
    ]
}
