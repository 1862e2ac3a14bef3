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
fn the_record_that_somebody_took_apart_is_the_record() {
    let record = json!({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"});
    let original = |text: &str| {
        json!([{"key": "log.record.original", "value": {"stringValue": text}},
               {"key": "level", "value": {"stringValue": "info"}}])
    };
    for body in [json!({}), json!({"stringValue": "somebody stopped logging"})] {
        let sent = json!({"body": body, "attributes": original(&record.to_string())});
        assert_eq!(lines(&json_request(sent)), std::slice::from_ref(&record));
    }
    // A text that is no record stays beside the fields.
    let sent = json!({"body": {"stringValue": "text"}, "attributes": original("text")});
    assert_eq!(lines(&json_request(sent))[0]["message"], "text");
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
            value: Some(ValueCase::StringValue("{\"eventName\":\"StopLogging\"}".into())),
        }),
        ..Default::default()
    };
    assert_eq!(lines(&request(vec![record])), [json!({"eventName": "StopLogging"})]);
}

/// A record whose body is this message `AnyValue`.
fn protobuf_request(body: &[u8]) -> Vec<u8> {
    let field = |number: u8, message: &[u8]| {
        let mut bytes = vec![number << 3 | 2];
        prost::encoding::encode_varint(message.len() as u64, &mut bytes);
        bytes.extend_from_slice(message);
        bytes
    };
    field(1, &field(2, &field(2, &field(5, body))))
}

/// Random values, written by the crate `prost`, and what they are in JSON.
#[test]
fn protobuf_is_read_as_another_writes_it() {
    fn value(random: &mut impl FnMut(u64) -> u64, depth: u64) -> (AnyValue, Value) {
        let (kind, read) = match random(if depth > 4 { 6 } else { 8 }) {
            0 => return (AnyValue { value: None }, Value::Null),
            1 => {
                let text = ["", "a", "\"\u{e9}\n", "{\"a\":1}"][random(4) as usize];
                (ValueCase::StringValue(text.into()), json!(text))
            }
            2 => (ValueCase::BoolValue(depth > 2), json!(depth > 2)),
            3 => {
                let number = random(u64::MAX).cast_signed();
                (ValueCase::IntValue(number), json!(number))
            }
            4 => (ValueCase::DoubleValue(0.5), json!(0.5)),
            5 => (ValueCase::BytesValue(vec![0, 1]), json!("AAE=")),
            6 => {
                let all: Vec<_> = (0..random(4)).map(|_| value(random, depth + 1)).collect();
                let read = all.iter().map(|(_, read)| read.clone()).collect();
                let values = all.into_iter().map(|(value, _)| value).collect();
                (ValueCase::ArrayValue(proto::ArrayValue { values }), Value::Array(read))
            }
            _ => {
                let (mut values, mut read) = (Vec::new(), Map::new());
                for key in 0..random(4) {
                    let (value, as_json) = value(random, depth + 1);
                    values.push(KeyValue { key: key.to_string(), value: Some(value) });
                    read.insert(key.to_string(), as_json);
                }
                (ValueCase::KvlistValue(proto::KeyValueList { values }), Value::Object(read))
            }
        };
        (AnyValue { value: Some(kind) }, read)
    }
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below.max(1)
    };
    for _ in 0..2000 {
        let (sent, read) = value(&mut random, 0);
        let pairs = vec![KeyValue { key: "k".into(), value: Some(sent) }];
        let kind = ValueCase::KvlistValue(proto::KeyValueList { values: pairs });
        let record =
            OtlpRecord { body: Some(AnyValue { value: Some(kind) }), ..Default::default() };
        assert_eq!(lines(&request(vec![record])), [json!({"k": read})]);
    }
}

#[test]
fn protobuf_nests_as_deep_as_it_likes() {
    let pair = |value: &[u8]| {
        let wrap = |number: u8, inner: &[u8]| {
            let mut bytes = vec![number << 3 | 2];
            prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
            [&bytes, inner].concat()
        };
        wrap(6, &wrap(1, &[&b"\x0a\x01a"[..], &wrap(2, value)].concat()))
    };
    for levels in [34, 100, 3000] {
        let deep = (0..levels).fold(b"\x18\x07".to_vec(), |value, _| pair(&value));
        let parsed = parse(&protobuf_request(&deep)).unwrap();
        assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
        let expected = "{\"a\":".repeat(levels) + "7" + &"}".repeat(levels) + "\n";
        assert_eq!(parsed.lines.text(), expected.as_bytes());
    }
}

#[test]
fn a_text_that_is_no_utf_8_is_judged_all_the_same() {
    let text = b"{\"eventName\":\"StopLogging\",\"userAgent\":\"\xff\"}";
    let body = [&b"\x0a"[..], &[text.len() as u8], text].concat();
    let parsed = parse(&protobuf_request(&body)).unwrap();
    assert!(parsed.rejected.is_empty());
    let line: Value = serde_json::from_slice(parsed.lines.text()).unwrap();
    assert_eq!(
        (&line["eventName"], &line["userAgent"]),
        (&json!("StopLogging"), &json!("\u{fffd}"))
    );
    // Half of a surrogate pair is no text of Rust's, and stays one of JSON's.
    let body = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"body":{"stringValue":"{\"a\":\"\ud800\"}"}},
        {"body":{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"\ud800"}}]}}}]}]}]}"#;
    let parsed = parse(body.as_bytes()).unwrap();
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
    assert_eq!(text, "{\"message\":\"{\\\"a\\\":\\\"\\ud800\\\"}\"}\n{\"a\":\"\\ud800\"}\n");
}

#[test]
fn a_request_in_protobuf_that_ends_too_early_is_none() {
    let whole = protobuf_request(b"\x0a\x02{}");
    assert_eq!(parse(&whole).unwrap().lines.text(), b"{}\n");
    for cut in 1..whole.len() {
        assert!(parse(&whole[..cut]).is_err(), "{cut}");
    }
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

#[test]
fn requests_may_follow_one_another_and_hold_broken_utf_8() {
    let one = |text: &str| json_request(json!({"body": {"stringValue": text}}));
    let mut body = [one("{\"a\":1}"), b"\n".to_vec(), one("{\"b\":\"QQ\"}")].concat();
    let at = body.windows(2).position(|two| two == b"QQ").unwrap();
    body.splice(at..at + 2, [0xff]);
    assert_eq!(lines(&body), [json!({"a": 1}), json!({"b": "\u{fffd}"})]);
    assert!(parse(&[one("{}"), b"]".to_vec()].concat()).is_err());
}

#[test]
fn a_text_beside_attributes_is_judged_whatever_they_are_called() {
    let attributes = json!([{"key": "message", "value": {"stringValue": "x"}}]);
    let text = "{\"Records\":[\n{}\n]}";
    let sent = json!({"body": {"stringValue": text}, "attributes": attributes});
    assert_eq!(lines(&json_request(sent)), [json!([{"message": "x"}, {"message": text}])]);
}
