//! What a simulator of whole networks needs of this crate, and nothing that the product uses. Not a stable interface.
//!
//! The simulator brings a runtime, a network and a disk of its own, and may put something around the application, so that a
//! node misbehaves. All else is what the product runs: [`start`] puts the same parts together. Nothing is instantiated
//! here; the simulator compiles the engine once more for its runtime, in a crate of its own (ADR 0007).

pub use crate::block::{EngineBlock, transactions_root};
pub use crate::consensus::{Channel, Channels, EngineApplication, EngineContext, message_bytes_max, participants};
pub use crate::execution::Execution;
pub use crate::stores::{Databases, Merkleized, StoreContext, Unmerkleized};
pub use crate::suite::{EngineDigest, EngineSuite, Intl, Multisig, NodeKeyOf, NodeSignature, Sm};
pub use crate::transaction::{RequestKey, Transaction};

use crate::assembly::{self, Inbox, Incoming, Links};
use crate::consensus::Setup;
use crate::execution::genesis_block;
use crate::handle::Handle;
use crate::live::Live;
use crate::mempool::MempoolLimits;
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Rayon;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tongban_crypto::SecretKey;
use tongban_kernel::Rules;
use tongban_types::Genesis;

/// What a simulated node is started with.
pub struct NodeConfig {
    /// The network; the caller has checked it.
    pub genesis: Genesis,
    /// The node's key: one of the validators'.
    pub key: SecretKey,
    /// The modules.
    pub rules: &'static dyn Rules,
    /// How much may wait for a block.
    pub mempool: MempoolLimits,
    /// Where signatures are checked: inline, if the simulation is to be repeatable.
    pub strategy: Rayon,
}

/// How a simulated node reaches the others.
pub struct Network<P, Se, Re> {
    /// Who they are.
    pub peers: P,
    /// The engine's channels.
    pub channels: Channels<Se, Re>,
    /// The channel of transactions.
    pub gossip: (Se, Re),
}

/// A node before its parts run.
pub struct Prepared<S: EngineSuite> {
    setup: Setup<S>,
    inbox: Inbox,
}

/// Prepares a node: its memory, and the handle by which it is used. The handle holds no store open.
pub fn prepare<E: StoreContext, S: EngineSuite>(config: NodeConfig) -> (Handle, Prepared<S>) {
    let NodeConfig { genesis, key, rules, mempool, strategy } = config;
    let primitives = tongban_crypto::primitives(S::SUITE);
    let head = genesis_block::<E, S>(&genesis, primitives).header().clone();
    let live = Arc::new(Live::new(genesis, head, primitives, rules, mempool));
    let (handle, inbox) = assembly::handle_to(&live);
    (handle, Prepared { setup: Setup { live, secret: S::Secret::from(key), strategy }, inbox })
}

/// Starts a node's parts and returns them when it votes. Each runs until the node stops; none may end before. Aborting the
/// task that called this aborts them all.
pub async fn start<E, S, A, P, Se, Re>(
    context: &E,
    prepared: Prepared<S>,
    application: impl FnOnce(Execution<S>) -> A,
    network: Network<P, Se, Re>,
) -> Vec<commonware_runtime::Handle<()>>
where
    E: EngineContext,
    S: EngineSuite,
    A: EngineApplication<E, S>,
    P: Provider<PublicKey = S::Key> + Blocker<PublicKey = S::Key>,
    Se: Sender<PublicKey = S::Key>,
    Re: Receiver<PublicKey = S::Key>,
{
    let Prepared { setup, inbox } = prepared;
    let Inbox { submissions, questions, .. } = inbox;
    let incoming = Incoming { submissions, questions, disk_is_low: Arc::new(AtomicBool::new(false)) };
    let links = Links { peers: network.peers, channels: network.channels, gossip: network.gossip };
    assembly::assemble(context, setup, application, incoming, links).await.actors
}
