//! Configurations and batches in, typed answers out: a [`Sandbox`] whose JSON is read.

mod description;
mod detection;
mod kept;

use std::ops::Range;

pub use description::{Description, RuleInfo};
pub use detection::Detection;
pub use tocsin_wire::{
    Configuration, Configured, Diagnostic, DiagnosticSeverity, Document, EngineInfo, Facts, Format,
    Frame, LogSource, ModuleInfo, ModuleLimits, Options, Schedule, Summary, explanation,
    frames::{Fieldless, Wrapped},
};

use crate::input::{BatchBuffer, BufferError};
use crate::sandbox::{self, Answer, CallError, Limits, Module, Question, Sandbox, Status};

/// A set of rules that judges batches of records.
pub struct Detector {
    sandbox: Sandbox,
}

/// A [`Detector`] that hasn't been started: starting it takes as long as reading its rules does.
pub struct Blueprint {
    sandbox: sandbox::Blueprint,
}

impl Blueprint {
    /// Starts the detector.
    ///
    /// # Errors
    /// [`DetectorError::Call`] if the module can't start within the limits.
    pub fn start(self) -> Result<Detector, DetectorError> {
        Ok(Detector { sandbox: self.sandbox.start()? })
    }
}

/// Why the detector has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DetectorError {
    /// The call trapped or exceeded a limit of the sandbox.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The module refused the call.
    #[error("the module refuses: {reason} ({status})")]
    Refused {
        /// The answer's status.
        status: Status,
        /// The module's words.
        reason: String,
    },
    /// The rules or options hold errors; what was configured before still holds.
    #[error("the rules have errors")]
    Configuration(Vec<Diagnostic>),
    /// The answer isn't what the interface describes.
    #[error("the module breaks the interface: {0}")]
    Answer(String),
}

impl From<Sandbox> for Detector {
    fn from(sandbox: Sandbox) -> Detector {
        Detector { sandbox }
    }
}

impl Detector {
    /// A detector with the module's embedded rules.
    ///
    /// # Errors
    /// [`DetectorError::Call`] if the module can't start within the limits.
    pub fn new(module: &Module, limits: Limits) -> Result<Detector, DetectorError> {
        Ok(Detector { sandbox: Sandbox::new(module, limits)? })
    }

    /// What others with the same rules, options and limits can be started from, on any thread.
    pub fn blueprint(&self) -> Blueprint {
        Blueprint { sandbox: self.sandbox.blueprint() }
    }

    /// Replaces or joins rules, and sets options.
    ///
    /// # Errors
    /// [`DetectorError::Configuration`] with every error found in the rules.
    pub fn configure(
        &mut self,
        configuration: &Configuration,
    ) -> Result<Configured, DetectorError> {
        let key = kept::key(self.sandbox.module(), configuration);
        if let Some(key) = &key
            && let Some(answer) = self.sandbox.start_from_kept(key)?
        {
            // Their time was another one; it mattered to none of them.
            let options = configuration.options.clone().filter(|options| options.now.is_some());
            if options.is_some() {
                self.configure(&Configuration { options, ..Configuration::default() })?;
            }
            return read(&answer);
        }
        let document = serde_json::to_vec(configuration)
            .map_err(|error| DetectorError::Answer(error.to_string()))?;
        let answer = self.sandbox.configure(&document)?;
        match answer.status {
            Status::Ok => {
                let (text, configured) = (answer.text.to_vec(), read::<Configured>(answer.text)?);
                if let Some(key) = key.filter(|_| !configured.dated_exceptions) {
                    self.sandbox.keep_rules(&key, &text)?;
                }
                Ok(configured)
            }
            Status::BadConfiguration => {
                let configured: Configured = read(answer.text)?;
                Err(DetectorError::Configuration(configured.diagnostics))
            }
            _ => Err(refused(&answer)),
        }
    }

    /// As [`Detector::configure`], but what has errors is left out, and the errors are among the diagnostics. A
    /// module that doesn't know how gets all or nothing.
    ///
    /// # Errors
    /// As [`Detector::configure`].
    pub fn configure_what_loads(
        &mut self,
        configuration: Configuration,
    ) -> Result<Configured, DetectorError> {
        let partly = Configuration { skip_broken: true, ..configuration };
        match self.configure(&partly) {
            Err(DetectorError::Refused { status: Status::BadArgument, reason })
                if reason.contains("skip_broken") =>
            {
                self.configure(&Configuration { skip_broken: false, ..partly })
            }
            other => other,
        }
    }

    /// What the module holds.
    ///
    /// # Errors
    /// [`DetectorError`] if the module has no sound answer.
    pub fn describe(&mut self) -> Result<Description, DetectorError> {
        read(&self.describe_json()?)
    }

    /// What the module holds: the JSON it answers with, and the key `module`, by which a host says which
    /// file that is (`docs/abi.md`).
    ///
    /// # Errors
    /// [`DetectorError`] if the module refuses.
    pub fn describe_json(&mut self) -> Result<Vec<u8>, DetectorError> {
        let answer = self.sandbox.describe()?;
        let mut text = match answer.status {
            Status::Ok => answer.text.to_vec(),
            _ => return Err(refused(&answer)),
        };
        description::add_module(&mut text, self.sandbox.module())?;
        Ok(text)
    }

    /// Judges a batch, in any of the shapes of `docs/abi.md`.
    ///
    /// # Errors
    /// [`DetectorError`] if the batch as a whole has no sound answer. Records that can't be read
    /// are frames of the answer.
    pub fn detect(&mut self, batch: &[u8]) -> Result<Detection<'_>, DetectorError> {
        detection(self.sandbox.detect_bytes(batch)?)
    }

    /// Judges the bytes of [`Detector::reserve`] in `range`.
    ///
    /// # Errors
    /// As [`Detector::detect`].
    pub fn detect_range(&mut self, range: Range<usize>) -> Result<Detection<'_>, DetectorError> {
        detection(self.sandbox.detect(range)?)
    }

    /// Says why a rule, named by its id, does or doesn't select the records of a batch.
    ///
    /// # Errors
    /// [`DetectorError::Refused`] if there is no such rule.
    pub fn explain(
        &mut self,
        rule: &str,
        batch: &[u8],
    ) -> Result<Vec<explanation::Explained>, DetectorError> {
        let answer = self.sandbox.explain(rule, batch)?;
        match answer.status {
            Status::Ok | Status::BadBatch => explanation::read(answer.text).map_err(|reason| {
                DetectorError::Answer(format!("a line of its answer is no frame: {reason}"))
            }),
            _ => Err(refused(&answer)),
        }
    }

    /// What a rule's author may write: one JSON object, as `docs/abi.md` describes it.
    ///
    /// # Errors
    /// [`DetectorError`] if the module lacks the function.
    pub fn vocabulary(&mut self) -> Result<Vec<u8>, DetectorError> {
        let answer = self.sandbox.vocabulary()?;
        match answer.status {
            Status::Ok => Ok(answer.text.to_vec()),
            _ => Err(refused(&answer)),
        }
    }

    /// Asks what a module may be asked beside all that: the answer's text as `docs/abi.md` describes it.
    ///
    /// # Errors
    /// [`DetectorError::Refused`] if the module doesn't answer it; [`DetectorError`] if it lacks the function.
    pub fn ask(&mut self, question: Question, argument: &[u8]) -> Result<Vec<u8>, DetectorError> {
        let answer = self.sandbox.ask(question, argument)?;
        match answer.status {
            Status::Ok | Status::BadBatch => Ok(answer.text.to_vec()),
            _ => Err(refused(&answer)),
        }
    }

    /// The buffer for batches inside the module's memory; see [`Sandbox::reserve`].
    ///
    /// # Errors
    /// [`CallError::Memory`] if the module's memory can't hold so much.
    pub fn reserve(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        self.sandbox.reserve(size)
    }

    /// The sandbox underneath.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The sandbox underneath.
    pub fn sandbox_mut(&mut self) -> &mut Sandbox {
        &mut self.sandbox
    }
}

impl BatchBuffer for Detector {
    fn reserve(&mut self, size: usize) -> Result<&mut [u8], BufferError> {
        self.sandbox.reserve(size).map_err(|error| match error {
            CallError::Memory { .. } => BufferError::Full(error.to_string()),
            _ => BufferError::Lost(error.to_string()),
        })
    }
}

/// What a refusal begins with, which has no frames.
const REASON: &[u8] = b"{\"reason\":";

fn detection(answer: Answer<'_>) -> Result<Detection<'_>, DetectorError> {
    match answer.status {
        Status::Ok | Status::BadBatch => Detection::read(answer.text, true),
        Status::LimitExceeded if !answer.text.is_empty() && !answer.text.starts_with(REASON) => {
            Detection::read(answer.text, false)
        }
        _ => Err(refused(&answer)),
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, DetectorError> {
    serde_json::from_slice(text).map_err(|error| DetectorError::Answer(error.to_string()))
}

fn refused(answer: &Answer<'_>) -> DetectorError {
    #[derive(serde::Deserialize)]
    struct Reason {
        reason: String,
    }
    let reason = serde_json::from_slice::<Reason>(answer.text)
        .map_or_else(|_| "it gives no reason".to_owned(), |reason| reason.reason);
    DetectorError::Refused { status: answer.status, reason }
}
