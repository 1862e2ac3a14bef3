//! A certificate and its key in, what accepts TLS connections out; both are read again when they change.

use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config;

/// Why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct TlsError {
    file: String,
    reason: String,
}

/// What accepts TLS connections.
pub struct Tls {
    files: config::Tls,
    current: RwLock<(Vec<u8>, Arc<rustls::ServerConfig>)>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`] names the one that is wrong.
    pub fn new(files: config::Tls) -> Result<Tls, TlsError> {
        let current = read(&files)?;
        Ok(Tls { files, current: RwLock::new(current) })
    }

    /// What accepts the next connection.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(
            &self.current.read().unwrap_or_else(PoisonError::into_inner).1,
        ))
    }

    /// Reads the files again; says whether they have changed. What is wrong leaves the old ones in use.
    ///
    /// # Errors
    /// [`TlsError`] as from [`Tls::new`].
    pub fn reload(&self) -> Result<bool, TlsError> {
        let new = read(&self.files)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let changed = current.0 != new.0;
        if changed {
            *current = new;
        }
        Ok(changed)
    }
}

fn read(files: &config::Tls) -> Result<(Vec<u8>, Arc<rustls::ServerConfig>), TlsError> {
    let wrong = |path: &Path, reason: String| TlsError { file: path.display().to_string(), reason };
    let bytes = |path: &Path| std::fs::read(path).map_err(|error| wrong(path, error.to_string()));
    let (certificate, key) = (bytes(&files.certificate)?, bytes(&files.key)?);
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_reader_iter(BufReader::new(certificate.as_slice()))
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(&files.certificate, error.to_string()))?;
    let secret = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|error| wrong(&files.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| wrong(&files.certificate, error.to_string()))?;
    Ok(([certificate, key].concat(), Arc::new(config)))
}
