//! A running module that Tocsin has no host for: exports called by name, and the memory. What is called
//! is up to those above: the calls of `docs/abi.md` in [`super::runtimes`], a log shipper's in
//! [`super::fluent_bit`].

#[cfg(feature = "wamr")]
pub(crate) mod wamr;
pub(crate) mod wasmi;

/// A running module.
pub trait Instance {
    /// Calls an export with integers; 0 if it gives nothing back.
    ///
    /// # Errors
    /// A trap, or a name that isn't exported.
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String>;

    /// Shows the memory as it is now, once.
    ///
    /// # Errors
    /// If the module exports none.
    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) -> Result<(), String>;
}
