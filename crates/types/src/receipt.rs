//! Receipts: what became of a transaction.

use crate::transaction::CALLS_MAX;
use crate::{AccountId, Blob, Digest, List, RequestId, Text, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of one encoded event.
pub const EVENT_BYTES_MAX: usize = 64 * 1024;

/// One encoded event of a module. Only the crate `modules` knows what is inside.
pub type EventBytes = Blob<EVENT_BYTES_MAX>;

/// A stable code such as `evidence.not_found`: the module (or `tx`) and the error's name.
pub type Code = Text<64>;

/// What became of one transaction; every executed one has exactly one receipt, for ever.
///
/// What time brings (deemed acceptance, a reminder) leaves a receipt too: its account is [`AccountId::LEDGER`], and a digest of its own
/// stands in place of the transaction's identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// Counts all receipts of the network from 0.
    pub number: u64,
    /// The transaction's identifier.
    pub transaction: Digest,
    /// Who acted.
    pub account: AccountId,
    /// The sender's number for it.
    pub request_id: RequestId,
    /// The window's end, as the sender set it.
    pub not_after: Time,
    /// The block it was executed in.
    pub height: u64,
    /// The block's time.
    pub time: Time,
    /// What happened.
    pub outcome: Outcome,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every call took effect; one event for each, in their order, and those of follow-up calls behind them.
    Applied {
        /// Encoded events.
        events: List<EventBytes, { CALLS_MAX * 2 }>,
    },
    /// No call took effect.
    Refused(Refusal),
}

/// Why a transaction had no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// Which call was refused, counted from 0; none where the transaction as a whole was.
    pub call: Option<u32>,
}
