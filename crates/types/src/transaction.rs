//! Transactions: what an account asks the network to do.

use crate::{AccountId, Blob, Digest, List, Primitives, PublicKey, RequestId, Signature, Time, codec, domain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Calls in one transaction.
pub const CALLS_MAX: usize = 100;
/// Bytes of one encoded call.
pub const CALL_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one encoded, signed transaction.
pub const TRANSACTION_BYTES_MAX: usize = 256 * 1024;

/// One encoded call of a module. Only the crate `modules` knows what is inside.
pub type CallBytes = Blob<CALL_BYTES_MAX>;

/// What an account asks for: calls that take effect together or not at all.
///
/// Transactions have no order among themselves. A pair of account and request id has one effect: a repeat inside the
/// window gets the first receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tx {
    /// The network it is meant for (the hash of its genesis).
    pub network: Digest,
    /// The account that acts.
    pub account: AccountId,
    /// The key that signs; it must be a valid key of the account when the transaction is executed.
    pub key: PublicKey,
    /// Chosen by the sender; a repeat has no second effect.
    pub request_id: RequestId,
    /// The latest block time at which it may be executed; not further ahead than the network's window.
    pub not_after: Time,
    /// At least one call.
    pub calls: List<CallBytes, CALLS_MAX>,
}

impl Tx {
    /// The transaction's identifier, which is also what its key signs.
    pub fn id(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::TRANSACTION, &codec::encode(self)])
    }
}

/// The message that is signed for a transaction with this identifier.
pub fn signing_message(id: &Digest) -> Vec<u8> {
    [domain::TRANSACTION, id.as_ref()].concat()
}

/// A transaction and its signature over [`signing_message`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedTx {
    /// What is asked.
    pub tx: Tx,
    /// Made with the key named in the transaction.
    pub signature: Signature,
}
