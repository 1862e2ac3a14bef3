//! What every part of the server shares.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tocsin_host::detector::Document;
use tokio::sync::watch;

use crate::config::{self, Config};
use crate::http::Tls;
use crate::inlets::Inlet;
use crate::judge::{LoadError, Loader, Workers};
use crate::metrics::Histogram;
use crate::outbox::Outbox;
use crate::outlets::{Client, Gauges, Outlet};
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

/// Bytes of bodies and of alerts on their way that are held at once, of all tenants.
///
/// A tenant holds no more than it leaves free. So one alone may take half of all, two a third each, and there
/// is always room for another that comes.
#[derive(Clone)]
pub struct InFlight {
    most: u64,
    held: Arc<AtomicU64>,
}

/// A part of those, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    most: u64,
    held: Arc<AtomicU64>,
    held_by_tenant: Arc<AtomicU64>,
    bytes: u64,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The tenant holds its share.
    Tenant,
    /// All of it is held.
    Host,
}

impl InFlight {
    /// Room for so many bytes.
    pub fn new(most: u64) -> InFlight {
        InFlight { most, held: Arc::default() }
    }

    /// A tenant's room, none of it taken yet.
    pub fn room(&self, held_by_tenant: &Arc<AtomicU64>) -> Room {
        Room {
            most: self.most,
            held: Arc::clone(&self.held),
            held_by_tenant: Arc::clone(held_by_tenant),
            bytes: 0,
        }
    }

    /// Bytes that are held.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }
}

impl Room {
    /// Whether so many more bytes fit now.
    ///
    /// # Errors
    /// [`NoRoom`] says who holds too much.
    pub fn fits(&self, bytes: u64) -> Result<(), NoRoom> {
        let all = self.held.load(Ordering::Acquire).saturating_add(bytes);
        let own = self.held_by_tenant.load(Ordering::Acquire).saturating_add(bytes);
        self.judge(all, own)
    }

    fn judge(&self, all: u64, own: u64) -> Result<(), NoRoom> {
        match self.most.checked_sub(all) {
            None => Err(NoRoom::Host),
            Some(free) if own > free => Err(NoRoom::Tenant),
            Some(_) => Ok(()),
        }
    }

    /// Takes more, if there is as much.
    ///
    /// # Errors
    /// [`NoRoom`] says who holds too much.
    pub fn grow(&mut self, bytes: u64) -> Result<(), NoRoom> {
        let (all, own) = self.add(bytes);
        let fits = self.judge(all, own);
        if fits.is_err() {
            self.subtract(bytes);
        }
        fits
    }

    /// Takes more, whether or not there is as much: for what is held already. Others wait meanwhile.
    pub fn force(&mut self, bytes: u64) {
        self.add(bytes);
    }

    /// The bytes taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives all back but so many bytes.
    pub fn shrink_to(&mut self, bytes: u64) {
        self.subtract(self.bytes.saturating_sub(bytes));
    }

    fn add(&mut self, bytes: u64) -> (u64, u64) {
        self.bytes += bytes;
        let all = self.held.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes);
        (all, self.held_by_tenant.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes))
    }

    fn subtract(&mut self, bytes: u64) {
        self.bytes -= bytes;
        self.held.fetch_sub(bytes, Ordering::AcqRel);
        self.held_by_tenant.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.subtract(self.bytes);
    }
}

/// The handle that stops a running outlet.
struct Running {
    config: config::Outlet,
    labels: BTreeMap<String, String>,
    gauge: Arc<crate::outlets::Gauge>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
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
    client: Client,
    registry: RwLock<Arc<Registry>>,
    outlets: Mutex<HashMap<Arc<str>, Running>>,
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
        State {
            client: Client::new(config.allow.clone()),
            in_flight: InFlight::new(config.server.in_flight.0),
            config,
            outbox,
            workers,
            tls,
            loader,
            durations: Mutex::default(),
            requests: Mutex::default(),
            registry: RwLock::default(),
            outlets: Mutex::default(),
            unauthorised: AtomicU64::new(0),
            next_request: AtomicU64::new(1),
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
        }
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
        for (name, tenant) in &config.tenants {
            let old = before.tenants.get(name);
            let loaded = match self.tenant(config, name, tenant, old) {
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
        self.stop_outlets_but(&next);
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
        let gauges = self.outlets(config, name, tenant).map_err(LoadError::Files)?;
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

    /// Starts the outlets of a tenant that don't run yet. Without any there is a file.
    fn outlets(
        &self,
        config: &Config,
        name: &Arc<str>,
        tenant: &config::Tenant,
    ) -> Result<Gauges, String> {
        let mut wanted = tenant.outlets.clone();
        if wanted.is_empty() {
            let rotate = config::Bytes(100 << 20);
            let file = config::Outlet::File { path: "alerts.ndjson".into(), rotate, keep: 10 };
            wanted.insert("file".to_owned(), file);
        }
        let own = self.config.server.state.join("tenants").join(&**name);
        let mut running = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gauges = Vec::new();
        for (outlet_name, outlet) in wanted {
            let full: Arc<str> = format!("{name}/{outlet_name}").into();
            if let Some(known) = running.get(&full)
                && known.config == outlet
                && known.labels == tenant.labels
            {
                gauges.push((full, Arc::clone(&known.gauge)));
                continue;
            }
            let places = (config.folder.as_path(), own.as_path());
            let new = Outlet::new(
                Arc::clone(&full),
                &outlet,
                tenant,
                places,
                &self.client,
                self.outbox.clone(),
            )?;
            let (stop, stopped) = watch::channel(false);
            let gauge = new.gauge();
            let before = running.remove(&full);
            let task = tokio::spawn(async move {
                // One at a time works on a queue.
                if let Some(before) = before {
                    before.stop.send_replace(true);
                    drop(before.task.await);
                }
                new.run(stopped).await;
            });
            gauges.push((Arc::clone(&full), Arc::clone(&gauge)));
            let labels = tenant.labels.clone();
            running.insert(full, Running { config: outlet, labels, gauge, stop, task });
        }
        Ok(gauges)
    }

    fn stop_outlets_but(&self, next: &Registry) {
        let mut running = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|name, outlet| {
            let wanted = next.tenants.values().any(|tenant| tenant.outlets.contains(name));
            if !wanted {
                outlet.stop.send_replace(true);
            }
            wanted
        });
    }

    /// Stops every outlet, and waits for what it is sending.
    pub async fn stop_outlets(&self, within: Duration) {
        let running: Vec<Running> = {
            let mut running = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
            running.drain().map(|(_, outlet)| outlet).collect()
        };
        let stopped = async {
            for outlet in running {
                outlet.stop.send_replace(true);
                drop(outlet.task.await);
            }
        };
        // What isn't delivered is in the store.
        drop(tokio::time::timeout(within, stopped).await);
    }
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

    #[test]
    fn a_tenant_leaves_as_much_room_as_it_holds() {
        let in_flight = InFlight::new(100);
        let tenants: [Arc<AtomicU64>; 3] = Default::default();
        let mut rooms: Vec<Room> = tenants.iter().map(|tenant| in_flight.room(tenant)).collect();
        assert_eq!(rooms[0].grow(51), Err(NoRoom::Tenant));
        assert_eq!(rooms[0].grow(50), Ok(()));
        assert_eq!(in_flight.room(&tenants[0]).fits(1), Err(NoRoom::Tenant));
        assert_eq!(rooms[1].grow(25), Ok(()));
        assert_eq!(rooms[1].fits(1), Err(NoRoom::Tenant));
        // However many there are, another one finds room.
        assert_eq!(rooms[2].grow(12), Ok(()));
        assert_eq!(rooms[2].fits(20), Err(NoRoom::Host));
        rooms[1].force(20);
        assert_eq!(in_flight.held(), 107);
        rooms[0].shrink_to(10);
        assert_eq!(in_flight.held(), 67);
        drop(rooms);
        assert_eq!(in_flight.held(), 0);
        assert!(tenants.iter().all(|tenant| tenant.load(Ordering::Relaxed) == 0));
    }
}
