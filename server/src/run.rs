//! From a configuration to a running server, and from a signal to its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::config::{self, Config, Problem};
use crate::http::{self, Tls, TlsError};
use crate::judge::{LoadError, Loader, Workers};
use crate::outbox::{OpenError, Outbox, Settings, system_clock};
use crate::state::State;
use crate::{admin, judge};

/// Batches that wait for a thread before the host is busy.
const MOST_WAITING: usize = 1024;

/// How often files are looked at for changes. Polling, unlike notifications, works for every file system and
/// for folders that are swapped by a link.
const LOOK: Duration = Duration::from_secs(2);

/// How a server is run.
#[derive(Debug, Default)]
pub struct Options {
    /// The file to read again when it changes; nothing for a server without one.
    pub file: Option<PathBuf>,
}

/// Why a server doesn't run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration has problems.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Configuration(Vec<Problem>),
    /// Tenants' rules can't be used.
    #[error("{}", .0.iter().map(|(tenant, error)| format!("tenant {tenant}: {error}")).collect::<Vec<_>>().join("\n"))]
    Rules(Vec<(Arc<str>, LoadError)>),
    /// The engine doesn't run here.
    #[error(transparent)]
    Engine(#[from] LoadError),
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The certificate can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address or socket can't be used.
    #[error("{place}: {error}")]
    Listen {
        /// The address.
        place: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A thread can't be started.
    #[error("the server can't start: {0}")]
    Start(std::io::Error),
}

/// Checks a configuration with everything that it names, rules and their tests included. Gives the number of
/// tenants, of rules, and of tests that passed.
///
/// # Errors
/// [`ServeError`] with everything that is wrong.
pub fn check(file: &Path) -> Result<(usize, usize, usize), ServeError> {
    let config = config::load(file).map_err(ServeError::Configuration)?;
    if !config.missing.is_empty() {
        return Err(ServeError::Configuration(config.missing));
    }
    if let Some(tls) = &config.server.tls {
        Tls::new(tls.clone())?;
    }
    let loader = Loader::new()?;
    let (mut wrong, mut rules, mut tests) = (Vec::new(), 0, 0);
    for (name, tenant) in &config.tenants {
        let documents = loader.documents(&tenant.rules, tenant.folder.as_deref());
        let loaded = documents.and_then(|documents| {
            let passed = loader.test(&documents)?;
            Ok((loader.load(tenant, documents)?.len(), passed))
        });
        match loaded {
            Ok((more, passed)) => (rules, tests) = (rules + more, tests + passed),
            Err(error) => wrong.push((Arc::clone(name), error)),
        }
    }
    if wrong.is_empty() {
        Ok((config.tenants.len(), rules, tests))
    } else {
        Err(ServeError::Rules(wrong))
    }
}

/// Serves until SIGTERM or SIGINT. `ready` is called with the address once requests are taken.
///
/// # Errors
/// [`ServeError`] if the server can't start.
pub fn run(
    config: Config,
    options: &Options,
    ready: impl FnOnce(std::net::SocketAddr) + Send,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeError::Start)?;
    runtime.block_on(serve(config, options, ready))
}

async fn serve(
    config: Config,
    options: &Options,
    ready: impl FnOnce(std::net::SocketAddr) + Send,
) -> Result<(), ServeError> {
    let server = config.server.clone();
    let tls = server.tls.clone().map(Tls::new).transpose()?;
    let settings = Settings {
        most_bytes: server.store.0,
        remembered: server.remembered.0,
        clock: system_clock(),
    };
    let outbox = Outbox::open(&server.state, settings)?;
    let workers = Workers::start(server.workers, MOST_WAITING).map_err(ServeError::Start)?;
    let listen = |error| ServeError::Listen { place: server.listen.to_string(), error };
    let listener = TcpListener::bind(server.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let admin_listener = admin_socket(&server.admin)?;
    let watched = match server.metrics {
        None => None,
        Some(place) => {
            let named = |error| ServeError::Listen { place: place.to_string(), error };
            Some(TcpListener::bind(place).await.map_err(named)?)
        }
    };
    let loader = judge::Loader::new()?;
    let state = Arc::new(State::new(config.clone(), outbox, Arc::clone(&workers), tls, loader));
    let wrong = state.adopt(&config);
    // What is wrong with one tenant's rules is no reason to keep the others waiting.
    if wrong.len() == config.tenants.len() {
        return Err(ServeError::Rules(wrong));
    }
    for (tenant, error) in wrong {
        tracing::error!(tenant = &*tenant, error = %error, "the tenant's rules can't be used; its requests wait");
    }
    // Before the server says that it listens: a signal that isn't waited for ends the process.
    let signals = Signals::new().map_err(ServeError::Start)?;
    let (stop, stopped) = watch::channel(false);
    let reload = Arc::new(Notify::new());
    let administration = tokio::spawn(admin::serve(
        admin_listener,
        Arc::clone(&state),
        Arc::clone(&reload),
        stopped.clone(),
    ));
    if let Some(listener) = watched {
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "metrics and health are served");
        }
        let watching = admin::watch_by_tcp(listener, Arc::clone(&state), stopped.clone());
        drop(tokio::spawn(watching));
    }
    let looking = tokio::spawn(look(Arc::clone(&state), options.file.clone(), signals.hup, reload));
    let serving = tokio::spawn(http::serve(listener, Arc::clone(&state), stopped));
    state.set_ready();
    ready(address);
    ended(signals.term, signals.int).await;
    tracing::info!("the server ends");
    state.drain();
    looking.abort();
    stop.send_replace(true);
    drop(serving.await);
    state.stop_outlets(server.drain.duration()).await;
    drop(administration.await);
    workers.close();
    drop(std::fs::remove_file(&server.admin));
    Ok(())
}

/// The socket of the administration. One that a former run left behind goes.
fn admin_socket(path: &Path) -> Result<UnixListener, ServeError> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    let named = |error| ServeError::Listen { place: path.display().to_string(), error };
    if path.symlink_metadata().is_ok_and(|found| !found.file_type().is_socket()) {
        return Err(named(std::io::Error::other("something else than a socket is there")));
    }
    // Under its final name it is the user's own from the first moment on.
    let new = path.with_extension("new");
    drop(std::fs::remove_file(&new));
    let listener = UnixListener::bind(&new).map_err(named)?;
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600)).map_err(named)?;
    std::fs::rename(&new, path).map_err(named)?;
    Ok(listener)
}

/// The signals that a server waits for.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }
}

async fn ended(mut term: Signal, mut int: Signal) {
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// Reads configuration, rules and certificate again when they change, on SIGHUP, and when asked.
async fn look(state: Arc<State>, file: Option<PathBuf>, mut hup: Signal, asked: Arc<Notify>) {
    let mut seen = file.as_deref().map(text);
    let mut took = Duration::ZERO;
    loop {
        let forced = tokio::select! {
            // Looking at the files of many tenants mustn't take more than a fiftieth of the time.
            () = tokio::time::sleep(LOOK.max(took * 50)) => false,
            _ = hup.recv() => true,
            () = asked.notified() => true,
        };
        if let Some(tls) = &state.tls {
            match tls.reload() {
                Ok(true) => tracing::info!("the certificate is read again"),
                Ok(false) => {}
                Err(error) => tracing::error!(error = %error, "the new certificate can't be used"),
            }
        }
        for tenant in state.registry().tenants.values() {
            tenant.rules.cool();
        }
        let began = std::time::Instant::now();
        let now = file.as_deref().map(text);
        let changed = now != seen;
        seen = now;
        let (own, path) = (Arc::clone(&state), file.clone());
        // Reading files and rules takes its time; requests go on meanwhile.
        let handle = tokio::runtime::Handle::current();
        let done = tokio::task::spawn_blocking(move || {
            let _inside = handle.enter();
            reload(&own, path.as_deref(), changed || forced);
        });
        drop(done.await);
        took = began.elapsed();
    }
}

fn text(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Adopts what has changed. What is wrong is logged, and the old goes on.
fn reload(state: &State, file: Option<&Path>, say: bool) {
    let config = match file.map(config::load) {
        None => state.config.clone(),
        Some(Ok(config)) => config,
        Some(Err(problems)) => {
            for problem in problems.iter().filter(|_| say) {
                tracing::error!(problem = %problem, "the new configuration isn't used");
            }
            let complaint = problems.first().map(Problem::to_string);
            for tenant in state.registry().tenants.values() {
                tenant.standing.complaint().clone_from(&complaint);
            }
            return;
        }
    };
    let before: Vec<Option<String>> = complaints(state);
    let wrong = state.adopt(&config);
    if say || complaints(state) != before {
        for (tenant, error) in wrong {
            tracing::error!(tenant = &*tenant, error = %error, "the new rules aren't used");
        }
    }
}

fn complaints(state: &State) -> Vec<Option<String>> {
    let registry = state.registry();
    let outdated = registry.tenants.values().map(|tenant| tenant.standing.complaint().clone());
    outdated.chain(registry.broken.values().cloned().map(Some)).collect()
}
