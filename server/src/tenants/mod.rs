//! Tenants: whose a request is, what it may take, and what is counted of it.

mod rate;
mod sender;
mod suspension;
mod token;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use rate::{Bucket, retry_after};
pub use sender::{RULE, Sender};
pub use suspension::Suspension;
pub use token::{Fingerprint, Token, Tokens, of_request};

use crate::config;
use crate::judge::Rules;
use crate::outlets::Gauges;

/// What is counted of a tenant.
#[derive(Debug, Default)]
pub struct Counters {
    /// Bytes received.
    pub bytes: AtomicU64,
    /// Records judged.
    pub records: AtomicU64,
    /// Records and units that couldn't be judged.
    pub rejected: AtomicU64,
    /// Alerts that were new.
    pub new: AtomicU64,
    /// Alerts that were raised before.
    pub repeated: AtomicU64,
    /// Alerts that were counted only.
    pub cut: AtomicU64,
    /// Microseconds of judging.
    pub judged_micros: AtomicU64,
    /// Batches that were broken off.
    pub broken: AtomicU64,
    /// Requests refused, by reason.
    refused: Mutex<HashMap<&'static str, u64>>,
}

impl Counters {
    /// Counts a refused request.
    pub fn refuse(&self, reason: &'static str) {
        *self.refused().entry(reason).or_default() += 1;
    }

    /// Refused requests by reason.
    pub fn refused(&self) -> MutexGuard<'_, HashMap<&'static str, u64>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What outlives a reload.
#[derive(Debug, Default)]
pub struct Standing {
    /// What was counted.
    pub counters: Counters,
    /// Whether somebody has paused the tenant.
    pub paused: AtomicBool,
    /// What is wrong with the newest configuration or rules, if it isn't in use.
    pub complaint: Mutex<Option<String>>,
    /// Bytes of its requests and alerts on their way that are held now.
    pub held: Arc<AtomicU64>,
    running: AtomicUsize,
    suspension: Mutex<Suspension>,
}

/// A tenant.
pub struct Tenant {
    /// Its name.
    pub name: Arc<str>,
    /// Its configuration.
    pub config: config::Tenant,
    /// Its rules.
    pub rules: Rules,
    /// SHA-256 of the rule documents.
    pub documents: [u8; 32],
    /// The full names of its outlets.
    pub outlets: Arc<[Arc<str>]>,
    /// Their figures and switches.
    pub gauges: Gauges,
    /// What outlives a reload.
    pub standing: Arc<Standing>,
    bucket: Mutex<Bucket>,
}

/// Why a request is refused before its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// For the metrics and the message.
    pub reason: &'static str,
    /// Seconds to wait.
    pub after: u64,
}

/// A place among a tenant's requests at once, given back when it is dropped.
pub struct Permit(Arc<Standing>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Standing {
    /// How the tenant has behaved.
    pub fn suspension(&self) -> MutexGuard<'_, Suspension> {
        self.suspension.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with what isn't in use.
    pub fn complaint(&self) -> MutexGuard<'_, Option<String>> {
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tenant {
    /// A tenant that may take what its configuration says.
    pub fn new(
        name: Arc<str>,
        config: config::Tenant,
        rules: Rules,
        documents: [u8; 32],
        gauges: Gauges,
        standing: Arc<Standing>,
    ) -> Tenant {
        let limits = &config.limits;
        let bucket = Bucket::new(limits.bytes_per_second.0, limits.burst.0, Instant::now());
        let outlets = gauges.iter().map(|(name, _)| Arc::clone(name)).collect();
        Tenant {
            name,
            rules,
            documents,
            outlets,
            gauges,
            standing,
            bucket: Mutex::new(bucket),
            config,
        }
    }

    /// Lets a request in, or says why not. `bytes` is what its headers say, if they do.
    ///
    /// # Errors
    /// [`Refused`] with the time to wait.
    pub fn admit(&self, bytes: Option<u64>, waiting: u64) -> Result<Permit, Refused> {
        self.may_take(waiting)?;
        let now = Instant::now();
        let refused = |reason, wait: Duration| Err(Refused { reason, after: retry_after(wait) });
        let place = Permit(Arc::clone(&self.standing));
        if self.standing.running.fetch_add(1, Ordering::AcqRel) >= self.config.limits.concurrent {
            return refused("concurrent_requests", Duration::from_secs(1));
        }
        // One byte even of a request that doesn't say how many it has; the others follow when they are known.
        match self.bucket().take(bytes.unwrap_or(1), now) {
            Ok(()) => Ok(place),
            Err(wait) => refused("rate", wait),
        }
    }

    /// Whether it takes anything now. `waiting` are the bytes of its alerts that haven't left.
    ///
    /// # Errors
    /// [`Refused`] with the time to wait.
    pub fn may_take(&self, waiting: u64) -> Result<(), Refused> {
        let refused = |reason, wait: Duration| Err(Refused { reason, after: retry_after(wait) });
        if self.standing.paused.load(Ordering::Relaxed) {
            return refused("paused", Duration::from_secs(30));
        }
        if let Some(left) = self.standing.suspension().remaining(Instant::now()) {
            return refused("suspended", left);
        }
        if waiting >= self.config.limits.outbox.0 {
            return refused("outbox_full", Duration::from_secs(30));
        }
        Ok(())
    }

    /// Takes the bytes of a request that didn't say how many it has.
    pub fn charge(&self, bytes: u64) {
        self.bucket().charge(bytes, Instant::now());
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
