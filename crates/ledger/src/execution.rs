//! Blocks over the state: what the engine's `Stateful` asks of an application.
//!
//! - **propose** builds on the parent's state: candidates of the mempool in fair order, executed, and a header over the
//!   results.
//! - **process** does the same with somebody else's block, and accepts it only if every field of the header is what it
//!   computes itself. What it refuses is wrong for ever: rules that depend on this node's clock are in `pacing`, which
//!   waits instead. A block that the network has finalised is executed without judging it again.
//! - **finalized** takes the receipts of a final block into memory and tells whoever waits.
//!
//! A block is invalid if it costs more than a block may, or holds a transaction for another network, without calls, outside its
//! window, with a bad signature, whose key was never its account's (a stranger's: it could use up the request ids of
//! others), or whose account and request id were used before: in itself, in an ancestor that is not final yet, or so
//! lately that the window of the block's own time still holds it.

use crate::block::{EngineBlock, from_engine, location_range, to_engine, transactions_root};
use crate::live::{FinalBlock, Live};
use crate::meter::Stage;
use crate::signature;
use crate::stores::{Databases, Merkleized, Receipts, State, StoreContext, Unmerkleized};
use crate::suite::{EngineDigest, EngineSuite, Multisig, NodeKeyOf as _};
use crate::transaction::{RequestKey, Transaction};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_consensus::simplex::types::Context;
use commonware_cryptography::Digested;
use commonware_glue::stateful::db::{DatabaseSet, ManagedDb, Merkleized as _, Unmerkleized as _};
use commonware_glue::stateful::{Application, Finality, Input, Proposed};
use commonware_parallel::Rayon;
use commonware_runtime::Clock;
use commonware_storage::mmr::{Family, Location};
use commonware_storage::qmdb::sync::Target;
use futures::StreamExt as _;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::UNIX_EPOCH;
use tongban_kernel::{BlockContext, Changes, Executed, Executor, Missing};
use tongban_types::block::{BLOCK_ACTS_MAX, BLOCK_COST_MAX, HEADER_VERSION, LogRange};
use tongban_types::receipt::Code;
use tongban_types::{Digest, Genesis, Header, Primitives, Receipt, Time, codec, merkle};

/// The ledger as the engine's application.
#[derive(Clone)]
pub struct Execution<S: EngineSuite> {
    live: Arc<Live>,
    genesis: EngineBlock<S>,
    strategy: Rayon,
}

/// This node's clock.
pub(crate) fn now(clock: &impl Clock) -> Time {
    let since = clock.current().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(since.as_millis().try_into().unwrap_or(u64::MAX)).unwrap_or(Time::MAX)
}

/// The block of height 0, which holds nothing and which everybody makes for himself from the genesis.
///
/// Its `state_root` is the digest zero: the engine gives no canonical root of an empty state, and nothing is ever proven
/// against this header.
pub(crate) fn genesis_block<E: StoreContext, S: EngineSuite>(
    genesis: &Genesis,
    primitives: &dyn Primitives,
) -> EngineBlock<S> {
    let state = <State<E, S> as ManagedDb<E>>::initial_sync_target();
    let receipts = <Receipts<E, S> as ManagedDb<E>>::initial_sync_target();
    let header = Header {
        version: HEADER_VERSION,
        network: genesis.network(primitives),
        height: 0,
        time: genesis.time,
        epoch: 0,
        view: 0,
        parent_view: 0,
        parent: Digest::ZERO,
        proposer: genesis.validators.validators()[0].key.clone(),
        tx_root: transactions_root(&[], primitives),
        state_root: Digest::ZERO,
        state_range: log_range(&state),
        event_root: from_engine(&receipts.root),
        event_range: log_range(&receipts),
        receipts: 0,
        next_validators: genesis.validators.digest(primitives),
        acts: 0,
        receipt_root: receipts_root(&[], primitives),
    };
    EngineBlock::new(header, Vec::new()).expect("the genesis was checked")
}

fn log_range(target: &Target<Family, EngineDigest>) -> LogRange {
    LogRange { start: *target.range.start(), end: *target.range.end(), root: from_engine(&target.root) }
}

/// The root that a header commits to: the RFC 6962 tree over the block's encoded receipts.
fn receipts_root(receipts: &[Vec<u8>], primitives: &dyn Primitives) -> Digest {
    merkle::root(primitives, receipts)
}

/// What execution adds to a header.
struct Roots {
    state_root: Digest,
    state_range: LogRange,
    event_root: Digest,
    event_range: LogRange,
    receipts: u64,
    acts: u16,
    receipt_root: Digest,
}

impl Roots {
    fn of<E: StoreContext, S: EngineSuite>(results: &Results<E, S>) -> Self {
        let (state, receipts) = &results.merkleized;
        let event_root = from_engine(&receipts.root());
        Self {
            state_root: from_engine(&state.root()),
            state_range: LogRange {
                start: *state.sync_boundary(),
                end: *state.bounds().tip.size,
                root: from_engine(&state.ops_root()),
            },
            event_root,
            event_range: LogRange {
                start: *receipts.bounds().inactivity_floor,
                end: *receipts.bounds().tip.size,
                root: event_root,
            },
            receipts: results.receipts,
            acts: results.acts,
            receipt_root: results.receipt_root,
        }
    }

    fn are_in(&self, header: &Header) -> bool {
        self.state_root == header.state_root
            && self.state_range == header.state_range
            && self.event_root == header.event_root
            && self.event_range == header.event_range
            && self.receipts == header.receipts
            && self.acts == header.acts
            && self.receipt_root == header.receipt_root
    }
}

/// What came of executing a block.
struct Results<E: StoreContext, S: EngineSuite> {
    merkleized: Merkleized<E, S>,
    /// Receipts since genesis, up to and with this block.
    receipts: u64,
    /// How many of this block's receipts are of acts that time brought.
    acts: u16,
    receipt_root: Digest,
    /// Transactions that have no receipt, and why.
    strangers: Vec<(Digest, Code)>,
}

impl<S: EngineSuite> Execution<S> {
    /// Executes on top of the given genesis.
    pub(crate) fn new(live: Arc<Live>, genesis: EngineBlock<S>, strategy: Rayon) -> Self {
        Self { live, genesis, strategy }
    }

    /// Executes transactions on a parent's state.
    async fn execute<E: StoreContext>(
        &self,
        context: BlockContext,
        transactions: &[Arc<Transaction>],
        (state, receipts): Unmerkleized<E, S>,
    ) -> Results<E, S> {
        let (height, first_receipt) = (context.height, context.first_receipt);
        let mut strangers = Vec::new();
        let mut executor = Executor::new(self.live.rules, self.live.primitives, context);
        while let Err(Missing(key)) = executor.begin(&self.live.genesis) {
            load::<E, S>(&mut executor, &state, vec![key]).await;
        }
        let mut keys: Vec<_> =
            transactions.iter().flat_map(|transaction| executor.reads(&transaction.signed.tx)).collect();
        keys.sort_unstable();
        keys.dedup();
        load::<E, S>(&mut executor, &state, keys).await;
        for transaction in transactions {
            let executed = loop {
                match executor.execute(&transaction.signed.tx, transaction.id) {
                    Ok(executed) => break executed,
                    Err(Missing(key)) => load::<E, S>(&mut executor, &state, vec![key]).await,
                }
            };
            if let Executed::Stranger(code) = executed {
                strangers.push((transaction.id, code));
            }
        }
        let changes = executor.finish();
        let (acts, count) = (changes.acts, first_receipt + changes.receipts.len() as u64);
        let encoded: Vec<Vec<u8>> = changes.receipts.iter().map(codec::encode).collect();
        let receipt_root = Stage::Merkle.time(|| receipts_root(&encoded, self.live.primitives));
        let commit = commit::<E, S>(changes, encoded, height, count, (state, receipts));
        let merkleized = Stage::Merkle.time_future(commit).await;
        Results { merkleized, receipts: count, acts, receipt_root, strangers }
    }

    /// What is wrong with a block for ever, whatever its results are.
    async fn fault(&self, block: &EngineBlock<S>, mut ancestry: impl Ancestry<EngineBlock<S>>) -> Option<&'static str> {
        let Some(parent) = ancestry.next().await else {
            // The engine gives every candidate's parent; it ends the stream only when it stops.
            return std::future::pending().await;
        };
        let fault = self.fault_after(block, parent.inner().header());
        if fault.is_some() {
            return fault;
        }
        let mut keys = HashSet::new();
        if !block.transactions().iter().all(|transaction| keys.insert(transaction.key())) {
            return Some("holds a request twice");
        }
        let header = block.header();
        let Some(pending) = self.live.pending(parent, ancestry, header.time).await else {
            return std::future::pending().await; // the engine stops, see above
        };
        if !keys.is_disjoint(&pending) || self.live.is_any_used_below(&keys, header.height, header.time) {
            return Some("repeats a request");
        }
        let signed = signature::are_good(&self.live, &self.strategy, block.transactions()).await;
        (!signed.into_iter().all(|good| good)).then_some("holds a bad signature")
    }

    fn fault_after(&self, block: &EngineBlock<S>, parent: &Header) -> Option<&'static str> {
        let header = block.header();
        if header.network != self.live.network || header.epoch != 0 {
            return Some("is of another network or epoch");
        }
        if header.height != parent.height + 1 || header.next_validators != self.live.validators {
            return Some("has another height or next set of validators");
        }
        if header.time <= parent.time {
            return Some("is not later than its parent");
        }
        if header.acts > BLOCK_ACTS_MAX || Some(header.receipts) != parent.receipts.checked_add(receipts_of(block)) {
            return Some("miscounts its receipts");
        }
        if block.transaction_bytes() > self.live.genesis.parameters.block_bytes_max as usize {
            return Some("has too many bytes");
        }
        let cost: u64 = block.transactions().iter().map(|transaction| transaction.cost(self.live.rules)).sum();
        if cost > BLOCK_COST_MAX {
            return Some("costs too much");
        }
        let fits = |transaction: &Arc<Transaction>| {
            transaction.signed.tx.network == self.live.network
                && !transaction.signed.tx.calls.is_empty()
                && self.live.is_in_window(transaction, header.time)
        };
        (!block.transactions().iter().all(fits)).then_some("holds a transaction for another network or time")
    }
}

/// How many receipts a block has, as its header says.
fn receipts_of<S: EngineSuite>(block: &EngineBlock<S>) -> u64 {
    block.transactions().len() as u64 + u64::from(block.header().acts)
}

/// Gives the executor the parent's values under the keys.
async fn load<E: StoreContext, S: EngineSuite>(
    executor: &mut Executor,
    state: &<State<E, S> as ManagedDb<E>>::Unmerkleized,
    keys: Vec<Digest>,
) {
    if keys.is_empty() {
        return;
    }
    let engine_keys: Vec<_> = keys.iter().map(to_engine).collect();
    let references: Vec<_> = engine_keys.iter().collect();
    let values = state.get_many(&references).await.expect("a state that cannot be read stops the node");
    for (key, value) in keys.into_iter().zip(values) {
        executor.load(key, value);
    }
}

/// Puts the changes into the stores; the commits carry the height and the number of receipts up to it.
async fn commit<E: StoreContext, S: EngineSuite>(
    changes: Changes,
    encoded_receipts: Vec<Vec<u8>>,
    height: u64,
    count: u64,
    (mut state, mut receipts): Unmerkleized<E, S>,
) -> Merkleized<E, S> {
    for (key, write) in changes.writes {
        state = state.write(to_engine(&key), write.value);
    }
    for receipt in encoded_receipts {
        receipts = receipts.append(receipt);
    }
    let state = state.with_metadata(height.to_le_bytes().to_vec()).merkleize();
    let receipts = receipts.with_metadata(count.to_le_bytes().to_vec()).merkleize();
    let (state, receipts) = futures::join!(state, receipts);
    (
        state.expect("a state that cannot be read stops the node"),
        receipts.expect("receipts that cannot be read stop the node"),
    )
}

impl Live {
    /// The requests in the blocks that are not final yet, from a parent backwards, so far as a block of this time may not
    /// repeat them. `None` where the engine gives no further ancestor, which it does only when it stops.
    pub async fn pending<S: EngineSuite>(
        &self,
        parent: Digested<EngineBlock<S>>,
        mut ancestry: impl Ancestry<EngineBlock<S>>,
        time: Time,
    ) -> Option<HashSet<RequestKey>> {
        let settled_height = self.settled_height();
        let mut keys = HashSet::new();
        let mut block = parent;
        loop {
            let header = block.inner().header();
            if header.height <= settled_height {
                return Some(keys);
            }
            if header.time.plus_millis(self.genesis.parameters.window_millis) >= time {
                keys.extend(block.inner().transactions().iter().map(|transaction| transaction.key()));
            }
            block = ancestry.next().await?;
        }
    }
}

impl<E: StoreContext, S: EngineSuite> Application<E> for Execution<S> {
    type SigningScheme = Multisig<S>;
    type Context = Context<EngineDigest, S::Key>;
    type Block = EngineBlock<S>;
    type Databases = Databases<E, S>;
    type Captured = ();
    type Provider = ();
    type Input = ();

    fn sync_targets(block: &EngineBlock<S>) -> <Databases<E, S> as DatabaseSet<E>>::SyncTargets {
        let target = |range: &LogRange| {
            Target::new(to_engine(&range.root), location_range(range).expect("a block's ranges were checked"))
        };
        (target(&block.header().state_range), target(&block.header().event_range))
    }

    async fn genesis(&mut self) -> EngineBlock<S> {
        self.genesis.clone()
    }

    async fn propose(
        &mut self,
        (runtime, context): (E, Self::Context),
        mut ancestry: impl Ancestry<EngineBlock<S>>,
        batches: Unmerkleized<E, S>,
        _: Input<(), ()>,
    ) -> Option<Proposed<Self, E>> {
        let parent = ancestry.next().await?;
        let parent_header = parent.inner().header().clone();
        let height = parent_header.height + 1;
        let time = now(&runtime).max(parent_header.time.plus_millis(1));
        let pending = self.live.pending(parent, ancestry, time).await?;
        let mut transactions = Stage::Block.time(|| self.live.candidates(height, time, &pending));
        let block_context =
            BlockContext { network: self.live.network, height, time, first_receipt: parent_header.receipts };
        let executed = self.execute(block_context, &transactions, batches);
        let results = Stage::Execution.time_future(executed).await;
        let roots = Roots::of::<E, S>(&results);
        for (id, code) in results.strangers {
            // Admission keeps strangers out, so this is rare: one that was admitted against another branch.
            for stranger in transactions.iter().filter(|transaction| transaction.id == id) {
                self.live.refuse(&stranger.key(), &code);
            }
            transactions.retain(|transaction| transaction.id != id);
        }

        let header = Header {
            version: HEADER_VERSION,
            network: self.live.network,
            height,
            time,
            epoch: context.round.epoch().get(),
            view: context.round.view().get(),
            parent_view: context.parent.0.get(),
            parent: from_engine(&context.parent.1),
            proposer: context.leader.to_types(),
            tx_root: transactions_root(&transactions, self.live.primitives),
            state_root: roots.state_root,
            state_range: roots.state_range,
            event_root: roots.event_root,
            event_range: roots.event_range,
            receipts: roots.receipts,
            next_validators: self.live.validators,
            acts: roots.acts,
            receipt_root: roots.receipt_root,
        };
        let block = Stage::Block.time(|| EngineBlock::new(header, transactions)).expect("candidates fit a block");
        Some(Proposed { block, merkleized: results.merkleized })
    }

    async fn process(
        &mut self,
        _: (E, Self::Context),
        mut ancestry: impl Ancestry<EngineBlock<S>>,
        batches: Unmerkleized<E, S>,
        finality: Finality,
    ) -> Option<Merkleized<E, S>> {
        let block = ancestry.next().await?;
        let block = block.inner();
        let header = block.header();
        if finality == Finality::Candidate
            && let Some(fault) = Stage::Execution.time_future(self.fault(block, ancestry)).await
        {
            tracing::warn!(height = header.height, view = header.view, fault, "refused a block");
            return None;
        }
        let context = BlockContext {
            network: header.network,
            height: header.height,
            time: header.time,
            first_receipt: header.receipts.checked_sub(receipts_of(block))?,
        };
        let executed = self.execute(context, block.transactions(), batches);
        let results = Stage::Execution.time_future(executed).await;
        if !results.strangers.is_empty() {
            tracing::warn!(height = header.height, view = header.view, "refused a block: it acts for strangers");
            return None;
        }
        if !Roots::of::<E, S>(&results).are_in(header) {
            tracing::warn!(height = header.height, view = header.view, "refused a block: it names other results");
            return None;
        }
        Some(results.merkleized)
    }

    async fn capture(
        &mut self,
        _: (E, Self::Context),
        _: &EngineBlock<S>,
        _: &Merkleized<E, S>,
        _: <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
    }

    async fn finalized(
        &mut self,
        _: (E, Self::Context),
        block: &EngineBlock<S>,
        (): (),
        (_, receipts): <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
        let header = block.header();
        let count = receipts_of(block);
        let first = header.receipts - count + header.height;
        let locations: Vec<_> = (first..first + count).map(Location::new).collect();
        let values =
            receipts.read().await.get_many(&locations).await.expect("receipts that cannot be read stop the node");
        Stage::Settlement.time(|| {
            let receipts = values.into_iter().map(|value| {
                let value = value.expect("a block's receipts stand before its commit");
                codec::decode::<Receipt>(&value).expect("receipts are stored as they were encoded")
            });
            let digest = header.digest(self.live.primitives);
            self.live.settle(FinalBlock { header: header.clone(), digest, receipts: receipts.collect() });
        });
    }
}
