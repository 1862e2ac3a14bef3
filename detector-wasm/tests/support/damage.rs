//! Batches of every shape, damaged: cut, glued, doubled, with bytes lost and put in; and which records in
//! them are whole and must be found. All choices come from bytes, which a fuzzer or a generator supplies.

use std::ops::Range;

use serde_json::Value;
use tocsin_detector::Detector;

/// A damaged batch.
pub struct Damaged {
    pub batch: Vec<u8>,
    /// The eventIDs of whole records that raise an alert, and where they stand.
    pub hits: Vec<(String, Range<usize>)>,
    /// How many of its records are damaged, or stand behind something else.
    pub damaged: usize,
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

fn record(choices: &mut Choices<'_>, id: &str, hit: bool, over_lines: bool) -> String {
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
    let text = format!("{{{}}}", members.join(","));
    if over_lines { printed(&text) } else { text }
}

/// An object of JSON over several lines.
fn printed(text: &str) -> String {
    let (mut printed, mut depth) = (String::new(), 0);
    let (mut in_string, mut escaped) = (false, false);
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let closes = matches!(chars.peek(), Some('}' | ']'));
        match char {
            _ if in_string => {
                (in_string, escaped) = (escaped || char != '"', !escaped && char == '\\');
                printed.push(char);
            }
            '{' | '[' if !closes => {
                depth += 1;
                printed.extend([char.to_string(), line(depth)]);
            }
            '{' | '[' => printed.extend([Some(char), chars.next()].into_iter().flatten()),
            '}' | ']' => {
                depth -= 1;
                printed.extend([line(depth), char.to_string()]);
            }
            ',' => printed.extend([char.to_string(), line(depth)]),
            _ => {
                in_string = char == '"';
                printed.push(char);
            }
        }
    }
    printed
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
    let mut made = Damaged { batch: Vec::new(), hits: Vec::new(), damaged: 0, sound: Some(0) };
    for part in 0..1 + choices.byte() % 3 {
        if !made.batch.is_empty() && made.batch.last() != Some(&b'\n') {
            made.batch.push(b'\n');
        }
        let shape = choices.below(usize::MAX);
        let [before, between, behind] = FRAMES[shape % FRAMES.len()];
        let lines = before.is_empty();
        let over_lines = shape / FRAMES.len() % 3 == 2;
        if !lines && !behind.contains(']') {
            // The list is cut off.
            made.sound = None;
        }
        made.batch.extend_from_slice(before.as_bytes());
        let mut glued = true;
        for number in 0..1 + choices.byte() % 5 {
            let hit = choices.one_in(2);
            let id = format!("{part}-{number}");
            let mut text = record(&mut choices, &id, hit, over_lines).into_bytes();
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
            made.damaged += usize::from(whole != Some(true));
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
    static DETECTORS: std::cell::RefCell<[Detector; 2]> = {
        let mut strict = Detector::new();
        strict.configure(br#"{"options":{"strict":true}}"#, &mut Vec::new());
        std::cell::RefCell::new([strict, Detector::new()])
    };
}

/// The objects of a text that can be read, wherever they stand, and where.
fn objects(batch: &[u8]) -> impl Iterator<Item = (Range<usize>, Value)> {
    // The detector's reader allows control characters in strings.
    let blank = |byte: &u8| if *byte < b' ' && *byte != b'\n' { b' ' } else { *byte };
    let text: Vec<u8> = batch.iter().map(blank).collect();
    (0..text.len()).filter(|at| batch[*at] == b'{').filter_map(move |at| {
        let mut values = serde_json::Deserializer::from_slice(&text[at..]).into_iter();
        let value = values.next()?.ok()?;
        Some((at..at + values.byte_offset(), value))
    })
}

/// Whether an object is a part of another one that can be read, and isn't an element of its list of records: damage has
/// made a value of it, and nothing is wrong.
pub fn is_enclosed(batch: &[u8], place: &Range<usize>) -> bool {
    let inner = serde_json::from_slice::<Value>(&batch[place.clone()]).unwrap_or_default();
    objects(batch).take_while(|(outer, _)| outer.start < place.start).any(|(outer, object)| {
        let list = object["Records"].as_array();
        outer.end >= place.end && !list.is_some_and(|list| list.contains(&inner))
    })
}

/// The ids of the alerts among frames, in order.
fn alerts(frames: &str) -> Vec<&str> {
    let is_alert = |frame: &&str| frame.contains("\"alert\":");
    let id = |frame| str::split_once(frame, ",\"id\":").and_then(|(_, id)| id.get(..66));
    let mut ids: Vec<_> = frames.lines().filter(is_alert).filter_map(id).collect();
    ids.sort_unstable();
    ids
}

/// Judges a damaged batch with and without `strict`.
///
/// # Errors
/// What is wrong with the answers: a whole record that isn't found, an alert of one that only `strict` raises, or counts
/// of a sound batch that aren't its own.
pub fn check(made: &Damaged) -> Result<(), String> {
    let frames = |detector: &mut Detector, text: &[u8]| {
        let mut frames = Vec::new();
        detector.detect(text, &mut frames);
        String::from_utf8(frames).unwrap_or_default()
    };
    let strictly = |text: &[u8]| DETECTORS.with_borrow_mut(|[strict, _]| frames(strict, text));
    let strict = strictly(&made.batch);
    let default = DETECTORS.with_borrow_mut(|[_, default]| frames(default, &made.batch));
    let wrong = |what: &str| {
        let batch = String::from_utf8_lossy(&made.batch);
        Err(format!("{what}\n{batch}\nstrict:\n{strict}\ndefault:\n{default}"))
    };
    for (id, place) in &made.hits {
        // Each alert holds its record, and with it the mark that identifies it.
        let (alert, mark) = ("\"alert\":", format!("\"eventID\":\"{id}\""));
        let found = |frames: &str| {
            frames.lines().filter(|line| line.contains(alert) && line.contains(&mark)).count() >= 2
        };
        let modes = [("strict", &strict), ("the default", &default)];
        if let Some((mode, _)) = modes.iter().find(|(_, frames)| !found(frames))
            && !is_enclosed(&made.batch, place)
        {
            return wrong(&format!("{mode} misses {id}"));
        }
    }
    let of_default = alerts(&default);
    let strict_only = alerts(&strict).into_iter().find(|id| of_default.binary_search(id).is_err());
    // Strict may have put a record together from parts of broken ones; a whole one stands on one line.
    if let Some(id) = strict_only
        && objects(&made.batch).any(|(place, _)| {
            let object = &made.batch[place.clone()];
            !object.contains(&b'\n')
                && alerts(&strictly(object)).contains(&id)
                && !is_enclosed(&made.batch, &place)
        })
    {
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
