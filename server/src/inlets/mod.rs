//! What shippers send in, batches of lines out, and the answers that each of them understands.
//!
//! What a body is, its path says and its bytes; shippers' Content-Types say little.

mod documents;
pub mod firehose;
pub mod hec;
pub mod inflate;
pub mod lines;
pub mod otlp;
pub mod pick;
pub mod records;
pub mod telegraf;

use std::sync::Arc;

use lines::Lines;

use crate::in_flight::Room;

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
    pub rejected: Rejected,
    /// What the sender should know though nothing was rejected.
    pub notes: Vec<String>,
    /// What the answer has to repeat.
    pub request_id: Option<String>,
}

/// A text without the mark of UTF-8 that some writers put before it.
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Units that were rejected: all are counted, the first are listed with their reasons.
#[derive(Debug, Default)]
pub struct Rejected {
    count: u64,
    first: Vec<(u64, String)>,
}

impl Rejected {
    /// Units that are listed.
    const MOST: usize = 64;

    /// Rejects a unit.
    pub fn push(&mut self, (unit, reason): (u64, String)) {
        self.count += 1;
        if self.first.len() < Rejected::MOST {
            self.first.push((unit, reason));
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first ones.
    pub fn iter(&self) -> impl Iterator<Item = &(u64, String)> {
        self.first.iter()
    }

    /// The first ones.
    pub fn into_first(self) -> Vec<(u64, String)> {
        self.first
    }
}

/// Holds what must be true of every parsed request: each unit is one line, whole and alone on it, or rejected,
/// or had nothing in it.
#[cfg(test)]
fn check(parsed: &Parsed) {
    let lines = parsed.lines.text().split_inclusive(|byte| *byte == b'\n');
    assert_eq!(lines.clone().count(), parsed.lines.len());
    assert!(parsed.lines.len() as u64 + parsed.rejected.len() <= parsed.units);
    for line in lines {
        assert!(line.ends_with(b"\n") && !line[..line.len() - 1].contains(&b'\r'));
        assert!(matches!(line.first(), Some(b'{' | b'[')), "{}", String::from_utf8_lossy(line));
    }
}

#[cfg(test)]
mod hostile;

/// An answer to a request.
#[derive(Debug, Clone)]
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
    /// Room that it takes until it is sent.
    pub room: Option<Arc<Room>>,
}

impl Answer {
    /// An answer without anything else to it.
    pub fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Answer {
        Answer {
            status,
            content_type,
            body,
            retry_after: None,
            rejected: 0,
            close: false,
            room: None,
        }
    }

    /// The same, taking room until it is sent.
    pub fn holding(self, room: Room) -> Answer {
        Answer { room: Some(Arc::new(room)), ..self }
    }

    /// The same with a time to wait.
    pub fn after(self, seconds: u64) -> Answer {
        Answer { retry_after: Some(seconds), ..self }
    }
}
