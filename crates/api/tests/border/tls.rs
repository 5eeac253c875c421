//! TLS with certificates of our own.

use super::support::Setting;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tongban_api::Client;
use tongban_api::server::{Tls, TlsError};

/// A certificate for `localhost` and its key, written to two files.
fn write_pair(folder: &Path) -> (PathBuf, PathBuf, reqwest::Certificate) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.self_signed(&key).expect("a certificate");
    let (certificate_path, key_path) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate_path, certificate.pem()).expect("a file");
    std::fs::write(&key_path, key.serialize_pem()).expect("a file");
    std::fs::set_permissions(&key_path, std::fs::Permissions::from_mode(0o600)).expect("rights");
    let trusted = reqwest::Certificate::from_pem(certificate.pem().as_bytes()).expect("a certificate");
    (certificate_path, key_path, trusted)
}

fn client(trusted: reqwest::Certificate) -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).pool_max_idle_per_host(0).build().expect("a client")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The protocol that the server picks from those that are offered to it.
async fn agreed_protocol(address: SocketAddr, trusted: &CertificateDer<'static>, offered: &[&str]) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect("localhost".try_into().expect("a name"), stream).await.expect("a handshake");
    let agreed = stream.get_ref().1.alpn_protocol().expect("a protocol");
    String::from_utf8(agreed.to_vec()).expect("text")
}

#[tokio::test]
async fn who_cannot_reach_a_node_is_told_the_cause() {
    let folder = folder();
    let (certificate, key, _) = write_pair(folder.path());
    let mut setting = Setting::new();
    setting.tls = Some(Arc::new(Tls::load(certificate, key).expect("a pair")));
    let running = setting.start().await;
    let of_nobody = format!("https://localhost:{}", running.address.port());
    let error = Client::new(of_nobody).status().await.expect_err("nobody vouches for this certificate").to_string();
    assert!(error.contains("certificate"), "{error}");

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let error = Client::new(format!("http://{nobody}")).status().await.expect_err("nobody listens").to_string();
    assert!(error.contains("refused"), "{error}");
}

#[tokio::test]
async fn the_certificate_is_exchanged_while_the_server_runs() {
    let folder = folder();
    let (certificate, key, trusted) = write_pair(folder.path());
    let der = CertificateDer::from_pem_file(&certificate).expect("a certificate");
    let tls = Arc::new(Tls::load(certificate, key).expect("a pair"));
    let mut setting = Setting::new();
    setting.tls = Some(tls.clone());
    setting.server.head_time_max = Duration::from_millis(400);
    let running = setting.start().await;
    let url = format!("https://localhost:{}/v1/status", running.address.port());
    let first = client(trusted);
    let response = first.get(&url).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("strict-transport-security"));

    for (offered, agreed) in [(vec!["h2", "http/1.1"], "h2"), (vec!["http/1.1"], "http/1.1")] {
        assert_eq!(agreed_protocol(running.address, &der, &offered).await, agreed);
    }

    assert!(!tls.has_changed());
    let (certificate, _, other_trusted) = write_pair(folder.path());
    // The clock of a file system may be coarse: the new file is surely another one.
    let later = std::time::SystemTime::now() + Duration::from_secs(5);
    std::fs::File::options().write(true).open(certificate).and_then(|file| file.set_modified(later)).expect("a file");
    assert!(tls.has_changed());
    tls.reload().expect("a new pair");
    assert!(!tls.has_changed());
    assert!(first.get(&url).send().await.is_err(), "the former certificate is no longer shown");
    assert_eq!(client(other_trusted).get(&url).send().await.expect("an answer").status(), 200);

    // Plain HTTP, and a handshake that never comes, do no harm.
    let plain = super::support::http().get(running.url("/health")).send().await;
    assert!(plain.is_err());
    let mut silent = tokio::net::TcpStream::connect(running.address).await.expect("a connection");
    let mut said = Vec::new();
    let closed = tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut said);
    let _ = tokio::time::timeout(Duration::from_secs(20), closed).await.expect("the server closes the connection");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_and_replace_nothing() {
    let (good, other) = (folder(), folder());
    let (certificate, key, _) = write_pair(good.path());
    let (_, other_key, _) = write_pair(other.path());
    let absent = good.path().join("absent");
    let garbage = good.path().join("garbage");
    std::fs::write(&garbage, "no PEM").expect("a file");
    std::fs::set_permissions(&garbage, std::fs::Permissions::from_mode(0o600)).expect("rights");
    let long = good.path().join("long");
    std::fs::write(&long, vec![b' '; 300_000]).expect("a file");
    let load = |certificate: &Path, key: &Path| Tls::load(certificate.to_owned(), key.to_owned()).map(drop);
    assert!(load(&certificate, &key).is_ok());
    assert!(matches!(load(&absent, &key), Err(TlsError::Access { .. })));
    assert!(matches!(load(&certificate, &absent), Err(TlsError::Access { .. })));
    assert!(matches!(load(&garbage, &key), Err(TlsError::Malformed { .. })));
    assert!(matches!(load(&certificate, &garbage), Err(TlsError::Malformed { .. })));
    assert!(matches!(load(&long, &key), Err(TlsError::TooLong { .. })));
    assert!(matches!(load(&certificate, &other_key), Err(TlsError::Pair { .. })));
    let tls = Tls::load(certificate.clone(), key.clone()).expect("a pair");
    let before = tls.current();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("rights");
    assert!(matches!(tls.reload(), Err(TlsError::Exposed { .. })));
    assert!(Arc::ptr_eq(&before, &tls.current()), "what was in use stays in use");
}
