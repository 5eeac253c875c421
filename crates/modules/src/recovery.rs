//! The recovery of an account whose keys are lost (账户恢复): one record with all steps, and the pure steps themselves.
//!
//! ```text
//! opened ──notice──▶ told ──approval──▶ cooling (冷静期) ──its time is over──▶ completed
//!    │                │                 │  ▲
//!    │                │        suspension  resumption: the cooling time begins anew
//!    └────────────────┴────────┬────────┘
//!                             ├─▶ objected, stopped, rejected, or ended with the account, its binding, a guardianship or an authority
//!                             └─▶ disputed (争议): a key of an account that was reported lost or stolen has objected
//!                                   ├─dismissed─▶ back where it was; the cooling time begins anew, and no key objects again
//!                                   └─upheld, stopped, rejected, or not decided in time─▶ ended
//! ```
//!
//! The person is told before the second officer approves, on another channel than the one on which he was seen: whoever passes for him at a counter
//! would take the notice there, too. So what the second officer approves is the notice as well, with the papers that show it, and one
//! dishonest officer cannot record a notice that nobody has looked at.
//!
//! The cooling time begins with the approval, and not while the account is suspended: whoever cannot sign cannot object. A frozen account can object,
//! so its cooling time runs. The new key is put in only after a whole cooling time without suspension.
//!
//! Who objects from an account that nobody has reported lost holds the key, and that settles it. From one that was reported lost or stolen it may be
//! the thief, who would object for ever. So a third officer decides, who had no part in it, in a department that had none where there is one. Both
//! sides can appear before him in person for a time that the network sets. The key does not decide then: a thief does not come to a counter, and
//! an objection is dismissed only when whoever wants the new key has come. Nobody objects to the same recovery twice, but an officer can still stop
//! it for the person. Where nobody decides, the account stays as it was.

use crate::identity::Error;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, PublicKey, Text, Time};

/// The version of the record's format.
pub const RECOVERY_VERSION: u16 = 2;
/// Notices of one recovery.
pub const NOTICES_MAX: usize = 8;
/// Appearances in one dispute: one of each side.
pub const APPEARANCES_MAX: usize = 2;

/// How long something of a recovery lasts, in minutes: from 1 to 43,200 (30 days).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PeriodMinutes(u16);

/// The number of minutes is no such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cooling time, or a time to appear, has 1 to {} minutes", PeriodMinutes::MAX)]
pub struct PeriodMinutesError;

impl PeriodMinutes {
    /// The longest: 30 days.
    pub const MAX: u16 = 43_200;
    /// The cooling time that holds until the network sets another one: 72 hours.
    pub const COOLING_DEFAULT: Self = Self(4_320);
    /// The time to appear that holds until the network sets another one: seven days.
    pub const HEARING_DEFAULT: Self = Self(10_080);

    /// So many minutes.
    pub fn new(minutes: u16) -> Result<Self, PeriodMinutesError> {
        if (1..=Self::MAX).contains(&minutes) { Ok(Self(minutes)) } else { Err(PeriodMinutesError) }
    }

    /// The same in milliseconds.
    pub fn as_millis(self) -> u64 {
        u64::from(self.0) * 60_000
    }
}

impl<'de> Deserialize<'de> for PeriodMinutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u16::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for PeriodMinutes {
    fn schema_name() -> Cow<'static, str> {
        "PeriodMinutes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": PeriodMinutes::MAX })
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
    /// That a key of the account, which was frozen as lost or stolen, has objected.
    pub dispute: Option<Dispute>,
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
    /// The guardian of the person whose account it is, in his place (监护人代为申请).
    Guardian {
        /// The guardian's account.
        guardian: AccountId,
        /// The guardian's pseudonym with the document that he has shown.
        pseudonym: Digest,
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

/// That a key of a frozen account has objected, and what became of that (异议).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dispute {
    /// When the key objected: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// Until when both sides have time to appear. It is decided earlier only when both have.
    pub appear_by: Time,
    /// Until when it is decided; the recovery is over then.
    pub decide_by: Time,
    /// Who has appeared.
    pub appearances: List<Appearance, APPEARANCES_MAX>,
    /// How it was decided.
    pub decision: Option<Decision>,
}

/// That one side of a dispute has appeared in person (到场).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appearance {
    /// Which.
    pub side: Side,
    /// The department.
    pub department: UnifiedSocialCreditCode,
    /// The officer who has seen him.
    pub officer: AccountId,
    /// Commits to the papers that show it.
    pub papers: Digest,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// The sides of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// For whom the account is to be recovered (申请人).
    Claimant,
    /// Who has objected with a key of the account (异议人).
    Objector,
}

/// How a third officer has decided a dispute (裁定).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What he has decided.
    pub ruling: Ruling,
    /// Why. No personal data.
    pub reason: Text<200>,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// The department.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// What becomes of an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// It is dismissed: the cooling time begins anew, and no key of the account objects again (驳回异议).
    Dismiss,
    /// It is upheld: the recovery is over, and the freeze, too (异议成立).
    Uphold,
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
    /// A third officer has upheld the objection.
    Upheld,
    /// Nobody has decided on the objection in time.
    Undecided,
    /// The guardian who had it opened was the person's guardian no more when its time was over.
    GuardianshipEnded,
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
            dispute: None,
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

    /// Whether a key has objected and nobody has decided on it yet.
    pub fn is_disputed(&self) -> bool {
        self.closing.is_none() && self.dispute.as_ref().is_some_and(|dispute| dispute.decision.is_none())
    }

    /// Whether an officer had a part in it before a dispute.
    pub fn has_had_part(&self, officer: &AccountId) -> bool {
        let has_told = self.notices.iter().any(|notice| notice.officer == *officer);
        let has_approved = self.approval.as_ref().is_some_and(|approval| approval.officer == *officer);
        self.opening.officer == *officer || has_approved || has_told
    }

    /// The departments that had a part in it before a dispute: one or two.
    pub fn departments(&self) -> Vec<UnifiedSocialCreditCode> {
        let mut departments = vec![self.opening.department];
        departments.extend(self.approval.as_ref().map(|approval| approval.department));
        departments.dedup();
        departments
    }

    /// The guardian who came in the person's place.
    pub fn guardian(&self) -> Option<AccountId> {
        match self.presented {
            Presented::Guardian { guardian, .. } => Some(guardian),
            Presented::Person { .. } | Presented::Company { .. } => None,
        }
    }

    fn expect_undisputed(&self) -> Result<(), Error> {
        if self.is_disputed() { Err(Error::RecoveryDisputed) } else { Ok(()) }
    }

    /// Adds that the person was told.
    pub fn notice(&mut self, notice: Notice) -> Result<(), Error> {
        self.expect_open()?;
        self.expect_undisputed()?; // I18
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
        let decider =
            self.dispute.as_ref().and_then(|dispute| dispute.decision.as_ref()).map(|decision| decision.officer);
        if self.opening.officer == approval.officer || decider == Some(approval.officer) {
            return Err(Error::SameOfficer); // I9, I18
        }
        self.expect_undisputed()?; // I18
        if self.notices.is_empty() {
            return Err(Error::NotTold); // I10
        }
        self.approval = Some(approval);
        Ok(())
    }

    /// Lets the cooling time begin where nothing is missing for it; its end, where it has just begun.
    pub fn begin_cooling(&mut self, is_suspended: bool, now: Time, cooling: PeriodMinutes) -> Option<Time> {
        let is_ready = self.approval.is_some() && !self.notices.is_empty() && self.closing.is_none();
        let is_ready = is_ready && !self.is_disputed(); // I18
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

    /// Adds the objection of a frozen account. What has run of the cooling time is for nothing.
    pub fn dispute(&mut self, hearing: PeriodMinutes, at: Time, receipt: u64) -> Result<&Dispute, Error> {
        self.expect_objectionable(at)?;
        self.halt_cooling();
        let appear_by = at.plus_millis(hearing.as_millis());
        let decide_by = appear_by.plus_millis(hearing.as_millis());
        let (appearances, decision) = (List::default(), None);
        Ok(self.dispute.insert(Dispute { at, receipt, appear_by, decide_by, appearances, decision }))
    }

    /// Refuses an objection that comes too late or a second time.
    pub fn expect_objectionable(&self, at: Time) -> Result<(), Error> {
        self.expect_open()?;
        if self.dispute.is_some() {
            return Err(Error::ObjectedBefore); // I18
        }
        if self.is_over(at) { Err(Error::CoolingOver) } else { Ok(()) }
    }

    /// The dispute on which nobody has decided yet.
    fn open_dispute(&mut self, at: Time) -> Result<&mut Dispute, Error> {
        self.expect_open()?;
        let dispute = self.dispute.as_mut().filter(|dispute| dispute.decision.is_none()).ok_or(Error::NotDisputed)?;
        if dispute.decide_by <= at { Err(Error::DisputeOver) } else { Ok(dispute) }
    }

    /// Adds that one side has appeared.
    pub fn hear(&mut self, appearance: Appearance) -> Result<(), Error> {
        let dispute = self.open_dispute(appearance.at)?;
        if dispute.appearances.iter().any(|earlier| earlier.side == appearance.side) {
            return Err(Error::AppearedBefore);
        }
        dispute.appearances.push(appearance).map_err(|_| Error::AppearedBefore)
    }

    /// Adds the third officer's decision.
    pub fn decide(&mut self, decision: Decision) -> Result<(), Error> {
        let dispute = self.open_dispute(decision.at)?;
        let has_appeared = |side| dispute.appearances.iter().any(|appearance| appearance.side == side);
        let have_both = has_appeared(Side::Claimant) && has_appeared(Side::Objector);
        if !have_both && decision.at < dispute.appear_by {
            return Err(Error::HearingNotOver); // I18
        }
        if decision.ruling == Ruling::Dismiss && !has_appeared(Side::Claimant) {
            return Err(Error::NotAppeared); // I18
        }
        dispute.decision = Some(decision);
        Ok(())
    }

    /// Ends it. When the cooling time is over, people cannot stop it any more.
    pub fn close(&mut self, closing: Closing) -> Result<(), Error> {
        self.expect_open()?;
        let is_by_people = match closing.kind {
            ClosingKind::Objected | ClosingKind::Stopped | ClosingKind::Rejected | ClosingKind::Upheld => true,
            ClosingKind::Completed
            | ClosingKind::AccountEnded
            | ClosingKind::AuthorityWithdrawn
            | ClosingKind::BindingCorrected
            | ClosingKind::Undecided
            | ClosingKind::GuardianshipEnded => false,
        };
        if is_by_people && self.is_over(closing.at) {
            return Err(Error::CoolingOver);
        }
        self.closing = Some(closing);
        Ok(())
    }
}
