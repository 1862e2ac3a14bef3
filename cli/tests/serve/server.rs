//! A running `tocsin serve`, and requests to it, byte for byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A token, and its fingerprint.
pub struct Token {
    pub token: String,
    pub fingerprint: String,
}

/// A token as the command makes one.
pub fn token() -> Token {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tocsin")).args(["serve", "token"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    Token { token: field("token"), fingerprint: field("fingerprint") }
}

/// A server in a folder of its own.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub folder: PathBuf,
    pub log: std::sync::Arc<std::sync::Mutex<String>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let value = |line: &'_ str| {
            let (key, _) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(key.len() + 1)
        };
        self.head.lines().find_map(|line| value(line).map(|at| line[at..].trim()))
    }
}

impl Server {
    /// Starts one with a configuration, whose `[server]` is made here.
    pub fn start(folder: &Path, configuration: &str) -> Server {
        Server::with(folder, "", configuration)
    }

    /// The same with more keys for `[server]`.
    pub fn with(folder: &Path, server: &str, configuration: &str) -> Server {
        let path = folder.join("serve.toml");
        std::fs::write(
            &path,
            format!("[server]\nlisten = \"127.0.0.1:0\"\n{server}\n{configuration}"),
        )
        .unwrap();
        Server::run(
            folder,
            Command::new(env!("CARGO_BIN_EXE_tocsin")).args(["serve", "--config"]).arg(path),
        )
    }

    /// The same at an address of its own.
    pub fn with_address(folder: &Path, address: SocketAddr, configuration: &str) -> Server {
        let path = folder.join("serve.toml");
        std::fs::write(&path, format!("[server]\nlisten = \"{address}\"\n{configuration}"))
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        Server::run(folder, command.args(["serve", "--config"]).arg(path))
    }

    /// Starts a command and waits until it listens.
    pub fn run(folder: &Path, command: &mut Command) -> Server {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let log = std::sync::Arc::<std::sync::Mutex<String>>::default();
        let mut address = None;
        let mut line = String::new();
        while address.is_none() {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended: {}", log.lock().unwrap());
            log.lock().unwrap().push_str(&line);
            let found = line
                .strip_prefix("listening on ")
                .map(|rest| rest.split([',', '\n']).next().unwrap());
            address = found.map(|found| found.parse().unwrap());
        }
        let more = std::sync::Arc::clone(&log);
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                more.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Server { child, address: address.unwrap(), folder: folder.to_owned(), log }
    }

    /// Sends bytes on a connection of their own and reads one answer.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that refuses may not read it all.
        let _ = stream.write_all(bytes);
        read_answer(&mut stream)
            .unwrap_or_else(|| panic!("no answer: {}", self.log.lock().unwrap()))
    }

    /// A request with headers of its own.
    pub fn send(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.raw(&request("POST", path, headers, body))
    }

    /// A request with a token.
    pub fn post(&self, path: &str, token: &Token, body: &[u8]) -> Answer {
        self.send(path, &[("Authorization", &format!("Bearer {}", token.token))], body)
    }

    /// A request to the administration.
    pub fn admin(&self, method: &str, path: &str) -> Answer {
        let mut stream = UnixStream::connect(self.folder.join("state/admin.sock")).unwrap();
        stream.write_all(&request(method, path, &[], b"")).unwrap();
        read_answer(&mut stream).unwrap()
    }

    /// The lines that the tenant's file outlet has written, once there are as many.
    pub fn alerts(&self, tenant: &str, count: usize) -> Vec<String> {
        let path = self.folder.join("state/tenants").join(tenant).join("alerts.ndjson");
        wait_for(|| {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            // The last one may be half written.
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
            (lines.len() >= count).then_some(lines)
        })
    }

    /// Ends it at once, as a crash does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }

    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log\n{}", self.log.lock().unwrap());
        }
    }
}

/// A request's bytes.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// Reads an answer with a Content-Length.
pub fn read_answer(stream: &mut impl Read) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    let end = loop {
        let read = stream.read(&mut buffer).ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut answer =
        Answer { status: head[9..12].parse().unwrap(), head, body: bytes[end + 4..].to_vec() };
    let length: usize = answer.header("content-length").unwrap_or("0").parse().unwrap();
    while answer.body.len() < length {
        let read = stream.read(&mut buffer).ok()?;
        answer.body.extend_from_slice(&buffer[..read]);
        if read == 0 {
            return None;
        }
    }
    Some(answer)
}

/// Waits until there is something; a test that waits in vain fails.
pub fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "waited in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A record that both built-in rules raise an alert for; each number is an event of its own.
pub fn record(number: usize) -> String {
    format!(
        "{{\"eventVersion\":\"1.09\",\"userIdentity\":{{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/alice\",\
         \"accountId\":\"111122223333\",\"userName\":\"alice\"}},\"eventTime\":\"2026-02-03T04:05:06Z\",\
         \"eventSource\":\"config.amazonaws.com\",\"eventName\":\"StopConfigurationRecorder\",\"awsRegion\":\"eu-central-1\",\
         \"eventID\":\"22222222-bbbb-4bbb-8bbb-{number:012}\",\"eventType\":\"AwsApiCall\",\
         \"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\"}}"
    )
}

/// A record that no rule raises anything for.
pub const QUIET: &str = "{\"eventVersion\":\"1.09\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetBucketAcl\",\
                         \"eventID\":\"a\"}";

/// A tenant `a` with a token and the built-in rules.
pub fn tenant(name: &str, token: &Token) -> String {
    format!("[tenants.{name}]\ntokens = [\"{}\"]\n", token.fingerprint)
}
