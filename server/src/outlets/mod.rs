//! Alerts out of the store, to where a tenant wants them: each outlet with a queue of its own, so that a slow
//! one holds back only itself.

mod bulk;
mod client;
mod file;
mod net;
mod otlp;
mod running;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};

pub use client::Client;
pub use net::{Network, Target, may_reach};
pub use running::RunningOutlets;

use crate::config;
use crate::outbox::{Outbox, Stored};

/// Alerts that an outlet takes at once, and their bytes.
const MOST: usize = 500;
const MOST_BYTES: usize = 4 << 20;

/// From one delivery to the next where few alerts wait: what comes in between is delivered, synced and crossed off
/// together. The first after a quiet time leaves at once.
const GATHER: Duration = Duration::from_millis(100);

/// The first pause after a failure, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Failures of the receiver's own with one alert, after which it is laid aside.
const PATIENCE: u32 = 8;

/// What became of alerts that were to be delivered. Those in neither list are tried again.
#[derive(Debug, Default)]
struct Outcome {
    delivered: Vec<i64>,
    dead: Vec<(i64, String)>,
    failure: Option<Failure>,
}

/// Why the others weren't delivered.
#[derive(Debug)]
struct Failure {
    reason: String,
    /// What the receiver asks for.
    after: Option<Duration>,
    /// What it takes against the alerts themselves.
    kind: FailureKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FailureKind {
    /// It can't be reached, or is busy: another time.
    Away,
    /// The request holds too much, or something that it refuses: try fewer at once.
    Split,
    /// It fails; perhaps because of the first alert.
    Failing,
}

impl Outcome {
    fn failed(kind: FailureKind, reason: String, after: Option<Duration>) -> Outcome {
        Outcome { failure: Some(Failure { reason, after, kind }), ..Outcome::default() }
    }

    fn away(reason: String) -> Outcome {
        Outcome::failed(FailureKind::Away, reason, None)
    }
}

/// What an answer without a success says of the whole request.
fn refusal(status: u16, after: Option<Duration>, what: &str) -> Outcome {
    let reason = format!("the receiver answers {status}{what}");
    let kind = match status {
        // Credentials are mended by people; the alerts are right.
        401 | 403 | 404 | 405 | 407 | 408 | 429 | 502 | 503 | 504 => FailureKind::Away,
        300..=499 => FailureKind::Split,
        _ => FailureKind::Failing,
    };
    Outcome::failed(kind, reason, after)
}

/// The ways of sending.
enum Sender {
    File(file::File),
    Stdout,
    Webhook(webhook::Webhook),
    Bulk(bulk::Bulk),
    Otlp(otlp::Otlp),
}

impl Sender {
    fn new(
        outlet: &config::Outlet,
        labels: &std::collections::BTreeMap<String, String>,
        folder: &Path,
        own: &Path,
        client: &Client,
    ) -> Result<Sender, String> {
        let secret =
            |secret: &Option<config::Secret>| secret.as_ref().map(|s| s.read(folder)).transpose();
        let client = client.clone();
        Ok(match outlet {
            config::Outlet::File { path, rotate, keep } => {
                Sender::File(file::File::new(own, path, rotate.0, *keep))
            }
            config::Outlet::Stdout {} => Sender::Stdout,
            config::Outlet::Webhook { url, secret: key } => Sender::Webhook(webhook::Webhook {
                target: Target::parse(url)?,
                key: secret(key)?,
                client,
            }),
            config::Outlet::Bulk { url, index, authorization, template } => {
                Sender::Bulk(bulk::Bulk {
                    target: Target::parse(url)?,
                    index: index.clone(),
                    authorization: secret(authorization)?,
                    template: *template,
                    labels: labels.clone(),
                    client,
                })
            }
            config::Outlet::Otlp { url, authorization } => Sender::Otlp(otlp::Otlp {
                target: Target::parse(url)?,
                authorization: secret(authorization)?,
                labels: labels.clone(),
                client,
            }),
        })
    }

    async fn send(&mut self, alerts: &[Stored]) -> Outcome {
        match self {
            // A disk, or who reads the output, may take its time: the requests of others go on meanwhile.
            Sender::File(file) => tokio::task::block_in_place(|| file.send(alerts)),
            Sender::Stdout => tokio::task::block_in_place(|| file::to_stdout(alerts)),
            Sender::Webhook(webhook) => webhook.send(alerts).await,
            Sender::Bulk(bulk) => bulk.send(alerts).await,
            Sender::Otlp(otlp) => otlp.send(alerts).await,
        }
    }
}

/// Figures and switches of an outlet, shared with metrics and administration.
#[derive(Debug, Default)]
pub struct Gauge {
    /// Alerts delivered.
    pub delivered: AtomicU64,
    /// Alerts laid aside.
    pub dead: AtomicU64,
    /// Tries that failed.
    pub failures: AtomicU64,
    /// Whether somebody has paused it.
    pub paused: AtomicBool,
    /// Rings when there is something to deliver.
    pub wake: Notify,
}

/// The gauges of a tenant's outlets, by the outlets' full names.
pub type Gauges = Vec<(Arc<str>, Arc<Gauge>)>;

/// An outlet to be run.
pub struct Outlet {
    name: Arc<str>,
    sender: Sender,
    gauge: Arc<Gauge>,
    outbox: Outbox,
}

impl Outlet {
    /// Makes one. `name` is `TENANT/OUTLET`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(
        name: Arc<str>,
        outlet: &config::Outlet,
        tenant: &config::Tenant,
        places: (&Path, &Path),
        client: &Client,
        outbox: Outbox,
    ) -> Result<Outlet, String> {
        let sender = Sender::new(outlet, &tenant.labels, places.0, places.1, client)?;
        Ok(Outlet { name, sender, gauge: Arc::default(), outbox })
    }

    /// Its figures and switches.
    pub fn gauge(&self) -> Arc<Gauge> {
        Arc::clone(&self.gauge)
    }

    /// Delivers until asked to stop; what isn't delivered then is in the store.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let (mut pause, mut failures, mut at_once) = (FIRST_PAUSE, 0, MOST);
        while !*stop.borrow() {
            let alerts = match self.gauge.paused.load(Ordering::Relaxed) {
                true => Vec::new(),
                false => self.pending(at_once).await,
            };
            let wait = if alerts.is_empty() {
                // No wake-up is lost between looking and waiting; the look now and then is for what an outlet
                // of another configuration was to deliver.
                Duration::from_secs(15)
            } else {
                let bytes: usize = alerts.iter().map(|alert| alert.body.len()).sum();
                let more_wait = alerts.len() >= at_once || bytes >= MOST_BYTES / 2;
                let outcome = self.sender.send(&alerts).await;
                match self.settle(&alerts, outcome, &mut failures, &mut at_once).await {
                    None => {
                        pause = FIRST_PAUSE;
                        if more_wait {
                            continue;
                        }
                        GATHER
                    }
                    Some(asked) => {
                        let wait = asked.unwrap_or_else(|| jittered(pause));
                        pause = (pause * 2).min(LONGEST_PAUSE);
                        wait.min(LONGEST_PAUSE)
                    }
                }
            };
            let asleep = tokio::time::sleep(wait);
            // A bell doesn't shorten the pause after a failure.
            let woken = async {
                match alerts.is_empty() {
                    true => self.gauge.wake.notified().await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                () = asleep => {}
                () = woken => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn pending(&self, most: usize) -> Vec<Stored> {
        let (outbox, name) = (self.outbox.clone(), Arc::clone(&self.name));
        let read =
            tokio::task::spawn_blocking(move || outbox.pending(&name, most, MOST_BYTES)).await;
        match read {
            Ok(Ok(alerts)) => alerts,
            Ok(Err(error)) => {
                tracing::error!(outlet = &*self.name, error = %error, "the store can't be read");
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }

    /// Writes down what became of alerts. Gives the pause that is asked for, if there must be one.
    async fn settle(
        &self,
        alerts: &[Stored],
        mut outcome: Outcome,
        failures: &mut u32,
        at_once: &mut usize,
    ) -> Option<Option<Duration>> {
        let mut wait = None;
        if let Some(failure) = &outcome.failure {
            self.gauge.failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(outlet = &*self.name, reason = failure.reason, "alerts wait");
            wait = Some(failure.after);
            match (failure.kind, alerts) {
                (FailureKind::Split, [only]) => {
                    outcome.dead.push((only.seq, failure.reason.clone()));
                    wait = None;
                }
                (FailureKind::Split, more) => {
                    *at_once = more.len() / 2;
                    wait = None;
                }
                (FailureKind::Failing, [first, ..]) => {
                    *failures += 1;
                    *at_once = 1;
                    if *failures >= PATIENCE {
                        outcome.dead.push((first.seq, failure.reason.clone()));
                        (*failures, wait) = (0, None);
                    }
                }
                _ => {}
            }
        } else {
            *failures = 0;
            *at_once = at_once.saturating_mul(2).clamp(1, MOST);
        }
        self.gauge.delivered.fetch_add(outcome.delivered.len() as u64, Ordering::Relaxed);
        self.gauge.dead.fetch_add(outcome.dead.len() as u64, Ordering::Relaxed);
        let mut written = Ok(());
        if !outcome.delivered.is_empty() {
            written = self.outbox.delivered(Arc::clone(&self.name), outcome.delivered).await;
        }
        if !outcome.dead.is_empty() {
            for (seq, reason) in &outcome.dead {
                tracing::error!(outlet = &*self.name, seq, reason, "an alert is laid aside");
            }
            written = written.and(self.outbox.dead(Arc::clone(&self.name), outcome.dead).await);
        }
        match written {
            Ok(()) => wait,
            // They are delivered again, under the same ids.
            Err(_) => Some(None),
        }
    }
}

/// A pause between half of it and all of it, so that many outlets don't come back together.
fn jittered(pause: Duration) -> Duration {
    let mut bits = [0; 2];
    let _ = getrandom::fill(&mut bits);
    let part = f64::from(u16::from_le_bytes(bits)) / f64::from(u16::MAX);
    pause.mul_f64(0.5 + part / 2.0)
}

#[cfg(test)]
mod tests;
