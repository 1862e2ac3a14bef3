//! Telegraf's metrics in JSON: a batch or a list of them, or one after another, each with a line of the log as the
//! text of one of its fields (`value`, unless its input calls it otherwise).

use super::Parsed;
use super::documents::Documents;
use super::lines::{as_message, list};
use super::pick::{members, pick};

/// The keys with which a metric may begin. Telegraf sorts them.
const KEYS: &[&str] = &["fields", "name", "tags", "timestamp"];

/// Reads a body, if it is Telegraf's.
pub fn parse(body: &[u8]) -> Option<Parsed> {
    let body = body.trim_ascii();
    if !begins_metrics(body) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let batch = inside_batch(&text);
    let mut parsed = Parsed::default();
    let mut documents = Documents::new(batch.unwrap_or_else(|| inside_list(&text)), KEYS);
    while let Some(found) = documents.next() {
        let unit = parsed.units;
        // Whether it is Telegraf's, the first metric says.
        let is_known = unit > 0 || batch.is_some();
        match found.what.and_then(|metric| read(unit, metric, &mut parsed)) {
            Ok(()) => documents.is_own(),
            Err(_) if found.may_be_a_part => continue,
            Err(_) if !is_known => return None,
            Err(reason) => parsed.rejected.push((unit, reason)),
        }
        parsed.units += 1;
    }
    (parsed.units > 0).then_some(parsed)
}

/// Whether a body may hold metrics, by its first bytes: records aren't read twice to find that out.
fn begins_metrics(body: &[u8]) -> bool {
    let mut tokens = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    let begin: Vec<u8> = tokens.by_ref().take(20).copied().collect();
    let object = begin.strip_prefix(b"[").unwrap_or(&begin);
    let Some(key) = object.strip_prefix(b"{\"") else { return false };
    key.starts_with(b"metrics\":[")
        || KEYS.iter().any(|known| {
            key.strip_prefix(known.as_bytes()).is_some_and(|behind| behind.starts_with(b"\""))
        })
}

/// What stands in a batch's list.
fn inside_batch(text: &str) -> Option<&str> {
    let key = text.strip_prefix('{')?.trim_start().strip_prefix("\"metrics\"")?;
    let list = key.trim_start().strip_prefix(':')?.trim_start();
    let inside = list.strip_prefix('[')?;
    let closed = inside.strip_suffix('}').and_then(|list| list.trim_end().strip_suffix(']'));
    Some(closed.unwrap_or(inside))
}

fn inside_list(text: &str) -> &str {
    let inside = text.strip_prefix('[');
    inside.map_or(text, |inside| inside.strip_suffix(']').unwrap_or(inside))
}

/// Reads a metric.
fn read(unit: u64, metric: &str, parsed: &mut Parsed) -> Result<(), String> {
    let picked = pick(metric, ["name", "tags", "timestamp"])?.values;
    let [Some(_), tags, time] = picked else { return Err("it is no metric".to_owned()) };
    let (mut has_fields, mut lines) = (false, Vec::new());
    members(metric, |key, fields| {
        let keep = |field: &str, value| lines.extend(line(field, value));
        has_fields |= key == "fields" && members(fields, keep).is_ok();
    })?;
    if !has_fields || tags.or(time).is_none() {
        return Err("it is no metric".to_owned());
    }
    match lines.as_slice() {
        // A metric without a line is judged as it is.
        [] => parsed.lines.push_json(unit, metric),
        [line] => match serde_json::from_str::<String>(line) {
            Ok(text) => parsed.lines.push_text(unit, &text),
            // A lone surrogate: serde_json's strings can't hold it, the detector reads it.
            Err(_) => parsed.lines.push_json(unit, &as_message(line)),
        },
        several => {
            let each = several.iter().map(|line| as_message(line));
            parsed.lines.push_json(unit, &list(each));
        }
    }
    Ok(())
}

/// A field's value, if it is a line of the log: a text that is the field `value`, or has an object in it.
fn line<'m>(field: &str, value: &'m str) -> Option<&'m str> {
    (value.starts_with('"') && (field == "value" || value.contains('{'))).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(body: &[u8]) -> Option<(String, u64)> {
        parse(body).map(|parsed| {
            let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
            (text, parsed.rejected.len())
        })
    }

    fn metric(field: &str, value: &str) -> String {
        format!(
            "{{\"fields\":{{\"{field}\":{value}}},\"name\":\"tail\",\"tags\":{{\"host\":\"h\"}},\"timestamp\":1}}"
        )
    }

    const RECORD: &str = "\"{\\\"eventName\\\":\\\"StopLogging\\\"}\"";
    const LINE: &str = "{\"eventName\":\"StopLogging\"}\n";

    #[test]
    fn the_line_of_each_metric_is_a_record() {
        let (one, other) = (metric("value", RECORD), metric("value", "7"));
        let pretty = format!("{{\n \"metrics\" : [\n {one},\n {other}\n ]\n}}\n");
        for body in [
            format!("{{\"metrics\":[{one},{other}]}}\n"),
            pretty.clone(),
            format!("[{one}, {other}]"),
            format!("{one}\n{other}\n"),
            format!("{}{other}", metric("message", RECORD)),
            format!(
                "{{\"timestamp\":1,\"name\":\"n\",\"fields\":{{\"value\":{RECORD}}}}}\n{other}"
            ),
        ] {
            assert_eq!(lines(body.as_bytes()), Some((format!("{LINE}{other}\n"), 0)), "{body}");
        }
        let two = format!(
            "{{\"fields\":{{\"a\":{RECORD},\"value\":\"x\"}},\"name\":\"n\",\"timestamp\":1}}"
        );
        let both = format!("[{{\"message\":{RECORD}}},{{\"message\":\"x\"}}]\n");
        assert_eq!(lines(two.as_bytes()), Some((both, 0)));
    }

    #[test]
    fn what_is_damaged_costs_its_metric_alone() {
        let good = metric("value", RECORD);
        let bad = metric("value", "\"QQ").replace("QQ\"", "QQ");
        for body in [
            format!("{{\"metrics\":[{bad},{good}]}}"),
            format!("{{\"metrics\":[{good},{bad}"),
            format!("{good}\n{{\"fields\":7,\"name\":\"n\",\"timestamp\":1}}"),
        ] {
            assert_eq!(lines(body.as_bytes()), Some((LINE.to_owned(), 1)), "{body}");
        }
        let text = metric("value", "\"QQ\"").replace("QQ", "\u{fffd}");
        let sent = text.replace('\u{fffd}', "QQ").into_bytes();
        let at = sent.windows(2).position(|two| two == b"QQ").unwrap();
        let mut sent = sent;
        sent.splice(at..at + 2, [0xff]);
        assert_eq!(lines(&sent), Some(("{\"message\":\"\u{fffd}\"}\n".to_owned(), 0)));
    }

    #[test]
    fn anything_else_is_none_of_them() {
        for body in [
            "",
            "{}",
            "[]",
            "{\"metrics\":[]}",
            "{\"metrics\":7}",
            "{\"fields\":{\"a\":1}}",
            "{\"name\":\"x\",\"eventName\":\"StopLogging\"}",
            "{\"tags\":",
        ] {
            assert_eq!(lines(body.as_bytes()), None, "{body}");
        }
    }
}
