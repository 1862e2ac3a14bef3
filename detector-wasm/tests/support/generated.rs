//! Rules in all languages and records in all shapes, made up at random from a few words, so that rules and
//! records have something to do with each other.

use proptest::prelude::*;
use serde_json::json;

/// Words that rules ask for and records hold; some are parts of others, or differ by letters' case.
const WORDS: [&str; 19] = [
    "StopConfigurationRecorder",
    "stopconfigurationrecorder",
    "StopConfigurationRecorders",
    "DeleteTrail",
    "DELETETRAIL",
    "ConsoleLogin",
    "CheckMfaKind",
    "config.amazonaws.com",
    "iam.amazonaws.com",
    "x/y\"z\\StopLogging",
    "AccessDenied",
    "12345678",
    "1.2345678e7",
    "Disable",
    // The first letter K is a sign of its own that lower case makes the same of.
    "Chec\u{212a}Mfa\u{212a}ind",
    "{\"a\":1}",
    "none",
    // What isn't written as a text shows as one, too.
    "false",
    "fal",
];

/// How many kinds of queries there are.
const KINDS: usize = 15;

/// How many members a record may choose from.
const MEMBERS: usize = 17;

/// A query in one of the languages, as a rule document: its name and its text.
fn document(number: usize, kind: usize, words: &[usize]) -> (String, String) {
    let word = |at: usize| WORDS[words[at % words.len()] % WORDS.len()];
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let kql = |text: &str| format!("\"{}\"", quoted(text));
    let toml = |query: &str, language: &str| {
        format!(
            "[rule]\nname = \"r{number}\"\nrule_id = \"r{number}\"\ntype = \"query\"\nlanguage = \"{language}\"\nseverity = \"low\"\nrisk_score = 1\nquery = '''\n{query}\n'''\n"
        )
    };
    let (name, text) = match kind {
        0 => ("toml", toml(&format!("event.action: {}", kql(word(0))), "kuery")),
        1 => (
            "toml",
            toml(
                &format!(
                    "event.action: ({} or {}) and not event.provider: {}",
                    kql(word(0)),
                    kql(word(1)),
                    kql(word(2))
                ),
                "kuery",
            ),
        ),
        2 => (
            "toml",
            toml(
                &format!(
                    "event.provider: {} or aws.cloudtrail.error_code: {}",
                    kql(word(0)),
                    kql(word(1))
                ),
                "kuery",
            ),
        ),
        3 => (
            "toml",
            toml(
                &format!(
                    "not (not event.action: {} or not event.provider: {})",
                    kql(word(0)),
                    kql(word(1))
                ),
                "kuery",
            ),
        ),
        4 => ("toml", toml("event.action: Stop*Recorder or event.action: *Trail", "kuery")),
        5 => (
            "toml",
            toml(
                &format!("# search event_name == \"{}\"", quoted(word(0)))
                    .replace("# search", "search"),
                "logpresso",
            ),
        ),
        6 => (
            "toml",
            toml(
                &format!(
                    "search in(event_name, \"{}\", \"*{}\", \"{}*\")",
                    quoted(word(0)),
                    quoted(word(1)),
                    quoted(word(2))
                ),
                "logpresso",
            ),
        ),
        7 => (
            "toml",
            toml(
                &format!(
                    "search in(event_name, \"{}\", \"{}\") and not(event_source == \"{}\")",
                    quoted(word(0)),
                    quoted(word(1)),
                    quoted(word(2))
                ),
                "logpresso",
            ),
        ),
        8 => ("toml", toml(&format!("aws.cloudtrail.error_code: {}", kql(word(0))), "kuery")),
        9 => (
            "toml",
            toml(&format!("user_agent.original: {} and event.action: *", kql(word(0))), "kuery"),
        ),
        10 => ("yml", sigma(number, &format!("eventName: {}", json!(word(0))))),
        11 => ("yml", sigma(number, &format!("eventName|cased: {}", json!(word(0))))),
        12 => {
            ("yml", sigma(number, &format!("eventName: [{}, {}]", json!(word(0)), json!(word(1)))))
        }
        13 => (
            "yml",
            format!(
                "title: r{number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    eventName: {}\n  b:\n    requestParameters|contains: {}\n  condition: a or b\nlevel: low\n",
                json!(word(0)),
                json!(word(1)),
            ),
        ),
        _ => (
            "yml",
            format!(
                "title: r{number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    eventName|endswith: {}\n    eventSource|startswith:\n      - {}\n      - {}\n  condition: a\nlevel: low\n",
                json!(word(0)),
                json!(word(1)),
                json!(word(2)),
            ),
        ),
    };
    (format!("r{number}.{name}"), text)
}

fn sigma(number: usize, item: &str) -> String {
    format!(
        "title: r{number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    {item}\n  condition: a\nlevel: low\n"
    )
}

/// A string of JSON for a text, each character spelled by the next number.
fn spell(text: &str, spelling: &[u8]) -> String {
    let mut spelling = spelling.iter().cycle();
    let mut out = String::from("\"");
    for c in text.chars() {
        match (*spelling.next().unwrap(), c) {
            (0..=8, c) => out.push_str(&format!("\\u{:04x}", c as u32)),
            (9..=11, c) => out.push_str(&format!("\\u{:04X}", c as u32)),
            (_, '"' | '\\') => out.extend(['\\', c]),
            (_, c) if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            _ => out.push(c),
        }
    }
    out + "\""
}

/// What a record is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    words: Vec<usize>,
    spelling: Vec<u8>,
    order: Vec<usize>,
    /// Whether and how the record is enveloped or written over several lines; 0 for none of it.
    pub shape: usize,
    /// How its line ends; 9 for a line feed alone, 0 for one behind a carriage return.
    pub ending: usize,
}

/// Any plan.
pub fn plan() -> impl Strategy<Value = Plan> {
    let words = proptest::collection::vec(0usize..WORDS.len() + 3, 6);
    let spelling = proptest::collection::vec(any::<u8>(), 1..40);
    let order = proptest::collection::vec(0usize..MEMBERS, 2..10);
    (words, spelling, order, 0usize..12, 0usize..12).prop_map(
        |(words, spelling, order, shape, ending)| Plan { words, spelling, order, shape, ending },
    )
}

/// One line of a batch, or a few.
pub fn line(plan: &Plan) -> String {
    let word = |at: usize| *WORDS.get(plan.words[at]).unwrap_or(&"GetObject");
    let text = |at: usize| spell(word(at), &plan.spelling);
    let nested = format!("{{\"eventVersion\":\"1\",\"eventName\":{}}}", text(4));
    let members = [
        format!("\"eventName\":{}", text(0)),
        format!("\"eventSource\": {}", text(1)),
        format!("\"errorCode\":{}", text(2)),
        format!("{}:{}", spell("eventName", &plan.spelling), text(3)),
        format!(
            "\"requestParameters\":{{\"a\":[{},{{\"b\":{}}}],\"n\":{{\"eventName\":{}}}}}",
            text(2),
            text(3),
            text(4)
        ),
        format!("\"userAgent\":{}", text(5)),
        format!("\"message\":{}", spell(&nested, &plan.spelling)),
        format!("\"eventID\":{}", 12_345_678),
        "\"resources\":null".to_owned(),
        format!("\"eventName\":[{},[null,{}],{{\"a\":{}}}]", text(0), text(1), text(2)),
        format!("\"event\":{{\"action\":{},\"provider\":[{}]}}", text(3), text(1)),
        format!("{}:{}", spell("event.action", &plan.spelling), text(4)),
        format!("\"event_name\":{}", text(2)),
        "\"eventName\":12345678".to_owned(),
        "\"eventName\":false".to_owned(),
        "\"eventName\":{\"a\":1}".to_owned(),
        format!("\"error.code\":{0},\"aws\":{{\"cloudtrail.error_code\":{0}}}", text(3)),
    ];
    let chosen = plan.order.iter().map(|place| members[*place].as_str());
    let first = std::iter::once("\"eventVersion\":\"1.08\"").filter(|_| plan.shape != 1);
    let record = format!("{{{}}}", first.chain(chosen).collect::<Vec<_>>().join(","));
    match plan.shape {
        2 => format!("{{\"log\":{}}}", spell(&record, &plan.spelling)),
        3 => format!(
            "{{\"log\":{}}}",
            spell(&format!("{{\"Message\":{}}}", spell(&record, &plan.spelling)), &[255])
        ),
        4 => format!("{{\"Records\":[{record},{record}]}}"),
        5 => format!("[{record},\n{record}]"),
        6 => record.replace(",\"", ",\n\"").replacen('{', "{\n", 1),
        7 => format!("{{\"version\":\"0\",\"detail-type\":\"x\",\"detail\":{record}}}"),
        _ => record,
    }
}

/// The records of all plans.
pub fn batch(plans: &[Plan]) -> String {
    let endings = ["\r\n", "\n\n", " \n"];
    plans.iter().map(|plan| line(plan) + endings.get(plan.ending).unwrap_or(&"\n")).collect()
}

/// A few rule documents, each by its name and its text.
pub fn documents() -> impl Strategy<Value = Vec<(String, String)>> {
    let rule = (0usize..KINDS, proptest::collection::vec(0usize..WORDS.len(), 3));
    proptest::collection::vec(rule, 1..6).prop_map(|rules| {
        let numbered = rules.iter().enumerate();
        numbered.map(|(number, (kind, words))| document(number, *kind, words)).collect()
    })
}
