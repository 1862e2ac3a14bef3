//! One sender for several tenants: a field of each record says whose it is.

use crate::server::{QUIET, Server, folder, record, tenant, token};

fn of_account(number: usize, account: &str) -> String {
    record(number).replace(
        "\"recipientAccountId\":\"111122223333\"",
        &format!("\"recipientAccountId\":\"{account}\""),
    )
}

#[test]
fn records_go_to_the_tenants_that_their_sender_may_name_and_to_no_other() {
    let (folder, relay, other) = (folder(), token(), token());
    let configuration = format!(
        "{}{}{}[senders.relay]\ntokens = [\"{}\"]\nfield = \"recipientAccountId\"\n\
         tenants = {{ \"111111111111\" = \"one\", \"222222222222\" = \"two\" }}\n",
        tenant("one", &token()),
        tenant("two", &token()),
        tenant("three", &other),
        relay.fingerprint,
    );
    let server = Server::start(folder.path(), &configuration);
    let twice = of_account(6, "111111111111")
        .replace("{\"eventVersion\"", "{\"recipientAccountId\":\"222222222222\",\"eventVersion\"");
    let body = [
        of_account(1, "111111111111"),
        of_account(2, "222222222222"),
        // Of a tenant that exists, of none, of nobody, of two.
        of_account(3, "333333333333"),
        of_account(4, "one"),
        QUIET.to_owned(),
        twice,
        // Inside of what shippers put around it.
        format!(
            "{{\"date\":1.5,\"log\":{}}}",
            serde_json::to_string(&of_account(5, "222222222222")).unwrap()
        ),
        "{\"cut off".to_owned(),
    ]
    .join("\n");
    let answer = server.post("/v1/records?alerts=inline", &relay, body.as_bytes());
    let json = answer.json();
    assert_eq!(answer.status, 200, "{json}");
    assert_eq!(
        (&json["records"], &json["alerts"], &json["rejected"]),
        (&8.into(), &6.into(), &5.into()),
        "{json}"
    );
    let reasons: Vec<_> = json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["record"].as_u64().unwrap())
        .collect();
    assert_eq!(reasons, [2, 3, 4, 5, 7], "{json}");
    // A sender is told counts, never what its tenants' rules have found.
    assert!(json.get("raised").is_none_or(|raised| raised.as_array().unwrap().is_empty()));
    let ids = |tenant: &str, count: usize| {
        let alerts = server.alerts(tenant, count);
        let mut accounts: Vec<String> = alerts
            .iter()
            .map(|alert| {
                let alert: serde_json::Value = serde_json::from_str(alert).unwrap();
                format!("{} {}", alert["event"]["recipientAccountId"], alert["event"]["eventID"])
            })
            .collect();
        accounts.sort();
        accounts.dedup();
        accounts
    };
    assert_eq!(ids("one", 2), ["\"111111111111\" \"22222222-bbbb-4bbb-8bbb-000000000001\""]);
    assert_eq!(
        ids("two", 4),
        [
            "\"222222222222\" \"22222222-bbbb-4bbb-8bbb-000000000002\"",
            "\"222222222222\" \"22222222-bbbb-4bbb-8bbb-000000000005\""
        ]
    );
    assert!(!folder.path().join("state/tenants/three").exists());
    // The same body again raises nothing new.
    assert_eq!(server.post("/v1/records", &relay, body.as_bytes()).json()["alerts"], 6);
    let page = server.admin("GET", "/metrics");
    for line in [
        "tocsin_rejected_records_total{tenant=\"sender/relay\"} 10",
        "tocsin_alerts_total{tenant=\"two\",outcome=\"new\"} 4",
        "tocsin_alerts_total{tenant=\"two\",outcome=\"repeated\"} 4",
    ] {
        assert!(page.text().contains(line), "{line}\n{}", page.text());
    }
    // A tenant that takes nothing is rejected; the others go on.
    assert_eq!(server.admin("POST", "/tenants/one/pause").status, 200);
    let body = format!("{}\n{}\n", of_account(8, "111111111111"), of_account(9, "222222222222"));
    let json = server.post("/v1/records", &relay, body.as_bytes()).json();
    assert_eq!((&json["alerts"], &json["rejected"]), (&2.into(), &1.into()), "{json}");
    assert!(json["errors"][0]["reason"].as_str().unwrap().contains("paused"), "{json}");
    // By OTLP, whose answer counts what was rejected.
    let text = |n, account| serde_json::to_string(&of_account(n, account)).unwrap();
    let logs = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{{\"stringValue\":{}}}}},{{\"body\":{{\"stringValue\":{}}}}}]}}]}}]}}",
        text(10, "222222222222"),
        text(11, "333333333333")
    );
    let bearer = format!("Bearer {}", relay.token);
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let json = server.send("/v1/logs", &headers, logs.as_bytes()).json();
    assert_eq!(json["partialSuccess"]["rejectedLogRecords"], "1", "{json}");
    assert_eq!(server.alerts("two", 8).len(), 8);
}
