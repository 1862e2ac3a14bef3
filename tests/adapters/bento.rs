//! The imports of Bento's processor `wasm`, played as its `internal/impl/wasm` of version 1.20 has them; Redpanda
//! Connect 4.93 has the same under another name.

use tocsin_host::adapter::Adapter;
use wasmtime::{Caller, Linker, Memory, Store, TypedFunc};

use crate::guest::{State, compiled, store};

/// A message, and what a call makes of it.
#[derive(Default, Debug, Clone)]
pub struct Message {
    pub content: Vec<u8>,
    pub errors: Option<String>,
    /// The host has marked it as failed: `errored()` in a mapping.
    pub failed: Option<String>,
    to_free: Vec<u32>,
}

type Host<'a> = Caller<'a, State<Message>>;

pub struct Bento {
    store: Store<State<Message>>,
    process: TypedFunc<(), ()>,
    free: TypedFunc<u32, ()>,
}

impl Bento {
    pub fn start(adapter: Adapter, memory_bytes: usize) -> Bento {
        let (engine, module) = compiled(Some(adapter));
        let mut linker = Linker::new(&engine);
        let host = if adapter == Adapter::Bento { "bento_wasm" } else { "benthos_wasm" };
        linker.func_wrap(host, "v0_msg_as_bytes", as_bytes).unwrap();
        linker.func_wrap(host, "v0_msg_set_bytes", set_bytes).unwrap();
        linker.func_wrap(host, "v0_msg_set_meta", set_meta).unwrap();
        let mut store = store(&engine, Message::default(), memory_bytes);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let process = instance.get_typed_func(&mut store, "process").unwrap();
        let free = instance.get_typed_func(&mut store, "free").unwrap();
        Bento { store, process, free }
    }

    /// One message; `Err` if the call traps, and with it the batch.
    pub fn process(&mut self, content: &[u8]) -> Result<Message, String> {
        self.store.data_mut().own = Message { content: content.to_vec(), ..Message::default() };
        let called = self.process.call(&mut self.store, ());
        for address in std::mem::take(&mut self.store.data_mut().own.to_free) {
            self.free.call(&mut self.store, address).unwrap();
        }
        called.map_err(|trap| trap.to_string())?;
        Ok(self.store.data().own.clone())
    }
}

fn as_bytes(mut host: Host<'_>) -> u64 {
    let content = host.data().own.content.clone();
    let malloc = host.get_export("malloc").unwrap().into_func().unwrap();
    let malloc = malloc.typed::<u32, u32>(&host).unwrap();
    let address = match malloc.call(&mut host, content.len() as u32) {
        Ok(address) => address,
        Err(trap) => {
            host.data_mut().own.failed = Some(format!("failed to allocate: {trap}"));
            return 0;
        }
    };
    host.data_mut().own.to_free.push(address);
    // It writes without a look at the address.
    memory(&mut host).write(&mut host, address as usize, &content).unwrap();
    u64::from(address) << 32 | content.len() as u64
}

fn set_bytes(mut host: Host<'_>, address: u32, length: u32) {
    match outbound(&mut host, address, length) {
        Some(content) => host.data_mut().own.content = content,
        None => host.data_mut().own.failed = Some("prevented read".into()),
    }
}

fn set_meta(mut host: Host<'_>, key: u32, key_length: u32, value: u32, value_length: u32) {
    let key = outbound(&mut host, key, key_length).unwrap();
    assert_eq!(key, b"tocsin_errors");
    let value = outbound(&mut host, value, value_length).unwrap();
    host.data_mut().own.errors = Some(String::from_utf8(value).unwrap());
}

fn memory(host: &mut Host<'_>) -> Memory {
    host.get_export("memory").unwrap().into_memory().unwrap()
}

fn outbound(host: &mut Host<'_>, address: u32, length: u32) -> Option<Vec<u8>> {
    let memory = memory(host);
    let from = address as usize;
    memory.data(&host).get(from..from.checked_add(length as usize)?).map(<[u8]>::to_vec)
}
