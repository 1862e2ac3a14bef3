//! Alerts in, kept on disk before the sender gets its answer; from here outlets take them.
//!
//! One thread writes. What waits while it syncs is written with one sync of its own: many small batches cost
//! little more than one. Outlets read beside it.

mod apply;
mod content;
mod schema;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub use schema::{OpenError, make_private};

/// Jobs that wait for the writer; further callers wait before their job is taken.
const MOST_WAITING: usize = 1024;

/// Jobs of one transaction.
const MOST_AT_ONCE: usize = 512;

/// How often what is too old is forgotten.
const TIDY: Duration = Duration::from_secs(30);

/// Seconds since 1970, as the store sees them.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// An alert as the detector raised it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The number of its record in the batch, from 0.
    pub record: u64,
    /// The alert's id.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// When the event happened, in milliseconds since 1970.
    pub time: Option<i64>,
    /// The alert: one JSON object.
    pub body: String,
}

impl Alert {
    /// Bytes that it takes, roughly.
    pub fn size(&self) -> u64 {
        (self.id.len() + self.rule.len() + self.body.len() + size_of::<Alert>()) as u64
    }
}

/// How many alerts may be raised in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The interval in seconds.
    pub interval: u64,
    /// Alerts of one rule.
    pub per_rule: u64,
    /// Alerts of all rules together.
    pub total: u64,
}

/// The alerts of one request.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose they are.
    pub tenant: Arc<str>,
    /// The outlets that each of them goes to.
    pub outlets: Arc<[Arc<str>]>,
    /// SHA-256 of the request's path and body.
    pub request: [u8; 32],
    /// What its answer counts: records, alerts, rejected records.
    pub counts: (u64, u64, u64),
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// What is cut.
    pub quota: Quota,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Committed {
    /// Alerts that are new.
    pub new: u64,
    /// Alerts that were raised before.
    pub repeated: u64,
    /// Alerts that were counted only.
    pub cut: u64,
}

/// An alert on its way to an outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its number in the store.
    pub seq: i64,
    /// The id under which it is delivered: the alert's own, and something behind it where another record
    /// has raised an alert of the same id before.
    pub document: String,
    /// The rule's id.
    pub rule: String,
    /// When the event happened, in milliseconds since 1970.
    pub time: Option<i64>,
    /// The alert.
    pub body: String,
}

/// Why nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or the store has reached its limit.
    #[error("the store is full")]
    Full,
    /// Anything else.
    #[error("the store can't be written: {0}")]
    Failed(String),
    /// The server is ending.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full,
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

enum Job {
    Commit(Batch, Reply<Committed>),
    Delivered { outlet: Arc<str>, seqs: Vec<i64>, reply: Reply<()> },
    Dead { outlet: Arc<str>, seqs: Vec<(i64, String)>, reply: Reply<()> },
    Replay { outlet: Arc<str>, reply: Reply<u64> },
}

/// Figures of the store.
#[derive(Debug, Default)]
pub struct Figures {
    /// Transactions, each with one sync.
    pub commits: AtomicU64,
    /// Transactions that failed.
    pub failures: AtomicU64,
    bytes: Mutex<HashMap<Arc<str>, u64>>,
}

impl Figures {
    /// Bytes of a tenant's alerts that still have to leave, dead ones among them.
    pub fn bytes_of(&self, tenant: &str) -> u64 {
        self.lock().get(tenant).copied().unwrap_or(0)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, u64>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a store is opened.
#[derive(Clone)]
pub struct Settings {
    /// Bytes that the store may take on disk.
    pub most_bytes: u64,
    /// Seconds for which alerts and requests that were seen are known again.
    pub remembered: u64,
    /// The clock.
    pub clock: Clock,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    jobs: mpsc::Sender<Job>,
    reader: Arc<Mutex<Connection>>,
    figures: Arc<Figures>,
    /// Held as long as anybody has the store.
    _lock: Arc<File>,
}

impl Outbox {
    /// Opens the store in a folder, or makes it.
    ///
    /// # Errors
    /// [`OpenError`] if another process has it, it is damaged, or of a newer version.
    pub fn open(folder: &Path, settings: Settings) -> Result<Outbox, OpenError> {
        let (lock, writer, reader) = schema::open(folder, settings.most_bytes)?;
        let lock = Arc::new(lock);
        let figures = Arc::new(Figures::default());
        *figures.lock() = schema::bytes(&reader)?;
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let (seen, held) = (Arc::clone(&figures), Arc::clone(&lock));
        std::thread::Builder::new()
            .name("tocsin-outbox".into())
            .spawn(move || {
                write(writer, waiting, &settings, &seen);
                drop(held);
            })
            .map_err(OpenError::Io)?;
        Ok(Outbox { jobs, reader: Arc::new(Mutex::new(reader)), figures, _lock: lock })
    }

    /// Figures for metrics and limits.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Writes a batch; when this returns it is safe.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was written.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        self.ask(|reply| Job::Commit(batch, reply)).await
    }

    /// Forgets what an outlet has delivered.
    ///
    /// # Errors
    /// [`StoreError`] if it will be delivered again.
    pub async fn delivered(&self, outlet: Arc<str>, seqs: Vec<i64>) -> Result<(), StoreError> {
        self.ask(|reply| Job::Delivered { outlet, seqs, reply }).await
    }

    /// Lays aside what an outlet's receiver refuses for good.
    ///
    /// # Errors
    /// [`StoreError`] if it will be tried again.
    pub async fn dead(&self, outlet: Arc<str>, seqs: Vec<(i64, String)>) -> Result<(), StoreError> {
        self.ask(|reply| Job::Dead { outlet, seqs, reply }).await
    }

    /// Puts an outlet's dead letters back into its queue.
    ///
    /// # Errors
    /// [`StoreError`] if they stay.
    pub async fn replay(&self, outlet: Arc<str>) -> Result<u64, StoreError> {
        self.ask(|reply| Job::Replay { outlet, reply }).await
    }

    /// The next alerts for an outlet, at least one if there is any, and no more bytes than asked for
    /// otherwise.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn pending(
        &self,
        outlet: &str,
        most: usize,
        most_bytes: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        apply::pending(&reader, outlet, most, most_bytes).map_err(StoreError::from)
    }

    /// How many alerts wait for an outlet, and how many are laid aside.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn counts(&self, outlet: &str) -> Result<(u64, u64), StoreError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        apply::counts(&reader, outlet).map_err(StoreError::from)
    }

    /// What was counted of a request with this body whose alerts are safe; none if there was none.
    ///
    /// # Errors
    /// [`StoreError`] if the store can't be read.
    pub fn seen(
        &self,
        tenant: &str,
        request: &[u8; 32],
    ) -> Result<Option<(u64, u64, u64)>, StoreError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        apply::seen(&reader, tenant, request).map_err(StoreError::from)
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// The writer: ends when the last handle of the store is dropped.
fn write(
    mut store: Connection,
    mut waiting: mpsc::Receiver<Job>,
    settings: &Settings,
    figures: &Figures,
) {
    let mut tidied = 0;
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < MOST_AT_ONCE {
            let Ok(job) = waiting.try_recv() else { break };
            jobs.push(job);
        }
        let now = (settings.clock)();
        // A clock that was set back is no reason not to tidy.
        let tidy = now.abs_diff(tidied) >= TIDY.as_secs();
        let oldest = tidy.then(|| now.saturating_sub(settings.remembered));
        let many = jobs.len() > 1;
        match settle(&mut store, jobs, now, oldest, settings, figures) {
            None => tidied = if tidy { now } else { tidied },
            // One that doesn't fit mustn't keep the others out, least of all what makes room.
            Some((_, jobs)) if many => {
                for job in jobs {
                    let failed = settle(&mut store, vec![job], now, None, settings, figures);
                    failed.into_iter().for_each(|(error, jobs)| refuse(jobs, &error));
                }
            }
            Some((error, jobs)) => refuse(jobs, &error),
        }
    }
}

/// Writes jobs in one transaction and answers them. Gives them back with the reason if it fails.
fn settle(
    store: &mut Connection,
    jobs: Vec<Job>,
    now: u64,
    oldest: Option<u64>,
    settings: &Settings,
    figures: &Figures,
) -> Option<(StoreError, Vec<Job>)> {
    match transaction(store, &jobs, now, oldest, settings.most_bytes) {
        Ok((outcomes, change)) => {
            figures.commits.fetch_add(1, Ordering::Relaxed);
            apply_change(&mut figures.lock(), change);
            jobs.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(Ok(outcome)));
            None
        }
        Err(error) => {
            figures.failures.fetch_add(1, Ordering::Relaxed);
            Some((StoreError::from(error), jobs))
        }
    }
}

fn refuse(jobs: Vec<Job>, error: &StoreError) {
    tracing::error!(error = %error, "nothing could be written");
    jobs.into_iter().for_each(|job| job.answer(Err(error.clone())));
}

/// Bytes of tenants' alerts that came and went.
type Change = HashMap<Arc<str>, i64>;

fn apply_change(bytes: &mut HashMap<Arc<str>, u64>, change: Change) {
    for (tenant, by) in change {
        let of_tenant = bytes.entry(tenant).or_default();
        *of_tenant = of_tenant.saturating_add_signed(by);
    }
}

/// What a job came to.
#[derive(Debug, Clone, Copy)]
enum Done {
    Committed(Committed),
    Count(u64),
}

fn transaction(
    store: &mut Connection,
    jobs: &[Job],
    now: u64,
    oldest: Option<u64>,
    most_bytes: u64,
) -> Result<(Vec<Done>, Change), rusqlite::Error> {
    let transaction = store.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut change = Change::new();
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match job {
            Job::Commit(batch, _) => {
                let committed = apply::commit(&transaction, batch, now, &mut change)?;
                if schema::used_bytes(&transaction)? > most_bytes {
                    return Err(schema::full());
                }
                Done::Committed(committed)
            }
            Job::Delivered { outlet, seqs, .. } => {
                Done::Count(apply::delivered(&transaction, outlet, seqs, &mut change)?)
            }
            Job::Dead { outlet, seqs, .. } => {
                Done::Count(apply::dead(&transaction, outlet, seqs, now)?)
            }
            Job::Replay { outlet, .. } => Done::Count(apply::replay(&transaction, outlet)?),
        });
    }
    if let Some(oldest) = oldest {
        apply::forget(&transaction, oldest)?;
    }
    transaction.commit()?;
    Ok((outcomes, change))
}

impl Job {
    /// A caller that doesn't wait any more has gone; what was written stays.
    fn answer(self, outcome: Result<Done, StoreError>) {
        let count = |outcome: Result<Done, StoreError>| {
            outcome.map(|done| match done {
                Done::Count(count) => count,
                Done::Committed(committed) => committed.new,
            })
        };
        match self {
            Job::Commit(_, reply) => {
                let committed = outcome.map(|done| match done {
                    Done::Committed(committed) => committed,
                    Done::Count(_) => Committed::default(),
                });
                drop(reply.send(committed));
            }
            Job::Delivered { reply, .. } | Job::Dead { reply, .. } => {
                drop(reply.send(count(outcome).map(|_| ())));
            }
            Job::Replay { reply, .. } => drop(reply.send(count(outcome))),
        }
    }
}

#[cfg(test)]
mod tests;
