//! What has happened to a licence, and what it therefore is at a time: the states of a licence, derived from its history and its validity.
//! Pure: no records.
//!
//! Nothing happens when a licence expires, a suspension ends or the version that replaces it begins: all of that is read off the time that is
//! asked for.

use crate::items::LegalBasis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};
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
        /// Since when. Where the source does not say: expired since its end, anything else since always.
        since: Option<Time>,
        /// Whether its issuer took it over, a department above that or the one that has taken its place. Any other is believed once it was
        /// confirmed.
        is_confirmed: bool,
        /// Whether nobody knows until when it is valid: it has no end, and is not known to need none.
        is_end_unknown: bool,
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
        /// When it takes its place: with its own beginning, and not before this change.
        from: Time,
    },
    /// It was cancelled (注销).
    Cancelled,
    /// The grant was revoked (撤销).
    Revoked,
    /// It was withdrawn as a penalty (吊销).
    Withdrawn,
    /// A holder known by a commitment alone was bound to his account (认领). The licence is what it was.
    HolderClaimed,
    /// What another department than its issuer had taken over was confirmed (确认).
    Confirmed,
    /// It was prepared (制作), and is nobody's before another officer has issued it.
    Prepared,
    /// It went over to an authority of another network (迁出), which keeps it from then on.
    MovedOut {
        /// Where to.
        to: Destination,
    },
}

/// Where a licence has gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The authority that keeps it there, or its network, as people call it (迁入机关).
    pub name: Text<100>,
    /// The authority's credit code, where it is known.
    pub authority: Option<UnifiedSocialCreditCode>,
}

/// What a licence is in an older system, by the codes that ministries use.
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
    /// 05 失效. It is expired whether or not its end is known.
    Expired,
    /// 06 迁出. Where to, the source does not say.
    MovedOut,
    /// 99 其他: the source says neither that it is valid nor what else it is.
    Other,
}

impl SourceState {
    /// The state with this code. None for what is no code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::iter().find(|state| state.code() == code)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Valid => "01",
            Self::Suspended => "02",
            Self::Revoked => "03",
            Self::Cancelled => "04",
            Self::Expired => "05",
            Self::MovedOut => "06",
            Self::Withdrawn => "07",
            Self::Other => "99",
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
    /// Another department than its issuer has taken it over, and nobody has confirmed it (未经颁发机构确认).
    Unconfirmed,
    /// Nobody knows whether it has expired: its source gives no end (有效期不明).
    EndUnknown,
    /// It is being prepared and was not issued yet (制作中).
    Draft,
    /// An authority of another network keeps it (迁出).
    MovedOut {
        /// Where to; none where an older system does not say.
        to: Option<Destination>,
    },
    /// Its source says neither that it is valid nor what else it is (其他).
    Other,
}

impl Status {
    /// Whether nothing follows: only a look at an earlier time gives another answer.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NotYetValid
            | Self::Valid
            | Self::Suspended
            | Self::Expired
            | Self::Unconfirmed
            | Self::EndUnknown
            | Self::Draft
            | Self::Other => false,
            Self::Superseded { .. } | Self::Cancelled | Self::Revoked | Self::Withdrawn | Self::MovedOut { .. } => true,
        }
    }

    /// What ministries call it, for who hands it on to a system that has their codes: what they have no code for is other (99).
    pub fn source_state(&self) -> SourceState {
        match self {
            Self::Valid => SourceState::Valid,
            Self::Suspended => SourceState::Suspended,
            Self::Expired => SourceState::Expired,
            Self::Cancelled => SourceState::Cancelled,
            Self::Revoked => SourceState::Revoked,
            Self::Withdrawn => SourceState::Withdrawn,
            Self::MovedOut { .. } => SourceState::MovedOut,
            Self::NotYetValid
            | Self::Superseded { .. }
            | Self::Unconfirmed
            | Self::EndUnknown
            | Self::Draft
            | Self::Other => SourceState::Other,
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

/// What a history says for a time.
struct Reading<'a> {
    /// The last change that decides.
    deciding: &'a Change,
    is_suspended: bool,
    is_expired: bool,
    is_unconfirmed: bool,
    is_end_unknown: bool,
    is_draft: bool,
    is_other: bool,
    end: Option<Status>,
}

/// What a licence with this history and validity is at a time, and which change decides it: none before the first.
///
/// A history is only added to, so the answer for a past time never changes.
pub fn status(history: &[Change], period: Period, at: Time) -> (Status, Option<&Change>) {
    let Some(reading) = read(history, period, at) else { return (Status::NotYetValid, None) };
    let status = match reading.end {
        Some(end) => end,
        None if reading.is_draft => Status::Draft, // I11
        None if period.from.is_some_and(|from| at < from) => Status::NotYetValid,
        None if reading.is_expired || period.until.is_some_and(|until| at >= until) => Status::Expired,
        None if reading.is_other => Status::Other,
        None if reading.is_suspended => Status::Suspended,
        None if reading.is_unconfirmed => Status::Unconfirmed,
        None if reading.is_end_unknown => Status::EndUnknown,
        None => Status::Valid,
    };
    (status, Some(reading.deciding))
}

/// Whether a suspension is open at a time, be the licence valid then, not valid yet, or expired.
pub fn is_suspended(history: &[Change], period: Period, at: Time) -> bool {
    read(history, period, at).is_some_and(|reading| reading.end.is_none() && reading.is_suspended)
}

/// Reads a history up to a time. What an older system says counts for the time before it was taken over, too; that it is not confirmed, as
/// long as it was not.
fn read(history: &[Change], period: Period, at: Time) -> Option<Reading<'_>> {
    let mut found: Option<Reading> = None;
    let mut replaced: Option<(&Change, Status)> = None;
    for change in history {
        let is_source = matches!(change.what, ChangeKind::Imported { .. });
        if change.at > at && !is_source {
            break;
        }
        let reading = found.get_or_insert(Reading {
            deciding: change,
            is_suspended: false,
            is_expired: false,
            is_unconfirmed: false,
            is_end_unknown: false,
            is_draft: false,
            is_other: false,
            end: None,
        });
        match &change.what {
            ChangeKind::HolderClaimed => continue,
            ChangeKind::Superseded { by, from } => {
                if at >= *from {
                    replaced = Some((change, Status::Superseded { by: by.clone() }));
                }
                continue; // what happened to it before its replacement began comes first
            }
            ChangeKind::Prepared => reading.is_draft = true,
            ChangeKind::Issued => reading.is_draft = false,
            ChangeKind::Imported { state, since, is_confirmed, is_end_unknown } => {
                (reading.is_unconfirmed, reading.is_end_unknown) = (!is_confirmed, *is_end_unknown);
                match state {
                    SourceState::Expired => reading.is_expired = since.or(period.until).is_none_or(|since| at >= since),
                    _ if since.is_some_and(|since| at < since) => {}
                    SourceState::Valid => {}
                    SourceState::Suspended => reading.is_suspended = true,
                    SourceState::Revoked => reading.end = Some(Status::Revoked),
                    SourceState::Cancelled => reading.end = Some(Status::Cancelled),
                    SourceState::Withdrawn => reading.end = Some(Status::Withdrawn),
                    SourceState::MovedOut => reading.end = Some(Status::MovedOut { to: None }),
                    SourceState::Other => reading.is_other = true,
                }
            }
            ChangeKind::Confirmed => reading.is_unconfirmed = false,
            ChangeKind::Suspended { until } => reading.is_suspended = until.is_none_or(|until| at < until),
            ChangeKind::Resumed => reading.is_suspended = false,
            ChangeKind::Cancelled => reading.end = Some(Status::Cancelled),
            ChangeKind::Revoked => reading.end = Some(Status::Revoked),
            ChangeKind::Withdrawn => reading.end = Some(Status::Withdrawn),
            ChangeKind::MovedOut { to } => reading.end = Some(Status::MovedOut { to: Some(to.clone()) }),
        }
        reading.deciding = change;
    }
    if let (Some(reading), Some((change, status))) = (&mut found, replaced)
        && reading.end.is_none()
    {
        (reading.deciding, reading.end) = (change, Some(status));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_ministries_are_read_as_they_are_written() {
        for state in SourceState::iter() {
            assert_eq!(SourceState::from_code(state.code()), Some(state));
        }
        let codes: Vec<&str> = SourceState::iter().map(SourceState::code).collect();
        for code in ["01", "02", "03", "04", "05", "06", "07", "99"] {
            assert!(codes.contains(&code), "{code}");
        }
        for none in ["", "1", "00", "08", "98", "有效"] {
            assert_eq!(SourceState::from_code(none), None, "{none}");
        }
        for (status, code) in [
            (Status::Valid, "01"),
            (Status::Suspended, "02"),
            (Status::Revoked, "03"),
            (Status::Cancelled, "04"),
            (Status::Expired, "05"),
            (Status::MovedOut { to: None }, "06"),
            (Status::Withdrawn, "07"),
            (Status::Draft, "99"),
            (Status::NotYetValid, "99"),
            (Status::Unconfirmed, "99"),
            (Status::EndUnknown, "99"),
            (Status::Other, "99"),
        ] {
            assert_eq!(status.source_state().code(), code, "{status:?}");
        }
    }
}
