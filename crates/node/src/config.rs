//! The configuration of one node: a TOML file, over which the environment is laid.
//!
//! Each key can be given in the environment as `TONGBAN_NODE_` and its name in capitals (`TONGBAN_NODE_API=0.0.0.0:8101`). A key that
//! does not exist is refused by name, wherever it comes from.

use crate::indexing::IndexSetting;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tongban_api::server::ServerLimits;
use tongban_api::store::tokens::{REQUESTS_PER_MINUTE_MAX, scope_name};
use tongban_api::surface::Scope;
use tongban_api::{AddressRange, BorderSettings, Reach, WebhookSettings};
use tongban_ledger::MempoolLimits;
use tongban_types::PublicKey;

/// The environment's prefix.
pub(crate) const PREFIX: &str = "TONGBAN_NODE_";
/// Bytes of a configuration.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

/// What can be given to those without a token. The rest changes the node, or is another's.
const ANONYMOUS_ALLOWED: [Scope; 3] = [Scope::Read, Scope::Submit, Scope::Metrics];
/// More connections and requests than one process can have.
const CONNECTIONS_MAX: usize = 100_000;

/// What one node needs to know. Paths are relative to the file's folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// The genesis of the network.
    pub genesis: PathBuf,
    /// The key file of this validator.
    pub key: PathBuf,
    /// The folder of the node's data.
    pub data: PathBuf,
    /// Where other nodes reach this one.
    pub listen: SocketAddr,
    /// Where the API answers.
    pub api: SocketAddr,
    /// Threads of the engine.
    #[serde(default = "default_worker_threads")]
    pub worker_threads: NonZeroUsize,
    /// Below so much free disk space the node refuses new transactions, in bytes.
    #[serde(default = "default_disk_reserve_bytes")]
    pub disk_reserve_bytes: u64,
    /// Transactions that may wait for a block; beyond, submissions are answered with 429.
    #[serde(default = "default_waiting_max")]
    pub waiting_max: usize,
    /// How many of them may be of one account.
    #[serde(default = "default_waiting_per_account_max")]
    pub waiting_per_account_max: usize,
    /// The level of logs: `error`, `warn`, `info`, `debug`, or a filter such as `info,tongban=debug`.
    #[serde(default = "default_log")]
    pub log: String,
    /// Whether logs are JSON, one object a line.
    #[serde(default)]
    pub log_json: bool,
    /// Where traces go, an OTLP collector such as `http://127.0.0.1:4318`; none are made without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otlp: Option<String>,
    /// Where lists and search are read from: `sqlite:FILE`, relative to the data folder; `postgres://USER:PASSWORD@HOST/DATABASE`; or
    /// `none` for no index.
    #[serde(default)]
    pub index: IndexSetting,
    /// The certificate chain of the API, PEM. With it and its key the API speaks TLS, without it plain HTTP (on loopback or behind a
    /// proxy). Both files are read again when they change and on SIGHUP.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, PEM, readable by its owner alone.
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Proxies (addresses or networks) whose `X-Forwarded-For` is believed when requests are counted.
    #[serde(default)]
    pub trusted_proxies: Vec<AddressRange>,
    /// What those without a token may do: any of `read`, `submit`, `metrics`. Nothing closes the node.
    #[serde(default = "default_anonymous")]
    pub anonymous: Vec<Scope>,
    /// Requests per minute for each address without a token, and each token without a rate of its own; 0 is no limit.
    #[serde(default = "default_requests_per_minute")]
    pub requests_per_minute: u32,
    /// Whether requests from this machine are counted too. Those that a proxy on it passes on always are.
    #[serde(default)]
    pub limit_loopback: bool,
    /// Connections to the API at once.
    #[serde(default = "default_connections_max")]
    pub connections_max: usize,
    /// Connections to the API at once from one address; trusted proxies are exempt.
    #[serde(default = "default_connections_per_address_max")]
    pub connections_per_address_max: usize,
    /// Requests that are served at once.
    #[serde(default = "default_requests_max")]
    pub requests_max: usize,
    /// Whether webhooks may go to private networks and to this machine.
    #[serde(default)]
    pub webhook_private_addresses: bool,
    /// Whether webhooks may go out without TLS.
    #[serde(default)]
    pub webhook_plain_http: bool,
    /// The other validators.
    #[serde(default)]
    pub peers: Vec<Peer>,
}

/// Another validator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its key, as the genesis has it.
    pub key: PublicKey,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where its API answers, such as `http://10.1.0.2:8101`. The nodes do not need it; `tongban doctor` asks there for version
    /// and clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

fn default_worker_threads() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    NonZeroUsize::new(cores.clamp(2, 8)).expect("two or more is not zero")
}

fn default_disk_reserve_bytes() -> u64 {
    512 * 1024 * 1024
}

fn default_waiting_max() -> usize {
    MempoolLimits::default().transactions_max
}

fn default_waiting_per_account_max() -> usize {
    MempoolLimits::default().transactions_per_account_max
}

fn default_anonymous() -> Vec<Scope> {
    BorderSettings::default().anonymous
}

fn default_requests_per_minute() -> u32 {
    BorderSettings::default().requests_per_minute
}

fn default_connections_max() -> usize {
    ServerLimits::default().connections_max
}

fn default_connections_per_address_max() -> usize {
    ServerLimits::default().connections_per_address_max
}

fn default_requests_max() -> usize {
    BorderSettings::default().requests_max
}

fn default_log() -> String {
    "info,commonware=warn".to_owned()
}

/// The variables that are meant for this program. Others may be anything, also no text.
fn environment() -> impl Iterator<Item = (String, String)> {
    let ours = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    ours.map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

impl NodeConfig {
    /// Reads the file and the environment, and makes paths absolute.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        Self::load_with(path, environment())
    }

    fn load_with(path: &Path, environment: impl Iterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let table = table_of(path, environment)?;
        let mut config: Self =
            table.try_into().with_context(|| format!("the configuration {} is refused", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for place in [&mut config.genesis, &mut config.key, &mut config.data] {
            *place = folder.join(&*place);
        }
        for place in [&mut config.tls_certificate, &mut config.tls_key].into_iter().flatten() {
            *place = folder.join(&*place);
        }
        let faults = config.faults_of_values();
        if !faults.is_empty() {
            bail!("the configuration {} is refused: {}", path.display(), faults.join("; "));
        }
        Ok(config)
    }

    /// Everything that is wrong with a configuration, each in words that name the key. Empty where [`NodeConfig::load`]
    /// would succeed, or where the file cannot be read at all.
    pub fn faults(path: &Path) -> Vec<String> {
        table_of(path, environment()).map_or_else(|_| Vec::new(), |table| faults_of_table(&table))
    }

    /// What the border of the API is like.
    pub fn border(&self) -> BorderSettings {
        let reach = Reach { private_addresses: self.webhook_private_addresses, plain_http: self.webhook_plain_http };
        BorderSettings {
            anonymous: self.anonymous.clone(),
            requests_per_minute: self.requests_per_minute,
            limit_loopback: self.limit_loopback,
            trusted_proxies: self.trusted_proxies.clone(),
            requests_max: self.requests_max,
            webhooks: WebhookSettings { reach, ..WebhookSettings::default() },
            ..BorderSettings::default()
        }
    }

    /// The bounds of the API's connections.
    pub fn server(&self) -> ServerLimits {
        ServerLimits {
            connections_max: self.connections_max,
            connections_per_address_max: self.connections_per_address_max,
            trusted_proxies: self.trusted_proxies.clone(),
            ..ServerLimits::default()
        }
    }

    fn faults_of_values(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.worker_threads.get() > 64 {
            faults.push(format!("worker_threads must lie between 1 and 64, not {}", self.worker_threads));
        }
        if self.waiting_max == 0 || self.waiting_per_account_max == 0 {
            faults.push("waiting_max and waiting_per_account_max must be at least 1".to_owned());
        }
        if self.listen == self.api {
            faults.push(format!("listen and api must be different addresses, both are {}", self.listen));
        }
        if let Some(otlp) = self.otlp.as_ref().filter(|otlp| !otlp.starts_with("http://")) {
            faults.push(format!("otlp must be an address such as http://127.0.0.1:4318, not {otlp}"));
        }
        if let Err(error) = self.index.url(&self.data) {
            faults.push(format!("index is refused: {error:#}"));
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            faults.push("tls_certificate and tls_key belong together: give both or neither".to_owned());
        }
        if let Some(scope) = self.anonymous.iter().find(|scope| !ANONYMOUS_ALLOWED.contains(scope)) {
            faults.push(format!("anonymous must not have '{}': that needs a token", scope_name(*scope)));
        }
        for (key, value, max) in [
            ("connections_max", self.connections_max, CONNECTIONS_MAX),
            ("connections_per_address_max", self.connections_per_address_max, CONNECTIONS_MAX),
            ("requests_max", self.requests_max, CONNECTIONS_MAX),
        ] {
            if !(1..=max).contains(&value) {
                faults.push(format!("{key} must lie between 1 and {max}, not {value}"));
            }
        }
        if self.requests_per_minute > REQUESTS_PER_MINUTE_MAX {
            faults.push(format!(
                "requests_per_minute must be at most {REQUESTS_PER_MINUTE_MAX}, not {}",
                self.requests_per_minute
            ));
        }
        for (index, peer) in self.peers.iter().enumerate() {
            if self.peers[..index].iter().any(|earlier| earlier.key == peer.key) {
                faults.push(format!("the peer {} is listed twice", peer.key));
            }
        }
        faults
    }
}

/// The file's table with the environment's values in place of its own.
fn table_of(path: &Path, environment: impl Iterator<Item = (String, String)>) -> anyhow::Result<toml::Table> {
    let bytes = crate::cli::read_file(path, CONFIG_BYTES_MAX)?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is no text", path.display()))?;
    let mut table: toml::Table = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
    for (name, value) in environment {
        let key = name.trim_start_matches(PREFIX).to_lowercase();
        table.insert(key, scalar(&value));
    }
    Ok(table)
}

/// Reading a table names its first fault only. So each key is read once more with good values beside it.
fn faults_of_table(table: &toml::Table) -> Vec<String> {
    let required = [("genesis", "g"), ("key", "k"), ("data", "d"), ("listen", "127.0.0.1:1"), ("api", "127.0.0.1:2")];
    let good: toml::Table = required.map(|(key, value)| (key.to_owned(), value.into())).into_iter().collect();
    let missing = good.keys().filter(|key| !table.contains_key(*key)).map(|key| format!("`{key}` is missing"));
    let mut faults: Vec<String> = missing.collect();
    for (key, value) in table {
        let mut alone = good.clone();
        alone.insert(key.clone(), value.clone());
        if let Err(error) = alone.try_into::<NodeConfig>() {
            faults.push(format!("`{key}`: {}", error.message().lines().next().unwrap_or_default()));
        }
    }
    let mut whole = good;
    whole.extend(table.clone());
    if let (true, Ok(config)) = (faults.is_empty(), whole.try_into::<NodeConfig>()) {
        faults = config.faults_of_values();
    }
    faults
}

/// A value of the environment as TOML would have it: a list in brackets, a number, a truth value, or else a text.
fn scalar(value: &str) -> toml::Value {
    if value.starts_with('[')
        && let Ok(mut table) = format!("value = {value}").parse::<toml::Table>()
        && let Some(list) = table.remove("value")
    {
        return list;
    }
    if let Ok(number) = value.parse() {
        toml::Value::Integer(number)
    } else if let Ok(truth) = value.parse() {
        toml::Value::Boolean(truth)
    } else {
        toml::Value::String(value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str =
        "genesis = 'g.json'\nkey = 'k.json'\ndata = 'd'\nlisten = '127.0.0.1:1'\napi = '127.0.0.1:2'\n";

    fn load(text: &str, environment: &[(&str, &str)]) -> anyhow::Result<NodeConfig> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("node.toml");
        std::fs::write(&path, text)?;
        NodeConfig::load_with(&path, environment.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn paths_are_relative_to_the_file_and_the_environment_wins() {
        let config = load(MINIMAL, &[("TONGBAN_NODE_API", "127.0.0.1:9"), ("TONGBAN_NODE_WORKER_THREADS", "3")])
            .expect("a good configuration");
        assert!(config.genesis.is_absolute() && config.genesis.ends_with("g.json"));
        assert_eq!((config.api.port(), config.worker_threads.get()), (9, 3));
    }

    #[test]
    fn the_border_is_configured() {
        let config = load(MINIMAL, &[]).expect("a good configuration");
        assert_eq!(config.anonymous, [Scope::Read, Scope::Submit]);
        assert!(!config.border().webhooks.reach.private_addresses && !config.border().limit_loopback);
        let text = format!("{MINIMAL}tls_certificate = 'c.pem'\ntls_key = 'k.pem'\nwebhook_private_addresses = true\n");
        let environment = [("TONGBAN_NODE_ANONYMOUS", "[]"), ("TONGBAN_NODE_TRUSTED_PROXIES", "['10.0.0.0/8', '::1']")];
        let config = load(&text, &environment).expect("a good configuration");
        assert!(config.tls_key.as_ref().is_some_and(|key| key.is_absolute() && key.ends_with("k.pem")));
        assert!(config.anonymous.is_empty() && config.server().trusted_proxies.len() == 2);
        assert!(config.border().webhooks.reach.private_addresses);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let in_file = load(&format!("{MINIMAL}lisen = 1\n"), &[]).expect_err("a misspelt key");
        assert!(format!("{in_file:#}").contains("lisen"), "{in_file:#}");
        let in_environment = load(MINIMAL, &[("TONGBAN_NODE_LISEN", "1")]).expect_err("a misspelt variable");
        assert!(format!("{in_environment:#}").contains("lisen"), "{in_environment:#}");
    }

    #[test]
    fn every_fault_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("node.toml");
        std::fs::write(&path, "genesis = 'g'\nkey = 3\nlisen = 1\napi = 'here'\nlisten = '127.0.0.1:1'\n")
            .expect("a file");
        let faults = NodeConfig::faults(&path);
        let names: Vec<&str> = faults.iter().filter_map(|fault| fault.split('`').nth(1)).collect();
        assert_eq!(names, ["data", "api", "key", "lisen"], "{faults:?}");
        std::fs::write(&path, format!("{MINIMAL}worker_threads = 65\nwaiting_max = 0\n")).expect("a file");
        assert_eq!(NodeConfig::faults(&path).len(), 2);
        std::fs::write(&path, MINIMAL).expect("a file");
        assert_eq!(NodeConfig::faults(&path), Vec::<String>::new());
    }

    #[test]
    fn values_out_of_bounds_are_refused() {
        for (text, word) in [("worker_threads = 0\n", "worker_threads"), ("api = '127.0.0.1:1'\n", "api")] {
            let all =
                MINIMAL.replace("api = '127.0.0.1:2'\n", if word == "api" { "" } else { "api = '127.0.0.1:2'\n" });
            let error = load(&format!("{all}{text}"), &[]).expect_err("out of bounds");
            assert!(format!("{error:#}").contains(word), "{error:#}");
        }
        let error = load(&format!("{MINIMAL}index = 'postgres//u:geheim@h/d'\n"), &[]).expect_err("no address");
        assert!(format!("{error:#}").contains("index") && !format!("{error:#}").contains("geheim"), "{error:#}");
        for (text, word) in [
            ("tls_key = 'k.pem'\n", "tls_certificate"),
            ("anonymous = ['admin']\n", "'admin'"),
            ("anonymous = ['webhooks']\n", "'webhooks'"),
            ("anonymous = ['reed']\n", "reed"),
            ("trusted_proxies = ['10.0.0.1/8']\n", "10.0.0.1/8"),
            ("connections_max = 0\n", "connections_max"),
            ("connections_per_address_max = 0\n", "connections_per_address_max"),
            ("requests_max = 1000000\n", "requests_max"),
            ("requests_per_minute = 4000000000\n", "requests_per_minute"),
        ] {
            let error = load(&format!("{MINIMAL}{text}"), &[]).expect_err(text);
            assert!(format!("{error:#}").contains(word), "{error:#}");
        }
        assert!(load("genesis = 3", &[]).is_err());
        assert!(load("= =", &[]).is_err());
    }
}
