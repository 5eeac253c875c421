//! What is examined: the configuration with what it names, and what the node's surroundings answer.

use super::answers::{self, Answer};
use super::process;
use crate::config::{NodeConfig, Peer};
use futures::stream::{self, StreamExt as _};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tongban_api::store::{Store, StoreError};
use tongban_crypto::key_file::KeyFileError;
use tongban_crypto::{KeyFile, SecretKey, primitives};
use tongban_index::{Index, IndexError, Position};
use tongban_types::{Digest, Genesis};

/// Peers that are asked at the same time.
const ASKED_AT_ONCE: usize = 16;

/// Who works in the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// A running process, most likely this very node.
    Process,
    /// That cannot be seen, and why.
    Unknown(String),
}

/// Another validator's node, as it looks from here.
pub struct SeenPeer {
    /// What the configuration says of it.
    pub peer: Peer,
    /// Its department, where the genesis knows its key.
    pub department: Option<String>,
    /// Whether its port for other nodes accepts a connection.
    pub port: Result<(), String>,
    /// What its API answers, where the configuration names it.
    pub api: Option<Result<Answer, String>>,
}

impl SeenPeer {
    /// The department and the address.
    pub fn name(&self) -> String {
        match &self.department {
            Some(department) => format!("{department} at {}", self.peer.address),
            None => self.peer.address.to_string(),
        }
    }
}

/// Everything that the checks look at.
pub struct Subject {
    /// The configuration's path.
    pub path: PathBuf,
    /// The configuration, or each fault of it.
    pub config: Result<NodeConfig, Vec<String>>,
    /// The genesis, or why there is none.
    pub genesis: Result<Genesis, String>,
    /// The key file as it lies there, or why it cannot be read.
    pub key_file: Option<Result<KeyFile, KeyFileError>>,
    /// The key, or why it does not open.
    pub key: Option<Result<SecretKey, KeyFileError>>,
    /// Who works in the data folder.
    pub holder: Holder,
    /// The process that does, where the system tells.
    pub process: Option<u32>,
    /// The form of the API's store, none where it is not made yet, or why it does not open.
    pub store: Option<Result<Option<i64>, StoreError>>,
    /// How far the index has come, none where it is not made yet, or why it cannot be used. Absent where it is switched off, and where there
    /// is no network that it could belong to.
    pub index: Option<Result<Option<Position>, IndexError>>,
    /// What the node's own API answers, where somebody works in the data folder.
    pub own_api: Option<Result<Answer, String>>,
    /// The other nodes; none where they were not to be asked.
    pub peers: Option<Vec<SeenPeer>>,
}

impl Subject {
    /// Reads the files and asks around; with `local`, no other node is asked.
    pub async fn gather(path: &Path, local: bool) -> Self {
        let config = NodeConfig::load(path).map_err(|error| {
            let faults = NodeConfig::faults(path);
            if faults.is_empty() { vec![format!("{error:#}")] } else { faults }
        });
        let Ok(good) = &config else { return Self::without_configuration(path, config) };
        let genesis =
            crate::node::read_genesis(&good.genesis).map(|(_, genesis)| genesis).map_err(|error| format!("{error:#}"));
        let key_file = KeyFile::read(&good.key);
        let key = key_file.as_ref().ok().map(|file| {
            let passphrase = std::env::var(crate::signer::PASSPHRASE_VARIABLE).ok();
            file.unlock_signing(passphrase.as_deref())
        });
        let holder = holder_of(&good.data);
        let process = (holder == Holder::Process).then(|| process::holder(&good.data.join(LOCK))).flatten();
        let store = Some(Store::examine(&good.data).await);
        let index = examine_index(good, genesis.as_ref().ok()).await;
        let own_api = match holder {
            Holder::Process => {
                Some(answers::ask_own(&answers::own_address(good.api, good.tls_certificate.is_some())).await)
            }
            Holder::Nobody | Holder::Unknown(_) => None,
        };
        let peers = if local { None } else { Some(see_peers(good, genesis.as_ref().ok()).await) };
        let (path, key_file) = (path.to_owned(), Some(key_file));
        Self { path, config, genesis, key_file, key, holder, process, store, index, own_api, peers }
    }

    fn without_configuration(path: &Path, config: Result<NodeConfig, Vec<String>>) -> Self {
        Self {
            path: path.to_owned(),
            config,
            genesis: Err("not looked for".to_owned()),
            key_file: None,
            key: None,
            holder: Holder::Unknown("no configuration".to_owned()),
            process: None,
            store: None,
            index: None,
            own_api: None,
            peers: None,
        }
    }

    /// The network's identifier.
    pub fn network(&self) -> Option<Digest> {
        self.genesis.as_ref().ok().map(|genesis| genesis.network(primitives(genesis.suite)))
    }

    /// The department whose key the node has.
    pub fn department(&self) -> Option<String> {
        let key = self.key.as_ref()?.as_ref().ok()?.public_key();
        let validators = self.genesis.as_ref().ok()?.validators.validators();
        validators.iter().find(|validator| validator.key == key).map(|validator| validator.department.to_string())
    }
}

/// Looks at the index that the configuration names, in the folder or elsewhere.
async fn examine_index(config: &NodeConfig, genesis: Option<&Genesis>) -> Option<Result<Option<Position>, IndexError>> {
    let url = config.index.url(&config.data).ok().flatten()?;
    let genesis = genesis?;
    Some(Index::examine(&url, &genesis.network(primitives(genesis.suite))).await)
}

/// The file in the data folder that a running node has locked.
const LOCK: &str = "lock";

/// The running node holds a lock on a file in its folder, which the system releases when the process ends.
pub fn holder_of(data: &Path) -> Holder {
    let file = match File::open(data.join(LOCK)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Holder::Nobody,
        Err(error) => return Holder::Unknown(error.to_string()),
    };
    // Shared, so that two doctors do not take each other for a node; free again when the file is closed.
    match file.try_lock_shared() {
        Ok(()) => Holder::Nobody,
        Err(TryLockError::WouldBlock) => Holder::Process,
        Err(TryLockError::Error(error)) => Holder::Unknown(error.to_string()),
    }
}

/// Tries every peer, several at a time.
async fn see_peers(config: &NodeConfig, genesis: Option<&Genesis>) -> Vec<SeenPeer> {
    let see = |peer: &Peer| {
        let peer = peer.clone();
        let validators = genesis.map(|genesis| genesis.validators.validators()).unwrap_or_default();
        let validator = validators.iter().find(|validator| validator.key == peer.key);
        let department = validator.map(|validator| validator.department.to_string());
        async move {
            let api = async {
                match &peer.api {
                    Some(url) => Some(answers::ask(url).await),
                    None => None,
                }
            };
            let (port, api) = futures::future::join(connect(peer.address), api).await;
            SeenPeer { peer, department, port, api }
        }
    };
    stream::iter(config.peers.iter().map(see)).buffered(ASKED_AT_ONCE).collect().await
}

/// How long a peer's port may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);

async fn connect(address: std::net::SocketAddr) -> Result<(), String> {
    match tokio::time::timeout(CONNECT_TIME_MAX, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", CONNECT_TIME_MAX.as_secs())),
    }
}
