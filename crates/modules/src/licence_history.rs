//! What has happened to a licence, and what it therefore is at a time: the states of a licence, derived from its history and its validity.
//! Pure: no records.
//!
//! Nothing happens when a licence expires or a suspension ends: both are read off the time that is asked for.

use crate::items::LegalBasis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};
use tongban_types::codes::{LicenceIdentifier, UnifiedSocialCreditCode};
use tongban_types::{AccountId, List, Text, Time};

/// Changes of one licence. So many with the longest grounds fit a record.
pub const CHANGES_MAX: usize = 40;
/// Changes that are kept free for those that must be possible: the end of a suspension, the end of the licence, a holder's claim.
pub const CHANGES_RESERVED: usize = 3;

/// The history of a licence, oldest first.
pub type History = List<Change, CHANGES_MAX>;

/// One change: what, when, on what ground, by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What has happened.
    pub what: ChangeKind,
    /// On what legal ground; none where the change is itself the ground.
    pub ground: Option<Ground>,
    /// The department that acted.
    pub by: UnifiedSocialCreditCode,
    /// The account of its officer.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt, which proves it.
    pub receipt: u64,
}

/// The legal ground of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The law and its article.
    pub basis: LegalBasis,
    /// The facts, in the department's own words. No personal data: this is public for ever.
    pub reason: Text<200>,
    /// The number of the written decision (文书号), where there is one.
    pub document: Option<Text<60>>,
}

impl Ground {
    /// Whether law, article and reason are named.
    pub fn is_complete(&self) -> bool {
        !self.basis.law.is_empty() && !self.basis.article.is_empty() && !self.reason.is_empty()
    }
}

/// What can happen to a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was issued (颁发).
    Issued,
    /// It was taken over from an older system (历史导入).
    Imported {
        /// What it is there.
        state: SourceState,
        /// Since when; since always where the source does not say.
        since: Option<Time>,
    },
    /// It was suspended (暂扣).
    Suspended {
        /// The first moment at which it is valid again, where that is set.
        until: Option<Time>,
    },
    /// It was resumed (恢复).
    Resumed,
    /// A new version took its place (变更).
    Superseded {
        /// The new version.
        by: LicenceIdentifier,
    },
    /// It was cancelled (注销).
    Cancelled,
    /// The grant was revoked (撤销).
    Revoked,
    /// It was withdrawn as a penalty (吊销).
    Withdrawn,
    /// A holder known by a commitment alone was bound to his account (认领). The licence is what it was.
    HolderClaimed,
}

/// What a licence is in an older system, by the codes that ministries use. Moved out (06) and other (99) cannot be taken over.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SourceState {
    /// 01 有效.
    Valid,
    /// 02 暂扣.
    Suspended,
    /// 03 撤销.
    Revoked,
    /// 04 注销.
    Cancelled,
    /// 07 吊销.
    Withdrawn,
}

impl SourceState {
    /// The state with this code. 05 失效 is valid here: its end says so by itself. None for what cannot be taken over.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "01" | "05" => Some(Self::Valid),
            "02" => Some(Self::Suspended),
            "03" => Some(Self::Revoked),
            "04" => Some(Self::Cancelled),
            "07" => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

/// What a licence is at a time. The names are stable words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its validity has not begun, or it was not issued yet (尚未生效).
    NotYetValid,
    /// 有效.
    Valid,
    /// 暂扣.
    Suspended,
    /// Its validity has ended (失效).
    Expired,
    /// A new version has taken its place (变更).
    Superseded {
        /// The new version.
        by: LicenceIdentifier,
    },
    /// 注销.
    Cancelled,
    /// 撤销.
    Revoked,
    /// 吊销.
    Withdrawn,
}

impl Status {
    /// Whether nothing follows: only a look at an earlier time gives another answer.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NotYetValid | Self::Valid | Self::Suspended | Self::Expired => false,
            Self::Superseded { .. } | Self::Cancelled | Self::Revoked | Self::Withdrawn => true,
        }
    }
}

/// From when until when a licence is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first moment at which it is valid; none where an older system does not say.
    pub from: Option<Time>,
    /// The first moment at which it is valid no more; none where it has no end (长期).
    pub until: Option<Time>,
}

/// What decides at a time.
struct Decisive<'a> {
    change: &'a Change,
    is_suspended: bool,
    is_final: Option<Status>,
}

/// What a licence with this history and validity is at a time, and which change decides it: none before the first.
///
/// A history is only added to, so the answer for a past time never changes.
pub fn status(history: &[Change], period: Period, at: Time) -> (Status, Option<&Change>) {
    let Some(decisive) = decisive(history, at) else { return (Status::NotYetValid, None) };
    let deciding = Some(decisive.change);
    if let Some(status) = decisive.is_final {
        return (status, deciding);
    }
    if period.from.is_some_and(|from| at < from) {
        return (Status::NotYetValid, deciding);
    }
    if period.until.is_some_and(|until| at >= until) {
        return (Status::Expired, deciding);
    }
    let status = if decisive.is_suspended { Status::Suspended } else { Status::Valid };
    (status, deciding)
}

/// The last change up to a time that decides what the licence is then. What an older system says counts for the time before it was taken
/// over, too.
fn decisive(history: &[Change], at: Time) -> Option<Decisive<'_>> {
    let mut found: Option<Decisive> = None;
    for change in history {
        let is_source = matches!(change.what, ChangeKind::Imported { .. });
        if change.at > at && !is_source {
            break;
        }
        let (is_suspended, is_final) = match &change.what {
            ChangeKind::HolderClaimed => continue,
            ChangeKind::Issued | ChangeKind::Resumed => (false, None),
            ChangeKind::Imported { state, since } => match state {
                _ if since.is_some_and(|since| at < since) => (false, None),
                SourceState::Valid => (false, None),
                SourceState::Suspended => (true, None),
                SourceState::Revoked => (false, Some(Status::Revoked)),
                SourceState::Cancelled => (false, Some(Status::Cancelled)),
                SourceState::Withdrawn => (false, Some(Status::Withdrawn)),
            },
            ChangeKind::Suspended { until } => (until.is_none_or(|until| at < until), None),
            ChangeKind::Superseded { by } => (false, Some(Status::Superseded { by: by.clone() })),
            ChangeKind::Cancelled => (false, Some(Status::Cancelled)),
            ChangeKind::Revoked => (false, Some(Status::Revoked)),
            ChangeKind::Withdrawn => (false, Some(Status::Withdrawn)),
        };
        found = Some(Decisive { change, is_suspended, is_final });
    }
    found
}
