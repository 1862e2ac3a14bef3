//! Telegraf's metrics in JSON: a list of them or one, each with a line of the log as the text of its field `value`.

use super::Parsed;
use super::pick::{each, pick};

/// How such a body begins.
const BEGINS: [&[u8]; 2] = [b"{\"metrics\":[", b"{\"fields\":{"];

/// Reads a body, if it is Telegraf's.
pub fn parse(body: &[u8]) -> Option<Parsed> {
    let body = body.trim_ascii();
    if !BEGINS.iter().any(|begin| body.starts_with(begin)) {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let mut parsed = Parsed::default();
    match pick(text, ["metrics"]).ok()?.values {
        [Some(list)] => each(Some(list), "metrics", |metric| {
            read(metric, &mut parsed).then_some(()).ok_or_else(String::new)
        })
        .ok()?,
        [None] => read(text, &mut parsed).then_some(())?,
    }
    Some(parsed)
}

/// Reads a metric; says whether it is one.
fn read(metric: &str, parsed: &mut Parsed) -> bool {
    let unit = parsed.units;
    let Ok(picked) = pick(metric, ["fields", "name", "timestamp"]) else { return false };
    let [Some(fields), Some(_), Some(_)] = picked.values else { return false };
    let Ok([value]) = pick(fields, ["value"]).map(|picked| picked.values) else { return false };
    parsed.units += 1;
    match value.map(serde_json::from_str::<String>) {
        Some(Ok(text)) => parsed.lines.push_text(unit, &text),
        // A metric without a line is judged as it is.
        _ => parsed.lines.push_json(unit, metric),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(body: &str) -> Option<String> {
        parse(body.as_bytes())
            .map(|parsed| String::from_utf8(parsed.lines.text().to_vec()).unwrap())
    }

    #[test]
    fn the_line_of_each_metric_is_a_record() {
        let metric = |value: &str| {
            format!(
                "{{\"fields\":{{\"value\":{value}}},\"name\":\"tail\",\"tags\":{{\"host\":\"h\"}},\"timestamp\":1}}"
            )
        };
        let record = "\"{\\\"eventName\\\":\\\"StopLogging\\\"}\"";
        let line = "{\"eventName\":\"StopLogging\"}\n";
        assert_eq!(lines(&metric(record)).as_deref(), Some(line));
        let both = format!("{{\"metrics\":[{},{}]}}\n", metric(record), metric("7"));
        assert_eq!(lines(&both), Some(format!("{line}{}\n", metric("7"))));
    }

    #[test]
    fn anything_else_is_none_of_them() {
        for body in [
            "",
            "{}",
            "{\"metrics\":[7]}",
            "{\"metrics\":[{\"fields\":{}}]}",
            "{\"fields\":{\"a\":1}}",
            "{\"metrics\":[",
        ] {
            assert_eq!(lines(body), None, "{body}");
        }
    }
}
