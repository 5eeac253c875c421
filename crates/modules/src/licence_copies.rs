//! Annotated copies (加注件): what is handed out of a licence for one purpose, until a time. Types and pure functions: no records.
//!
//! The ledger has a salted commitment to the purpose (事由) and to who made it out, for whom it was made and until when it counts, and no word
//! of it. Whoever is shown a copy is shown its purpose with it, and what the licence itself is; a copy says nothing that its licence does not.

use crate::representation::Capacity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, Text, Time, codec};

/// Copies of one licence that count at a time.
pub const COPIES_MAX: usize = 16;
/// Days for which a copy counts at most. A limit of this network: what is needed for longer is asked for again.
pub const COPY_DAYS_MAX: u64 = 366;
const DAY_MILLIS: u64 = 86_400_000;

/// A copy, as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnotatedCopy {
    /// A salted commitment to its note.
    pub commitment: Digest,
    /// Who made it.
    pub maker: AccountId,
    /// As what.
    pub right: CopyRight,
    /// When: the block's time.
    pub made_at: Time,
    /// The first moment at which it counts no more.
    pub until: Time,
    /// The receipt.
    pub receipt: u64,
    /// That it was taken back before its end.
    pub taken_back: Option<TakenBack>,
}

/// That a copy was taken back (撤回).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakenBack {
    /// Who did.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

impl AnnotatedCopy {
    /// Whether it counts at a time, whatever its licence is then: it was made, was not taken back, and has not ended.
    pub fn is_in_term(&self, at: Time) -> bool {
        self.made_at <= at && at < self.until && self.taken_back.is_none_or(|taken_back| at < taken_back.at)
    }

    /// Whether it counts no more, now and later.
    pub fn is_over(&self, now: Time) -> bool {
        self.until <= now || self.taken_back.is_some()
    }
}

/// The copies of one licence, oldest first. Those that count no more make room when there is none.
pub type Copies = List<AnnotatedCopy, COPIES_MAX>;

/// As what somebody makes a copy, or takes one back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyRight {
    /// As the holder, or for him.
    Holder {
        /// As what.
        capacity: Capacity,
    },
    /// In the department that keeps the licence.
    Keeper {
        /// The department.
        department: UnifiedSocialCreditCode,
    },
}

/// What stands on a copy besides (加注内容). It is not on the ledger. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyNote {
    /// For what it may be used (事由).
    pub purpose: Text<100>,
    /// Who made it out, in words (加注人).
    pub creator: Text<60>,
}

impl std::fmt::Debug for CopyNote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CopyNote")
    }
}

impl CopyNote {
    /// What is committed to.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }
}

/// Whether a copy that is made now may count until then.
pub fn may_count(now: Time, until: Time) -> bool {
    now < until && until <= now.plus_millis(COPY_DAYS_MAX * DAY_MILLIS)
}

/// The copies, with room for one more: where there is none, the oldest that counts no more goes. None where all of them count.
pub fn with_room(copies: Copies, now: Time) -> Option<Vec<AnnotatedCopy>> {
    let mut copies = copies.into_vec();
    if copies.len() == COPIES_MAX {
        let place = copies.iter().position(|copy| copy.is_over(now))?;
        copies.remove(place);
    }
    Some(copies)
}
