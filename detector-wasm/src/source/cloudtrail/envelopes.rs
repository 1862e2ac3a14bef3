//! How records of CloudTrail are recognised among other objects, and what is wrapped around them.

use std::borrow::Cow::Borrowed;

use tocsin_wire::RecordKeys;

use crate::event::envelope::{EnvelopeTable, Holds, Mark, Wrapped};

/// CloudTrail's files, CloudWatch Logs, `aws cloudtrail lookup-events`, and what SQS hands out.
pub(crate) const LIST_KEYS: [&str; 4] = ["Records", "logEvents", "Events", "Messages"];

/// By what a record shows at its begin that it is one.
pub(crate) static RECORD_KEYS: RecordKeys = RecordKeys {
    usual: Borrowed(r#"{"eventVersion":"1."#),
    records: Borrowed(&[Borrowed("eventVersion"), Borrowed("eventName")]),
    lists: Borrowed(&[
        Borrowed(LIST_KEYS[0]),
        Borrowed(LIST_KEYS[1]),
        Borrowed(LIST_KEYS[2]),
        Borrowed(LIST_KEYS[3]),
    ]),
    // `aws logs filter-log-events` and `get-log-events`; the answer to a search of Elasticsearch.
    lists_of_large: Borrowed(&[
        Borrowed(&[Borrowed("events")]),
        Borrowed(&[Borrowed(LIST_IN_OBJECT.0), Borrowed(LIST_IN_OBJECT.1)]),
    ]),
    // What shippers call a line that they read, what queues and notices carry, and `lookup-events`.
    texts: Borrowed(&[
        Borrowed("message"),
        Borrowed("log"),
        Borrowed("Message"),
        Borrowed("Body"),
        Borrowed("body"),
        Borrowed("CloudTrailEvent"),
        Borrowed("_raw"),
        Borrowed("@message"),
    ]),
    // What makes an object a normalised record, and the other envelopes.
    beside: Borrowed(&[
        Borrowed("event"),
        Borrowed("event_name"),
        Borrowed("_log_time"),
        Borrowed("data_stream"),
        Borrowed("aws"),
        Borrowed("eventSource"),
        Borrowed("Sns"),
        Borrowed("detail"),
        Borrowed("_source"),
        Borrowed("hits"),
        Borrowed("responses"),
        Borrowed("docs"),
        Borrowed("events"),
        Borrowed("results"),
        Borrowed("result"),
        Borrowed("streams"),
        Borrowed("data"),
        Borrowed("line"),
        Borrowed("resourceLogs"),
        Borrowed("payload"),
        Borrowed("logRecord"),
        Borrowed("awslogs"),
        Borrowed("records"),
    ]),
    // Notices of S3, and what Lambda's triggers hand out.
    foreign: Borrowed(&[
        (Borrowed("eventVersion"), Borrowed("2.")),
        (Borrowed("eventName"), Borrowed("Object")),
        (Borrowed("eventName"), Borrowed("aws:")),
        (Borrowed("eventSource"), Borrowed("aws:")),
    ]),
};

/// Lists of envelopes: `filter-log-events`, Splunk's results, Elasticsearch's documents. Other sources' records have keys of
/// these names, too, so their elements are taken one at a time only where a document can't be read whole.
pub(crate) const OTHER_LIST_KEYS: [&str; 3] = ["events", "results", "docs"];

/// The same in an object of the document: what Elasticsearch answers to a search.
pub(crate) const LIST_IN_OBJECT: (&str, &str) = ("hits", "hits");

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
        // Elasticsearch: a hit, also as elasticdump writes it, and the answers to a search, to several, to a get of
        // several.
        ("_source", Holds::SignedOrBeside("_index")),
        ("hits.hits", Holds::ArrayWith("_source")),
        ("responses.hits.hits", Holds::ArrayWith("_source")),
        ("docs", Holds::ArrayWith("_source")),
        // `aws logs filter-log-events` and `get-log-events`; `get-query-results`, whose rows are lists of fields.
        ("events", Holds::ArrayWith("ingestionTime")),
        ("results.value", Holds::SignedText),
        // Splunk's results; what its collector takes, whose `event` is otherwise ECS's.
        ("results", Holds::ArrayWith("_raw")),
        ("event", Holds::Signed),
        // Loki: what is pushed, the answer to a query, and what logcli writes.
        ("streams.values", Holds::SignedText),
        ("data.result.values", Holds::SignedText),
        ("line", Holds::SignedText),
        // OpenTelemetry's file exporter.
        ("resourceLogs.scopeLogs.logRecords.body.stringValue", Holds::SignedText),
        // Kafka Connect and others; CloudEvents and others.
        ("payload", Holds::Signed),
        ("data", Holds::Signed),
        // Logstash, Elastic Agent and Filebeat; Splunk; CloudWatch Logs Insights.
        ("event.original", Holds::Original),
        ("_raw", Holds::Original),
        ("result._raw", Holds::Original),
        ("@message", Holds::Original),
        ("logRecord.@message", Holds::Original),
    ],
    envelope_keys: &[
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
    inside: &[
        "eventName",
        "eventSource",
        "eventVersion",
        "event.action",
        "event.dataset",
        "event_name",
    ],
    inside_signed: &[
        "eventName",
        "eventSource",
        "eventVersion",
        "digestS3Object",
        "event",
        "aws",
        "event_name",
        "_log_time",
        "_source",
        "hits",
        "_raw",
        "preview",
        "@message",
        "logRecord",
        "responses",
        "docs",
        "events",
        "results",
        "resourceLogs",
        "streams",
        "line",
        "payload",
        "data",
    ],
    // The last stands in a normalised record's `event.dataset` or as a part of `aws`.
    signs: &["eventVersion", "eventName", "digestS3Object", "cloudtrail"],
    // EventBridge's envelope, whatever it holds.
    marked: ("detail", "detail-type"),
    // CloudEvents.
    self_named: ("data", "specversion"),
    // These are EventBridge's own words; what a customer's event has in `detail` is the customer's.
    origin: ["source", "account", "region"],
    own_sender: "aws.",
    wrapped: WRAPPED,
    elsewhere: ELSEWHERE,
};

/// What Lambda, Kinesis and Firehose hand out in base64, or as a word that there is a file. The event sources are
/// Lambda's; the last stands for those of its triggers that carry no log.
const WRAPPED: &[Wrapped] = &[
    Wrapped {
        mark: Mark::Sender(&["aws:kinesis"]),
        what: "Kinesis records",
        hint: "their data is base64: decode it first (jq -r '.Records[].kinesis.data | @base64d'), or \
               judge them in Lambda (integrations/aws-lambda)",
    },
    Wrapped {
        mark: Mark::Sender(&["aws:kafka", "SelfManagedKafka"]),
        what: "events of a Kafka trigger",
        hint: "their values are base64: decode them first (jq -r '.records[][].value | @base64d'), or \
               judge them in Lambda (integrations/aws-lambda)",
    },
    Wrapped {
        mark: Mark::Sender(&["aws:s3"]),
        what: "S3 notices",
        hint: "they name objects and hold no records: scan the objects (aws s3 cp s3://BUCKET/KEY - | tocsin scan)",
    },
    Wrapped {
        mark: Mark::Sender(&["aws:"]),
        what: "records of a Lambda trigger",
        hint: "what they carry is no log that is known here",
    },
    Wrapped {
        mark: Mark::Key("awslogs.data"),
        what: "CloudWatch Logs events for Lambda",
        hint: "their data is gzip in base64: decode it first (jq -r .awslogs.data | base64 -d | gunzip), \
               or judge them in Lambda (integrations/aws-lambda)",
    },
    Wrapped {
        mark: Mark::Key("resourceLogs.scopeLogs.logRecords.body.kvlistValue"),
        what: "OpenTelemetry log records whose body is a map",
        hint: "`tocsin serve` turns maps back into records: send the file to its path /v1/logs",
    },
    Wrapped {
        mark: Mark::Key("records.data"),
        what: "Data Firehose requests",
        hint: "their data is base64: decode it first (jq -r '.records[].data | @base64d'), or let \
               `tocsin serve` receive them",
    },
];

/// A key of other sources' records that neither CloudTrail nor a shipper writes. The names are Sigma's products,
/// where it has one.
const ELSEWHERE: &[(&str, &str)] = &[
    ("EventID", "windows"),
    ("Event.System.EventID", "windows"),
    ("class_uid", "ocsf"),
    ("auditID", "kubernetes"),
    ("protoPayload", "gcp"),
    ("operationName", "azure"),
    ("Workload", "m365"),
    ("debugContext", "okta"),
    ("id.orig_h", "zeek"),
];
