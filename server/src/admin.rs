//! Metrics, health and administration, on a Unix socket that only the server's user can reach.
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
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio::sync::{Notify, watch};

use crate::http::response;
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
        let Ok((stream, _)) = accepted else { continue };
        let (state, reload) = (Arc::clone(&state), Arc::clone(&reload));
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let (state, reload) = (Arc::clone(&state), Arc::clone(&reload));
                let (method, path) = (request.method().clone(), request.uri().path().to_owned());
                async move {
                    Ok::<_, Infallible>(response(answer(&state, &reload, &method, &path).await))
                }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(std::time::Duration::from_secs(10));
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

fn plain(status: u16, text: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", format!("{text}\n").into_bytes())
}

async fn answer(state: &Arc<State>, reload: &Notify, method: &Method, path: &str) -> Answer {
    let path: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, path.as_slice()) {
        (&Method::GET, ["healthz"]) => plain(200, "ok"),
        (&Method::GET, ["readyz"]) if state.is_ready() => plain(200, "ready"),
        (&Method::GET, ["readyz"]) => plain(503, "not ready"),
        (&Method::GET, ["metrics"]) => {
            let page = crate::metrics::page(state).into_bytes();
            Answer::new(200, "text/plain; version=0.0.4; charset=utf-8", page)
        }
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
    json!({"ready": state.is_ready(), "tenants": tenants})
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
