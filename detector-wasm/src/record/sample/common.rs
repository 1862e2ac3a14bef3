//! In: four bytes, or a text. Out: how often they stand in records, whatever those are about.

use std::sync::LazyLock;

use super::numbers::Numbers;
use super::window::{Window, window};

/// What stands in about every record: a role's and a user's, without what differs.
const RECORDS: &str = concat!(
    r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:i-0","arn":"#,
    r#""arn:aws:sts::0:assumed-role/","accountId":"","accessKeyId":"ASIA","userName":"","#,
    r#""sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::0:role/"},"#,
    r#""webIdFederationData":{},"attributes":{"creationDate":"T00:00:00Z","mfaAuthenticated":"#,
    r#""false"}},"invokedBy":"ec2.amazonaws.com"},"eventTime":"","eventSource":"#,
    r#""s3.amazonaws.com","eventName":"Describe","awsRegion":"us-east-1","sourceIPAddress":"","#,
    r#""userAgent":"aws-cli/ Linux Python Mozilla aws-sdk-go console Boto3","#,
    r#""requestParameters":null,"responseElements":null,"additionalEventData":{},"requestID":"","#,
    r#""eventID":"","readOnly":true,"resources":[{"accountId":"","type":"AWS::S3::Bucket"}],"#,
    r#""eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"","eventCategory":"#,
    r#""Management","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM","#,
    r#""clientProvidedHostHeader":"s3.us-east-1.amazonaws.com"}}"#,
    "\n",
    r#"{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","principalId":"AIDA","arn":"#,
    r#""arn:aws:iam::0:user/","accountId":"","accessKeyId":"AKIA","userName":""},"eventTime":"#,
    r#""2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"Get","awsRegion":"#,
    r#""us-east-1","sourceIPAddress":"203.0.113.1","userAgent":"APN/1.0 HashiCorp/1.0 "#,
    r#"Terraform/1.1 (+https://www.terraform.io) terraform-provider-aws/5.1 "#,
    r#"(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.1 os/linux","#,
    r#""errorCode":"AccessDenied","errorMessage":"","requestParameters":{"instanceId":""},"#,
    r#""responseElements":null,"requestID":"","eventID":"","readOnly":true,"eventType":"#,
    r#""AwsApiCall","managementEvent":true,"recipientAccountId":"","eventCategory":"Management","#,
    r#""tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","#,
    r#""clientProvidedHostHeader":"iam.amazonaws.com"}}"#,
    "\n",
);

/// The windows of what stands in about every record, as often as they stand there.
pub(super) fn windows() -> Vec<Window> {
    RECORDS.as_bytes().windows(4).map(window).collect()
}

/// How often four bytes stand in about every record.
fn times(piece: &[u8]) -> u32 {
    static PIECES: LazyLock<Numbers> = LazyLock::new(|| {
        let windows = windows();
        let mut pieces = Numbers::for_windows(windows.len());
        windows.into_iter().for_each(|window| pieces.count(window));
        pieces
    });
    PIECES.get(window(piece)).unwrap_or(0)
}

/// Whether four bytes stand in about every record.
pub(super) fn is_common(piece: &[u8]) -> bool {
    times(piece) > 0
}

/// How many percent of a text's pieces stand in about every record.
pub(super) fn commonness(text: &str) -> u8 {
    let pieces = text.as_bytes().windows(4);
    let all = pieces.len().max(1);
    (pieces.filter(|piece| is_common(piece)).count() * 100 / all) as u8
}

/// The part of so many bytes, or all if there are fewer, whose pieces come least often in about every
/// record, and where it begins.
pub(super) fn rarest_part(text: &str, length: usize) -> (usize, &str) {
    let pieces: Vec<u32> = text.as_bytes().windows(4).map(times).collect();
    let sum = |part: &[u32]| part.iter().sum::<u32>();
    let parts = pieces.windows(length.saturating_sub(3).max(1)).map(sum).enumerate();
    let from = parts.min_by_key(|(_, times)| *times).map_or(0, |(from, _)| from);
    (from, text.get(from..from.saturating_add(length)).unwrap_or(text))
}
