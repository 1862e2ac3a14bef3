//! Bytes per second with a burst, and how long to wait when they are used up.

use std::time::{Duration, Instant};

/// A token bucket. A request takes all of its bytes at once, even more than there are: then the next ones wait
/// longer. So one larger than the burst passes too, instead of being sent back for ever.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    per_second: f64,
    burst: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: u64, burst: u64, now: Instant) -> Bucket {
        let burst = burst.max(1) as f64;
        Bucket { per_second: per_second.max(1) as f64, burst, level: burst, at: now }
    }

    /// Takes the bytes of a request.
    ///
    /// # Errors
    /// How long to wait, if there aren't as many, or for a larger request not a full bucket.
    pub fn take(&mut self, bytes: u64, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        let wanted = (bytes as f64).min(self.burst);
        if self.level + 1e-6 < wanted {
            return Err(Duration::from_secs_f64((wanted - self.level) / self.per_second));
        }
        self.level -= bytes as f64;
        Ok(())
    }

    /// Takes bytes that were not known of before.
    pub fn charge(&mut self, bytes: u64, now: Instant) {
        self.fill(now);
        self.level -= bytes as f64;
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.level = (self.level + passed * self.per_second).min(self.burst);
    }
}

/// The longest wait that a sender is asked for: the Collector gives a request up whose wait would end beyond
/// its five minutes.
const LONGEST: u64 = 60;

/// A wait as `Retry-After` says it: whole seconds, one at least.
pub fn retry_after(wait: Duration) -> u64 {
    (wait.as_secs_f64().ceil() as u64).clamp(1, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_too_fast_waits_as_long_as_it_takes() {
        let start = Instant::now();
        let mut bucket = Bucket::new(100, 1000, start);
        assert_eq!(bucket.take(1000, start), Ok(()));
        assert_eq!(bucket.take(500, start), Err(Duration::from_secs(5)));
        let later = start + Duration::from_secs(5);
        assert_eq!(bucket.take(500, later), Ok(()));
        assert_eq!(bucket.take(1, later), Err(Duration::from_millis(10)));
    }

    #[test]
    fn a_request_larger_than_the_burst_passes_once_the_bucket_is_full() {
        let start = Instant::now();
        let mut bucket = Bucket::new(100, 1000, start);
        assert_eq!(bucket.take(5000, start), Ok(()));
        assert_eq!(bucket.take(5000, start).unwrap_err(), Duration::from_secs(50));
        assert_eq!(bucket.take(5000, start + Duration::from_secs(50)), Ok(()));
    }

    #[test]
    fn over_a_day_no_more_passes_than_allowed() {
        let start = Instant::now();
        let (mut bucket, mut now, mut passed) = (Bucket::new(100, 1000, start), start, 0);
        while now < start + Duration::from_secs(1000) {
            match bucket.take(700, now) {
                Ok(()) => passed += 700,
                Err(wait) => now += wait,
            }
        }
        assert!((100_000..=102_000).contains(&passed), "{passed}");
    }

    #[test]
    fn a_wait_is_whole_seconds() {
        let seconds = [0, 1, 1000, 1001, 300_000].map(|ms| retry_after(Duration::from_millis(ms)));
        assert_eq!(seconds, [1, 1, 1, 2, 60]);
    }
}
