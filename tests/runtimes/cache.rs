//! In: modules, again and again. Out: what a runtime has made of each, once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::subject::Module;

/// Modules, compiled.
pub(super) struct Cache<T>(Mutex<HashMap<String, T>>);

impl<T> Default for Cache<T> {
    fn default() -> Cache<T> {
        Cache(Mutex::default())
    }
}

impl<T: Clone> Cache<T> {
    /// What `compile` has made of the module's bytes, now or before.
    pub(super) fn get(
        &self,
        module: &Module,
        compile: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T, String> {
        // A test that failed while it compiled has left the map as it was.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known.get(module.name()) {
            return Ok(compiled.clone());
        }
        let compiled = compile(module.bytes()?)?;
        known.insert(module.name().to_owned(), compiled.clone());
        Ok(compiled)
    }
}
