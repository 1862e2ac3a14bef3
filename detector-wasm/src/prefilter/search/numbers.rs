//! Windows and their numbers, to be asked for one window at a time.

use super::window::Window;

/// Places for each window, at least.
const SPACE: usize = 2;

/// What the hash multiplies by.
const MULTIPLIER: u32 = 0x9e37_79b1;

/// Windows and their numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    /// By the highest bits of a hash, with the following place for what finds its own taken; a power of two
    /// of them, so many that some are free.
    places: Vec<(u32, u32)>,
    /// How many bits of the hash are no part of a place.
    shift: u32,
}

impl Numbers {
    /// None as yet, with room for so many.
    pub(super) fn for_windows(count: usize) -> Numbers {
        let places = count.saturating_mul(SPACE).max(2).next_power_of_two();
        let shift = u32::BITS - places.trailing_zeros().min(u32::BITS - 1);
        Numbers { places: vec![(0, 0); places], shift }
    }

    /// Gives a window its number, unless it has one.
    pub(super) fn add(&mut self, window: Window, number: u32) -> bool {
        let place = self.place(window);
        match self.places.get_mut(place) {
            Some(free @ (0, _)) => {
                *free = (window.bytes(), number);
                true
            }
            _ => false,
        }
    }

    /// Adds one to a window's number, which was 0 if it had none.
    pub(super) fn count(&mut self, window: Window) {
        let place = self.place(window);
        if let Some((known, number)) = self.places.get_mut(place) {
            *known = window.bytes();
            *number = number.saturating_add(1);
        }
    }

    #[inline]
    pub(super) fn get(&self, window: Window) -> Option<u32> {
        let (known, number) = self.places.get(self.place(window))?;
        (*known != 0).then_some(*number)
    }

    /// A window's place, or the free one that it would take.
    fn place(&self, window: Window) -> usize {
        let last = self.places.len().saturating_sub(1);
        let mut at = window.hash(MULTIPLIER).checked_shr(self.shift).unwrap_or(0) as usize & last;
        while let Some((known, _)) = self.places.get(at)
            && *known != 0
            && *known != window.bytes()
        {
            at = (at + 1) & last;
        }
        at
    }
}
