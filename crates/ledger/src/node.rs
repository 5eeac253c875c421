//! One node in a process: its folder, its threads, its network, and the engine on top of them.

use crate::assembly::{self, Inbox, Incoming, Links};
use crate::config::EngineConfig;
use crate::consensus::{self, Channel, Channels, Running, Setup};
use crate::error::{EngineFailure, StartError};
use crate::execution::{Execution, genesis_block};
use crate::folder::DataFolder;
use crate::handle::{EngineThread, Handle};
use crate::live::Live;
use crate::suite::{EngineSuite, Intl, NodeKeyOf as _, Sm};
use commonware_p2p::authenticated::lookup;
use commonware_p2p::{Address, AddressableManager as _};
use commonware_runtime::{
    Clock as _, Quota, Runner as _, Spawner as _, Strategizer as _, Supervisor as _, tokio as runtime,
};
use commonware_stream::cups::{self, Cups};
use commonware_stream::sake::{self, Sake};
use commonware_utils::ordered::Map;
use commonware_utils::{NZU32, NZUsize};
use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tongban_types::domain::consensus_namespace;
use tongban_types::{PublicKey, Suite};

/// Peers' clocks may differ by so much for a connection to be made.
const CLOCK_DIFFERENCE_MAX: Duration = Duration::from_secs(30);
/// How often the disk is looked at.
const DISK_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// The engine's start is one deep future; without optimisation it needs more than the usual 2 MiB.
const STACK_BYTES: usize = 16 * 1024 * 1024;
const DURABILITY_CHECK_INTERVAL: Duration = Duration::from_millis(10);
/// How long the disk may take to catch up, and how long the actors may take to end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The replicated ledger.
pub struct Ledger;

/// What the engine's thread works with, apart from the network's suite.
struct Node {
    live: Arc<Live>,
    folder: DataFolder,
    config: EngineConfig,
    incoming: Incoming,
    stop: watch::Receiver<bool>,
    ready: watch::Sender<bool>,
}

impl Ledger {
    /// Starts a node and returns when it takes part in its network. Blocks for as long as the stores need to open.
    pub fn start(config: EngineConfig) -> Result<(Handle, EngineThread), StartError> {
        match config.genesis.suite {
            Suite::Sm => start::<Sm>(config),
            Suite::Intl => start::<Intl>(config),
        }
    }
}

fn start<S: EngineSuite>(config: EngineConfig) -> Result<(Handle, EngineThread), StartError> {
    config.genesis.check()?;
    let suite_matches = config.key.suite() == config.genesis.suite;
    if !suite_matches || !consensus::is_validator(&config.genesis, &config.key.public_key()) {
        return Err(StartError::NotAValidator);
    }
    if consensus::participants::<S>(&config.genesis).is_none() {
        return Err(StartError::NotAValidator);
    }
    let primitives = tongban_crypto::primitives(config.genesis.suite);
    let genesis = genesis_block::<runtime::Context, S>(&config.genesis, primitives);
    let head = genesis.header().clone();
    let folder = DataFolder::take(&config.data_dir, &head.network, config.disk_reserve_bytes)?;
    let listen = config.listen;
    drop(TcpListener::bind(listen).map_err(|source| StartError::PortTaken { address: listen, source })?);

    let live = Live::new(config.genesis.clone(), head, primitives, config.rules, config.mempool);
    let live = Arc::new(live);
    let (handle, Inbox { submissions, questions, stop, outcome }) = assembly::handle_to(&live);
    let (ready, is_ready) = watch::channel(false);
    let incoming = Incoming { submissions, questions, disk_is_low: Arc::new(AtomicBool::new(false)) };
    let node = Node { live: live.clone(), folder, config, incoming, stop, ready };
    let closing = live.clone();
    let body = move || {
        let result = catch_unwind(AssertUnwindSafe(|| run::<S>(node)));
        let result = result.unwrap_or_else(|panic| Err(EngineFailure { reason: message_of(&*panic) }));
        if let Err(failure) = &result {
            tracing::error!(reason = failure.reason, "the engine failed");
        }
        closing.close(); // whoever waits learns of it
        outcome.send_replace(Some(result));
    };
    let thread = std::thread::Builder::new().name("ledger".into()).stack_size(STACK_BYTES);
    let thread = thread.spawn(body).expect("the system has room for a thread");

    let thread = EngineThread { thread, outcome: handle.outcome.clone() };
    if !wait_until(is_ready) {
        thread.join()?; // it ended before it was ready, and says why
        return Err(EngineFailure { reason: "it was asked to".into() }.into());
    }
    Ok((handle, thread))
}

/// Blocks until the engine is ready. False where it ends before.
fn wait_until(mut is_ready: watch::Receiver<bool>) -> bool {
    futures::executor::block_on(is_ready.wait_for(|ready| *ready)).is_ok()
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".into())
}

/// Runs a node until it is asked to stop or fails.
fn run<S: EngineSuite>(node: Node) -> Result<(), EngineFailure> {
    let runtime_config = runtime::Config::new()
        .with_worker_threads(node.config.worker_threads.get())
        .with_max_blocking_threads(64)
        .with_storage_directory(node.folder.store_path());
    runtime::Runner::new(runtime_config).start(|context| serve::<S>(context, node))
}

async fn serve<S: EngineSuite>(context: runtime::Context, node: Node) -> Result<(), EngineFailure> {
    let Node { live, folder, config, incoming, mut stop, ready } = node;
    let secret = S::Secret::from(config.key.clone());
    let strategy = context.child("strategy").strategy(config.worker_threads);

    let (mut network, mut peers) =
        lookup::Network::new(context.child("network"), network_config::<S>(&config, secret.clone()));
    let addresses = addresses::<S>(config.listen, &config.key.public_key(), &config.peers);
    let _ = peers.track(0, addresses);
    let channels = Channels {
        votes: network.register(Channel::Votes as u64, Quota::per_second(NZU32!(512))),
        certificates: network.register(Channel::Certificates as u64, Quota::per_second(NZU32!(512))),
        resolver: network.register(Channel::Resolver as u64, Quota::per_second(NZU32!(512))),
        blocks: network.register(Channel::Blocks as u64, Quota::per_second(NZU32!(128))),
        backfill: network.register(Channel::Backfill as u64, Quota::per_second(NZU32!(512))),
    };
    let gossip = network.register(Channel::Gossip as u64, Quota::per_second(NZU32!(256)));
    let network = network.start();

    let setup = Setup { live, secret, strategy };
    let disk_is_low = incoming.disk_is_low.clone();
    let links = Links { peers, channels, gossip };
    let Running { library, mut actors } =
        assembly::assemble(&context, setup, |execution: Execution<S>| execution, incoming, links).await;
    actors.push(network);
    actors.push(context.child("disk").spawn(move |clock| async move {
        loop {
            disk_is_low.store(folder.is_low(), Ordering::Relaxed);
            clock.sleep(DISK_CHECK_INTERVAL).await;
        }
    }));

    ready.send_replace(true);
    let asked_to_stop = stop.wait_for(|stop| *stop);
    futures::pin_mut!(asked_to_stop);
    match futures::future::select(asked_to_stop, futures::future::select_all(actors)).await {
        futures::future::Either::Left(_) => {
            let deadline = context.current() + STOP_TIMEOUT;
            while !library.is_durable().await && context.current() < deadline {
                context.sleep(DURABILITY_CHECK_INTERVAL).await;
            }
            let _ = context.stop(0, Some(STOP_TIMEOUT)).await; // what does not end in time is aborted
            Ok(())
        }
        futures::future::Either::Right(((ended, index, _), _)) => {
            Err(EngineFailure { reason: format!("part {index} of the engine ended: {ended:?}") })
        }
    }
}

fn network_config<S: EngineSuite>(
    config: &EngineConfig,
    signer: S::Secret,
) -> lookup::Config<Cups<Sake<S::Secret>, S::Cipher>> {
    let handshake = Sake {
        signer,
        synchrony_bound: CLOCK_DIFFERENCE_MAX,
        max_handshake_age: CLOCK_DIFFERENCE_MAX,
        version: sake::Version::V1,
    };
    let network = config.genesis.network(tongban_crypto::primitives(S::SUITE));
    let validators = NonZeroUsize::new(config.genesis.validators.validators().len()).expect("the genesis was checked");
    let base = lookup::Config::recommended(
        Cups::new(handshake, cups::Version::V1),
        &consensus_namespace(&network),
        config.listen,
        validators,
        consensus::message_bytes_max::<S>(&config.genesis),
        NZUsize!(512),
    );
    // The engine's own values suit the open internet. Government networks have private addresses, several nodes behind
    // one address, and addresses that differ by direction; peers are known by their keys.
    lookup::Config {
        allow_private_ips: true,
        bypass_ip_check: true,
        peer_connection_cooldown: Duration::from_secs(1),
        allowed_handshake_rate_per_ip: Quota::per_second(NZU32!(64)),
        allowed_handshake_rate_per_subnet: Quota::per_second(NZU32!(256)),
        dial_frequency: Duration::from_millis(200),
        ping_frequency: Duration::from_secs(10),
        block_duration: Duration::from_mins(10),
        ..base
    }
}

fn addresses<S: EngineSuite>(
    listen: SocketAddr,
    me: &PublicKey,
    peers: &[(PublicKey, SocketAddr)],
) -> Map<S::Key, Address> {
    let own = std::iter::once((me, listen));
    let others = peers.iter().filter(|(key, _)| key != me).map(|(key, address)| (key, *address));
    let addresses = own.chain(others).filter_map(|(key, address)| Some((S::Key::from_types(key)?, address.into())));
    Map::from_iter_dedup(addresses)
}
