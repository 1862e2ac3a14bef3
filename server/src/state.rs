//! What every part of the server shares.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tocsin_host::detector::Document;

use crate::config::{self, Config};
use crate::http::Tls;
use crate::in_flight::InFlight;
use crate::inlets::Inlet;
use crate::judge::{LoadError, Loader, Workers};
use crate::metrics::Histogram;
use crate::outbox::Outbox;
use crate::outlets::{Client, Gauges, RunningOutlets};
use crate::tenants::{RULE, Sender, Standing, Tenant, Tokens};

/// Tenants and their tokens, as one configuration has them.
#[derive(Default)]
pub struct Registry {
    /// Whose tokens are whose.
    pub tokens: Tokens,
    /// The tenants by name.
    pub tenants: BTreeMap<Arc<str>, Arc<Tenant>>,
    /// Senders of several tenants' records, by name.
    pub senders: BTreeMap<Arc<str>, Arc<Sender>>,
    /// Tenants whose rules have never been usable since the start, and why.
    pub broken: BTreeMap<Arc<str>, String>,
}

impl Registry {
    /// Tenants and senders: all that have limits and counters.
    pub fn everyone(&self) -> impl Iterator<Item = (&str, &Tenant)> {
        let tenants = self.tenants.iter().map(|(name, tenant)| (&**name, &**tenant));
        let senders = self.senders.iter().map(|(name, sender)| (&**name, &*sender.limits));
        tenants.chain(senders)
    }
}

/// What every part of the server shares.
pub struct State {
    /// What concerns all tenants; changes need a restart.
    pub config: Config,
    /// The store.
    pub outbox: Outbox,
    /// The threads that judge.
    pub workers: Arc<Workers>,
    /// Bytes of bodies.
    pub in_flight: InFlight,
    /// What accepts TLS connections.
    pub tls: Option<Tls>,
    /// What loads rules.
    pub loader: Loader,
    /// Seconds that requests took, by inlet.
    pub durations: Mutex<BTreeMap<&'static str, Histogram>>,
    /// Requests by inlet and status.
    pub requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    outlets: RunningOutlets,
    registry: RwLock<Arc<Registry>>,
    unauthorised: AtomicU64,
    next_request: AtomicU64,
    ready: AtomicBool,
    draining: AtomicBool,
}

impl State {
    /// What is shared, without any tenant yet.
    pub fn new(
        config: Config,
        outbox: Outbox,
        workers: Arc<Workers>,
        tls: Option<Tls>,
        loader: Loader,
    ) -> State {
        let client = Client::new(config.allow.clone());
        State {
            outlets: RunningOutlets::new(client, outbox.clone(), &config.server.state),
            in_flight: InFlight::new(config.server.in_flight.0),
            config,
            outbox,
            workers,
            tls,
            loader,
            durations: Mutex::default(),
            requests: Mutex::default(),
            registry: RwLock::default(),
            unauthorised: AtomicU64::new(0),
            next_request: AtomicU64::new(1),
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
        }
    }

    /// Stops every outlet, and waits for what it is sending.
    pub async fn stop_outlets(&self, within: Duration) {
        self.outlets.stop(within).await;
    }

    /// The tenants, as they are now.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The number of a request, for the log.
    pub fn next_request(&self) -> u64 {
        self.next_request.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether requests are taken.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed) && !self.is_draining()
    }

    /// Requests are taken from now on.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// Whether the server is ending.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// The server is ending.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Counts a request without a token that is anybody's.
    pub fn unauthorised(&self) {
        self.unauthorised.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn unauthorised_requests(&self) -> u64 {
        self.unauthorised.load(Ordering::Relaxed)
    }

    /// Counts an answered request.
    pub fn seen(&self, inlet: Option<Inlet>, status: u16, took: Duration) {
        let name = inlet.map_or("other", Inlet::name);
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((name, status)).or_default() += 1;
        drop(requests);
        let mut durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        durations.entry(name).or_default().observe(took.as_secs_f64());
    }

    /// Puts the tenants of a configuration in the place of those before. A tenant whose rules can't be used
    /// stays as it was; each such is named with what is wrong.
    pub fn adopt(&self, config: &Config) -> Vec<(Arc<str>, LoadError)> {
        let before = self.registry();
        let (mut next, mut wrong) = (Registry::default(), Vec::new());
        let tenants: Vec<_> = config.tenants.iter().collect();
        let load = |(name, tenant): &(&Arc<str>, &config::Tenant)| {
            self.tenant(config, name, tenant, before.tenants.get(*name))
        };
        // Once requests are judged, the processors are theirs.
        let loaded = match before.tenants.is_empty() {
            true => on_all_processors(&tenants, load),
            false => tenants.iter().map(load).collect(),
        };
        for ((name, tenant), loaded) in tenants.into_iter().zip(loaded) {
            let old = before.tenants.get(name);
            let loaded = match loaded {
                Ok(loaded) => {
                    *loaded.standing.complaint() = None;
                    loaded
                }
                Err(error) => {
                    let Some(old) = old else {
                        for token in &tenant.tokens {
                            next.tokens.insert(*token, Arc::clone(name));
                        }
                        next.broken.insert(Arc::clone(name), error.to_string());
                        wrong.push((Arc::clone(name), error));
                        continue;
                    };
                    *old.standing.complaint() = Some(error.to_string());
                    wrong.push((Arc::clone(name), error));
                    Arc::clone(old)
                }
            };
            // Tokens are those of the new configuration even where the rules are the old ones: one that was
            // taken away must not work any more.
            for token in &tenant.tokens {
                next.tokens.insert(*token, Arc::clone(name));
            }
            next.tenants.insert(Arc::clone(name), loaded);
        }
        for (name, sender) in &config.senders {
            let old = before.senders.get(name);
            match self.sender(name, sender, old) {
                Ok(sender) => drop(next.senders.insert(Arc::clone(name), sender)),
                Err(error) => wrong.push((Arc::clone(name), error)),
            }
            for token in &sender.tokens {
                next.tokens.insert(*token, Arc::clone(name));
            }
        }
        let wanted = |name: &_| next.tenants.values().any(|tenant| tenant.outlets.contains(name));
        self.outlets.stop_unwanted(wanted);
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.loader.tidy();
        wrong
    }

    fn tenant(
        &self,
        config: &Config,
        name: &Arc<str>,
        tenant: &config::Tenant,
        old: Option<&Arc<Tenant>>,
    ) -> Result<Arc<Tenant>, LoadError> {
        let documents = self.loader.documents(&tenant.rules, tenant.folder.as_deref())?;
        let fingerprint = fingerprint(&documents, SystemTime::now());
        if let Some(old) = old
            && old.config == *tenant
            && old.documents == fingerprint
        {
            return Ok(Arc::clone(old));
        }
        self.loader.test(&documents)?;
        let rules = self.loader.load(tenant, documents)?;
        let gauges = self.outlets.start(&config.folder, name, tenant).map_err(LoadError::Files)?;
        let standing =
            old.map_or_else(|| Arc::new(Standing::default()), |old| Arc::clone(&old.standing));
        let loaded =
            Tenant::new(Arc::clone(name), tenant.clone(), rules, fingerprint, gauges, standing);
        tracing::info!(tenant = &**name, rules = loaded.rules.len(), "a tenant is loaded");
        Ok(Arc::new(loaded))
    }

    fn sender(
        &self,
        name: &Arc<str>,
        sender: &config::Sender,
        old: Option<&Arc<Sender>>,
    ) -> Result<Arc<Sender>, LoadError> {
        if let Some(old) = old.filter(|old| old.config == *sender) {
            return Ok(Arc::clone(old));
        }
        let tenant = config::Tenant::of_sender(sender);
        let document = Document { name: name.to_string(), text: RULE.to_owned() };
        let rules = self.loader.load(&tenant, vec![document])?;
        let standing = old.map(|old| Arc::clone(&old.limits.standing)).unwrap_or_default();
        let limits = Tenant::new(Arc::clone(name), tenant, rules, [0; 32], Gauges::new(), standing);
        Ok(Arc::new(Sender::new(sender.clone(), Arc::new(limits))))
    }
}

/// What work makes of each thing, in their order, by as many threads as there are processors.
fn on_all_processors<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = things.len().div_ceil(threads).max(1);
    // Tasks are spawned while tenants are loaded.
    let runtime = tokio::runtime::Handle::try_current();
    let part = |part: &[T]| {
        let _inside = runtime.as_ref().ok().map(tokio::runtime::Handle::enter);
        part.iter().map(&work).collect::<Vec<R>>()
    };
    let part = &part;
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            things.chunks(share).map(|own| scope.spawn(move || part(own))).collect();
        let done = parts.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// A key that changes when rules change. Exceptions may end: rules with such are loaded anew each hour.
fn fingerprint(documents: &[tocsin_host::detector::Document], now: SystemTime) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    if documents.iter().any(|document| document.text.contains("expire_time")) {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        hasher.update((seconds / 3600).to_le_bytes());
    }
    for document in documents {
        for text in [&document.name, &document.text] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_whose_exceptions_end_are_loaded_anew_each_hour() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let of = |text: &str, seconds| {
            let document = tocsin_host::detector::Document { name: "r".into(), text: text.into() };
            fingerprint(&[document], at(seconds))
        };
        assert_eq!(of("[rule]", 0), of("[rule]", 3600));
        assert_eq!(of("expire_time = 1", 0), of("expire_time = 1", 3599));
        assert_ne!(of("expire_time = 1", 0), of("expire_time = 1", 3600));
    }
}
