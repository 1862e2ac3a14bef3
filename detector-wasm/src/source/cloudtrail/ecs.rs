//! ECS fields of a CloudTrail record, as the ingest pipeline of Elastic's AWS integration fills them.

use super::computed as by;
use crate::event::mapping::FieldSource::{Absent, Computed, Constant, Path};
use crate::event::mapping::{FieldType, Row, Subtree};

const GEO: &str = "a GeoIP database";

/// ECS field and where a raw record holds it.
#[rustfmt::skip]
pub(super) static TABLE: &[Row] = &[
    Row::new("@timestamp", Path("eventTime")).typed(FieldType::Date).or(&["_log_time"]),
    Row::new("data_stream.dataset", Constant("aws.cloudtrail")),
    Row::new("event.dataset", Constant("aws.cloudtrail")),
    Row::new("event.module", Constant("aws")),
    Row::new("event.kind", Constant("event")),
    Row::new("event.provider", Path("eventSource")).or(&["event_source"]),
    Row::new("event.action", Path("eventName")).or(&["event_name"]),
    Row::new("event.outcome", Computed(by::OUTCOME)),
    Row::new("event.id", Path("eventID")),
    Row::new("event.type", Computed(by::EVENT_TYPE)),
    Row::new("event.category", Computed(by::EVENT_CATEGORY)),
    Row::new("user.name", Computed(by::USER_NAME)).or(&["user"]),
    Row::new("user.id", Computed(by::USER_ID)),
    Row::new("user.email", Computed(by::USER_EMAIL)),
    Row::new("user.changes.name", Computed(by::USER_CHANGES)),
    Row::new("user.target.name", Path("requestParameters.userName")),
    Row::new("user.target.id", Path("responseElements.user.userId")),
    Row::new("related.user", Computed(by::RELATED_USER)),
    Row::new("group.name", Path("requestParameters.groupName")),
    Row::new("group.id", Path("responseElements.group.groupId")),
    Row::new("user_agent.original", Path("userAgent")).or(&["user_agent"]),
    Row::new("source.address", Path("sourceIPAddress")).or(&["src_ip"]),
    Row::new("source.ip", Computed(by::SOURCE_IP)).typed(FieldType::Ip).or(&["src_ip"]),
    Row::new("source.geo", Absent(GEO)),
    Row::new("source.as", Absent(GEO)),
    Row::new("cloud.provider", Constant("aws")),
    Row::new("cloud.region", Path("awsRegion")).or(&["aws_region"]),
    Row::new("cloud.account.id", Computed(by::ACCOUNT_ID)).or(&["account_id"]),
    Row::new("aws.cloudtrail.event_version", Path("eventVersion")),
    Row::new("aws.cloudtrail.event_type", Path("eventType")),
    Row::new("aws.cloudtrail.event_category", Path("eventCategory")),
    Row::new("aws.cloudtrail.api_version", Path("apiVersion")),
    Row::new("aws.cloudtrail.request_id", Path("requestID")),
    Row::new("aws.cloudtrail.recipient_account_id", Path("recipientAccountId")).or(&["account_id"]),
    Row::new("aws.cloudtrail.vpc_endpoint_id", Path("vpcEndpointId")),
    Row::new("aws.cloudtrail.read_only", Path("readOnly")).typed(FieldType::Boolean),
    Row::new("aws.cloudtrail.management_event", Path("managementEvent")),
    Row::new("aws.cloudtrail.error_code", Path("errorCode")),
    Row::new("aws.cloudtrail.error_message", Path("errorMessage")),
    Row::new("aws.cloudtrail.session_credential_from_console", Path("sessionCredentialFromConsole")),
    Row::new("aws.cloudtrail.user_identity.type", Path("userIdentity.type")).or(&["user_type"]),
    Row::new("aws.cloudtrail.user_identity.arn", Path("userIdentity.arn")),
    Row::new("aws.cloudtrail.user_identity.access_key_id", Path("userIdentity.accessKeyId")),
    Row::new("aws.cloudtrail.user_identity.invoked_by", Path("userIdentity.invokedBy")),
    Row::new("aws.cloudtrail.user_identity.session_context.mfa_authenticated", Path("userIdentity.sessionContext.attributes.mfaAuthenticated")),
    Row::new("aws.cloudtrail.user_identity.session_context.creation_date", Path("userIdentity.sessionContext.attributes.creationDate")).typed(FieldType::Date),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.type", Path("userIdentity.sessionContext.sessionIssuer.type")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.principal_id", Path("userIdentity.sessionContext.sessionIssuer.principalId")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.arn", Path("userIdentity.sessionContext.sessionIssuer.arn")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.account_id", Path("userIdentity.sessionContext.sessionIssuer.accountId")),
    Row::new("aws.cloudtrail.resources.arn", Computed(by::distinct(&["resources.ARN"]))),
    Row::new("aws.cloudtrail.resources.account_id", Computed(by::distinct(&["resources.accountId"]))),
    Row::new("aws.cloudtrail.resources.type", Computed(by::distinct(&["resources.type"]))),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.mfa_used", Computed(by::MFA_USED)).typed(FieldType::Boolean),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.mobile_version", Computed(by::MOBILE_VERSION)).typed(FieldType::Boolean),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.login_to", Computed(by::LOGIN_TO)),
    Row::new("aws.cloudtrail.request_parameters", Computed(by::java_string(&["requestParameters"]))),
    Row::new("aws.cloudtrail.response_elements", Computed(by::java_string(&["responseElements"]))),
    Row::new("aws.cloudtrail.additional_eventdata", Computed(by::java_string(&["additionalEventData"]))),
    Row::new("aws.cloudtrail.service_event_details", Computed(by::java_string(&["serviceEventDetails"]))),
    Row::new("tls.version_protocol", Computed(by::TLS_PROTOCOL)),
    Row::new("tls.version", Computed(by::TLS_VERSION)),
    Row::new("tls.cipher", Path("tlsDetails.cipherSuite")),
    Row::new("tls.client.server_name", Path("tlsDetails.clientProvidedHostHeader")),
];

/// Objects whose leaves are fields by their path. Elasticsearch's `flattened` type holds each leaf as a
/// keyword; the object's own name means any of them.
pub(super) static SUBTREES: &[Subtree] = &[
    Subtree {
        prefix: "aws.cloudtrail.flattened.request_parameters",
        path: "requestParameters",
        alias: Some("req_params"),
    },
    Subtree {
        prefix: "aws.cloudtrail.flattened.response_elements",
        path: "responseElements",
        alias: Some("resp_params"),
    },
    Subtree {
        prefix: "aws.cloudtrail.flattened.additional_eventdata",
        path: "additionalEventData",
        alias: None,
    },
    Subtree {
        prefix: "aws.cloudtrail.flattened.service_event_details",
        path: "serviceEventDetails",
        alias: None,
    },
];
