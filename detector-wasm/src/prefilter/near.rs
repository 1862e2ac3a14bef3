//! In: a number. Out: a form that equal numbers share, however they are written.

use crate::query::expression::number::Number;

/// A form that equal numbers share. Numbers that differ by little may share one, too, so that it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Near(u64);

impl Near {
    /// By the bits of the nearest double.
    pub(super) fn of(number: Number) -> Near {
        let double = number.double();
        // Zero has two signs.
        Near(if double == 0.0 { 0 } else { double.to_bits() })
    }

    /// The form's bytes.
    pub(super) fn bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }
}
