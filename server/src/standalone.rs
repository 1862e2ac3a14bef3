//! A server without a configuration: one tenant, the built-in rules, and a token that is made at the first
//! start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, Limits, Outlet, Server, Tenant};
use crate::tenants::{Fingerprint, Token};

/// The file in the state folder that keeps the token's fingerprint.
const FILE: &str = "default.token";

/// The configuration of a server that is started without one.
pub struct Standalone {
    /// The configuration.
    pub config: Config,
    /// The token, if it was just made: it can't be shown again.
    pub new_token: Option<Token>,
}

/// One tenant `default` with a state folder.
///
/// # Errors
/// What is wrong with the folder.
pub fn standalone(
    state: &Path,
    listen: Option<SocketAddr>,
    rules: Vec<PathBuf>,
    outlet: Outlet,
    make_token: bool,
) -> Result<Standalone, String> {
    let named = |error: std::io::Error| format!("{}: {error}", state.display());
    crate::outbox::make_private(state).map_err(named)?;
    let state = state.canonicalize().map_err(named)?;
    let path = state.join(FILE);
    let kept = std::fs::read_to_string(&path).ok().and_then(|text| Fingerprint::parse(text.trim()));
    let (fingerprint, new_token) = match kept.filter(|_| !make_token) {
        Some(fingerprint) => (fingerprint, None),
        None => {
            let token = Token::random().map_err(|error| error.to_string())?;
            let fingerprint = token.fingerprint();
            std::fs::write(&path, format!("{fingerprint}\n"))
                .map_err(|e| format!("{}: {e}", path.display()))?;
            (fingerprint, Some(token))
        }
    };
    let server = Server::default();
    let listen = listen.unwrap_or(server.listen);
    if !listen.ip().is_loopback() {
        return Err(format!(
            "{listen}: without a configuration, and so without TLS, only loopback is listened on"
        ));
    }
    let server = Server { listen, admin: state.join("admin.sock"), state: state.clone(), ..server };
    let tenant = Tenant {
        tokens: vec![fingerprint],
        builtin_rules: true,
        rules,
        folder: None,
        module: None,
        weight: 1,
        labels: BTreeMap::new(),
        limits: Limits::default(),
        outlets: BTreeMap::from([("alerts".to_owned(), outlet)]),
    };
    let tenants = BTreeMap::from([(Arc::from("default"), tenant)]);
    Ok(Standalone {
        config: Config {
            server,
            allow: Vec::new(),
            tenants,
            senders: BTreeMap::new(),
            folder: state,
            missing: Vec::new(),
        },
        new_token,
    })
}
