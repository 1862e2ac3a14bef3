//! In: several values of a raw record. Out: the ECS field that Elastic's pipeline makes of them.

mod address;
pub(super) mod category;
mod inputs;
mod java;
mod login;
mod outcome;
mod resource;
mod tls;
mod user;

use std::borrow::Cow;

use super::value::Value;
pub(crate) use address::holds_address;
pub(crate) use inputs::Inputs;

/// Takes values until it says true.
type Visit<'v, 'a> = &'v mut dyn FnMut(Value<'a>) -> bool;

/// The fields that are more than one path's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Computed {
    Outcome,
    EventType,
    EventCategory,
    UserName,
    UserId,
    UserEmail,
    UserChanges,
    RelatedUser,
    SourceIp,
    AccountId,
    MfaUsed,
    MobileVersion,
    LoginTo,
    TlsProtocol,
    TlsVersion,
    /// The distinct values at this path.
    Distinct(&'static [&'static str; 1]),
    /// What stands at this path as Java prints it.
    JavaString(&'static [&'static str; 1]),
}

impl Computed {
    /// The raw paths that the computation reads.
    pub(crate) fn paths(self) -> &'static [&'static str] {
        match self {
            Computed::Outcome => outcome::PATHS,
            Computed::EventType | Computed::EventCategory => &["eventName"],
            Computed::UserName | Computed::UserEmail => user::NAME,
            Computed::UserId => user::ID,
            Computed::UserChanges => user::CHANGES,
            Computed::RelatedUser => user::RELATED,
            Computed::SourceIp => &["sourceIPAddress"],
            Computed::AccountId => &["userIdentity.accountId", "recipientAccountId"],
            Computed::MfaUsed => &["eventName", "additionalEventData.MFAUsed"],
            Computed::MobileVersion => &["eventName", "additionalEventData.MobileVersion"],
            Computed::LoginTo => &["eventName", "additionalEventData.LoginTo"],
            Computed::TlsProtocol | Computed::TlsVersion => &["tlsDetails.tlsVersion"],
            Computed::Distinct(path) | Computed::JavaString(path) => path,
        }
    }

    /// Gives each value of the field to `visit`, until it says true.
    pub(crate) fn visit<'a>(self, inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
        match self {
            Computed::Outcome => visit(outcome::outcome(inputs)),
            Computed::EventType => category::types(inputs, visit),
            Computed::EventCategory => category::category(inputs, visit),
            Computed::UserName => user::name(inputs, visit),
            Computed::UserId => user::id(inputs, visit),
            Computed::UserEmail => user::email(inputs, visit),
            Computed::UserChanges => user::changes(inputs, visit),
            Computed::RelatedUser => user::related(inputs, visit),
            Computed::SourceIp => address::source_ip(inputs, visit),
            Computed::AccountId => inputs::choose(inputs, &[0, 1], visit),
            Computed::MfaUsed | Computed::MobileVersion => login::flag(inputs, visit),
            Computed::LoginTo => login::target(inputs, visit),
            Computed::TlsProtocol => tls::protocol(inputs, visit),
            Computed::TlsVersion => tls::version(inputs, visit),
            Computed::Distinct(_) => resource::distinct(inputs, visit),
            Computed::JavaString(_) => java::string(inputs, visit),
        }
    }

    /// What the field is, for the page of fields.
    #[cfg(test)]
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Computed::Outcome => {
                "`failure` if the first or the second is there, else `success`; of the event \
                 ConsoleLogin the fourth in lower case"
            }
            Computed::EventType => "by the event's name, see below; `info` for all others",
            Computed::EventCategory => "by the event's name, see below; absent for all others",
            Computed::UserName => {
                "the third for the types AssumedRole and FederatedUser, else the second; of the event \
                 UserAuthentication without either the last"
            }
            Computed::UserId => "the second; for the type IdentityCenterUser else the third",
            Computed::UserEmail => "user.name, if it has an `@` that isn't its first character",
            Computed::UserChanges => {
                "the third; else, for the types AssumedRole and FederatedUser, what stands behind the \
                 last `/` of an STS ARN of the partitions aws and aws-us-gov"
            }
            Computed::RelatedUser => {
                "each of the first three, user.id, user.name and user.changes.name, once"
            }
            Computed::SourceIp => "if it is an IPv4 or IPv6 address",
            Computed::AccountId => "the first that is there",
            Computed::MfaUsed | Computed::MobileVersion => {
                "of the event ConsoleLogin: `false` for `No`, else `true`"
            }
            Computed::LoginTo => "of the event ConsoleLogin",
            Computed::TlsProtocol => "what stands before the first `v`, in lower case",
            Computed::TlsVersion => "what stands behind the first `v`",
            Computed::Distinct(_) => "each value once",
            Computed::JavaString(_) => "printed as a Java map, see below",
        }
    }
}

/// A text that the record doesn't hold.
fn fixed<'a>(text: &'static str) -> Value<'a> {
    Value::Computed(Cow::Borrowed(text))
}

/// A text that the record doesn't hold in this form.
fn made<'a>(text: String) -> Value<'a> {
    Value::Computed(Cow::Owned(text))
}
