//! Severities, and ranges of them, as people write them in, an order out.

use std::str::FromStr;

/// How severe an alert is. Later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub(crate) const ALL: [Severity; 4] =
        [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Severity, String> {
        let found = Severity::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            format!("`{text}` is no severity; there are low, medium, high, critical")
        })
    }
}

/// Severities from one to another, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeverityRange {
    from: Severity,
    to: Severity,
}

impl SeverityRange {
    pub(crate) fn contains(self, severity: Severity) -> bool {
        (self.from..=self.to).contains(&severity)
    }
}

/// `high..`, `..medium`, `low..high`, `critical`.
impl FromStr for SeverityRange {
    type Err = String;

    fn from_str(text: &str) -> Result<SeverityRange, String> {
        let end = |text: &str, open: Severity| match text.trim() {
            "" => Ok(open),
            name => name.parse(),
        };
        let (from, to) = match text.split_once("..") {
            Some((from, to)) => (end(from, Severity::Low)?, end(to, Severity::Critical)?),
            None => (text.trim().parse()?, text.trim().parse()?),
        };
        match from <= to {
            true => Ok(SeverityRange { from, to }),
            false => Err(format!("`{text}` is empty: {} is below {}", to.name(), from.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Severity, SeverityRange};

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("high..", "high critical"),
            ("..medium", "low medium"),
            ("low..high", "low medium high"),
            ("Critical", "critical"),
            ("..", "low medium high critical"),
        ] {
            let range: SeverityRange = text.parse().unwrap();
            let inside: Vec<&str> = Severity::ALL
                .into_iter()
                .filter(|one| range.contains(*one))
                .map(Severity::name)
                .collect();
            assert_eq!(inside.join(" "), expected, "{text}");
        }
        for text in ["", "severe", "high..low", "high.medium", "high..."] {
            assert!(text.parse::<SeverityRange>().is_err(), "{text}");
        }
    }
}
