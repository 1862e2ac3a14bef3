//! In: a runtime that can call an export and reach the memory. Out: the calls of `docs/abi.md`, for
//! runtimes that Tocsin has no host for.

use super::{Answer, Guest};
use crate::instance::Instance;

/// An instance of an interface version that this file speaks.
pub(super) struct Abi(Box<dyn Instance>);

impl Abi {
    pub(super) fn new(mut instance: Box<dyn Instance>) -> Result<Abi, String> {
        match instance.call("tocsin_abi_version", &[])? {
            1 => Ok(Abi(instance)),
            other => Err(format!("the module speaks version {other} of the interface")),
        }
    }

    /// Passes arguments by reservations of their own.
    fn pass(&mut self, name: &str, arguments: &[&[u8]]) -> Result<Answer, String> {
        let mut given = Vec::new();
        for argument in arguments {
            let length = i32::try_from(argument.len()).map_err(|_| "the argument is too long")?;
            let address = self.0.call("malloc", &[length])?;
            if address == 0 || address % 8 != 0 {
                return Err(format!("`malloc` gives {address} for {length} bytes"));
            }
            self.memory(|memory| {
                range(memory, address, length).map(|place| place.copy_from_slice(argument))
            })??;
            given.extend([address, length]);
        }
        let header = self.0.call(name, &given)?;
        let answer = self.answer(header)?;
        for (argument, place) in arguments.iter().zip(given.chunks_exact(2)) {
            let &[address, length] = place else { continue };
            let same = self.memory(|memory| {
                range(memory, address, length).map(|place| *place == **argument)
            })??;
            if !same {
                return Err("the module has changed its argument".into());
            }
            self.0.call("free", &[address])?;
        }
        Ok(answer)
    }

    /// What is seen in the memory.
    fn memory<T>(&mut self, see: impl Fn(&mut [u8]) -> T) -> Result<T, String> {
        let mut seen = None;
        self.0.memory(&mut |memory| seen = Some(see(memory)))?;
        seen.ok_or_else(|| "the memory isn't shown".into())
    }

    fn answer(&mut self, header: i32) -> Result<Answer, String> {
        self.memory(|memory| {
            let mut integers = [0; 4];
            let header = range(memory, header, 16)?;
            for (integer, bytes) in integers.iter_mut().zip(header.chunks_exact(4)) {
                *integer = bytes.try_into().map_or(0, i32::from_le_bytes);
            }
            let [status, address, length, count] = integers;
            let text = range(memory, address, length)?.to_vec();
            if memory.first() != Some(&0) {
                return Err("the module has written to address 0".into());
            }
            Ok(Answer { status: status.cast_unsigned(), count: count.cast_unsigned(), text })
        })?
    }
}

impl Guest for Abi {
    fn describe(&mut self) -> Result<Answer, String> {
        let header = self.0.call("tocsin_describe", &[])?;
        self.answer(header)
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        self.pass("tocsin_configure", &[document])
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        self.pass("tocsin_detect", &[batch])
    }

    fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer, String> {
        self.pass("tocsin_explain", &[rule.as_bytes(), batch])
    }

    fn ask(&mut self, export: &str, argument: &[u8]) -> Result<Answer, String> {
        let arguments: &[&[u8]] = if export == "vocabulary" { &[] } else { &[argument] };
        self.pass(&format!("tocsin_{export}"), arguments)
    }
}

fn range(memory: &mut [u8], address: i32, length: i32) -> Result<&mut [u8], String> {
    let from = address.cast_unsigned() as usize;
    let to = from.saturating_add(length.cast_unsigned() as usize);
    memory.get_mut(from..to).ok_or_else(|| format!("{from}..{to} lies outside the memory"))
}
