//! Batches of every shape, damaged: cut, glued, doubled, with bytes lost and put in; and which records in
//! them are whole and must be found. All choices come from bytes, which a fuzzer or a generator supplies.

use std::ops::Range;

/// A damaged batch.
pub struct Damaged {
    pub batch: Vec<u8>,
    /// The eventIDs of whole records that raise an alert, and where they stand.
    pub hits: Vec<(String, Range<usize>)>,
    /// How many records it has, if nothing is damaged.
    pub sound: Option<usize>,
}

/// Choices, taken one after the other; 0 when there are no more.
struct Choices<'b>(std::slice::Iter<'b, u8>);

impl Choices<'_> {
    fn byte(&mut self) -> usize {
        self.0.next().copied().map_or(0, usize::from)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.byte() << 8 | self.byte()) % end.max(1)
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.byte() % times == times - 1
    }
}

/// Texts that a caller may write, and that look like structure where a quote is lost.
const TEXTS: [&str; 12] = [
    "x",
    "}",
    "}]}",
    "]}",
    "},{",
    ",{",
    "\\\"},{\\\"eventVersion\\\":\\\"1\\\"",
    "{\\\"a\\\":[{\\\"b\\\":1},{\\\"c\\\":2}]}",
    "\\\\",
    "a,{}]",
    "{\\\"eventName\\\":\\\"x\\\"}",
    "a: {",
];

/// Members behind which a record may be cut, or that hold what looks like one.
const MEMBERS: [&str; 8] = [
    "\"resources\":[{\"ARN\":\"a\"},{\"ARN\":\"b\",\"type\":\"c\"}]",
    "\"userIdentity\":{\"type\":\"IAMUser\",\"sessionContext\":{\"attributes\":{}}}",
    "\"readOnly\":false,\"managementEvent\":true",
    "\"responseElements\":null",
    "\"requestParameters\":{\"a\":[],\"b\":{},\"c\":[1,{}]}",
    "\"tlsDetails\":{}",
    "\"apiVersion\":-1.5e3",
    "\"additionalEventData\":{\"LoginTo\":\"https://console.aws.amazon.com/?x=}\"}",
];

const BYTES: &[u8] = b"\"\"\"{}[],:\\\n\0x1 ";

fn record(choices: &mut Choices<'_>, id: &str, hit: bool) -> String {
    let name = if hit { "StopConfigurationRecorder" } else { "StartConfigurationRecorder" };
    let mut members = vec![
        "\"eventVersion\":\"1.08\"".to_owned(),
        format!("\"userAgent\":\"{}\"", TEXTS[choices.below(TEXTS.len())]),
        "\"eventSource\":\"config.amazonaws.com\"".to_owned(),
        format!("\"eventName\":\"{name}\""),
        format!("\"eventID\":\"{id}\""),
    ];
    for _ in 0..choices.byte() % 3 {
        let at = choices.below(members.len() + 1);
        members.insert(at, MEMBERS[choices.below(MEMBERS.len())].to_owned());
    }
    match choices.byte() % 4 {
        0 | 1 => {}
        2 => members.sort(),
        _ => {
            let by = choices.below(members.len());
            members.rotate_left(by);
        }
    }
    format!("{{{}}}", members.join(","))
}

/// How records stand beside each other: what is before, between and behind them.
const FRAMES: [[&str; 3]; 9] = [
    ["", "\n", "\n"],
    ["", "\r\n", ""],
    ["[", ",", "]\n"],
    ["{\"Records\":[", ",", "]}\n"],
    ["{\"Records\":[", ",\n", "]}\n"],
    ["[\n", ",\n", "\n]\n"],
    ["{\"owner\":1,\"Records\":[", ", ", "],\"more\":[{}]}\n"],
    ["[", ",", ""],
    ["{\"Records\":[", ",", "\n"],
];

/// A batch by these choices.
pub fn damaged(bytes: &[u8]) -> Damaged {
    let mut choices = Choices(bytes.iter());
    let mut made = Damaged { batch: Vec::new(), hits: Vec::new(), sound: Some(0) };
    for part in 0..1 + choices.byte() % 3 {
        if !made.batch.is_empty() && made.batch.last() != Some(&b'\n') {
            made.batch.push(b'\n');
        }
        let [before, between, behind] = FRAMES[choices.below(FRAMES.len())];
        let lines = before.is_empty();
        if !lines && !behind.contains(']') {
            // The list is cut off.
            made.sound = None;
        }
        made.batch.extend_from_slice(before.as_bytes());
        let mut glued = true;
        for number in 0..1 + choices.byte() % 5 {
            let hit = choices.one_in(2);
            let id = format!("{part}-{number}");
            let mut text = record(&mut choices, &id, hit).into_bytes();
            let length = text.len();
            let whole = damage(&mut choices, &mut text);
            if !glued {
                made.batch.extend_from_slice(between.as_bytes());
            }
            made.batch.extend_from_slice(&text);
            // What comes next may stand right behind a broken one.
            glued = whole != Some(true) && choices.one_in(6);
            if hit && whole.is_some() {
                let end = made.batch.len();
                made.hits.push((id, end - length..end));
            }
            made.sound = made.sound.filter(|_| whole == Some(true)).map(|count| count + 1);
        }
        made.batch.extend_from_slice(behind.as_bytes());
    }
    made
}

/// What may stand before a whole record on its line, or in its list.
const BEFORE: [&str; 12] = [
    "not ended: ",
    "\0\0\0",
    "[INFO] ",
    "\"a\"",
    "}",
    "{{",
    "\"a\": ",
    "a\":",
    "[",
    "]",
    "\"",
    "\"}, {\"a\":",
];

/// Damages a record, or not. True if it is as it was, false if it is whole behind other text, none if it is
/// broken.
fn damage(choices: &mut Choices<'_>, text: &mut Vec<u8>) -> Option<bool> {
    match choices.byte() % 16 {
        0..=6 => damage_once(choices, text),
        7 => {
            text.splice(0..0, BEFORE[choices.below(BEFORE.len())].bytes());
            return Some(false);
        }
        8 => {
            damage_once(choices, text);
            damage_once(choices, text);
        }
        _ => return Some(true),
    }
    None
}

fn damage_once(choices: &mut Choices<'_>, text: &mut Vec<u8>) {
    let at = |choices: &mut Choices<'_>, text: &[u8]| choices.below(text.len());
    if text.is_empty() {
        return;
    }
    match choices.byte() % 7 {
        0 | 1 => text.truncate(at(choices, text)),
        2 | 3 => {
            text.remove(at(choices, text));
        }
        4 | 5 => text.insert(at(choices, text), BYTES[choices.below(BYTES.len())]),
        _ => {
            let (a, b) = (at(choices, text), at(choices, text));
            let doubled = text[a.min(b)..a.max(b)].to_vec();
            text.splice(a.max(b)..a.max(b), doubled);
        }
    }
}

thread_local! {
    /// A detector with the option `strict`, and one without.
    static DETECTORS: std::cell::RefCell<[tocsin_detector::Detector; 2]> = {
        let mut strict = tocsin_detector::Detector::new();
        strict.configure(br#"{"options":{"strict":true}}"#, &mut Vec::new());
        std::cell::RefCell::new([strict, tocsin_detector::Detector::new()])
    };
}

/// Whether a record is a part of an object that can be read, and that isn't a document around a list: damage has
/// made a value of it, and nothing is wrong.
fn is_enclosed(batch: &[u8], record: &Range<usize>) -> bool {
    // The detector's reader allows control characters in strings.
    let blank = |byte: &u8| if *byte < b' ' && *byte != b'\n' { b' ' } else { *byte };
    let text: Vec<u8> = batch.iter().map(blank).collect();
    let begins = (0..record.start).filter(|at| text[*at] == b'{');
    begins.into_iter().any(|at| {
        let before = String::from_utf8_lossy(&text[at..record.start]);
        let mut values =
            serde_json::Deserializer::from_slice(&text[at..]).into_iter::<serde_json::Value>();
        matches!(values.next(), Some(Ok(_)))
            && at + values.byte_offset() >= record.end
            && !before.contains("\"Records\":[")
    })
}

/// Judges the damaged batch of these choices with and without `strict`.
///
/// # Errors
/// What is wrong with the answers: a whole record that isn't found, an alert that only `strict` raises, or
/// counts of a sound batch that aren't its own.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let made = damaged(bytes);
    let [strict, default] = DETECTORS.with_borrow_mut(|detectors| {
        detectors.each_mut().map(|detector| {
            let mut frames = Vec::new();
            detector.detect(&made.batch, &mut frames);
            String::from_utf8(frames).unwrap_or_default()
        })
    });
    let wrong = |what: &str| {
        let batch = String::from_utf8_lossy(&made.batch);
        Err(format!("{what}\n{batch}\nstrict:\n{strict}\ndefault:\n{default}"))
    };
    for (id, place) in &made.hits {
        if is_enclosed(&made.batch, place) {
            continue;
        }
        let (alert, id) = ("\"alert\":", format!("\"eventID\":\"{id}\""));
        let found = |frames: &str| {
            frames.lines().filter(|line| line.contains(alert) && line.contains(&id)).count() >= 2
        };
        // Each alert holds its record, and with it the mark that identifies it.
        if !found(&strict) {
            return wrong(&format!("strict misses {id}"));
        }
        if !found(&default) {
            return wrong(&format!("the default misses {id}"));
        }
    }
    let id =
        |frame: &&str| frame.split_once(",\"id\":").map(|(_, id)| id.get(..66).map(str::to_owned));
    let alerts = |frames: &str| -> Vec<_> {
        let mut ids: Vec<_> = frames
            .lines()
            .filter(|line| line.contains("\"alert\":"))
            .filter_map(|line| id(&line))
            .collect();
        ids.sort();
        ids
    };
    let of_default = alerts(&default);
    if alerts(&strict).iter().any(|id| of_default.binary_search(id).is_err()) {
        return wrong("the default misses an alert of strict");
    }
    if let Some(sound) = made.sound {
        let summary = format!(
            "{{\"summary\":{{\"records\":{sound},\"matches\":{},\"errors\":0}}}}",
            2 * made.hits.len()
        );
        if strict.lines().last() != Some(&summary) || default.lines().last() != Some(&summary) {
            return wrong(&format!("the summary isn't {summary}"));
        }
    }
    Ok(())
}
