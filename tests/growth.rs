//! Work grows no faster than n log n: in a batch for fixed rules, and in the rules for a fixed batch. Counted in steps of
//! the sandboxed module, which are the same on every machine.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tocsin_host::sandbox::{Sandbox, Status};
use tocsin_host::{Engine, Limits, Module};

/// What four times the input may take, times what the input takes: n log n gives 4.9 at the smallest n here, a square 16.
/// What twice the input takes jumps where memory is asked for in doubled pieces.
const FOUR_TIMES: f64 = 5.3;

/// A batch or a set of rules, made for a size.
type Make = fn(usize) -> String;

const RECORD: &str = r#"{"eventVersion":"1.08","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","eventID":"a","recipientAccountId":"111122223333"}"#;

fn sandbox() -> Sandbox {
    static MODULE: OnceLock<Module> = OnceLock::new();
    let module = MODULE.get_or_init(|| Module::embedded(&Engine::metered().unwrap()).unwrap());
    // Steps bound a call here, not time.
    let limits = Limits { timeout: std::time::Duration::from_secs(600), ..Limits::default() };
    Sandbox::new(module, limits).unwrap()
}

/// The steps that something takes.
fn steps(sandbox: &mut Sandbox, what: impl FnOnce(&mut Sandbox)) -> u64 {
    let before = sandbox.steps();
    what(sandbox);
    sandbox.steps() - before
}

/// The steps of a configuration, which must be accepted.
fn configuring(sandbox: &mut Sandbox, configuration: &str) -> u64 {
    steps(sandbox, |sandbox| {
        let answer = sandbox.configure(configuration.as_bytes()).unwrap();
        let text = String::from_utf8_lossy(answer.text);
        assert_eq!(answer.status, Status::Ok, "{}", text.get(..500).unwrap_or(&text));
    })
}

/// The steps of judging a batch by the built-in rules.
fn judging(batch: &str, strict: bool) -> u64 {
    let mut sandbox = sandbox();
    let options = json!({"options": {"strict": strict, "error_frames": 10}}).to_string();
    assert_eq!(sandbox.configure(options.as_bytes()).unwrap().status, Status::Ok);
    // Rules that are embedded are read when they are first asked for.
    sandbox.detect_bytes(b"{}").unwrap();
    steps(&mut sandbox, |sandbox| {
        sandbox.detect_bytes(batch.as_bytes()).unwrap();
    })
}

/// The steps of reading rules, and of judging a record by them.
fn loading(document: &str, record: &str) -> (u64, u64) {
    let name = if document.starts_with("title:") { "rules.yml" } else { "rules.toml" };
    let configuration = json!({"rules": [{"name": name, "text": document}]}).to_string();
    let mut sandbox = sandbox();
    let load = configuring(&mut sandbox, &configuration);
    sandbox.detect_bytes(b"{}").unwrap();
    (
        load,
        steps(&mut sandbox, |sandbox| {
            sandbox.detect_bytes(record.as_bytes()).unwrap();
        }),
    )
}

/// Holds the steps at n, 2n and 4n against each other.
fn check(what: &str, steps: [u64; 3]) {
    let [one, two, four] = steps.map(|steps| steps as f64);
    println!("{what}: {steps:?} steps, times {:.2} and {:.2}", two / one, four / two);
    assert!(four / one <= FOUR_TIMES, "{what}: {steps:?} steps, times {:.2}", four / one);
}

fn times(part: &str, n: usize) -> String {
    part.repeat(n)
}

const BATCHES: [(&str, Make); 30] = [
    ("lines that raise alerts", |n| times(&format!("{RECORD}\n"), n)),
    ("lines that raise none", |n| times("{\"eventVersion\":\"1.08\",\"eventName\":\"x\"}\n", n)),
    ("a list of records", |n| {
        format!("{{\"Records\":[{}{RECORD}]}}", times(&format!("{RECORD},"), n))
    }),
    ("lines that aren't JSON", |n| times("no record\n", n)),
    ("begins of lists", |n| times("{\"Records\":[{\"eventVersion\":\"", n)),
    ("begins of lists, a line each", |n| times("{\"Records\":[{\"eventVersion\":\"\n", n)),
    ("begins of answers to searches", |n| times("{\"hits\":{\"hits\":[{\"_source\":{\"", n)),
    ("arrays in arrays", |n| times("[", n * 8)),
    ("objects in objects", |n| times("{\"a\":", n * 8)),
    ("records glued to cut ones", |n| times(&format!("{{\"eventName\":\"Stop{RECORD}"), n)),
    ("elements that lost a quote", |n| {
        format!("[{}{RECORD}]", times(r#"{"eventVersion":"1.08,"eventName":"x"},"#, n))
    }),
    ("a record over many lines, cut off", |n| format!("{{\n{}", times("\"a\": {\n", n))),
    ("elements over lines, cut off", |n| {
        format!("[{}", times("{\n  \"eventVersion\":\"1.08\",\n  \"a\": {\n", n))
    }),
    ("texts that take the brace behind them", |n| times("{\n  \"eventVersion\":\"x{\n", n)),
    ("objects in an open element, and empty lines", |n| {
        format!("[{{{}\"x{}{RECORD}", times("\"a\":{\"b\":1},", n), times("\n", n * 32))
    }),
    ("lists that end too early", |n| times("[]{\"eventVersion\":\"1.08\",\"a\":[{\"b\":1},", n)),
    ("torn lists that go on", |n| times("[{\"eventVersion\n  x\n", n)),
    ("lists of what isn't JSON", |n| times(" {\"Records\":[\"a\" x\n  x\n", n)),
    ("lines with a comma behind", |n| times(&format!("{RECORD},\n"), n)),
    ("braces in prose", |n| times("{ \"", n * 8)),
    ("backslashes", |n| format!("{{\"eventName\":\"{}\"}}", times("\\\\", n * 16))),
    ("escapes", |n| format!("{{\"eventName\":\"{}\"}}", times("\\u0053", n * 8))),
    ("a record of many keys", |n| {
        let mut keys = String::new();
        (0..n * 4).for_each(|key| write!(keys, "\"k{key}\":{key},").unwrap());
        format!("{{{keys}{}", RECORD.trim_start_matches('{'))
    }),
    ("a record of equal keys", |n| {
        format!("{{{}{}", times("\"eventName\":\"x\",", n * 4), RECORD.trim_start_matches('{'))
    }),
    ("a field of many values", |n| {
        format!(
            "{{\"resources\":[{}1],{}",
            times("{\"ARN\":\"a\"},", n),
            RECORD.trim_start_matches('{')
        )
    }),
    ("texts in messages", |n| {
        let text = serde_json::to_string(&times(&format!("{RECORD}\n"), n)).unwrap();
        format!("{{\"message\":{text}}}")
    }),
    ("a message of prose with braces", |n| {
        let text = serde_json::to_string(&times("{ \"eventName ", n * 8)).unwrap();
        format!("{{\"message\":{text}}}")
    }),
    ("envelopes beside each other", |n| {
        times(&format!("{{\"detail-type\":\"x\",\"source\":\"aws.a\",\"detail\":{RECORD}}}\n"), n)
    }),
    ("a message list", |n| format!("{{\"messages\":[{}\"\"]}}", times("\"x\",", n * 8))),
    ("byte order marks and separators", |n| times("\u{feff}\u{1e},", n * 8)),
];

#[test]
fn judging_grows_no_faster_than_the_batch() {
    for (what, make) in BATCHES {
        for strict in [false, true] {
            let steps = [2000, 4000, 8000].map(|n| judging(&make(n), strict));
            check(&format!("{what}, strict: {strict}"), steps);
        }
    }
}

fn elastic(query: &str, more: &str) -> String {
    let query = toml_text(query);
    format!(
        "[rule]\nname = \"a\"\nrule_id = \"a\"\ntype = \"query\"\nlanguage = \"kuery\"\nseverity = \"low\"\nrisk_score = 1\nquery = {query}\n{more}"
    )
}

fn toml_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn sigma(detection: &str) -> String {
    format!(
        "title: a\nid: 00000000-0000-4000-8000-000000000000\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n{detection}"
    )
}

/// So many parts, each with its number.
fn parts(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

const RULES: [(&str, Make); 11] = [
    ("values of a field in KQL", |n| {
        elastic(&format!("event.action:({}b)", parts(n, |i| format!("a{i} or "))), "")
    }),
    ("wildcards of a field in KQL", |n| {
        elastic(&format!("event.action:({}b)", parts(n, |i| format!("*a{i}* or "))), "")
    }),
    ("fields in KQL", |n| {
        elastic(&format!("{}event.action:b", parts(n, |i| format!("a.b{i}:c or "))), "")
    }),
    ("exceptions", |n| {
        let list = "[[rule.exceptions_list]]\nid = \"a\"\nlist_id = \"a\"\ntype = \"detection\"\n";
        elastic(
            &format!("event.action:*{}", parts(n, |i| format!(" and not event.action:x{i}"))),
            list,
        )
    }),
    ("values of a field in Sigma", |n| {
        let values = parts(n, |i| format!("      - a{i}\n"));
        sigma(&format!("  s:\n    eventName:\n{values}  condition: s\n"))
    }),
    ("values that are contained", |n| {
        let values = parts(n, |i| format!("      - a{i}\n"));
        sigma(&format!("  s:\n    eventName|contains:\n{values}  condition: s\n"))
    }),
    ("values with dashes of any kind", |n| {
        let values = parts(n, |i| format!("      - ' -a{i} /b'\n"));
        sigma(&format!("  s:\n    eventName|contains|windash:\n{values}  condition: s\n"))
    }),
    ("selections of which one is asked for", |n| {
        let selections = parts(n, |i| format!("  s{i}:\n    eventName: a{i}\n"));
        sigma(&format!("{selections}  condition: 1 of s*\n"))
    }),
    ("keywords", |n| {
        let words = parts(n, |i| format!("    - a{i}\n"));
        sigma(&format!("  words:\n{words}  condition: words\n"))
    }),
    ("fields that refer to fields", |n| {
        let fields = parts(n, |i| format!("    a{i}|fieldref: eventName\n"));
        sigma(&format!("  s:\n{fields}  condition: s\n"))
    }),
    ("regular expressions", |n| {
        // A rule may have 200.
        let values = parts(n / 4, |i| format!("      - 'a{i}.*b'\n"));
        sigma(&format!("  s:\n    eventName|re:\n{values}  condition: s\n"))
    }),
];

#[test]
fn loading_and_judging_grow_no_faster_than_the_rules() {
    for (what, make) in RULES {
        let steps = [100, 200, 400].map(|n| loading(&make(n), RECORD));
        check(&format!("reading rules: {what}"), steps.map(|(load, _)| load));
        check(&format!("judging by rules: {what}"), steps.map(|(_, judge)| judge));
    }
}

#[test]
fn loading_grows_no_faster_than_the_number_of_rules() {
    let steps = [100, 200, 400].map(|n| {
        let rules: Vec<Value> = (0..n)
            .map(|i| {
                let text = elastic(&format!("event.action:a{i} and user.name:*b{i}*"), "")
                    .replace("rule_id = \"a\"", &format!("rule_id = \"a{i}\""));
                json!({"name": format!("{i}.toml"), "text": text})
            })
            .collect();
        configuring(&mut sandbox(), &json!({"rules": rules}).to_string())
    });
    check("rules", steps);
}
