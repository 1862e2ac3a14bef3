//! What shippers send in, batches of lines out, and the answers that each of them understands.
//!
//! What a body is, its path says and its bytes; shippers' Content-Types say little.

pub mod firehose;
pub mod hec;
pub mod inflate;
pub mod lines;
pub mod otlp;
pub mod records;

use lines::Lines;

/// What a request's path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inlet {
    /// `/v1/records`: every shape that `tocsin scan` takes.
    Records,
    /// `/v1/logs`: OTLP.
    Otlp,
    /// `/v1/firehose`: Amazon Data Firehose's HTTP endpoint.
    Firehose,
    /// `/services/collector/event`: Splunk's HTTP event collector.
    HecEvent,
    /// `/services/collector/raw`: the same, with text.
    HecRaw,
}

impl Inlet {
    /// The inlet of a path.
    pub fn of_path(path: &str) -> Option<Inlet> {
        Some(match path.trim_end_matches('/') {
            "/v1/records" => Inlet::Records,
            "/v1/logs" => Inlet::Otlp,
            "/v1/firehose" => Inlet::Firehose,
            "/services/collector"
            | "/services/collector/event"
            | "/services/collector/event/1.0"
            | "/services/collector/1.0" => Inlet::HecEvent,
            "/services/collector/raw" | "/services/collector/raw/1.0" => Inlet::HecRaw,
            _ => return None,
        })
    }

    /// Its name in metrics and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Inlet::Records => "records",
            Inlet::Otlp => "otlp",
            Inlet::Firehose => "firehose",
            Inlet::HecEvent | Inlet::HecRaw => "hec",
        }
    }

    /// Whether its clients take 503, not 429, for "later".
    pub fn busy_is_503(self) -> bool {
        matches!(self, Inlet::HecEvent | Inlet::HecRaw | Inlet::Firehose)
    }
}

/// A body that isn't what its path asks for; as a whole, for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(pub String);

/// What an inlet has found in a body.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The batch to be judged.
    pub lines: Lines,
    /// Units of the request: records of OTLP, events of HEC, records of Firehose.
    pub units: u64,
    /// Units of which no line was made, and why.
    pub rejected: Vec<(u64, String)>,
    /// What the sender should know though nothing was rejected.
    pub notes: Vec<String>,
    /// What the answer has to repeat.
    pub request_id: Option<String>,
}

/// Holds what must be true of every parsed request: each unit is one line, whole and alone on it, or rejected,
/// or had nothing in it.
#[cfg(test)]
fn check(parsed: &Parsed) {
    let lines = parsed.lines.text().split_inclusive(|byte| *byte == b'\n');
    assert_eq!(lines.clone().count(), parsed.lines.len());
    assert!(
        parsed.lines.len() + parsed.rejected.len()
            <= usize::try_from(parsed.units).unwrap_or(usize::MAX)
    );
    for line in lines {
        assert!(line.ends_with(b"\n") && !line[..line.len() - 1].contains(&b'\r'));
        assert!(matches!(line.first(), Some(b'{' | b'[')), "{}", String::from_utf8_lossy(line));
    }
}

#[cfg(test)]
mod hostile;

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What its body is.
    pub content_type: &'static str,
    /// Its body.
    pub body: Vec<u8>,
    /// Seconds after which the sender may come again.
    pub retry_after: Option<u64>,
    /// Units that were rejected, where the body has no place for it.
    pub rejected: u64,
    /// Whether the connection ends with it.
    pub close: bool,
}

impl Answer {
    /// An answer without anything else to it.
    pub fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Answer {
        Answer { status, content_type, body, retry_after: None, rejected: 0, close: false }
    }

    /// The same with a time to wait.
    pub fn after(self, seconds: u64) -> Answer {
        Answer { retry_after: Some(seconds), ..self }
    }
}
