//! The configuration of one node: a TOML file, over which the environment is laid.
//!
//! Each key can be given in the environment as `TONGBAN_NODE_` and its name in capitals (`TONGBAN_NODE_API=0.0.0.0:8101`). A key that
//! does not exist is refused by name, wherever it comes from.

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tongban_ledger::MempoolLimits;
use tongban_types::PublicKey;

/// The environment's prefix.
const PREFIX: &str = "TONGBAN_NODE_";
/// Bytes of a configuration.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

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
        let bytes = crate::cli::read_file(path, CONFIG_BYTES_MAX)?;
        let text = String::from_utf8(bytes).with_context(|| format!("{} is no text", path.display()))?;
        let mut table: toml::Table = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
        for (name, value) in environment {
            let key = name.trim_start_matches(PREFIX).to_lowercase();
            table.insert(key, scalar(&value));
        }
        let mut config: Self =
            table.try_into().with_context(|| format!("the configuration {} is refused", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for place in [&mut config.genesis, &mut config.key, &mut config.data] {
            *place = folder.join(&*place);
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.worker_threads.get() > 64 {
            bail!("worker_threads must lie between 1 and 64, not {}", self.worker_threads);
        }
        if self.waiting_max == 0 || self.waiting_per_account_max == 0 {
            bail!("waiting_max and waiting_per_account_max must be at least 1");
        }
        if self.listen == self.api {
            bail!("listen and api must be different addresses, both are {}", self.listen);
        }
        for (index, peer) in self.peers.iter().enumerate() {
            if self.peers[..index].iter().any(|earlier| earlier.key == peer.key) {
                bail!("the peer {} is listed twice", peer.key);
            }
        }
        Ok(())
    }
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
    fn values_out_of_bounds_are_refused() {
        for (text, word) in [("worker_threads = 0\n", "worker_threads"), ("api = '127.0.0.1:1'\n", "api")] {
            let all =
                MINIMAL.replace("api = '127.0.0.1:2'\n", if word == "api" { "" } else { "api = '127.0.0.1:2'\n" });
            let error = load(&format!("{all}{text}"), &[]).expect_err("out of bounds");
            assert!(format!("{error:#}").contains(word), "{error:#}");
        }
        assert!(load("genesis = 3", &[]).is_err());
        assert!(load("= =", &[]).is_err());
    }
}
