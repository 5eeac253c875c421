//! What a call may know besides its arguments and the state.

use tongban_types::{AccountId, Digest, Primitives, PublicKey, Time};

/// The block that is being executed.
#[derive(Clone, Debug)]
pub struct BlockContext {
    /// The network's identifier.
    pub network: Digest,
    /// The block's height.
    pub height: u64,
    /// The block's time, the only clock there is.
    pub time: Time,
    /// The number of the first receipt in this block.
    pub first_receipt: u64,
}

/// One call on its way: who acts, when, in which transaction.
pub struct Ctx<'a> {
    /// Hashing and signature checks of the network's suite.
    pub primitives: &'static dyn Primitives,
    /// The network's identifier.
    pub network: Digest,
    /// The block's height.
    pub height: u64,
    /// The block's time.
    pub time: Time,
    /// The account that acts: [`AccountId::LEDGER`] where time does.
    pub account: AccountId,
    /// The key that signed; empty where time acts.
    pub key: &'a PublicKey,
    /// The transaction's identifier.
    pub transaction: Digest,
    /// The number that the transaction's receipt will have.
    pub receipt: u64,
}
