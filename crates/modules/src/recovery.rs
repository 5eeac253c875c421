//! The recovery of an account whose keys are lost (账户恢复): one record with all steps, and the pure steps themselves.
//!
//! ```text
//! opened ──notice──▶ told ──approval──▶ cooling (冷静期) ──its time is over──▶ completed
//!    │                │                 │  ▲
//!    │                │        suspension  resumption: the cooling time begins anew
//!    └────────────────┴────────┬────────┘
//!                              └─▶ objected, stopped, rejected, or ended with the account, its binding or a department's authority
//! ```
//!
//! The person is told before the second officer approves, on another channel than the one on which he was seen: whoever passes for him at a counter
//! would take the notice there, too. So what the second officer approves is the notice as well, with the papers that show it, and one
//! dishonest officer cannot record a notice that nobody has looked at.
//!
//! The cooling time begins with the approval, and not while the account is suspended: whoever cannot sign cannot object. A frozen account can object,
//! so its cooling time runs. The new key is put in only after a whole cooling time without suspension.

use crate::identity::Error;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, PublicKey, Text, Time};

/// The version of the record's format.
pub const RECOVERY_VERSION: u16 = 1;
/// Notices of one recovery.
pub const NOTICES_MAX: usize = 8;

/// How long a person can stop a recovery, in minutes: from 1 to 43,200 (30 days).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CoolingMinutes(u16);

/// The number of minutes is no cooling time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cooling time has 1 to {} minutes", CoolingMinutes::MAX)]
pub struct CoolingMinutesError;

impl CoolingMinutes {
    /// The longest: 30 days.
    pub const MAX: u16 = 43_200;
    /// What holds until the network sets another one: 72 hours.
    pub const DEFAULT: Self = Self(4_320);

    /// So many minutes.
    pub fn new(minutes: u16) -> Result<Self, CoolingMinutesError> {
        if (1..=Self::MAX).contains(&minutes) { Ok(Self(minutes)) } else { Err(CoolingMinutesError) }
    }

    /// The same in milliseconds.
    pub fn as_millis(self) -> u64 {
        u64::from(self.0) * 60_000
    }
}

impl<'de> Deserialize<'de> for CoolingMinutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for CoolingMinutes {
    fn schema_name() -> Cow<'static, str> {
        "CoolingMinutes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": CoolingMinutes::MAX })
    }
}

/// One recovery, from its opening to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// The version of this format.
    pub version: u16,
    /// The account.
    pub account: AccountId,
    /// Who came; whom the account was bound to.
    pub presented: Presented,
    /// The key that is to take the place of all others.
    pub key: PublicKey,
    /// Who opened it, and how he made sure of the person.
    pub opening: RecoveryOpening,
    /// How and when the person was told.
    pub notices: List<Notice, NOTICES_MAX>,
    /// Who approved it.
    pub approval: Option<Approval>,
    /// When the cooling time is over; none while it does not run.
    pub completes_at: Option<Time>,
    /// How it ended.
    pub closing: Option<Closing>,
}

/// Who came to have an account recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Presented {
    /// A person with a document.
    Person {
        /// The pseudonym with this document.
        pseudonym: Digest,
    },
    /// An organisation.
    Company {
        /// Its code.
        code: UnifiedSocialCreditCode,
    },
}

/// That a recovery was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryOpening {
    /// The department.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// How he made sure of the person again.
    pub verification: Reverification,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How an officer made sure of a person again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reverification {
    /// At the counter, by the document and the person's face (窗口核验).
    AtTheCounter,
    /// By a comparison of the face over the network (人脸核验).
    Face,
    /// By a bank card in the person's name (银行卡核验).
    BankCard,
    /// By video with an officer (视频核验).
    Video,
    /// At the person's home (上门核验).
    AtHome,
    /// For a company: by its legal representative with the licence (法定代表人持照核验).
    LegalRepresentative,
}

/// That the person was told of the recovery, on another channel than the one on which he was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// The channel.
    pub channel: Channel,
    /// Who told, or had it told.
    pub officer: AccountId,
    /// Commits to the papers that show it.
    pub papers: Digest,
    /// When it was recorded: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// On what channel a person was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A short message to the number on record (短信).
    ShortMessage,
    /// A call to the number on record (电话).
    Telephone,
    /// A letter to the address on record (邮寄).
    Letter,
    /// By hand (当面送达).
    InPerson,
    /// An electronic message to the address on record (电子邮件).
    ElectronicMail,
    /// Public notice, where nothing else reaches the person (公告).
    PublicNotice,
}

/// That a second officer approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The department.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How a recovery ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closing {
    /// How.
    pub kind: ClosingKind,
    /// Who ended it; the ledger where its time was over.
    pub by: AccountId,
    /// Why, where an officer ended it. No personal data.
    pub reason: Option<Text<200>>,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How a recovery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosingKind {
    /// The new key is in, all old ones are revoked.
    Completed,
    /// The person objected with a valid key.
    Objected,
    /// An officer stopped it, for the person or because it was wrong.
    Stopped,
    /// The second officer rejected it.
    Rejected,
    /// The account ended.
    AccountEnded,
    /// A department that had a part in it was no identity authority any more when its time was over.
    AuthorityWithdrawn,
    /// The account was bound to somebody else than whom the recovery was opened for.
    BindingCorrected,
}

impl Reverification {
    /// Whether it uses the same way to the person as a channel: whoever has passed for him there would take the notice, too.
    pub const fn uses(self, channel: Channel) -> bool {
        match self {
            Self::AtTheCounter | Self::AtHome | Self::LegalRepresentative => matches!(channel, Channel::InPerson),
            Self::Video => matches!(channel, Channel::Telephone),
            Self::Face | Self::BankCard => false,
        }
    }
}

impl Recovery {
    /// A recovery that has just been opened.
    pub fn open(account: AccountId, presented: Presented, key: PublicKey, opening: RecoveryOpening) -> Self {
        Self {
            version: RECOVERY_VERSION,
            account,
            presented,
            key,
            opening,
            notices: List::default(),
            approval: None,
            completes_at: None,
            closing: None,
        }
    }

    /// Refuses where it has ended.
    pub fn expect_open(&self) -> Result<(), Error> {
        if self.closing.is_some() { Err(Error::RecoveryClosed) } else { Ok(()) }
    }

    /// Whether its cooling time is over at a time, whether or not the ledger has come to act upon it.
    pub fn is_over(&self, at: Time) -> bool {
        self.completes_at.is_some_and(|completes_at| completes_at <= at)
    }

    /// Adds that the person was told.
    pub fn notice(&mut self, notice: Notice) -> Result<(), Error> {
        self.expect_open()?;
        if self.opening.verification.uses(notice.channel) {
            return Err(Error::SameChannel); // I10
        }
        self.notices.push(notice).map_err(|_| Error::TooManyNotices)
    }

    /// Adds the second officer's approval.
    pub fn approve(&mut self, approval: Approval) -> Result<(), Error> {
        self.expect_open()?;
        if self.approval.is_some() {
            return Err(Error::RecoveryApproved);
        }
        if self.opening.officer == approval.officer {
            return Err(Error::SameOfficer);
        }
        if self.notices.is_empty() {
            return Err(Error::NotTold); // I10
        }
        self.approval = Some(approval);
        Ok(())
    }

    /// Lets the cooling time begin where nothing is missing for it; its end, where it has just begun.
    pub fn begin_cooling(&mut self, is_suspended: bool, now: Time, cooling: CoolingMinutes) -> Option<Time> {
        let is_ready = self.approval.is_some() && !self.notices.is_empty() && self.closing.is_none();
        if !is_ready || is_suspended || self.completes_at.is_some() {
            return None;
        }
        self.completes_at = Some(now.plus_millis(cooling.as_millis()));
        self.completes_at
    }

    /// Lets the cooling time that has run be for nothing.
    pub fn halt_cooling(&mut self) {
        self.completes_at = None;
    }

    /// Ends it. When the cooling time is over, people cannot stop it any more.
    pub fn close(&mut self, closing: Closing) -> Result<(), Error> {
        self.expect_open()?;
        let is_by_people = match closing.kind {
            ClosingKind::Objected | ClosingKind::Stopped | ClosingKind::Rejected => true,
            ClosingKind::Completed
            | ClosingKind::AccountEnded
            | ClosingKind::AuthorityWithdrawn
            | ClosingKind::BindingCorrected => false,
        };
        if is_by_people && self.is_over(closing.at) {
            return Err(Error::CoolingOver);
        }
        self.closing = Some(closing);
        Ok(())
    }
}
