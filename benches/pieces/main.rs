//! The pieces of a scan, each alone, natively and in the sandbox: batches of one kind of record in, times out.
//!
//! Times are the processor's, of the thread that works. What a piece costs shows where the batch leaves the engine no other way: plain records are only searched,
//! decoys are read and nothing more, failed calls are evaluated to the last clause, stops become alerts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs)]

mod batches;
mod cpu;

use batches::{Batch, kql, logpresso, sigma};
use cpu::Cpu;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;
use tocsin_benches::native;
use tocsin_benches::trail::kinds::RecordKind;
use tocsin_detector::Detector;
use tocsin_host::{Engine, Limits, Module, Sandbox};

/// A configuration document: these rules, or the embedded ones, and a format.
fn document(rules: Option<&[(&str, String)]>, format: &str) -> String {
    let mut document = serde_json::json!({"options": {"format": format}});
    if let Some(rules) = rules {
        let rules: Vec<_> = rules
            .iter()
            .map(|(name, text)| serde_json::json!({"name": name, "text": text}))
            .collect();
        document["rules"] = rules.into();
    }
    document.to_string()
}

/// Measures one batch with one configuration, natively and in the sandbox, and checks the number of alerts.
fn both(
    group: &mut BenchmarkGroup<'_, Cpu>,
    name: &str,
    module: &Module,
    document: &str,
    batch: &Batch,
    alerts: u32,
) {
    group.throughput(Throughput::Bytes(batch.text.len() as u64));
    let mut detector = Detector::new();
    let mut answer = Vec::new();
    detector.configure(document.as_bytes(), &mut answer);
    group.bench_function(format!("{name}/native"), |bencher| {
        bencher.iter(|| {
            answer.clear();
            assert_eq!(detector.detect(black_box(&batch.text), &mut answer).count, alerts);
        });
    });
    let mut sandbox = Sandbox::new(module, Limits::default()).unwrap();
    let configured = sandbox.configure(document.as_bytes()).unwrap();
    assert_eq!(
        configured.status,
        tocsin_host::sandbox::Status::Ok,
        "{}",
        String::from_utf8_lossy(configured.text)
    );
    group.bench_function(format!("{name}/sandbox"), |bencher| {
        bencher.iter(|| {
            assert_eq!(sandbox.detect_bytes(black_box(&batch.text)).unwrap().count, alerts)
        });
    });
}

/// Records without the name: passed over.
fn search(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let mut group = group(criterion, "search");
    let pack = pack();
    both(
        &mut group,
        "embedded rules",
        &module,
        &document(None, "json"),
        &Batch::of(RecordKind::Plain),
        0,
    );
    let quiet = Batch::quiet(&pack);
    both(&mut group, "pack", &module, &pack, &quiet, 0);
    both(
        &mut group,
        "embedded rules, escapes",
        &module,
        &document(None, "json"),
        &Batch::escaped(),
        0,
    );
    group.finish();
}

/// Records that must be read to see that they are none of a rule's.
fn skip_parse(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let mut group = group(criterion, "skip parse");
    both(
        &mut group,
        "name in the user agent",
        &module,
        &document(None, "json"),
        &Batch::of(RecordKind::DecoyUserAgent),
        0,
    );
    both(
        &mut group,
        "name in the request",
        &module,
        &document(None, "json"),
        &Batch::of(RecordKind::DecoyRequest),
        0,
    );
    let without_literal = [("absent.toml", kql("not event.action: *"))];
    both(
        &mut group,
        "a rule without a literal",
        &module,
        &document(Some(&without_literal), "json"),
        &Batch::of(RecordKind::Plain),
        0,
    );
    group.finish();
}

/// The same condition in each language, on records that fail its last clause.
fn evaluate(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let failed = Batch::of(RecordKind::FailedStop);
    let mut group = group(criterion, "evaluate");
    for (name, file, text) in [
        (
            "kql",
            "stop.toml",
            kql(
                "event.provider: config.amazonaws.com and event.action: StopConfigurationRecorder and event.outcome: success",
            ),
        ),
        (
            "logpresso",
            "stop.toml",
            logpresso(
                "search event_source == \"config.amazonaws.com\" and event_name == \"StopConfigurationRecorder\" and isnull(errorCode)",
            ),
        ),
        ("sigma", "stop.yml", sigma()),
    ] {
        both(&mut group, name, &module, &document(Some(&[(file, text)]), "json"), &failed, 0);
    }
    group.finish();
}

/// Records that are alerts, in each format.
fn alert_writing(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let stops = Batch::stops(64);
    let alerts = 2 * stops.records;
    let mut group = group(criterion, "alerts of two rules");
    for format in ["json", "text", "ecs", "ocsf"] {
        both(&mut group, format, &module, &document(None, format), &stops, alerts);
    }
    group.finish();
}

/// What a call costs that has next to nothing to do.
fn call(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let mut sandbox = Sandbox::new(&module, Limits::default()).unwrap();
    let mut group = group(criterion, "call");
    let one = Batch::first(RecordKind::Plain);
    for (name, text) in [("an empty batch", &b""[..]), ("one record, no match", &one.text)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(sandbox.detect_bytes(black_box(text)).unwrap().count, 0));
        });
    }
    group.finish();
}

/// From compiled code to a detector that can be called.
fn instantiate(criterion: &mut Criterion<Cpu>) {
    let module = module();
    let mut group = group(criterion, "instantiate");
    group.bench_function("an instance", |bencher| {
        bencher.iter_batched(
            || (),
            |()| Sandbox::new(black_box(&module), Limits::default()).unwrap(),
            BatchSize::PerIteration,
        );
    });
    let mut configured = Sandbox::new(&module, Limits::default()).unwrap();
    configured.configure(pack().as_bytes()).unwrap();
    group.bench_function("another with the pack", |bencher| {
        bencher.iter_batched(
            || (),
            |()| configured.blueprint().start().unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("a module from the cache", |bencher| {
        bencher.iter(|| Module::embedded(&Engine::new().unwrap()).unwrap());
    });
    group.finish();
}

fn group<'a>(criterion: &'a mut Criterion<Cpu>, name: &str) -> BenchmarkGroup<'a, Cpu> {
    let mut group = criterion.benchmark_group(name);
    // Batches take milliseconds: as many in each sample, not ever more.
    group.sampling_mode(SamplingMode::Flat);
    group
}

fn module() -> Module {
    Module::embedded(&Engine::new().unwrap()).unwrap()
}

/// The pack's configuration document.
fn pack() -> String {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/pack"));
    native::configuration(&[folder]).unwrap()
}

criterion_group! {
    name = pieces;
    config = Criterion::default()
        .with_measurement(Cpu)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    targets = search, skip_parse, evaluate, alert_writing, call, instantiate
}
criterion_main!(pieces);
