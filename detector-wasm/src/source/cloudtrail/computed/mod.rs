//! In: several values of a raw record. Out: the ECS field that Elastic's pipeline makes of them.

mod address;
pub(super) mod category;
mod entities;
mod entity_tables;
mod hosts;
mod inputs;
mod java;
mod login;
mod moment;
mod outcome;
mod resource;
mod service;
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

pub(super) const SERVICE_NAME: Computed = Computed::new(
    user::PATHS,
    user::service,
    "of the type AWSService `userIdentity.invokedBy`; of an AssumedRole whose issuer's ARN has \
     `:role/aws-service-role/` in it the same, else what stands between that and the next `/`",
);

pub(super) const USER_NAME: Computed = Computed::new(
    user::PATHS,
    user::name,
    "none if there is a service.name; else the issuer's userName for the types AssumedRole and \
     FederatedUser, else `userIdentity.userName`; of the event UserAuthentication without either \
     `additionalEventData.UserName`",
);

pub(super) const USER_ID: Computed = Computed::new(
    user::PATHS,
    user::id,
    "none if there is a service.name; else the principalId; for the type IdentityCenterUser else \
     `userIdentity.onBehalfOf.userId`",
);

pub(super) const USER_EMAIL: Computed = Computed::new(
    user::PATHS,
    user::email,
    "the session's name, if it has an `@`; else user.name, if it has one that isn't its first character",
);

pub(super) const RELATED_USER: Computed = Computed::new(
    user::PATHS,
    user::related,
    "each once: the session's name (what ends an STS ARN, for the types AssumedRole, FederatedUser and \
     IdentityCenterUser) and what stands before its first `@`; the names and the id in request and answer; \
     user.id, user.name, `userIdentity.onBehalfOf.userId`",
);

pub(super) const SOURCE_IP: Computed =
    Computed::new(&["sourceIPAddress"], address::source_ip, "if it is an IPv4 or IPv6 address");

pub(super) const ACCOUNT_ID: Computed = Computed::new(
    &["userIdentity.accountId", "recipientAccountId", "awsAccountId"],
    |inputs, visit| inputs::choose(inputs, &[0, 1, 2], visit),
    "the first that is there",
);

pub(super) const TIMESTAMP: Computed = Computed::new(
    &["digestEndTime", "eventTime"],
    moment::of_record,
    "the first that is there and can be read",
);

pub(super) const CREATION_DATE: Computed = Computed::new(
    &["userIdentity.sessionContext.attributes.creationDate"],
    moment::compact,
    "ISO 8601, also without signs between its parts",
);

/// A time of a digest.
pub(super) const fn digest_time(path: &'static [&'static str; 1]) -> Computed {
    Computed::new(path, moment::in_digest, "with milliseconds, in UTC")
}

pub(super) const CLOUD_SERVICE: Computed =
    Computed::new(&["eventSource"], service::cloud, "without its end `.amazonaws.com`");

pub(super) const RELATED_IP: Computed = Computed::new(
    &["sourceIPAddress", "serviceEventDetails.sourceIpAddress"],
    address::related,
    "each that is an address, once",
);

pub(super) const RELATED_HOSTS: Computed = Computed::new(
    hosts::PATHS,
    hosts::related,
    "each once: the TLS server's name and a source that is a name, unless they end in `.amazonaws.com`; \
     the computer's name; ids of instances: texts of ten characters or more that begin with `i-`",
)
.reading_whole();

/// The first of two paths that is there.
pub(super) const fn either(paths: &'static [&'static str; 2]) -> Computed {
    Computed::new(
        paths,
        |inputs, visit| inputs::choose(inputs, &[0, 1], visit),
        "the first that is there",
    )
}

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
    &[tls::VERSION],
    tls::protocol,
    "what stands before the first `v`, in lower case",
);

pub(super) const TLS_VERSION: Computed = Computed::new(
    &[tls::VERSION],
    tls::version,
    "what stands behind the first `v`; the whole text if there is none",
);

/// Another of the TLS details.
pub(super) const fn tls_detail(paths: &'static [&'static str; 2]) -> Computed {
    Computed::new(paths, tls::detail, "the second, unless the first is the word `tlsVersion`")
}

pub(super) const RESOURCE_ARN: Computed =
    Computed::new(&["resources"], resource::arns, "of each of the list, `ARN` or else `arn`, once")
        .reading_whole();

pub(super) const RESOURCE_ACCOUNT: Computed = Computed::new(
    &["resources"],
    resource::accounts,
    "of each of the list, `accountId` or else `account_id`, once",
)
.reading_whole();

/// What isn't respelt, because the resources are no list.
pub(super) const fn unlisted(paths: &'static [&'static str; 2]) -> Computed {
    Computed::new(paths, resource::unlisted, "the second, if the first is no list")
}

const fn entity(compute: crate::event::computed::Compute, meaning: &'static str) -> Computed {
    Computed::new(entities::PATHS, compute, meaning).reading_whole()
}

pub(super) const RELATED_ENTITY: Computed =
    entity(entities::related, "all that the call names, by its service, see below");
pub(super) const TARGETS: Computed =
    entity(entities::targets, "what the call is aimed at, by its name, see below");
pub(super) const TARGET_SERVICES: Computed =
    entity(entities::target_services, "the targets that are parts of services");
pub(super) const TARGET_USERS: Computed =
    entity(entities::target_users, "the targets that are users");
pub(super) const TARGET_HOSTS: Computed =
    entity(entities::target_hosts, "the targets that are hosts");
pub(super) const TARGET_INSTANCES: Computed =
    entity(entities::target_instances, "the ids of instances among the targets");
pub(super) const OTHER_TARGETS: Computed = entity(entities::other_targets, "all other targets");
pub(super) const ACTOR: Computed = entity(entities::actor, "who made the call");
pub(super) const ACTOR_SERVICE: Computed =
    entity(entities::actor_service, "the actor, if it is a service");
pub(super) const ACTOR_USER: Computed =
    entity(entities::actor_user, "the actor, if it is a user; of a session its role");
pub(super) const ACTOR_HOST: Computed = entity(entities::actor_host, "the actor, if it is a host");
pub(super) const OTHER_ACTOR: Computed =
    entity(entities::other_actor, "the actor, if it is none of these");

/// Additional data without the name that a sign-in gives its user.
pub(super) const ADDITIONAL_DATA: Computed = Computed::new(
    java::ADDITIONAL_DATA,
    java::additional_data,
    "printed as a Java map, see below; without `UserName` where that is the user.name",
)
.reading_whole();

pub(super) const SIGN_IN_NAME: Computed = Computed::new(
    user::PATHS,
    user::sign_in_name,
    "`additionalEventData.UserName`, unless it is the user.name",
);

/// The distinct values at a path.
pub(super) const fn distinct(path: &'static [&'static str; 1]) -> Computed {
    Computed::new(path, resource::distinct, "each value once")
}

/// What stands at a path as Java prints it.
pub(super) const fn java_string(path: &'static [&'static str; 1]) -> Computed {
    Computed::new(path, java::string, "printed as a Java map, see below").reading_whole()
}
