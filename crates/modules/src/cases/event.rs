//! What has happened: the events of cases.

use super::state::Rules;
use crate::case_entries::{ENTRIES_MAX, Entered};
use crate::case_hearings::PARTIES_MAX;
use crate::case_papers::PaperNumber;
use crate::case_ratings::RatingSource;
use crate::case_records::{
    CARDS_MAX, CardShown, CaseResult, Crossing, DeliveryWay, Loss, MATERIALS_MAX, ProcedureKind, Produced, RESULTS_MAX,
    RatingLevel, Reasons,
};
use crate::case_states::Stage;
use crate::catalogue::{HandleType, ItemCode};
use crate::flow::{STEPS_MAX, StepName, StepOutcome};
use crate::identity::Capacity;
use crate::offices::DepartmentCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::codes::{CaseNumber, LongDivisionCode};
use tongban_types::{AccountId, Digest, List, Text, Time};

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
        /// The number of the notice.
        paper: PaperNumber,
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
        /// The number of the receipt; none where silence accepted.
        paper: Option<PaperNumber>,
        /// The number of the notice of what is missing, where it was accepted with gaps.
        gap_paper: Option<PaperNumber>,
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
        /// The number of the decision.
        paper: PaperNumber,
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
        /// The number of the notice; none where the applicant has withdrawn it.
        paper: Option<PaperNumber>,
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
        /// The number of the decision; none where others are still to come, and where the law decided.
        paper: Option<PaperNumber>,
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
        /// The number of the notice.
        paper: PaperNumber,
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
        /// The number of the notice.
        paper: PaperNumber,
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
        /// To whom.
        to: AccountId,
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
        /// Where it comes from.
        source: RatingSource,
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
        /// The number of the decision.
        paper: PaperNumber,
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
        /// The number of the decision, where it is revoked.
        paper: Option<PaperNumber>,
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
        /// The number of the notice.
        paper: PaperNumber,
    },
    /// A case ended because its applicant is no more.
    Discontinued {
        /// The case.
        case: CaseNumber,
        /// Where it is now: terminated, or closed where it was decided.
        stage: Stage,
        /// What became of the applicant.
        loss: Loss,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
        /// The number of the notice, where it was terminated.
        paper: Option<PaperNumber>,
    },
    /// A card was answered.
    CardAnswered {
        /// The number of the card.
        number: PaperNumber,
        /// The case.
        case: CaseNumber,
        /// The department that leads it.
        department: DepartmentCode,
        /// The answer.
        answer: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// What is to be decided passed to another department.
    Referred {
        /// The case.
        case: CaseNumber,
        /// The department that leads it.
        department: DepartmentCode,
        /// The one that may decide in its place.
        to: DepartmentCode,
        /// Why.
        reasons: Reasons,
        /// By whom.
        by: AccountId,
    },
    /// The applicant and interested parties were told of their right to a hearing.
    HearingTold {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// Interested parties.
        parties: List<AccountId, PARTIES_MAX>,
        /// The notice.
        notice: Digest,
        /// Until when a hearing can be asked for.
        ask_until: Time,
        /// By whom.
        by: AccountId,
        /// The number of the notice.
        paper: PaperNumber,
    },
    /// Somebody asks for a hearing, or does without it.
    HearingAnswered {
        /// The case.
        case: CaseNumber,
        /// Who was told.
        party: AccountId,
        /// Whether a hearing is asked for.
        wants: bool,
        /// By whom.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// Notice was given of a hearing.
    HearingArranged {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// When it takes place.
        at: Time,
        /// The notice.
        notice: Digest,
        /// By whom.
        by: AccountId,
        /// The number of the notice.
        paper: PaperNumber,
    },
    /// A hearing was held.
    HearingRecorded {
        /// The case.
        case: CaseNumber,
        /// The step of decision.
        step: StepName,
        /// The record.
        record: Digest,
        /// Who presided.
        by: AccountId,
    },
    /// The receipt of what was delivered was acknowledged.
    Acknowledged {
        /// The case.
        case: CaseNumber,
        /// By whom.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// An application on paper was entered at a counter.
    ApplicationEntered {
        /// The number of the case.
        case: CaseNumber,
        /// The item.
        item: ItemCode,
        /// The version in force.
        item_version: u32,
        /// For whom.
        applicant: AccountId,
        /// The officer who entered it; this stays with the case for ever.
        by: AccountId,
        /// The paper.
        paper: Digest,
        /// The department that decides.
        department: DepartmentCode,
        /// The place that receives it.
        place: DepartmentCode,
        /// How it crosses regions.
        crossing: Crossing,
    },
    /// What an applicant did on paper was entered at a counter.
    ActEntered {
        /// The case.
        case: CaseNumber,
        /// What he did.
        what: Entered,
        /// The paper.
        paper: Digest,
        /// The officer who entered it.
        by: AccountId,
        /// Where the case is now.
        stage: Stage,
    },
    /// What was entered at a counter was disowned.
    Disowned {
        /// The case.
        case: CaseNumber,
        /// Where it is now.
        stage: Stage,
        /// Who had entered something of it.
        entered_by: List<AccountId, ENTRIES_MAX>,
        /// By whom it was disowned.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// What was disowned was looked into.
    DisownedExamined {
        /// The case.
        case: CaseNumber,
        /// Whether it was invented.
        invented: bool,
        /// The finding.
        opinion: Digest,
        /// By whom.
        by: AccountId,
        /// Where the case is now: under way again, where only an invented withdrawal had ended it.
        stage: Stage,
        /// The red card to the counter at which it was invented.
        card: Option<PaperNumber>,
    },
}
