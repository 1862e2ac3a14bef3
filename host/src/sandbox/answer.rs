//! What a call of the module gives back.

pub use tocsin_wire::Status;

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
