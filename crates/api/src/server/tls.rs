//! TLS: certificate and key from files, read again when they change.

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

/// A longer file is neither a chain of certificates nor a key.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {source} (node.tls_file)")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is longer than any certificate or key.
    #[error("{path} is too long for a certificate or key (node.tls_file)")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner have access to the key.
    #[error("the key {path} is accessible to others: chmod 600 it (node.tls_key_exposed)")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{path} holds no PEM of the expected kind: {reason} (node.tls_file)")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key is not that of the certificate, or its algorithm is not known.
    #[error("certificate and key do not fit: {reason} (node.tls_pair)")]
    Pair {
        /// What is wrong.
        reason: String,
    },
}

/// Certificate and key, as they are now.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<(Arc<ServerConfig>, Stamp)>,
}

/// When the files were changed last.
type Stamp = [Option<SystemTime>; 2];

impl Tls {
    /// Reads certificate chain and key, both PEM.
    pub fn load(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let stamp = stamp(&certificate, &key);
        let config = read(&certificate, &key)?;
        Ok(Self { certificate, key, current: RwLock::new((config, stamp)) })
    }

    /// What the next connection uses.
    pub fn current(&self) -> Arc<ServerConfig> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Reads the files again. Where they cannot be used, what was in use stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let stamp = stamp(&self.certificate, &self.key);
        // The stamp is kept also after a failure, so that files that are wrong are complained about once.
        let config = match read(&self.certificate, &self.key) {
            Ok(config) => config,
            Err(error) => {
                self.current.write().unwrap_or_else(PoisonError::into_inner).1 = stamp;
                return Err(error);
            }
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (config, stamp);
        Ok(())
    }

    /// Whether the files are others than those that were read last.
    pub fn has_changed(&self) -> bool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).1 != stamp(&self.certificate, &self.key)
    }

    /// Looks at the files from time to time, for ever, and reads them again when they have changed.
    pub async fn watch(self: Arc<Self>, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            if self.has_changed() {
                self.reload_and_log();
            }
        }
    }

    /// Reads the files again and says in the log what came of it.
    pub fn reload_and_log(&self) {
        match self.reload() {
            Ok(()) => tracing::info!(certificate = %self.certificate.display(), "the certificate was read again"),
            Err(error) => tracing::error!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let malformed = |path: &Path, reason: String| TlsError::Malformed { path: path.to_owned(), reason };
    let pem = read_file(certificate, false)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| malformed(certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(malformed(certificate, "no certificate in it".to_owned()));
    }
    let pem = read_file(key, true)?;
    let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| malformed(key, error.to_string()))?;
    let pair = |error: rustls::Error| TlsError::Pair { reason: error.to_string() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A file's content, after asking the open file who has access to it.
fn read_file(path: &Path, is_secret: bool) -> Result<Vec<u8>, TlsError> {
    let access = |source| TlsError::Access { path: path.to_owned(), source };
    let file = File::open(path).map_err(access)?;
    let metadata = file.metadata().map_err(access)?;
    if is_secret && std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
        return Err(TlsError::Exposed { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(access)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(TlsError::TooLong { path: path.to_owned() });
    }
    Ok(bytes)
}
