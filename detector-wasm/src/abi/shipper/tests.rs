use serde_json::Value;

use super::{
    FULL_BY_ALERTS, FULL_BY_ENRICH, LOST_BY_ALERTS, LOST_BY_ENRICH, Reply, alerts, enriched,
    is_cut_off,
};
use crate::{Answer, Detector};

/// Both embedded rules alert on it.
const STOP: &str =
    r#"{"eventName":"StopConfigurationRecorder","eventSource":"config.amazonaws.com"}"#;

type Face = fn(&[u8], Answer, &mut Vec<u8>) -> Reply;

/// What passes in place of a record; nothing if it is dropped.
fn passed(face: Face, record: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    let answer = Detector::new().detect(record, &mut text);
    match face(record, answer, &mut text) {
        Reply::AsItCame => Some(String::from_utf8(record.to_vec()).unwrap()),
        Reply::Nothing => None,
        Reply::Text(start) => {
            let text = text[start..].strip_suffix(b"\0").unwrap();
            assert!(!text.contains(&0), "a zero byte inside");
            Some(String::from_utf8(text.to_vec()).unwrap())
        }
        Reply::Fixed(_) => panic!("there is memory enough"),
    }
}

fn enrich(record: &str) -> String {
    passed(enriched, record.as_bytes()).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The alerts as the detector's own frames have them.
fn expected(record: &str) -> Vec<String> {
    let mut text = Vec::new();
    Detector::new().detect(record.as_bytes(), &mut text);
    String::from_utf8(text)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(r#","alert":"#))
        .map(|(_, alert)| alert.strip_suffix('}').unwrap().to_owned())
        .collect()
}

#[test]
fn a_match_gains_its_alerts_behind_its_own_keys() {
    let alerts = expected(STOP);
    assert_eq!(alerts.len(), 2);
    let open = STOP.strip_suffix('}').unwrap();
    let (one, two) = (&alerts[0], &alerts[1]);
    assert_eq!(enrich(STOP), format!(r#"{open},"tocsin":{{"alerts":[{one},{two}]}}}}"#));
}

#[test]
fn what_matches_nothing_passes_as_it_came_or_not_at_all() {
    for record in [
        "{}",
        "{ }",
        r#"{"log":"plain text"}"#,
        r#"{"log":""}"#,
        r#"{"eventName":"StartConfigurationRecorder"}"#,
        r#"{"a":"tocsin","b":{"tocsin":1},"atocsin":2,"tocsi":3,"tocsin_":4}"#,
    ] {
        assert_eq!(enrich(record), record);
        assert_eq!(passed(alerts, record.as_bytes()), None, "{record}");
    }
}

#[test]
fn several_alerts_pass_as_a_list_and_one_as_itself() {
    let two = expected(STOP);
    let list = format!(r#"{{"alerts":[{},{}]}}"#, two[0], two[1]);
    assert_eq!(passed(alerts, STOP.as_bytes()), Some(list));
    // A failed call: one of the two rules asks for successful ones.
    let denied = STOP.replace('}', r#","errorCode":"AccessDenied"}"#);
    let one = expected(&denied);
    assert_eq!(one.len(), 1);
    assert_eq!(passed(alerts, denied.as_bytes()).as_ref(), one.first());
}

#[test]
fn records_in_a_shippers_text_are_all_judged() {
    let batch = format!(r#"{{"Records":[{STOP},{{"eventName":"x"}},{STOP}]}}"#);
    let record = format!(r#"{{"log":{}}}"#, Value::from(batch));
    let list = json(&passed(alerts, record.as_bytes()).unwrap());
    assert_eq!(list["alerts"].as_array().unwrap().len(), 4);
    let whole = json(&enrich(&record));
    assert_eq!(whole["tocsin"], list);
    assert_eq!(whole["log"], json(&record)["log"]);
}

#[test]
fn what_cannot_be_judged_is_said() {
    let record = r#"{"log":"{\"eventName\":\"Stop"}"#;
    let errors = &json(&enrich(record))["tocsin"]["errors"];
    assert_eq!(errors["count"], 1);
    assert!(errors["first"]["reason"].as_str().unwrap().contains("cut off"), "{errors}");
    let alone = json(&passed(alerts, record.as_bytes()).unwrap());
    assert_eq!(alone["alerts"], json("[]"));
    assert_eq!(&alone["errors"], errors);
    assert_eq!(alone["record"], json(record));
}

#[test]
fn a_cut_text_is_seen_by_its_ends() {
    for (record, cut) in [
        (r#"{"log":"{\"a\":\"b"}"#, true),
        (r#"{"message":"{\"a\":{}\n,\n"}"#, true),
        (r#"{"log":"{\"a\":\"b\"}"}"#, false),
        (r#"{"log":"{\"a\":\"b\"} \r\n"}"#, false),
        (r#"{"log":"plain"}"#, false),
        (r#"{"log":"{plain"}"#, false),
        (r#"{"log":"{\"a\":\"b","stream":1}"#, false),
        (r#"{"log":""}"#, false),
        (r#"{"log":"}"#, false),
        ("{}", false),
    ] {
        assert_eq!(is_cut_off(record.as_bytes()), cut, "{record}");
    }
}

#[test]
fn errors_stand_beside_alerts() {
    let lines = format!("{STOP}\n{{\"eventName\":\n{STOP}\n{{\"a\"");
    let record = format!(r#"{{"log":{}}}"#, Value::from(lines));
    let found = &json(&enrich(&record))["tocsin"];
    assert_eq!(found["alerts"].as_array().unwrap().len(), 4);
    assert_eq!(found["errors"]["count"], 2);
}

#[test]
fn a_records_own_key_of_that_name_is_marked_beside_the_modules() {
    for (record, marked) in [
        (r#"{"tocsin":1}"#, r#"{"untrusted_tocsin":1}"#),
        (
            r#"{"a":1,"tocsin" :{"alerts":[]},"b":2}"#,
            r#"{"a":1,"untrusted_tocsin" :{"alerts":[]},"b":2}"#,
        ),
        (r#"{"tocsin.alerts":[1]}"#, r#"{"untrusted_tocsin.alerts":[1]}"#),
        (
            r#"{"\u0074ocsin":1,"t\u006fcsin":2}"#,
            r#"{"untrusted_\u0074ocsin":1,"untrusted_t\u006fcsin":2}"#,
        ),
        (r#"{"tocsi\u006E\u002ealerts":1}"#, r#"{"untrusted_tocsi\u006E\u002ealerts":1}"#),
        (
            r#"{"\u0074\u006f\u0063\u0073\u0069\u006e":1}"#,
            r#"{"untrusted_\u0074\u006f\u0063\u0073\u0069\u006e":1}"#,
        ),
    ] {
        // Where the module says nothing it also changes nothing.
        assert_eq!(enrich(record), record);
        assert_eq!(passed(alerts, record.as_bytes()), None);
        let matching = format!("{},{}", record.strip_suffix('}').unwrap(), &STOP[1..]);
        let enriched = json(&enrich(&matching));
        assert_eq!(enriched["tocsin"]["alerts"].as_array().unwrap().len(), 2, "{enriched}");
        for (key, value) in json(marked).as_object().unwrap() {
            assert_eq!(&enriched[key], value);
        }
    }
}

#[test]
fn no_reader_of_json_can_stumble() {
    let cases: [(&[u8], &str); 5] = [
        (br#""\ud800""#, r#""\ufffd""#),
        (br#""\udc00\ud83d\ude00\ud83d""#, r#""\ufffd\ud83d\ude00\ufffd""#),
        (br#""\\ud800\u0000""#, r#""\\ud800\u0000""#),
        (b"\"\xff\"", "\"\u{fffd}\""),
        (b"\"\x00\x01\"", r#""\u0000\u0001""#),
    ];
    for (value, expected) in cases {
        let record = [&STOP.as_bytes()[..STOP.len() - 1], b",\"x\":", value, b"}"].concat();
        for face in [enriched as Face, alerts] {
            let text = passed(face, &record).unwrap();
            json(&text);
            assert!(text.contains(&format!(r#""x":{expected}"#)), "{text}");
        }
    }
}

#[test]
fn what_is_no_object_leaves_its_alerts_and_an_error() {
    for record in [format!("[{STOP}]"), format!("{STOP}\n{STOP}"), format!("\u{feff}{STOP}")] {
        let text = json(&enrich(&record));
        let found = &text["tocsin"];
        assert!(found["alerts"].as_array().unwrap().len() >= 2);
        assert_eq!(found["errors"]["count"], 1);
        assert_eq!(text.as_object().unwrap().len(), 1);
    }
}

#[test]
fn fixed_answers_are_whole() {
    for text in [LOST_BY_ENRICH, FULL_BY_ENRICH] {
        let text = std::str::from_utf8(text).unwrap().strip_suffix('\0').unwrap();
        assert_eq!(json(text)["tocsin"]["errors"]["count"], 1);
    }
    for text in [LOST_BY_ALERTS, FULL_BY_ALERTS] {
        let text = std::str::from_utf8(text).unwrap().strip_suffix('\0').unwrap();
        assert_eq!(json(text)["errors"]["count"], 1);
    }
}
