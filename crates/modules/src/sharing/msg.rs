//! Everything that crosses the boundary of the module.

use super::state::{Access, Consent, Correction, Terms};
use crate::catalogue::{ItemCode, LegalBasis};
use crate::held::FieldName;
use crate::prefill::Plan;
use crate::working_days::Deadline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, Digest, List, Text, Time};

/// Licence types of one consent.
pub const SOURCES_MAX: usize = 8;
/// Fields of one licence type in one consent or access; who needs more needs the whole licence.
pub const FIELDS_MAX: usize = 16;

/// What a consent covers, one entry for each licence type.
pub type SourceList = List<Source, SOURCES_MAX>;

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Consent that a department reads fields of one's licences, for one purpose of one service item.
    GiveConsent {
        /// A number that the giver chooses; random.
        id: ConsentId,
        /// Whose data they are, and for whom and what.
        reading: Reading,
        /// The licence types and fields, each type once; no more than the item needs.
        sources: SourceList,
        /// Once for each licence type, or as often as needed.
        uses: Uses,
        /// Until when, at most 366 days ahead; it ends there also where it was never used.
        until: Time,
    },
    /// Withdraw a consent. It covers nothing from the next call on; what was read before stays recorded.
    WithdrawConsent {
        /// The consent.
        id: ConsentId,
    },
    /// Record that fields of a licence are about to be handed out. Nothing is handed out before this is final.
    RecordAccess {
        /// A number that the provider chooses; random.
        id: AccessId,
        /// What is handed out by whom, to whom, what for and on which ground.
        handout: Handout,
    },
    /// Say that a field of a licence is wrong at its source, without saying what it should be.
    OpenCorrection {
        /// A number that the person chooses; random.
        id: CorrectionId,
        /// What is wrong, and how.
        request: CorrectionRequest,
    },
    /// Answer a correction request as the department that keeps the licence.
    AnswerCorrection {
        /// The request.
        id: CorrectionId,
        /// Corrected, or kept.
        answer: Answer,
    },
    /// Set the time that departments have for answering correction requests, for those opened from now on.
    ChangeTerms {
        /// Working days, 1 to 30.
        correction_working_days: u16,
    },
}

/// Fields of one licence type that a consent covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The type of the licence.
    pub licence_type: LicenceTypeCode,
    /// Which of its fields.
    pub fields: Fields,
}

/// Which fields of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fields {
    /// These, 1 to 16, each once.
    Named(List<FieldName, FIELDS_MAX>),
    /// The whole licence (整证): every field.
    Whole,
}

/// What data are used for (使用目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To fill in and handle an application (申办).
    Application,
    /// To check afterwards whether what was promised is kept (事中事后监管).
    Supervision,
    /// To find out whether a benefit is due without an application (免申即享).
    ProactiveService,
}

/// How often a consent may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Uses {
    /// Once for each licence type (一次性).
    Once,
    /// As often as needed until its end (期限内多次).
    Repeatedly,
}

/// Whose data are read, for whom and what for: all that a consent is bound to, but for the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Whose data they are.
    pub person: AccountId,
    /// The department that reads; for a consent one that takes part in the item.
    pub receiver: UnifiedSocialCreditCode,
    /// What for.
    pub purpose: Purpose,
    /// The service item.
    pub item: ItemCode,
}

/// One handing out of fields of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handout {
    /// Whose data they are, and for whom and what.
    pub reading: Reading,
    /// The department that hands out: the one that keeps the licence.
    pub provider: UnifiedSocialCreditCode,
    /// The licence.
    pub licence: LicenceIdentifier,
    /// Which fields of it.
    pub fields: Fields,
    /// Who is shown them: an officer of the receiver, its system, or the person himself.
    pub reader: AccountId,
    /// The case. Before it is filed there is none, and afterwards none is needed for supervision.
    pub case: Option<CaseNumber>,
    /// On which ground.
    pub ground: Ground,
}

/// What a person finds wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    /// Who holds the licence: oneself, or the person one may act for.
    pub holder: AccountId,
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The field.
    pub field: FieldName,
    /// What is wrong with it.
    pub reason: CorrectionReason,
    /// A salted commitment to what the person says is right, which goes to the department off the ledger.
    pub statement: Option<Digest>,
    /// The case in which it was noticed.
    pub case: Option<CaseNumber>,
}

/// On which ground data are handed out (处理依据).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ground {
    /// The person consented.
    Consent {
        /// The consent, which covers all that is handed out.
        consent: ConsentId,
    },
    /// A law asks for no consent.
    Law {
        /// Which ground of the personal information law.
        ground: LegalGround,
        /// The law and its article that give the department this power.
        basis: LegalBasis,
    },
}

/// Grounds that need no consent (个人信息保护法 第十三条).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegalGround {
    /// To fulfil statutory duties (履行法定职责或者法定义务), item 3.
    StatutoryDuty,
    /// An emergency to public health, life, health or property (突发公共卫生事件、紧急情况), item 4.
    Emergency,
    /// What the person or a law has made public (已经合法公开的信息), item 6.
    LawfullyPublic,
    /// Another case that a law or regulation names (法律、行政法规规定的其他情形), item 7.
    OtherLaw,
}

/// What is wrong with a field (更正原因).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionReason {
    /// It was taken down wrongly (登记错误).
    Mistaken,
    /// It was right once (情况已变更).
    Outdated,
    /// Something is missing (内容缺失).
    Incomplete,
    /// It is about somebody else (非本人信息).
    NotMine,
    /// Another reason (其他).
    Other,
}

/// How a correction request is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The licence was issued anew with the right value.
    Corrected {
        /// Its new version.
        licence: LicenceIdentifier,
    },
    /// The value stays.
    Kept {
        /// Why, in the department's words; no personal data.
        reason: Text<500>,
    },
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// One consent.
    Consent {
        /// Its number.
        id: ConsentId,
    },
    /// One access.
    Access {
        /// Its number.
        id: AccessId,
    },
    /// One correction request.
    Correction {
        /// Its number.
        id: CorrectionId,
    },
    /// Which consent covers a reading.
    Covers {
        /// Whose data, for whom and what for.
        reading: Reading,
        /// The type of the licence.
        licence_type: LicenceTypeCode,
        /// Which of its fields.
        fields: Fields,
        /// When.
        at: Time,
    },
    /// The open correction request about a field.
    OpenCorrection {
        /// The licence.
        licence: LicenceIdentifier,
        /// The field.
        field: FieldName,
    },
    /// The time that departments have.
    Terms {},
    /// What departments hold of what an item asks for, and what would have to be recorded before it is shown (预填方案).
    Prefill {
        /// Who applies, with which department, for which item.
        reading: Reading,
        /// When; now.
        at: Time,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One consent.
    Consent {
        /// The consent, where the number is known.
        consent: Option<Box<Consent>>,
    },
    /// One access.
    Access {
        /// The access, where the number is known.
        access: Option<Box<Access>>,
    },
    /// One correction request.
    Correction {
        /// The request, where the number is known.
        correction: Option<Box<Correction>>,
        /// When an answer is due, by the calendars as they are now.
        deadline: Option<Deadline>,
    },
    /// Which consent covers a reading.
    Covers {
        /// The consent, where there is one.
        consent: Option<ConsentId>,
    },
    /// The open correction request about a field.
    OpenCorrection {
        /// The request, where there is one.
        correction: Option<CorrectionId>,
    },
    /// The time that departments have.
    Terms {
        /// As they count now.
        terms: Terms,
    },
    /// What departments hold of what an item asks for.
    Prefill {
        /// The plan; none where the item is not in force.
        plan: Option<Box<Plan>>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody consented.
    ConsentGiven {
        /// The consent.
        id: ConsentId,
        /// Whose data they are, and for whom and what.
        reading: Reading,
        /// What is covered.
        sources: SourceList,
        /// Once or repeatedly.
        uses: Uses,
        /// Until when.
        until: Time,
        /// Who gave it.
        by: AccountId,
    },
    /// A consent was withdrawn.
    ConsentWithdrawn {
        /// The consent.
        id: ConsentId,
        /// Whose data they are, and who may not read them any more.
        reading: Reading,
        /// Who withdrew it.
        by: AccountId,
    },
    /// Fields of a licence are handed out.
    AccessRecorded {
        /// The access.
        id: AccessId,
        /// All about it.
        handout: Handout,
    },
    /// Somebody said that a field is wrong.
    CorrectionOpened {
        /// The request.
        id: CorrectionId,
        /// What is wrong, and how.
        request: CorrectionRequest,
        /// The department that has to answer.
        department: UnifiedSocialCreditCode,
        /// Until when an answer is due.
        deadline: Deadline,
    },
    /// A correction request was answered.
    CorrectionAnswered {
        /// The request.
        id: CorrectionId,
        /// Who holds the licence.
        holder: AccountId,
        /// The answer.
        answer: Answer,
        /// Whether it came after its deadline.
        is_late: bool,
    },
    /// A correction request was not answered in time.
    CorrectionOverdue {
        /// The request.
        id: CorrectionId,
        /// Who holds the licence.
        holder: AccountId,
        /// The department that has to answer.
        department: UnifiedSocialCreditCode,
        /// Until when an answer was due.
        deadline: Deadline,
    },
    /// The time that departments have was changed.
    TermsChanged {
        /// As they count from now on.
        terms: Terms,
    },
}

impl Fields {
    /// Whether all of `wanted` is among these.
    pub fn include(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Whole, _) => true,
            (Self::Named(_), Self::Whole) => false,
            (Self::Named(own), Self::Named(wanted)) => wanted.iter().all(|name| own.contains(name)),
        }
    }
}
