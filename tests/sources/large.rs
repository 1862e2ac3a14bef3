//! Out: scripts with batches of megabytes.

use std::sync::Arc;

use crate::script::{Call, Script};
use crate::subject::Module;

/// A record that both built-in rules alert on, and one that none does.
const STOP: &str = r#"{"eventVersion":"1.09","eventTime":"2026-03-14T09:20:00Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","eventID":"large","recipientAccountId":"111122223333"}"#;
const LIST: &str = r#"{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","userName":"alice"},"eventTime":"2026-03-14T09:20:00Z","eventSource":"s3.amazonaws.com","eventName":"ListObjects","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.10","userAgent":"aws-cli/2.22.3","requestParameters":{"bucketName":"logs","prefix":"stra\u00dfe/","delimiter":"\/"},"responseElements":null,"resources":[{"type":"AWS::S3::Object"},{"accountId":"111122223333","type":"AWS::S3::Bucket"}]}"#;

const MIB: usize = 1 << 20;

pub(super) fn all(module: &Arc<Module>) -> Vec<Script> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let records = lines(4 * MIB).trim_end().replace('\n', ",");
    let filler = "x".repeat(3 * MIB);
    let wide = format!(r#"{{"filler":"{filler}",{}"#, STOP.get(1..).unwrap_or_default());
    let batches = [
        ("lines", "4 MiB of lines.", lines(4 * MIB)),
        ("records", "4 MiB in one document.", format!("{{\"Records\":[{records}]}}")),
        ("record", "One record of 3 MiB.", wide.clone()),
        (
            "text",
            "The same as text in a shipper's envelope.",
            format!("{{\"log\":{}}}", quoted(&wide)),
        ),
        ("garbage", "3 MiB of what isn't JSON before a record.", format!("{filler}\n{STOP}\n")),
        (
            "cut",
            "1 MiB of records that are cut off.",
            format!("{}{STOP}\n", "{\"a\":\n".repeat(MIB / 6)),
        ),
    ];
    let script = |(name, about, batch): (&str, &str, String)| {
        let calls = vec![Call::Detect(batch.into_bytes().into())];
        Script::new(format!("large/{name}"), about.into(), module, calls)
    };
    let mut scripts: Vec<Script> = batches.into_iter().map(script).collect();
    let mut huge = script(("64-mib", "64 MiB of lines, and 4 MiB again.", lines(64 * MIB)));
    huge.calls.push(Call::Detect(lines(4 * MIB).into_bytes().into()));
    huge.large = true;
    scripts.push(huge);
    scripts
}

/// So many bytes of lines, with a record that alerts at the begin, in the middle and at the end.
fn lines(size: usize) -> String {
    let half = format!("{LIST}\n").repeat(size / 2 / (LIST.len() + 1));
    format!("{STOP}\n{half}{STOP}\n{half}{STOP}\n")
}
