//! A tenant's rules, loaded: an image of memory over the one compiled engine, and instances of it while there
//! is work.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tocsin_host::detector::{Configuration, DetectorError, Diagnostic, Document, Frame, Options};
use tocsin_host::input::batcher::{count, split};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::rule_test::{self, RuleTests};
use tocsin_host::sandbox::{CallError, Image, Pages};
use tocsin_host::{Detector, Engine, Limits, Module};

use crate::config;

/// Time for a batch, where steps aren't enough to bound it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Memory of an instance beyond which it isn't kept for the next batch.
const BLOATED: usize = 64 << 20;

/// Instances of all tenants that are kept for the next batch.
const MOST_WARM: usize = 64;

/// How long an instance waits for the next batch.
const IDLE: Duration = Duration::from_secs(10);

/// Parts of a broken batch that may break, too, while the record to blame is looked for.
const MOST_FAILURES: usize = 12;

/// What such a part may take of a batch's steps.
const PART_OF_STEPS: u64 = 16;

/// Errors of a batch that are listed; the others are counted.
const ERROR_FRAMES: u32 = 64;
const MOST_ERRORS: usize = 64;

/// Why rules can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file can't be read.
    #[error("{0}")]
    Files(String),
    /// The rules have errors.
    #[error("{}", diagnostics(.0))]
    Rules(Vec<Diagnostic>),
    /// Tests of the rules fail.
    #[error("{0}")]
    Tests(String),
    /// The module can't be used.
    #[error("{0}")]
    Module(String),
}

fn diagnostics(found: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| format!("{}:{}:{}: {}", d.document, d.line, d.column, d.message);
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Loads rules into images, all of them over one compiled engine.
pub struct Loader {
    engine: Engine,
    embedded: Module,
    /// Pages of memory that several tenants have, held once.
    pages: Mutex<Pages>,
    warm: Arc<AtomicUsize>,
}

impl Loader {
    /// Compiles the engine, or takes it from the user's cache.
    ///
    /// # Errors
    /// [`LoadError::Module`] if this machine can't run it.
    pub fn new() -> Result<Loader, LoadError> {
        let failed = |error: &dyn std::fmt::Display| LoadError::Module(error.to_string());
        let engine = Engine::metered().map_err(|error| failed(&error))?;
        let embedded = Module::embedded(&engine).map_err(|error| failed(&error))?;
        Ok(Loader { engine, embedded, pages: Mutex::default(), warm: Arc::default() })
    }

    /// The embedded module's fingerprint.
    pub fn sha256(&self) -> &str {
        self.embedded.sha256()
    }

    /// Reads a tenant's rule documents.
    ///
    /// # Errors
    /// [`LoadError::Files`] if one can't be read, [`LoadError::Rules`] if one isn't text.
    pub fn documents(&self, paths: &[PathBuf]) -> Result<Vec<Document>, LoadError> {
        let found = RuleFiles::read(paths).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            LoadError::Files(format!("{error}{}", cause.unwrap_or_default()))
        })?;
        if found.broken.is_empty() {
            Ok(found.documents)
        } else {
            Err(LoadError::Rules(found.broken))
        }
    }

    /// Makes an image of a tenant's rules.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong with them.
    pub fn load(
        &self,
        tenant: &config::Tenant,
        documents: Vec<Document>,
    ) -> Result<Rules, LoadError> {
        let failed = |error: DetectorError| match error {
            DetectorError::Configuration(found) => LoadError::Rules(found),
            error => LoadError::Module(error.to_string()),
        };
        let module = match &tenant.module {
            None => self.embedded.clone(),
            Some(path) => {
                let named =
                    |reason: String| LoadError::Module(format!("{}: {reason}", path.display()));
                let bytes = std::fs::read(path).map_err(|error| named(error.to_string()))?;
                Module::new(&self.engine, &bytes).map_err(|error| named(error.to_string()))?
            }
        };
        let limits = Limits {
            memory_bytes: tenant.limits.memory.size(),
            timeout: TIMEOUT,
            steps: tenant.limits.steps,
        };
        // Reading rules isn't a batch: it has the host's own time.
        let reading = Limits { steps: u64::MAX, ..limits };
        let mut detector = Detector::new(&module, reading).map_err(failed)?;
        let (replacing, added) = match tenant.builtin_rules {
            true => (None, documents),
            false => (Some(documents), Vec::new()),
        };
        // Another module may know no such option.
        let options = tenant.module.is_none().then(|| Options {
            error_frames: Some(ERROR_FRAMES),
            now: now(),
            ..Options::default()
        });
        let configuration =
            Configuration { rules: replacing, add: added, options, skip_broken: false };
        if configuration != Configuration::default() {
            detector.configure(&configuration).map_err(failed)?;
        }
        let rules = detector.describe().map_err(failed)?.rules.len();
        let mut image =
            detector.sandbox_mut().image().map_err(|error| LoadError::Module(error.to_string()))?;
        image.share(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Rules { image, limits, rules, warm: Mutex::default(), all_warm: Arc::clone(&self.warm) })
    }

    /// Runs the tests that stand in rule files or beside them, each file's rules alone.
    ///
    /// # Errors
    /// [`LoadError::Tests`] with each test that fails.
    pub fn test(&self, documents: &[Document]) -> Result<usize, LoadError> {
        let (mut passed, mut wrong) = (0, Vec::new());
        let (exceptions, rules): (Vec<_>, Vec<_>) =
            documents.iter().cloned().partition(rule_test::holds_exceptions);
        let limits = Limits { timeout: TIMEOUT, ..Limits::default() };
        let mut detector = Detector::new(&self.embedded, limits)
            .map_err(|error| LoadError::Module(error.to_string()))?;
        for document in rules {
            let tests = RuleTests::read(document).map_err(LoadError::Rules)?;
            if tests.tests.is_empty() {
                continue;
            }
            let verdicts = rule_test::run(&mut detector, &tests, &exceptions, |_| true);
            for verdict in verdicts.map_err(|error| LoadError::Tests(error.to_string()))? {
                match verdict.differences.first() {
                    None => passed += 1,
                    Some(difference) => {
                        let (file, line) = &verdict.test.place;
                        wrong.push(format!(
                            "{file}:{line}: test `{}`: {difference}",
                            verdict.test.name
                        ));
                    }
                }
            }
        }
        if wrong.is_empty() { Ok(passed) } else { Err(LoadError::Tests(wrong.join("\n"))) }
    }

    /// Forgets pages that no tenant has any more.
    pub fn tidy(&self) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).forget_unused();
    }
}

/// The time by which exceptions may have ended, in milliseconds since 1970.
fn now() -> Option<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

/// An alert of a batch.
pub type Alert = crate::outbox::Alert;

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Judged {
    /// Records seen, those that couldn't be judged among them.
    pub records: u64,
    /// Records that couldn't be judged.
    pub rejected: u64,
    /// The first of those: which record, the byte of the batch, and why.
    pub errors: Vec<(u64, u64, String)>,
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Why the batch was broken off, if it was.
    pub broken: Option<String>,
}

impl Judged {
    fn error(&mut self, record: u64, offset: u64, reason: String) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push((record, offset, reason));
        }
    }
}

/// A tenant's rules.
pub struct Rules {
    image: Image,
    limits: Limits,
    rules: usize,
    /// Instances that have just judged, and when.
    warm: Mutex<Vec<(Instant, Detector)>>,
    all_warm: Arc<AtomicUsize>,
}

impl Rules {
    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules == 0
    }

    /// Bytes that the rules' image takes of its own.
    pub fn image_bytes(&self) -> usize {
        self.image.own_bytes()
    }

    /// Judges a batch. Whatever happens inside, the batch has an answer.
    pub fn judge(&self, batch: &[u8]) -> Judged {
        let mut judged = Judged::default();
        let mut detector = match self.detector() {
            Ok(detector) => detector,
            Err(error) => {
                judged.broken = Some(error.to_string());
                judged.records = count(batch);
                judged.rejected = judged.records;
                judged.error(0, 0, error.to_string());
                return judged;
            }
        };
        if let Err(error) = detect(&mut detector, batch, 0, &mut judged) {
            judged.broken = Some(error.to_string());
            detector.sandbox_mut().limit_steps((self.limits.steps / PART_OF_STEPS).max(1));
            bisect(&mut detector, batch, error, &mut judged);
            detector.sandbox_mut().limit_steps(self.limits.steps);
        }
        self.keep(detector);
        judged
    }

    fn detector(&self) -> Result<Detector, CallError> {
        let warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some((_, detector)) = warm {
            self.all_warm.fetch_sub(1, Ordering::Relaxed);
            return Ok(detector);
        }
        Ok(Detector::from(self.image.start(self.limits)?))
    }

    fn keep(&self, detector: Detector) {
        let is_small = detector.sandbox().memory_bytes() <= BLOATED;
        if is_small && self.all_warm.load(Ordering::Relaxed) < MOST_WARM {
            self.all_warm.fetch_add(1, Ordering::Relaxed);
            self.warm
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((Instant::now(), detector));
        }
    }

    /// Gives up instances that wait for too long.
    pub fn cool(&self) {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        let before = warm.len();
        warm.retain(|(since, _)| since.elapsed() < IDLE);
        self.all_warm.fetch_sub(before - warm.len(), Ordering::Relaxed);
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        let warm = self.warm.get_mut().unwrap_or_else(PoisonError::into_inner).len();
        self.all_warm.fetch_sub(warm, Ordering::Relaxed);
    }
}

/// Judges a batch that begins at an offset of the whole.
fn detect(
    detector: &mut Detector,
    batch: &[u8],
    at: u64,
    judged: &mut Judged,
) -> Result<(), DetectorError> {
    let detection = detector.detect(batch)?;
    let before = judged.records;
    for frame in detection.frames {
        match frame {
            Frame::Alert { head, alert } => judged.alerts.push(Alert {
                id: head.id.into_owned(),
                rule: head.rule.into_owned(),
                time: head.time,
                body: alert.to_owned(),
            }),
            Frame::Error { record, error } => {
                judged.rejected += 1;
                judged.error(before + record, at + error.offset, error.reason.into_owned());
            }
            Frame::Errors(errors) => {
                judged.rejected += errors.count;
                judged.error(
                    before + errors.first,
                    at,
                    format!("{} (and {} like it)", errors.reason, errors.count),
                );
            }
            Frame::Summary(_) => {}
        }
    }
    let untrusted = detection.summary.untrusted;
    if untrusted > 0 {
        judged.rejected += untrusted;
        let reason = "records are in envelopes of senders that aren't AWS, and weren't judged";
        judged.error(before, at, format!("{untrusted} {reason}"));
    }
    judged.records += detection.summary.records;
    Ok(())
}

/// Looks for the records that break a batch, so that the others are judged.
fn bisect(detector: &mut Detector, batch: &[u8], error: DetectorError, judged: &mut Judged) {
    let mut failures = 1;
    let mut parts = vec![(batch.to_vec(), 0_u64, Some(error))];
    while let Some((text, at, error)) = parts.pop() {
        let error = match error {
            Some(error) => error,
            None => match detect(detector, &text, at, judged) {
                Ok(()) => continue,
                Err(error) => {
                    failures += 1;
                    error
                }
            },
        };
        match split(&text).filter(|_| failures < MOST_FAILURES) {
            Some((left, right)) => {
                let part = |half: tocsin_host::input::batcher::Half| {
                    let body = text.get(half.body.clone()).unwrap_or_default();
                    let joined = [half.opening.as_slice(), body, half.closing].concat();
                    (joined, at + half.body.start as u64, None)
                };
                parts.extend([part(right), part(left)]);
            }
            None => {
                let records = count(&text);
                judged.error(judged.records, at, format!("{error}; {records} records are skipped"));
                judged.records += records;
                judged.rejected += records;
            }
        }
    }
}
