//! A tenant's rules, loaded: an image of memory over the one compiled engine, and instances of it while there
//! is work.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tocsin_host::detector::{Configuration, DetectorError, Diagnostic, Document, Options};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::rule_test::{self, RuleTests};
use tocsin_host::sandbox::{CallError, Image, Pages};
use tocsin_host::{Detector, Engine, Limits, Module};
use tocsin_wire::RecordKeys;

use crate::config;

/// Time for a batch, where steps aren't enough to bound it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Memory of an instance beyond which it isn't kept for the next batch.
const BLOATED: usize = 64 << 20;

/// Bytes of the instances of all tenants that are kept for the next batch.
const MOST_WARM: usize = 256 << 20;

/// How long an instance waits for the next batch.
const IDLE: Duration = Duration::from_secs(10);

/// Errors of a batch that the detector lists; the others it counts.
const ERROR_FRAMES: u32 = 64;

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

/// That a path lies inside of a folder when all links are followed.
fn confine(path: &Path, inside: Option<&Path>) -> Result<(), LoadError> {
    let Some(inside) = inside else { return Ok(()) };
    let named = |path: &Path| {
        let shown = path.display().to_string();
        move |error: std::io::Error| LoadError::Files(format!("{shown}: {error}"))
    };
    let found = path.canonicalize().map_err(named(path))?;
    match found.starts_with(inside.canonicalize().map_err(named(inside))?) {
        true => Ok(()),
        false => Err(LoadError::Files(format!(
            "{}: it leads outside of {}",
            path.display(),
            inside.display()
        ))),
    }
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

    /// Reads a tenant's rule documents. With `inside`, nothing that lies outside of that folder, wherever links
    /// lead.
    ///
    /// # Errors
    /// [`LoadError::Files`] if one can't be read, [`LoadError::Rules`] if one isn't text.
    pub fn documents(
        &self,
        paths: &[PathBuf],
        inside: Option<&Path>,
    ) -> Result<Vec<Document>, LoadError> {
        for path in inside.map_or(&[][..], |_| paths) {
            confine(path, inside)?;
            // A pipe has no end.
            if !path.is_dir() && !path.is_file() {
                let message = format!("{}: it is neither a file nor a folder", path.display());
                return Err(LoadError::Files(message));
            }
        }
        let found = RuleFiles::read(paths).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            LoadError::Files(format!("{error}{}", cause.unwrap_or_default()))
        })?;
        for document in &found.documents {
            let path = Path::new(&document.name);
            confine(path, inside)?;
            let tests = path.with_extension("tests.toml");
            if tests.symlink_metadata().is_ok() {
                confine(&tests, inside)?;
            }
        }
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
        let mut detector = None;
        for document in rules {
            let tests = RuleTests::read(document).map_err(LoadError::Rules)?;
            if tests.tests.is_empty() {
                continue;
            }
            let detector = match &mut detector {
                Some(detector) => detector,
                none => none.insert(
                    Detector::new(&self.embedded, limits)
                        .map_err(|error| LoadError::Module(error.to_string()))?,
                ),
            };
            let verdicts = rule_test::run(detector, &tests, &exceptions, |_| true);
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

    /// Their limits.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// How records are recognised by their first bytes.
    pub(super) fn record_keys(&self) -> Arc<RecordKeys> {
        self.image.record_keys(&self.limits)
    }

    /// Bytes that the rules' image takes of its own.
    pub fn image_bytes(&self) -> usize {
        self.image.own_bytes()
    }

    /// An instance that is there, or a new one.
    pub(super) fn detector(&self) -> Result<Detector, CallError> {
        let warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some((_, detector)) = warm {
            self.all_warm.fetch_sub(detector.sandbox().memory_bytes(), Ordering::Relaxed);
            return Ok(detector);
        }
        Ok(Detector::from(self.image.start(self.limits)?))
    }

    /// Keeps an instance for the next batch.
    pub(super) fn keep(&self, detector: Detector) {
        let bytes = detector.sandbox().memory_bytes();
        let fits = self.all_warm.load(Ordering::Relaxed).saturating_add(bytes) <= MOST_WARM;
        if bytes <= BLOATED && fits {
            self.all_warm.fetch_add(bytes, Ordering::Relaxed);
            self.warm
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((Instant::now(), detector));
        }
    }

    /// Gives up instances that wait for too long.
    pub fn cool(&self) {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        let before = bytes_of(&warm);
        warm.retain(|(since, _)| since.elapsed() < IDLE);
        self.all_warm.fetch_sub(before - bytes_of(&warm), Ordering::Relaxed);
    }
}

fn bytes_of(warm: &[(Instant, Detector)]) -> usize {
    warm.iter().map(|(_, detector)| detector.sandbox().memory_bytes()).sum()
}

impl Drop for Rules {
    fn drop(&mut self) {
        let warm = bytes_of(self.warm.get_mut().unwrap_or_else(PoisonError::into_inner));
        self.all_warm.fetch_sub(warm, Ordering::Relaxed);
    }
}
