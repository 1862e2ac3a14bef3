//! How records of CloudTrail are recognised among other objects, and what is wrapped around them.

use crate::event::envelope::{EnvelopeTable, Holds};

/// CloudTrail's files, CloudWatch Logs, `aws cloudtrail lookup-events`, and what SQS hands out.
pub(crate) const LIST_KEYS: [&str; 4] = ["Records", "logEvents", "Events", "Messages"];

pub(super) const TABLE: EnvelopeTable = EnvelopeTable {
    // The last are a digest's.
    raw: &["eventName", "eventVersion", "digestS3Object", "digestEndTime"],
    // SQS gives it to the envelopes that Lambda gets.
    raw_unless_envelope: "eventSource",
    // ECS's, then Logpresso's.
    normalised: &[
        "event.action",
        "event.provider",
        "event.dataset",
        "data_stream.dataset",
        "aws.cloudtrail",
        "event_name",
        "_log_time",
    ],
    // The lists, then SNS (over HTTP, in Lambda), SQS, what `lookup-events` says of an event, EventBridge,
    // and what shippers call the line they read.
    members: &[
        (LIST_KEYS[0], Holds::Array),
        (LIST_KEYS[1], Holds::Array),
        (LIST_KEYS[2], Holds::Array),
        (LIST_KEYS[3], Holds::Array),
        ("Message", Holds::Record),
        ("Sns.Message", Holds::Record),
        ("Body", Holds::Record),
        ("body", Holds::Record),
        ("CloudTrailEvent", Holds::Record),
        ("detail", Holds::Record),
        ("message", Holds::Record),
        ("log", Holds::Record),
    ],
    inside: &[
        "eventName",
        "eventSource",
        "eventVersion",
        "event.action",
        "event.dataset",
        "event_name",
        "Records",
        "logEvents",
        "Events",
        "Messages",
        "Message",
        "Sns",
        "Body",
        "body",
        "CloudTrailEvent",
        "detail",
        "message",
        "log",
    ],
    // EventBridge's envelope, whatever it holds.
    marked: ("detail", "detail-type"),
    // These are EventBridge's own words; what a customer's event has in `detail` is the customer's.
    origin: ["source", "account", "region"],
    own_sender: "aws.",
};
