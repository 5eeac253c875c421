//! The engine's actors, put together over any runtime and any network.
//!
//! ```text
//! votes, certificates ──▶ simplex ──▶ Deferred ──▶ Paced ──▶ Stateful ──▶ Execution ──▶ State, Receipts
//!                            │            ▲                      ▲
//!                            ▼            │                      │ final blocks, in order
//! blocks, backfill ───▶ marshal ──────────┴──────────────────────┘
//! ```
//!
//! `simplex` agrees on one digest for each view; `marshal` fetches, keeps and orders the blocks behind the digests;
//! `Deferred` connects the two; `Paced` waits; `Stateful` keeps what each branch of blocks would change.
//!
//! Start: stores and archives are opened, `marshal` delivers what was final and not yet executed, the window of requests
//! is read, and only then does this node vote.

use crate::block::{EngineBlock, block_bytes_max};
use crate::execution::{Execution, genesis_block};
use crate::library::Library;
use crate::live::Live;
use crate::pacing::Paced;
use crate::stores::{self, Databases, NoSource, REPLAY_BUFFER, StoreContext, WRITE_BUFFER};
use crate::suite::{EngineDigest, EngineSuite, Multisig, NodeKeyOf as _};
use commonware_broadcast::buffered;
use commonware_consensus::marshal;
use commonware_consensus::marshal::core::Actor as Marshal;
use commonware_consensus::marshal::resolver::p2p as backfill;
use commonware_consensus::marshal::standard::{Deferred, Standard};
use commonware_consensus::simplex::elector::RoundRobin;
use commonware_consensus::simplex::types::Context;
use commonware_consensus::simplex::{self, Floor, ForwardPolicy, SkipBudget, SkipPolicy};
use commonware_consensus::types::{Epoch, FixedEpocher, ViewDelta};
use commonware_cryptography::certificate::{ConstantProvider, Verifier as _};
use commonware_cryptography::{Digestible as _, Signer as _};
use commonware_glue::stateful::db::SyncEngineConfig;
use commonware_glue::stateful::{Application, Config as StatefulConfig, Stateful, SyncPlan};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Rayon;
use commonware_runtime::{Handle, Metrics, Supervisor};
use commonware_storage::archive::immutable;
use commonware_utils::ordered::Set;
use commonware_utils::{NZDuration, NZU64, NZUsize};
use rand_core::CryptoRng;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tongban_types::domain::consensus_namespace;
use tongban_types::{Genesis, PublicKey};

/// What the engine needs of the runtime.
pub trait EngineContext: StoreContext + CryptoRng + Metrics + Supervisor {}
impl<E: StoreContext + CryptoRng + Metrics + Supervisor> EngineContext for E {}

/// What the engine runs: [`Execution`], or something that a simulator puts around it.
pub trait EngineApplication<E: EngineContext, S: EngineSuite>:
    Application<
        E,
        SigningScheme = Multisig<S>,
        Context = Context<EngineDigest, S::Key>,
        Block = EngineBlock<S>,
        Databases = Databases<E, S>,
        Captured = (),
        Provider = (),
        Input = (),
    > + Sync
{
}

impl<E, S, A> EngineApplication<E, S> for A
where
    E: EngineContext,
    S: EngineSuite,
    A: Application<
            E,
            SigningScheme = Multisig<S>,
            Context = Context<EngineDigest, S::Key>,
            Block = EngineBlock<S>,
            Databases = Databases<E, S>,
            Captured = (),
            Provider = (),
            Input = (),
        > + Sync,
{
}

/// How long a leader may take to propose. A node that has died costs its views so much, until it is skipped.
const LEADER_TIMEOUT: Duration = Duration::from_millis(1_000);
/// How long a leader waits for a transaction before it gives its view up: the rest of the time is for proposing.
const PATIENCE: Duration = Duration::from_millis(700);
/// How long a view may take before its nodes vote to leave it.
const CERTIFICATION_TIMEOUT: Duration = Duration::from_millis(2_000);
/// How often nodes that are stuck in a view say so again.
const TIMEOUT_RETRY: Duration = Duration::from_millis(500);
/// How long a leader must have been silent before its views are skipped at once.
const SKIP_TIMEOUT: Duration = Duration::from_millis(4_000);
const FETCH_TIMEOUT: Duration = Duration::from_millis(1_000);
const FETCH_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Views that votes and candidate blocks are kept for, behind the latest final one.
const VIEW_RETENTION: ViewDelta = ViewDelta::new(128);
const MAILBOX: NonZeroUsize = NZUsize!(1024);
/// Blocks of each peer that wait in memory to be voted on.
const BLOCKS_PER_PEER_MAX: usize = 8;

/// The channels of the network: a number for each, the same on all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Votes = 0,
    Certificates = 1,
    Resolver = 2,
    Blocks = 3,
    Backfill = 4,
    Gossip = 5,
}

/// Sender and receiver of each channel that the engine uses.
pub struct Channels<Se, Re> {
    pub votes: (Se, Re),
    pub certificates: (Se, Re),
    pub resolver: (Se, Re),
    pub blocks: (Se, Re),
    pub backfill: (Se, Re),
}

/// What makes one node.
pub(crate) struct Setup<S: EngineSuite> {
    pub live: Arc<Live>,
    pub secret: S::Secret,
    pub strategy: Rayon,
}

/// A running engine.
pub(crate) struct Running<E: EngineContext, S: EngineSuite> {
    /// Reading.
    pub library: Library<E, S>,
    /// The actors; each runs until the node stops.
    pub actors: Vec<Handle<()>>,
}

/// The engine's names of the validators, in their order.
pub fn participants<S: EngineSuite>(genesis: &Genesis) -> Option<Set<S::Key>> {
    let keys = genesis.validators.validators().iter().map(|validator| S::Key::from_types(&validator.key));
    Some(Set::from_iter_dedup(keys.collect::<Option<Vec<_>>>()?))
}

/// Whether the key is one of the validators' and of the suite.
pub(crate) fn is_validator(genesis: &Genesis, key: &PublicKey) -> bool {
    genesis.validators.validators().iter().any(|validator| validator.key == *key)
}

/// The greatest message of the engine's channels.
pub fn message_bytes_max<S: EngineSuite>(genesis: &Genesis) -> u32 {
    let validators = u32::try_from(genesis.validators.validators().len()).expect("validators are few");
    let block_bytes = block_bytes_max(genesis.parameters.block_bytes_max as usize);
    commonware_p2p::max_message_size(&[
        simplex::max_payload_size::<Multisig<S>, EngineDigest>(validators),
        marshal::max_payload_size::<Standard<EngineBlock<S>>, Multisig<S>>(validators, &block_bytes),
        crate::gossip::MESSAGE_BYTES_MAX,
    ])
}

/// Starts the actors, and returns when this node votes.
pub(crate) async fn start<E, S, A, P, Se, Re>(
    context: E,
    setup: Setup<S>,
    application: impl FnOnce(Execution<S>) -> A,
    peers: P,
    channels: Channels<Se, Re>,
) -> Running<E, S>
where
    E: EngineContext,
    S: EngineSuite,
    A: EngineApplication<E, S>,
    P: Provider<PublicKey = S::Key> + Blocker<PublicKey = S::Key>,
    Se: Sender<PublicKey = S::Key>,
    Re: Receiver<PublicKey = S::Key>,
{
    let Setup { live, secret, strategy } = setup;
    let me = secret.public_key();
    let validators = participants::<S>(&live.genesis).expect("the genesis was checked");
    let scheme =
        Multisig::<S>::signer(&consensus_namespace(&live.network), validators, secret).expect("the key was checked");
    let provider = ConstantProvider::<Multisig<S>, Epoch>::new(scheme.clone());
    let epocher = FixedEpocher::new(NZU64!(u64::MAX)); // one epoch, until validators can change
    let block_bytes = block_bytes_max(live.genesis.parameters.block_bytes_max as usize);
    let page_cache = stores::page_cache();
    let genesis = genesis_block::<E, S>(&live.genesis, live.primitives);

    let (buffer, buffer_mailbox) = buffered::Engine::new(
        context.child("buffer"),
        buffered::Config {
            public_key: me.clone(),
            mailbox_size: MAILBOX,
            deque_size: BLOCKS_PER_PEER_MAX,
            priority: true,
            codec_config: block_bytes,
            peer_provider: peers.clone(),
            strategy: strategy.clone(),
        },
    );
    let resolver = backfill::init(
        context.child("backfill"),
        backfill::Config {
            public_key: me,
            peer_provider: peers.clone(),
            blocker: peers.clone(),
            mailbox_size: MAILBOX,
            fetch_timeout: NZDuration!(FETCH_TIMEOUT),
            fetch_retry_delay: FETCH_RETRY_DELAY,
            priority_requests: false,
            priority_responses: false,
        },
        channels.backfill,
    );

    let certificate_config = Multisig::<S>::certificate_codec_config_unbounded();
    let certificates = stores::archive_config("certificates", certificate_config, &page_cache);
    let certificates = immutable::Archive::init(context.child("certificates"), certificates).await;
    let blocks = stores::archive_config("blocks", block_bytes, &page_cache);
    let blocks = immutable::Archive::init(context.child("blocks"), blocks).await;
    let plan = SyncPlan::init(context.child("plan"), "stateful").await;
    let (marshal_actor, marshal, floor) = Marshal::<_, Standard<EngineBlock<S>>, _, _, _, _, _>::init(
        context.child("marshal"),
        certificates.expect("an archive that cannot be opened stops the node"),
        blocks.expect("an archive that cannot be opened stops the node"),
        marshal::Config {
            provider,
            epocher: epocher.clone(),
            start: plan.marshal_start(genesis.digested()),
            partition_prefix: "marshal".into(),
            mailbox_size: MAILBOX,
            view_retention: VIEW_RETENTION,
            prunable_items_per_section: NZU64!(256),
            page_cache: page_cache.clone(),
            replay_buffer: REPLAY_BUFFER,
            key_write_buffer: WRITE_BUFFER,
            value_write_buffer: WRITE_BUFFER,
            block_codec_config: block_bytes,
            max_repair: NZUsize!(32),
            max_pending_acks: NZUsize!(8),
            strategy: strategy.clone(),
        },
    )
    .await;

    let (stateful_actor, stateful) = Stateful::new(
        context.child("stateful"),
        StatefulConfig {
            application: application(Execution::new(live.clone(), genesis.clone(), strategy.clone())),
            db_config: stores::config::<E, S>(&strategy, &page_cache),
            provider: (),
            marshal: (marshal.clone(), floor),
            mailbox_size: MAILBOX,
            plan,
            resolvers: (NoSource::new(), NoSource::new()),
            sync_config: SyncEngineConfig {
                fetch_batch_size: NZU64!(1024),
                apply_batch_size: NZU64!(1024),
                max_outstanding_requests: NZUsize!(8),
            },
            prune_config: None, // late nodes replay blocks (ADR 0002)
            strategy: strategy.clone(),
        },
    );
    let paced = Paced::new(stateful.clone(), live.clone(), PATIENCE);
    let automaton = Deferred::new(context.child("deferred"), paced, marshal.clone(), epocher);
    let mut actors = vec![
        buffer.start(channels.blocks),
        marshal_actor.start(stateful.clone(), buffer_mailbox, resolver),
        stateful_actor.start(),
    ];

    // Asked from a task of its own: where opening fails, that task dies of the lost connection, and the runtime stops this
    // one with the first panic, which says why.
    let Ok(databases) = context.child("open").spawn(|_| async move { stateful.subscribe_databases().await }).await
    else {
        return std::future::pending().await;
    };
    let library = Library { live, databases, marshal, genesis: genesis.clone() };
    library.restore().await;

    let consensus = simplex::Engine::new(
        context.child("simplex"),
        simplex::Config {
            scheme,
            elector: RoundRobin::<S::Hasher>::default(),
            blocker: peers,
            automaton: automaton.clone(),
            relay: automaton.clone(),
            reporter: automaton,
            track_historical_votes: false,
            strategy,
            partition: "simplex".into(),
            mailbox_size: MAILBOX,
            epoch: Epoch::zero(),
            floor: Floor::Genesis(genesis.digest()),
            replay_buffer: REPLAY_BUFFER,
            write_buffer: WRITE_BUFFER,
            page_cache,
            leader_timeout: LEADER_TIMEOUT,
            certification_timeout: CERTIFICATION_TIMEOUT,
            timeout_retry: TIMEOUT_RETRY,
            view_retention: VIEW_RETENTION,
            skip: SkipPolicy::Enabled { timeout: SKIP_TIMEOUT, budget: SkipBudget::Participants },
            fetch_timeout: NZDuration!(FETCH_TIMEOUT),
            fetch_retry_delay: FETCH_RETRY_DELAY,
            forward: ForwardPolicy::Disabled,
        },
    );
    actors.push(consensus.start(channels.votes, channels.certificates, channels.resolver));
    Running { library, actors }
}
