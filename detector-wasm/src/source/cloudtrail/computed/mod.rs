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

use crate::event::computed::{Computed, Inputs, Visit, fixed, made};

pub(super) const OUTCOME: Computed = Computed::new(
    outcome::PATHS,
    |inputs, visit| visit(outcome::outcome(inputs)),
    "`failure` if the first or the second is there, else `success`; of the event ConsoleLogin the \
     fourth in lower case",
);

pub(super) const EVENT_TYPE: Computed = Computed::new(
    &["eventName"],
    category::types,
    "by the event's name, see below; `info` for all others",
);

pub(super) const EVENT_CATEGORY: Computed = Computed::new(
    &["eventName"],
    category::category,
    "by the event's name, see below; absent for all others",
);

pub(super) const USER_NAME: Computed = Computed::new(
    user::NAME,
    user::name,
    "the third for the types AssumedRole and FederatedUser, else the second; of the event \
     UserAuthentication without either the last",
);

pub(super) const USER_ID: Computed =
    Computed::new(user::ID, user::id, "the second; for the type IdentityCenterUser else the third");

pub(super) const USER_EMAIL: Computed = Computed::new(
    user::NAME,
    user::email,
    "user.name, if it has an `@` that isn't its first character",
);

pub(super) const USER_CHANGES: Computed = Computed::new(
    user::CHANGES,
    user::changes,
    "the third; else, for the types AssumedRole and FederatedUser, what stands behind the last `/` of \
     an STS ARN of the partitions aws and aws-us-gov",
);

pub(super) const RELATED_USER: Computed = Computed::new(
    user::RELATED,
    user::related,
    "each of the first three, user.id, user.name and user.changes.name, once",
);

pub(super) const SOURCE_IP: Computed =
    Computed::new(&["sourceIPAddress"], address::source_ip, "if it is an IPv4 or IPv6 address");

pub(super) const ACCOUNT_ID: Computed = Computed::new(
    &["userIdentity.accountId", "recipientAccountId"],
    |inputs, visit| inputs::choose(inputs, &[0, 1], visit),
    "the first that is there",
);

/// A flag of a console login, at a path.
const fn login_flag(paths: &'static [&'static str; 2]) -> Computed {
    Computed::new(paths, login::flag, "of the event ConsoleLogin: `false` for `No`, else `true`")
}

pub(super) const MFA_USED: Computed = login_flag(&["eventName", "additionalEventData.MFAUsed"]);

pub(super) const MOBILE_VERSION: Computed =
    login_flag(&["eventName", "additionalEventData.MobileVersion"]);

pub(super) const LOGIN_TO: Computed = Computed::new(
    &["eventName", "additionalEventData.LoginTo"],
    login::target,
    "of the event ConsoleLogin",
);

pub(super) const TLS_PROTOCOL: Computed = Computed::new(
    &["tlsDetails.tlsVersion"],
    tls::protocol,
    "what stands before the first `v`, in lower case",
);

pub(super) const TLS_VERSION: Computed =
    Computed::new(&["tlsDetails.tlsVersion"], tls::version, "what stands behind the first `v`");

/// The distinct values at a path.
pub(super) const fn distinct(path: &'static [&'static str; 1]) -> Computed {
    Computed::new(path, resource::distinct, "each value once")
}

/// What stands at a path as Java prints it.
pub(super) const fn java_string(path: &'static [&'static str; 1]) -> Computed {
    Computed::new(path, java::string, "printed as a Java map, see below").reading_whole()
}
