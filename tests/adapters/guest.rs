//! What hosts of adapters share here: a module in wasmtime with a memory limit, and what is expected of it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use tocsin_detector::Detector;
use tocsin_host::EMBEDDED_MODULE;
use tocsin_host::adapter::{Adapter, adapt};
use wasmtime::{Engine, Memory, Module, Store, StoreLimits, StoreLimitsBuilder};

/// Memory enough for anything here.
pub const PLENTY: usize = 256 << 20;

/// A module merged for a host, compiled once.
pub fn compiled(adapter: Option<Adapter>) -> (Engine, Module) {
    type Compiled = HashMap<Option<&'static str>, Module>;
    static ALL: LazyLock<(Engine, Mutex<Compiled>)> = LazyLock::new(Default::default);
    let name = adapter.map(|adapter| match adapter {
        Adapter::Bento => "bento",
        Adapter::RedpandaConnect => "redpanda-connect",
        _ => "redpanda-transform",
    });
    let mut all = ALL.1.lock().unwrap();
    let module = all.entry(name).or_insert_with(|| {
        let bytes = match adapter {
            Some(adapter) => adapt(EMBEDDED_MODULE, adapter).unwrap(),
            None => EMBEDDED_MODULE.to_vec(),
        };
        Module::new(&ALL.0, bytes).unwrap()
    });
    (ALL.0.clone(), module.clone())
}

/// What a host keeps: its own state, and how much memory its guest may have.
pub struct State<T> {
    pub own: T,
    limits: StoreLimits,
}

/// A store whose guest has so much memory at most.
pub fn store<T: 'static>(engine: &Engine, own: T, memory_bytes: usize) -> Store<State<T>> {
    let limits = StoreLimitsBuilder::new().memory_size(memory_bytes).build();
    let mut store = Store::new(engine, State { own, limits });
    store.limiter(|state| &mut state.limits);
    store
}

/// The bytes of a guest's memory; what lies outside is an error, as in every host.
pub fn read<T>(
    memory: Memory,
    store: &Store<State<T>>,
    address: u32,
    length: u32,
) -> Option<&[u8]> {
    let from = address as usize;
    memory.data(store).get(from..from.checked_add(length as usize)?)
}

/// The alerts of a batch as the frames have them, and the lines of its errors.
pub fn expected(batch: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut text = Vec::new();
    Detector::new().detect(batch, &mut text);
    split(std::str::from_utf8(&text).unwrap())
}

/// Alerts and errors of an answer's frames.
pub fn split(frames: &str) -> (Vec<String>, Vec<String>) {
    let (mut alerts, mut errors) = (Vec::new(), Vec::new());
    for line in frames.lines() {
        match line.split_once(",\"alert\":") {
            Some((_, alert)) => alerts.push(alert.strip_suffix('}').unwrap().to_owned()),
            None if line.starts_with("{\"summary\":") => {}
            None => errors.push(line.to_owned()),
        }
    }
    (alerts, errors)
}

/// A record that both embedded rules alert on, larger by a filler.
pub fn stop(filler: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userAgent":"{filler}","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder"}}"#
    )
}
