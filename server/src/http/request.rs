//! A request in, its answer out: whose it is, what it may take, what it holds, what its records raise; and
//! the alerts are safe before the answer leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};
use sha2::{Digest, Sha256};

use super::body::{self, BodyError};
use crate::inlets::inflate::{InflateError, inflate};
use crate::inlets::otlp::Form;
use crate::inlets::records::Judged as Counts;
use crate::inlets::{Answer, Inlet, firehose, hec, otlp, records};
use crate::judge::Judged;
use crate::outbox::{Batch, Quota, StoreError};
use crate::state::State;
use crate::tenants::{Tenant, of_request};

/// Seconds to wait for a host that is busy.
const BUSY: u64 = 5;

/// How a request's answers look.
struct Answers {
    inlet: Inlet,
    form: Form,
    request_id: Option<String>,
}

impl Answers {
    fn of(inlet: Inlet, headers: &HeaderMap) -> Answers {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Answers {
            inlet,
            form: Form::of(text("content-type"), b""),
            request_id: text("x-amz-firehose-request-id").map(str::to_owned),
        }
    }

    fn refused(&self, status: u16, message: &str) -> Answer {
        match self.inlet {
            Inlet::Records => records::refused(status, message),
            Inlet::Otlp => otlp::refused(self.form, status, message),
            Inlet::Firehose => firehose::refused(status, self.request_id.as_deref(), message),
            Inlet::HecEvent | Inlet::HecRaw => hec::refused(status, message),
        }
    }

    /// A tenant's limit: later.
    fn later(&self, seconds: u64, message: &str) -> Answer {
        let status = if self.inlet.busy_is_503() { 503 } else { 429 };
        self.refused(status, message).after(seconds)
    }

    /// The whole host: later.
    fn busy(&self, message: &str) -> Answer {
        self.refused(503, message).after(BUSY)
    }
}

/// Answers a request.
pub async fn handle(state: &Arc<State>, request: Request<Incoming>) -> Answer {
    let began = Instant::now();
    let id = state.next_request();
    let path = request.uri().path().to_owned();
    let inlet = Inlet::of_path(&path);
    let answer = match (inlet, request.method()) {
        (None, &Method::GET) if path.trim_end_matches('/') == "/services/collector/health" => {
            hec::health(state.is_ready())
        }
        (None, _) => text(404, "nothing is here; records go to /v1/records"),
        // A shipper's look whether anybody is there.
        (Some(_), &Method::HEAD) => Answer::new(200, "text/plain; charset=utf-8", Vec::new()),
        (Some(inlet), &Method::POST | &Method::PUT) => post(state, inlet, request, id).await,
        (Some(_), _) => text(405, "records are sent by POST"),
    };
    state.seen(inlet, answer.status, began.elapsed());
    answer
}

fn text(status: u16, text: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
}

async fn post(state: &Arc<State>, inlet: Inlet, request: Request<Incoming>, id: u64) -> Answer {
    let (head, body) = request.into_parts();
    let mut answers = Answers::of(inlet, &head.headers);
    let length =
        head.headers.get("content-length").and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let expects = head.headers.contains_key("expect");
    let refuse = async |answer: Answer, body: Option<Incoming>| {
        // Who asks first, sends nothing.
        let clean = match body {
            Some(body) if !expects => body::throw_away(body).await,
            _ => false,
        };
        Answer { close: !clean, ..answer }
    };
    let tenant = match authenticate(state, &head.headers) {
        Ok(tenant) => tenant,
        Err(known) => {
            state.unauthorised();
            let (status, message) = match (inlet, known) {
                (Inlet::HecEvent | Inlet::HecRaw, true) => (403, "the token is nobody's"),
                (_, true) => (401, "the token is nobody's"),
                (_, false) => (401, "a token is missing; send it as `Authorization: Bearer TOKEN`"),
            };
            return refuse(answers.refused(status, message), Some(body)).await;
        }
    };
    let counters = &tenant.standing.counters;
    if state.is_draining() {
        return refuse(answers.busy("the server is ending"), Some(body)).await;
    }
    let waiting = state.outbox.figures().bytes_of(&tenant.name);
    let place = match tenant.admit(length, waiting) {
        Ok(place) => place,
        Err(refused) => {
            counters.refuse(refused.reason);
            let message = format!("the tenant's limit: {}", refused.reason);
            return refuse(answers.later(refused.after, &message), Some(body)).await;
        }
    };
    let most = tenant.config.limits.body.size();
    let timeout = state.config.server.body_timeout.duration();
    let (bytes, _room) = match body::read(body, length, most, timeout, &state.in_flight).await {
        Ok(read) => read,
        Err((error, rest)) => {
            let answer = match error {
                BodyError::TooLarge => {
                    counters.refuse("too_large");
                    answers
                        .refused(413, &format!("the body has more than the tenant's {most} bytes"))
                }
                BodyError::NoRoom => {
                    counters.refuse("host_busy");
                    answers.busy("the host holds as many bytes as it may")
                }
                BodyError::Slow | BodyError::Gone => {
                    counters.refuse("slow");
                    answers.busy("the body didn't come in time")
                }
            };
            return refuse(answer, rest).await;
        }
    };
    if length.is_none() {
        tenant.charge(bytes.len() as u64);
    }
    counters.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    let inline =
        head.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "alerts=inline"));
    if inlet == Inlet::Otlp {
        let content_type = head.headers.get("content-type").and_then(|value| value.to_str().ok());
        answers.form = Form::of(content_type, &bytes);
    }
    let encoding = head.headers.get("content-encoding").and_then(|value| value.to_str().ok());
    let task = Task { inlet, bytes, encoding: encoding.map(str::to_owned), most, inline, id };
    let answer = judge(state, &tenant, task, &answers).await;
    drop(place);
    answer
}

/// The tenant of a request's token; otherwise whether there was any token.
fn authenticate(state: &State, headers: &HeaderMap) -> Result<Arc<Tenant>, bool> {
    let registry = state.registry();
    let given = of_request(headers);
    let tenant = given.iter().find_map(|token| registry.tokens.tenant(token));
    let tenant = tenant.and_then(|name| registry.tenants.get(name));
    tenant.cloned().ok_or(!given.is_empty())
}

/// What is done on a thread that judges.
struct Task {
    inlet: Inlet,
    bytes: Vec<u8>,
    encoding: Option<String>,
    most: usize,
    inline: bool,
    id: u64,
}

/// A body, read and judged.
struct Done {
    counts: Counts,
    judged: Judged,
    notes: Vec<String>,
    request_id: Option<String>,
    hash: [u8; 32],
    /// It was judged before, and its alerts are safe.
    repeated: bool,
}

/// Why a body has no judgement.
enum Wrong {
    TooLarge(String),
    Unknown(String),
    Broken(String),
    Store(StoreError),
}

async fn judge(state: &Arc<State>, tenant: &Arc<Tenant>, task: Task, answers: &Answers) -> Answer {
    let (size, id, inline) = (task.bytes.len(), task.id, task.inline);
    let (own, outbox) = (Arc::clone(tenant), state.outbox.clone());
    let work = move || task.run(&own, &outbox);
    let counters = &tenant.standing.counters;
    let mut done = match state.workers.run(&tenant.name, tenant.config.weight, size, work).await {
        Err(_) => {
            counters.refuse("host_busy");
            return answers.busy("too many batches wait to be judged");
        }
        // A defect of the server's own: it is in the log, and may pass.
        Ok(None) => return answers.busy("the batch couldn't be judged"),
        Ok(Some(Err(wrong))) => {
            counters.refuse("broken_body");
            return match wrong {
                Wrong::TooLarge(message) => answers.refused(413, &message),
                Wrong::Unknown(message) => answers.refused(415, &message),
                Wrong::Broken(message) => answers.refused(400, &message),
                Wrong::Store(error) => answers.busy(&error.to_string()),
            };
        }
        Ok(Some(Ok(done))) => done,
    };
    let inlined: Option<Vec<String>> =
        inline.then(|| done.judged.alerts.iter().map(|alert| alert.body.clone()).collect());
    if !done.judged.alerts.is_empty() {
        let alerts = std::mem::take(&mut done.judged.alerts);
        match state.outbox.commit(batch(tenant, alerts, &done)).await {
            Ok(committed) => {
                counters.new.fetch_add(committed.new, Ordering::Relaxed);
                counters.repeated.fetch_add(committed.repeated, Ordering::Relaxed);
                counters.cut.fetch_add(committed.cut, Ordering::Relaxed);
                tenant.gauges.iter().for_each(|(_, gauge)| gauge.wake.notify_one());
            }
            Err(error) => {
                counters.refuse("store");
                tracing::error!(request = id, tenant = &*tenant.name, error = %error, "alerts can't be kept");
                return answers.busy(&error.to_string());
            }
        }
    }
    if !done.repeated {
        counters.records.fetch_add(done.counts.records, Ordering::Relaxed);
        counters.rejected.fetch_add(done.counts.rejected, Ordering::Relaxed);
    }
    if done.counts.rejected > 0 {
        let first =
            done.counts.errors.first().map(|(_, reason)| reason.as_str()).unwrap_or_default();
        tracing::warn!(
            request = id,
            tenant = &*tenant.name,
            rejected = done.counts.rejected,
            first,
            "records were rejected"
        );
    }
    accepted(&done, inlined, answers)
}

fn batch(tenant: &Tenant, alerts: Vec<crate::outbox::Alert>, done: &Done) -> Batch {
    let limits = &tenant.config.limits;
    Batch {
        tenant: Arc::clone(&tenant.name),
        outlets: Arc::clone(&tenant.outlets),
        request: done.hash,
        counts: (done.counts.records, done.counts.alerts, done.counts.rejected),
        alerts,
        quota: Quota {
            interval: limits.alert_interval.0.max(1),
            per_rule: limits.alerts_per_rule,
            total: limits.alerts,
        },
    }
}

fn accepted(done: &Done, inlined: Option<Vec<String>>, answers: &Answers) -> Answer {
    let rejected = done.counts.rejected;
    match answers.inlet {
        Inlet::Records => records::accepted(&done.counts, inlined.as_deref()),
        Inlet::HecEvent | Inlet::HecRaw => hec::accepted(rejected),
        Inlet::Firehose => {
            let id = done.request_id.as_deref().or(answers.request_id.as_deref());
            firehose::accepted(id, rejected)
        }
        Inlet::Otlp => {
            let reasons = done
                .counts
                .errors
                .iter()
                .take(3)
                .map(|(unit, reason)| format!("record {unit}: {reason}"));
            let message: Vec<String> = reasons.chain(done.notes.iter().cloned()).collect();
            otlp::accepted(answers.form, rejected, &message.join("; "))
        }
    }
}

impl Task {
    fn run(self, tenant: &Tenant, outbox: &crate::outbox::Outbox) -> Result<Done, Wrong> {
        let mut hasher = Sha256::new();
        hasher.update(format!("{:?}", self.inlet));
        hasher.update([0]);
        hasher.update(&self.bytes);
        let hash = hasher.finalize().into();
        let mut done = Done {
            counts: Counts::default(),
            judged: Judged::default(),
            notes: Vec::new(),
            request_id: None,
            hash,
            repeated: false,
        };
        if !self.inline
            && let Some((records, alerts, rejected)) =
                outbox.seen(&tenant.name, &hash).map_err(Wrong::Store)?
        {
            done.counts = Counts { records, alerts, rejected, errors: Vec::new() };
            done.repeated = true;
            return Ok(done);
        }
        let body =
            inflate(self.bytes, self.encoding.as_deref(), self.most).map_err(
                |error| match error {
                    InflateError::TooLarge { .. } => Wrong::TooLarge(error.to_string()),
                    InflateError::Unknown(_) => Wrong::Unknown(error.to_string()),
                    InflateError::Broken { .. } => Wrong::Broken(error.to_string()),
                },
            )?;
        let parsed = match self.inlet {
            Inlet::Records | Inlet::HecRaw => {
                judge_batch(tenant, &body, &mut done);
                done.counts.errors = done
                    .judged
                    .errors
                    .iter()
                    .map(|(record, _, reason)| (*record, reason.clone()))
                    .collect();
                done.counts.rejected = done.judged.rejected;
                return Ok(done);
            }
            Inlet::Otlp => otlp::parse(&body),
            Inlet::Firehose => firehose::parse(&body, self.most),
            Inlet::HecEvent => Ok(hec::parse_events(&body)),
        };
        let parsed = parsed.map_err(|error| Wrong::Broken(error.to_string()))?;
        judge_batch(tenant, parsed.lines.text(), &mut done);
        // A unit may hold several records; it is rejected if none of it can be judged.
        let (mut wrong, unread) = (parsed.rejected.clone(), parsed.rejected.len() as u64);
        for (_, offset, reason) in &done.judged.errors {
            let unit =
                usize::try_from(*offset).ok().and_then(|offset| parsed.lines.unit_at(offset));
            if let Some(unit) = unit.filter(|unit| wrong.iter().all(|(known, _)| known != unit)) {
                wrong.push((unit, reason.clone()));
            }
        }
        done.counts.records += unread;
        done.counts.rejected = (unread + done.judged.rejected).min(parsed.units);
        wrong.sort_by_key(|(unit, _)| *unit);
        (done.counts.errors, done.notes, done.request_id) =
            (wrong, parsed.notes, parsed.request_id);
        Ok(done)
    }
}

fn judge_batch(tenant: &Tenant, batch: &[u8], done: &mut Done) {
    let began = Instant::now();
    done.judged = tenant.rules.judge(batch);
    let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let counters = &tenant.standing.counters;
    counters.judged_micros.fetch_add(took, Ordering::Relaxed);
    done.counts.records = done.judged.records;
    done.counts.alerts = done.judged.alerts.len() as u64;
    match &done.judged.broken {
        None => tenant.standing.suspension().behaved(),
        Some(reason) => {
            counters.broken.fetch_add(1, Ordering::Relaxed);
            let pause = tenant.standing.suspension().offended(Instant::now());
            tracing::warn!(tenant = &*tenant.name, reason, pause = ?pause, "a batch was broken off");
        }
    }
}
