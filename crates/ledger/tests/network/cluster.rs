//! Networks of nodes in this process, over real sockets on the loopback address.

use crate::rules::{Call, Notebook};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tongban_crypto::SecretKey;
use tongban_ledger::{EngineConfig, EngineThread, Handle, Ledger, StartError};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::transaction::{CallBytes, signing_message};
use tongban_types::{
    AccountId, Digest, Genesis, List, RequestId, SignedTx, Suite, Text, Time, Tx, Validator, ValidatorSet, codec,
};

static NOTEBOOK: Notebook = Notebook;

/// Longer than anything should take, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn secret(suite: Suite, number: u8) -> SecretKey {
    SecretKey::from_bytes(suite, &[number; 32]).expect("a small number is a key of either suite")
}

pub fn time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Time::from_millis(since.as_millis() as u64).expect("it is before 10000")
}

/// A network whose nodes may be up or down.
pub struct Cluster {
    pub genesis: Genesis,
    root: TempDir,
    addresses: Vec<SocketAddr>,
    nodes: Vec<Option<(Handle, EngineThread)>>,
}

impl Cluster {
    /// A network of so many validators, all of them up.
    pub fn start(suite: Suite, size: u8) -> Self {
        let mut cluster = Self::describe(suite, size);
        cluster.up((0..usize::from(size)).collect());
        cluster
    }

    /// A network of so many validators, none of them up.
    pub fn describe(suite: Suite, size: u8) -> Self {
        let mut secrets: Vec<_> = (1..=size).map(|number| secret(suite, number)).collect();
        secrets.sort_by_key(SecretKey::public_key);
        let validator = |(index, key): (usize, &SecretKey)| Validator {
            department: Text::new(format!("部门{index}")).expect("short"),
            key: key.public_key(),
        };
        let account = |number: u8| GenesisAccount {
            name: Text::new(format!("account {number}")).expect("short"),
            key: secret(suite, number).public_key(),
            roles: List::default(),
        };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: Text::new("test").expect("short"),
            suite,
            time: time(),
            validators: ValidatorSet::new(secrets.iter().enumerate().map(validator).collect())
                .expect("few and distinct"),
            accounts: List::new(vec![account(100), account(101)]).expect("few"),
            parameters: Parameters { heartbeat_millis: 2_000, ..Parameters::default() },
        };
        let listeners: Vec<_> = (0..size).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
        let addresses = listeners.iter().map(|listener| listener.local_addr().expect("it is bound")).collect();
        let nodes = (0..size).map(|_| None).collect();
        Self { genesis, root: tempfile::tempdir().expect("a temporary folder"), addresses, nodes }
    }

    fn folder(&self, index: usize) -> PathBuf {
        self.root.path().join(index.to_string())
    }

    pub fn config(&self, index: usize) -> EngineConfig {
        let validators = self.genesis.validators.validators();
        let suite = self.genesis.suite;
        let of_validator = |number: &u8| secret(suite, *number).public_key() == validators[index].key;
        let number = (1..=validators.len() as u8).find(of_validator).expect("each validator has a number");
        let keys = validators.iter().map(|validator| validator.key.clone());
        EngineConfig {
            peers: keys.zip(self.addresses.iter().copied()).collect(),
            disk_reserve_bytes: 0,
            ..EngineConfig::new(
                self.folder(index),
                self.addresses[index],
                secret(suite, number),
                self.genesis.clone(),
                &NOTEBOOK,
            )
        }
    }

    pub fn start_node(&self, index: usize) -> Result<(Handle, EngineThread), StartError> {
        Ledger::start(self.config(index))
    }

    /// Starts nodes.
    pub fn up(&mut self, indices: Vec<usize>) {
        for index in indices {
            self.nodes[index] = Some(self.start_node(index).expect("the node starts"));
        }
    }

    /// Stops a node.
    pub fn down(&mut self, index: usize) {
        let (handle, thread) = self.nodes[index].take().expect("the node is up");
        handle.stop();
        thread.join().expect("the node stops without a failure");
    }

    pub fn node(&self, index: usize) -> &Handle {
        &self.nodes[index].as_ref().expect("the node is up").0
    }

    /// A transaction of an account of the genesis (100 or 101).
    pub fn transaction(&self, account: u8, request: u64, call: &Call) -> SignedTx {
        self.transaction_until(account, request, call, time().plus_millis(60_000))
    }

    pub fn transaction_until(&self, account: u8, request: u64, call: &Call, not_after: Time) -> SignedTx {
        let primitives = tongban_crypto::primitives(self.genesis.suite);
        let key = secret(self.genesis.suite, account);
        let mut request_id = [0; 16];
        request_id[..8].copy_from_slice(&request.to_be_bytes());
        let tx = Tx {
            network: self.network(),
            account: self.account(account),
            key: key.public_key(),
            request_id: RequestId(request_id),
            not_after,
            calls: List::new(vec![CallBytes::new(codec::encode(call)).expect("short")]).expect("one"),
        };
        let signature = key.sign(&signing_message(&tx.id(primitives)));
        SignedTx { tx, signature }
    }

    pub fn account(&self, account: u8) -> AccountId {
        account_of(&secret(self.genesis.suite, account).public_key(), tongban_crypto::primitives(self.genesis.suite))
    }

    pub fn network(&self) -> Digest {
        self.genesis.network(tongban_crypto::primitives(self.genesis.suite))
    }

    /// Waits until every node that is up knows the first block, and with it the accounts.
    pub async fn is_ready(&self) {
        for index in (0..self.nodes.len()).filter(|index| self.nodes[*index].is_some()) {
            self.reaches(index, 1).await;
        }
    }

    /// Waits until a node knows a final block of this height.
    pub async fn reaches(&self, index: usize, height: u64) {
        let mut head = self.node(index).watch_head();
        let reached = tokio::time::timeout(PATIENCE, head.wait_for(|head| head.height >= height)).await;
        reached.expect("the height is reached in time").expect("the node runs");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let nodes: Vec<_> = self.nodes.iter_mut().filter_map(Option::take).collect();
        nodes.iter().for_each(|(handle, _)| handle.stop());
        let begin = Instant::now();
        for (_, thread) in nodes {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the node stops without a failure");
            }
        }
        assert!(std::thread::panicking() || begin.elapsed() < PATIENCE);
    }
}
