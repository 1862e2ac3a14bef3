//! No function that works at each record is large: HotSpot compiles no method of over 8,000 bytes, and a large function
//! of the module becomes such a method in the JVM, to be interpreted for ever.
//!
//! Which ones do is counted: each large function of a copy of the module adds one to a global of its own.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;
use wasmparser::{Parser, Payload};
use wasmtime::{Engine, Instance, Module, Store, TypedFunc};

/// Bytes of a function in WebAssembly that become about 8,000 in the JVM.
const LARGE: usize = 6_000;

/// Records in a batch, and how often a large function may be called while they are judged.
const RECORDS: usize = 500;
const CALLS: i64 = 20;

/// Sections of a module, by their numbers.
const GLOBALS: u8 = 6;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;

/// An unsigned number as WebAssembly writes it.
fn number(mut value: usize, out: &mut Vec<u8>) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A section of entries: those that it has, and more behind them.
fn extended(count: usize, entries: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let mut section = Vec::new();
    number(count + more.len(), &mut section);
    section.extend_from_slice(entries);
    more.iter().for_each(|entry| section.extend_from_slice(entry));
    section
}

/// A function's body that first adds one to a global.
fn counting(body: &[u8], locals: usize, global: usize) -> Vec<u8> {
    let (mut index, mut prefix) = (Vec::new(), vec![0x23]);
    number(global, &mut index);
    prefix.extend_from_slice(&index);
    prefix.extend_from_slice(&[0x42, 1, 0x7c, 0x24]); // i64.const 1, i64.add, global.set
    prefix.extend_from_slice(&index);
    [&body[..locals], &prefix, &body[locals..]].concat()
}

fn name(function: usize) -> String {
    format!("calls of {function}")
}

/// The module with a counter, exported by its name, in each large function; and these functions with their sizes.
fn with_counters(module: &[u8]) -> (Vec<u8>, Vec<(usize, usize)>) {
    let (mut globals, mut large, mut bodies) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::GlobalSection(section) => globals = section.count() as usize,
            Payload::CodeSectionEntry(body) => {
                let (function, bytes) = (bodies.len(), &module[body.range()]);
                let locals = body.get_operators_reader().unwrap().original_position();
                let is_large = bytes.len() > LARGE;
                let global = globals + large.len();
                bodies.push(match is_large {
                    true => counting(bytes, locals - body.range().start, global),
                    false => bytes.to_vec(),
                });
                is_large.then(|| large.push((function, bytes.len())));
            }
            _ => {}
        }
    }
    let mut out = module[..8].to_vec();
    let mut section = |id: u8, content: &[u8]| {
        out.push(id);
        number(content.len(), &mut out);
        out.extend_from_slice(content);
    };
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.unwrap();
        match &payload {
            Payload::GlobalSection(globals) => {
                let mut reader = globals.clone().into_iter_with_offsets();
                let first = reader.next().unwrap().unwrap().0;
                let mutable_i64 = vec![0x7e, 1, 0x42, 0, 0x0b];
                let more = vec![mutable_i64; large.len()];
                let entries = &module[first..globals.range().end];
                section(GLOBALS, &extended(globals.count() as usize, entries, &more));
            }
            Payload::ExportSection(exports) => {
                let mut reader = exports.clone().into_iter_with_offsets();
                let first = reader.next().unwrap().unwrap().0;
                let export = |(place, (function, _)): (usize, &(usize, usize))| {
                    let (name, mut entry) = (name(*function), Vec::new());
                    number(name.len(), &mut entry);
                    entry.extend_from_slice(name.as_bytes());
                    entry.push(3); // a global
                    number(globals + place, &mut entry);
                    entry
                };
                let more: Vec<_> = large.iter().enumerate().map(export).collect();
                let entries = &module[first..exports.range().end];
                section(EXPORTS, &extended(exports.count() as usize, entries, &more));
            }
            Payload::CodeSectionStart { count, .. } => {
                let mut content = Vec::new();
                number(*count as usize, &mut content);
                for body in &bodies {
                    number(body.len(), &mut content);
                    content.extend_from_slice(body);
                }
                section(CODE, &content);
            }
            other => {
                if let Some((id, range)) = other.as_section().filter(|(id, _)| *id != CODE) {
                    section(id, &module[range]);
                }
            }
        }
    }
    (out, large)
}

/// The module with counters, running.
struct Counted {
    store: Store<()>,
    instance: Instance,
    large: Vec<(usize, usize)>,
}

impl Counted {
    fn start() -> Counted {
        let engine = Engine::default();
        let (module, large) = with_counters(tocsin_host::EMBEDDED_MODULE);
        let module = Module::new(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        Counted { store, instance, large }
    }

    /// Calls an export with a text; gives the answer's status.
    fn call(&mut self, export: &str, text: &str) -> u32 {
        let malloc: TypedFunc<i32, i32> =
            self.instance.get_typed_func(&mut self.store, "malloc").unwrap();
        let function: TypedFunc<(i32, i32), i32> =
            self.instance.get_typed_func(&mut self.store, export).unwrap();
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        let at = malloc.call(&mut self.store, text.len() as i32).unwrap();
        memory.write(&mut self.store, at as usize, text.as_bytes()).unwrap();
        let header = function.call(&mut self.store, (at, text.len() as i32)).unwrap();
        let mut status = [0; 4];
        memory.read(&self.store, header as usize, &mut status).unwrap();
        u32::from_le_bytes(status)
    }

    fn counts(&mut self) -> Vec<i64> {
        let large = self.large.clone();
        let count = |(function, _): &(usize, usize)| {
            let global = self.instance.get_global(&mut self.store, &name(*function)).unwrap();
            global.get(&mut self.store).unwrap_i64()
        };
        large.iter().map(count).collect()
    }
}

/// Rules of each language, of which every kind of clause is asked of the records.
fn rules() -> serde_json::Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules");
    let mut files = vec![std::path::PathBuf::from(folder)];
    let mut documents = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        if (name.ends_with(".toml") || name.ends_with(".yml")) && !name.contains(".tests.") {
            documents.push(json!({"name": name, "text": std::fs::read_to_string(&path).unwrap()}));
        }
    }
    assert!(documents.len() > 20, "{}", documents.len());
    json!({"rules": documents, "options": {"strict": true}, "skip_broken": true})
}

#[test]
fn no_large_function_is_called_for_each_record() {
    let mut counted = Counted::start();
    assert_eq!(counted.call("tocsin_configure", &rules().to_string()), 0);
    let record = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::1:user/alice"},"eventTime":"2026-03-14T09:26:53Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.10","userAgent":"aws-cli/2","requestParameters":{"instancesSet":{"items":[{"instanceId":"i-1"}]},"a\u0062c":[1,2]},"responseElements":null,"eventID":"e","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"1"}"#;
    let text = serde_json::to_string(record).unwrap();
    let shapes = [
        format!("{record}\n").repeat(RECORDS),
        format!("[{}{record}]", format!("{record},").repeat(RECORDS)),
        format!("{{\"message\":{text}}}\n").repeat(RECORDS),
        format!("{{\"detail-type\":\"x\",\"source\":\"aws.ec2\",\"detail\":{record}}}\n")
            .repeat(RECORDS),
    ];
    for shape in shapes {
        let before = counted.counts();
        assert_eq!(counted.call("tocsin_detect", &shape), 0);
        let large = counted.large.clone();
        for ((function, bytes), (before, after)) in
            large.iter().zip(before.iter().zip(counted.counts()))
        {
            let calls = after - before;
            assert!(
                calls <= CALLS,
                "function {function} of {bytes} bytes was called {calls} times for {RECORDS} records"
            );
        }
    }
    // Reading rules does call large ones: the counters count.
    assert!(counted.counts().iter().any(|count| *count > 0));
}
