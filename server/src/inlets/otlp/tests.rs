use super::*;
use serde_json::json;

fn lines(body: &[u8]) -> Vec<Value> {
    let parsed = parse(body).unwrap();
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn json_request(record: Value) -> Vec<u8> {
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).to_string().into_bytes()
}

#[test]
fn a_record_in_the_body_is_the_record() {
    let record = json!({"eventName": "StopLogging", "requestParameters": {"n": 375}});
    let sent = json!({"body": {"stringValue": record.to_string()}});
    assert_eq!(lines(&json_request(sent)), std::slice::from_ref(&record));
    let pairs = json!([
        {"key": "eventName", "value": {"stringValue": "StopLogging"}},
        {"key": "requestParameters", "value": {"kvlistValue": {"values": [
            {"key": "n", "value": {"doubleValue": 375}}]}}}]);
    assert_eq!(
        lines(&json_request(json!({"body": {"kvlistValue": {"values": pairs}}}))),
        std::slice::from_ref(&record)
    );
    assert_eq!(
        lines(&json_request(json!({"body": {}, "attributes": pairs}))),
        std::slice::from_ref(&record)
    );
    // As text and again as attributes: one record.
    let twice = json!({"body": {"stringValue": record.to_string()}, "attributes": pairs});
    assert_eq!(lines(&json_request(twice)), [record]);
}

#[test]
fn integers_come_as_numbers_or_strings_and_nothing_is_null() {
    let value =
        |value: Value| json!({"body": {"kvlistValue": {"values": [{"key": "k", "value": value}]}}});
    for (sent, read) in [
        (json!({"intValue": "9007199254740993"}), json!(9_007_199_254_740_993_i64)),
        (json!({"intValue": 7}), json!(7)),
        (json!({"doubleValue": "0.5"}), json!(0.5)),
        (json!({"boolValue": false}), json!(false)),
        (json!({"bytesValue": "AAE="}), json!("AAE=")),
        (json!({"arrayValue": {"values": [{"stringValue": "a"}, {}]}}), json!(["a", null])),
        (json!({"kvlistValue": {}}), json!({})),
        (json!({}), Value::Null),
    ] {
        assert_eq!(lines(&json_request(value(sent))), [json!({"k": read})]);
    }
}

#[test]
fn protobuf_and_json_say_the_same() {
    let record = OtlpRecord {
        body: Some(AnyValue {
            value: Some(Kind::StringValue("{\"eventName\":\"StopLogging\"}".into())),
        }),
        ..Default::default()
    };
    assert_eq!(lines(&request(vec![record])), [json!({"eventName": "StopLogging"})]);
}

#[test]
fn what_knows_no_key_of_otlp_is_refused_and_what_is_empty_is_not() {
    for body in [
        "{\"resource_logs\":[]}",
        "[]",
        "[{\"resourceLogs\":[]}]",
        "{\"a\":1}",
        "no",
        "{\"resourceLogs\":",
        "{\"resourceLogs\":[{\"scope_logs\":[]}]}",
    ] {
        assert!(parse(body.as_bytes()).is_err(), "{body}");
    }
    for body in ["", "{}", "{\"resourceLogs\":[]}", "{\"resourceLogs\":[{}]}"] {
        assert_eq!(parse(body.as_bytes()).unwrap().units, 0, "{body}");
    }
}

#[test]
fn a_record_without_anything_is_rejected_alone() {
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {}, {"body": {"stringValue": "{}"}}, 7]}]}]});
    let parsed = parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(parsed.units, 3);
    assert_eq!(parsed.rejected.iter().map(|(unit, _)| *unit).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(parsed.lines.text(), b"{}\n");
}

#[test]
fn answers_have_the_requests_form() {
    let text = |answer: Answer| {
        (answer.status, answer.content_type, String::from_utf8(answer.body).unwrap())
    };
    assert_eq!(text(accepted(Form::Json, 0, "")), (200, "application/json", "{}".to_owned()));
    assert_eq!(
        text(accepted(Form::Json, 1, "record 1: no")).2,
        r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"record 1: no"}}"#
    );
    assert_eq!(text(accepted(Form::Json, 0, "w")).2, r#"{"partialSuccess":{"errorMessage":"w"}}"#);
    assert_eq!(accepted(Form::Protobuf, 0, "").body, b"");
    assert_eq!(read_response(&accepted(Form::Protobuf, 2, "no").body), Some((2, "no".to_owned())));
    assert_eq!(
        text(refused(Form::Json, 401, "wrong token")).2,
        r#"{"code":16,"message":"wrong token"}"#
    );
    assert_eq!(refused(Form::Protobuf, 429, "later").body, b"\x08\x08\x12\x05later");
}

#[test]
fn the_form_is_the_content_types_or_the_bytes() {
    assert_eq!(Form::of(Some("application/json; charset=utf-8"), b""), Form::Json);
    assert_eq!(Form::of(Some("application/x-protobuf"), b"{}"), Form::Protobuf);
    assert_eq!(Form::of(Some("text/plain"), b" {}"), Form::Json);
    assert_eq!(Form::of(None, b"\x0a\x00"), Form::Protobuf);
    // Protobuf whose length happens to be a brace.
    let record = OtlpRecord { severity_text: "x".repeat(102), ..Default::default() };
    let body = request(vec![record]);
    assert_eq!(Form::of(None, &body), Form::Protobuf);
}

#[test]
fn the_collectors_attributes_are_turned_back() {
    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let body = json!({"resourceLogs": [{
    "resource": {"attributes": [attribute("cloud.account.id", json!({"stringValue": "111122223333"}))]},
    "scopeLogs": [{
        "scope": {"attributes": [attribute("encoding.format", json!({"stringValue": "aws.cloudtrail"}))]},
        "logRecords": [{
            "timeUnixNano": "1793697247000000000", "body": {},
            "attributes": [
                attribute("rpc.method", json!({"stringValue": "StopLogging"})),
                attribute("aws.principal.arn", json!({"stringValue": "arn:aws:iam::1:user/u"})),
                attribute("aws.user_identity.session_context.attributes.mfa_authenticated", json!({"boolValue": false})),
                attribute("tls.protocol.version", json!({"stringValue": "1.3"})),
                attribute("aws.resources", json!({"arrayValue": {"values": [{"kvlistValue": {"values": [
                    attribute("arn", json!({"stringValue": "a"}))]}}]}})),
            ]}]}]}]});
    let parsed = parse(body.to_string().as_bytes()).unwrap();
    let line: Value = serde_json::from_slice(parsed.lines.text()).unwrap();
    assert_eq!(
        line,
        json!({
        "eventTime": "2026-11-03T09:14:07Z", "recipientAccountId": "111122223333", "eventName": "StopLogging",
        "userIdentity": {"arn": "arn:aws:iam::1:user/u", "sessionContext": {"attributes": {"mfaAuthenticated": "false"}}},
        "tlsDetails": {"tlsVersion": "TLSv1.3"}, "resources": [{"ARN": "a"}]})
    );
    assert!(parsed.notes[0].contains("vpcEndpointId"), "{:?}", parsed.notes);
}
