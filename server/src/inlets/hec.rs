//! Splunk's HTTP event collector: events one after another in, lines out, and Splunk's own answers.

use super::documents::Documents;
use super::lines::{as_message, list};
use super::pick::members;
use super::{Answer, Parsed};

/// The keys with which an event may begin.
const KEYS: &[&str] = &["event", "time", "host", "source", "sourcetype", "index", "fields"];

/// Reads the events of `/event`: JSON objects with anything blank between them, or a list of them. What else an event
/// says, of hosts and indexes, is nothing that rules ask for.
pub fn parse_events(body: &[u8]) -> Parsed {
    let text = String::from_utf8_lossy(body);
    let mut parsed = Parsed::default();
    let mut documents = Documents::new(without_list(&text), KEYS);
    while let Some(found) = documents.next() {
        let unit = parsed.units;
        match found.what.and_then(|event| read_event(unit, event, &mut parsed)) {
            Ok(()) => documents.is_own(),
            Err(_) if found.may_be_a_part => continue,
            Err(reason) => parsed.rejected.push((unit, reason)),
        }
        parsed.units += 1;
    }
    parsed
}

/// Some clients send a list; its brackets say nothing.
fn without_list(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('[') {
        Some(inside) => inside.trim_end().strip_suffix(']').unwrap_or(inside),
        None => text,
    }
}

fn read_event(unit: u64, text: &str, parsed: &mut Parsed) -> Result<(), String> {
    let mut events = Vec::new();
    let keep = |key: &str, value| {
        if key == "event" && value != "null" {
            events.push(value);
        }
    };
    members(text, keep).map_err(|error| format!("it is no event: {error}"))?;
    match events.as_slice() {
        [] => Err("it has no key `event`".to_owned()),
        [event] => push_event(unit, event, parsed),
        // A log's writer who can add a second one must hide nothing by it.
        several => {
            let each = several.iter().filter_map(|event| match event.as_bytes().first() {
                Some(b'"') => Some(as_message(event)),
                Some(b'{' | b'[') => Some((*event).to_owned()),
                _ => None,
            });
            parsed.lines.push_json(unit, &list(each));
            Ok(())
        }
    }
}

fn push_event(unit: u64, event: &str, parsed: &mut Parsed) -> Result<(), String> {
    match event.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<String>(event) {
            Ok(text) if text.trim().is_empty() => return Err("its `event` is blank".to_owned()),
            Ok(text) => parsed.lines.push_text(unit, &text),
            // A lone surrogate: serde_json's strings can't hold it, the detector reads it.
            Err(_) => parsed.lines.push_json(unit, &as_message(event)),
        },
        Some(b'{' | b'[') => parsed.lines.push_json(unit, event),
        _ => return Err("its `event` is neither an object nor a text".to_owned()),
    }
    Ok(())
}

const JSON: &str = "application/json";

/// The answer to events that were judged. Clients read the code alone: one that isn't 0 makes them drop or
/// send again what has been judged.
pub fn accepted(rejected: u64) -> Answer {
    Answer { rejected, ..answer(200, 0, "Success") }
}

/// An error's answer with Splunk's own codes, which clients know by heart.
pub fn refused(status: u16, message: &str) -> Answer {
    match status {
        401 => answer(401, 2, "Token is required"),
        403 => answer(403, 4, "Invalid token"),
        429 | 503 => answer(503, 9, "Server is busy"),
        400 | 415 => answer(400, 6, "Invalid data format"),
        413 => answer(413, 27, "Request entity too large"),
        status => answer(status, 8, message),
    }
}

/// The answer to a header `Authorization` that can't hold a token.
pub fn wrong_scheme() -> Answer {
    answer(401, 3, "Invalid authorization")
}

/// The answer to a question for acknowledgements: an answer of success is one, and there are no others.
pub fn acknowledgements() -> Answer {
    answer(400, 14, "ACK is disabled")
}

/// The answer of `/services/collector/health`.
pub fn health(is_ready: bool) -> Answer {
    match is_ready {
        true => answer(200, 17, "HEC is healthy"),
        false => answer(503, 18, "HEC is unhealthy, queues are full"),
    }
}

fn answer(status: u16, code: u32, text: &str) -> Answer {
    let text = serde_json::Value::from(text);
    Answer::new(status, JSON, format!("{{\"text\":{text},\"code\":{code}}}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(body: &str) -> (Vec<String>, Vec<u64>) {
        let parsed = parse_events(body.as_bytes());
        let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
        let rejected = parsed.rejected.iter().map(|(unit, _)| *unit).collect();
        (text.lines().map(str::to_owned).collect(), rejected)
    }

    #[test]
    fn an_event_is_an_object_or_its_text() {
        let record = r#"{"eventName":"StopLogging"}"#;
        let text = serde_json::to_string(record).unwrap();
        for body in [
            format!("{{\"time\":\"1.5\",\"event\":{record}}}{{\"time\":1.5,\"event\":{text}}}"),
            format!("{{\"event\":{record}}}\n{{\"event\":{text}}}\n"),
            format!("[{{\"event\":{record}}},{{\"event\":{text}}}]"),
        ] {
            assert_eq!(
                lines(&body),
                (vec![record.to_owned(), record.to_owned()], vec![]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_broken_event_costs_itself_alone() {
        let good = r#"{"event":{"a":1}}"#;
        for (broken, rejected) in [
            ("{\"event\":{\"x\":\n", vec![1]),
            ("{\"event\": no}", vec![1]),
            ("{\"fields\":{}}", vec![1]),
            ("{\"event\":7}", vec![1]),
            ("{\"event\":\" \"}", vec![1]),
            // Cut off, with the next event glued to it; broken, with something like events inside.
            ("{\"time\":1,\"event\":{\"x\":\"y", vec![1]),
            ("{\"event\":{\"a\":[no,{\"source\":1},{\"host\":", vec![1]),
            ("{\"event\":no} ", vec![1]),
            ("{\"event\":no},", vec![1]),
            ("{\"event\":no}{\"index\":\"m\"}\n", vec![1]),
            ("no\n{\"event\":no}\n", vec![1, 2]),
        ] {
            let (lines, found) = lines(&format!("{good}{broken}{good}"));
            assert_eq!(lines, ["{\"a\":1}", "{\"a\":1}"], "{broken}");
            assert_eq!(found, rejected, "{broken}");
        }
    }

    #[test]
    fn an_event_that_stands_twice_hides_nothing() {
        let body = r#"{"event":{"a":1},"event":"{\"b\":2}"}"#;
        let both = r#"[{"a":1},{"message":"{\"b\":2}"}]"#;
        assert_eq!(lines(body), (vec![both.to_owned()], vec![]));
    }

    #[test]
    fn a_body_of_begins_takes_no_longer_than_others() {
        let body = "{\"event\":\n".repeat(200_000) + "{\"event\":{\"a\":1}}";
        assert_eq!(lines(&body).0, ["{\"a\":1}"]);
    }

    #[test]
    fn deep_and_empty_bodies_are_read() {
        let deep = format!("{{\"event\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse_events(deep.as_bytes()).lines.len(), 1);
        assert_eq!(parse_events(b"").units, 0);
        assert_eq!(parse_events(b" \n").units, 0);
    }
}
