//! The imports of Redpanda's data transforms, version 1, played as the broker's `transform_module.cc` has them.

use std::collections::VecDeque;

use tocsin_host::adapter::Adapter;
use wasmtime::{Caller, Linker, Memory};

use crate::guest::{State, compiled, store};

const INVALID_BUFFER: i32 = -3;

/// A record of a topic: what the broker keeps of it beside its place and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, String)>,
}

impl Record {
    pub fn new(key: Option<&str>, value: &str) -> Record {
        let key = key.map(|key| key.as_bytes().to_vec());
        Record { key, value: Some(value.into()), headers: Vec::new() }
    }

    pub fn is_error(&self) -> bool {
        self.headers == [("tocsin".to_owned(), "error".to_owned())]
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.value.clone().unwrap()).unwrap()
    }

    fn payload(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        sized(self.key.as_deref(), &mut payload);
        sized(self.value.as_deref(), &mut payload);
        number(self.headers.len() as i64, &mut payload);
        for (key, value) in &self.headers {
            sized(Some(key.as_bytes()), &mut payload);
            sized(Some(value.as_bytes()), &mut payload);
        }
        payload
    }

    /// As the broker validates what a transform writes: all of it, and nothing behind it.
    fn parse(mut payload: &[u8]) -> Option<Record> {
        let key = take_sized(&mut payload)?;
        let value = take_sized(&mut payload)?;
        let count = take_number(&mut payload)?;
        let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.unwrap_or_default()).ok();
        let mut headers = Vec::new();
        for _ in 0..count {
            headers.push((text(take_sized(&mut payload)?)?, text(take_sized(&mut payload)?)?));
        }
        payload.is_empty().then_some(Record { key, value, headers })
    }
}

fn number(number: i64, out: &mut Vec<u8>) {
    let mut rest = (number << 1 ^ number >> 63).cast_unsigned();
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn sized(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    number(bytes.map_or(-1, |bytes| bytes.len() as i64), out);
    out.extend(bytes.unwrap_or_default());
}

fn take_number(payload: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = payload.split_first()?;
        *payload = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
        }
    }
    None
}

fn take_sized(payload: &mut &[u8]) -> Option<Option<Vec<u8>>> {
    let Ok(length) = usize::try_from(take_number(payload)?) else { return Some(None) };
    let (bytes, rest) = payload.split_at_checked(length)?;
    *payload = rest;
    Some(Some(bytes.to_vec()))
}

/// What the broker keeps while a transform runs.
#[derive(Default)]
struct Broker {
    batches: VecDeque<VecDeque<Vec<u8>>>,
    current: VecDeque<Vec<u8>>,
    /// What each record of the input has become, in order.
    written: Vec<Vec<Record>>,
}

/// The end of the input: the real broker would wait for ever.
#[derive(Debug)]
struct End;

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no further batch")
    }
}

impl std::error::Error for End {}

/// Runs a transform over batches: what it writes for each record, and the trap that it stopped with, if any.
pub fn transform(batches: &[&[Record]], memory_bytes: usize) -> (Vec<Vec<Record>>, Option<String>) {
    let (engine, module) = compiled(Some(Adapter::RedpandaTransform));
    let mut linker = Linker::new(&engine);
    let host = "redpanda_transform";
    linker.func_wrap(host, "check_abi_version_1", || {}).unwrap();
    linker.func_wrap(host, "read_batch_header", read_batch_header).unwrap();
    linker.func_wrap(host, "read_next_record", read_next_record).unwrap();
    linker.func_wrap(host, "write_record", write_record).unwrap();
    let batches = batches.iter().map(|batch| batch.iter().map(Record::payload).collect());
    let broker = Broker { batches: batches.collect(), ..Broker::default() };
    let mut store = store(&engine, broker, memory_bytes);
    let instance = match linker.instantiate(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
    let stopped = start.call(&mut store, ()).unwrap_err();
    let trap = (!stopped.is::<End>()).then(|| format!("{stopped:?}"));
    (std::mem::take(&mut store.data_mut().own.written), trap)
}

type Host<'a> = Caller<'a, State<Broker>>;

fn memory(host: &mut Host<'_>) -> Memory {
    host.get_export("memory").unwrap().into_memory().unwrap()
}

fn write<const N: usize>(host: &mut Host<'_>, address: u32, bytes: [u8; N]) {
    memory(host).write(host, address as usize, &bytes).unwrap();
}

#[allow(clippy::too_many_arguments)] // as the broker has it
fn read_batch_header(
    mut host: Host<'_>,
    base_offset: u32,
    record_count: u32,
    leader_epoch: u32,
    attributes: u32,
    last_offset_delta: u32,
    base_timestamp: u32,
    max_timestamp: u32,
    producer_id: u32,
    producer_epoch: u32,
    base_sequence: u32,
) -> Result<i32, wasmtime::Error> {
    assert!(host.data().own.current.is_empty(), "a record wasn't read");
    let Some(batch) = host.data_mut().own.batches.pop_front() else {
        return Err(wasmtime::Error::new(End));
    };
    for place in [base_offset, base_timestamp, max_timestamp, producer_id] {
        write(&mut host, place, 7_i64.to_le_bytes());
    }
    for place in [leader_epoch, last_offset_delta, base_sequence] {
        write(&mut host, place, 7_i32.to_le_bytes());
    }
    for place in [attributes, producer_epoch] {
        write(&mut host, place, 7_i16.to_le_bytes());
    }
    write(&mut host, record_count, (batch.len() as i32).to_le_bytes());
    let largest = batch.iter().map(Vec::len).max().unwrap_or_default();
    host.data_mut().own.current = batch;
    Ok(largest as i32)
}

fn read_next_record(
    mut host: Host<'_>,
    attributes: u32,
    timestamp: u32,
    offset: u32,
    buffer: u32,
    size: u32,
) -> i32 {
    let payload = host.data().own.current.front().unwrap().clone();
    if (size as usize) < payload.len() {
        return INVALID_BUFFER;
    }
    host.data_mut().own.current.pop_front();
    host.data_mut().own.written.push(Vec::new());
    write(&mut host, attributes, [7]);
    write(&mut host, timestamp, 7_i64.to_le_bytes());
    write(&mut host, offset, 7_i64.to_le_bytes());
    memory(&mut host).write(&mut host, buffer as usize, &payload).unwrap();
    payload.len() as i32
}

fn write_record(mut host: Host<'_>, address: u32, length: u32) -> i32 {
    let memory = memory(&mut host);
    let from = address as usize;
    let payload = memory.data(&host).get(from..from + length as usize).unwrap().to_vec();
    let Some(record) = Record::parse(&payload) else { return INVALID_BUFFER };
    host.data_mut().own.written.last_mut().unwrap().push(record);
    length as i32
}
