//! What a tenant may take, and the answer when it takes more.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::server::{QUIET, Server, folder, read_answer, record, request, tenant, token, wait_for};

#[test]
fn too_fast_is_429_with_a_time_to_wait_and_503_for_splunks_clients() {
    let (folder, token) = (folder(), token());
    let limits = "[tenants.a.limits]\nbytes_per_second = 100\nburst = 1000\n";
    let server = Server::start(folder.path(), &format!("{}{limits}", tenant("a", &token)));
    let body = QUIET.repeat(20);
    // Larger than the burst: it passes, and those behind it wait.
    assert_eq!(server.post("/v1/records", &token, body.as_bytes()).status, 200);
    let refused = server.post("/v1/records", &token, body.as_bytes());
    assert_eq!(refused.status, 429, "{refused:?}");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    // What is missing of a full bucket, at 100 bytes a second.
    assert!((10..=30).contains(&wait), "{wait}");
    assert_eq!(server.post("/v1/logs", &token, body.as_bytes()).status, 429);
    let busy = server.post("/services/collector/event", &token, body.as_bytes());
    assert_eq!((busy.status, busy.json()["code"].as_u64()), (503, Some(9)));
    assert!(busy.header("retry-after").is_some());
    assert_eq!(server.post("/v1/firehose", &token, body.as_bytes()).status, 503);
    let page = server.admin("GET", "/metrics");
    assert!(
        page.text().contains("tocsin_refused_requests_total{tenant=\"a\",reason=\"rate\"} 4"),
        "{}",
        page.text()
    );
}

#[test]
fn too_large_is_413_before_and_after_inflating_and_the_answer_arrives() {
    let (folder, token) = (folder(), token());
    let limits = "[tenants.a.limits]\nbody = \"100K\"\n";
    let server = Server::start(folder.path(), &format!("{}{limits}", tenant("a", &token)));
    let large = QUIET.repeat(10_000);
    assert_eq!(server.post("/v1/records", &token, large.as_bytes()).status, 413);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(large.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    assert!(gzip.len() < 100 << 10);
    assert_eq!(server.post("/v1/records", &token, &gzip).status, 413);
    let chunk = format!("{:x}\r\n{large}\r\n", large.len());
    let head = format!(
        "POST /v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer {}\r\n\r\n",
        token.token
    );
    assert_eq!(server.raw(format!("{head}{chunk}0\r\n\r\n").as_bytes()).status, 413);
}

#[test]
fn a_refused_sender_can_go_on_with_the_same_connection() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let mut stream = TcpStream::connect(server.address).unwrap();
    let bearer = format!("Bearer {}", token.token);
    let sent = [
        request("POST", "/v1/records", &[("Authorization", "Bearer wrong")], &vec![b' '; 100_000]),
        request("POST", "/v1/records", &[("Authorization", &bearer)], QUIET.as_bytes()),
    ];
    for (sent, status) in sent.iter().zip([401, 200]) {
        stream.write_all(sent).unwrap();
        assert_eq!(read_answer(&mut stream).unwrap().status, status);
    }
}

#[test]
fn slow_senders_are_cut_off() {
    let (folder, token) = (folder(), token());
    let server =
        Server::with(folder.path(), "header_timeout = 1\nbody_timeout = 1\n", &tenant("a", &token));
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(b"POST /v1/records HTTP/1.1\r\nHost: x\r\n").unwrap();
    // Either it gets that answer, or the connection ends; it isn't kept.
    let answer = read_answer(&mut stream);
    assert!(answer.is_none_or(|answer| answer.status == 408));
    let head = request(
        "POST",
        "/v1/records",
        &[("Authorization", &format!("Bearer {}", token.token))],
        &[b' '; 1000],
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(&head[..head.len() - 900]).unwrap();
    assert_eq!(read_answer(&mut stream).unwrap().status, 503);
}

#[test]
fn alerts_beyond_the_quota_are_counted_and_announced_by_one() {
    let (folder, token) = (folder(), token());
    let limits = "[tenants.a.limits]\nalerts_per_rule = 3\nalert_interval = \"7d\"\n";
    let configuration = format!("{}{limits}", tenant("a", &token));
    let server = Server::start(folder.path(), &configuration);
    let body: String = (0..10).map(|number| record(number) + "\n").collect();
    assert_eq!(server.post("/v1/records", &token, body.as_bytes()).json()["alerts"], 20);
    // Three of each of two rules, and an announcement for each.
    let alerts = server.alerts("a", 8);
    assert_eq!(alerts.iter().filter(|alert| alert.contains("are cut")).count(), 2);
    // Also across a restart.
    assert!(server.terminate().success());
    let server = Server::start(folder.path(), &configuration);
    assert_eq!(server.post("/v1/records", &token, record(11).as_bytes()).json()["alerts"], 2);
    let page = server.admin("GET", "/metrics");
    assert!(
        page.text().contains("tocsin_alerts_total{tenant=\"a\",outcome=\"cut\"} 2"),
        "{}",
        page.text()
    );
    assert_eq!(server.alerts("a", 8).len(), 8);
}

#[test]
fn a_paused_tenant_waits_and_a_paused_outlet_holds_only_itself() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    assert_eq!(server.admin("POST", "/tenants/a/pause").status, 200);
    assert_eq!(server.post("/v1/records", &token, QUIET.as_bytes()).status, 429);
    assert_eq!(server.admin("POST", "/tenants/a/resume").status, 200);
    assert_eq!(server.admin("POST", "/tenants/a/outlets/file/pause").status, 200);
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    assert_eq!(
        server.admin("GET", "/status").json()["tenants"]["a"]["outlets"]["a/file"]["waiting"],
        2
    );
    assert_eq!(server.admin("POST", "/tenants/a/outlets/file/resume").status, 200);
    assert_eq!(server.alerts("a", 2).len(), 2);
    assert_eq!(server.admin("POST", "/tenants/none/pause").status, 404);
    let audit = std::fs::read_to_string(folder.path().join("state/audit.ndjson")).unwrap();
    assert_eq!(audit.lines().count(), 5, "{audit}");
}

#[test]
fn an_outbox_that_is_full_refuses_and_loses_nothing() {
    let (folder, token) = (folder(), token());
    let limits = "[tenants.a.limits]\noutbox = 1000\n";
    let server = Server::start(folder.path(), &format!("{}{limits}", tenant("a", &token)));
    server.admin("POST", "/tenants/a/outlets/file/pause");
    assert_eq!(server.post("/v1/records", &token, record(1).as_bytes()).status, 200);
    assert_eq!(server.post("/v1/records", &token, record(2).as_bytes()).status, 429);
    server.admin("POST", "/tenants/a/outlets/file/resume");
    assert_eq!(server.alerts("a", 2).len(), 2);
    wait_for(|| {
        (server.post("/v1/records", &token, record(2).as_bytes()).status == 200).then_some(())
    });
    assert_eq!(server.alerts("a", 4).len(), 4);
}

#[test]
fn a_store_that_is_full_acknowledges_nothing_and_goes_on_when_there_is_room() {
    let (folder, token) = (folder(), token());
    let server = Server::with(folder.path(), "store = \"400K\"\n", &tenant("a", &token));
    server.admin("POST", "/tenants/a/outlets/file/pause");
    let mut kept = 0;
    let refused = loop {
        let answer = server.post("/v1/records", &token, record(kept).as_bytes());
        if answer.status != 200 {
            break answer;
        }
        kept += 1;
        assert!(kept < 2000);
    };
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.header("retry-after").is_some());
    server.admin("POST", "/tenants/a/outlets/file/resume");
    assert_eq!(server.alerts("a", 2 * kept).len(), 2 * kept);
    wait_for(|| {
        (server.post("/v1/records", &token, record(kept).as_bytes()).status == 200).then_some(())
    });
}
