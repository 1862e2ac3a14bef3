//! In: several values of a raw record. Out: the ECS field that Elastic's pipeline makes of them.

use std::borrow::Cow;
use std::net::IpAddr;

use super::value::Value;

/// The fields that are more than one path's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Computed {
    Outcome,
    UserName,
    SourceIp,
    AccountId,
}

/// A raw record's values by path, cleaned: what says nothing isn't there.
pub(crate) trait Inputs<'a> {
    /// The first value at the place-th of the computed field's [paths](Computed::paths).
    fn first(&self, place: usize) -> Option<Value<'a>>;
}

impl Computed {
    /// The raw paths that the computation reads.
    pub(crate) fn paths(self) -> &'static [&'static str] {
        match self {
            Computed::Outcome => {
                &["errorCode", "errorMessage", "eventName", "responseElements.ConsoleLogin"]
            }
            Computed::UserName => &[
                "userIdentity.type",
                "userIdentity.userName",
                "userIdentity.sessionContext.sessionIssuer.userName",
                "eventName",
                "additionalEventData.UserName",
            ],
            Computed::SourceIp => &["sourceIPAddress"],
            Computed::AccountId => &["userIdentity.accountId", "recipientAccountId"],
        }
    }

    /// Gives each value of the field to `visit`, until it says true.
    pub(crate) fn visit<'a>(
        self,
        inputs: &dyn Inputs<'a>,
        visit: &mut dyn FnMut(Value<'a>) -> bool,
    ) -> bool {
        let value = match self {
            Computed::Outcome => Some(outcome(inputs)),
            Computed::UserName => user_name(inputs),
            Computed::SourceIp => inputs.first(0).filter(|address| {
                address.text().is_some_and(|text| text.parse::<IpAddr>().is_ok())
            }),
            Computed::AccountId => inputs.first(0).or_else(|| inputs.first(1)),
        };
        value.is_some_and(visit)
    }
}

/// `failure` when an error is left, else `success`; a console login says it itself.
fn outcome<'a>(inputs: &dyn Inputs<'a>) -> Value<'a> {
    let login = inputs.first(2).is_some_and(|name| name.is_text("ConsoleLogin"));
    if login && let Some(answer) = inputs.first(3).and_then(|answer| answer.text()) {
        return Value::Computed(Cow::Owned(answer.to_lowercase()));
    }
    let failed = inputs.first(0).is_some() || inputs.first(1).is_some();
    Value::Computed(Cow::Borrowed(if failed { "failure" } else { "success" }))
}

/// The user's own name; of an assumed role or a federated user the session issuer's.
fn user_name<'a>(inputs: &dyn Inputs<'a>) -> Option<Value<'a>> {
    let issued = inputs
        .first(0)
        .is_some_and(|kind| kind.is_text("AssumedRole") || kind.is_text("FederatedUser"));
    let issuer = if issued { inputs.first(2) } else { None };
    issuer.or_else(|| inputs.first(1)).or_else(|| {
        let authentication = inputs.first(3).is_some_and(|name| name.is_text("UserAuthentication"));
        if authentication { inputs.first(4) } else { None }
    })
}
