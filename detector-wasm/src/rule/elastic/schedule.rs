//! When Elastic's scheduler would run a rule; parsed from `interval`, `from` and `max_signals`.

use super::table::Table;
use crate::query::notice::Notice;
use crate::rule::Schedule;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::keys::Keys;

/// A rule's executions.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn schedule(rule: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Schedule {
    let default = Schedule::default();
    let interval = duration(rule, "interval", "", out).unwrap_or(default.interval_seconds);
    let lookback = duration(rule, "from", "now-", out).unwrap_or(default.lookback_seconds);
    let most = rule.integer("max_signals", 1..1_000_001, out);
    if lookback < interval {
        let notice = Notice::warning(
            "rule-gap",
            0..0,
            format!(
                "executions every {interval} s look back {lookback} s: events between are never searched"
            ),
        );
        let range = rule.get("from").map_or(rule.span.clone(), |value| value.span());
        rule.say(range, notice.hint("let `from` reach back at least one interval"), out);
    }
    Schedule {
        interval_seconds: interval,
        lookback_seconds: lookback,
        max_signals: most.map_or(default.max_signals, |most| most as u32),
    }
}

/// A duration in seconds: a number and one of `s m h d`, after a prefix.
fn duration(
    rule: &Table<'_, '_>,
    key: &str,
    prefix: &str,
    out: &mut Vec<Diagnostic>,
) -> Option<u64> {
    let text = rule.text(key, out)?;
    let seconds = text.strip_prefix(prefix).and_then(seconds);
    if seconds.is_none() {
        let message = format!("`{text}` isn't a time that `{key}` can have");
        let hint = format!("write {prefix}NUMBER and one of s, m, h, d, such as `{prefix}10m`");
        let notice = Notice::error("rule-duration", 0..0, message).hint(hint);
        rule.say(rule.place_in(key, 0..text.len()), notice, out);
    }
    seconds
}

fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(unit).filter(|seconds| (1..=31_536_000).contains(seconds))
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations() {
        for (text, expected) in [
            ("10m", Some(600)),
            ("1d", Some(86_400)),
            ("0s", None),
            ("m", None),
            ("", None),
            ("5x", None),
        ] {
            assert_eq!(super::seconds(text), expected, "{text}");
        }
    }
}
