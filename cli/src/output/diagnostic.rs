//! A finding about a rule document in, what a person sees of it out: the place, the line, a caret
//! under what is meant, and what to do.

use std::fmt::Write;

use tocsin_host::detector::{Diagnostic, DiagnosticSeverity};
use unicode_width::UnicodeWidthStr;

use super::printable;

/// The lines for one finding.
pub(crate) fn diagnostic(found: &Diagnostic) -> String {
    let kind = match found.severity {
        DiagnosticSeverity::Error => "error",
        DiagnosticSeverity::Refused => "refused",
        _ => "warning",
    };
    let gutter = " ".repeat(found.line.to_string().len());
    // A rule comes from somebody else, and so does the name of its file.
    let mut text = format!("{kind}[{}]: {}\n", found.code, printable(&found.message));
    let document = printable(&found.document);
    let _ = writeln!(text, "{gutter}--> {document}:{}:{}", found.line, found.column);
    if let Some(source) =
        found.source.as_deref().map(|source| source.trim_end_matches(['\r', '\n']))
    {
        let _ = writeln!(text, "{gutter} |");
        let _ = writeln!(text, "{} | {}", found.line, shown(source));
        let _ = writeln!(text, "{gutter} | {}", carets(found, source));
    }
    if let Some(hint) = &found.hint {
        let _ = writeln!(text, "{gutter} = help: {}", printable(hint));
    }
    text
}

/// A source line as a terminal may have it; a tab does no harm.
fn shown(source: &str) -> String {
    source.split('\t').map(printable).collect::<Vec<_>>().join("\t")
}

/// Blanks up to the column, then a caret for each column of the terminal that is meant.
fn carets(found: &Diagnostic, source: &str) -> String {
    let before = source.chars().take(found.column.saturating_sub(1));
    // A tab stays one, so that both lines are as wide on any terminal.
    let mut line: String = before
        .map(|c| match c {
            '\t' => "\t".to_owned(),
            c => " ".repeat(shown(c.encode_utf8(&mut [0; 4])).width()),
        })
        .collect();
    let after = source.chars().skip(found.column.saturating_sub(1));
    let len = match found.end_line == found.line {
        true => found.end_column.saturating_sub(found.column),
        false => usize::MAX,
    };
    let meant: String = after.take(len).collect();
    line.push_str(&"^".repeat(shown(&meant).width().max(1)));
    line
}

#[cfg(test)]
mod tests {
    use super::diagnostic;
    use tocsin_host::detector::{Diagnostic, DiagnosticSeverity};

    fn found(source: &str, column: usize, end_column: usize) -> Diagnostic {
        Diagnostic {
            document: "my-rule.toml".into(),
            line: 14,
            column,
            end_line: 14,
            end_column,
            severity: DiagnosticSeverity::Error,
            code: "kql-syntax".into(),
            message: "expected a value after `:`".into(),
            hint: Some("quote the value if it is a keyword".into()),
            source: Some(source.into()),
        }
    }

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let expected = "\
error[kql-syntax]: expected a value after `:`
  --> my-rule.toml:14:24
   |
14 | query = 'event.action: and'
   |                        ^^^
   = help: quote the value if it is a keyword
";
        assert_eq!(diagnostic(&found("query = 'event.action: and'", 24, 27)), expected);
    }

    #[test]
    fn wide_characters_tabs_and_places_beyond_the_line_keep_it_in_place() {
        let caret_line = |source: &str, column, end_column| {
            let text = diagnostic(&found(source, column, end_column));
            text.lines().nth(4).map(str::to_owned).unwrap()
        };
        assert_eq!(caret_line("규칙 x", 4, 5), "   |      ^");
        assert_eq!(caret_line("\tx 규칙", 4, 6), "   | \t  ^^^^");
        assert_eq!(caret_line("x", 9, 9), "   |  ^");
    }
}
