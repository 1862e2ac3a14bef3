//! A connection to an outlet's receiver: only where it may go, every wait bounded, no redirect followed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::net::{Network, Target};

/// For connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// For a whole answer.
const ANSWER: Duration = Duration::from_secs(60);

/// Bytes of an answer that are read.
const MOST_ANSWER: usize = 32 << 20;

/// What all connections have in common.
#[derive(Clone)]
pub struct Client {
    allowed: Arc<[Network]>,
    tls: Arc<rustls::ClientConfig>,
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Seconds that it asks to wait.
    pub retry_after: Option<Duration>,
    /// Its body.
    pub body: Bytes,
}

impl Client {
    /// A client that may reach the public internet, and what is allowed besides.
    pub fn new(allowed: Vec<Network>) -> Client {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider);
        let tls = match builder.with_safe_default_protocol_versions() {
            Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
            // ring has what every version needs.
            Err(_) => {
                rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
            }
        };
        Client { allowed: allowed.into(), tls: Arc::new(tls) }
    }

    /// Connects.
    ///
    /// # Errors
    /// Why not.
    pub async fn connect(&self, target: &Target) -> Result<Connection, String> {
        let connected = tokio::time::timeout(CONNECT, self.open(target)).await;
        connected
            .map_err(|_| format!("{}: no connection within {} s", target.host, CONNECT.as_secs()))?
    }

    async fn open(&self, target: &Target) -> Result<Connection, String> {
        let mut failed = String::new();
        for address in target.addresses(&self.allowed).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return self.secure(stream, target).await,
                Err(error) => failed = format!("{address}: {error}"),
            }
        }
        Err(failed)
    }

    async fn secure(&self, stream: TcpStream, target: &Target) -> Result<Connection, String> {
        // Alerts are few and shouldn't wait for more of them.
        let _ = stream.set_nodelay(true);
        if !target.tls {
            return Connection::over(TokioIo::new(stream), target).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|error| error.to_string())?;
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.tls));
        let stream =
            connector.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
        Connection::over(TokioIo::new(stream), target).await
    }
}

/// An open connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    async fn over<S>(stream: S, target: &Target) -> Result<Connection, String>
    where
        S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let (sender, connection) = handshake(stream).await.map_err(|error| error.to_string())?;
        // It ends with its sender; what breaks it the sender says.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Connection { sender, host: target.host_header() })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// Why there is no answer; whether the request arrived isn't known then.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Response, String> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("user-agent", concat!("tocsin/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request =
            request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        let answered = tokio::time::timeout(ANSWER, self.exchange(request)).await;
        answered.map_err(|_| format!("no answer within {} s", ANSWER.as_secs()))?
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Response, String> {
        self.sender.ready().await.map_err(|error| error.to_string())?;
        let response =
            self.sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let retry_after = head.headers.get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|value| value.parse().ok()).map(Duration::from_secs);
        let body =
            Limited::new(body, MOST_ANSWER).collect().await.map_err(|error| error.to_string())?;
        Ok(Response { status: head.status.as_u16(), retry_after, body: body.to_bytes() })
    }
}
