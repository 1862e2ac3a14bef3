//! What a rule says about MITRE ATT&CK, in the form of Elastic's rule files and alerts.

use serde::Serialize;

/// A tactic and the techniques that serve it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Threat {
    pub(crate) framework: String,
    pub(crate) tactic: Tactic,
    pub(crate) technique: Vec<Technique>,
}

/// An attacker's aim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Tactic {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) reference: String,
}

/// A way to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Technique {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) reference: String,
    pub(crate) subtechnique: Vec<Subtechnique>,
}

/// A particular form of a technique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Subtechnique {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) reference: String,
}
