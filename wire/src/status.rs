//! How a call ended.

use std::fmt;

/// How a call ended; the numbers are those of `docs/abi.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// The text is the answer.
    Ok = 0,
    /// The range lies outside the memory, or the document isn't what the interface describes.
    BadArgument = 1,
    /// Nothing in the batch is a record.
    BadBatch = 2,
    /// The former configuration stays; the text holds diagnostics.
    BadConfiguration = 3,
    /// A limit was reached.
    LimitExceeded = 4,
    /// A defect of the module.
    Internal = 255,
}

impl Status {
    /// Every status of version 1.
    pub const ALL: [Status; 6] = [
        Status::Ok,
        Status::BadArgument,
        Status::BadBatch,
        Status::BadConfiguration,
        Status::LimitExceeded,
        Status::Internal,
    ];

    /// The status with this number, if version 1 has one.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.number() == number)
    }

    /// The number that stands for it.
    #[must_use]
    pub fn number(self) -> u32 {
        self as u32
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

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn numbers_and_statuses_are_one_to_one() {
        for status in Status::ALL {
            assert_eq!(Status::from_number(status.number()), Some(status));
        }
        assert_eq!(Status::from_number(5), None);
    }
}
