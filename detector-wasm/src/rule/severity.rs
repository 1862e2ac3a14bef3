//! How grave an alert is, in Elastic's four steps.

/// A rule's severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// Name, severity, the risk score that Elastic's rule form suggests for it, and OCSF's `severity_id`.
const TABLE: [(&str, Severity, u8, u8); 4] = [
    ("low", Severity::Low, 21, 2),
    ("medium", Severity::Medium, 47, 3),
    ("high", Severity::High, 73, 4),
    ("critical", Severity::Critical, 99, 5),
];

impl Severity {
    /// The severity of a name.
    pub(crate) fn parse(name: &str) -> Option<Severity> {
        TABLE.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.1 == self).map_or("low", |row| row.0)
    }

    /// The risk score of a rule that gives none.
    pub(crate) fn risk_score(self) -> u8 {
        TABLE.iter().find(|row| row.1 == self).map_or(0, |row| row.2)
    }

    /// OCSF's number for it.
    pub(crate) fn ocsf(self) -> u8 {
        TABLE.iter().find(|row| row.1 == self).map_or(0, |row| row.3)
    }
}
