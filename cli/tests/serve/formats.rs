//! What shippers send, byte for byte, and the answers that each of them needs.

use base64::Engine as _;

use crate::server::{Server, folder, record, tenant, token};

/// Requests as shippers send them: `NAME.http` is the head without what the test fills in, the rest the body.
fn exchange(server: &Server, head: &str, body: &[u8], token: &str) -> crate::server::Answer {
    let head = head.replace('\n', "\r\n").replace("TOKEN", token);
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    server.raw(&[head.as_bytes(), length.as_bytes(), body].concat())
}

const FLUENT_BIT: &str = "POST /v1/records HTTP/1.1\nHost: 127.0.0.1:8410\nUser-Agent: Fluent-Bit\n\
    Content-Type: application/json\nAuthorization: Bearer TOKEN\n";
const FLUENT_BIT_LINES: &str = "POST /v1/records HTTP/1.1\nHost: 127.0.0.1:8410\nUser-Agent: Fluent-Bit\n\
    Content-Type: application/x-ndjson\nAuthorization: Bearer TOKEN\n";
const VECTOR: &str = "POST /v1/records HTTP/1.1\ncontent-type: application/x-ndjson\nuser-agent: Vector/0.58.0\n\
    accept-encoding: identity\nhost: 127.0.0.1:8410\nauthorization: Bearer TOKEN\n";
const LOGSTASH: &str = "POST /v1/records HTTP/1.1\nConnection: Keep-Alive\nContent-Type: application/json\n\
    Authorization: Bearer TOKEN\nHost: 127.0.0.1:8410\nUser-Agent: Manticore 0.9.1\nAccept-Encoding: gzip,deflate\n";
const OMHTTP: &str = "POST /v1/records HTTP/1.1\nHost: 127.0.0.1:8410\nUser-Agent: rsyslog omhttp\nAccept: */*\n\
    Content-Type: application/json; charset=utf-8\nAuthorization: Bearer TOKEN\n";
const EVENTBRIDGE: &str = "POST /v1/records HTTP/1.1\nHost: 127.0.0.1:8410\nUser-Agent: Amazon/EventBridge/ApiDestinations\n\
    Content-Type: application/json; charset=utf-8\nRange: bytes=0-1048575\nX-Api-Key: TOKEN\nConnection: close\n";
const TELEGRAF: &str = "POST /v1/records HTTP/1.1\nHost: 127.0.0.1:8410\nUser-Agent: Telegraf/1.37.2 Go/1.26.8\n\
    Authorization: Bearer TOKEN\nContent-Type: text/plain; charset=utf-8\nAccept-Encoding: gzip\n";

#[test]
fn shippers_forms_are_read_on_one_path() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let keys = |n: usize| record(n).trim_start_matches('{').to_owned();
    let text = |n: usize| serde_json::to_string(&record(n)).unwrap();
    let cases = [
        (
            FLUENT_BIT,
            format!(
                "[{{\"date\":1793697247.123456,{},{{\"date\":1793697247.2,{}]",
                keys(1),
                keys(2)
            ),
        ),
        (
            FLUENT_BIT_LINES,
            format!(
                "{{\"date\":1793697247.1,\"log\":{}}}\n{{\"date\":1.5,\"log\":{}}}\n",
                text(3),
                text(4)
            ),
        ),
        (FLUENT_BIT, format!("{{\"date\":1.5,{}{{\"date\":1.5,{}", keys(5), keys(6))),
        (
            VECTOR,
            format!(
                "{{\"message\":{},\"timestamp\":\"x\"}}\n{{\"message\":{},\"timestamp\":\"x\"}}",
                text(7),
                text(8)
            ),
        ),
        (
            LOGSTASH,
            format!(
                "[{{\"@timestamp\":\"x\",\"@version\":\"1\",\"message\":{}}},{{\"message\":{}}}]",
                text(9),
                text(10)
            ),
        ),
        (OMHTTP, format!("{}\n{}", record(11), record(12))),
        (OMHTTP, format!("[{{\"message\":{}}},{{\"message\":{}}}]", text(13), text(14))),
    ];
    for (head, body) in cases {
        let answer = exchange(&server, head, body.as_bytes(), &token.token);
        assert_eq!(answer.text(), r#"{"records":2,"alerts":4,"rejected":0,"errors":[]}"#, "{body}");
        assert_eq!(answer.status, 200);
    }
    let event = format!(
        "{{\"version\":\"0\",\"id\":\"x\",\"detail-type\":\"AWS API Call via CloudTrail\",\"source\":\"aws.config\",\
         \"account\":\"111122223333\",\"time\":\"2026-02-03T04:05:06Z\",\"region\":\"eu-central-1\",\"resources\":[],\"detail\":{}}}",
        record(15)
    );
    let answer = exchange(&server, EVENTBRIDGE, event.as_bytes(), &token.token);
    assert_eq!((answer.status, answer.json()["alerts"].as_u64()), (200, Some(2)));
    // Telegraf: a line of the log is a metric's text.
    let metric = |n| {
        format!(
            "{{\"fields\":{{\"value\":{}}},\"name\":\"tail\",\"tags\":{{\"host\":\"h\"}},\"timestamp\":1795988940}}",
            text(n)
        )
    };
    let telegraf = format!("{{\"metrics\":[{},{}]}}\n", metric(40), metric(41));
    let answer = exchange(&server, TELEGRAF, telegraf.as_bytes(), &token.token);
    assert_eq!((answer.status, answer.json()["alerts"].as_u64()), (200, Some(4)));
    assert_eq!(server.alerts("a", 34).len(), 34);
}

const OTLP: &str = "POST /v1/logs HTTP/1.1\nHost: 127.0.0.1:8410\n\
    User-Agent: OpenTelemetry Collector Contrib/0.165.0 (linux/amd64)\nContent-Type: application/json\n\
    Accept-Encoding: gzip\nAuthorization: Bearer TOKEN\n";

#[test]
fn the_collectors_json_has_the_collectors_answers() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let send = |body: &str| exchange(&server, OTLP, body.as_bytes(), &token.token);
    let wrap = |records: &str| {
        format!(
            "{{\"resourceLogs\":[{{\"resource\":{{}},\"scopeLogs\":[{{\"scope\":{{}},\"logRecords\":[{records}]}}]}}]}}"
        )
    };
    let text = serde_json::to_string(&record(1)).unwrap();
    let good = format!(
        "{{\"observedTimeUnixNano\":\"1795983451539351657\",\"body\":{{\"stringValue\":{text}}},\"traceId\":\"\",\"spanId\":\"\"}}"
    );
    let answer = send(&wrap(&good));
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.text()),
        (200, Some("application/json"), "{}")
    );
    let answer = send(&wrap(&format!("{good},{{\"body\":{{}}}}")));
    assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], "1", "{answer:?}");
    for wrong in ["[]", "{\"resource_logs\":[]}", "{\"a\":", "{\"resourceLogs\":7}"] {
        let answer = send(wrong);
        assert_eq!((answer.status, answer.json()["code"].as_u64()), (400, Some(3)), "{wrong}");
    }
    let answer = exchange(&server, OTLP, b"{}", "wrong");
    assert_eq!((answer.status, answer.json()["code"].as_u64()), (401, Some(16)));
    assert_eq!(server.alerts("a", 2).len(), 2);
}

#[test]
fn the_collectors_protobuf_is_answered_in_protobuf() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let head = OTLP
        .replace("application/json", "application/x-protobuf")
        .replace("Accept", "Content-Encoding: gzip\nAccept");
    let length = |bytes: &[u8]| {
        let mut length = bytes.len();
        let mut varint = Vec::new();
        while length >= 0x80 {
            varint.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        varint.push(length as u8);
        varint
    };
    let field =
        |tag: u8, bytes: &[u8]| [vec![tag << 3 | 2], length(bytes), bytes.to_vec()].concat();
    let log = field(5, &field(1, record(1).as_bytes()));
    let body = field(1, &field(2, &[field(2, &log), field(2, &[])].concat()));
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    };
    let answer = exchange(&server, &head, &gzip(&body), &token.token);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-protobuf"))
    );
    // partialSuccess with one rejected record, then its message.
    assert!(
        answer.body.starts_with(&[0x0a]) && answer.body[2..].starts_with(&[0x08, 0x01, 0x12]),
        "{answer:?}"
    );
    let nothing = exchange(&server, &head, b"", &token.token);
    assert_eq!((nothing.status, nothing.body.len()), (200, 0));
    let wrong = exchange(&server, &head, b"no gzip", &token.token);
    assert_eq!((wrong.status, wrong.body[..2].to_vec()), (400, vec![0x08, 0x03]));
    assert_eq!(server.alerts("a", 2).len(), 2);
}

#[test]
fn splunks_collector_has_splunks_answers() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let head = "POST /services/collector/event/1.0 HTTP/1.1\naccept: */*\nuser-agent: Needle/2.9.1 (Node.js v20.20.2; linux x64)\n\
        authorization: Splunk TOKEN\ncontent-type: application/x-www-form-urlencoded\nhost: 127.0.0.1:8088\nConnection: close\n";
    let event = |n: usize| {
        format!(
            "{{\"time\":\"1688989364.000\",\"host\":\"h1\",\"sourcetype\":\"aws:cloudtrail\",\"event\":{}}}",
            record(n)
        )
    };
    let success = r#"{"text":"Success","code":0}"#;
    let answer =
        exchange(&server, head, format!("{}{}", event(1), event(2)).as_bytes(), &token.token);
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.text()),
        (200, Some("application/json"), success)
    );
    let broken = format!("{}\n{{\"event\": broken\n{}", event(3), event(4));
    let answer = exchange(&server, head, broken.as_bytes(), &token.token);
    assert_eq!((answer.text(), answer.header("x-tocsin-rejected")), (success, Some("1")));
    let raw = head.replace("/event/1.0", "/raw?channel=1");
    assert_eq!(exchange(&server, &raw, record(5).as_bytes(), &token.token).text(), success);
    assert_eq!(exchange(&server, head, b"", &token.token).text(), success);
    let wrong = exchange(&server, head, b"{}", "wrong");
    assert_eq!((wrong.status, wrong.text()), (403, r#"{"text":"Invalid token","code":4}"#));
    let none = exchange(&server, &head.replace("authorization: Splunk TOKEN\n", ""), b"{}", "");
    assert_eq!((none.status, none.text()), (401, r#"{"text":"Token is required","code":2}"#));
    let other = exchange(&server, &head.replace("Splunk TOKEN", "Digest x"), b"{}", "");
    assert_eq!((other.status, other.text()), (401, r#"{"text":"Invalid authorization","code":3}"#));
    let ack =
        exchange(&server, &head.replace("/event/1.0", "/ack"), b"{\"acks\":[1]}", &token.token);
    assert_eq!((ack.status, ack.text()), (400, r#"{"text":"ACK is disabled","code":14}"#));
    let versioned = server.raw(b"GET /services/collector/health/1.0 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(versioned.status, 200);
    let health = server.raw(b"GET /services/collector/health HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((health.status, health.text()), (200, r#"{"text":"HEC is healthy","code":17}"#));
    assert_eq!(server.alerts("a", 10).len(), 10);
}

#[test]
fn firehose_has_its_one_answer() {
    let (folder, token) = (folder(), token());
    let server = Server::start(folder.path(), &tenant("a", &token));
    let head = "POST /v1/firehose HTTP/1.1\nHost: tocsin.example\nX-Amz-Firehose-Request-Id: ed4acda5-034f-9f42-bba1-f29aea6d7d8f\n\
        X-Amz-Firehose-Access-Key: TOKEN\nX-Amz-Firehose-Protocol-Version: 1.0\nUser-Agent: Amazon Kinesis Data Firehose Agent/1.0\n\
        Content-Type: application/json\n";
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let text = serde_json::to_string(&record(2)).unwrap();
    let cloudwatch = format!(
        "{{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logGroup\":\"trail\",\"logStream\":\"s\",\"subscriptionFilters\":[\"f\"],\
         \"logEvents\":[{{\"id\":\"1\",\"timestamp\":1,\"message\":{text}}}]}}"
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, cloudwatch.as_bytes()).unwrap();
    let body = format!(
        "{{\"requestId\":\"ed4acda5-034f-9f42-bba1-f29aea6d7d8f\",\"timestamp\":1578090901599,\"records\":[{{\"data\":\"{}\"}},{{\"data\":\"{}\"}}]}}",
        encode(format!("{}\n", record(1)).as_bytes()),
        encode(&gzip.finish().unwrap()),
    );
    let answer = exchange(&server, head, body.as_bytes(), &token.token);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json()["requestId"], "ed4acda5-034f-9f42-bba1-f29aea6d7d8f");
    assert!(answer.json()["timestamp"].is_u64());
    let wrong = exchange(&server, head, body.as_bytes(), "wrong");
    assert_eq!(
        (wrong.status, wrong.json()["requestId"].as_str()),
        (401, Some("ed4acda5-034f-9f42-bba1-f29aea6d7d8f"))
    );
    assert_eq!(server.alerts("a", 4).len(), 4);
}
