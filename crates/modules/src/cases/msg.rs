//! Everything that crosses the boundary of the module; what has happened stands in `event`.

pub use super::event::Event;
use super::state::{Case, Rules};
use crate::case_facts::Facts;
use crate::case_hearings::PARTIES_MAX;
use crate::case_papers::{Led, Paper, PaperNumber, Supervision};
use crate::case_ratings::RatingSource;
use crate::case_reasons::{StepWaiting, Waiting};
use crate::case_records::{
    BrokenPromises, Crossing, DeliveryWay, Filing, Given, MATERIALS_MAX, ProcedureKind, Produced, RatingLevel, Reasons,
    StepRecord,
};
use crate::case_responsibility::Responsibility;
use crate::case_sources::{AnswerSources, SOURCES_MAX, SourceNow};
use crate::catalogue::{HandleType, ItemCode};
use crate::flow::{STEPS_MAX, StepName};
use crate::offices::DepartmentCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
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
        /// A salted commitment to the signed promise of what follows later, where the applicant wants to be accepted with gaps now.
        gap_promise: Option<Digest>,
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
        /// The number of the parcel; needed where it is posted.
        waybill: Option<Text<40>>,
        /// Who receives it: somebody who may receive for the applicant. The applicant himself where nobody is named.
        receiver: Option<AccountId>,
    },
    /// Close a case (办结).
    Close {
        /// The case.
        case: CaseNumber,
    },
    /// Rate a case that has ended, once, and once more when a bad rating was answered (评价). Nobody has to.
    Rate {
        /// The case.
        case: CaseNumber,
        /// The level.
        level: RatingLevel,
        /// A salted commitment to one's words.
        words: Option<Digest>,
        /// Where it comes from: channel, window, clerk, time of service.
        source: RatingSource,
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
    /// End a case whose applicant has died or was dissolved, as the register of identities says, and nobody stands in his place (申请人死亡、终止，终止办理).
    Discontinue {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Answer a yellow or red card, as the department that leads the case: how it came about, and what was done (督办反馈).
    AnswerCard {
        /// The number of the card.
        number: PaperNumber,
        /// The answer. No personal data.
        answer: Reasons,
    },
    /// Pass on what is to be decided, as one who may not decide it himself, because nobody else is left in the department (提级办理、指定办理): the
    /// department that the rules name may decide in its place, or the one above.
    Refer {
        /// The case.
        case: CaseNumber,
        /// Why. No personal data.
        reasons: Reasons,
    },
    /// Tell the applicant and interested parties, before deciding, that they may ask for a hearing within 5 working days (听证告知). The decision waits
    /// for it.
    TellHearing {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// The accounts of interested parties, ascending, without the applicant.
        parties: List<AccountId, PARTIES_MAX>,
        /// A salted commitment to the notice.
        notice: Digest,
    },
    /// Ask for a hearing, or do without it, as somebody who was told of the right to it (申请听证、放弃听证).
    AnswerHearing {
        /// The case.
        case: CaseNumber,
        /// For whom: the applicant or an interested party, oneself or whom one may act for.
        party: AccountId,
        /// Whether a hearing is asked for.
        wants: bool,
    },
    /// Give notice of place and time of a hearing, 7 working days before and within 20 working days after it was asked for (听证通知).
    ArrangeHearing {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// When it takes place.
        at: Time,
        /// A salted commitment to the notice.
        notice: Digest,
    },
    /// Record a hearing that was held, as its president, who has reviewed nothing of the application (听证笔录).
    RecordHearing {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// A salted commitment to the record that all have signed.
        record: Digest,
    },
    /// Acknowledge the receipt of what was delivered, as the applicant or who may receive for him (签收).
    Acknowledge {
        /// The case.
        case: CaseNumber,
    },
    /// Enter at the counter an application on paper of a person or organisation whose account is bound (窗口代录). Who enters it has nothing else to do
    /// with the case in office.
    EnterApplication {
        /// The application.
        application: Box<Application>,
        /// A salted commitment to the paper that the applicant has signed.
        paper: Digest,
    },
    /// Enter at the counter what an applicant does on paper (窗口代录).
    EnterAct {
        /// The case.
        case: CaseNumber,
        /// What he does.
        act: Box<PaperAct>,
        /// A salted commitment to the paper that he has signed.
        paper: Digest,
    },
    /// Say, as the applicant, that what was entered at a counter is not one's own (否认). A case that is not decided ends with it.
    Disown {
        /// The case.
        case: CaseNumber,
    },
    /// Say what came of an inquiry into what its applicant has disowned (否认核查). What was invented is answered for on a red card; an invented
    /// withdrawal of the applicant's own case has ended nothing, and it goes on with clocks of its own.
    ExamineDisowned {
        /// The case.
        case: CaseNumber,
        /// Whether it was invented.
        invented: bool,
        /// A salted commitment to the finding.
        opinion: Digest,
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

/// What an applicant does on paper at a counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PaperAct {
    /// 补正: he hands in what was to be corrected.
    Supplement {
        /// Other facts, where they changed; all of them.
        facts: Option<Facts>,
        /// A salted commitment to the corrected form, where it changed.
        form: Option<Digest>,
        /// Materials, in place of those given before.
        materials: List<Given, MATERIALS_MAX>,
        /// A salted commitment to the signed promise of what follows later.
        gap_promise: Option<Digest>,
    },
    /// 容缺补齐: he hands in what was missing.
    FillGap {
        /// The materials.
        materials: List<Given, MATERIALS_MAX>,
    },
    /// 撤回: he takes the application back.
    Withdraw {},
    /// 签收: he acknowledges the receipt of what was delivered.
    Acknowledge {},
    /// 申请听证、放弃听证: he asks for a hearing, of which he was told, or does without it.
    AnswerHearing {
        /// Whether he asks for it.
        wants: bool,
    },
    /// 申诉: he appeals.
    Appeal {
        /// A salted commitment to the grounds.
        grounds: Digest,
    },
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
    /// A paper by its number.
    Paper {
        /// The number.
        number: PaperNumber,
    },
    /// A yellow or red card by its number, and what the department says of it.
    Supervision {
        /// The number.
        number: PaperNumber,
    },
    /// What a body had used up that led a case before.
    Led {
        /// The case.
        case: CaseNumber,
        /// The place of its forwarding, from 0.
        forwarding: u8,
    },
    /// Who answers for a case that crosses regions: who received and handed it over, who decides and delivers (跨域通办责任记录).
    Responsibility {
        /// The case.
        case: CaseNumber,
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
        /// The case as a whole; none where nothing is open.
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
    /// A paper.
    Paper {
        /// Which case it is of, where it was given.
        paper: Option<Paper>,
    },
    /// A card.
    Supervision {
        /// The record, where there is one.
        record: Option<Box<Supervision>>,
    },
    /// What a body had used up.
    Led {
        /// The record, where there is one.
        led: Option<Box<Led>>,
    },
    /// Who answers for a case.
    Responsibility {
        /// The record, where there is such a case.
        record: Option<Box<Responsibility>>,
    },
}
