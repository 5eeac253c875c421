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
use tongban_ledger::MempoolLimits;
use tongban_types::PublicKey;

/// The environment's prefix.
pub(crate) const PREFIX: &str = "TONGBAN_NODE_";

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

fn default_log() -> String {
    "info,commonware=warn".to_owned()
}

impl NodeConfig {
    /// Reads the file and the environment, and makes paths absolute.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let environment = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        Self::load_with(path, environment)
    }

    fn load_with(path: &Path, environment: impl Iterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let table = table_of(path, environment)?;
        let mut config: Self =
            table.try_into().with_context(|| format!("the configuration {} is refused", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for place in [&mut config.genesis, &mut config.key, &mut config.data] {
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
        let environment = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        table_of(path, environment).map_or_else(|_| Vec::new(), |table| faults_of_table(&table))
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
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
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

/// A value of the environment as TOML would have it: a number, a truth value, or else a text.
fn scalar(value: &str) -> toml::Value {
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
        assert!(load("genesis = 3", &[]).is_err());
        assert!(load("= =", &[]).is_err());
    }
}
