//! No function that works at each record is large: HotSpot compiles no method of over 8,000 bytes, and a large function
//! of the module becomes such a method in the JVM, to be interpreted for ever.
//!
//! Which ones do is counted: each large function of a copy of the module adds one to a global of its own.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::convert::Infallible;
use std::path::PathBuf;

use serde_json::json;
use tocsin_host::rule_files::RuleFiles;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, ValType,
};
use wasmparser::{Parser, Payload};
use wasmtime::{Engine, Instance, Module, Store, TypedFunc};

/// Bytes of a function in WebAssembly that become about 8,000 in the JVM.
const LARGE: usize = 6_000;

/// Records in a batch, and how often a large function may be called while they are judged.
const RECORDS: usize = 500;
const CALLS: i64 = 20;

/// Gives each large function of a module a counter: a global of its own, exported by the function's name.
struct Counters {
    /// The functions, by their numbers, and their sizes.
    large: Vec<(usize, usize)>,
    /// Globals that the module has itself.
    globals: u32,
    /// Functions written so far.
    written: usize,
}

impl Counters {
    fn of(module: &[u8]) -> Counters {
        let mut found = Counters { large: Vec::new(), globals: 0, written: 0 };
        let mut function = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::GlobalSection(section) => found.globals = section.count(),
                Payload::CodeSectionEntry(body) => {
                    let bytes = body.range().len();
                    if bytes > LARGE {
                        found.large.push((function, bytes));
                    }
                    function += 1;
                }
                _ => {}
            }
        }
        found
    }

    fn global(&self, place: usize) -> u32 {
        self.globals + u32::try_from(place).unwrap()
    }
}

impl Reencode for Counters {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        for _ in &self.large {
            let kind = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
            globals.global(kind, &ConstExpr::i64_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for (place, (function, _)) in self.large.iter().enumerate() {
            exports.export(&name(*function), ExportKind::Global, self.global(place));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let place = self.large.iter().position(|(function, _)| *function == self.written);
        self.written += 1;
        let Some(place) = place else { return utils::parse_function_body(self, code, body) };
        let mut function: Function = self.new_function_with_parsed_locals(&body)?;
        let counter = self.global(place);
        function.instructions().global_get(counter).i64_const(1).i64_add().global_set(counter);
        let mut instructions = body.get_operators_reader()?;
        while !instructions.eof() {
            function.instruction(&self.parse_instruction(&mut instructions)?);
        }
        code.function(&function);
        Ok(())
    }
}

fn name(function: usize) -> String {
    format!("calls of {function}")
}

/// The module with its counters; and the large functions with their sizes.
fn with_counters(module: &[u8]) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut counters = Counters::of(module);
    let mut counted = wasm_encoder::Module::new();
    counters.parse_core_module(&mut counted, Parser::new(0), module).unwrap();
    (counted.finish(), counters.large)
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
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../rules"));
    let documents = RuleFiles::read(&[folder]).unwrap().documents;
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
