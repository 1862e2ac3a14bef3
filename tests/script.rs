//! In: a module and the calls to make. Out: whether a runtime answers each as the native run does.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use crate::description;
use crate::runtimes::{Answer, Guest, Native, Runtime};
use crate::subject::Module;

/// One call of the module's interface.
#[derive(Debug, Clone)]
pub enum Call {
    /// What it holds.
    Describe,
    /// Replaces rules and options.
    Configure(Arc<[u8]>),
    /// Judges a batch.
    Detect(Arc<[u8]>),
    /// Explains a batch by the rule of an id.
    Explain(String, Arc<[u8]>),
    /// Asks by an optional export, named without its `tocsin_`.
    Ask(&'static str, Arc<[u8]>),
}

impl Call {
    fn on(&self, guest: &mut dyn Guest) -> Result<Answer, String> {
        match self {
            Call::Describe => guest.describe(),
            Call::Configure(document) => guest.configure(document),
            Call::Detect(batch) => guest.detect(batch),
            Call::Explain(rule, batch) => guest.explain(rule, batch),
            Call::Ask(export, argument) => guest.ask(export, argument),
        }
    }

    fn name(&self) -> String {
        match self {
            Call::Describe => "describe".into(),
            Call::Configure(_) => "configure".into(),
            Call::Detect(_) => "detect".into(),
            Call::Explain(rule, _) => format!("explain {rule}"),
            Call::Ask(export, _) => (*export).into(),
        }
    }
}

/// Calls of a fresh instance, one after the other.
#[derive(Debug)]
pub struct Script {
    /// `SUBJECT/WHAT-IT-SHOWS`.
    pub name: String,
    /// One sentence: what it shows.
    pub about: String,
    /// Where it runs.
    pub module: Arc<Module>,
    /// What is called.
    pub calls: Vec<Call>,
    /// Too much for an interpreter.
    pub large: bool,
    answers: OnceLock<Result<Vec<Answer>, String>>,
}

impl Script {
    /// A script that every runtime runs.
    #[must_use]
    pub fn new(name: String, about: String, module: &Arc<Module>, calls: Vec<Call>) -> Script {
        let module = module.clone();
        Script { name, about, module, calls, large: false, answers: OnceLock::new() }
    }

    /// Whether it has rules or options passed to the module.
    #[must_use]
    pub fn configures(&self) -> bool {
        self.calls.iter().any(|call| matches!(call, Call::Configure(_)))
    }

    /// Whether it has records to judge.
    #[must_use]
    pub fn detects(&self) -> bool {
        self.calls.iter().any(|call| matches!(call, Call::Detect(_)))
    }

    /// Whether it asks by optional exports.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.calls.iter().any(|call| matches!(call, Call::Ask(..)))
    }

    /// The native answers, a call each.
    ///
    /// # Errors
    /// If there is no native detector.
    pub fn native(&self) -> Result<&[Answer], String> {
        let answers = self.answers.get_or_init(|| {
            let mut guest = Native.start(&self.module)?;
            self.calls.iter().map(|call| call.on(&mut *guest)).collect()
        });
        answers.as_deref().map_err(String::clone)
    }

    /// Holds a runtime to the native run: the same statuses, counts and bytes.
    ///
    /// # Errors
    /// The first difference.
    pub fn same(&self, runtime: &dyn Runtime) -> Result<(), String> {
        let answers = self.native()?;
        let mut guest = runtime.start(&self.module)?;
        for (place, (call, native)) in self.calls.iter().zip(answers).enumerate() {
            let other = call.on(&mut *guest);
            let other = other.map_err(|error| format!("call {place}, {}: {error}", call.name()))?;
            if other != *native {
                return Err(difference(place, call, native, &other));
            }
        }
        Ok(())
    }
}

/// The ids of the rules that a module has after a configuration.
///
/// # Errors
/// If there is no native detector, or it describes itself in no such form.
pub fn rules(module: &Module, configuration: Option<&[u8]>) -> Result<Vec<String>, String> {
    let mut guest = Native.start(module)?;
    if let Some(configuration) = configuration {
        guest.configure(configuration)?;
    }
    let rules = description::rules(&mut *guest)?;
    Ok(rules.into_iter().map(|rule| rule.id).collect())
}

/// Where two answers part, for a person.
fn difference(place: usize, call: &Call, native: &Answer, other: &Answer) -> String {
    let at = native.text.iter().zip(&other.text).take_while(|(one, two)| one == two).count();
    let mut shown = format!("call {place}, {}:\n", call.name());
    for (who, answer) in [("native", native), ("here", other)] {
        let from = at.saturating_sub(200);
        let part = answer.text.get(from..answer.text.len().min(at + 400)).unwrap_or_default();
        // Writing to a string can't fail.
        let _ = writeln!(
            shown,
            "{who}: status {}, count {}, {} bytes; around byte {at}:\n{}",
            answer.status,
            answer.count,
            answer.text.len(),
            String::from_utf8_lossy(part),
        );
    }
    shown
}
