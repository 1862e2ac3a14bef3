//! In: a runtime that can call an export and reach the memory. Out: the calls of `docs/abi.md`, for
//! runtimes that Tocsin has no host for.

use super::{Answer, Guest};

/// An instance of the module.
pub(super) trait Instance {
    /// Calls an export with integers; 0 if it gives nothing back.
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String>;

    /// The memory as it is now.
    fn memory(&mut self) -> &mut [u8];
}

/// An instance of an interface version that this file speaks.
pub(super) struct Abi<I>(I);

impl<I: Instance> Abi<I> {
    pub(super) fn new(mut instance: I) -> Result<Abi<I>, String> {
        match instance.call("tocsin_abi_version", &[])? {
            1 => Ok(Abi(instance)),
            other => Err(format!("the module speaks version {other} of the interface")),
        }
    }

    /// Passes an argument by a reservation of its own.
    fn pass(&mut self, name: &str, argument: &[u8]) -> Result<Answer, String> {
        let length = i32::try_from(argument.len()).map_err(|_| "the argument is too long")?;
        let address = self.0.call("malloc", &[length])?;
        if address == 0 || address % 8 != 0 {
            return Err(format!("`malloc` gives {address} for {length} bytes"));
        }
        range(self.0.memory(), address, length)?.copy_from_slice(argument);
        let header = self.0.call(name, &[address, length])?;
        let answer = self.answer(header)?;
        if *range(self.0.memory(), address, length)? != *argument {
            return Err("the module has changed its argument".into());
        }
        self.0.call("free", &[address])?;
        Ok(answer)
    }

    fn answer(&mut self, header: i32) -> Result<Answer, String> {
        let memory = self.0.memory();
        let mut integers = [0; 4];
        for (integer, bytes) in integers.iter_mut().zip(range(memory, header, 16)?.chunks_exact(4))
        {
            *integer = bytes.try_into().map_or(0, i32::from_le_bytes);
        }
        let [status, address, length, count] = integers;
        let text = range(memory, address, length)?.to_vec();
        if memory.first() != Some(&0) {
            return Err("the module has written to address 0".into());
        }
        Ok(Answer { status: status.cast_unsigned(), count: count.cast_unsigned(), text })
    }
}

impl<I: Instance> Guest for Abi<I> {
    fn describe(&mut self) -> Result<Answer, String> {
        let header = self.0.call("tocsin_describe", &[])?;
        self.answer(header)
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        self.pass("tocsin_configure", document)
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        self.pass("tocsin_detect", batch)
    }
}

fn range(memory: &mut [u8], address: i32, length: i32) -> Result<&mut [u8], String> {
    let from = address.cast_unsigned() as usize;
    let to = from.saturating_add(length.cast_unsigned() as usize);
    memory.get_mut(from..to).ok_or_else(|| format!("{from}..{to} lies outside the memory"))
}
