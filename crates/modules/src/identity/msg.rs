//! Everything that crosses the boundary of the module.

use super::state::{
    Account, AssuranceLevel, Authority, FIRST_DOCUMENTS_MAX, FirstDocument, Holder, Policy, Proposal, Proposed, Status,
};
use crate::recovery::{Channel, ClosingKind, PeriodMinutes, Presented, Recovery, Reverification, Ruling, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_kernel::Role;
use tongban_types::codes::{DocumentKind, UnifiedSocialCreditCode};
use tongban_types::{AccountId, Digest, List, PublicKey, Signature, Text, Time};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Open an account for someone whose identity was established.
    OpenAccount {
        /// Whose account it is.
        kind: AccountKind,
        /// The name of the organisation or system; none for a person.
        name: Option<Text<200>>,
        /// The account's first key, which also gives its identifier.
        key: PublicKey,
        /// Made with that key over the possession message.
        possession: Signature,
    },
    /// Add a key to one's own account.
    AddKey {
        /// The new key.
        key: PublicKey,
        /// Made with that key over the possession message.
        possession: Signature,
    },
    /// Revoke a key of one's own account; it fails from the next transaction on.
    RevokeKey {
        /// The key.
        key: PublicKey,
    },
    /// Give a role to another account.
    GrantRole {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
    },
    /// Take a role from another account.
    WithdrawRole {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
    },
    /// Keep another account from acting until it is resumed.
    Suspend {
        /// The account.
        account: AccountId,
    },
    /// Let a suspended or frozen account act again. A recovery's cooling time that the suspension has stopped begins anew.
    Resume {
        /// The account.
        account: AccountId,
    },
    /// Exchange a key of one's own account for a new one, in one step.
    RotateKey {
        /// The key that goes; it fails from the next transaction on.
        old: PublicKey,
        /// The key that comes.
        key: PublicKey,
        /// Made with the new key over the possession message.
        possession: Signature,
    },
    /// Add a key to one's own account to which others seal what is meant for it. It never signs.
    AddSealingKey {
        /// The public sealing key.
        key: PublicKey,
    },
    /// Revoke a sealing key of one's own account: nothing is sealed to it any more.
    RevokeSealingKey {
        /// The key.
        key: PublicKey,
    },
    /// Set how long a person can stop the recovery of his account, and how long both sides of a dispute have to appear. Times that run keep their
    /// end.
    SetPolicy {
        /// The cooling time in minutes: 1 to 43,200.
        cooling: PeriodMinutes,
        /// How long both sides of a dispute have to appear, in minutes, and as long again an officer to decide; as before where this is absent.
        hearing: Option<PeriodMinutes>,
    },
    /// Authorise a department to establish identities (实名核验机构).
    AuthoriseDepartment {
        /// The department.
        department: UnifiedSocialCreditCode,
    },
    /// Withdraw a department's authority to establish identities.
    WithdrawAuthority {
        /// The department.
        department: UnifiedSocialCreditCode,
    },
    /// Bind a person's account to the person whose document an officer has seen (实名认证). Whoever has a citizen's number is bound by a document that
    /// carries it; others are added.
    BindPerson {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// The kind of the document.
        kind: DocumentKind,
        /// The person's pseudonym, made with the identity authority's key.
        pseudonym: Digest,
        /// How surely it is this person.
        level: AssuranceLevel,
        /// Commits to the papers on which it rests.
        papers: Digest,
        /// Which state has issued the document, in the letters of ISO 3166-1 alpha-3: for a foreign passport, and for nothing else.
        issued_by: Option<Text<3>>,
    },
    /// Record another document of a person whose account is bound, such as a passport.
    AddDocument {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// The kind of the document.
        kind: DocumentKind,
        /// The person's pseudonym with this document.
        pseudonym: Digest,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Change how surely an account is whose it is said to be.
    ChangeLevel {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// The level from now on.
        level: AssuranceLevel,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Bind an organisation's account to its Unified Social Credit Code, which is public.
    BindCompany {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// The organisation's code.
        code: UnifiedSocialCreditCode,
        /// How surely it is this organisation.
        level: AssuranceLevel,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Open the recovery of an account whose keys are lost, after having made sure again of whose it is (申请恢复).
    OpenRecovery {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// Who came; it must be whom the account is bound to.
        presented: Presented,
        /// How the officer made sure.
        verification: Reverification,
        /// The new key.
        key: PublicKey,
        /// Made with the new key over the possession message.
        possession: Signature,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Record that the person was told of the recovery, on another channel than the one on which he was seen (告知).
    RecordNotice {
        /// The recovery: the number of the receipt that opened it.
        recovery: u64,
        /// The channel.
        channel: Channel,
        /// Commits to the papers that show it.
        papers: Digest,
    },
    /// Approve a recovery that another officer has opened and of which the person was told (复核).
    ApproveRecovery {
        /// The second officer's department.
        department: UnifiedSocialCreditCode,
        /// The recovery.
        recovery: u64,
    },
    /// Reject a recovery that another officer has opened; it ends.
    RejectRecovery {
        /// The second officer's department.
        department: UnifiedSocialCreditCode,
        /// The recovery.
        recovery: u64,
        /// Why. No personal data.
        reason: Text<200>,
    },
    /// Object to the recovery of one's own account, with any key that is still valid; it ends, or where the account is frozen as lost or stolen, a
    /// third officer decides (提出异议).
    ObjectToRecovery {
        /// The recovery.
        recovery: u64,
    },
    /// Stop a recovery, for the person who objects at a counter or because it was wrong; it ends.
    StopRecovery {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The recovery.
        recovery: u64,
        /// Why. No personal data.
        reason: Text<200>,
    },
    /// Record a person's death: once another officer has confirmed it, the account acts no more, and nobody for it (死亡登记).
    RecordDeath {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Record that an organisation was dissolved; another officer confirms it (注销).
    RecordDissolution {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Record that an organisation was merged into another, which acts for it once another officer has confirmed it (吸收合并).
    RecordMerger {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account of the organisation that ends.
        account: AccountId,
        /// The account of the organisation that takes its place.
        into: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Annul the end of an account that was recorded in error, by another officer than the one who recorded it (撤销登记).
    AnnulEnding {
        /// The second officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Put the new key in where the cooling time is over and the ledger has not come to it by itself yet.
    CompleteRecovery {
        /// The recovery.
        recovery: u64,
    },
    /// Record that an account was bound wrongly; another officer confirms it (更正).
    CorrectBinding {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// What is wrong.
        correction: Correction,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Confirm what another officer has recorded of an account: its end, or that it was bound wrongly. It takes effect (复核).
    ConfirmProposal {
        /// The second officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// What is confirmed: the number of the receipt that recorded it.
        proposal: u64,
    },
    /// Reject what another officer has recorded of an account; nothing comes of it.
    RejectProposal {
        /// The second officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// What is rejected: the number of the receipt that recorded it.
        proposal: u64,
        /// Why. No personal data.
        reason: Text<200>,
    },
    /// Freeze an account at once, upon a report that its key was lost or stolen: for seven days and the cooling time, or until it is recovered
    /// (挂失).
    Freeze {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account.
        account: AccountId,
        /// Why.
        reason: FreezeReason,
    },
    /// Freeze one's own account at once, with any key that is still valid: for seven days and the cooling time, or until it is recovered (本人挂失).
    FreezeOwn {
        /// Why.
        reason: FreezeReason,
    },
    /// Record that one side of a dispute has appeared in person, as an officer who had no part in the recovery (到场登记).
    RecordAppearance {
        /// The officer's department: another one than those that recover the account, where the network has another.
        department: UnifiedSocialCreditCode,
        /// The recovery.
        recovery: u64,
        /// Which side.
        side: Side,
        /// Commits to the papers that show it.
        papers: Digest,
    },
    /// Decide on the objection of a frozen account, as an officer who had no part in the recovery: when both sides have appeared, or their time to
    /// appear is over (异议裁定).
    DecideObjection {
        /// The officer's department: another one than those that recover the account, where the network has another.
        department: UnifiedSocialCreditCode,
        /// The recovery.
        recovery: u64,
        /// What becomes of the objection.
        ruling: Ruling,
        /// Why. No personal data.
        reason: Text<200>,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Set by which kinds of documents a person's account is bound in the first place (首次实名证件种类).
    SetFirstDocuments {
        /// The kinds, each once, in ascending order.
        kinds: List<FirstDocument, FIRST_DOCUMENTS_MAX>,
    },
    /// Record that two accounts are one person's: once the cooling time is over and another officer has confirmed it, one ends and the other acts for it
    /// (一人多户合并).
    RecordDuplicate {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The account that ends.
        account: AccountId,
        /// The person's account that stays.
        into: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Object to it that one's own account ends in favour of another one, with any key that is valid; nothing comes of it (对合并提出异议).
    ObjectToJoining {
        /// What was recorded: the number of the receipt.
        proposal: u64,
    },
}

/// What is wrong with a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Correction {
    /// The account is not this person's or organisation's: it is bound to nobody, and whom it was bound to can be bound elsewhere.
    Unbind {},
    /// One document is not this person's.
    StrikeDocument {
        /// Its place among the person's documents, from 0.
        place: u8,
    },
}

/// Why an account is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreezeReason {
    /// A key was lost (遗失).
    KeyLost,
    /// A key was stolen (被盗).
    KeyStolen,
    /// Somebody else seems to act (疑似冒用).
    SuspectedMisuse,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A natural person (自然人); carries no name.
    Person,
    /// A department, company or other body (机构).
    Organisation,
    /// A program that acts for an organisation (系统).
    System,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// One account.
    Account {
        /// Its identifier.
        account: AccountId,
    },
    /// The account that a key belongs to.
    AccountOfKey {
        /// The key.
        key: PublicKey,
    },
    /// Whose an account is.
    Holder {
        /// The account.
        account: AccountId,
    },
    /// Whether an account may act, and what became of it.
    Status {
        /// The account.
        account: AccountId,
    },
    /// The account that is bound to a pseudonym.
    AccountOfPerson {
        /// The pseudonym.
        pseudonym: Digest,
    },
    /// The account that is bound to an organisation's code.
    AccountOfCompany {
        /// The code.
        code: UnifiedSocialCreditCode,
    },
    /// One recovery with all its steps.
    Recovery {
        /// The number of the receipt that opened it.
        recovery: u64,
    },
    /// What holds for recoveries.
    Policy {},
    /// Whether a department may establish identities.
    Authority {
        /// The department.
        department: UnifiedSocialCreditCode,
    },
    /// What one officer has recorded last of an account for another one to confirm, and what became of it.
    Proposal {
        /// The account.
        account: AccountId,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One account.
    Account {
        /// The account, where it exists.
        account: Option<Account>,
    },
    /// The account that a key belongs to.
    AccountOfKey {
        /// The account, where the key was registered.
        account: Option<AccountId>,
    },
    /// Whose an account is.
    Holder {
        /// To whom it is bound, where it is.
        holder: Option<Holder>,
    },
    /// Whether an account may act, and what became of it.
    Status {
        /// The status.
        status: Status,
    },
    /// The account that is bound to a pseudonym.
    AccountOfPerson {
        /// The account, where the person is registered.
        account: Option<AccountId>,
    },
    /// The account that is bound to an organisation's code.
    AccountOfCompany {
        /// The account, where the organisation is registered.
        account: Option<AccountId>,
    },
    /// One recovery with all its steps.
    Recovery {
        /// The recovery, where it exists.
        recovery: Option<Box<Recovery>>,
    },
    /// What holds for recoveries.
    Policy {
        /// The policy.
        policy: Policy,
    },
    /// Whether a department may establish identities.
    Authority {
        /// Its authority, also one that was withdrawn.
        authority: Option<Authority>,
    },
    /// What one officer has recorded last of an account.
    Proposal {
        /// It, where there was anything.
        proposal: Option<Box<Proposal>>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An account was opened.
    AccountOpened {
        /// Its identifier.
        account: AccountId,
        /// Whose it is.
        kind: AccountKind,
        /// Who opened it.
        by: AccountId,
        /// The name of the organisation or system, so that it can be searched for; none for a person.
        name: Option<Text<200>>,
    },
    /// A key was added.
    KeyAdded {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// A key was revoked.
    KeyRevoked {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// A role was granted.
    RoleGranted {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
        /// Who granted it.
        by: AccountId,
    },
    /// A role was withdrawn.
    RoleWithdrawn {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
        /// Who withdrew it.
        by: AccountId,
    },
    /// An account was suspended.
    Suspended {
        /// The account.
        account: AccountId,
        /// Who suspended it.
        by: AccountId,
    },
    /// An account may act again.
    Resumed {
        /// The account.
        account: AccountId,
        /// Who resumed it.
        by: AccountId,
    },
    /// A key was exchanged for a new one.
    KeyRotated {
        /// The account.
        account: AccountId,
        /// The key that went.
        old: PublicKey,
        /// The key that came.
        key: PublicKey,
    },
    /// A sealing key was added.
    SealingKeyAdded {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// A sealing key was revoked.
    SealingKeyRevoked {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// What holds for recoveries was set.
    PolicySet {
        /// The cooling time.
        cooling: PeriodMinutes,
        /// How long both sides of a dispute have to appear.
        hearing: PeriodMinutes,
        /// Who set it.
        by: AccountId,
    },
    /// A department may establish identities from now on.
    DepartmentAuthorised {
        /// The department.
        department: UnifiedSocialCreditCode,
        /// Who authorised it.
        by: AccountId,
    },
    /// A department may not establish identities any more.
    AuthorityWithdrawn {
        /// The department.
        department: UnifiedSocialCreditCode,
        /// Who withdrew it.
        by: AccountId,
    },
    /// An account was bound to a person.
    PersonBound {
        /// The account.
        account: AccountId,
        /// The kind of the document.
        kind: DocumentKind,
        /// The level.
        level: AssuranceLevel,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// Another document of a person was recorded.
    DocumentAdded {
        /// The account.
        account: AccountId,
        /// The kind of the document.
        kind: DocumentKind,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// The level of an account was changed.
    LevelChanged {
        /// The account.
        account: AccountId,
        /// The level from now on.
        level: AssuranceLevel,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// An account was bound to an organisation.
    CompanyBound {
        /// The account.
        account: AccountId,
        /// The organisation's code.
        code: UnifiedSocialCreditCode,
        /// The level.
        level: AssuranceLevel,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A recovery was opened; its number is that of the receipt.
    RecoveryOpened {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// How the officer made sure of the person.
        verification: Reverification,
        /// The guardian who came in the person's place.
        guardian: Option<AccountId>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// The person was told.
    NoticeRecorded {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// The channel.
        channel: Channel,
        /// When the cooling time is over; none where it does not run yet.
        completes_at: Option<Time>,
        /// The officer.
        by: AccountId,
    },
    /// A second officer approved.
    RecoveryApproved {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// When the cooling time is over; none where it does not run yet.
        completes_at: Option<Time>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A recovery ended without a new key.
    RecoveryStopped {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// How.
        kind: ClosingKind,
        /// Why, where an officer stopped it.
        reason: Option<Text<200>>,
        /// Who stopped it: the person's account or an officer.
        by: AccountId,
    },
    /// The new key is in, and all old ones are revoked; a freeze has ended. Whatever hangs on the account stays there.
    RecoveryCompleted {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// The new key.
        key: PublicKey,
    },
    /// An account ended.
    AccountEnded {
        /// The account.
        account: AccountId,
        /// What became of it.
        status: Status,
        /// The department of the officer who confirmed it.
        department: UnifiedSocialCreditCode,
        /// The officer who confirmed it.
        by: AccountId,
        /// The officer who recorded it.
        recorded_by: AccountId,
    },
    /// The end of an account was annulled.
    EndingAnnulled {
        /// The account.
        account: AccountId,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// An officer recorded what another one is to confirm: that an account ends, or was bound wrongly.
    ProposalRecorded {
        /// The account.
        account: AccountId,
        /// Its number: that of the receipt.
        proposal: u64,
        /// What is to become of the account.
        proposed: Proposed,
        /// Commits to the papers on which it rests.
        papers: Digest,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// The second officer rejected it.
    ProposalRejected {
        /// The account.
        account: AccountId,
        /// Its number.
        proposal: u64,
        /// Why.
        reason: Text<200>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A binding was corrected.
    BindingCorrected {
        /// The account.
        account: AccountId,
        /// What was wrong.
        correction: Correction,
        /// The department of the officer who confirmed it.
        department: UnifiedSocialCreditCode,
        /// The officer who confirmed it.
        by: AccountId,
        /// The officer who recorded it.
        recorded_by: AccountId,
    },
    /// An account was frozen.
    Frozen {
        /// The account.
        account: AccountId,
        /// Why.
        reason: FreezeReason,
        /// When it ends by itself, within a minute.
        until: Time,
        /// The officer's department; none where the holder did it.
        department: Option<UnifiedSocialCreditCode>,
        /// The officer, or the account itself.
        by: AccountId,
    },
    /// A freeze has ended by itself.
    FreezeEnded {
        /// The account.
        account: AccountId,
    },
    /// A key of an account that is frozen as lost or stolen has objected to its recovery. The freeze lasts until it is decided.
    RecoveryDisputed {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// Until when both sides have time to appear.
        appear_by: Time,
        /// Until when a third officer decides; the recovery is over then.
        decide_by: Time,
    },
    /// One side of a dispute has appeared.
    AppearanceRecorded {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// Which side.
        side: Side,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A third officer has dismissed the objection: the cooling time begins anew.
    ObjectionDismissed {
        /// The account.
        account: AccountId,
        /// The recovery.
        recovery: u64,
        /// Why.
        reason: Text<200>,
        /// When the cooling time is over; none where it does not run yet.
        completes_at: Option<Time>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// By which documents persons are bound in the first place was set.
    FirstDocumentsSet {
        /// The kinds.
        kinds: List<FirstDocument, FIRST_DOCUMENTS_MAX>,
        /// Who set it.
        by: AccountId,
    },
    /// The holder of an account has objected to it that it ends in favour of another one.
    JoiningObjected {
        /// The account.
        account: AccountId,
        /// What was recorded of it.
        proposal: u64,
    },
}
