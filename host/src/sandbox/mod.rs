//! A module's bytes and a batch in, the module's answer out; the module can do no harm on the way.
//!
//! [`Engine`] compiles, [`Module`] is what has been found to speak the interface of `docs/abi.md`,
//! [`Sandbox`] is one running instance of it with [`Limits`].

mod answer;
mod bounds;
pub mod cache;
mod engine;
mod error;
mod image;
mod instance;
mod limits;
mod module;
mod origin;
mod question;
mod snapshot;
mod zero_free;

use std::ops::Range;
use std::sync::Arc;

pub use answer::{Answer, Status};
pub use engine::Engine;
pub use error::{CallError, LoadError};
pub use image::{Image, Pages};
pub use limits::Limits;
pub use module::Module;
pub use question::Question;
pub use snapshot::{SnapshotError, snapshot};

use cache::RuleCache;
use instance::Instance;
use origin::Origin;
use tocsin_boundary::Survey;
use tocsin_wire::RecordKeys;

/// One running instance of a [`Module`], its limits, and the buffer that batches are read into.
///
/// An instance whose call failed is never used again: the next call starts a fresh one and
/// configures it as the old one was.
pub struct Sandbox {
    module: Module,
    limits: Limits,
    instance: Instance,
    /// What the instance was started from.
    origin: Origin,
    /// The configuration documents that the module accepted since, in order.
    accepted: Vec<Vec<u8>>,
    /// The host's reservation in the module's memory.
    buffer: Range<usize>,
    /// The host's reservation for the marks of a batch's plain records.
    marks: Range<usize>,
    survey: Survey,
    /// The last call failed: the instance's memory may be read, its code must not run.
    failed: bool,
    /// Bytes of memory that the instance held when its rules had been read.
    rule_bytes: usize,
}

/// A [`Sandbox`] that hasn't been started: starting it takes as long as reading its rules does.
pub struct Blueprint {
    module: Module,
    limits: Limits,
    origin: Origin,
    accepted: Vec<Vec<u8>>,
}

impl Blueprint {
    /// Starts an instance and configures it.
    ///
    /// # Errors
    /// [`CallError`] if the instance can't start within the limits.
    pub fn start(self) -> Result<Sandbox, CallError> {
        let instance = self.origin.instance(&self.module, &self.limits)?;
        let mut sandbox = Sandbox::over(self.module, self.limits, instance, self.origin);
        sandbox.accepted = self.accepted;
        sandbox.reconfigure()?;
        Ok(sandbox)
    }
}

impl Sandbox {
    /// Starts an instance.
    ///
    /// # Errors
    /// [`CallError`] if the instance can't start within the limits.
    pub fn new(module: &Module, limits: Limits) -> Result<Sandbox, CallError> {
        let instance = Instance::start(module, &limits)?;
        Ok(Sandbox::over(module.clone(), limits, instance, Origin::Module))
    }

    /// A sandbox over a fresh instance.
    fn over(module: Module, limits: Limits, instance: Instance, origin: Origin) -> Sandbox {
        let rule_bytes = instance.memory_bytes();
        Sandbox {
            module,
            limits,
            instance,
            origin,
            accepted: Vec::new(),
            buffer: 0..0,
            marks: 0..0,
            survey: Survey::default(),
            failed: false,
            rule_bytes,
        }
    }

    /// What others with the same limits and configuration can be started from, on any thread.
    pub fn blueprint(&self) -> Blueprint {
        let (module, limits) = (self.module.clone(), self.limits);
        Blueprint { module, limits, origin: self.origin.clone(), accepted: self.accepted.clone() }
    }

    /// The module that the instance is of.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// How the module recognises records by their first bytes.
    pub fn record_keys(&self) -> Arc<RecordKeys> {
        self.module.record_keys(&self.limits)
    }

    /// What the module holds: one JSON object.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit.
    pub fn describe(&mut self) -> Result<Answer<'_>, CallError> {
        self.revive()?;
        let header = self.instance.describe();
        self.answer(header)
    }

    /// Replaces rules and options; `document` is the JSON object of `docs/abi.md`.
    ///
    /// What the module accepts is remembered, for the instance that follows a failed one. A document
    /// that names both `rules` and `options` makes all before it forgotten.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit. A configuration that the module refuses
    /// is an answer, not an error.
    pub fn configure(&mut self, document: &[u8]) -> Result<Answer<'_>, CallError> {
        self.revive()?;
        let header = self.pass_configuration(document);
        if matches!(&header, Ok(header) if header.status == Status::Ok) {
            if replaces_everything(document) {
                self.accepted.clear();
            }
            self.accepted.push(document.to_vec());
            self.rule_bytes = self.instance.memory_bytes();
        }
        self.answer(header)
    }

    /// Starts from what an earlier run has made of the same rules, if it was kept: gives the module's answer to them.
    /// Only an instance that nothing was configured in does; the key names module, rules and options.
    ///
    /// # Errors
    /// [`CallError::Memory`] if the rules take more than the limit.
    pub(crate) fn start_from_kept(&mut self, key: &[u8; 32]) -> Result<Option<Vec<u8>>, CallError> {
        let Some((kept, answer)) = self.rule_cache(0).and_then(|cache| cache.load(key)) else {
            return Ok(None);
        };
        let origin = Origin::Kept(Arc::new(kept));
        let instance = match origin.instance(&self.module, &self.limits) {
            Ok(instance) => instance,
            // A file that can't be read is as good as none.
            Err(CallError::Protocol(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        *self = Sandbox::over(self.module.clone(), self.limits, instance, origin);
        Ok(Some(answer))
    }

    /// Keeps what the module has made of rules, for other runs and for the instances that follow in this one. If that
    /// can't be, they read the rules.
    ///
    /// # Errors
    /// [`CallError`] if a call traps or exceeds a limit.
    pub(crate) fn keep_rules(&mut self, key: &[u8; 32], answer: &[u8]) -> Result<(), CallError> {
        let Some(cache) = self.rule_cache(1) else {
            return Ok(());
        };
        let fresh = self.prepare_image()?;
        cache.store(key, self.instance.memory(), fresh.memory(), answer);
        if let Some((kept, _)) = cache.load(key) {
            self.origin = Origin::Kept(Arc::new(kept));
            self.accepted.clear();
        }
        Ok(())
    }

    /// Where rules are kept, if this instance's can be: it is of the module that is known to have all its state in
    /// its memory, accepted so many configurations, and holds no batch.
    fn rule_cache(&self, accepted: usize) -> Option<RuleCache> {
        let has_only_rules = self.buffer.is_empty() && matches!(self.origin, Origin::Module);
        let is_embedded = self.module.sha256() == crate::EMBEDDED_MODULE_SHA256;
        RuleCache::of_user()
            .filter(|_| has_only_rules && is_embedded && self.accepted.len() == accepted)
    }

    /// The buffer in the module's memory, at least `size` bytes of it, to be filled with a batch.
    /// What was written before is still there, unless a call has failed since.
    ///
    /// # Errors
    /// [`CallError::Memory`] if the module's memory can't hold so much; the smaller buffer stays.
    pub fn reserve(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        self.revive()?;
        if self.buffer.len() < size {
            self.grow(size)?;
        }
        Ok(self.instance.bytes_mut(self.buffer.clone()))
    }

    /// The buffer as it is. After a failed call it still holds that call's batch.
    pub fn buffer(&self) -> &[u8] {
        self.instance.bytes(self.buffer.clone())
    }

    /// Judges a batch: the bytes of the buffer in `range`. The marks say where plain records lie in
    /// it, so that the module needn't look for them.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit.
    pub fn detect(&mut self, range: Range<usize>) -> Result<Answer<'_>, CallError> {
        self.survey.clear();
        self.revive()?;
        if range.start > range.end || range.end > self.buffer.len() {
            return Err(CallError::Protocol("the batch lies outside the buffer".into()));
        }
        let batch = (self.buffer.start + range.start, range.len());
        let marks = if self.instance.takes_marks() { self.pass_marks(range)? } else { None };
        let header = match marks {
            Some(marks) => self.instance.detect_marked(batch, marks),
            None => self.instance.detect(batch.0, batch.1),
        };
        self.answer(header)
    }

    /// Marks the plain records of a batch in the buffer. Gives the address of the marks in the module's
    /// memory and their number, if there is room for them.
    fn pass_marks(&mut self, range: Range<usize>) -> Result<Option<(usize, usize)>, CallError> {
        let record_keys = self.module.record_keys(&self.limits);
        let batch = self.instance.bytes(self.buffer.clone()).get(range).unwrap_or_default();
        self.survey.look_at(batch, &record_keys);
        let marks = self.survey.marks().as_flattened();
        if marks.len() > self.marks.len() {
            let old = std::mem::take(&mut self.marks);
            if !old.is_empty() {
                self.instance.release(old.start).inspect_err(|_| self.failed = true)?;
            }
            let new = self.instance.reserve(marks.len().next_power_of_two());
            self.marks = new.inspect_err(|_| self.failed = true)?.unwrap_or_default();
        }
        if marks.len() > self.marks.len() {
            return Ok(None);
        }
        let place = self.marks.start..self.marks.start + marks.len();
        self.instance.bytes_mut(place).copy_from_slice(marks);
        Ok(Some((self.marks.start, self.survey.marks().len())))
    }

    /// Copies a batch into the buffer and judges it.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit.
    pub fn detect_bytes(&mut self, batch: &[u8]) -> Result<Answer<'_>, CallError> {
        let buffer = self.reserve(batch.len())?;
        if let Some(buffer) = buffer.get_mut(..batch.len()) {
            buffer.copy_from_slice(batch);
        }
        self.detect(0..batch.len())
    }

    /// Says why a rule, named by its id, does or doesn't select the records of a batch.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit, or the module can't explain.
    pub fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer<'_>, CallError> {
        // Both arguments stand in the buffer, one after the other.
        let size = rule.len().saturating_add(batch.len());
        let buffer = self.reserve(size)?;
        let (id, rest) = buffer.split_at_mut_checked(rule.len()).unwrap_or_default();
        id.copy_from_slice(rule.as_bytes());
        if let Some(place) = rest.get_mut(..batch.len()) {
            place.copy_from_slice(batch);
        }
        let start = self.buffer.start;
        let header = self.instance.explain((start, rule.len()), (start + rule.len(), batch.len()));
        self.answer(header)
    }

    /// What a rule's author may write: one JSON object.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit, or the module has no such function.
    pub fn vocabulary(&mut self) -> Result<Answer<'_>, CallError> {
        self.revive()?;
        let header = self.instance.vocabulary();
        self.answer(header)
    }

    /// Asks what a module may be asked beside all that; `argument` is a batch, or the document that
    /// `docs/abi.md` describes.
    ///
    /// # Errors
    /// [`CallError`] if the call traps or exceeds a limit, or the module has no such function.
    pub fn ask(&mut self, question: Question, argument: &[u8]) -> Result<Answer<'_>, CallError> {
        let buffer = self.reserve(argument.len())?;
        if let Some(buffer) = buffer.get_mut(..argument.len()) {
            buffer.copy_from_slice(argument);
        }
        let header = self.instance.ask(question, self.buffer.start, argument.len());
        self.answer(header)
    }

    /// Gives the memory back that large batches have taken: a module's memory can't shrink, so the
    /// instance is replaced, at the cost of configuring a new one.
    ///
    /// # Errors
    /// [`CallError`] if the new instance can't start.
    pub fn shrink(&mut self) -> Result<(), CallError> {
        self.failed = true;
        self.revive()
    }

    /// Bytes of memory that batches have made the module take, beside what its rules need.
    pub fn batch_bytes(&self) -> usize {
        self.instance.memory_bytes().saturating_sub(self.rule_bytes)
    }

    /// The steps that the instance has taken since its start, the same on every machine; 0 if the engine doesn't count
    /// them ([`Engine::metered`] does).
    pub fn steps(&self) -> u64 {
        self.instance.steps()
    }

    /// Changes the steps that each call may take from now on.
    pub fn limit_steps(&mut self, steps: u64) {
        self.limits.steps = steps;
        self.instance.limit_steps(steps);
    }

    /// Bytes of memory that the module holds now.
    pub fn memory_bytes(&self) -> usize {
        self.instance.memory_bytes()
    }

    /// Replaces a failed instance by a fresh one with the same configuration.
    fn revive(&mut self) -> Result<(), CallError> {
        if !self.failed {
            return Ok(());
        }
        self.instance = self.origin.instance(&self.module, &self.limits)?;
        (self.buffer, self.marks) = (0..0, 0..0);
        self.reconfigure()?;
        self.failed = false;
        Ok(())
    }

    /// Passes to a fresh instance what the one before has accepted.
    fn reconfigure(&mut self) -> Result<(), CallError> {
        let accepted = std::mem::take(&mut self.accepted);
        let configured = accepted.iter().try_for_each(|document| {
            match self.pass_configuration(document)?.status {
                Status::Ok => Ok(()),
                _ => Err(CallError::Protocol("it refuses what it accepted before".into())),
            }
        });
        self.accepted = accepted;
        self.rule_bytes = self.instance.memory_bytes();
        configured
    }

    /// Passes a document by a reservation of its own, so that the batch buffer stays as it is.
    fn pass_configuration(&mut self, document: &[u8]) -> Result<instance::Header, CallError> {
        let argument = self.instance.reserve(document.len())?.ok_or_else(|| self.no_memory())?;
        self.instance.bytes_mut(argument.clone()).copy_from_slice(document);
        let header = self.instance.configure(argument.start, argument.len())?;
        self.instance.release(argument.start)?;
        Ok(header)
    }

    fn grow(&mut self, size: usize) -> Result<(), CallError> {
        let new = match self.instance.reserve(size) {
            Ok(Some(new)) => new,
            Ok(None) => return Err(self.no_memory()),
            Err(error) => {
                self.failed = true;
                // With the instance the batch's begin is gone: that is more than a lack of memory.
                return Err(CallError::Trap(format!("while it reserved memory: {error}")));
            }
        };
        let start = new.start;
        let old = std::mem::replace(&mut self.buffer, new);
        if !old.is_empty() {
            let reserved = old.start;
            self.instance.copy_within(old, start);
            self.instance.release(reserved).inspect_err(|_| self.failed = true)?;
        }
        Ok(())
    }

    fn no_memory(&self) -> CallError {
        CallError::Memory { limit: self.limits.memory_bytes }
    }

    fn answer(
        &mut self,
        header: Result<instance::Header, CallError>,
    ) -> Result<Answer<'_>, CallError> {
        match header {
            Ok(header) => Ok(Answer {
                status: header.status,
                count: header.count,
                text: self.instance.bytes(header.text),
            }),
            Err(error) => {
                self.failed = true;
                Err(error)
            }
        }
    }
}

/// Whether a configuration leaves nothing of those before it.
fn replaces_everything(document: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Keys {
        rules: Option<serde::de::IgnoredAny>,
        options: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Keys>(document)
        .is_ok_and(|keys| keys.rules.is_some() && keys.options.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_keeps_what_was_written() {
        let module = Module::embedded(&Engine::new().unwrap()).unwrap();
        let mut sandbox = Sandbox::new(&module, Limits::default()).unwrap();
        sandbox.reserve(1).unwrap().fill(7);
        for size in [100, 5_000, 1 << 20] {
            let buffer = sandbox.reserve(size).unwrap();
            assert_eq!((buffer.len(), buffer[0]), (size, 7));
        }
    }
}
