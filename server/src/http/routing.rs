//! A body of a sender that sends for several tenants: each record goes to the tenant that one of its fields
//! names, is judged as that tenant's work, and raises that tenant's alerts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::answers::Answers;
use super::judging::{Done, Task, batch, judge_text, keep, log_rejected, read_and_judge};
use crate::in_flight::Room;
use crate::inlets::Answer;
use crate::inlets::lines::{Begins, Lines};
use crate::inlets::records::Judged as Counts;
use crate::judge::Judged;
use crate::outbox::{Alert, StoreError};
use crate::state::State;
use crate::tenants::{Sender, Tenant};

/// Errors that are listed; the others are counted.
const MOST_ERRORS: usize = 64;

/// Judges a body by the rules of the tenants that its records name.
pub async fn judge(
    state: &Arc<State>,
    sender: &Arc<Sender>,
    task: Task,
    answers: &Answers,
    mut room: Room,
) -> Answer {
    let (id, limits) = (task.id, &sender.limits);
    let mut done = match read_and_judge(state, limits, task, answers).await {
        Ok(done) => done,
        Err(answer) => return answer,
    };
    let by_tenant = part(sender, &mut done);
    let bytes = by_tenant.values().map(|lines| lines.text().len() as u64).sum();
    room.shrink_to(bytes);
    room.force(bytes.saturating_sub(room.bytes()));
    let registry = state.registry();
    let mut judging = Vec::new();
    for (name, lines) in by_tenant {
        match registry.tenants.get(&name) {
            Some(tenant) => {
                let work = judge_part(Arc::clone(state), Arc::clone(tenant), lines, id);
                // Each by itself: a slow one holds up no more than the answer.
                judging.push(tokio::spawn(work));
            }
            None => reject_all(&mut done.counts, &lines, "its tenant's rules can't be used"),
        }
    }
    let mut lost = None;
    for part in judging {
        match part.await {
            Ok(Ok(counts)) => add(&mut done.counts, counts),
            Ok(Err(error)) => lost = Some(error.to_string()),
            Err(_) => lost = Some("the batch couldn't be judged".to_owned()),
        }
    }
    // What was kept is known again when the body comes again.
    if let Some(reason) = lost {
        return answers.busy(&reason);
    }
    let counters = &limits.standing.counters;
    counters.records.fetch_add(done.counts.records, Ordering::Relaxed);
    counters.rejected.fetch_add(done.counts.rejected, Ordering::Relaxed);
    log_rejected(id, limits, &done.counts);
    answers.accepted(&done, None)
}

/// Parts records by their tenants. The sender's one rule has raised an alert for each, which holds the record as
/// it came, out of whatever was around it.
fn part(sender: &Sender, done: &mut Done) -> BTreeMap<Arc<str>, Lines> {
    let mut by_tenant: BTreeMap<Arc<str>, Lines> = BTreeMap::new();
    for Alert { record, body, .. } in std::mem::take(&mut done.judged.alerts) {
        match sender.tenant_of(&body) {
            Ok((tenant, event)) => {
                by_tenant.entry(Arc::clone(tenant)).or_default().push_json(record, event);
            }
            Err(reason) => reject(&mut done.counts, record, &reason),
        }
    }
    done.counts.alerts = 0;
    by_tenant
}

fn reject(counts: &mut Counts, record: u64, reason: &str) {
    counts.rejected += 1;
    if counts.errors.len() < MOST_ERRORS {
        counts.errors.push((record, reason.to_owned()));
    }
}

fn reject_all(counts: &mut Counts, lines: &Lines, reason: &str) {
    let first = lines.unit_at(0).unwrap_or(0);
    counts.rejected += (lines.len() as u64).saturating_sub(1);
    reject(counts, first, reason);
}

fn add(counts: &mut Counts, more: Counts) {
    counts.alerts += more.alerts;
    counts.rejected += more.rejected;
    counts.errors.extend(more.errors);
    counts.errors.sort_by_key(|(record, _)| *record);
    counts.errors.truncate(MOST_ERRORS);
}

/// Judges one tenant's records as its own work, and keeps its alerts. What it can't take now is rejected: the
/// other tenants of the sender don't wait for it.
async fn judge_part(
    state: Arc<State>,
    tenant: Arc<Tenant>,
    lines: Lines,
    id: u64,
) -> Result<Counts, StoreError> {
    let waiting = state.outbox.figures().bytes_of(&tenant.name);
    if let Err(refused) = tenant.may_take(waiting) {
        tenant.standing.counters.refuse(refused.reason);
        let mut counts = Counts::default();
        reject_all(
            &mut counts,
            &lines,
            &format!("its tenant takes nothing now: {}", refused.reason),
        );
        return Ok(counts);
    }
    let (text, begins) = lines.into_parts();
    let (size, hash) = (text.len(), blake3::hash(&text).into());
    let Some(mut judged) = judge_text(&state, &tenant, text).await else {
        return Err(StoreError::Closed);
    };
    let counters = &tenant.standing.counters;
    counters.bytes.fetch_add(size as u64, Ordering::Relaxed);
    counters.records.fetch_add(judged.records, Ordering::Relaxed);
    counters.rejected.fetch_add(judged.rejected, Ordering::Relaxed);
    let alerts = std::mem::take(&mut judged.alerts);
    let counts = counts(&judged, alerts.len() as u64, &begins);
    log_rejected(id, &tenant, &counts);
    if !alerts.is_empty() {
        keep(&state, &tenant, batch(&tenant, alerts, hash, &counts)).await?;
    }
    Ok(counts)
}

fn counts(judged: &Judged, alerts: u64, begins: &Begins) -> Counts {
    let number = |offset: u64| usize::try_from(offset).ok().and_then(|at| begins.unit_at(at));
    let errors = judged.errors.iter();
    let errors = errors.map(|(_, offset, reason)| (number(*offset).unwrap_or(0), reason.clone()));
    Counts { records: judged.records, alerts, rejected: judged.rejected, errors: errors.collect() }
}
