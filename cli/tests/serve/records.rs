//! The command alone, and `/v1/records`.

use std::io::Write;
use std::process::Command;

use crate::server::{QUIET, Server, folder, read_answer, record, request, tenant, token, wait_for};

#[test]
fn alone_it_prints_a_token_with_which_curl_can_send() {
    let folder = folder();
    let start = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--alerts", "alerts.ndjson", "--state"]);
        command.arg(folder.path().join("state")).args(more);
        Server::run(folder.path(), &mut command)
    };
    let server = start(&[]);
    let log = crate::server::wait_for(|| {
        let log = server.log.lock().unwrap().clone();
        log.contains("/v1/records").then_some(log)
    });
    let token = log.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let answer = server.send("/v1/records", &[("Authorization", &bearer)], record(1).as_bytes());
    assert_eq!(answer.text(), r#"{"records":1,"alerts":2,"rejected":0,"errors":[]}"#);
    assert_eq!(server.alerts("default", 2).len(), 2);
    assert!(server.terminate().success());
    // The token is kept as its fingerprint only, and valid after a restart.
    let kept = std::fs::read_to_string(folder.path().join("state/default.token")).unwrap();
    assert!(kept.starts_with("sha256:") && !kept.contains(&token));
    let server = start(&[]);
    assert_eq!(server.send("/v1/records", &[("Authorization", &bearer)], b"").status, 200);
    assert!(!server.log.lock().unwrap().contains(&token));
    server.kill();
    let server = start(&["--new-token"]);
    assert_eq!(server.send("/v1/records", &[("Authorization", &bearer)], b"").status, 401);
}

#[test]
fn every_shape_and_encoding_is_the_same_record() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let record = record(1);
    let text = serde_json::to_string(&record).unwrap();
    let expected = r#"{"records":1,"alerts":2,"rejected":0,"errors":[]}"#;
    for body in [
        record.clone(),
        format!("{record}\n"),
        format!("[{record}]"),
        format!("{{\"Records\":[{record}]}}"),
        format!(
            "{{\"version\":\"0\",\"source\":\"aws.config\",\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{record}}}"
        ),
        format!("[{{\"date\":1793697247.5,\"log\":{text}}}]"),
        format!("[{{\"bucket\":\"trail\",\"message\":{text},\"source_type\":\"aws_s3\"}}]"),
    ] {
        assert_eq!(server.post("/v1/records", &token, body.as_bytes()).text(), expected, "{body}");
    }
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(record.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let bearer = format!("Bearer {}", token.token);
    for headers in [
        vec![("Content-Encoding", "gzip")],
        vec![],
        vec![("Content-Type", "application/x-www-form-urlencoded")],
    ] {
        let headers = [headers, vec![("Authorization", bearer.as_str())]].concat();
        assert_eq!(server.send("/v1/records", &headers, &gzip).text(), expected, "{headers:?}");
    }
    let zstd = zstd::encode_all(record.as_bytes(), 1).unwrap();
    let headers = [("Content-Encoding", "zstd"), ("Authorization", bearer.as_str())];
    assert_eq!(server.send("/v1/records", &headers, &zstd).text(), expected);
    // However often and in whatever shape it came: it is raised once.
    assert_eq!(server.alerts("a", 2).len(), 2);
}

#[test]
fn nothing_is_a_success_and_a_chunked_body_is_read() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let nothing = r#"{"records":0,"alerts":0,"rejected":0,"errors":[]}"#;
    assert_eq!(server.post("/v1/records", &token, b"").text(), nothing);
    let head = format!(
        "POST /v1/records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer {}\r\n\r\n",
        token.token
    );
    let record = record(1);
    let (one, other) = record.split_at(100);
    let chunked =
        format!("{head}{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n", one.len(), other.len());
    assert_eq!(server.raw(chunked.as_bytes()).json()["alerts"], 2);
}

#[test]
fn broken_records_are_counts_in_a_success_and_the_answer_stays_small() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    // What no rule asks for is passed over unread; these are read.
    let broken = (record(3) + "\n").replace("\"eventName\"", "\"x\":no,\"eventName\"").repeat(5000);
    let body = format!("{}\n{broken}{}\n", record(1), record(2));
    let answer = server.post("/v1/records", &token, body.as_bytes());
    let json = answer.json();
    assert_eq!(
        (answer.status, &json["records"], &json["alerts"], &json["rejected"]),
        (200, &5002.into(), &4.into(), &5000.into())
    );
    assert_eq!(json["errors"][0]["record"], 1);
    assert!(answer.head.len() + answer.body.len() < 4096, "{}", answer.body.len());
}

#[test]
fn alerts_are_in_the_answer_only_if_asked_for() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let body = format!("{}\n{QUIET}\n", record(1));
    let answer = server.post("/v1/records?alerts=inline", &token, body.as_bytes()).json();
    assert_eq!(answer["raised"].as_array().unwrap().len(), 2);
    assert_eq!(answer["raised"][0]["event"]["eventName"], "StopConfigurationRecorder");
    assert!(server.post("/v1/records", &token, body.as_bytes()).json().get("raised").is_none());
}

#[test]
fn paths_and_methods_that_are_none_say_so() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    assert_eq!(server.raw(&request("HEAD", "/v1/records", &[], b"")).status, 200);
    assert_eq!(server.raw(&request("GET", "/v1/logs", &[], b"")).status, 405);
    assert_eq!(server.post("/", &token, b"").status, 404);
    assert_eq!(server.raw(&request("GET", "/metrics", &[], b"")).status, 404);
    assert_eq!(server.admin("GET", "/healthz").text(), "ok\n");
    assert_eq!(server.admin("GET", "/readyz").text(), "ready\n");
}

#[test]
fn a_configuration_is_checked_with_its_rules_and_their_tests() {
    let (folder, token) = (folder(), token());
    let check = |text: &str| {
        let path = folder.path().join("serve.toml");
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        let output = command.args(["serve", "--check", "--config"]).arg(path).output().unwrap();
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), out, err)
    };
    let (code, out, _) = check(&tenant("a", &token));
    assert!(code == 0 && out.contains("1 tenants, 2 rules"), "{out}");
    let (code, _, err) = check(&format!("{}colour = 1\n", tenant("a", &token)));
    assert!(code == 2 && err.contains("serve.toml:3:1: "), "{err}");
    std::fs::create_dir_all(folder.path().join("tenants/a")).unwrap();
    std::fs::write(folder.path().join("tenants/a/r.toml"), "[rule]\nname = 7\n").unwrap();
    let (code, _, err) = check(&format!("{}rules = [\"r.toml\"]\n", tenant("a", &token)));
    assert!(code == 2 && err.contains("tenant a: ") && err.contains("r.toml:2:"), "{err}");
}

#[test]
fn metrics_and_health_are_on_a_port_if_it_is_configured_and_nothing_else_is() {
    let (folder, token) = (folder(), token());
    let server = Server::with(folder.path(), "metrics = \"127.0.0.1:0\"\n", &tenant("a", &token));
    let port: std::net::SocketAddr = wait_for(|| {
        let log = server.log.lock().unwrap().clone();
        let line = log.lines().find(|line| line.contains("metrics and health are served"))?;
        let (_, address) = line.rsplit_once("address")?;
        // The log may be coloured.
        let address: String = address.chars().skip_while(|c| *c != '1').collect();
        address.split_whitespace().next()?.trim_end_matches("\u{1b}[0m").parse().ok()
    });
    let ask = |method: &str, path: &str| {
        let mut stream = std::net::TcpStream::connect(port).unwrap();
        std::io::Write::write_all(&mut stream, &request(method, path, &[], b"")).unwrap();
        read_answer(&mut stream).unwrap()
    };
    assert!(ask("GET", "/metrics").text().contains("tocsin_build_info{version="));
    assert_eq!(ask("GET", "/healthz").status, 200);
    assert_eq!(ask("GET", "/readyz").status, 200);
    for (method, path) in [("POST", "/tenants/a/pause"), ("POST", "/reload"), ("GET", "/status")] {
        assert_eq!(ask(method, path).status, 404, "{method} {path}");
    }
    // What lies in the state folder is its owner's alone.
    use std::os::unix::fs::PermissionsExt;
    let mode =
        |path: &str| folder.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/admin.sock")), (0o700, 0o600));
    assert!(server.terminate().success());
}
