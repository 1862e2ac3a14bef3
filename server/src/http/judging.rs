//! A body in, its answer out: its records are found and judged on a thread of those, then its alerts are kept.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::answers::Answers;
use crate::in_flight::Room;
use crate::inlets::inflate::{InflateError, inflate};
use crate::inlets::lines::Begins;
use crate::inlets::records::Judged as Counts;
use crate::inlets::{Answer, Inlet, Rejected, firehose, hec, otlp, telegraf, without_mark};
use crate::judge::{Busy, Judged, Judging};
use crate::outbox::{Alert, Batch, Outbox, Quota, StoreError};
use crate::state::State;
use crate::tenants::Tenant;

/// Bytes of alerts that an answer has, if they are asked for.
const MOST_INLINE: usize = 16 << 20;

/// What is done on a thread that judges.
pub struct Task {
    pub inlet: Inlet,
    pub bytes: Vec<u8>,
    pub encoding: Option<String>,
    pub most: usize,
    pub inline: bool,
    pub id: u64,
}

/// A body, read and judged.
pub struct Done {
    pub counts: Counts,
    pub judged: Judged,
    pub notes: Vec<String>,
    pub request_id: Option<String>,
    pub hash: [u8; 32],
    /// It was judged before, and its alerts are safe.
    repeated: bool,
}

/// Why a body has no judgement.
pub enum Wrong {
    TooLarge(String),
    Unknown(String),
    Broken(String),
    Store(StoreError),
}

/// Judges a body by its tenant's rules; its alerts are safe when this returns.
pub async fn judge(
    state: &Arc<State>,
    tenant: &Arc<Tenant>,
    task: Task,
    answers: &Answers,
    mut room: Room,
) -> Answer {
    let (id, inline) = (task.id, task.inline);
    let mut done = match read_and_judge(state, tenant, task, answers).await {
        Ok(done) => done,
        Err(answer) => return answer,
    };
    // The body is gone, the alerts are there.
    let alerts = done.judged.alerts.iter().map(Alert::size).sum();
    room.shrink_to(alerts);
    room.force(alerts.saturating_sub(room.bytes()));
    let counters = &tenant.standing.counters;
    let inlined = inline.then(|| inlined(&done.judged.alerts));
    if !done.judged.alerts.is_empty() {
        let alerts = std::mem::take(&mut done.judged.alerts);
        if let Err(error) =
            keep(state, tenant, batch(tenant, alerts, done.hash, &done.counts)).await
        {
            return answers.busy(&error.to_string());
        }
    }
    if !done.repeated {
        counters.records.fetch_add(done.counts.records, Ordering::Relaxed);
        counters.rejected.fetch_add(done.counts.rejected, Ordering::Relaxed);
    }
    log_rejected(id, tenant, &done.counts);
    let answer = answers.accepted(&done, inlined);
    match inline {
        true => answer.holding(room),
        false => answer,
    }
}

/// What was read of a body, or the answer if it can't be.
pub fn unwrap<T>(
    done: Result<Option<Result<T, Wrong>>, Busy>,
    tenant: &Tenant,
    answers: &Answers,
) -> Result<T, Answer> {
    let counters = &tenant.standing.counters;
    Err(match done {
        Ok(Some(Ok(done))) => return Ok(done),
        Err(Busy) => {
            counters.refuse("host_busy");
            answers.busy("too many batches wait to be judged")
        }
        // A defect of the server's own: it is in the log, and may pass.
        Ok(None) => answers.busy("the batch couldn't be judged"),
        Ok(Some(Err(wrong))) => {
            counters.refuse("broken_body");
            match wrong {
                Wrong::TooLarge(message) => answers.refused(413, &message),
                Wrong::Unknown(message) => answers.refused(415, &message),
                Wrong::Broken(message) => answers.refused(400, &message),
                Wrong::Store(error) => answers.busy(&error.to_string()),
            }
        }
    })
}

/// Keeps a tenant's alerts, and rings for its outlets.
pub async fn keep(state: &State, tenant: &Tenant, batch: Batch) -> Result<(), StoreError> {
    let counters = &tenant.standing.counters;
    match state.outbox.commit(batch).await {
        Ok(committed) => {
            counters.new.fetch_add(committed.new, Ordering::Relaxed);
            counters.repeated.fetch_add(committed.repeated, Ordering::Relaxed);
            counters.cut.fetch_add(committed.cut, Ordering::Relaxed);
            tenant.gauges.iter().for_each(|(_, gauge)| gauge.wake.notify_one());
            Ok(())
        }
        Err(error) => {
            counters.refuse("store");
            tracing::error!(tenant = &*tenant.name, error = %error, "alerts can't be kept");
            Err(error)
        }
    }
}

/// Logs that records were rejected.
pub fn log_rejected(request: u64, tenant: &Tenant, counts: &Counts) {
    if counts.rejected > 0 {
        let first = counts.errors.first().map(|(_, reason)| reason.as_str()).unwrap_or_default();
        let (tenant, rejected) = (&*tenant.name, counts.rejected);
        tracing::warn!(request, tenant, rejected, first, "records were rejected");
    }
}

/// The first alerts, up to a bound: a sender that reads slowly holds them in memory meanwhile.
fn inlined(alerts: &[Alert]) -> Vec<String> {
    let mut bytes = 0;
    let fits = |alert: &&Alert| {
        bytes += alert.body.len();
        bytes <= MOST_INLINE
    };
    alerts.iter().take_while(fits).map(|alert| alert.body.clone()).collect()
}

/// What a tenant's alerts are kept as.
pub fn batch(tenant: &Tenant, alerts: Vec<Alert>, request: [u8; 32], counts: &Counts) -> Batch {
    let limits = &tenant.config.limits;
    Batch {
        tenant: Arc::clone(&tenant.name),
        outlets: Arc::clone(&tenant.outlets),
        request,
        counts: (counts.records, counts.alerts, counts.rejected),
        alerts,
        quota: Quota {
            interval: limits.alert_interval.0.max(1),
            per_rule: limits.alerts_per_rule,
            total: limits.alerts,
        },
    }
}

/// A body that is read, and of which a part is judged.
pub struct Read {
    done: Done,
    judging: Judging,
    /// What was found in a request of several units; a plain body is its own.
    units: Option<Units>,
}

/// Units of a request that aren't lines of its body as it is.
struct Units {
    begins: Begins,
    count: u64,
    rejected: Rejected,
}

/// Reads a body and judges it, turn by turn.
pub async fn read_and_judge(
    state: &State,
    tenant: &Arc<Tenant>,
    task: Task,
    answers: &Answers,
) -> Result<Done, Answer> {
    let size = task.bytes.len();
    let (own, outbox) = (Arc::clone(tenant), state.outbox.clone());
    let (name, weight) = (&tenant.name, tenant.config.weight);
    let first = move || {
        let mut read = task.read(&own, &outbox)?;
        let is_done = turn(&own, &mut read.judging);
        Ok((read, is_done))
    };
    let first = state.workers.run(name, weight, size.min(A_TURN), first).await;
    let (mut read, mut is_done) = unwrap(first, tenant, answers)?;
    while !is_done {
        let own = Arc::clone(tenant);
        let next = move || {
            let is_done = turn(&own, &mut read.judging);
            Ok((read, is_done))
        };
        let next = state.workers.go_on(name, weight, A_TURN, next).await;
        (read, is_done) = unwrap(next, tenant, answers)?;
    }
    Ok(read.finish(tenant))
}

/// Judges a text of a tenant's, turn by turn. Nothing if the server is ending.
pub async fn judge_text(state: &State, tenant: &Arc<Tenant>, text: Vec<u8>) -> Option<Judged> {
    let mut judging = Judging::new(text, &tenant.rules);
    let mut is_done = false;
    while !is_done {
        let own = Arc::clone(tenant);
        let next = move || {
            let is_done = turn(&own, &mut judging);
            (judging, is_done)
        };
        let next = state.workers.go_on(&tenant.name, tenant.config.weight, A_TURN, next).await;
        (judging, is_done) = next.ok().flatten()?;
    }
    settle(tenant, &judging.judged);
    Some(judging.judged)
}

/// Bytes that are judged in about a turn, which is what the queue guesses by.
const A_TURN: usize = 1 << 20;

fn turn(tenant: &Tenant, judging: &mut Judging) -> bool {
    let began = Instant::now();
    let is_done = judging.go_on(&tenant.rules);
    let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tenant.standing.counters.judged_micros.fetch_add(took, Ordering::Relaxed);
    is_done
}

/// Remembers how a tenant's body behaved.
fn settle(tenant: &Tenant, judged: &Judged) {
    match &judged.broken {
        None => tenant.standing.suspension().behaved(),
        Some(reason) => {
            tenant.standing.counters.broken.fetch_add(1, Ordering::Relaxed);
            let pause = tenant.standing.suspension().offended(Instant::now());
            tracing::warn!(tenant = &*tenant.name, reason, pause = ?pause, "a batch was broken off");
        }
    }
}

impl Task {
    /// Finds the records of a body.
    fn read(self, tenant: &Tenant, outbox: &Outbox) -> Result<Read, Wrong> {
        let hash = self.hash();
        let mut done = Done {
            counts: Counts::default(),
            judged: Judged::default(),
            notes: Vec::new(),
            request_id: None,
            hash,
            repeated: false,
        };
        let judging = |text| Judging::new(text, &tenant.rules);
        if !self.inline
            && let Some((records, alerts, rejected)) =
                outbox.seen(&tenant.name, &hash).map_err(Wrong::Store)?
        {
            done.counts = Counts { records, alerts, rejected, errors: Vec::new() };
            done.repeated = true;
            return Ok(Read { done, judging: judging(Vec::new()), units: None });
        }
        let wrong = |error: InflateError| match error {
            InflateError::TooLarge { .. } => Wrong::TooLarge(error.to_string()),
            InflateError::Unknown(_) => Wrong::Unknown(error.to_string()),
            InflateError::Broken { .. } => Wrong::Broken(error.to_string()),
        };
        let body = inflate(self.bytes, self.encoding.as_deref(), self.most).map_err(wrong)?;
        let sent = without_mark(&body);
        let parsed = match self.inlet {
            Inlet::Records | Inlet::HecRaw => match telegraf::parse(sent) {
                Some(parsed) => Ok(parsed),
                None => return Ok(Read { done, judging: judging(body), units: None }),
            },
            Inlet::Otlp => otlp::parse(sent),
            Inlet::Firehose => firehose::parse(sent, self.most),
            Inlet::HecEvent => Ok(hec::parse_events(sent)),
        };
        drop(body);
        let parsed = parsed.map_err(|error| Wrong::Broken(error.to_string()))?;
        (done.notes, done.request_id) = (parsed.notes, parsed.request_id);
        let (text, begins) = parsed.lines.into_parts();
        let units = Units { begins, count: parsed.units, rejected: parsed.rejected };
        Ok(Read { done, judging: judging(text), units: Some(units) })
    }

    /// What a retry of the same request has, too.
    fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.inlet.name().as_bytes());
        hasher.update(&[0, u8::from(self.inlet == Inlet::HecRaw)]);
        hasher.update(self.encoding.as_deref().unwrap_or_default().as_bytes());
        hasher.update(&[0]);
        hasher.update(&self.bytes);
        hasher.finalize().into()
    }
}

impl Read {
    fn finish(self, tenant: &Tenant) -> Done {
        let Read { mut done, judging, units } = self;
        if done.repeated {
            return done;
        }
        settle(tenant, &judging.judged);
        done.judged = judging.judged;
        let judged = &done.judged;
        (done.counts.records, done.counts.alerts) = (judged.records, judged.alerts.len() as u64);
        let Some(Units { begins, count, rejected }) = units else {
            let errors = judged.errors.iter();
            done.counts.errors = errors.map(|(at, _, reason)| (*at, reason.clone())).collect();
            done.counts.rejected = judged.rejected;
            return done;
        };
        // A unit may hold several records; it is rejected if none of it can be judged.
        let unread = rejected.len();
        let mut errors = rejected.into_first();
        for (_, offset, reason) in &judged.errors {
            let unit = usize::try_from(*offset).ok().and_then(|offset| begins.unit_at(offset));
            if let Some(unit) = unit.filter(|unit| errors.iter().all(|(known, _)| known != unit)) {
                errors.push((unit, reason.clone()));
            }
        }
        errors.sort_by_key(|(unit, _)| *unit);
        done.counts.records += unread;
        done.counts.rejected = (unread + judged.rejected).min(count);
        done.counts.errors = errors;
        done
    }
}
