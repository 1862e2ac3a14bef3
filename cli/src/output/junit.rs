//! Results of tests in, a report that CI systems read (JUnit's XML) out.

use std::fmt::Write;

use super::printable;

/// A test, or a file whose rules or tests can't be used.
pub(crate) struct Case {
    /// The rule file.
    pub(crate) file: String,
    pub(crate) name: String,
    /// What is wrong, if anything is.
    pub(crate) failure: Option<String>,
}

/// The report: a suite for each file, in the order of the cases.
pub(crate) fn report(cases: &[Case]) -> String {
    let failures = |cases: &[Case]| cases.iter().filter(|case| case.failure.is_some()).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failed) = (cases.len(), failures(cases));
    let _ = writeln!(text, "<testsuites name=\"tocsin\" tests=\"{tests}\" failures=\"{failed}\">");
    for suite in cases.chunk_by(|one, next| one.file == next.file) {
        let file = suite.first().map_or("", |case| &case.file);
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">",
            escaped(file),
            suite.len(),
            failures(suite)
        );
        for case in suite {
            let (file, name) = (escaped(&case.file), escaped(&case.name));
            let _ =
                write!(text, "    <testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\"");
            let _ = match &case.failure {
                None => writeln!(text, "/>"),
                Some(failure) => {
                    let first = failure.lines().find(|line| !line.is_empty()).unwrap_or("failed");
                    writeln!(
                        text,
                        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                        escaped(first),
                        failure.lines().map(escaped).collect::<Vec<_>>().join("\n")
                    )
                }
            };
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// A line as XML has it; characters that it mustn't have stand as `\u{...}`.
fn escaped(text: &str) -> String {
    let text = printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Case, report};

    #[test]
    fn a_suite_for_each_file() {
        let case = |file: &str, name: &str, failure: Option<&str>| Case {
            file: file.into(),
            name: name.into(),
            failure: failure.map(str::to_owned),
        };
        let cases = [
            case("a.toml", "one", None),
            case("a.toml", "two <&\"\u{1b}", Some("\nno alert\n  ]]> \u{0}")),
            case("b.toml", "b.toml", Some("x")),
        ];
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tocsin" tests="3" failures="2">
  <testsuite name="a.toml" tests="2" failures="1">
    <testcase classname="a.toml" name="one" file="a.toml"/>
    <testcase classname="a.toml" name="two &lt;&amp;&quot;\u{1b}" file="a.toml">
      <failure message="no alert">
no alert
  ]]&gt; \u{0}</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.toml" tests="1" failures="1">
    <testcase classname="b.toml" name="b.toml" file="b.toml">
      <failure message="x">x</failure>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(report(&cases), expected);
    }
}
