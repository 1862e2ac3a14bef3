//! What a person asks first of an alert: who did what, from where, in which account.

use serde::{Deserialize, Serialize};

/// The facts of an alert's event, and what the rule says of it, its overrides applied. A value that the record
/// doesn't have is left out. All but the rule's own come from the record: they are data, and may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The alert's name: the rule's, unless an override gives another.
    pub name: String,
    /// How severe it is: `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// Who called. An assumed role is `ROLE/SESSION`, the account's root user `root`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The service that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The address, or the service, that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The account that the log belongs to; where the record doesn't say it, the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `success` or `failure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The error that a failed call was answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Facts {
    /// The call with its service, as in IAM's policies: `config:StopConfigurationRecorder`.
    #[must_use]
    pub fn call(&self) -> Option<String> {
        let action = self.action.as_deref()?;
        Some(match &self.service {
            Some(service) => format!("{service}:{action}"),
            None => action.to_owned(),
        })
    }

    /// The outcome, with the error if there is one: `failure (AccessDenied)`.
    #[must_use]
    pub fn result(&self) -> Option<String> {
        match (&self.outcome, &self.error) {
            (Some(outcome), Some(error)) => Some(format!("{outcome} ({error})")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    /// Whether the record says nothing of all that.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let rule =
            Facts { name: self.name.clone(), severity: self.severity.clone(), ..Facts::default() };
        *self == rule
    }
}
