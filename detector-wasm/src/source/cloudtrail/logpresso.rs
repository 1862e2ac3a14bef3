//! Logpresso's names for the keys of a CloudTrail record. They are those that its published rule
//! *AWS Configuration Recorder Stopped* uses; any other name in a query means the record's own key.

use crate::event::mapping::FieldSource::Path;
use crate::event::mapping::{FieldType, Row};

/// Logpresso's field, the raw record's path, and the ECS field of the same meaning.
pub(super) static TABLE: &[Row] = &[
    Row::new("_log_time", Path("eventTime")).typed(FieldType::Date).or(&["@timestamp"]),
    Row::new("account_id", Path("recipientAccountId"))
        .or(&["aws.cloudtrail.recipient_account_id", "cloud.account.id"]),
    Row::new("aws_region", Path("awsRegion")).or(&["cloud.region"]),
    Row::new("src_ip", Path("sourceIPAddress")).or(&["source.address", "source.ip"]),
    Row::new("user", Path("userIdentity.userName")).or(&["user.name"]),
    Row::new("user_type", Path("userIdentity.type")).or(&["aws.cloudtrail.user_identity.type"]),
    Row::new("user_identity", Path("userIdentity")).or(&["aws.cloudtrail.user_identity"]),
    Row::new("user_agent", Path("userAgent")).or(&["user_agent.original"]),
    Row::new("event_source", Path("eventSource")).or(&["event.provider"]),
    Row::new("event_name", Path("eventName")).or(&["event.action"]),
    Row::new("req_params", Path("requestParameters"))
        .or(&["aws.cloudtrail.flattened.request_parameters", "aws.cloudtrail.request_parameters"]),
    Row::new("resp_params", Path("responseElements"))
        .or(&["aws.cloudtrail.flattened.response_elements", "aws.cloudtrail.response_elements"]),
    Row::new("tls_details", Path("tlsDetails")),
];

/// The fields that hold maps.
pub(super) const MAPS: &[&str] = &["user_identity", "req_params", "resp_params", "tls_details"];
