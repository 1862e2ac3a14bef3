//! What is acknowledged isn't lost, whenever the process dies.

use std::collections::HashSet;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::server::{QUIET, Server, folder, read_answer, record, request, tenant, token};

/// Rounds of killing; `TOCSIN_CRASH_ROUNDS` asks for more.
fn rounds() -> usize {
    std::env::var("TOCSIN_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn event_id(record: &serde_json::Value) -> String {
    record["eventID"].to_string()
}

#[test]
fn killed_at_any_point_no_acknowledged_alert_is_lost() {
    let (folder, token) = (folder(), token());
    // One file and no quota, however many rounds there are.
    let more = "[tenants.a.limits]\nalerts_per_rule = 1000000000\nalerts = 1000000000\n\
        [tenants.a.outlets.file]\ntype = \"file\"\npath = \"alerts.ndjson\"\nrotate = \"100G\"\n";
    let configuration = tenant("a", &token) + more;
    let acknowledged: Arc<Mutex<Vec<usize>>> = Arc::default();
    let mut next = 0;
    for round in 0..rounds() {
        let server = Server::start(folder.path(), &configuration);
        let senders: Vec<_> = (0..3)
            .map(|sender| {
                let (address, bearer) = (server.address, format!("Bearer {}", token.token));
                let (acknowledged, from) = (Arc::clone(&acknowledged), next + sender * 100_000);
                std::thread::spawn(move || {
                    let Ok(mut stream) = TcpStream::connect(address) else { return };
                    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                    for number in from.. {
                        let body = format!("{QUIET}\n{}\n", record(number));
                        let sent = request(
                            "POST",
                            "/v1/records",
                            &[("Authorization", &bearer)],
                            body.as_bytes(),
                        );
                        if std::io::Write::write_all(&mut stream, &sent).is_err() {
                            return;
                        }
                        match read_answer(&mut stream) {
                            Some(answer) if answer.status == 200 => {
                                acknowledged.lock().unwrap().push(number)
                            }
                            _ => return,
                        }
                    }
                })
            })
            .collect();
        // Under way, and then another moment each time.
        let begun = std::time::Instant::now();
        while !acknowledged.lock().unwrap().iter().any(|number| *number >= next) {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is acknowledged");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(30 + (round as u64 * 37) % 170));
        server.kill();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        next += 1_000_000;
    }
    let acknowledged = acknowledged.lock().unwrap();
    assert!(
        acknowledged.len() > rounds(),
        "only {} requests were acknowledged",
        acknowledged.len()
    );
    let server = Server::start(folder.path(), &configuration);
    let due: Vec<String> =
        acknowledged.iter().map(|number| event_id(&json(&record(*number)))).collect();
    // What is delivered again is a line, too: there may be as many lines before the last alert is delivered.
    let begun = std::time::Instant::now();
    let (alerts, delivered) = loop {
        let alerts = server.alerts("a", 2 * acknowledged.len());
        let delivered: HashSet<String> =
            alerts.iter().map(|alert| event_id(&json(alert)["event"])).collect();
        if due.iter().all(|id| delivered.contains(id)) || begun.elapsed() > Duration::from_secs(60)
        {
            break (alerts, delivered);
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    for (number, id) in acknowledged.iter().zip(&due) {
        assert!(delivered.contains(id), "record {number} was acknowledged and its alert is lost");
    }
    println!(
        "{} rounds, {} acknowledged, {} lines delivered",
        rounds(),
        acknowledged.len(),
        alerts.len()
    );
}

#[test]
fn an_alert_is_synced_before_its_answer_and_no_alert_costs_no_sync() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let commits = || {
        let page = server.admin("GET", "/metrics");
        let line = page
            .text()
            .lines()
            .find(|line| line.starts_with("tocsin_store_commits_total"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    // The outlet is held back: its own transactions aren't counted here.
    assert_eq!(server.admin("POST", "/tenants/a/outlets/file/pause").status, 200);
    let before = commits();
    for _ in 0..20 {
        assert_eq!(server.post("/v1/records", &token, QUIET.as_bytes()).status, 200);
    }
    assert_eq!(commits(), before);
    let Some(strace) = Strace::attach(server.id()) else {
        eprintln!("skipped: strace isn't here or may not trace");
        return;
    };
    for number in 0..5 {
        assert_eq!(server.post("/v1/records", &token, record(number).as_bytes()).status, 200);
    }
    assert_eq!(commits(), before + 5);
    let syncs = strace.syncs();
    assert!(syncs >= 5, "{syncs} syncs for 5 acknowledged requests");
}

/// Counts the syncs of a process.
struct Strace {
    child: std::process::Child,
    output: tempfile::NamedTempFile,
}

impl Strace {
    fn attach(id: u32) -> Option<Strace> {
        let output = tempfile::NamedTempFile::new().unwrap();
        let child = std::process::Command::new("strace")
            .args(["-f", "-e", "trace=fdatasync,fsync", "-p", &id.to_string(), "-o"])
            .arg(output.path())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .ok()?;
        std::thread::sleep(Duration::from_millis(500));
        let mut strace = Strace { child, output };
        strace.child.try_wait().unwrap().is_none().then_some(strace)
    }

    fn syncs(mut self) -> usize {
        std::thread::sleep(Duration::from_millis(300));
        let id = self.child.id().to_string();
        std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
        self.child.wait().unwrap();
        let text = std::fs::read_to_string(self.output.path()).unwrap();
        text.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count()
    }
}

#[test]
fn what_is_sent_when_the_server_ends_has_an_answer_or_is_sent_again() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    // A second server on the same store is refused.
    let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_tocsin"));
    let output =
        second.args(["serve", "--config"]).arg(folder.path().join("serve.toml")).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another tocsin serves from this folder"), "{said}");
    assert!(server.terminate().success());
}
