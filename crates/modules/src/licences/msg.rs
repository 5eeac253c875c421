//! Everything that crosses the boundary of the module.

use super::state::{IssuerStanding, Licence, TypeEntry, TypeVersion};
use crate::identity::{Capacity, EndingKind};
use crate::licence_copies::{AnnotatedCopy, CopyRight};
use crate::licence_history::{Destination, Ground, Period, SourceState, Status};
use crate::licence_metadata::{DirectoryEntry, Metadata};
use crate::licence_surrenders::Surrender;
use crate::licence_types::TypeDefinition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{AccountId, Digest, List, Text, Time};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Publish a type of licence, or its next version (证照类型发布). A published version never changes.
    RegisterType {
        /// The type's code: the credit code of the authority that defines it, and three digits.
        code: LicenceTypeCode,
        /// The number of the version: one more than the last, 1 for the first.
        version: u32,
        /// When it comes into force; at once where this is absent.
        effective_from: Option<Time>,
        /// The whole type.
        definition: TypeDefinition,
    },
    /// Retire a type (证照类型停用): no licence of it is issued from a time on. Those that were issued stay what they are.
    RetireType {
        /// The type's code.
        code: LicenceTypeCode,
        /// The first moment without it.
        from: Time,
        /// Why, for the public. No personal data.
        reason: Text<200>,
    },
    /// Issue a licence (颁发) that a case grants, or whose type is issued without one. Its face stays off the ledger.
    Issue {
        /// Its identifier, with the version 001. The issuer in it is the department that issues.
        identifier: LicenceIdentifier,
        /// The case in which it was granted; none where its type is issued without one.
        case: Option<CaseNumber>,
        /// The holder's account.
        holder: AccountId,
        /// What it says.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
    },
    /// Issue a new version in the place of one (变更): from its beginning on the old one verifies as replaced.
    Supersede {
        /// The version to replace. The new one has the next version number.
        identifier: LicenceIdentifier,
        /// Why.
        cause: SupersessionCause,
        /// The case in which that was granted. A correction and a replacement need none, nor does a type that is issued without.
        case: Option<CaseNumber>,
        /// What the new version says.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
    },
    /// Suspend a licence (暂扣).
    Suspend {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The first moment at which it is valid again; until it is resumed where this is absent.
        until: Option<Time>,
        /// On what ground.
        ground: Ground,
    },
    /// Resume a suspended licence (恢复).
    Resume {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
    /// Cancel a licence (注销), as when it has expired, its holder has died or was dissolved, or gives it back.
    Cancel {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
    /// Revoke the grant of a licence (撤销) that should not have been granted.
    Revoke {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that decides: the one that keeps the licence, or one above it.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// Withdraw a licence as a penalty (吊销).
    Withdraw {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that decides: the one that keeps the licence, or one above it.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// Take over a licence of an older system (历史导入). What is odd about it is flagged, never refused. What is not taken over by its issuer, by a
    /// department above that or by the one that has taken its place, stands unconfirmed and is held by nobody until it is confirmed.
    ImportLicence {
        /// Its identifier.
        identifier: LicenceIdentifier,
        /// The department that takes it over.
        by: UnifiedSocialCreditCode,
        /// Who holds it: by an account only if it is known whose that is.
        holder: Holder,
        /// What it says.
        content: Content,
        /// Where it comes from.
        source: LicenceSource,
    },
    /// Say whose account is that of the holder of an imported licence, once he is known (认领). Another officer has to confirm it.
    ClaimHolder {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder's account, of which it is known whose it is.
        holder: AccountId,
        /// On what ground: how it was made sure that he is the holder.
        ground: Ground,
    },
    /// Confirm whose an imported licence is, and give it to his account (认领确认). Who said so does not confirm it.
    ConfirmHolder {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder's account, as it was said.
        holder: AccountId,
    },
    /// Confirm a licence that another department than its issuer has taken over (历史证照确认). Who took it over does not confirm it.
    ConfirmImported {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that confirms: the one that keeps the licence, which is its issuer where that is a department here, or one above it.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// Prepare a licence (制证) that a case grants, or whose type is issued without one. It is in preparation, and nobody's, before another officer
    /// has issued it.
    Prepare {
        /// Its identifier, with the version 001. The issuer in it is the department that issues.
        identifier: LicenceIdentifier,
        /// The case in which it was granted; none where its type is issued without one.
        case: Option<CaseNumber>,
        /// The holder's account.
        holder: AccountId,
        /// What it says.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
    },
    /// Issue a licence that is in preparation (签发). Who has prepared it does not issue it.
    IssuePrepared {
        /// The licence.
        identifier: LicenceIdentifier,
    },
    /// Hand a licence over to an authority of another network (迁出). Here it is valid no more.
    MoveOut {
        /// The licence.
        identifier: LicenceIdentifier,
        /// Where to.
        to: Destination,
        /// On what ground.
        ground: Ground,
    },
    /// Make an annotated copy of a licence (加注件) for one purpose, which stays off the ledger: by its holder, by who stands for him or may show his
    /// licences, or by the office that keeps it.
    MakeCopy {
        /// The licence, which is valid.
        identifier: LicenceIdentifier,
        /// A salted commitment to what is noted on the copy: its purpose and who made it out.
        commitment: Digest,
        /// The first moment at which the copy counts no more, at most 366 days from now.
        until: Time,
    },
    /// Take an annotated copy back before its end (撤回加注件): any copy by the holder, or by who may show his licences; what the office that keeps the
    /// licence has made, by that office.
    TakeBackCopy {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The commitment on the copy.
        commitment: Digest,
    },
    /// Ask that a licence be cancelled, to give it back (注销申请): by its holder, by who may do everything for him, or by who administers his estate. It
    /// stays what it is until the office that keeps it has cancelled it.
    RequestCancellation {
        /// The licence.
        identifier: LicenceIdentifier,
    },
    /// Take back a request to cancel a licence (撤回注销申请).
    TakeBackRequest {
        /// The licence.
        identifier: LicenceIdentifier,
    },
    /// Refuse to cancel a licence that was given back (不予注销).
    RefuseCancellation {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
}

/// What a licence says, so far as the ledger knows it. No text of its face stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// A salted commitment to the number that people read on it (证照号码); none where it has none.
    pub certificate_number: Option<Digest>,
    /// The root over its face.
    pub face: FaceRoot,
    /// From when until when it is valid.
    pub period: Period,
    /// What a directory lists of it besides.
    #[serde(default)]
    pub metadata: Metadata,
}

/// Who holds a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Holder {
    /// An account of this network.
    Account {
        /// The account.
        account: AccountId,
    },
    /// Somebody without an account: a keyed commitment to his number, made with a secret that the importing department has.
    Commitment {
        /// The commitment.
        commitment: Digest,
    },
}

/// Why a new version takes the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupersessionCause {
    /// Something on it was wrong (更正).
    Correction,
    /// Something has changed (变更).
    Change,
    /// Its validity is extended (延续); alone possible after it has expired.
    Renewal,
    /// It is made out anew (换发、补发).
    Replacement,
}

/// Where an imported licence comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceSource {
    /// The system it comes from (来源系统); never a person's name.
    pub system: Text<100>,
    /// A salted commitment to the file it was read from; a bare hash of a short file could be guessed.
    pub file: Digest,
    /// The row of that file, counted as the file's lines are.
    pub row: u64,
    /// When the source said so.
    pub as_of: Time,
    /// How far the row can be trusted, 0 to 100 (置信度).
    pub confidence: u8,
    /// What it is there.
    pub state: SourceState,
    /// Since when it is that, where the source says.
    pub state_since: Option<Time>,
    /// What is odd about the row, each once; the ledger adds what it sees itself.
    pub anomalies: List<Anomaly, ANOMALIES_MAX>,
    /// Whether the source does not say until when it is valid (有效期不明), which is not the same as without an end (长期). Then it has no end here.
    #[serde(default)]
    pub is_end_unknown: bool,
}

/// Anomalies of one licence: no more kinds than this.
pub const ANOMALIES_MAX: usize = 24;

/// What is odd about an imported licence. The first ones only the row shows, those from [`Anomaly::TypeUnknown`] the ledger sees.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, IntoStaticStr, EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Anomaly {
    /// The holder's code is missing.
    HolderCodeMissing,
    /// The holder's code is no code of its kind.
    HolderCodeForm,
    /// The check character of the holder's code does not fit.
    HolderCodeCheck,
    /// A field that its type wants is blank.
    FieldMissing,
    /// A field had control characters, line ends or blanks at its ends, which are gone.
    TextTidied,
    /// A field was too long and is cut.
    TextCut,
    /// A date cannot be read.
    DateForm,
    /// A number, or an amount of money, cannot be read.
    NumberForm,
    /// An earlier row has the same holder and type.
    SameHolder,
    /// The type is not known here, or was not in force.
    TypeUnknown,
    /// The face has another number of fields than its type.
    FaceFields,
    /// The identifier names a division in place of an issuing department.
    IssuerDivision,
    /// The issuer is no department of this network, or a closed one.
    IssuerUnknown,
    /// The issuer may not issue this type.
    IssuerNotAuthorised,
    /// Another department than the issuer has taken it over.
    ImporterOther,
    /// Another version with the same serial is known.
    SerialKnown,
    /// The certificate has no number.
    NumberMissing,
    /// Nobody knows since when it is valid.
    BeginningMissing,
    /// Its validity ends before it begins, or is longer than its type allows.
    ValidityRule,
    /// It becomes valid after it was taken over.
    BeginsLater,
    /// Nobody knows until when it is valid.
    EndMissing,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// Verify a licence (核验): what it is at a time, whether its issuer was entitled, what has replaced it, and which receipts prove that.
    Verify {
        /// The identifier.
        identifier: LicenceIdentifier,
        /// The time that is asked about. The answer for one that is still to come says that it is a forecast.
        at: Time,
    },
    /// A licence with its whole history.
    Licence {
        /// The identifier.
        identifier: LicenceIdentifier,
    },
    /// A type of licence.
    LicenceType {
        /// Its code.
        code: LicenceTypeCode,
    },
    /// One version of a type.
    TypeVersion {
        /// The type's code.
        code: LicenceTypeCode,
        /// The version; the last one where this is absent.
        version: Option<u32>,
    },
    /// The licences of one type that an account holds.
    Held {
        /// The account.
        holder: AccountId,
        /// The type.
        licence_type: LicenceTypeCode,
        /// The time that is asked about.
        at: Time,
    },
    /// Which of these identifiers are known.
    Which {
        /// Up to 100 identifiers.
        identifiers: List<LicenceIdentifier, 100>,
    },
    /// What the ledger has of these licences, for whoever takes them over and compares.
    TakenOver {
        /// Up to 100 identifiers.
        identifiers: List<LicenceIdentifier, 100>,
    },
    /// Verify an annotated copy (加注件核验): until when it counts, who made it, and what its licence is at a time.
    VerifyCopy {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The commitment on the copy.
        commitment: Digest,
        /// The time that is asked about.
        at: Time,
    },
    /// The last request to cancel a licence (注销申请), and whether it was open at a time.
    CancellationRequest {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The time that is asked about.
        at: Time,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// What verifying has shown.
    Verified {
        /// The answer; none where no licence has this identifier.
        verification: Option<Box<Verification>>,
    },
    /// A licence.
    Licence {
        /// The licence, where there is one.
        licence: Option<Box<Licence>>,
    },
    /// A type of licence.
    LicenceType {
        /// The type, where the code is known.
        entry: Option<Box<TypeEntry>>,
    },
    /// One version of a type.
    TypeVersion {
        /// The version, where there is one.
        version: Option<Box<TypeVersion>>,
    },
    /// The licences that are held.
    Held {
        /// Each with what it is at that time, oldest first.
        licences: List<HeldLicence, 64>,
    },
    /// Which identifiers are known.
    Which {
        /// Those of the question that are, in its order.
        known: List<LicenceIdentifier, 100>,
    },
    /// What the ledger has.
    TakenOver {
        /// Those licences of the question that are known, in its order.
        licences: List<TakenOver, 100>,
    },
    /// What verifying a copy has shown.
    CopyVerified {
        /// The answer; none where there is no such copy, or one that has made room for others.
        copy: Option<Box<CopyVerification>>,
    },
    /// A request to cancel a licence.
    CancellationRequest {
        /// The last one; none where nobody has asked.
        request: Option<Surrender>,
        /// Whether it was open at that time: neither carried out, nor taken back or refused.
        is_open: bool,
    },
}

/// What verifying an annotated copy has shown. It counts where it counts itself and its licence is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CopyVerification {
    /// The copy.
    pub copy: AnnotatedCopy,
    /// Whether it counts at that time: it was made by then and not taken back, its end has not come, and its licence is valid on a grant that stands.
    pub counts: bool,
    /// What its licence is then.
    pub licence: Verification,
}

/// What the ledger has of a licence, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakenOver {
    /// Its identifier.
    pub identifier: LicenceIdentifier,
    /// Who holds it now.
    pub holder: Holder,
    /// What it says.
    pub content: Content,
    /// What its source said when it was taken over; none where it was issued here.
    pub source: Option<LicenceSource>,
}

/// A licence that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldLicence {
    /// Its identifier.
    pub identifier: LicenceIdentifier,
    /// What it is at the time.
    pub status: Status,
    /// What ministries call that: 01 valid, 02 suspended, 03 revoked, 04 cancelled, 05 expired, 06 moved out, 07 withdrawn, 99 other.
    pub state_code: Text<2>,
    /// That what it rests on was revoked by then: it does not count as held, whatever it is.
    pub grant_revoked: Option<CaseRemark>,
}

/// What verifying a licence has shown (核验结果). That the answer is the ledger's is proven by the receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// The licence.
    pub identifier: LicenceIdentifier,
    /// The time that was asked about.
    pub at: Time,
    /// What it was then.
    pub status: Status,
    /// Whether that is the word of an older system alone, because the time lies before the licence was taken over.
    pub is_sources_word: bool,
    /// The name of its type, where the type is known.
    pub type_name: Option<Text<100>>,
    /// The version of its type under which it was issued.
    pub type_version: Option<u32>,
    /// The department that keeps it now.
    pub keeper: UnifiedSocialCreditCode,
    /// Whether its issuer was a department in office and entitled to its type when it was issued or taken over.
    pub issuer: IssuerStanding,
    /// From when until when it is valid.
    pub period: Period,
    /// What its face must lead to.
    pub face: FaceRoot,
    /// The version that it has replaced.
    pub replaces: Option<LicenceIdentifier>,
    /// The version that has replaced it by that time.
    pub replaced_by: Option<LicenceIdentifier>,
    /// What is odd about it, where it was taken over.
    pub anomalies: List<Anomaly, ANOMALIES_MAX>,
    /// How far it can be trusted, 0 to 100, where it was taken over.
    pub confidence: Option<u8>,
    /// The receipts that prove this.
    pub receipts: Receipts,
    /// Whether a suspension is open, whatever else it was then: an expired licence is not renewed before that is lifted.
    pub is_suspended: bool,
    /// That what it rests on was revoked by then, and the licence itself has still to be.
    pub grant_revoked: Option<CaseRemark>,
    /// That by then the law had renewed it, and the certificate is still to be made (视为准予延续，待制证).
    pub deemed_renewed: Option<CaseRemark>,
    /// Whether the time lies after the block at which this was answered: so it will be if nothing happens until then (预测).
    pub is_forecast: bool,
    /// That its holder had died, was dissolved or merged by then, and what is to become of the licence has still to be decided.
    pub holder_ended: Option<HolderRemark>,
    /// What ministries call what it was: 01 to 07, or 99 for what they have no code for.
    pub state_code: Text<2>,
    /// What a directory lists of it.
    pub directory: DirectoryEntry,
}

/// What became of the holder of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderRemark {
    /// How his account has ended.
    pub how: EndingKind,
    /// Since when.
    pub since: Time,
    /// The account that acts for him now, behind however many mergers.
    pub successor: Option<AccountId>,
}

/// What a case says about a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseRemark {
    /// The case.
    pub case: CaseNumber,
    /// Since when.
    pub since: Time,
}

impl View {
    /// The answer as one reads it at a time, that of the block at which it is true: what lies behind that is a forecast.
    pub fn seen_at(mut self, now: Time) -> Self {
        let verification = match &mut self {
            Self::Verified { verification: Some(verification) } => Some(&mut **verification),
            Self::CopyVerified { copy: Some(copy) } => Some(&mut copy.licence),
            _ => None,
        };
        if let Some(verification) = verification {
            verification.is_forecast = verification.at > now;
        }
        self
    }
}

/// Numbers of receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipts {
    /// That it was issued or taken over.
    pub issue: u64,
    /// The change that decides what it is at that time; none before the first.
    pub status: Option<u64>,
    /// The version of its type, which says who may issue it.
    pub licence_type: Option<u64>,
    /// The registration of its issuer as a department.
    pub issuer: Option<u64>,
    /// That another version has replaced it by that time.
    pub replacement: Option<u64>,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A version of a type was published.
    TypeRegistered {
        /// The type's code.
        code: LicenceTypeCode,
        /// The version.
        version: u32,
        /// The type's name.
        name: Text<100>,
        /// When it comes into force.
        effective_from: Time,
    },
    /// A type is or will be retired.
    TypeRetired {
        /// The type's code.
        code: LicenceTypeCode,
        /// From when on.
        from: Time,
        /// Why.
        reason: Text<200>,
    },
    /// A licence was issued.
    Issued {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder.
        holder: AccountId,
        /// The case.
        case: Option<CaseNumber>,
        /// The version of its type.
        type_version: u32,
        /// What it says.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
    },
    /// A new version takes the place of one.
    Superseded {
        /// The old version.
        identifier: LicenceIdentifier,
        /// The new version.
        by: LicenceIdentifier,
        /// Why.
        cause: SupersessionCause,
        /// The case.
        case: Option<CaseNumber>,
        /// The version of its type.
        type_version: u32,
        /// What the new version says.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
        /// From when on it takes the place of the old one.
        from: Time,
    },
    /// A licence was suspended.
    Suspended {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The first moment at which it is valid again, where that is set.
        until: Option<Time>,
        /// On what ground.
        ground: Ground,
    },
    /// A licence was resumed.
    Resumed {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
    /// A licence was cancelled.
    Cancelled {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
    /// The grant of a licence was revoked.
    Revoked {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that has decided.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// A licence was withdrawn as a penalty.
    Withdrawn {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that has decided.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// A licence of an older system was taken over.
    Imported {
        /// The licence.
        identifier: LicenceIdentifier,
        /// What it is there.
        state: SourceState,
        /// How far the row can be trusted.
        confidence: u8,
        /// What is odd about it.
        anomalies: List<Anomaly, ANOMALIES_MAX>,
        /// What it says.
        content: Content,
        /// Whether it counts at once, or has to be confirmed.
        is_confirmed: bool,
    },
    /// An imported licence was given to the account of its holder.
    HolderClaimed {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder.
        holder: AccountId,
    },
    /// It was said whose an imported licence is; another officer has to confirm it.
    HolderNamed {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder.
        holder: AccountId,
        /// On what ground.
        ground: Ground,
    },
    /// A licence that another department than its issuer has taken over was confirmed.
    ImportConfirmed {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The department that has confirmed it.
        by: UnifiedSocialCreditCode,
        /// On what ground.
        ground: Ground,
    },
    /// A licence was prepared. It is not issued yet.
    Prepared {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder that it is for.
        holder: AccountId,
        /// The case.
        case: Option<CaseNumber>,
        /// The version of its type.
        type_version: u32,
        /// What it is to say.
        content: Content,
        /// On what ground, where there is no case.
        ground: Option<Ground>,
    },
    /// A licence that was in preparation was issued.
    PreparedIssued {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The holder.
        holder: AccountId,
        /// The case.
        case: Option<CaseNumber>,
        /// The version of its type.
        type_version: u32,
        /// What it says.
        content: Content,
    },
    /// A licence went over to another network.
    MovedOut {
        /// The licence.
        identifier: LicenceIdentifier,
        /// Where to.
        to: Destination,
        /// On what ground.
        ground: Ground,
    },
    /// An annotated copy was made of a licence that was valid then, on a grant that stood.
    CopyMade {
        /// The licence.
        identifier: LicenceIdentifier,
        /// A salted commitment to what is noted on the copy.
        commitment: Digest,
        /// The first moment at which it counts no more.
        until: Time,
        /// As what it was made.
        right: CopyRight,
        /// Whether the licence's issuer was entitled.
        issuer: IssuerStanding,
        /// What the licence says.
        content: Content,
    },
    /// An annotated copy was taken back. It counts no more.
    CopyTakenBack {
        /// The licence.
        identifier: LicenceIdentifier,
        /// The commitment on the copy.
        commitment: Digest,
        /// As what it was taken back.
        right: CopyRight,
    },
    /// Somebody has asked that a licence be cancelled.
    CancellationRequested {
        /// The licence.
        identifier: LicenceIdentifier,
        /// As what he asked.
        capacity: Capacity,
        /// The department that keeps the licence and has to act.
        keeper: UnifiedSocialCreditCode,
    },
    /// A request to cancel a licence was taken back.
    CancellationRequestTakenBack {
        /// The licence.
        identifier: LicenceIdentifier,
        /// As what it was taken back.
        capacity: Capacity,
    },
    /// It was refused to cancel a licence that was given back.
    CancellationRefused {
        /// The licence.
        identifier: LicenceIdentifier,
        /// On what ground.
        ground: Ground,
    },
}
