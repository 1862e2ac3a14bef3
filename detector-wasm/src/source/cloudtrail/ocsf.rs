//! Where OCSF's Detection Finding finds what ECS has no field of its own for.

use crate::source::{OcsfTable, ResourceKeys};

pub(super) const TABLE: OcsfTable = OcsfTable {
    provider: ("aws", "AWS"),
    account_type: (10, "AWS Account"),
    user_types: &[("IAMUser", 1), ("Root", 2), ("AWSService", 4)],
    api_version: "aws.cloudtrail.api_version",
    request_id: "aws.cloudtrail.request_id",
    error_code: "aws.cloudtrail.error_code",
    error_message: "aws.cloudtrail.error_message",
    user_type: "aws.cloudtrail.user_identity.type",
    user_arn: "aws.cloudtrail.user_identity.arn",
    access_key: "aws.cloudtrail.user_identity.access_key_id",
    invoked_by: "aws.cloudtrail.user_identity.invoked_by",
    session_created: "aws.cloudtrail.user_identity.session_context.creation_date",
    session_mfa: "aws.cloudtrail.user_identity.session_context.mfa_authenticated",
    session_issuer: "aws.cloudtrail.user_identity.session_context.session_issuer.arn",
    raw_resources: ResourceKeys { field: "resources", uid: "ARN", account: "accountId" },
    ecs_resources: ResourceKeys {
        field: "aws.cloudtrail.resources",
        uid: "arn",
        account: "account_id",
    },
};
