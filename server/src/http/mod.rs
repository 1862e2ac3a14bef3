//! Connections in, requests out: timeouts that hold, limits on what strangers may keep open, TLS, and an end
//! without loss.

mod answers;
mod body;
mod judging;
mod request;
mod routing;
mod slow;
mod tls;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

pub use request::handle;
pub use slow::{Hurried, WINDOW};
pub use tls::{Tls, TlsError};

use crate::in_flight::Room;
use crate::inlets::Answer;
use crate::state::State;

/// For a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Bytes of a request's headers.
const MOST_HEADERS: usize = 64 << 10;

/// Serves until asked to stop; then ends when every request has its answer, or the time for that is up.
pub async fn serve(listener: TcpListener, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let connections = Arc::new(Semaphore::new(state.config.server.connections.max(1)));
    let graceful = watch::Sender::new(false);
    loop {
        // The one beyond the last waits before it is accepted.
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            _ = stop.changed() => break,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: others will end.
                tracing::warn!(error = %error, "no connection can be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (state, ending) = (Arc::clone(&state), graceful.subscribe());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match state.tls.as_ref().map(Tls::acceptor) {
                None => connection(stream, state, ending).await,
                Some(acceptor) => {
                    if let Ok(Ok(stream)) =
                        tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await
                    {
                        connection(stream, state, ending).await;
                    }
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    graceful.send_replace(true);
    let all = u32::try_from(state.config.server.connections.max(1)).unwrap_or(u32::MAX);
    let drain = state.config.server.drain.duration();
    if tokio::time::timeout(drain, connections.acquire_many(all)).await.is_err() {
        tracing::warn!(
            "connections are cut off: their requests had no answer in time, and will come again"
        );
    }
}

async fn connection<S>(stream: S, state: Arc<State>, mut ending: watch::Receiver<bool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let headers = state.config.server.header_timeout.duration();
    let stream = Hurried::new(stream, WINDOW);
    let service = service_fn(move |request: Request<Incoming>| {
        let state = Arc::clone(&state);
        async move {
            let answer = handle(&state, request).await;
            Ok::<_, Infallible>(response(answer))
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .max_buf_size(MOST_HEADERS.max(8192));
    builder.half_close(true);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    loop {
        tokio::select! {
            // A client that breaks a connection off gets no answer.
            _ = connection.as_mut() => return,
            changed = ending.changed() => {
                connection.as_mut().graceful_shutdown();
                if changed.is_err() {
                    drop(connection.as_mut().await);
                    return;
                }
            }
        }
    }
}

/// A body that takes room until it is sent.
struct Held {
    body: Vec<u8>,
    _room: Arc<Room>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

/// An answer as hyper sends it.
pub fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut builder =
        Response::builder().status(answer.status).header("content-type", answer.content_type);
    if let Some(seconds) = answer.retry_after {
        builder = builder.header("retry-after", seconds);
    }
    if answer.rejected > 0 {
        builder = builder.header("x-tocsin-rejected", answer.rejected);
    }
    if answer.status == 401 {
        builder = builder.header("www-authenticate", "Bearer");
    }
    if answer.close {
        builder = builder.header("connection", "close");
    }
    let body = match answer.room {
        None => Bytes::from(answer.body),
        Some(room) => Bytes::from_owner(Held { body: answer.body, _room: room }),
    };
    let body = Full::new(body);
    builder.body(body).unwrap_or_else(|_| Response::new(Full::new(Bytes::new())))
}
