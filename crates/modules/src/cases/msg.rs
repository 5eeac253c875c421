//! Everything that crosses the boundary of the module.

use super::state::{Case, Rules};
use crate::case_facts::Facts;
use crate::case_reasons::{StepWaiting, Waiting};
use crate::case_records::{
    BrokenPromises, CARDS_MAX, CardShown, CaseResult, Crossing, DeliveryWay, Filing, Given, MATERIALS_MAX,
    ProcedureKind, Produced, RESULTS_MAX, RatingLevel, Reasons, StepRecord,
};
use crate::case_sources::{AnswerSources, SOURCES_MAX, SourceNow};
use crate::case_states::Stage;
use crate::catalogue::{HandleType, ItemCode};
use crate::flow::{STEPS_MAX, StepName, StepOutcome};
use crate::identity::Capacity;
use crate::offices::DepartmentCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LongDivisionCode};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Apply for an item (申请), for oneself or for whom one may act. The ledger gives the case its number.
    File {
        /// The application.
        application: Box<Application>,
    },
    /// Receive an application at its place, and check form and identity (收件).
    Receive {
        /// The case.
        case: CaseNumber,
    },
    /// Hand a case over to the department that decides, where it was received elsewhere (移交).
    HandOver {
        /// The case.
        case: CaseNumber,
        /// The number of the parcel, where paper travels.
        waybill: Option<Text<40>>,
    },
    /// Tell the applicant, once, all that he has to correct (一次性补正告知).
    AskCorrection {
        /// The case.
        case: CaseNumber,
        /// Materials to be handed in or replaced, ascending: all that are missing, and none that a department already holds as a
        /// licence or that a written commitment stands for.
        materials: List<u8, MATERIALS_MAX>,
        /// What else is to be corrected. No personal data.
        points: Text<1000>,
    },
    /// Hand in what was to be corrected (补正), or what else is needed of a case that was sent back to its acceptance.
    Supplement {
        /// The case.
        case: CaseNumber,
        /// Other facts, where they changed; all of them.
        facts: Option<Facts>,
        /// A salted commitment to the corrected form, where it changed.
        form: Option<Digest>,
        /// Materials, in place of those given before.
        materials: List<Given, MATERIALS_MAX>,
        /// Whence answers of the corrected form come, as with the application; they take the place of those said before.
        #[serde(default)]
        sources: AnswerSources,
    },
    /// Accept a case (受理).
    Accept {
        /// The case.
        case: CaseNumber,
    },
    /// Accept a case of which materials follow later (容缺受理): the main materials are there, and the applicant has promised the others.
    AcceptWithGap {
        /// The case.
        case: CaseNumber,
        /// His days, at most as many as are promised for the decision, and of the same kind.
        days: u16,
        /// A salted commitment to the notice of materials, form, deadline and consequence.
        notice: Digest,
    },
    /// Refuse to accept a case (不予受理).
    RefuseAcceptance {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
        /// What the applicant can do against it.
        remedies: Text<300>,
    },
    /// Return a case whose applicant has not corrected it in time (退件).
    ReturnCase {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Hand in what was missing (容缺补齐).
    FillGap {
        /// The case.
        case: CaseNumber,
        /// The materials.
        materials: List<Given, MATERIALS_MAX>,
    },
    /// Finish a step that is no decision, certificate or delivery (办理环节).
    FinishStep {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: StepName,
        /// Whether it went well.
        passed: bool,
        /// A salted commitment to the written opinion; needed for a rejection, and where the item wants one.
        opinion: Option<Digest>,
    },
    /// Decide (决定).
    Decide {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// How.
        ruling: Ruling,
        /// Why; needed for whatever is not granted. No personal data.
        reasons: Reasons,
        /// What the applicant can do against a refusal.
        remedies: Text<300>,
        /// A salted commitment to the written decision.
        opinion: Option<Digest>,
    },
    /// Begin a special procedure of a step (特别程序); the clock stands still until it ends.
    StopClock {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: StepName,
        /// The procedure.
        procedure: ProcedureKind,
        /// Reason or basis. No personal data.
        reason: Text<200>,
        /// When it ends at the latest, as the applicant is told in writing: a hearing within 20 working days, all others within a year.
        /// Then the clock goes on by itself.
        until: Time,
    },
    /// End the special procedure of a step.
    ResumeClock {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: StepName,
    },
    /// Extend the time to decide, once, as the head of the body (延长审批).
    Extend {
        /// The case.
        case: CaseNumber,
        /// Working days: at most 10, or 15 where several departments handle it together.
        days: u16,
        /// Why, told to the applicant. No personal data.
        reasons: Reasons,
    },
    /// Propose to terminate a case, for a person to decide (提请终止).
    ProposeTermination {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Terminate a case that was proposed for it, as another officer than the one who proposed it (终止).
    Terminate {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Withdraw a case before its decision (撤回).
    Withdraw {
        /// The case.
        case: CaseNumber,
    },
    /// Forward a case to a higher body (转报), which receives, handles and decides it from then on.
    Forward {
        /// The case.
        case: CaseNumber,
        /// The body: one above the department that leads.
        to: DepartmentCode,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Record the certificate or document that was made (制证).
    IssueCertificate {
        /// The case.
        case: CaseNumber,
        /// The step; none where the flow has no such step.
        step: Option<StepName>,
        /// What was made. A licence is issued for this case in the module of licences first.
        result: Produced,
    },
    /// Deliver the result (送达).
    Deliver {
        /// The case.
        case: CaseNumber,
        /// The step; none where the flow has no such step, or the application was refused.
        step: Option<StepName>,
        /// The way.
        way: DeliveryWay,
        /// The number of the parcel.
        waybill: Option<Text<40>>,
    },
    /// Close a case (办结).
    Close {
        /// The case.
        case: CaseNumber,
    },
    /// Rate a case that has ended, once, and once more when a bad rating was answered (评价).
    Rate {
        /// The case.
        case: CaseNumber,
        /// The level.
        level: RatingLevel,
        /// A salted commitment to one's words.
        words: Option<Digest>,
    },
    /// Answer a bad rating (差评整改).
    AnswerWorkOrder {
        /// The case.
        case: CaseNumber,
        /// What was done, or why nothing can be. No personal data.
        answer: Reasons,
        /// Whether the applicant was called back.
        called_back: bool,
    },
    /// Say that a rating is false or malicious and does not count (评价申诉复核), as a person who has not acted on the case, and after the
    /// applicant of a bad one was called back. It is kept.
    ExcludeRating {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Appeal against how a case ended, or against the revocation of what was granted (申诉).
    Appeal {
        /// The case.
        case: CaseNumber,
        /// A salted commitment to the grounds.
        grounds: Digest,
    },
    /// Decide an appeal, as another officer than the one it is against (申诉处理).
    DecideAppeal {
        /// The case.
        case: CaseNumber,
        /// Whether it is right.
        upheld: bool,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Take up a case again whose appeal was right (重新办理): what was decided is set aside, and what was revoked stands again.
    Reconsider {
        /// The case.
        case: CaseNumber,
    },
    /// Check after the decision what was only committed to (告知承诺核查).
    CheckCommitment {
        /// The case.
        case: CaseNumber,
        /// Whether it is true.
        is_true: bool,
        /// A salted commitment to the finding; needed where it is not.
        opinion: Option<Digest>,
    },
    /// Propose to revoke what was granted (提请撤销).
    ProposeRevocation {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Decide a proposal to revoke, as another officer than the one who proposed it.
    DecideRevocation {
        /// The case.
        case: CaseNumber,
        /// Whether it is revoked. The licence itself is revoked by its issuer.
        revoked: bool,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Say that an applicant has repaired a broken promise that one's department has found, the last one that is open (信用修复).
    RepairPromise {
        /// The applicant.
        applicant: AccountId,
    },
    /// Set days and cards for the division of a department.
    SetRules {
        /// The department that is responsible for the division: none above it is there for the same one, and of several it is the one that was named.
        department: DepartmentCode,
        /// The rules.
        rules: Rules,
    },
    /// Do what time has brought about a case and the ledger has not come to yet. Refused where there is nothing.
    Settle {
        /// The case.
        case: CaseNumber,
    },
    /// Decide that a case that was proposed for termination goes on, as another officer than the one who proposed it (不予终止).
    DeclineTermination {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
}

/// An application (申请).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The item.
    pub item: ItemCode,
    /// For whom: oneself, or a person or company that one may act for.
    pub applicant: AccountId,
    /// The way.
    pub channel: HandleType,
    /// How it crosses regions.
    pub crossing: Crossing,
    /// The place that is to receive it; the department that decides where it is absent.
    pub place: Option<DepartmentCode>,
    /// The answers that conditions of the item decide by, and no others.
    pub facts: Facts,
    /// A salted commitment to the whole form.
    pub form: Digest,
    /// What is handed in for which material, in ascending order, each at most once.
    pub materials: List<Given, MATERIALS_MAX>,
    /// A salted commitment to the signed promise of what follows later, where the applicant wants to be accepted with gaps.
    pub gap_promise: Option<Digest>,
    /// The licence that is to be renewed.
    pub renews: Option<LicenceIdentifier>,
    /// Whence answers of the form come that were proposed: by ascending paths, each once. Names alone, and no answers.
    #[serde(default)]
    pub sources: AnswerSources,
}

/// How a step of decision is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// 准予.
    Grant,
    /// 不予.
    Refuse,
    /// 退回: the steps before are done again, where the flow provides for it.
    SendBack,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// A case and its application.
    Case {
        /// Its number.
        case: CaseNumber,
    },
    /// Who did a step, and how.
    Step {
        /// The case.
        case: CaseNumber,
        /// The place of the step in the flow, from 0.
        step: u8,
        /// The round, 0 for the first time.
        round: u8,
    },
    /// Why a case waits: cause, owner, next action and deadline, for the case and for each open step.
    Why {
        /// The case.
        case: CaseNumber,
        /// At which time.
        at: Time,
    },
    /// The rules for a department.
    Rules {
        /// The department.
        department: DepartmentCode,
    },
    /// Which promises an applicant once broke.
    BrokenPromise {
        /// The applicant.
        applicant: AccountId,
    },
    /// Whence the answers of a case's form come, and what has become of the licences since.
    Sources {
        /// The case.
        case: CaseNumber,
        /// At which time.
        at: Time,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// A case and its application.
    Case {
        /// The case, where there is one.
        case: Option<Box<Case>>,
        /// The application.
        filing: Option<Box<Filing>>,
    },
    /// A step that was done.
    Step {
        /// The record, where it was done.
        record: Option<Box<StepRecord>>,
    },
    /// Why a case waits.
    Why {
        /// The case as a whole; none where there is no such case or nothing is open.
        case: Option<Box<Waiting>>,
        /// Its open steps.
        steps: List<StepWaiting, STEPS_MAX>,
    },
    /// Rules.
    Rules {
        /// Those in force.
        rules: Rules,
    },
    /// Broken promises.
    BrokenPromise {
        /// The record of all of them, where there is one.
        broken: Option<Box<BrokenPromises>>,
    },
    /// Whence answers come.
    Sources {
        /// Each of them; nothing where there is no such case, or its answers were typed in.
        sources: List<SourceNow, SOURCES_MAX>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An application was filed.
    Filed {
        /// The number of the case.
        case: CaseNumber,
        /// The item.
        item: ItemCode,
        /// The version in force.
        item_version: u32,
        /// For whom.
        applicant: AccountId,
        /// Who filed it.
        by: AccountId,
        /// As what; this stays with the case for ever.
        capacity: Capacity,
        /// The department that decides.
        department: DepartmentCode,
        /// The place that receives it.
        place: DepartmentCode,
        /// How it crosses regions.
        crossing: Crossing,
        /// The way.
        channel: HandleType,
    },
    /// An application was received.
    Received {
        /// The case.
        case: CaseNumber,
        /// Where.
        place: DepartmentCode,
        /// By whom.
        by: AccountId,
    },
    /// A case was handed over.
    HandedOver {
        /// The case.
        case: CaseNumber,
        /// By which place.
        place: DepartmentCode,
        /// To which department.
        department: DepartmentCode,
        /// By whom.
        by: AccountId,
    },
    /// The applicant was told what to correct.
    CorrectionAsked {
        /// The case.
        case: CaseNumber,
        /// Materials.
        materials: List<u8, MATERIALS_MAX>,
        /// What else.
        points: Text<1000>,
        /// Until when.
        until: Time,
        /// By whom.
        by: AccountId,
    },
    /// The applicant has corrected his application.
    Supplemented {
        /// The case.
        case: CaseNumber,
        /// By whom.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// A case was accepted.
    Accepted {
        /// The case.
        case: CaseNumber,
        /// The version that it runs by.
        item_version: u32,
        /// From when it counts.
        counts_from: Time,
        /// Who accepted; nobody where silence did.
        by: Option<AccountId>,
        /// What follows later.
        missing: List<u8, MATERIALS_MAX>,
        /// Steps that are due now.
        due: List<StepName, STEPS_MAX>,
    },
    /// A case was not accepted.
    AcceptanceRefused {
        /// The case.
        case: CaseNumber,
        /// Why.
        reasons: Reasons,
        /// What can be done against it.
        remedies: Text<300>,
        /// By whom.
        by: AccountId,
    },
    /// A case was returned, terminated or withdrawn.
    Ended {
        /// The case.
        case: CaseNumber,
        /// How.
        stage: Stage,
        /// Why.
        reasons: Reasons,
        /// The higher body, where forwarding has ended it; none since a forwarded case goes on.
        to: Option<DepartmentCode>,
        /// By whom.
        by: AccountId,
        /// As what, where the applicant has withdrawn it.
        capacity: Option<Capacity>,
    },
    /// Missing materials were handed in.
    GapFilled {
        /// The case.
        case: CaseNumber,
        /// What is missing still.
        missing: List<u8, MATERIALS_MAX>,
        /// By whom.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// A step was finished.
    StepFinished {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: StepName,
        /// Its department.
        department: DepartmentCode,
        /// How; rejected also where it was sent back.
        outcome: StepOutcome,
        /// By whom.
        by: AccountId,
        /// Steps that are done again, where it was sent back.
        repeated: List<StepName, STEPS_MAX>,
        /// Steps that became due.
        due: List<StepName, STEPS_MAX>,
    },
    /// Silence was consent: these steps count as passed.
    StepsPassedBySilence {
        /// The case.
        case: CaseNumber,
        /// The steps.
        steps: List<StepName, STEPS_MAX>,
        /// Steps that became due.
        due: List<StepName, STEPS_MAX>,
    },
    /// A case was decided.
    Decided {
        /// The case.
        case: CaseNumber,
        /// How; none where other decisions are still to come.
        granted: Option<bool>,
        /// In which step.
        step: Option<StepName>,
        /// Of which department.
        department: DepartmentCode,
        /// Why.
        reasons: Reasons,
        /// By whom; nobody where the law did.
        by: Option<AccountId>,
        /// Steps that became due.
        due: List<StepName, STEPS_MAX>,
    },
    /// A special procedure began.
    ClockStopped {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: StepName,
        /// The procedure.
        procedure: ProcedureKind,
        /// Reason or basis.
        reason: Text<200>,
        /// Until when at the latest.
        until: Time,
        /// By whom.
        by: AccountId,
    },
    /// A special procedure ended.
    ClockResumed {
        /// The case.
        case: CaseNumber,
        /// The step.
        step: Option<StepName>,
        /// By whom; nobody where its time was over.
        by: Option<AccountId>,
    },
    /// The time to decide was extended.
    Extended {
        /// The case.
        case: CaseNumber,
        /// Working days.
        days: u16,
        /// Why.
        reasons: Reasons,
        /// The head.
        by: AccountId,
    },
    /// A case was proposed for termination.
    TerminationProposed {
        /// The case.
        case: CaseNumber,
        /// Why.
        reasons: Reasons,
        /// By whom; nobody where a gap was not filled in time.
        by: Option<AccountId>,
    },
    /// The applicant is reminded of what is missing.
    GapReminded {
        /// The case.
        case: CaseNumber,
        /// What is missing.
        missing: List<u8, MATERIALS_MAX>,
        /// Until when.
        until: Time,
    },
    /// Handling is suspended because what was missing was not handed in.
    GapSuspended {
        /// The case.
        case: CaseNumber,
        /// What is missing.
        missing: List<u8, MATERIALS_MAX>,
    },
    /// The applicant's time to correct is over.
    CorrectionLapsed {
        /// The case.
        case: CaseNumber,
    },
    /// A certificate or document was made.
    CertificateIssued {
        /// The case.
        case: CaseNumber,
        /// What.
        result: Produced,
        /// By whom.
        by: AccountId,
        /// Steps that became due.
        due: List<StepName, STEPS_MAX>,
    },
    /// The result was delivered.
    Delivered {
        /// The case.
        case: CaseNumber,
        /// The way.
        way: DeliveryWay,
        /// By whom.
        by: AccountId,
        /// In which step.
        step: Option<StepName>,
    },
    /// A case was closed.
    Closed {
        /// The case.
        case: CaseNumber,
        /// Whether it was granted.
        granted: bool,
        /// What it ended in.
        results: List<CaseResult, RESULTS_MAX>,
        /// By whom.
        by: AccountId,
    },
    /// A case was rated.
    Rated {
        /// The case.
        case: CaseNumber,
        /// The department that leads.
        department: DepartmentCode,
        /// The level.
        level: RatingLevel,
        /// Whether it is the rating after an answer.
        again: bool,
        /// Until when it is to be answered, where it is a bad one.
        answer_until: Option<Time>,
        /// By whom.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// A bad rating was answered.
    WorkOrderAnswered {
        /// The case.
        case: CaseNumber,
        /// What was done.
        answer: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// A rating does not count.
    RatingExcluded {
        /// The case.
        case: CaseNumber,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// Somebody appeals.
    Appealed {
        /// The case.
        case: CaseNumber,
        /// By whom.
        by: AccountId,
        /// Until when it is to be decided.
        until: Time,
        /// As what.
        capacity: Capacity,
    },
    /// An appeal was decided.
    AppealDecided {
        /// The case.
        case: CaseNumber,
        /// Whether it is right.
        upheld: bool,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// A case is taken up again.
    Reconsidered {
        /// The case.
        case: CaseNumber,
        /// Where it is now.
        stage: Stage,
        /// By whom.
        by: AccountId,
        /// Steps that are due now.
        due: List<StepName, STEPS_MAX>,
    },
    /// A commitment was checked.
    CommitmentChecked {
        /// The case.
        case: CaseNumber,
        /// Whether it is true.
        is_true: bool,
        /// By whom.
        by: AccountId,
    },
    /// A revocation was proposed.
    RevocationProposed {
        /// The case.
        case: CaseNumber,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// A proposal to revoke was decided.
    RevocationDecided {
        /// The case.
        case: CaseNumber,
        /// Whether it is revoked.
        revoked: bool,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// A broken promise is repaired.
    PromiseRepaired {
        /// The applicant.
        applicant: AccountId,
        /// By whom.
        by: AccountId,
    },
    /// Rules were set.
    RulesSet {
        /// The division.
        division: LongDivisionCode,
        /// The rules.
        rules: Rules,
        /// By whom.
        by: AccountId,
    },
    /// Cards are shown.
    CardsShown {
        /// The case.
        case: CaseNumber,
        /// The department that leads.
        department: DepartmentCode,
        /// Which, and for what.
        cards: List<CardShown, CARDS_MAX>,
    },
    /// A case that was proposed for termination goes on.
    TerminationDeclined {
        /// The case.
        case: CaseNumber,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// A case was forwarded to a higher body, where it goes on.
    Forwarded {
        /// The case.
        case: CaseNumber,
        /// The department that led it.
        from: DepartmentCode,
        /// The higher body, which leads it.
        to: DepartmentCode,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
}
