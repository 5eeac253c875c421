//! What a node is started with.

use crate::mempool::MempoolLimits;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use tongban_crypto::SecretKey;
use tongban_kernel::Rules;
use tongban_types::{Genesis, PublicKey};

/// What a node is started with.
pub struct EngineConfig {
    /// Everything that the node keeps. Made if missing; it belongs to one network and one process at a time.
    pub data_dir: PathBuf,
    /// Where the node listens for the other nodes.
    pub listen: SocketAddr,
    /// Where the other validators' nodes are.
    pub peers: Vec<(PublicKey, SocketAddr)>,
    /// The node's key: one of the validators' in the genesis.
    pub key: SecretKey,
    /// The network.
    pub genesis: Genesis,
    /// The modules.
    pub rules: &'static dyn Rules,
    /// Threads for the engine's tasks, and as many for signatures and hashes.
    pub worker_threads: NonZeroUsize,
    /// How much may wait for a block.
    pub mempool: MempoolLimits,
    /// Bytes of disk that must stay free: below, nothing new is accepted.
    pub disk_reserve_bytes: u64,
}

impl EngineConfig {
    /// A node with the usual limits.
    pub fn new(
        data_dir: PathBuf,
        listen: SocketAddr,
        key: SecretKey,
        genesis: Genesis,
        rules: &'static dyn Rules,
    ) -> Self {
        Self {
            data_dir,
            listen,
            peers: Vec::new(),
            key,
            genesis,
            rules,
            worker_threads: NonZeroUsize::new(2).expect("two is not zero"),
            mempool: MempoolLimits::default(),
            disk_reserve_bytes: 512 * 1024 * 1024,
        }
    }
}
