//! In: records. Out: what comes back from the module's exports for Fluent Bit, called in just the way
//! its `wasm` filter calls them: strings copied through the module's own `malloc`, a zero byte after
//! each, the answer read up to its zero byte, one instance for all records.
//!
//! What the real filter would do with an answer that breaks its rules (lose records, damage its own
//! memory) is an error here.

mod engines;

pub use engines::{Engine, Wasmtime, all};

use crate::instance::Instance;

/// How the filter treats the strings it has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Never given back: before Fluent Bit 4.2.
    KeepsStrings,
    /// Given back after the call.
    FreesStrings,
}

/// The export that the filter's `Function_Name` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `tocsin_fluentbit_enrich`
    Enrich,
    /// `tocsin_fluentbit_alerts`
    Alerts,
}

impl Function {
    /// The export's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Function::Enrich => "tocsin_fluentbit_enrich",
            Function::Alerts => "tocsin_fluentbit_alerts",
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// It is gone from the stream.
    Dropped,
    /// The module gave back the very string it was passed.
    Unchanged,
    /// This takes its place.
    Text(Vec<u8>),
}

/// A filter with its instance.
pub struct Filter {
    instance: Box<dyn Instance>,
    function: Function,
    version: Version,
}

/// The moment that stands for when records were read.
const READ_AT: (i32, i32) = (1_773_480_000, 999_999_999);

impl Filter {
    /// A filter over a fresh instance.
    ///
    /// # Errors
    /// If the module doesn't load.
    pub fn new(
        engine: &dyn Engine,
        module: &[u8],
        function: Function,
        version: Version,
    ) -> Result<Filter, String> {
        Ok(Filter { instance: engine.start(module)?, function, version })
    }

    /// The instance, for calls that the filter doesn't make.
    pub fn instance(&mut self) -> &mut dyn Instance {
        &mut *self.instance
    }

    /// The other export, on the same instance.
    #[must_use]
    pub fn with(self, function: Function) -> Filter {
        Filter { function, ..self }
    }

    /// Passes a record: the compact JSON of one, without a zero byte.
    ///
    /// # Errors
    /// What the real filter would stumble over.
    pub fn pass(&mut self, tag: &str, record: &[u8]) -> Result<Passed, String> {
        let tag_address = self.copy(tag.as_bytes())?;
        let address = self.copy(record)?;
        let passed = self.call((tag_address, tag.len()), (address, record.len()));
        if self.version == Version::FreesStrings {
            for address in [tag_address, address] {
                if address != 0 {
                    self.instance.call("free", &[address])?;
                }
            }
        }
        passed
    }

    /// Calls the export with addresses and lengths as they are.
    ///
    /// # Errors
    /// As [`Filter::pass`].
    pub fn call(&mut self, tag: (i32, usize), record: (i32, usize)) -> Result<Passed, String> {
        let integer = |length: usize| u32::try_from(length).map(u32::cast_signed);
        let (Ok(tag_length), Ok(length)) = (integer(tag.1), integer(record.1)) else {
            return Err("no address space holds so much".into());
        };
        let (seconds, nanoseconds) = READ_AT;
        let arguments = [tag.0, tag_length, seconds, nanoseconds, record.0, length];
        let result = self.instance.call(self.function.name(), &arguments)?;
        let text = self.text(result)?;
        Ok(match text {
            text if text.is_empty() => Passed::Dropped,
            _ if result == record.0 => Passed::Unchanged,
            text => Passed::Text(text),
        })
    }

    /// Copies a string into the module, a zero byte behind it. 0 where the module has no room.
    ///
    /// # Errors
    /// If `malloc` traps or gives what isn't the module's to give.
    pub fn copy(&mut self, text: &[u8]) -> Result<i32, String> {
        let size = text.len() + 1;
        let asked = u32::try_from(size).map_err(|_| "no address space holds so much")?;
        let address = self.instance.call("malloc", &[asked.cast_signed()])?;
        if address == 0 {
            return Ok(0);
        }
        let from = address.cast_unsigned() as usize;
        let mut written = false;
        self.instance.memory(&mut |memory| {
            if let Some((end, place)) =
                memory.get_mut(from..from + size).and_then(|place| place.split_last_mut())
            {
                place.copy_from_slice(text);
                *end = 0;
                written = true;
            }
        })?;
        if written { Ok(address) } else { Err(format!("`malloc` gives {from} for {size} bytes")) }
    }

    /// The answer at an address, up to its zero byte. 0 is an address like others to the real filter.
    fn text(&mut self, address: i32) -> Result<Vec<u8>, String> {
        let from = address.cast_unsigned() as usize;
        let (mut text, mut first) = (None, None);
        self.instance.memory(&mut |memory| {
            first = memory.first().copied();
            let rest = memory.get(from..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == 0);
            text = end.and_then(|end| rest.get(..end)).map(<[u8]>::to_vec);
        })?;
        if first != Some(0) {
            return Err("there is something at address 0".into());
        }
        text.ok_or_else(|| format!("no text ends behind {from}"))
    }

    /// How large the module's memory is, in bytes.
    ///
    /// # Errors
    /// If it can't be seen.
    pub fn memory_bytes(&mut self) -> Result<usize, String> {
        let mut size = 0;
        self.instance.memory(&mut |memory| size = memory.len())?;
        Ok(size)
    }
}
