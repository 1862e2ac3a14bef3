//! What an instance is started from: the module alone, or a memory in which rules have been read.

use std::sync::Arc;

use super::cache::KeptRules;
use super::instance::Instance;
use super::{CallError, Image, Limits, Module};

/// What an instance is started from. Cheap to clone.
#[derive(Clone)]
pub(super) enum Origin {
    /// The module, with the rules that came with it.
    Module,
    /// The memory of an instance that was configured in this process.
    Image(Image),
    /// The same in a file, of this run or an earlier one.
    Kept(Arc<KeptRules>),
}

impl Origin {
    pub(super) fn instance(&self, module: &Module, limits: &Limits) -> Result<Instance, CallError> {
        match self {
            Origin::Module => Instance::start(module, limits),
            Origin::Image(image) => image.instance(limits),
            Origin::Kept(kept) => {
                let mut instance = Instance::start(module, limits)?;
                kept.read_into(instance.memory_of(kept.size())?).map_err(|error| {
                    CallError::Protocol(format!("rules that were kept can't be read: {error}"))
                })?;
                Ok(instance)
            }
        }
    }
}
