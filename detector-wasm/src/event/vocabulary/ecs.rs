//! ECS fields of a CloudTrail record, as the ingest pipeline of Elastic's AWS integration fills them.

use super::Source::{Absent, Computed, Constant, Path};
use super::{Kind, Row, Subtree};
use crate::event::computed::Computed as By;

const GEO: &str = "a GeoIP database";

/// ECS field and where a raw record holds it.
#[rustfmt::skip]
pub(crate) static TABLE: &[Row] = &[
    Row::new("@timestamp", Path("eventTime")).kind(Kind::Date).or(&["_log_time"]),
    Row::new("data_stream.dataset", Constant("aws.cloudtrail")),
    Row::new("event.dataset", Constant("aws.cloudtrail")),
    Row::new("event.module", Constant("aws")),
    Row::new("event.kind", Constant("event")),
    Row::new("event.provider", Path("eventSource")).or(&["event_source"]),
    Row::new("event.action", Path("eventName")).or(&["event_name"]),
    Row::new("event.outcome", Computed(By::Outcome)),
    Row::new("event.id", Path("eventID")),
    Row::new("event.type", Computed(By::EventType)),
    Row::new("event.category", Computed(By::EventCategory)),
    Row::new("user.name", Computed(By::UserName)).or(&["user"]),
    Row::new("user.id", Computed(By::UserId)),
    Row::new("user.email", Computed(By::UserEmail)),
    Row::new("user.changes.name", Computed(By::UserChanges)),
    Row::new("user.target.name", Path("requestParameters.userName")),
    Row::new("user.target.id", Path("responseElements.user.userId")),
    Row::new("related.user", Computed(By::RelatedUser)),
    Row::new("group.name", Path("requestParameters.groupName")),
    Row::new("group.id", Path("responseElements.group.groupId")),
    Row::new("user_agent.original", Path("userAgent")).or(&["user_agent"]),
    Row::new("source.address", Path("sourceIPAddress")).or(&["src_ip"]),
    Row::new("source.ip", Computed(By::SourceIp)).kind(Kind::Ip).or(&["src_ip"]),
    Row::new("source.geo", Absent(GEO)),
    Row::new("source.as", Absent(GEO)),
    Row::new("cloud.provider", Constant("aws")),
    Row::new("cloud.region", Path("awsRegion")).or(&["aws_region"]),
    Row::new("cloud.account.id", Computed(By::AccountId)).or(&["account_id"]),
    Row::new("aws.cloudtrail.event_version", Path("eventVersion")),
    Row::new("aws.cloudtrail.event_type", Path("eventType")),
    Row::new("aws.cloudtrail.event_category", Path("eventCategory")),
    Row::new("aws.cloudtrail.api_version", Path("apiVersion")),
    Row::new("aws.cloudtrail.request_id", Path("requestID")),
    Row::new("aws.cloudtrail.recipient_account_id", Path("recipientAccountId")).or(&["account_id"]),
    Row::new("aws.cloudtrail.vpc_endpoint_id", Path("vpcEndpointId")),
    Row::new("aws.cloudtrail.read_only", Path("readOnly")).kind(Kind::Boolean),
    Row::new("aws.cloudtrail.management_event", Path("managementEvent")),
    Row::new("aws.cloudtrail.error_code", Path("errorCode")),
    Row::new("aws.cloudtrail.error_message", Path("errorMessage")),
    Row::new("aws.cloudtrail.session_credential_from_console", Path("sessionCredentialFromConsole")),
    Row::new("aws.cloudtrail.user_identity.type", Path("userIdentity.type")).or(&["user_type"]),
    Row::new("aws.cloudtrail.user_identity.arn", Path("userIdentity.arn")),
    Row::new("aws.cloudtrail.user_identity.access_key_id", Path("userIdentity.accessKeyId")),
    Row::new("aws.cloudtrail.user_identity.invoked_by", Path("userIdentity.invokedBy")),
    Row::new("aws.cloudtrail.user_identity.session_context.mfa_authenticated", Path("userIdentity.sessionContext.attributes.mfaAuthenticated")),
    Row::new("aws.cloudtrail.user_identity.session_context.creation_date", Path("userIdentity.sessionContext.attributes.creationDate")).kind(Kind::Date),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.type", Path("userIdentity.sessionContext.sessionIssuer.type")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.principal_id", Path("userIdentity.sessionContext.sessionIssuer.principalId")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.arn", Path("userIdentity.sessionContext.sessionIssuer.arn")),
    Row::new("aws.cloudtrail.user_identity.session_context.session_issuer.account_id", Path("userIdentity.sessionContext.sessionIssuer.accountId")),
    Row::new("aws.cloudtrail.resources.arn", Computed(By::Distinct(&["resources.ARN"]))),
    Row::new("aws.cloudtrail.resources.account_id", Computed(By::Distinct(&["resources.accountId"]))),
    Row::new("aws.cloudtrail.resources.type", Computed(By::Distinct(&["resources.type"]))),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.mfa_used", Computed(By::MfaUsed)).kind(Kind::Boolean),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.mobile_version", Computed(By::MobileVersion)).kind(Kind::Boolean),
    Row::new("aws.cloudtrail.console_login.additional_eventdata.login_to", Computed(By::LoginTo)),
    Row::new("aws.cloudtrail.request_parameters", Computed(By::JavaString(&["requestParameters"]))),
    Row::new("aws.cloudtrail.response_elements", Computed(By::JavaString(&["responseElements"]))),
    Row::new("aws.cloudtrail.additional_eventdata", Computed(By::JavaString(&["additionalEventData"]))),
    Row::new("aws.cloudtrail.service_event_details", Computed(By::JavaString(&["serviceEventDetails"]))),
    Row::new("tls.version_protocol", Computed(By::TlsProtocol)),
    Row::new("tls.version", Computed(By::TlsVersion)),
    Row::new("tls.cipher", Path("tlsDetails.cipherSuite")),
    Row::new("tls.client.server_name", Path("tlsDetails.clientProvidedHostHeader")),
];

/// Objects whose leaves are fields by their path. Elasticsearch's `flattened` type holds each leaf as a
/// keyword; the object's own name means any of them.
pub(crate) static SUBTREES: &[Subtree] = &[
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
