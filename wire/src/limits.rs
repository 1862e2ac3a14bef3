//! How large things may be. `describe` names them; the page of the interface says what happens beyond.

/// The version of the interface.
pub const ABI_VERSION: i32 = 1;

/// The largest batch, in bytes: what a 32-bit memory can hold beside its alerts.
pub const BATCH_BYTES: usize = 1 << 30;

/// The largest record, in bytes; also the largest envelope that isn't a list of records.
pub const RECORD_BYTES: usize = 64 << 20;

/// How many envelopes may be wrapped around each other.
pub const ENVELOPE_DEPTH: usize = 16;

/// The largest answer to a batch, in bytes. What has no room in it is an error.
pub const ANSWER_BYTES: usize = 256 << 20;

/// The largest rule document, in bytes.
pub const DOCUMENT_BYTES: usize = 1 << 20;
