//! A driver as a page of a headless browser, without a driver program of the browser's: the page asks a
//! server of this process for the next request and brings the reply to the one before.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tiny_http::{Header, Request, Response, Server};

use super::Transport;

/// How long the page's question for the next request is held open; then it asks again.
const HOLD: Duration = Duration::from_secs(20);

/// After so long without a reply the page is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// A new profile, no graphics, no calls home; the pipe on the descriptors 3 and 4 ends it with this process.
const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-breakpad",
    "--remote-debugging-pipe",
];

struct Browser {
    child: Child,
    server: Arc<Server>,
    requests: Sender<Vec<u8>>,
    replies: Receiver<Vec<u8>>,
    /// Removed at the end, after the browser.
    _profile: tempfile::TempDir,
}

/// Starts a browser with the driver's page, which uses the npm package if its folder is given.
pub(super) fn open(program: &str, package: Option<PathBuf>) -> Result<Box<dyn Transport>, String> {
    let say = |error: std::io::Error| format!("{program}: {error}");
    let server = Server::http("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = server.server_addr().to_ip().ok_or("the server has no address")?;
    let profile = tempfile::Builder::new().prefix("tocsin-browser-").tempdir().map_err(say)?;
    let (requests, pending) = channel();
    let (done, replies) = channel();
    let server = Arc::new(server);
    let entry = if package.is_some() { "#/package/web.js" } else { "" };
    let page = Page { server: server.clone(), package, pending, done };
    std::thread::spawn(move || page.serve());
    let child = Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null", program])
        .args(OPTIONS)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("http://{address}/{entry}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(say)?;
    Ok(Box::new(Browser { child, server, requests, replies, _profile: profile }))
}

impl Transport for Browser {
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.requests.send(request.to_vec()).map_err(|_| "the page's server has ended")?;
        let mut waited = Duration::ZERO;
        loop {
            match self.replies.recv_timeout(HOLD) {
                Ok(reply) => return Ok(reply),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err("the page's server has ended".into());
                }
                Err(RecvTimeoutError::Timeout) => waited += HOLD,
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the browser has ended with {status}"));
            }
            if waited >= PATIENCE {
                return Err(format!("the page hasn't replied for {} s", waited.as_secs()));
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.server.unblock();
        // All of the browser's processes are in the group of the one that was started. Whichever of
        // these calls fails, there is no browser left to end.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// What the page is served from.
struct Page {
    server: Arc<Server>,
    package: Option<PathBuf>,
    pending: Receiver<Vec<u8>>,
    done: Sender<Vec<u8>>,
}

impl Page {
    fn serve(&self) {
        for mut asked in self.server.incoming_requests() {
            let (status, kind, bytes) = match asked.url() {
                "/next" => match self.turn(&mut asked) {
                    Ok(request) => (200, "application/octet-stream", request),
                    Err(RecvTimeoutError::Timeout) => (204, "text/plain", Vec::new()),
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                url => match self.file(url) {
                    Some((kind, bytes)) => (200, kind, bytes),
                    None => (404, "text/plain", Vec::new()),
                },
            };
            let response = Response::from_data(bytes).with_status_code(status);
            let response = match Header::from_bytes("Content-Type", kind) {
                Ok(header) => response.with_header(header),
                Err(()) => response,
            };
            // A page that has gone away is noticed by who waits for its reply.
            let _ = asked.respond(response);
        }
    }

    /// A file of the drivers or, below `/package/`, of the npm package.
    fn file(&self, url: &str) -> Option<(&'static str, Vec<u8>)> {
        let file = match (url, url.strip_prefix("/package/")) {
            ("/", _) => super::driver("browser.html"),
            (_, Some(name)) => self.package.as_ref()?.join(name),
            (_, None) => super::driver(url.strip_prefix('/')?),
        };
        let kind = match file.extension()?.to_str()? {
            "html" => "text/html",
            "js" | "mjs" => "text/javascript",
            "wasm" => "application/wasm",
            _ => return None,
        };
        Some((kind, std::fs::read(file).ok()?))
    }

    /// Takes the page's reply, if it brings one, and waits for the next request.
    fn turn(&self, asked: &mut Request) -> Result<Vec<u8>, RecvTimeoutError> {
        let mut reply = Vec::new();
        let read = asked.as_reader().read_to_end(&mut reply);
        if read.is_ok() && !reply.is_empty() {
            self.done.send(reply).map_err(|_| RecvTimeoutError::Disconnected)?;
        }
        self.pending.recv_timeout(HOLD)
    }
}
