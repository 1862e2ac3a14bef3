//! Four bytes of a text, with letters' case taken away.

/// Four bytes as one number. Setting one bit of each makes no difference between upper and lower case;
/// that it makes none between some other characters either costs a closer look, never a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window(u32);

/// The window of a text's first four bytes.
#[inline(always)]
pub(super) fn window(bytes: &[u8]) -> Window {
    let first = bytes.first_chunk().copied().unwrap_or_default();
    Window(u32::from_le_bytes(first) | 0x2020_2020)
}

impl Window {
    /// The bytes as one number, the first of them its lowest eight bits; never 0.
    pub(super) fn bytes(self) -> u32 {
        self.0
    }

    /// What stands for this window and another one that is some bytes behind it; other pairs may have the
    /// same.
    pub(super) fn and(self, behind: Window) -> Window {
        Window(self.0.rotate_left(u32::BITS / 2) ^ behind.0)
    }

    /// The highest bits depend on all of the window.
    #[inline(always)]
    pub(super) fn hash(self, multiplier: u32) -> u32 {
        self.0.wrapping_mul(multiplier)
    }
}
