//! The answers of each path, as its clients understand them.

use hyper::HeaderMap;

use super::judging::Done;
use crate::inlets::otlp::Form;
use crate::inlets::{Answer, Inlet, firehose, hec, otlp, records};

/// Seconds to wait for a host that is busy.
pub const BUSY: u64 = 5;

/// Seconds to wait for people to mend something.
const LONG: u64 = 60;

/// Why a request belongs to no tenant.
pub enum Stranger {
    NoToken,
    /// With another scheme than those that hold one.
    OtherScheme,
    Unknown,
    /// It is a tenant's whose rules have never been usable.
    Broken,
}

/// How a request's answers look.
pub struct Answers {
    pub inlet: Inlet,
    pub form: Form,
    request_id: Option<String>,
}

impl Answers {
    pub fn of(inlet: Inlet, headers: &HeaderMap) -> Answers {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Answers {
            inlet,
            form: Form::of(text("content-type"), b""),
            request_id: text("x-amz-firehose-request-id").map(str::to_owned),
        }
    }

    pub fn refused(&self, status: u16, message: &str) -> Answer {
        match self.inlet {
            Inlet::Records => records::refused(status, message),
            Inlet::Otlp => otlp::refused(self.form, status, message),
            Inlet::Firehose => firehose::refused(status, self.request_id.as_deref(), message),
            Inlet::HecEvent | Inlet::HecRaw => hec::refused(status, message),
        }
    }

    pub fn stranger(&self, stranger: &Stranger) -> Answer {
        let is_hec = matches!(self.inlet, Inlet::HecEvent | Inlet::HecRaw);
        match stranger {
            Stranger::Broken => self.refused(503, "the tenant's rules can't be used").after(LONG),
            Stranger::Unknown if is_hec => self.refused(403, ""),
            Stranger::OtherScheme if is_hec => hec::wrong_scheme(),
            Stranger::Unknown => self.refused(401, "the token is nobody's"),
            Stranger::OtherScheme | Stranger::NoToken => {
                self.refused(401, "a token is missing; send it as `Authorization: Bearer TOKEN`")
            }
        }
    }

    /// A tenant's limit: later.
    pub fn later(&self, seconds: u64, message: &str) -> Answer {
        let status = if self.inlet.busy_is_503() { 503 } else { 429 };
        self.refused(status, message).after(seconds)
    }

    /// The whole host: later.
    pub fn busy(&self, message: &str) -> Answer {
        self.refused(503, message).after(BUSY)
    }
    /// The answer to what was judged.
    pub fn accepted(&self, done: &Done, inlined: Option<Vec<String>>) -> Answer {
        let rejected = done.counts.rejected;
        match self.inlet {
            Inlet::Records => records::accepted(&done.counts, inlined.as_deref()),
            Inlet::HecEvent | Inlet::HecRaw => hec::accepted(rejected),
            Inlet::Firehose => {
                let id = done.request_id.as_deref().or(self.request_id.as_deref());
                firehose::accepted(id, rejected)
            }
            Inlet::Otlp => {
                let reasons = done
                    .counts
                    .errors
                    .iter()
                    .take(3)
                    .map(|(unit, reason)| format!("record {unit}: {reason}"));
                let message: Vec<String> = reasons.chain(done.notes.iter().cloned()).collect();
                otlp::accepted(self.form, rejected, &message.join("; "))
            }
        }
    }
}
