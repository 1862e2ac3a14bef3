//! `tocsin_alerts`, and the adapters over it, in hosts played by their own import contracts: alerts alone, byte for
//! byte, and never silence about what wasn't judged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alerts;
mod bento;
mod guest;
mod redpanda;

use bento::Bento;
use guest::{PLENTY, expected, stop};
use redpanda::{Record, transform};
use tocsin_host::EMBEDDED_MODULE;
use tocsin_host::adapter::{AdaptError, Adapter, LARGEST_RECORD, adapt, memory_needs};
use tocsin_host::compile::sha256;

/// Records and what else comes: alerts, none, a lone surrogate, invalid UTF-8, several lines, what is no record.
fn inputs() -> Vec<Vec<u8>> {
    let two = stop("x");
    vec![
        two.clone().into(),
        stop(r"\ud800").into(),
        [b"{\"a\":\"\xff\",", &two.as_bytes()[1..]].concat(),
        br#"{"eventVersion":"1.08","eventName":"DescribeInstances"}"#.to_vec(),
        format!("{two}\n{{\"eventName\":\n{two}\n").into(),
        format!("{{\"Records\":[{two},{two}]}}").into(),
        b"hello".to_vec(),
        two.as_bytes()[..two.len() - 9].to_vec(),
        Vec::new(),
    ]
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn bento_and_redpanda_connect_get_alerts_alone_and_errors_as_metadata() {
    for adapter in [Adapter::Bento, Adapter::RedpandaConnect] {
        let mut bento = Bento::start(adapter, PLENTY);
        for input in inputs() {
            let (alerts, errors) = expected(&input);
            let message = bento.process(&input).unwrap();
            assert_eq!(message.failed, None);
            assert_eq!(lines(std::str::from_utf8(&message.content).unwrap()), alerts);
            assert_eq!(message.errors.as_deref().map(lines).unwrap_or_default(), errors);
        }
    }
}

#[test]
fn a_message_without_room_fails_alone() {
    let small = stop("x");
    for (memory_mib, size) in [(4, 8 << 20), (4, 3 << 20), (3, 1 << 20)] {
        let mut bento = Bento::start(Adapter::Bento, memory_mib << 20);
        assert_eq!(bento.process(small.as_bytes()).unwrap().errors, None);
        let large = bento.process(stop(&"x".repeat(size)).as_bytes()).unwrap();
        assert!(large.failed.is_some() || large.errors.is_some(), "{memory_mib} MiB: silence");
        let after = bento.process(small.as_bytes()).unwrap();
        let alerts = lines(std::str::from_utf8(&after.content).unwrap());
        assert_eq!(
            (alerts, after.errors, after.failed),
            (expected(small.as_bytes()).0, None, None)
        );
    }
}

#[test]
fn little_memory_is_never_silence() {
    let record = stop(&"x".repeat(200_000));
    let alerts = expected(record.as_bytes()).0;
    let (mut whole, mut said) = (0, 0);
    for pages in (30..140).step_by(3) {
        let message = Bento::start(Adapter::Bento, pages << 16).process(record.as_bytes()).unwrap();
        if message.failed.is_none() && message.errors.is_none() {
            assert!(
                lines(std::str::from_utf8(&message.content).unwrap()) == alerts,
                "{pages} pages"
            );
            whole += 1;
        } else {
            said += 1;
        }
    }
    assert!(whole > 0 && said > 0, "{whole} whole, {said} said");
}

#[test]
fn a_transform_writes_alerts_and_errors_as_records_of_the_same_key() {
    let key = "k".repeat(300);
    for key in [None, Some(""), Some(key.as_str())] {
        let records: Vec<Record> = inputs()
            .iter()
            .map(|input| {
                let mut record = Record::new(key, "");
                record.value = Some(input.clone());
                record.headers = vec![("trace".into(), "1".into())];
                record
            })
            .collect();
        let (first, second) = records.split_at(4);
        let (written, trap) = transform(&[first, &[], second, first], PLENTY);
        assert_eq!(trap, None);
        assert_eq!(written.len(), records.len() + first.len());
        for (record, written) in records.iter().chain(first).zip(written) {
            let (alerts, errors) = expected(record.value.as_deref().unwrap());
            let (failed, raised): (Vec<_>, Vec<_>) = written.iter().partition(|r| r.is_error());
            let texts =
                |records: Vec<&Record>| records.iter().map(|r| r.text()).collect::<Vec<_>>();
            assert!(raised.iter().all(|record| record.headers.is_empty()));
            assert!(written.iter().all(|written| written.key == record.key));
            assert_eq!((texts(raised), texts(failed)), (alerts, errors));
        }
    }
}

#[test]
fn a_record_without_a_value_is_passed_over() {
    let gone = Record { key: Some(b"k".to_vec()), value: None, headers: Vec::new() };
    let (written, trap) = transform(&[&[gone, Record::new(None, &stop("x"))]], PLENTY);
    assert_eq!((written[0].len(), written[1].len(), trap), (0, 2, None));
}

#[test]
fn a_transform_with_little_memory_says_so_or_stops() {
    let large = Record::new(Some("k"), &stop(&"x".repeat(60_000)));
    let small = Record::new(Some("k"), &stop("x"));
    let (mut whole, mut said, mut stopped) = (0, 0, 0);
    for pages in 18..60 {
        let records = [small.clone(), large.clone(), small.clone()];
        let (written, trap) = transform(&[&records], pages << 16);
        // What was written before a trap is judged again when the broker starts the transform anew.
        let judged = if trap.is_some() { written.len().saturating_sub(1) } else { 3 };
        for (record, written) in records.iter().zip(&written).take(judged) {
            let alerts = written.iter().filter(|written| !written.is_error()).count();
            let errors = written.len() - alerts;
            assert!(alerts == 2 || errors > 0, "{pages} pages: {alerts} alerts, {record:?}");
            if errors > 0 { said += 1 } else { whole += 1 }
        }
        stopped += usize::from(trap.is_some());
    }
    assert!(whole > 0 && said > 0 && stopped > 0, "{whole} whole, {said} said, {stopped} stopped");
}

#[test]
fn the_memory_that_the_command_names_is_enough() {
    let module = tocsin_host::Module::embedded(&tocsin_host::Engine::new().unwrap()).unwrap();
    let needs = memory_needs(&module).unwrap();
    let room = LARGEST_RECORD - stop("").len();
    for filler in ["x".repeat(room), "\\u0041".repeat(room / 6), "ä".repeat(room / 2)] {
        let record = stop(&filler);
        let alerts = expected(record.as_bytes()).0;
        assert_eq!(alerts.len(), 2);
        let small = Record::new(None, &stop("x"));
        let large = Record::new(Some("key"), &record);
        let (written, trap) = transform(
            &[std::slice::from_ref(&small), &[large.clone(), small.clone(), large]],
            needs.for_largest_record,
        );
        assert_eq!(trap, None);
        for place in [1, 3] {
            let texts: Vec<_> = written[place].iter().map(Record::text).collect();
            assert!(texts == alerts, "{} of two alerts, {}", texts.len(), &filler[..6]);
        }
        let mut bento = Bento::start(Adapter::Bento, needs.for_largest_record);
        let message = bento.process(record.as_bytes()).unwrap();
        assert!(lines(std::str::from_utf8(&message.content).unwrap()) == alerts);
    }
    let (_, trap) = transform(&[&[Record::new(None, &stop("x"))]], needs.at_start);
    assert_eq!(trap, None, "it starts with what it says that a start takes");
}

#[test]
fn a_component_holds_the_module_unchanged() {
    let component = adapt(EMBEDDED_MODULE, Adapter::Component).unwrap();
    let place = component.windows(8).position(|window| window == b"\0asm\x01\0\0\0").unwrap();
    let inside = &component[place..place + EMBEDDED_MODULE.len()];
    assert_eq!(sha256(inside), tocsin_host::EMBEDDED_MODULE_SHA256);
    assert!(component.len() < EMBEDDED_MODULE.len() + 4_000);
}

#[test]
fn what_has_an_adapter_gets_no_other() {
    for adapter in [Adapter::Bento, Adapter::RedpandaConnect, Adapter::RedpandaTransform] {
        let merged = adapt(EMBEDDED_MODULE, adapter).unwrap();
        assert_eq!(merged, adapt(EMBEDDED_MODULE, adapter).unwrap());
        assert!(merged.len() < EMBEDDED_MODULE.len() + 100_000, "{}", merged.len());
        assert!(matches!(adapt(&merged, Adapter::Component), Err(AdaptError::Imports)));
    }
    let older = wat::parse_str(r#"(module (memory (export "memory") 1))"#).unwrap();
    assert!(
        matches!(adapt(&older, Adapter::Bento), Err(AdaptError::TooOld(name)) if name == "malloc")
    );
    assert!(matches!(adapt(b"no module", Adapter::Bento), Err(AdaptError::Invalid(_))));
}
