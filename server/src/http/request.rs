//! A request in, its answer out: whose it is, what it may take, what it holds, what its records raise; and
//! the alerts are safe before the answer leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};

use super::answers::{self, Answers, Stranger};
use super::body::{self, BodyError};
use super::judging::{Task, judge};
use super::routing;
use crate::in_flight::NoRoom;
use crate::inlets::otlp::Form;
use crate::inlets::{Answer, Inlet, hec};
use crate::state::State;
use crate::tenants::{Sender, Tenant, of_request};

/// Answers a request.
pub async fn handle(state: &Arc<State>, request: Request<Incoming>) -> Answer {
    let began = Instant::now();
    let id = state.next_request();
    let path = request.uri().path().to_owned();
    let inlet = Inlet::of_path(&path);
    let answer = match (inlet, request.method()) {
        (None, &Method::GET) if is_hec(&path, "health") => hec::health(state.is_ready()),
        (None, &Method::POST) if is_hec(&path, "ack") => hec::acknowledgements(),
        (None, _) => text(404, "nothing is here; records go to /v1/records"),
        // A shipper's look whether anybody is there.
        (Some(_), &Method::HEAD) => Answer::new(200, "text/plain; charset=utf-8", Vec::new()),
        (Some(inlet), &Method::POST | &Method::PUT) => post(state, inlet, request, id).await,
        (Some(_), _) => text(405, "records are sent by POST"),
    };
    state.seen(inlet, answer.status, began.elapsed());
    answer
}

/// Whether a path is one of Splunk's, with its version or without.
fn is_hec(path: &str, name: &str) -> bool {
    let path = path.trim_end_matches('/').trim_end_matches("/1.0");
    path.strip_prefix("/services/collector/") == Some(name)
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
    let whose = match authenticate(state, &head.headers) {
        Ok(whose) => whose,
        Err(stranger) => {
            let answer = answers.stranger(&stranger);
            if answer.status != 503 {
                state.unauthorised();
            }
            return refuse(answer, Some(body)).await;
        }
    };
    let tenant = whose.tenant();
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
    let mut room = state.in_flight.room(&tenant.standing.held);
    let bytes = match body::read(body, length, most, timeout, &mut room).await {
        Ok(read) => read,
        Err((error, rest)) => {
            let answer = match error {
                BodyError::TooLarge => {
                    counters.refuse("too_large");
                    answers
                        .refused(413, &format!("the body has more than the tenant's {most} bytes"))
                }
                BodyError::NoRoom(NoRoom::Tenant) => {
                    counters.refuse("in_flight");
                    answers.later(
                        answers::BUSY,
                        "the tenant's requests hold their share of the memory",
                    )
                }
                BodyError::NoRoom(NoRoom::Host) => {
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
    let answer = match &whose {
        Whose::Tenant(tenant) => judge(state, tenant, task, &answers, room).await,
        Whose::Sender(sender) => routing::judge(state, sender, task, &answers, room).await,
    };
    drop(place);
    answer
}

/// The tenant or sender of a request.
enum Whose {
    Tenant(Arc<Tenant>),
    Sender(Arc<Sender>),
}

impl Whose {
    /// The tenant whose limits it has.
    fn tenant(&self) -> &Arc<Tenant> {
        match self {
            Whose::Tenant(tenant) => tenant,
            Whose::Sender(sender) => &sender.limits,
        }
    }
}

/// The tenant or sender of a request's token.
fn authenticate(state: &State, headers: &HeaderMap) -> Result<Whose, Stranger> {
    let registry = state.registry();
    let given = of_request(headers);
    match given.iter().find_map(|token| registry.tokens.tenant(token)) {
        Some(name) => {
            let tenant = registry.tenants.get(name).cloned().map(Whose::Tenant);
            let sender = || registry.senders.get(name).cloned().map(Whose::Sender);
            tenant.or_else(sender).ok_or(Stranger::Broken)
        }
        None if !given.is_empty() => Err(Stranger::Unknown),
        None if headers.contains_key("authorization") => Err(Stranger::OtherScheme),
        None => Err(Stranger::NoToken),
    }
}
