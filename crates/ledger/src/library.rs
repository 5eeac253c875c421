//! Reading what is final: records, receipts, headers, certificates.

use crate::block::{EngineBlock, from_engine, to_engine};
use crate::error::ReadError;
use crate::live::Live;
use crate::stores::{Databases, Receipts, State, StoreContext};
use crate::suite::{EngineSuite, Multisig};
use crate::transaction::RequestKey;
use crate::window::Use;
use commonware_consensus::marshal::core::Mailbox as Marshal;
use commonware_consensus::marshal::standard::Standard;
use commonware_consensus::types::Height;
use commonware_storage::mmr::Location;
use std::sync::Arc;
use tongban_types::{Block, Certificate, Digest, Header, List, Receipt, codec, merkle};

/// Keys or records in one question.
pub const KEYS_MAX: usize = 1_000;
/// Receipts in one answer.
pub const RECEIPTS_MAX: usize = 1_000;
/// Locations that are read at once.
const CHUNK: u64 = 256;

/// Everything final that this node holds.
pub(crate) struct Library<E: StoreContext, S: EngineSuite> {
    pub(crate) live: Arc<Live>,
    pub(crate) databases: Databases<E, S>,
    pub(crate) marshal: Marshal<Multisig<S>, Standard<EngineBlock<S>>>,
    pub(crate) genesis: EngineBlock<S>,
}

impl<E: StoreContext, S: EngineSuite> Clone for Library<E, S> {
    fn clone(&self) -> Self {
        Self {
            live: self.live.clone(),
            databases: self.databases.clone(),
            marshal: self.marshal.clone(),
            genesis: self.genesis.clone(),
        }
    }
}

/// A number that a commit carries as its metadata.
fn number_of(metadata: &[u8]) -> Option<u64> {
    metadata.try_into().ok().map(u64::from_le_bytes)
}

/// The height of the block that made the state.
pub(crate) async fn height_of<E: StoreContext, S: EngineSuite>(state: &State<E, S>) -> u64 {
    let metadata = state.get_metadata().await.expect("a state that cannot be read stops the node");
    metadata.as_deref().and_then(number_of).unwrap_or(0)
}

impl<E: StoreContext, S: EngineSuite> Library<E, S> {
    /// The block at a height.
    pub async fn block(&self, height: u64) -> Result<EngineBlock<S>, ReadError> {
        if height == 0 {
            return Ok(self.genesis.clone());
        }
        let block = self.marshal.get_block(Height::new(height)).await;
        block.map(|block| block.inner().clone()).ok_or(ReadError::NotFound)
    }

    /// The block at a height, as the rest of the system knows blocks.
    pub async fn types_block(&self, height: u64) -> Result<Block, ReadError> {
        self.block(height).await.map(|block| block.to_types())
    }

    /// The header at a height.
    pub async fn header(&self, height: u64) -> Result<Header, ReadError> {
        let head = self.live.head();
        if head.height == height {
            return Ok((*head).clone());
        }
        self.block(height).await.map(|block| block.header().clone())
    }

    /// The finality certificate of the block at a height, if it got one of its own.
    pub async fn certificate(&self, height: u64) -> Option<Certificate> {
        let finalization = self.marshal.get_finalization(Height::new(height)).await?;
        let proposal = finalization.proposal;
        Some(Certificate {
            epoch: proposal.round.epoch().get(),
            view: proposal.round.view().get(),
            parent_view: proposal.parent.get(),
            header: from_engine(&proposal.payload),
            signatures: List::new(finalization.certificate.to_types()).expect("no more signatures than validators"),
        })
    }

    /// Whether everything up to the head is on this node's disk. The head may be ahead for a moment: a block is final when
    /// a quorum has it on disk.
    pub async fn is_durable(&self) -> bool {
        let durable = self.marshal.get_processed().await.map_or(0, |processed| processed.height().get());
        durable >= self.live.head().height
    }

    /// The latest records under state keys, and the header whose `state_root` they are under.
    pub async fn get(&self, keys: &[Digest]) -> Result<(Vec<Option<Vec<u8>>>, Header), ReadError> {
        if keys.len() > KEYS_MAX {
            return Err(ReadError::TooMany);
        }
        let engine_keys: Vec<_> = keys.iter().map(to_engine).collect();
        let references: Vec<_> = engine_keys.iter().collect();
        let (values, height) = {
            let state = self.databases.0.read().await;
            let values = state.get_many(&references).await.expect("a state that cannot be read stops the node");
            (values, height_of::<E, S>(&state).await)
        };
        Ok((values, self.header(height).await?))
    }

    /// The receipt of a request that took effect inside the window.
    pub async fn receipt(&self, key: &RequestKey) -> Option<Receipt> {
        let settled = self.live.find(key)?;
        let receipts = self.databases.1.read().await;
        let location = Location::new(settled.number + settled.height);
        match entry::<E, S>(&receipts, location).await {
            Entry::Receipt(receipt) => Some(*receipt),
            Entry::Commit(_) => None,
        }
    }

    /// Receipts from a number on.
    pub async fn receipts(&self, from: u64, limit: usize) -> Result<Vec<Receipt>, ReadError> {
        let limit = limit.min(RECEIPTS_MAX);
        let mut found: Vec<Receipt> = Vec::new();
        let receipts = self.databases.1.read().await;
        let mut next = from;
        while found.len() < limit {
            // Jumping by number passes over long runs of blocks without receipts.
            let Some((location, receipt)) = find::<E, S>(&receipts, next).await else { break };
            found.push(receipt);
            // Receipts may be large: no more are read than are asked for.
            let wanted = (limit - found.len()) as u64;
            let end = (location + 1 + wanted.min(CHUNK)).min(*receipts.bounds().end);
            found.extend(read::<E, S>(&receipts, location + 1, end).await);
            next = found.last().map_or(next, |receipt| receipt.number) + 1;
        }
        Ok(found)
    }

    /// The hashes of a block's encoded receipts, the leaves under its `receipt_root`. `first` is the number of its first
    /// receipt.
    pub async fn receipt_leaves(&self, header: &Header, first: u64) -> Vec<Digest> {
        let (mut next, end) = (first + header.height, header.receipts + header.height);
        let receipts = self.databases.1.read().await;
        let mut leaves = Vec::new();
        while next < end {
            let chunk: Vec<_> = (next..end.min(next + CHUNK)).map(Location::new).collect();
            next += chunk.len() as u64;
            let values = receipts.get_many(&chunk).await.expect("receipts that cannot be read stop the node");
            let encoded = values.iter().flatten();
            leaves.extend(encoded.map(|receipt| merkle::leaf_hash(self.live.primitives, receipt)));
        }
        leaves
    }

    /// Reads the receipts of the last window into memory, at the start.
    pub async fn restore(&self) {
        let head = self.header(height_of::<E, S>(&*self.databases.0.read().await).await).await;
        let head = head.expect("the block of the latest state is in the archive");
        let window_millis = self.live.genesis.parameters.window_millis;
        let mut recent: Vec<Use> = Vec::new();
        let receipts = self.databases.1.read().await;
        let mut next = head.receipts;
        while let Some(last) = next.checked_sub(1) {
            let Some((location, receipt)) = find::<E, S>(&receipts, last).await else { break };
            if receipt.time.plus_millis(window_millis) < head.time {
                break;
            }
            let chunk = read::<E, S>(&receipts, location.saturating_sub(CHUNK).max(1), location + 1).await;
            next = chunk.first().map_or(last, |receipt| receipt.number);
            recent.extend(chunk.iter().rev().map(Use::from)); // without the events, which may be many
        }
        drop(receipts);
        recent.reverse();
        self.live.restore(head, recent);
    }
}

/// What stands at a location of the receipts' log.
enum Entry {
    Receipt(Box<Receipt>),
    /// The number of receipts up to there.
    Commit(u64),
}

async fn entry<E: StoreContext, S: EngineSuite>(receipts: &Receipts<E, S>, location: Location) -> Entry {
    let value = receipts.get(location).await.expect("receipts that cannot be read stop the node");
    parse(value)
}

fn parse(value: Option<Vec<u8>>) -> Entry {
    match value {
        None => Entry::Commit(0), // the log's own first commit
        Some(bytes) => match number_of(&bytes) {
            Some(count) => Entry::Commit(count), // no receipt has only eight bytes
            None => Entry::Receipt(codec::decode(&bytes).expect("receipts are stored as they were encoded")),
        },
    }
}

/// Where the receipt with a number stands: its location is its number and its height together, so the search is over
/// heights.
pub(crate) async fn find<E: StoreContext, S: EngineSuite>(
    receipts: &Receipts<E, S>,
    number: u64,
) -> Option<(u64, Receipt)> {
    let (mut low, mut high) = (number.checked_add(1)?, *receipts.bounds().end);
    while low < high {
        let middle = low + (high - low) / 2;
        match entry::<E, S>(receipts, Location::new(middle)).await {
            Entry::Receipt(receipt) if receipt.number == number => return Some((middle, *receipt)),
            Entry::Receipt(receipt) if receipt.number > number => high = middle,
            Entry::Commit(count) if count > number => high = middle,
            Entry::Receipt(_) | Entry::Commit(_) => low = middle + 1,
        }
    }
    None
}

/// The receipts in a range of locations.
async fn read<E: StoreContext, S: EngineSuite>(receipts: &Receipts<E, S>, start: u64, end: u64) -> Vec<Receipt> {
    let locations: Vec<_> = (start..end).map(Location::new).collect();
    let values = receipts.get_many(&locations).await.expect("receipts that cannot be read stop the node");
    let entries = values.into_iter().map(parse);
    entries.filter_map(|entry| if let Entry::Receipt(receipt) = entry { Some(*receipt) } else { None }).collect()
}
