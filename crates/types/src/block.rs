//! Blocks and their headers.

use crate::transaction::TRANSACTION_BYTES_MAX;
use crate::{Blob, Digest, List, Primitives, PublicKey, Time, codec, domain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the header's format.
pub const HEADER_VERSION: u16 = 1;
/// Transactions in one block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 10_000;
/// What executing all transactions of one block may cost, where an ordinary call costs 1: a block must be executed well
/// within the turn of its proposer.
pub const BLOCK_COST_MAX: u64 = 20_000;
/// Acts of time in one block, see [`Header::acts`]; what is left over comes in the next.
pub const BLOCK_ACTS_MAX: u16 = 500;
/// Bytes of all transactions in one block.
pub const BLOCK_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What the validators sign: the block's place, its transactions, and the state and receipts after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The version of this format.
    pub version: u16,
    /// The network's identifier.
    pub network: Digest,
    /// Counts blocks; the genesis block, which holds nothing, is 0.
    pub height: u64,
    /// Later than the parent's time and not ahead of the validators' clocks.
    pub time: Time,
    /// The epoch, which says which validators decide.
    pub epoch: u64,
    /// The view in which it was proposed.
    pub view: u64,
    /// The view in which the parent was proposed.
    pub parent_view: u64,
    /// The digest of the parent's header.
    pub parent: Digest,
    /// The validator that proposed it.
    pub proposer: PublicKey,
    /// Root of the RFC 6962 tree over the encoded, signed transactions.
    pub tx_root: Digest,
    /// The authenticated state after this block; records and their absence are proven against it.
    pub state_root: Digest,
    /// The range of the state's log after this block, which new nodes need to fetch it.
    pub state_range: LogRange,
    /// The append-only range over all receipts since genesis, up to and with this block.
    pub event_root: Digest,
    /// The range of the receipts' log after this block.
    pub event_range: LogRange,
    /// How many receipts there are since genesis, up to and with this block.
    pub receipts: u64,
    /// The digest of the set that decides the next epoch.
    pub next_validators: Digest,
    /// How many of this block's receipts are of acts that time brought; they stand before those of transactions.
    pub acts: u16,
    /// Root of the RFC 6962 tree over this block's encoded receipts: a short way to one of them, however many there are since
    /// genesis.
    pub receipt_root: Digest,
}

/// A stretch of an authenticated log, with the root over its operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRange {
    /// The first operation that is still needed.
    pub start: u64,
    /// One past the last operation.
    pub end: u64,
    /// The root over the log's operations.
    pub root: Digest,
}

impl Header {
    /// The header's digest: what the parent link of the next block and the certificate name.
    pub fn digest(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::HEADER, &codec::encode(self)])
    }
}

/// A header and the encoded, signed transactions it commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What the validators sign.
    pub header: Header,
    /// Encoded [`SignedTx`](crate::SignedTx)s in the order of their execution.
    pub transactions: List<Blob<TRANSACTION_BYTES_MAX>, BLOCK_TRANSACTIONS_MAX>,
}
