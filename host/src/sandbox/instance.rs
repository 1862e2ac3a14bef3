//! One instance of a module: its memory, its functions, and the deadline of each call.

use std::ops::Range;

use tocsin_wire::RecordKeys;
use wasmtime::{Memory, Store, Trap, TypedFunc};

use super::engine::TICK;
use super::limits::Meter;
use super::{CallError, Limits, Module, Question, Status};

/// Bytes of the header that a call's result points at.
const HEADER_BYTES: usize = 16;

/// The unit in which a memory grows.
const WASM_PAGE: usize = 64 << 10;

/// A running instance.
pub(super) struct Instance {
    store: Store<Meter>,
    memory: Memory,
    malloc: TypedFunc<i32, i32>,
    free: TypedFunc<i32, ()>,
    describe: TypedFunc<(), i32>,
    configure: TypedFunc<(i32, i32), i32>,
    detect: TypedFunc<(i32, i32), i32>,
    /// Optional in version 1 of the interface.
    detect_marked: Option<TypedFunc<(i32, i32, i32, i32), i32>>,
    /// Optional, too.
    explain: Option<TypedFunc<(i32, i32, i32, i32), i32>>,
    /// Optional, too.
    record_keys: Option<TypedFunc<(), i32>>,
    /// Optional, too.
    vocabulary: Option<TypedFunc<(), i32>>,
    /// Whichever of [`Question`] the module answers, in their order.
    questions: Vec<Option<TypedFunc<(i32, i32), i32>>>,
    /// Steps of all calls, where they are counted.
    steps: u64,
    inner: wasmtime::Instance,
}

/// The header of an answer, checked: the text lies inside the memory.
pub(super) struct Header {
    pub(super) status: Status,
    pub(super) count: u32,
    pub(super) text: Range<usize>,
}

impl Instance {
    pub(super) fn start(module: &Module, limits: &Limits) -> Result<Instance, CallError> {
        let (mut store, instance) = instantiate(&module.inner, limits)?;

        // The module was checked for these when it was loaded.
        let missing = |error: wasmtime::Error| CallError::Protocol(error.to_string());
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| CallError::Protocol("it has no memory".into()))?;
        let mut two = |name| instance.get_typed_func::<(i32, i32), i32>(&mut store, name);
        let configure = two("tocsin_configure").map_err(missing)?;
        let detect = two("tocsin_detect").map_err(missing)?;
        let describe = instance.get_typed_func(&mut store, "tocsin_describe").map_err(missing)?;
        let malloc = instance.get_typed_func(&mut store, "malloc").map_err(missing)?;
        let free = instance.get_typed_func(&mut store, "free").map_err(missing)?;
        let detect_marked = instance.get_typed_func(&mut store, "tocsin_detect_marked").ok();
        let explain = instance.get_typed_func(&mut store, "tocsin_explain").ok();
        let record_keys = instance.get_typed_func(&mut store, "tocsin_record_keys").ok();
        let vocabulary = instance.get_typed_func(&mut store, "tocsin_vocabulary").ok();
        let questions = Question::ALL.iter();
        let questions =
            questions.map(|one| instance.get_typed_func(&mut store, one.export()).ok()).collect();
        let inner = instance;
        Ok(Instance {
            store,
            memory,
            malloc,
            free,
            describe,
            configure,
            detect,
            detect_marked,
            explain,
            record_keys,
            vocabulary,
            questions,
            steps: 0,
            inner,
        })
    }

    pub(super) fn describe(&mut self) -> Result<Header, CallError> {
        let function = self.describe.clone();
        let address = self.run(&function, ())?;
        self.header(address)
    }

    pub(super) fn configure(&mut self, start: usize, len: usize) -> Result<Header, CallError> {
        let function = self.configure.clone();
        let address = self.run(&function, argument(start, len)?)?;
        self.header(address)
    }

    pub(super) fn detect(&mut self, start: usize, len: usize) -> Result<Header, CallError> {
        let function = self.detect.clone();
        let address = self.run(&function, argument(start, len)?)?;
        self.header(address)
    }

    /// Whether the module wants to know where plain records lie in a batch.
    pub(super) fn takes_marks(&self) -> bool {
        self.detect_marked.is_some()
    }

    pub(super) fn detect_marked(
        &mut self,
        batch: (usize, usize),
        marks: (usize, usize),
    ) -> Result<Header, CallError> {
        let Some(function) = self.detect_marked.clone() else {
            return Err(CallError::Missing("tocsin_detect_marked"));
        };
        let ((start, len), (marks, count)) =
            (argument(batch.0, batch.1)?, argument(marks.0, marks.1)?);
        let address = self.run(&function, (start, len, marks, count))?;
        self.header(address)
    }

    pub(super) fn explain(
        &mut self,
        rule: (usize, usize),
        batch: (usize, usize),
    ) -> Result<Header, CallError> {
        let Some(function) = self.explain.clone() else {
            return Err(CallError::Missing("tocsin_explain"));
        };
        let ((rule, rule_len), (start, len)) =
            (argument(rule.0, rule.1)?, argument(batch.0, batch.1)?);
        let address = self.run(&function, (rule, rule_len, start, len))?;
        self.header(address)
    }

    /// How the module recognises records by their first bytes; none if it doesn't say.
    pub(super) fn record_keys(&mut self) -> Result<RecordKeys, CallError> {
        let Some(function) = self.record_keys.clone() else { return Ok(RecordKeys::default()) };
        let address = self.run(&function, ())?;
        let header = self.header(address)?;
        serde_json::from_slice(self.bytes(header.text))
            .map_err(|error| CallError::Protocol(format!("tocsin_record_keys: {error}")))
    }

    pub(super) fn vocabulary(&mut self) -> Result<Header, CallError> {
        let Some(function) = self.vocabulary.clone() else {
            return Err(CallError::Missing("tocsin_vocabulary"));
        };
        let address = self.run(&function, ())?;
        self.header(address)
    }

    pub(super) fn ask(
        &mut self,
        question: Question,
        start: usize,
        len: usize,
    ) -> Result<Header, CallError> {
        let Some(function) = self.questions.get(question as usize).cloned().flatten() else {
            return Err(CallError::Missing(question.export()));
        };
        let address = self.run(&function, argument(start, len)?)?;
        self.header(address)
    }

    /// The value of an exported global.
    pub(super) fn global(&mut self, name: &str) -> Option<wasmtime::Val> {
        let global = self.inner.get_global(&mut self.store, name)?;
        Some(global.get(&mut self.store))
    }

    /// Reserves memory in the module; `None` if it has none left, and goes on as before.
    pub(super) fn reserve(&mut self, size: usize) -> Result<Option<Range<usize>>, CallError> {
        let Ok(wanted) = u32::try_from(size) else { return Ok(None) };
        let function = self.malloc.clone();
        let start = offset(self.run(&function, wanted.cast_signed())?);
        let range = start..start.saturating_add(size);
        match self.memory.data(&self.store).get(range.clone()) {
            _ if start == 0 => Ok(None),
            Some(_) => Ok(Some(range)),
            None => Err(CallError::Protocol("what it reserves lies outside its memory".into())),
        }
    }

    pub(super) fn release(&mut self, start: usize) -> Result<(), CallError> {
        let function = self.free.clone();
        let (start, _) = argument(start, 0)?;
        self.run(&function, start)
    }

    /// Bytes of the memory; none if the range lies outside.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.memory.data(&self.store).get(range).unwrap_or_default()
    }

    pub(super) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        self.memory.data_mut(&mut self.store).get_mut(range).unwrap_or_default()
    }

    /// Copies bytes inside the memory; both ranges must have been reserved.
    pub(super) fn copy_within(&mut self, from: Range<usize>, to: usize) {
        let memory = self.memory.data_mut(&mut self.store);
        if from.end <= memory.len() && to.saturating_add(from.len()) <= memory.len() {
            memory.copy_within(from, to);
        }
    }

    /// Changes the steps of the calls that follow.
    pub(super) fn limit_steps(&mut self, steps: u64) {
        self.store.data_mut().limits.steps = steps;
    }

    /// The steps that all calls took; 0 if the engine doesn't count them.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// The whole memory.
    pub(super) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// The whole memory, made at least as large as asked for.
    pub(super) fn memory_of(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        let missing = size.saturating_sub(self.memory_bytes()).div_ceil(WASM_PAGE) as u64;
        self.store.data_mut().refused_memory = false;
        if missing > 0 && self.memory.grow(&mut self.store, missing).is_err() {
            return Err(CallError::Memory { limit: self.store.data().limits.memory_bytes });
        }
        Ok(self.memory.data_mut(&mut self.store))
    }

    /// Lets the memory grow no further, until it may again.
    pub(super) fn forbid_growth(&mut self, is_closed: bool) {
        self.store.data_mut().forbid_growth(is_closed);
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    fn run<P, R>(&mut self, function: &TypedFunc<P, R>, parameters: P) -> Result<R, CallError>
    where
        P: wasmtime::WasmParams,
        R: wasmtime::WasmResults,
    {
        arm(&mut self.store);
        let answer = function.call(&mut self.store, parameters);
        if let Ok(left) = self.store.get_fuel() {
            self.steps += self.store.data().limits.steps.saturating_sub(left);
        }
        answer.map_err(|error| failure(&self.store, &error))
    }

    fn header(&self, address: i32) -> Result<Header, CallError> {
        let start = offset(address);
        let memory = self.memory.data(&self.store);
        let bytes = memory.get(start..start.saturating_add(HEADER_BYTES)).ok_or_else(|| {
            CallError::Protocol("its answer's header lies outside its memory".into())
        })?;
        let field = |index: usize| {
            bytes
                .get(index * 4..)
                .and_then(<[u8]>::first_chunk)
                .map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        let (number, start, len, count) =
            (field(0), field(1) as usize, field(2) as usize, field(3));
        let status = Status::from_number(number).ok_or_else(|| {
            CallError::Protocol(format!("version 1 of the interface has no status {number}"))
        })?;
        let text = if len == 0 { 0..0 } else { start..start.saturating_add(len) };
        match memory.get(text.clone()) {
            Some(_) => Ok(Header { status, count, text }),
            None => Err(CallError::Protocol("its answer's text lies outside its memory".into())),
        }
    }
}

/// The version of the interface that a module answers, whatever else it exports.
pub(super) fn abi_version(module: &wasmtime::Module, limits: &Limits) -> Result<i32, CallError> {
    let (mut store, instance) = instantiate(module, limits)?;
    let function = instance
        .get_typed_func::<(), i32>(&mut store, "tocsin_abi_version")
        .map_err(|error| CallError::Protocol(error.to_string()))?;
    arm(&mut store);
    function.call(&mut store, ()).map_err(|error| failure(&store, &error))
}

fn instantiate(
    module: &wasmtime::Module,
    limits: &Limits,
) -> Result<(Store<Meter>, wasmtime::Instance), CallError> {
    let mut store = Store::new(module.engine(), Meter::new(*limits));
    store.limiter(|meter| meter);
    arm(&mut store);
    match wasmtime::Instance::new(&mut store, module, &[]) {
        Ok(instance) => Ok((store, instance)),
        Err(error) => Err(failure(&store, &error)),
    }
}

/// Sets the deadline of the next call. One step more than asked for: the first one has already begun.
fn arm(store: &mut Store<Meter>) {
    store.data_mut().refused_memory = false;
    let ticks = store.data().limits.timeout.as_nanos().div_ceil(TICK.as_nanos());
    // An engine counts upwards from 0; a deadline beyond its last number must not wrap around.
    let ticks = u64::try_from(ticks).unwrap_or(u64::MAX).min(1 << 62);
    store.set_epoch_deadline(ticks.saturating_add(1));
    // An engine that doesn't count steps has none to give.
    let _ = store.set_fuel(store.data().limits.steps);
}

fn failure(store: &Store<Meter>, error: &wasmtime::Error) -> CallError {
    let meter = store.data();
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => CallError::Timeout { limit: meter.limits.timeout },
        Some(Trap::OutOfFuel) => CallError::Steps { limit: meter.limits.steps },
        _ if meter.refused_memory => CallError::Memory { limit: meter.limits.memory_bytes },
        Some(trap) => {
            CallError::Trap(trap.to_string().trim_start_matches("wasm trap: ").to_owned())
        }
        None => CallError::Trap(format!("{error:#}")),
    }
}

fn argument(start: usize, len: usize) -> Result<(i32, i32), CallError> {
    match (u32::try_from(start), u32::try_from(len)) {
        (Ok(start), Ok(len)) => Ok((start.cast_signed(), len.cast_signed())),
        _ => Err(CallError::Protocol("an argument beyond 4 GiB".into())),
    }
}

fn offset(address: i32) -> usize {
    address.cast_unsigned() as usize
}
