//! Alerts on their way out: receivers of the tests' own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::server::{Server, folder, record, tenant, token, wait_for};

/// What a receiver was sent.
#[derive(Clone, Debug)]
struct Received {
    head: String,
    body: Vec<u8>,
}

/// A receiver with a scripted answer to each request.
struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn start(
        answer: impl Fn(usize, &Received) -> (u16, String) + Send + Sync + 'static,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (seen, answer) = (Arc::clone(&received), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    while let Some(request) = read_request(&mut stream) {
                        let number = {
                            let mut seen = seen.lock().unwrap();
                            seen.push(request.clone());
                            seen.len() - 1
                        };
                        let (status, body) = answer(number, &request);
                        let text = format!(
                            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        if stream.write_all(text.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Receiver { address, received }
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = |line: &str| {
            line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
        };
        let length = head.lines().find_map(length).unwrap_or(0);
        while bytes.len() < end + 4 + length {
            let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
            bytes.extend_from_slice(&buffer[..read]);
        }
        return Some(Received { head, body: bytes[end + 4..].to_vec() });
    }
}

const ALLOW: &str = "[outbound]\nallow = [\"127.0.0.1\"]\n";

fn counts(server: &Server, outlet: &str) -> (u64, u64) {
    let status = server.admin("GET", "/status").json();
    let outlet = &status["tenants"]["a"]["outlets"][format!("a/{outlet}")];
    (outlet["waiting"].as_u64().unwrap(), outlet["dead"].as_u64().unwrap())
}

#[test]
fn a_webhook_is_signed_repeated_and_lays_aside_what_is_refused() {
    let (folder, token) = (folder(), token());
    std::fs::write(folder.path().join("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
        .unwrap();
    // Busy twice, then it refuses the second alert for good.
    let receiver = Receiver::start(|number, _| {
        (
            if number < 2 {
                503
            } else if number == 3 {
                400
            } else {
                204
            },
            String::new(),
        )
    });
    let outlet = format!(
        "[tenants.a.outlets.hook]\ntype = \"webhook\"\nurl = \"http://{}/hook\"\nsecret = {{ file = \"secret\" }}\n",
        receiver.address
    );
    let server = Server::start(folder.path(), &format!("{ALLOW}{}{outlet}", tenant("a", &token)));
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    wait_for(|| (counts(&server, "hook") == (0, 1)).then_some(()));
    let received = receiver.received();
    assert_eq!(received.len(), 4);
    assert_eq!(received[0].body, received[2].body);
    assert!(received[2].head.starts_with("POST /hook HTTP/1.1"), "{}", received[2].head);
    assert!(received[2].head.contains("webhook-signature: v1,"));
    let alert: serde_json::Value = serde_json::from_slice(&received[2].body).unwrap();
    assert!(received[2].head.contains(&format!("webhook-id: {}", alert["id"].as_str().unwrap())));
    // Dead letters go again when somebody says so.
    assert_eq!(
        server.admin("POST", "/tenants/a/outlets/hook/replay").text(),
        "1 alerts go again\n"
    );
    wait_for(|| (counts(&server, "hook") == (0, 0)).then_some(()));
    assert!(!server.log.lock().unwrap().contains("MfKQ9r8"));
}

#[test]
fn a_webhook_reaches_nothing_inside_and_follows_no_redirect() {
    let (folder, token) = (folder(), token());
    let inside = Receiver::start(|_, _| (200, String::new()));
    let hook = |name: &str, url: &str| {
        format!("[tenants.a.outlets.{name}]\ntype = \"webhook\"\nurl = \"{url}\"\n")
    };
    let port = inside.address.port();
    let outlets = hook("name", &format!("http://localhost:{port}/"))
        + &hook("address", &format!("http://127.0.0.1:{port}/"));
    let mapped = hook("mapped", &format!("http://[::ffff:127.0.0.1]:{port}/"));
    let server = Server::start(folder.path(), &format!("{}{outlets}{mapped}", tenant("a", &token)));
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    wait_for(|| {
        (server.log.lock().unwrap().matches("no public address").count() >= 3).then_some(())
    });
    assert_eq!(inside.received().len(), 0);
    // They wait; nothing is lost, and the sender never noticed.
    for outlet in ["name", "address", "mapped"] {
        assert_eq!(counts(&server, outlet), (2, 0));
    }
    server.kill();
    let target = inside.address;
    let outside = Receiver::start(move |_, _| (302, format!("Location: http://{target}/")));
    let outlet = hook("hook", &format!("http://{}/", outside.address));
    let server = Server::start(folder.path(), &format!("{ALLOW}{}{outlet}", tenant("a", &token)));
    assert_eq!(server.post("/v1/records", &token, record(2).as_bytes()).status, 200);
    wait_for(|| (counts(&server, "hook") == (0, 2)).then_some(()));
    assert_eq!(inside.received().len(), 0);
}

#[test]
fn bulk_puts_its_template_first_and_settles_each_document() {
    let (folder, token) = (folder(), token());
    let receiver = Receiver::start(|number, request| match number {
        0 => (200, "{\"acknowledged\":true}".to_owned()),
        1 => (429, String::new()),
        _ => {
            let documents = request.body.iter().filter(|byte| **byte == b'\n').count() / 2;
            let statuses = [201, 409, 400, 201];
            let items: Vec<String> = (0..documents)
                .map(|item| {
                    format!(
                        "{{\"create\":{{\"status\":{},\"error\":{{\"type\":\"t\"}}}}}}",
                        statuses[item % 4]
                    )
                })
                .collect();
            (200, format!("{{\"took\":1,\"errors\":true,\"items\":[{}]}}", items.join(",")))
        }
    });
    let outlet = format!(
        "[tenants.a.outlets.siem]\ntype = \"bulk\"\nurl = \"http://{}\"\nindex = \"alerts\"\ntemplate = \"opensearch\"\n",
        receiver.address
    );
    let server = Server::start(folder.path(), &format!("{ALLOW}{}{outlet}", tenant("a", &token)));
    let body = format!("{}\n{}\n", record(1), record(2));
    assert_eq!(server.post("/v1/records", &token, body.as_bytes()).status, 200);
    wait_for(|| (counts(&server, "siem") == (0, 1)).then_some(()));
    let received = receiver.received();
    assert!(
        received[0].head.starts_with("PUT /_index_template/tocsin-alerts"),
        "{}",
        received[0].head
    );
    assert!(received[1].head.starts_with("POST /_bulk"), "{}", received[1].head);
    let lines: Vec<serde_json::Value> = std::str::from_utf8(&received[2].body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0]["create"]["_id"], lines[1]["alert_id"]);
    assert_eq!(lines[1]["record"]["eventName"], "StopConfigurationRecorder");
}

#[test]
fn otlp_goes_from_one_server_to_another() {
    let (folder, other_folder, token, other_token) =
        (folder(), crate::server::folder(), token(), crate::server::token());
    let receiver = Server::start(other_folder.path(), &tenant("b", &other_token));
    std::fs::write(folder.path().join("secret"), format!("Bearer {}", other_token.token)).unwrap();
    let outlet = format!(
        "[tenants.a.outlets.otlp]\ntype = \"otlp\"\nurl = \"http://{}/v1/logs\"\nauthorization = {{ file = \"secret\" }}\n",
        receiver.address
    );
    let server = Server::start(folder.path(), &format!("{ALLOW}{}{outlet}", tenant("a", &token)));
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    wait_for(|| (counts(&server, "otlp") == (0, 0)).then_some(()));
    let page = wait_for(|| {
        let page = receiver.admin("GET", "/metrics");
        page.text().contains("tocsin_records_total{tenant=\"b\"} 2").then_some(page)
    });
    assert!(
        page.text().contains("tocsin_requests_total{inlet=\"otlp\",status=\"200\"} 1"),
        "{}",
        page.text()
    );
}

#[test]
fn a_slow_receiver_holds_back_only_itself() {
    let (folder, token) = (folder(), token());
    let receiver = Receiver::start(|_, _| {
        std::thread::sleep(Duration::from_secs(600));
        (200, String::new())
    });
    let outlets = format!(
        "[tenants.a.outlets.hook]\ntype = \"webhook\"\nurl = \"http://{}/\"\n\
         [tenants.a.outlets.file]\ntype = \"file\"\npath = \"alerts.ndjson\"\n",
        receiver.address
    );
    let server = Server::start(folder.path(), &format!("{ALLOW}{}{outlets}", tenant("a", &token)));
    for number in 0..10 {
        assert_eq!(server.post("/v1/records", &token, record(number).as_bytes()).status, 200);
    }
    assert_eq!(server.alerts("a", 20).len(), 20);
    assert_eq!(counts(&server, "hook"), (20, 0));
}

#[test]
fn a_receiver_that_was_down_gets_everything_once_it_is_back() {
    let (folder, token) = (folder(), token());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outlet = format!(
        "[tenants.a.outlets.hook]\ntype = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\n"
    );
    let configuration = format!("{ALLOW}{}{outlet}", tenant("a", &token));
    let server = Server::start(folder.path(), &configuration);
    for number in 0..5 {
        assert_eq!(server.post("/v1/records", &token, record(number).as_bytes()).status, 200);
    }
    assert!(server.terminate().success());
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let received = Arc::new(Mutex::new(0));
    let seen = Arc::clone(&received);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while read_request(&mut stream).is_some() {
                *seen.lock().unwrap() += 1;
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        }
    });
    let server = Server::start(folder.path(), &configuration);
    wait_for(|| (counts(&server, "hook") == (0, 0)).then_some(()));
    assert_eq!(*received.lock().unwrap(), 10);
}
