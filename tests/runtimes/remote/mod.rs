//! The runtimes outside this process: a driver speaks [`message`]s over pipes, or, in a browser, over HTTP.

mod browser;
mod message;
mod package;
mod process;
#[cfg(feature = "wamr")]
mod serve;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tocsin_host::adapter;

use super::{Answer, Cache, Found, Guest, Missing, Runtime};
use crate::case::home;
use crate::script::Script;
use crate::sources;
use crate::subject::Module;
use message::{Reply, Request};
use package::Package;
#[cfg(feature = "wamr")]
pub use serve::serve_wamr;

/// The way to a driver and back.
trait Transport: Send {
    /// Sends a request and waits for its reply.
    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, String>;
}

type Open = Box<dyn Fn() -> Result<Box<dyn Transport>, String> + Send + Sync>;

/// A runtime behind a driver, which is started when it is first needed and serves all instances.
struct Remote {
    name: &'static str,
    version: String,
    takes: fn(&Script) -> bool,
    interprets: bool,
    asks: bool,
    /// What runs in place of the module as it is built.
    instead: Option<Arc<Module>>,
    /// The form in which the runtime gets a module.
    form: fn(&[u8]) -> Result<Vec<u8>, String>,
    open: Open,
    driver: OnceLock<Result<Arc<Driver>, String>>,
    modules: Cache<u32>,
}

/// All of them, those that aren't installed too.
pub(super) fn all() -> Result<Vec<Found>, String> {
    let package = Arc::new(Package::default());
    Ok(vec![
        wamr_12(),
        wamr_8()?,
        node("node", None),
        node("node-npm", Some(package.clone())),
        chromium("chromium", None),
        chromium("chromium-npm", Some(package)),
        component(),
        python(),
        go(),
        jvm(),
    ])
}

fn remote(
    name: &'static str,
    version: &str,
    open: impl Fn() -> Result<Box<dyn Transport>, String> + Send + Sync + 'static,
) -> Remote {
    Remote {
        name,
        version: version.to_owned(),
        takes: |_| true,
        interprets: false,
        asks: false,
        instead: None,
        form: |module| Ok(module.to_vec()),
        open: Box::new(open),
        driver: OnceLock::new(),
        modules: Cache::default(),
    }
}

/// A file of the folder `drivers`.
fn driver(name: &str) -> PathBuf {
    home().join("drivers").join(name)
}

/// What a program prints, if it is there and succeeds.
fn printed(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// With all the stack that configuring takes.
fn wamr_12() -> Found {
    wamr("wamr-12KiB", 12 << 10, |script| !script.large, None)
}

/// With the stack that Fluent Bit gives it by default. It is too little to configure the module, and the
/// module as it is built configures itself in its first call: what runs here was compiled beforehand.
fn wamr_8() -> Result<Found, String> {
    let takes: fn(&Script) -> bool = |script| !script.large && !script.configures();
    Ok(wamr("wamr-8KiB", 8 << 10, takes, Some(Module::built_in()?)))
}

#[cfg(feature = "wamr")]
fn wamr(
    name: &'static str,
    stack_bytes: u32,
    takes: fn(&Script) -> bool,
    instead: Option<Arc<Module>>,
) -> Found {
    let version = format!("WAMR's fast interpreter, wamrx {}", super::locked("wamrx"));
    let open = move || {
        // This program again, as the driver.
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        process::open(Command::new(program).env(serve::VARIABLE, stack_bytes.to_string()))
    };
    Ok(Arc::new(Remote { takes, interprets: true, instead, ..remote(name, &version, open) }))
}

#[cfg(not(feature = "wamr"))]
fn wamr(name: &'static str, _: u32, _: fn(&Script) -> bool, _: Option<Arc<Module>>) -> Found {
    let why = "built without `--features wamr`, which needs cmake and libclang".into();
    Err(Missing { name, why })
}

/// Node by the module's C interface, or by the npm package.
fn node(name: &'static str, package: Option<Arc<Package>>) -> Found {
    let version = printed(Path::new("node"), &["--version"])
        .ok_or(Missing { name, why: "no node on the PATH".into() })?;
    let open = move || {
        let mut command = Command::new("node");
        command.arg(driver("node.mjs"));
        if let Some(package) = &package {
            command.arg(package.folder()?.join("node.js"));
        }
        process::open(&mut command)
    };
    Ok(Arc::new(Remote { asks: true, ..remote(name, &format!("Node {version}"), open) }))
}

/// The component around the module, in Node by jco.
fn component() -> Found {
    let packages = std::env::var_os("TOCSIN_COMPONENT_PACKAGES")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache/tocsin/component-test")));
    let found =
        packages.filter(|folder| folder.join("node_modules/@bytecodealliance/jco").exists());
    let (Some(packages), Some(version)) = (found, printed(Path::new("node"), &["--version"]))
    else {
        let why = "no jco and node; integrations/component/packages.sh installs jco".into();
        return Err(Missing { name: "component", why });
    };
    let open = move || {
        let mut command = Command::new("node");
        command.args([driver("node.mjs"), driver("component.mjs")]).arg(&packages);
        process::open(&mut command)
    };
    let form = |module: &[u8]| {
        adapter::adapt(module, adapter::Adapter::Component).map_err(|error| error.to_string())
    };
    Ok(Arc::new(Remote { form, ..remote("component", &format!("jco in Node {version}"), open) }))
}

fn python() -> Found {
    let program = std::env::var_os("TOCSIN_PYTHON").map_or("python3".into(), PathBuf::from);
    let ask = "import wasmtime, platform; from importlib.metadata import version; \
               print('wasmtime', version('wasmtime'), 'in Python', platform.python_version())";
    let version = printed(&program, &["-c", ask]).ok_or_else(|| {
        let program = program.display();
        let why = format!("`{program}` has no package wasmtime; TOCSIN_PYTHON names another");
        Missing { name: "python", why }
    })?;
    let open = move || process::open(Command::new(&program).arg(driver("python.py")));
    Ok(Arc::new(remote("python", &version, open)))
}

/// wazero by the Go package, whose driver is built when it is first needed.
fn go() -> Found {
    let version = printed(Path::new("go"), &["env", "GOVERSION"])
        .filter(|version| at_least(version, 25))
        .ok_or_else(|| Missing { name: "go", why: "no Go 1.25 or newer on the PATH".into() })?;
    let open = move || {
        let folder = temporary("tocsin-go-driver-")?;
        let program = folder.path().join("driver");
        let mut build = Command::new("go");
        build.current_dir(sources::repository("integrations/go"));
        built(build.args(["build", "-o"]).arg(&program).arg("./internal/driver"))?;
        process::open_in(folder, &mut Command::new(program))
    };
    Ok(Arc::new(remote("go", &format!("wazero in {version}"), open)))
}

/// `go1.26.8` is at least 25.
fn at_least(version: &str, minor: u32) -> bool {
    let found = version.strip_prefix("go1.").and_then(|rest| rest.split('.').next());
    found.and_then(|found| found.parse::<u32>().ok()).is_some_and(|found| found >= minor)
}

/// Chicory by the JVM library, built around the module when it is first needed.
fn jvm() -> Found {
    let why = "no javac and mvn on the PATH".to_owned();
    let version = printed(Path::new("javac"), &["--version"])
        .filter(|_| printed(Path::new("mvn"), &["--version"]).is_some())
        .ok_or(Missing { name: "jvm", why })?;
    let open = move || {
        let folder = temporary("tocsin-jvm-driver-")?;
        let module = folder.path().join("module.wasm");
        std::fs::write(&module, tocsin_host::EMBEDDED_MODULE).map_err(|error| error.to_string())?;
        let build = sources::repository("integrations/jvm").join("build.sh");
        let paths = built(Command::new(build).arg(&module).arg(folder.path()))?;
        let mut java = Command::new("java");
        java.args(["-Xmx8g", "-cp", &paths, "tocsin.ConformanceDriver"]);
        process::open_in(folder, &mut java)
    };
    let interprets = true;
    Ok(Arc::new(Remote { interprets, ..remote("jvm", &format!("Chicory in {version}"), open) }))
}

/// What a build prints; what it says of itself if it fails.
fn built(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// A folder that is removed when what holds it is dropped.
fn temporary(prefix: &str) -> Result<tempfile::TempDir, String> {
    tempfile::Builder::new().prefix(prefix).tempdir().map_err(|error| error.to_string())
}

/// A page in Chromium by the module's C interface, or by the npm package.
fn chromium(name: &'static str, package: Option<Arc<Package>>) -> Found {
    const PROGRAMS: [&str; 4] =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = PROGRAMS.iter().find_map(|program| {
        printed(Path::new(program), &["--version"]).map(|version| (*program, version))
    });
    let why = "no chromium or google-chrome on the PATH".into();
    let (program, version) = found.ok_or(Missing { name, why })?;
    // `Chromium 150.0.7871.100 built on ...`: its name and number say enough.
    let version = version.split(" built on ").next().unwrap_or_default().to_owned();
    let open = move || {
        let package = package.as_ref().map(|package| package.folder()).transpose()?;
        browser::open(program, package)
    };
    Ok(Arc::new(Remote { asks: true, ..remote(name, &version, open) }))
}

impl Runtime for Remote {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn takes(&self, script: &Script) -> bool {
        (self.takes)(script)
    }

    fn interprets(&self) -> bool {
        self.interprets
    }

    fn asks(&self) -> bool {
        self.asks
    }

    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String> {
        let driver = self
            .driver
            .get_or_init(|| (self.open)().map(|transport| Arc::new(Driver(Mutex::new(transport)))));
        let driver = driver.as_ref().map_err(String::clone)?;
        let module = match &self.instead {
            Some(instead) if !module.is_compiled() => instead,
            _ => module,
        };
        let module = self.modules.get(module, |bytes| {
            let module = (self.form)(bytes)?;
            driver.ask(&Request::Load { module: &module }).map(|answer| answer.status)
        })?;
        let instance = driver.ask(&Request::Start { module })?.status;
        Ok(Box::new(Instance { driver: driver.clone(), instance }))
    }
}

/// A driver that runs.
struct Driver(Mutex<Box<dyn Transport>>);

impl Driver {
    fn ask(&self, request: &Request<'_>) -> Result<Answer, String> {
        let mut transport = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Reply::read(&transport.exchange(&request.write())?)?.0
    }
}

/// An instance behind a driver.
struct Instance {
    driver: Arc<Driver>,
    instance: u32,
}

impl Guest for Instance {
    fn describe(&mut self) -> Result<Answer, String> {
        self.driver.ask(&Request::Describe { instance: self.instance })
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        self.driver.ask(&Request::Configure { instance: self.instance, document })
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        self.driver.ask(&Request::Detect { instance: self.instance, batch })
    }

    fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer, String> {
        self.driver.ask(&Request::Explain { instance: self.instance, rule, batch })
    }

    fn ask(&mut self, export: &str, argument: &[u8]) -> Result<Answer, String> {
        self.driver.ask(&Request::Ask { instance: self.instance, export, argument })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // A driver that doesn't answer any more was reported by the call before.
        let _ = self.driver.ask(&Request::End { instance: self.instance });
    }
}
