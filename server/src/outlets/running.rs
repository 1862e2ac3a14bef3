//! The outlets that run: which are started, kept and stopped when a configuration changes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Client, Gauge, Gauges, Outlet};
use crate::config;
use crate::outbox::Outbox;

/// All outlets of all tenants, by `TENANT/OUTLET`.
pub struct RunningOutlets {
    client: Client,
    outbox: Outbox,
    /// The folder with a folder for each tenant's files.
    tenants: PathBuf,
    running: Mutex<HashMap<Arc<str>, Running>>,
}

/// The handle that stops a running outlet.
struct Running {
    config: config::Outlet,
    labels: BTreeMap<String, String>,
    gauge: Arc<Gauge>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningOutlets {
    /// None yet. They send by a client from a store; the server's `state` is the folder for what it keeps.
    pub fn new(client: Client, outbox: Outbox, state: &Path) -> RunningOutlets {
        let tenants = state.join("tenants");
        RunningOutlets { client, outbox, tenants, running: Mutex::default() }
    }

    /// Starts the outlets of a tenant that don't run yet; one whose configuration is another is replaced. A
    /// tenant without any has a file. `folder` is that of the configuration.
    ///
    /// # Errors
    /// What is wrong with an outlet.
    pub fn start(
        &self,
        folder: &Path,
        name: &Arc<str>,
        tenant: &config::Tenant,
    ) -> Result<Gauges, String> {
        let mut wanted = tenant.outlets.clone();
        if wanted.is_empty() {
            let rotate = config::Bytes(100 << 20);
            let file = config::Outlet::File { path: "alerts.ndjson".into(), rotate, keep: 10 };
            wanted.insert("file".to_owned(), file);
        }
        let own = self.tenants.join(&**name);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
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
            let new = Outlet::new(
                Arc::clone(&full),
                &outlet,
                tenant,
                (folder, &own),
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

    /// Stops those that aren't wanted any more; doesn't wait for them.
    pub fn stop_unwanted(&self, wanted: impl Fn(&Arc<str>) -> bool) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|name, outlet| {
            let wanted = wanted(name);
            if !wanted {
                outlet.stop.send_replace(true);
            }
            wanted
        });
    }

    /// Stops every outlet, and waits for what it is sending.
    pub async fn stop(&self, within: Duration) {
        let running: Vec<Running> = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
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
