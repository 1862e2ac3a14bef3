//! Rules of Sigma for AWS CloudTrail, which name the record's own keys.

use crate::source::SigmaTable;

pub(super) const TABLE: SigmaTable = SigmaTable {
    product: "aws",
    service: "cloudtrail",
    marks: MARKS,
    top_keys: TOP_KEYS,
    output: OUTPUT,
};

/// What every record has.
const MARKS: &[&str] = &["eventName", "eventSource", "eventVersion"];

/// As in AWS's page *CloudTrail record contents*, and what a record of Insights and of CloudTrail Lake adds.
const TOP_KEYS: &[&str] = &[
    "addendum",
    "additionalEventData",
    "apiVersion",
    "awsRegion",
    "edgeDeviceDetails",
    "errorCode",
    "errorMessage",
    "eventCategory",
    "eventContext",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "insightDetails",
    "managementEvent",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "resources",
    "responseElements",
    "serviceEventDetails",
    "sessionCredentialFromConsole",
    "sharedEventID",
    "sourceIPAddress",
    "tlsDetails",
    "userAgent",
    "userIdentity",
    "vpcEndpointAccountId",
    "vpcEndpointId",
];

/// What an alert shows of a record for a rule that names no fields.
const OUTPUT: &[&str] = &[
    "eventTime",
    "recipientAccountId",
    "awsRegion",
    "sourceIPAddress",
    "userIdentity.arn",
    "eventSource",
    "eventName",
    "errorCode",
    "userAgent",
];
