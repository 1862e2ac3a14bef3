//! Requests on loopback in, files out: as little of HTTP as a browser on the same machine needs.
//!
//! Only GET and HEAD, one answer a connection. A request that names another host than this machine is refused:
//! else any page could have its own name resolve to 127.0.0.1 and read what is served here.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A request's head may have so many bytes; a browser's has one or two kilobytes.
const HEAD: usize = 16 << 10;

/// How long a client may take to send its request, or to take in its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections at once; a browser opens six.
const CONNECTIONS: usize = 64;

/// What is answered to a path.
pub(crate) struct Answer<'f> {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: &'f [u8],
    /// The content security policy.
    pub(crate) policy: &'static str,
}

/// A server that listens already.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn bind(port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub(crate) fn run<'f>(&self, find: impl Fn(&str) -> Option<Answer<'f>> + Sync) {
        let open = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for stream in self.listener.incoming() {
                // A client that is gone before it was accepted is no reason to stop.
                let Ok(stream) = stream else { continue };
                if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
                    open.fetch_sub(1, Ordering::Relaxed);
                    continue;
                }
                scope.spawn(|| {
                    // Nor is one that leaves in the middle.
                    let _ = serve(stream, self.address.port(), &find);
                    open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
    }
}

fn serve<'f>(
    mut stream: TcpStream,
    port: u16,
    find: &impl Fn(&str) -> Option<Answer<'f>>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(&mut stream)?;
    let Some(request) = Request::parse(&head) else {
        return refuse(&mut stream, "400 Bad Request");
    };
    if !is_this_machine(request.host, port) {
        return refuse(&mut stream, "421 Misdirected Request");
    }
    if !matches!(request.method, "GET" | "HEAD") {
        return refuse(&mut stream, "405 Method Not Allowed");
    }
    let Some(answer) = find(request.path) else { return refuse(&mut stream, "404 Not Found") };
    let Answer { media_type, bytes, policy } = answer;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
         Content-Security-Policy: {policy}\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        bytes.len(),
    )?;
    if request.method == "GET" {
        stream.write_all(bytes)?;
    }
    stream.flush()
}

fn refuse(stream: &mut TcpStream, status: &str) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A request's head: all up to the first empty line.
fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut some = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut some)?;
        head.extend_from_slice(some.get(..count).unwrap_or_default());
        if count == 0 || head.len() > HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}

/// What of a request matters here.
#[derive(Debug, PartialEq, Eq)]
struct Request<'h> {
    method: &'h str,
    /// Without a query.
    path: &'h str,
    host: &'h str,
}

impl Request<'_> {
    fn parse(head: &[u8]) -> Option<Request<'_>> {
        let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let mut hosts = lines.filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then_some(value.trim())
        });
        let host = hosts.next()?;
        // Two of them are read differently by different programs.
        if !target.starts_with('/')
            || !words.next()?.starts_with("HTTP/1.")
            || hosts.next().is_some()
        {
            return None;
        }
        Some(Request { method, path: target.split('?').next()?, host })
    }
}

fn is_this_machine(host: &str, port: u16) -> bool {
    host.rsplit_once(':').is_some_and(|(name, number)| {
        matches!(name, "127.0.0.1" | "localhost") && number.parse() == Ok(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_its_method_path_and_host() {
        let head = b"GET /assets/a.js?v=1 HTTP/1.1\r\nAccept: */*\r\nHOST: localhost:7780\r\n\r\n";
        let request = Request { method: "GET", path: "/assets/a.js", host: "localhost:7780" };
        assert_eq!(Request::parse(head), Some(request));
        for broken in [
            "",
            "GET\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / SPDY/3\r\nHost: a\r\n\r\n",
            "GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost:1\r\nHost: elsewhere\r\n\r\n",
        ] {
            assert_eq!(Request::parse(broken.as_bytes()), None, "{broken:?}");
        }
    }

    #[test]
    fn only_this_machines_names_with_the_port_are_served() {
        assert!(is_this_machine("127.0.0.1:7780", 7780) && is_this_machine("localhost:7780", 7780));
        for other in
            ["evil.example:7780", "127.0.0.1", "localhost:80", "127.0.0.1.evil.example:7780", ""]
        {
            assert!(!is_this_machine(other, 7780), "{other}");
        }
    }
}
