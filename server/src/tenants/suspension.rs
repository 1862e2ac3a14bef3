//! Tenants whose rules run into their budgets again and again: they pause, longer each time, and come back.

use std::time::{Duration, Instant};

/// Broken batches in a row that are no reason for a pause yet.
const PATIENCE: u32 = 3;

const FIRST: Duration = Duration::from_secs(1);

const LONGEST: Duration = Duration::from_secs(300);

/// Batches in a row that make up for a broken one. One good batch isn't enough: a tenant that
/// breaks every second one takes as much time as one that breaks all of them.
const MAKES_UP: u32 = 20;

/// Batches in a row after which nothing is held against anybody any more.
const FORGIVEN: u32 = 100;

/// How a tenant has behaved.
#[derive(Debug, Clone, Copy, Default)]
pub struct Suspension {
    strikes: u32,
    pauses: u32,
    good: u32,
    until: Option<Instant>,
}

impl Suspension {
    /// How long the tenant still pauses.
    pub fn remaining(&self, now: Instant) -> Option<Duration> {
        self.until
            .and_then(|until| until.checked_duration_since(now))
            .filter(|left| !left.is_zero())
    }

    /// How often it was suspended.
    pub fn pauses(&self) -> u32 {
        self.pauses
    }

    /// A batch ran within its budget.
    pub fn behaved(&mut self) {
        self.good = self.good.saturating_add(1);
        if self.good.is_multiple_of(MAKES_UP) {
            self.strikes = self.strikes.saturating_sub(1);
        }
        if self.good >= FORGIVEN {
            self.pauses = 0;
        }
    }

    /// A batch was broken off. Gives the pause that follows, if one does.
    pub fn offended(&mut self, now: Instant) -> Option<Duration> {
        self.good = 0;
        self.strikes += 1;
        if self.strikes < PATIENCE {
            return None;
        }
        let pause = FIRST.saturating_mul(1 << self.pauses.min(16)).min(LONGEST);
        self.pauses += 1;
        // Back from a pause one more is enough.
        self.strikes = PATIENCE - 1;
        self.until = Some(now + pause);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut now = Instant::now();
        let mut suspension = Suspension::default();
        assert_eq!([suspension.offended(now), suspension.offended(now)], [None, None]);
        let mut pauses = Vec::new();
        for _ in 0..11 {
            let pause = suspension.offended(now).unwrap();
            assert_eq!(suspension.remaining(now), Some(pause));
            now += pause;
            assert_eq!(suspension.remaining(now), None);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        (0..FORGIVEN).for_each(|_| suspension.behaved());
        assert_eq!(suspension.offended(now), None);
        assert_eq!(suspension.pauses(), 0);
    }

    #[test]
    fn good_batches_between_broken_ones_are_no_way_out_but_rare_broken_ones_are_forgiven() {
        let now = Instant::now();
        let mut alternating = Suspension::default();
        let pauses = (0..10).filter(|_| {
            alternating.behaved();
            alternating.offended(now).is_some()
        });
        assert_eq!(pauses.count(), 8);
        let mut rare = Suspension::default();
        for _ in 0..10 {
            (0..MAKES_UP).for_each(|_| rare.behaved());
            assert_eq!(rare.offended(now), None);
        }
    }
}
