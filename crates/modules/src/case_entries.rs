//! What officers enter at a counter for people who come without their keys (窗口代录), and what these say of it when they have them. Types, and
//! pure functions of them.

use crate::case_records::{Filing, Hand};
use crate::cases::Case;
use crate::identity::Capacity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::{AccountId, Digest, Time};

/// Entries of one case. Who has handed in more on paper than this does the rest with his own key.
pub const ENTRIES_MAX: usize = 32;

/// What an officer entered for an applicant, who had signed it on paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// What.
    pub what: Entered,
    /// A salted commitment to the signed paper.
    pub paper: Digest,
    /// Who entered it.
    pub by: Hand,
}

/// What was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    /// 申请.
    Application,
    /// 补正.
    Supplement,
    /// 容缺补齐.
    GapFilled,
    /// 撤回.
    Withdrawal,
    /// 签收.
    Receipt,
    /// 申请听证、放弃听证.
    HearingAnswer,
    /// 申诉.
    Appeal,
}

/// That an applicant has disowned what was entered for him (否认).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disowned {
    /// Who did so.
    pub by: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// When.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// What came of the inquiry.
    pub found: Option<DisownedFound>,
}

/// What came of an inquiry into what was disowned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisownedFound {
    /// Whether it was invented.
    pub invented: bool,
    /// A salted commitment to the finding.
    pub opinion: Digest,
    /// Who has looked into it.
    pub by: Hand,
}

/// What was entered before its applicant has disowned it, oldest first; what was entered since is another matter.
pub fn disowned<'a>(case: &Case, filing: &'a Filing) -> &'a [Entry] {
    let until = case.disowned.as_ref().map_or(0, |disowned| disowned.receipt);
    let count = filing.entries.iter().take_while(|entry| entry.by.receipt < until).count();
    &filing.entries[..count]
}

/// Whether an officer has entered something of a case.
pub fn has_entered(filing: &Filing, officer: &AccountId) -> bool {
    filing.entries.iter().any(|entry| entry.by.account == *officer)
}
