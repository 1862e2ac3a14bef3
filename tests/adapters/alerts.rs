//! The export `tocsin_alerts` over every case of the suite, against the frames of the native run.

use tocsin_conformance::case;
use tocsin_conformance::runtimes::{Native, Runtime};
use tocsin_conformance::subject::Module as Subject;
use wasmtime::{Linker, Store};

use crate::guest::{PLENTY, State, compiled, read, split, store};

/// The module, called as a host of the interface calls it.
struct Host {
    store: Store<State<()>>,
    instance: wasmtime::Instance,
}

impl Host {
    fn start() -> Host {
        let (engine, module) = compiled(None);
        let mut store = store(&engine, (), PLENTY);
        let instance = Linker::new(&engine).instantiate(&mut store, &module).unwrap();
        Host { store, instance }
    }

    /// The eight integers of the header, and what they say lies in memory.
    fn call(&mut self, name: &str, argument: &[u8]) -> [u32; 8] {
        let malloc = self.instance.get_typed_func::<u32, u32>(&mut self.store, "malloc").unwrap();
        let free = self.instance.get_typed_func::<u32, ()>(&mut self.store, "free").unwrap();
        let call = self.instance.get_typed_func::<(u32, u32), u32>(&mut self.store, name).unwrap();
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        let length = argument.len() as u32;
        let address = malloc.call(&mut self.store, length).unwrap();
        memory.write(&mut self.store, address as usize, argument).unwrap();
        let header = call.call(&mut self.store, (address, length)).unwrap();
        let header = read(memory, &self.store, header, 32).unwrap();
        let mut integers = [0; 8];
        for (integer, bytes) in integers.iter_mut().zip(header.chunks_exact(4)) {
            *integer = u32::from_le_bytes(bytes.try_into().unwrap());
        }
        free.call(&mut self.store, address).unwrap();
        integers
    }

    fn text(&mut self, address: u32, length: u32) -> String {
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        let text = read(memory, &self.store, address, length).unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }
}

#[test]
fn alerts_stand_alone_and_errors_apart_in_every_case() {
    let (mut alerts_seen, mut errors_seen) = (0, 0);
    for case in case::all().unwrap() {
        let mut native = Native.start(&Subject::embedded()).unwrap();
        let mut host = Host::start();
        if let Some(document) = case.configuration().unwrap() {
            native.configure(&document).unwrap();
            host.call("tocsin_configure", &document);
        }
        let frames = native.detect(&case.batch).unwrap();
        let text = String::from_utf8(frames.text).unwrap();
        let (alerts, errors) = split(&text);
        let [status, at, length, count, errors_at, errors_length, errors_count, records] =
            host.call("tocsin_alerts", &case.batch);
        let line_of = |line: &String| format!("{line}\n");
        assert_eq!(status, frames.status, "{}", case.name);
        assert_eq!(count as usize, alerts.len(), "{}", case.name);
        assert_eq!(host.text(at, length), alerts.iter().map(line_of).collect::<String>());
        let said = host.text(errors_at, errors_length);
        assert_eq!(said, errors.iter().map(line_of).collect::<String>(), "{}", case.name);
        if let Some((_, summary)) = text.split_once("{\"summary\":") {
            assert!(summary.starts_with(&format!("{{\"records\":{records},")), "{}", case.name);
            assert!(summary.contains(&format!("\"errors\":{errors_count}")), "{}", case.name);
        }
        alerts_seen += alerts.len();
        errors_seen += errors.len();
    }
    assert!(alerts_seen > 0 && errors_seen > 0);
}
