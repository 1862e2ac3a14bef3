//! The configuration of a server: one TOML file, every mistake in it named by line and column.

mod check;
#[cfg(test)]
mod schema_tests;
mod units;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

pub use check::{Problem, load};
pub use units::{Bytes, Seconds};

/// The file as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    server: Server,
    outbound: Outbound,
    tenants: BTreeMap<Spanned<String>, Spanned<TenantTable>>,
    senders: BTreeMap<Spanned<String>, Spanned<SenderTable>>,
}

/// What concerns all tenants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where shippers send to.
    pub listen: SocketAddr,
    /// The Unix socket of metrics, health and administration; below the state folder unless absolute.
    pub admin: PathBuf,
    /// A port for metrics and health, without administration, for clients that can't reach a Unix socket.
    pub metrics: Option<SocketAddr>,
    /// The folder of the store and of files that outlets write; relative to the configuration's.
    pub state: PathBuf,
    /// The server's certificate and key.
    pub tls: Option<Tls>,
    /// Connections at once.
    pub connections: usize,
    /// Seconds for a request's headers.
    pub header_timeout: Seconds,
    /// Seconds for a request's body.
    pub body_timeout: Seconds,
    /// Bytes of bodies that are held at once.
    pub in_flight: Bytes,
    /// Bytes that the store may take.
    pub store: Bytes,
    /// How long alerts and requests are known again.
    pub remembered: Seconds,
    /// Seconds that requests have to end when the server ends.
    pub drain: Seconds,
    /// Threads that judge; by default as many as processors.
    pub workers: Option<usize>,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 8410)),
            admin: "admin.sock".into(),
            metrics: None,
            state: "state".into(),
            tls: None,
            connections: 1024,
            header_timeout: Seconds(10),
            body_timeout: Seconds(60),
            in_flight: Bytes(512 << 20),
            store: Bytes(10 << 30),
            remembered: Seconds(24 * 60 * 60),
            drain: Seconds(20),
            workers: None,
        }
    }
}

/// A certificate with its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those that it follows from.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Where outlets may connect to besides the public internet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Networks, `10.1.0.0/16` or a single address.
    allow: Vec<Spanned<String>>,
}

/// A tenant as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TenantTable {
    tokens: Vec<Spanned<String>>,
    builtin_rules: bool,
    rules: Vec<Spanned<PathBuf>>,
    module: Option<Spanned<PathBuf>>,
    weight: u64,
    labels: BTreeMap<String, String>,
    limits: Limits,
    outlets: BTreeMap<Spanned<String>, Spanned<Outlet>>,
}

impl Default for TenantTable {
    fn default() -> TenantTable {
        TenantTable {
            tokens: Vec::new(),
            builtin_rules: true,
            rules: Vec::new(),
            module: None,
            weight: 1,
            labels: BTreeMap::new(),
            limits: Limits::default(),
            outlets: BTreeMap::new(),
        }
    }
}

/// A sender of several tenants' records as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SenderTable {
    #[serde(default)]
    tokens: Vec<Spanned<String>>,
    field: Spanned<String>,
    tenants: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    limits: Limits,
}

/// What a tenant may use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Memory of its rules and a batch.
    pub memory: Bytes,
    /// Steps of WebAssembly for a batch.
    pub steps: u64,
    /// Bytes of a body, after inflating.
    pub body: Bytes,
    /// Bytes per second, as they are sent.
    pub bytes_per_second: Bytes,
    /// Bytes that may come at once.
    pub burst: Bytes,
    /// Requests at once.
    pub concurrent: usize,
    /// Alerts of a rule in an interval.
    pub alerts_per_rule: u64,
    /// Alerts of all rules in an interval.
    pub alerts: u64,
    /// That interval.
    pub alert_interval: Seconds,
    /// Bytes of alerts that wait to leave.
    pub outbox: Bytes,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory: Bytes(512 << 20),
            steps: 20_000_000_000,
            body: Bytes(64 << 20),
            bytes_per_second: Bytes(256 << 20),
            burst: Bytes(512 << 20),
            concurrent: 16,
            alerts_per_rule: 10_000,
            alerts: 100_000,
            alert_interval: Seconds(300),
            outbox: Bytes(1 << 30),
        }
    }
}

/// Where alerts go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "type")]
pub enum Outlet {
    /// Lines of a file below the tenant's folder of the state.
    File {
        /// Its path there.
        path: PathBuf,
        /// The size at which a new one is begun.
        #[serde(default = "rotate_at")]
        rotate: Bytes,
        /// How many old ones are kept.
        #[serde(default = "old_files")]
        keep: usize,
    },
    /// Lines of standard output.
    Stdout {},
    /// A request an alert, signed.
    Webhook {
        /// Where to.
        url: String,
        /// The key of the signature.
        #[serde(default)]
        secret: Option<Secret>,
    },
    /// Elasticsearch's or OpenSearch's `_bulk`.
    Bulk {
        /// The server.
        url: String,
        /// The index or data stream.
        index: String,
        /// What the header `Authorization` says.
        #[serde(default)]
        authorization: Option<Secret>,
        /// Whether an index template is put there first, and for which product.
        #[serde(default)]
        template: Option<Template>,
    },
    /// OTLP logs, as protobuf.
    Otlp {
        /// Where to: the whole URL, `/v1/logs` included.
        url: String,
        /// What the header `Authorization` says.
        #[serde(default)]
        authorization: Option<Secret>,
    },
}

fn rotate_at() -> Bytes {
    Bytes(100 << 20)
}

fn old_files() -> usize {
    10
}

/// The product whose index template it is: they name the type of a raw record differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// `flat_object`.
    Opensearch,
    /// `flattened`.
    Elasticsearch,
}

/// Where a secret is: never in the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Secret {
    /// In a file, relative to the configuration's folder.
    File(PathBuf),
    /// In an environment variable.
    Env(String),
}

impl Secret {
    /// The secret itself, without the line end behind it.
    ///
    /// # Errors
    /// Where it was looked for, and what is wrong there.
    pub fn read(&self, folder: &Path) -> Result<String, String> {
        let text = match self {
            Secret::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path)
                    .map_err(|error| format!("{}: {error}", path.display()))?
            }
            Secret::Env(name) => {
                std::env::var(name).map_err(|_| format!("the environment has no {name}"))?
            }
        };
        match text.trim_end() {
            "" => Err("the secret is empty".to_owned()),
            text => Ok(text.to_owned()),
        }
    }
}

/// The configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// What concerns all tenants.
    pub server: Server,
    /// Networks that outlets may reach besides the public internet.
    pub allow: Vec<crate::outlets::Network>,
    /// The tenants by name.
    pub tenants: BTreeMap<Arc<str>, Tenant>,
    /// Senders of several tenants' records, by name.
    pub senders: BTreeMap<Arc<str>, Sender>,
    /// The folder that paths are relative to.
    pub folder: PathBuf,
    /// Rules of tenants that aren't where they should be: what such a tenant lacks mustn't keep the others from
    /// a start.
    pub missing: Vec<Problem>,
}

impl Tenant {
    /// What a sender is where it is one with limits and counters: without rules of its own, or outlets.
    pub fn of_sender(sender: &Sender) -> Tenant {
        Tenant {
            tokens: sender.tokens.clone(),
            builtin_rules: false,
            rules: Vec::new(),
            folder: None,
            module: None,
            weight: 1,
            labels: BTreeMap::new(),
            limits: sender.limits.clone(),
            outlets: BTreeMap::new(),
        }
    }
}

/// A sender of several tenants' records, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    /// Fingerprints of its tokens.
    pub tokens: Vec<crate::tenants::Fingerprint>,
    /// The field of a record that says whose it is, its keys with dots between.
    pub field: String,
    /// The tenants that it may name, by the field's value.
    pub tenants: BTreeMap<String, Arc<str>>,
    /// What it may send.
    pub limits: Limits,
}

/// A tenant, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Fingerprints of its tokens.
    pub tokens: Vec<crate::tenants::Fingerprint>,
    /// Whether the built-in rules are among its own.
    pub builtin_rules: bool,
    /// Files and folders of its rules.
    pub rules: Vec<PathBuf>,
    /// The folder that these lie in, wherever links lead; none for rules that the operator names.
    pub folder: Option<PathBuf>,
    /// Another module than the embedded one: the operator's word that its code may run.
    pub module: Option<PathBuf>,
    /// Its share beside others'.
    pub weight: u64,
    /// What its alerts say of it where the outlet's form has a place for that.
    pub labels: BTreeMap<String, String>,
    /// What it may use.
    pub limits: Limits,
    /// Where its alerts go, by name.
    pub outlets: BTreeMap<String, Outlet>,
}
