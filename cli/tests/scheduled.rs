//! `tocsin scan --schedule`: what Elastic's scheduler would raise of the embedded rules, which run every
//! ten minutes over the last sixty and raise at most 100 alerts an execution.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::scan;

/// A stop at a minute of a day.
fn stop(minute: u32, id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","eventTime":"2026-03-14T{:02}:{:02}:00Z","eventID":"{id}","recipientAccountId":"111122223333"}}"#,
        minute / 60,
        minute % 60,
    ) + "\n"
}

/// The records' ids, or `truncated TIME raised/cut/lost`, of the Elastic rule alone.
fn replay(records: &str) -> Vec<String> {
    let ran = scan(&["--schedule", "--threads", "2"], records.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let shown = ran.alerts.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let truncated = &line["alerts_truncated"];
        if truncated.is_object() {
            let time = truncated["execution"].as_str().unwrap().get(11..16).unwrap();
            let counts = ["raised", "cut", "lost"].map(|key| truncated[key].to_string()).join("/");
            return truncated["rule"]
                .as_str()
                .unwrap()
                .starts_with("fbd")
                .then(|| format!("truncated {time} {counts}"));
        }
        (line["rule"]["language"] == "kuery")
            .then(|| line["event"]["eventID"].as_str().unwrap().to_owned())
    });
    shown.collect()
}

#[test]
fn the_cap_cuts_and_the_next_execution_goes_on() {
    let records: String = (0..250).map(|n| stop(65, &format!("{n:03}"))).collect();
    let shown = replay(&records);
    let raised: Vec<&String> = shown.iter().filter(|one| !one.starts_with("truncated")).collect();
    assert_eq!(raised.len(), 250);
    let mut sorted = raised.clone();
    sorted.sort();
    assert_eq!(raised, sorted, "the oldest first, in the order in which they came");
    assert_eq!(shown.iter().position(|one| one.starts_with("truncated")), Some(100));
    assert_eq!(shown[100], "truncated 01:10 100/150/0");
    assert_eq!(shown[201], "truncated 01:20 100/50/0");
}

#[test]
fn order_in_the_input_does_not_matter_and_repeats_are_raised_once() {
    let records = [stop(90, "b"), stop(30, "a"), stop(90, "b"), stop(200, "c"), stop(30, "a")];
    assert_eq!(replay(&records.concat()), ["a", "b", "c"]);
}

#[test]
fn what_no_later_execution_looks_at_is_lost_and_said() {
    // 00:10 is in the windows of the executions from 00:10 to 01:10: seven times a hundred.
    let records: String = (0..750).map(|n| stop(10, &format!("{n:03}"))).collect();
    let shown = replay(&records);
    assert_eq!(shown.iter().filter(|one| !one.starts_with("truncated")).count(), 700);
    assert_eq!(shown.last().map(String::as_str), Some("truncated 01:10 100/50/50"));
}

#[test]
fn without_a_schedule_every_match_is_reported() {
    let records: String = (0..250).map(|n| stop(65, &format!("{n:03}"))).collect();
    assert_eq!(scan::<&str>(&[], records.as_bytes()).figure("matches"), 500);
}
