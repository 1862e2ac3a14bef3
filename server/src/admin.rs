//! Metrics, health and administration, on a Unix socket that only the server's user can reach; metrics and
//! health on a port besides, if the configuration has one.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /metrics`, `/healthz`, `/readyz` | what machines ask |
//! | `GET /status` | tenants, outlets, and what is wrong with them |
//! | `POST /tenants/NAME/pause`, `/resume` | refuses the tenant's requests for a while, or takes them again |
//! | `POST /tenants/NAME/outlets/NAME/pause`, `/resume`, `/replay` | the same for deliveries; dead letters go again |
//! | `POST /reload` | reads the configuration and rules again |
//!
//! Each act is a line of `audit.ndjson` in the state folder.

use std::convert::Infallible;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Notify, Semaphore, watch};

use crate::http::{Hurried, WINDOW, response};
use crate::inlets::Answer;
use crate::state::State;

/// Serves until `stop` is set. `reload` is notified when an administrator asks for it.
pub async fn serve(
    listener: UnixListener,
    state: Arc<State>,
    reload: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (state, reload) = (Arc::clone(&state), Arc::clone(&reload));
        tokio::spawn(connection(stream, move |method: Method, path: String| {
            let (state, reload) = (Arc::clone(&state), Arc::clone(&reload));
            async move { answer(&state, &reload, &method, &path).await }
        }));
    }
}

/// Connections at once to the port of metrics.
const MOST_WATCHING: usize = 32;

/// Serves metrics and health by TCP until told to stop: what machines ask, and nothing that changes anything,
/// since a port can be reached by more than the server's user.
pub async fn watch_by_tcp(
    listener: TcpListener,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MOST_WATCHING));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let answering = connection(stream, move |method: Method, path: String| {
                let answer = watched(&state, &method, path.trim_matches('/'));
                std::future::ready(answer.unwrap_or_else(|| plain(404, "nothing is here")))
            });
            answering.await;
            drop(place);
        });
    }
}

/// Answers the requests of a connection.
async fn connection<S, A, F>(stream: S, answer: A)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    A: Fn(Method, String) -> F,
    F: Future<Output = Answer>,
{
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(request.method().clone(), request.uri().path().to_owned());
        async move { Ok::<_, Infallible>(response(answer.await)) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10));
    let stream = Hurried::new(stream, WINDOW);
    drop(builder.serve_connection(TokioIo::new(stream), service).await);
}

fn plain(status: u16, text: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
}

async fn answer(state: &Arc<State>, reload: &Notify, method: &Method, path: &str) -> Answer {
    let path = path.trim_matches('/');
    if let Some(answer) = watched(state, method, path) {
        return answer;
    }
    let path: Vec<&str> = path.split('/').collect();
    match (method, path.as_slice()) {
        (&Method::GET, ["status"]) => {
            let mut text = status(state).to_string();
            text.push('\n');
            Answer::new(200, "application/json", text.into_bytes())
        }
        (&Method::POST, act) => {
            let answer = act_on(state, reload, act).await;
            audit(state, act, answer.status);
            answer
        }
        _ => plain(404, "nothing is here"),
    }
}

/// What machines ask.
fn watched(state: &State, method: &Method, path: &str) -> Option<Answer> {
    Some(match path {
        _ if method != Method::GET => return None,
        "healthz" => plain(200, "ok"),
        "readyz" if state.is_ready() => plain(200, "ready"),
        "readyz" => plain(503, "not ready"),
        "metrics" => {
            let page = crate::metrics::page(state).into_bytes();
            Answer::new(200, "text/plain; version=0.0.4; charset=utf-8", page)
        }
        _ => return None,
    })
}

async fn act_on(state: &Arc<State>, reload: &Notify, act: &[&str]) -> Answer {
    if act == ["reload"] {
        reload.notify_one();
        return plain(202, "configuration and rules are read again; /status says what came of it");
    }
    let registry = state.registry();
    let ["tenants", tenant, rest @ ..] = act else { return plain(404, "nothing is here") };
    let Some(tenant) = registry.tenants.get(*tenant) else {
        return plain(404, "there is no such tenant");
    };
    match rest {
        [act @ ("pause" | "resume")] => {
            tenant.standing.paused.store(*act == "pause", Ordering::Relaxed);
            plain(200, "done")
        }
        ["outlets", outlet, act] => {
            let full = format!("{}/{outlet}", tenant.name);
            let Some((name, gauge)) = tenant.gauges.iter().find(|(name, _)| **name == *full) else {
                return plain(404, "there is no such outlet");
            };
            match *act {
                "pause" | "resume" => {
                    gauge.paused.store(*act == "pause", Ordering::Relaxed);
                    gauge.wake.notify_one();
                    plain(200, "done")
                }
                "replay" => match state.outbox.replay(Arc::clone(name)).await {
                    Ok(count) => {
                        gauge.wake.notify_one();
                        plain(200, &format!("{count} alerts go again"))
                    }
                    Err(error) => plain(503, &error.to_string()),
                },
                _ => plain(404, "an outlet can be paused, resumed or replayed"),
            }
        }
        _ => plain(404, "a tenant can be paused or resumed"),
    }
}

fn status(state: &State) -> Value {
    let registry = state.registry();
    let tenants: serde_json::Map<String, Value> = registry
        .tenants
        .iter()
        .map(|(name, tenant)| {
            let outlets: serde_json::Map<String, Value> = tenant
                .gauges
                .iter()
                .map(|(outlet, gauge)| {
                    let (waiting, dead) = state.outbox.counts(outlet).unwrap_or_default();
                    let paused = gauge.paused.load(Ordering::Relaxed);
                    (
                        outlet.to_string(),
                        json!({"waiting": waiting, "dead": dead, "paused": paused}),
                    )
                })
                .collect();
            let standing = &tenant.standing;
            let suspended = standing.suspension().remaining(std::time::Instant::now());
            let value = json!({
                "rules": tenant.rules.len(),
                "image_bytes": tenant.rules.image_bytes(),
                "paused": standing.paused.load(Ordering::Relaxed),
                "suspended_seconds": suspended.map_or(0, |left| left.as_secs().max(1)),
                "complaint": standing.complaint().clone(),
                "records": standing.counters.records.load(Ordering::Relaxed),
                "alerts": standing.counters.new.load(Ordering::Relaxed),
                "outlets": outlets,
            });
            (name.to_string(), value)
        })
        .collect();
    let broken: serde_json::Map<String, Value> = registry
        .broken
        .iter()
        .map(|(name, reason)| (name.to_string(), Value::from(reason.as_str())))
        .collect();
    json!({"ready": state.is_ready(), "tenants": tenants, "broken": broken})
}

fn audit(state: &State, act: &[&str], status: u16) {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let line = json!({"at": at, "act": act.join("/"), "status": status}).to_string();
    tracing::info!(act = act.join("/"), status, "administration");
    let path = state.config.server.state.join("audit.ndjson");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| writeln!(file, "{line}"));
    if let Err(error) = written {
        tracing::error!(error = %error, path = %path.display(), "an act can't be written down");
    }
}
