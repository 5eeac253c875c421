//! Licences that are given back (注销申请): who asked that one be cancelled, as what, and how that was settled. Types and pure functions: no records.
//!
//! Cancelling itself is the formality of the office that keeps the licence (行政许可法 第七十条): what it does stands in the licence's history.

use crate::licence_history::Ground;
use crate::representation::Capacity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::{AccountId, Time};

/// A request to cancel a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Surrender {
    /// Who asked.
    pub requester: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// How it was settled without the licence being cancelled.
    pub end: Option<SurrenderEnd>,
}

/// That a request was settled, and the licence stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SurrenderEnd {
    /// How.
    pub how: SurrenderOutcome,
    /// By whom.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How a request is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurrenderOutcome {
    /// It was taken back (撤回).
    TakenBack,
    /// It was refused (不予注销).
    Refused {
        /// On what ground.
        ground: Ground,
    },
}

impl Surrender {
    /// Whether it was made by a time and not settled by then; what has become of the licence is not asked here.
    pub fn is_open(&self, at: Time) -> bool {
        self.at <= at && self.end.as_ref().is_none_or(|end| at < end.at)
    }
}
