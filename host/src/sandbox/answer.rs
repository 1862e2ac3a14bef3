//! What a call of the module gives back.

use std::fmt;

/// How a call ended, as the module says; the numbers are those of `docs/abi.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The text is the answer.
    Ok,
    /// The argument isn't what the interface describes.
    BadArgument,
    /// Nothing in the batch is a record.
    BadBatch,
    /// The former configuration stays; the text holds diagnostics.
    BadConfiguration,
    /// A limit of the module was reached.
    LimitExceeded,
    /// A defect of the module.
    Internal,
}

impl Status {
    /// The status with this number, if version 1 has one.
    pub(crate) fn from_number(number: u32) -> Option<Status> {
        Some(match number {
            0 => Status::Ok,
            1 => Status::BadArgument,
            2 => Status::BadBatch,
            3 => Status::BadConfiguration,
            4 => Status::LimitExceeded,
            255 => Status::Internal,
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Ok => "ok",
            Status::BadArgument => "bad argument",
            Status::BadBatch => "bad batch",
            Status::BadConfiguration => "bad configuration",
            Status::LimitExceeded => "limit exceeded",
            Status::Internal => "internal error",
        })
    }
}

/// A call's answer. Its text lies in the module's memory and is good until the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// How the call ended.
    pub status: Status,
    /// Rules described, diagnostics found, or alert frames written.
    pub count: u32,
    /// JSON or NDJSON, depending on the call.
    pub text: &'a [u8],
}
