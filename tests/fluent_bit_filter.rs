//! The module's exports for Fluent Bit, called as the filter calls them, in every engine: what becomes
//! of hostile records and of whole trails, and that nothing makes the memory grow.
//!
//! `TOCSIN_TRAIL=FOLDER` adds the records of a folder's `*.ndjson` and `*.json` files, a line each.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tocsin_conformance::fluent_bit::{self, Engine, Filter, Function, Passed, Version, Wasmtime};
use tocsin_detector::Detector;
use tocsin_host::EMBEDDED_MODULE;
use tocsin_host::detector::Document;

const STOP: &str = r#"{"eventVersion":"1.08","eventTime":"2026-03-04T05:06:07Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","awsRegion":"eu-central-1","userIdentity":{"type":"IAMUser","userName":"mallory"},"recipientAccountId":"123456789012","eventID":"6a0b"}"#;
const LIST: &str = r#"{"eventVersion":"1.08","eventTime":"2026-03-04T05:06:08Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-central-1","userIdentity":{"type":"IAMUser","userName":"alice"},"recipientAccountId":"123456789012","eventID":"6a0c"}"#;

const FUNCTIONS: [Function; 2] = [Function::Enrich, Function::Alerts];
const VERSIONS: [Version; 2] = [Version::KeepsStrings, Version::FreesStrings];

/// A test over one engine.
type Test = fn(&dyn Engine) -> Result<(), String>;

const TESTS: [(&str, Test); 8] = [
    ("hostile records", hostile_records),
    ("a trail", trail),
    ("a record that did not get in", lost_record),
    ("strings given back twice", given_back_twice),
    ("a host with reservations of its own", other_reservations),
    ("no call makes the memory grow", many_calls),
    ("a compiled module", compiled_module),
    ("the compiled pack", compiled_pack),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // WAMR knows one thread.
    arguments.test_threads = Some(1);
    let mut trials = Vec::new();
    for engine in fluent_bit::all() {
        let engine: Arc<dyn Engine> = engine.into();
        for (name, test) in TESTS {
            let run = engine.clone();
            let name = format!("{}/{name}", engine.name());
            trials.push(Trial::test(name, move || test(&*run).map_err(Failed::from)));
        }
    }
    let small = || little_memory().map_err(Failed::from);
    trials.push(Trial::test("wasmtime/little memory never traps", small));
    let long = || flat(&Wasmtime::new(None), 10_000_000).map_err(Failed::from);
    let long = Trial::test("wasmtime/ten million calls make no memory grow", long);
    trials.push(long.with_ignored_flag(true));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs the same on a fresh filter of each export and version; an interpreter, which takes its time, on
/// each once.
fn each_filter(
    engine: &dyn Engine,
    mut run: impl FnMut(&mut Filter, Function) -> Result<(), String>,
) -> Result<(), String> {
    for (function, other) in FUNCTIONS.into_iter().zip(VERSIONS) {
        for version in VERSIONS {
            if interprets(engine) && version != other {
                continue;
            }
            let mut filter = Filter::new(engine, EMBEDDED_MODULE, function, version)?;
            let told = |error| format!("{function:?}, {version:?}: {error}");
            run(&mut filter, function).map_err(told)?;
        }
    }
    Ok(())
}

/// The alerts that the detector itself raises for a record, in their bytes.
fn alerts_of(detector: &mut Detector, record: &str) -> Vec<String> {
    let mut text = Vec::new();
    detector.detect(record.as_bytes(), &mut text);
    let text = String::from_utf8(text).unwrap_or_default();
    let alert = |line: &str| Some(line.split_once(",\"alert\":")?.1.strip_suffix('}')?.to_owned());
    text.lines().filter_map(alert).collect()
}

/// The enriched record, its alerts in the bytes that the detector itself gives them.
fn enriched(kept: &str, alerts: &[String]) -> String {
    let open = kept.trim_end().strip_suffix('}').unwrap_or(kept);
    let comma = if open == "{" { "" } else { "," };
    format!("{open}{comma}\"tocsin\":{{\"alerts\":[{}]}}}}", alerts.join(","))
}

/// What the filter must give for a record in which nothing is broken.
fn expected(function: Function, record: &str, alerts: &[String]) -> Passed {
    match (function, alerts) {
        (Function::Enrich, []) => Passed::Unchanged,
        (Function::Enrich, _) => Passed::Text(enriched(record, alerts).into_bytes()),
        (Function::Alerts, []) => Passed::Dropped,
        (Function::Alerts, [one]) => Passed::Text(one.clone().into_bytes()),
        (Function::Alerts, _) => {
            Passed::Text(format!("{{\"alerts\":[{}]}}", alerts.join(",")).into_bytes())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    record: String,
    #[serde(default)]
    alerts: usize,
    #[serde(default)]
    errors: usize,
    kept: Option<String>,
    fill: Option<Fill>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    text: String,
    times: usize,
    #[serde(default)]
    end: String,
}

impl Case {
    /// The record, its parts put in.
    fn record(&self) -> String {
        let inside = Value::from(STOP).to_string();
        let inside = inside.trim_matches('"');
        let record = self.record.replace("<\"STOP\">", inside).replace("<STOP>", STOP);
        match &self.fill {
            None => record,
            Some(fill) => record
                .replace("<FILL>", &fill.text.repeat(fill.times))
                .replace("<END>", &fill.end.repeat(fill.times)),
        }
    }

    /// Holds what the filter gave against the case.
    fn judge(&self, function: Function, passed: &Passed) -> Result<(), String> {
        let record = self.record();
        let kept = self.kept.as_ref().unwrap_or(&record);
        let silent = self.alerts == 0 && self.errors == 0;
        if silent && function == Function::Enrich && self.kept.is_some() {
            return same(passed, &Passed::Text(kept.clone().into_bytes()));
        }
        if self.errors == 0 && (silent || self.kept.is_none()) {
            let alerts = alerts_of(&mut Detector::new(), &record);
            if alerts.len() != self.alerts {
                return Err(format!("the detector itself raises {} alerts", alerts.len()));
            }
            return same(passed, &expected(function, &record, &alerts));
        }
        let Passed::Text(text) = passed else { return Err(format!("{passed:?}")) };
        let text: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let kept: Value = serde_json::from_str(kept).map_err(|error| error.to_string())?;
        let (said, record) = match function {
            Function::Enrich => {
                let mut rest = text.clone();
                let said = rest.as_object_mut().and_then(|rest| rest.remove("tocsin"));
                (said.ok_or("there is no key `tocsin`")?, Some(rest))
            }
            Function::Alerts => (text.clone(), text.get("record").cloned()),
        };
        if (function == Function::Enrich || self.errors > 0) && record.as_ref() != Some(&kept) {
            return Err(format!("the record became {record:?}"));
        }
        let alerts = said.get("alerts").and_then(Value::as_array).map(Vec::len);
        let errors = said.pointer("/errors/count").and_then(Value::as_u64);
        let wanted = (self.errors > 0).then_some(self.errors as u64);
        if alerts != Some(self.alerts) || errors != wanted {
            return Err(format!("{alerts:?} alerts, {errors:?} errors"));
        }
        Ok(())
    }
}

fn same(passed: &Passed, expected: &Passed) -> Result<(), String> {
    let shown = |passed: &Passed| match passed {
        Passed::Text(text) => String::from_utf8_lossy(text).chars().take(1000).collect(),
        other => format!("{other:?}"),
    };
    if passed == expected {
        return Ok(());
    }
    Err(format!("it gives {}\ninstead of {}", shown(passed), shown(expected)))
}

/// The cases of `fluent_bit/cases.toml`, one after the other on one instance, and again.
fn hostile_records(engine: &dyn Engine) -> Result<(), String> {
    let cases: Cases =
        toml::from_str(include_str!("fluent_bit/cases.toml")).map_err(|error| error.to_string())?;
    each_filter(engine, |filter, function| {
        let mut sizes = Vec::new();
        for _ in 0..rounds(engine) {
            for case in &cases.case {
                let told = |error| format!("{}\n{error}", case.about);
                let passed = filter.pass("trail.aws", case.record().as_bytes()).map_err(told)?;
                case.judge(function, &passed).map_err(told)?;
            }
            sizes.push(filter.memory_bytes()?);
        }
        // What the largest record needed once serves all that come after.
        let Some((_, rest)) = sizes.split_first() else { return Ok(()) };
        let flat = rest.windows(2).all(|pair| pair.first() == pair.last());
        if flat { Ok(()) } else { Err(format!("it grows: {sizes:?}")) }
    })
}

/// How often an engine sees the same records.
fn rounds(engine: &dyn Engine) -> usize {
    if interprets(engine) { 1 } else { 3 }
}

fn interprets(engine: &dyn Engine) -> bool {
    engine.name() != "wasmtime"
}

/// Every record of the examples, and of the folder that `TOCSIN_TRAIL` names: as parsed JSON and as the
/// text of a line.
fn trail(engine: &dyn Engine) -> Result<(), String> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut records = lines(&examples)?;
    if let Some(folder) = std::env::var_os("TOCSIN_TRAIL") {
        let more = lines(&PathBuf::from(folder))?;
        if more.is_empty() {
            return Err("the folder that TOCSIN_TRAIL names holds no records".into());
        }
        records.extend(more);
    }
    let mut detector = Detector::new();
    let mut cases = Vec::new();
    for record in records {
        let text = format!("{{\"log\":{}}}", Value::from(record.as_str()));
        for record in [record, text] {
            let alerts = alerts_of(&mut detector, &record);
            cases.push((record, alerts));
        }
    }
    each_filter(engine, |filter, function| {
        let mut sizes = Vec::new();
        for _ in 0..rounds(engine) {
            for (record, alerts) in &cases {
                let passed = filter.pass("trail.aws", record.as_bytes())?;
                let told = |error| format!("{record}\n{error}");
                same(&passed, &expected(function, record, alerts)).map_err(told)?;
            }
            sizes.push(filter.memory_bytes()?);
        }
        let Some((first, rest)) = sizes.split_first() else { return Ok(()) };
        if rest.iter().all(|size| size == first) { Ok(()) } else { Err(format!("{sizes:?}")) }
    })
}

/// The lines of a folder's files that are JSON objects.
fn lines(folder: &Path) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for path in paths(folder, &["ndjson", "json"])? {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let is_object = |line: &&str| matches!(serde_json::from_str(line), Ok(Value::Object(_)));
        lines.extend(text.lines().filter(is_object).map(str::to_owned));
    }
    Ok(lines)
}

/// A folder's files with one of these endings, by name.
fn paths(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Where the module has no room, the real filter passes no address and the true length. Beside that, ranges
/// that lie outside the memory.
fn lost_record(engine: &dyn Engine) -> Result<(), String> {
    each_filter(engine, |filter, function| {
        let tag = filter.copy(b"trail.aws")?;
        let inside = filter.copy(STOP.as_bytes())?;
        let size = filter.memory_bytes()?;
        let end = (size as u32).cast_signed();
        for (address, length) in [
            (0, 9_000),
            (0, 0),
            (inside, size),
            (inside, u32::MAX as usize),
            (end, 1),
            (end - 1, 2),
            (-1, 1),
            (i32::MIN, i32::MAX as usize),
        ] {
            let passed = filter.call((tag, 9), (address, length))?;
            let Passed::Text(text) = passed else { return Err(format!("{address}: {passed:?}")) };
            let text: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
            let place = match function {
                Function::Enrich => "/tocsin/errors/count",
                Function::Alerts => "/errors/count",
            };
            if text.pointer(place) != Some(&Value::from(1)) {
                return Err(format!("{address}, {length}: {text}"));
            }
        }
        // And the next record is none the worse for it.
        let passed = filter.pass("trail.aws", STOP.as_bytes())?;
        let alerts = alerts_of(&mut Detector::new(), STOP);
        same(&passed, &expected(function, STOP, &alerts))
    })
}

/// Giving back what is no longer, or never was, the host's to give back does no harm.
fn given_back_twice(engine: &dyn Engine) -> Result<(), String> {
    each_filter(engine, |filter, function| {
        let alerts = alerts_of(&mut Detector::new(), STOP);
        let large = format!("{{\"log\":\"{}\"}}", "x".repeat(100_000));
        let mut old = Vec::new();
        for round in 0..50 {
            let record = if round % 2 == 0 { STOP } else { &large };
            let (tag, address) = (filter.copy(b"t")?, filter.copy(record.as_bytes())?);
            let passed = filter.call((tag, 1), (address, record.len()))?;
            let alerts = if round % 2 == 0 { &alerts[..] } else { &[] };
            same(&passed, &expected(function, record, alerts))?;
            old.extend([tag, address, address + 8, address - 8, -8, 7]);
            // Twice, and once more all that was given back long ago. None of them is in use now.
            for address in old.iter().chain([&tag, &address]) {
                filter.instance().call("free", &[*address])?;
            }
        }
        Ok(())
    })
}

/// A host that keeps reservations of its own beside a filter that never gives back its strings.
fn other_reservations(engine: &dyn Engine) -> Result<(), String> {
    each_filter(engine, |filter, function| {
        let alerts = alerts_of(&mut Detector::new(), STOP);
        let mut kept = Vec::new();
        for round in 0..200_u8 {
            let size = [10, 1_000, 16_384, 16_385, 100_000][usize::from(round) % 5];
            if round % 4 == 0 {
                kept.push((filter.copy(&vec![round; size])?, round, size));
            }
            let passed = filter.pass("trail.aws", STOP.as_bytes())?;
            same(&passed, &expected(function, STOP, &alerts))?;
        }
        for (address, byte, size) in kept {
            let from = address.cast_unsigned() as usize;
            let mut whole = false;
            filter.instance().memory(&mut |memory| {
                whole =
                    memory.get(from..from + size).is_some_and(|all| all.iter().all(|b| *b == byte));
            })?;
            if !whole {
                return Err(format!(
                    "the reservation of {size} bytes at {from} has been overwritten"
                ));
            }
            filter.instance().call("free", &[address])?;
        }
        Ok(())
    })
}

/// As many calls as are quick enough in an engine.
fn many_calls(engine: &dyn Engine) -> Result<(), String> {
    flat(engine, if interprets(engine) { 20_000 } else { 1_000_000 })
}

/// Calls with records of all sizes: after a few of each the memory stays as large as it is.
fn flat(engine: &dyn Engine, calls: usize) -> Result<(), String> {
    let text = |size: usize| format!("{{\"log\":\"{}\"}}", "x".repeat(size)).into_bytes();
    let records: Vec<Vec<u8>> = [
        STOP.into(),
        LIST.into(),
        LIST.into(),
        LIST.into(),
        br#"{"log":"{\"eventName\":"}"#.to_vec(),
        text(100),
        text(20_000),
        LIST.into(),
    ]
    .into();
    for function in FUNCTIONS {
        for version in VERSIONS {
            let mut filter = Filter::new(engine, EMBEDDED_MODULE, function, version)?;
            let mut size = 0;
            for (call, record) in records.iter().cycle().take(calls / 4).enumerate() {
                filter.pass("trail.aws", record)?;
                if call == 100 {
                    size = filter.memory_bytes()?;
                }
            }
            if filter.memory_bytes()? != size {
                return Err(format!("{version:?}: {size} bytes became {}", filter.memory_bytes()?));
            }
        }
    }
    Ok(())
}

/// A module of rules, compiled: the filter can't be configured otherwise.
fn compiled_module(engine: &dyn Engine) -> Result<(), String> {
    let rule = r#"
[rule]
rule_id = "list"
name = "Buckets listed"
description = "Somebody lists buckets."
type = "query"
language = "kuery"
query = 'event.action: "ListBuckets"'
severity = "low"
risk_score = 21
"#;
    let document = Document { name: "list.toml".into(), text: rule.into() };
    let compiler = tocsin_host::Engine::new().map_err(|error| error.to_string())?;
    let compiled = tocsin_host::compile::compile(&compiler, EMBEDDED_MODULE, vec![document])
        .map_err(|error| error.to_string())?;
    for version in VERSIONS {
        let mut filter = Filter::new(engine, &compiled.module, Function::Alerts, version)?;
        same(&filter.pass("t", STOP.as_bytes())?, &Passed::Dropped)?;
        let passed = filter.pass("t", LIST.as_bytes())?;
        let Passed::Text(text) = passed else { return Err(format!("{passed:?}")) };
        let alert: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        if alert.pointer("/rule/id") != Some(&Value::from("list")) {
            return Err(format!("{alert}"));
        }
    }
    Ok(())
}

/// The whole pack in one module, over the records of its rules' tests: every language at work on the
/// filter's stack.
fn compiled_pack(engine: &dyn Engine) -> Result<(), String> {
    #[derive(Serialize)]
    struct Configuration {
        rules: Vec<Document>,
    }
    let (mut rules, mut records) = (Vec::new(), Vec::new());
    for folder in ["elastic", "logpresso", "sigma"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/pack").join(folder);
        for path in paths(&path, &["toml", "yml"])? {
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            records.extend(test_records(&text));
            if !name.ends_with(".tests.toml") {
                rules.push(Document { name, text });
            }
        }
    }
    let compiler = tocsin_host::Engine::new().map_err(|error| error.to_string())?;
    let compiled = tocsin_host::compile::compile(&compiler, EMBEDDED_MODULE, rules.clone())
        .map_err(|error| error.to_string())?;
    let mut detector = Detector::new();
    let document = serde_json::to_vec(&Configuration { rules }).map_err(|e| e.to_string())?;
    detector.configure(&document, &mut Vec::new());
    let mut filter =
        Filter::new(engine, &compiled.module, Function::Enrich, Version::KeepsStrings)?;
    let mut matching = 0;
    for record in &records {
        let alerts = alerts_of(&mut detector, record);
        matching += usize::from(!alerts.is_empty());
        let told = |error| format!("{record}\n{error}");
        let passed = filter.pass("trail.aws", record.as_bytes()).map_err(told)?;
        same(&passed, &expected(Function::Enrich, record, &alerts)).map_err(told)?;
    }
    if matching >= 50 { Ok(()) } else { Err(format!("only {matching} records match")) }
}

/// The records of the tests in a rule file, or beside it.
fn test_records(text: &str) -> Vec<String> {
    let Ok(table) = text.parse::<toml::Table>() else { return Vec::new() };
    let tests = table.get("test").and_then(toml::Value::as_array);
    let record = |test: &toml::Value| {
        let record: Value = serde_json::from_str(test.get("record")?.as_str()?).ok()?;
        Some(record.to_string())
    };
    tests.into_iter().flatten().filter_map(record).collect()
}

/// Large records in a memory that can't grow as it would: an answer that says so, never a trap.
fn little_memory() -> Result<(), String> {
    let large = |size: usize| STOP.replace("mallory", &"m\\u00e9".repeat(size / 7));
    let records = [large(100_000), large(1_000_000), large(3_000_000)];
    let mut engine = Wasmtime::new(None);
    let (mut whole, mut told) = (0, 0);
    for memory in (3..64).step_by(3) {
        engine = engine.limited(memory << 20);
        each_filter(&engine, |filter, function| {
            for record in &records {
                let Passed::Text(text) = filter.pass("t", record.as_bytes())? else {
                    return Err("a match in little memory passes for none".into());
                };
                let text: Value = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
                let said = match function {
                    Function::Enrich => text.get("tocsin").cloned().unwrap_or_default(),
                    Function::Alerts => text,
                };
                let alerts = said.get("alerts").and_then(Value::as_array).map_or(0, Vec::len);
                if alerts == 2 {
                    whole += 1;
                } else if said.get("errors").is_some() {
                    told += 1;
                } else {
                    return Err(format!("{memory} MiB: {alerts} alerts and no error"));
                }
            }
            let alerts = alerts_of(&mut Detector::new(), STOP);
            same(&filter.pass("t", STOP.as_bytes())?, &expected(function, STOP, &alerts))
        })
        .map_err(|error| format!("{memory} MiB: {error}"))?;
    }
    if whole > 0 && told > 0 { Ok(()) } else { Err(format!("{whole} whole, {told} told")) }
}
