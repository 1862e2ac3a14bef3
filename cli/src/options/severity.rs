//! Severities, and ranges of them, as people write them in, an order out.

use std::str::FromStr;

/// How severe an alert is. Later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AlertSeverity {
    Low,
    Medium,
    High,
    Critical,
}

impl AlertSeverity {
    pub(crate) const ALL: [AlertSeverity; 4] =
        [AlertSeverity::Low, AlertSeverity::Medium, AlertSeverity::High, AlertSeverity::Critical];

    pub(crate) fn name(self) -> &'static str {
        match self {
            AlertSeverity::Low => "low",
            AlertSeverity::Medium => "medium",
            AlertSeverity::High => "high",
            AlertSeverity::Critical => "critical",
        }
    }
}

impl FromStr for AlertSeverity {
    type Err = String;

    fn from_str(text: &str) -> Result<AlertSeverity, String> {
        let found =
            AlertSeverity::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            format!("`{text}` is no severity; there are low, medium, high, critical")
        })
    }
}

/// Severities from one to another, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeverityRange {
    from: AlertSeverity,
    to: AlertSeverity,
}

impl SeverityRange {
    pub(crate) fn contains(self, severity: AlertSeverity) -> bool {
        (self.from..=self.to).contains(&severity)
    }
}

/// `high..`, `..medium`, `low..high`, `critical`.
impl FromStr for SeverityRange {
    type Err = String;

    fn from_str(text: &str) -> Result<SeverityRange, String> {
        let end = |text: &str, open: AlertSeverity| match text.trim() {
            "" => Ok(open),
            name => name.parse(),
        };
        let (from, to) = match text.split_once("..") {
            Some((from, to)) => (end(from, AlertSeverity::Low)?, end(to, AlertSeverity::Critical)?),
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
    use super::{AlertSeverity, SeverityRange};

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
            let inside: Vec<&str> = AlertSeverity::ALL
                .into_iter()
                .filter(|one| range.contains(*one))
                .map(AlertSeverity::name)
                .collect();
            assert_eq!(inside.join(" "), expected, "{text}");
        }
        for text in ["", "severe", "high..low", "high.medium", "high..."] {
            assert!(text.parse::<SeverityRange>().is_err(), "{text}");
        }
    }
}
