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
    Row::new("user.name", Computed(By::UserName)).or(&["user"]),
    Row::new("user_agent.original", Path("userAgent")).or(&["user_agent"]),
    Row::new("source.address", Path("sourceIPAddress")).or(&["src_ip"]),
    Row::new("source.ip", Computed(By::SourceIp)).kind(Kind::Ip),
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
];

/// Objects whose leaves are fields by their path.
pub(crate) static SUBTREES: &[Subtree] = &[
    Subtree { prefix: "aws.cloudtrail.flattened.request_parameters", path: "requestParameters" },
    Subtree { prefix: "aws.cloudtrail.flattened.response_elements", path: "responseElements" },
    Subtree {
        prefix: "aws.cloudtrail.flattened.additional_eventdata",
        path: "additionalEventData",
    },
    Subtree {
        prefix: "aws.cloudtrail.flattened.service_event_details",
        path: "serviceEventDetails",
    },
];
