//! The records. This is the only place with keys of the state.

use crate::cards::CardRules;
use crate::case_entries::Disowned;
use crate::case_hearings::Hearing;
use crate::case_papers::{
    FORMER_REVOCATIONS_MAX, Led, PAPERS_MAX, Paper, PaperKind, PaperNumber, Referral, Supervision,
};
use crate::case_records::{
    Acceptance, Appeal, BrokenPromise, BrokenPromises, CARDS_MAX, CardShown, CaseResult, CommitmentCheck, Decision,
    Delivery, Ending, Extension, FORMER_OFFICERS_MAX, FORWARDINGS_MAX, Filing, Forwarding, Gap, Intake, ItemVersion,
    Mark, PROCEDURES_MAX, Procedure, RESULTS_MAX, Rating, RefusedAcceptance, Revocation, RevocationDecision, SetAside,
    StepRecord, TerminationProposal,
};
use crate::case_sources;
use crate::case_states::Stage;
use crate::clocks::Clock;
use crate::flow::STEPS_MAX;
use crate::offices::DepartmentCode;
use crate::orgs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LongDivisionCode};
use tongban_types::{AccountId, List, Text, Time};

/// All cases: what changes as they are handled.
pub const CASES: Table<CaseNumber, Case> = Table::new("cases/cases");
/// What was filed for each case.
pub const FILINGS: Table<CaseNumber, Filing> = Table::new("cases/filings");
/// Steps that were done: by case, place in the flow and round.
pub const STEPS: Table<(CaseNumber, u8, u8), StepRecord> = Table::new("cases/steps");
/// How many cases were filed: by the beginning of their numbers and the day.
pub const SEQUENCES: Table<(Text<31>, u32), u64> = Table::new("cases/sequences");
/// Days and cards by division.
pub const RULES: Table<LongDivisionCode, Rules> = Table::new("cases/rules");
/// Applicants who once broke a promise.
pub const BROKEN_PROMISES: Table<AccountId, BrokenPromises> = Table::new("cases/broken_promises");
/// Licences that the law has renewed, because nobody had decided before they expired, and the first case in which it did.
pub const DEEMED_RENEWALS: Table<LicenceIdentifier, CaseNumber> = Table::new("cases/deemed_renewals");

/// How many papers of a kind a department has given in a year.
pub const PAPER_SEQUENCES: Table<(DepartmentCode, PaperKind, u16), u64> = Table::new("cases/paper_sequences");
/// All papers by their numbers; of cards see [`SUPERVISIONS`].
pub const PAPERS: Table<PaperNumber, Paper> = Table::new("cases/papers");
/// Yellow and red cards, and what the departments say of them.
pub const SUPERVISIONS: Table<PaperNumber, Supervision> = Table::new("cases/supervisions");
/// What bodies had used up that led a case before: by case and the place of the forwarding.
pub const LED: Table<(CaseNumber, u8), Led> = Table::new("cases/led");

/// The version of the format of cases, filings and steps.
pub const CASE_VERSION: u16 = 4;

/// A case (办件).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The version of this format.
    pub version: u16,
    /// What is applied for, in the version it runs by: that in force when it was filed until it is accepted, then that in force at
    /// acceptance.
    pub item: ItemVersion,
    /// The department that leads and decides (牵头部门).
    pub department: DepartmentCode,
    /// For whom.
    pub applicant: AccountId,
    /// Where it is.
    pub stage: Stage,
    /// Who received it and handed it over.
    pub intake: Intake,
    /// The acceptance; once accepted it stays so.
    pub acceptance: Option<Acceptance>,
    /// The refusal to accept.
    pub refused: Option<RefusedAcceptance>,
    /// What may follow later.
    pub gap: Option<Gap>,
    /// The clock of the promise.
    pub promised: Option<Clock>,
    /// The clock of the law.
    pub statutory: Option<Clock>,
    /// Its steps, in the flow's order.
    pub steps: List<Mark, STEPS_MAX>,
    /// Special procedures, oldest first.
    pub procedures: List<Procedure, PROCEDURES_MAX>,
    /// The one extension.
    pub extension: Option<Extension>,
    /// The decision in force.
    pub decision: Option<Decision>,
    /// Certificates and documents.
    pub results: List<CaseResult, RESULTS_MAX>,
    /// The clock of certificate and delivery.
    pub delivery_clock: Option<Clock>,
    /// The delivery.
    pub delivery: Option<Delivery>,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// The proposal to terminate it.
    pub termination: Option<TerminationProposal>,
    /// How it ended before a decision.
    pub ending: Option<Ending>,
    /// The later check of what was committed to.
    pub commitment: Option<CommitmentCheck>,
    /// The last proposal to revoke it.
    pub revocation: Option<Revocation>,
    /// The rating.
    pub rating: Option<Rating>,
    /// The appeal.
    pub appeal: Option<Appeal>,
    /// How often it was taken up again.
    pub reconsidered: u8,
    /// Who had ended the case before it was taken up again; one of the former officers.
    pub former_decider: Option<AccountId>,
    /// Cards that were shown.
    pub cards: List<CardShown, CARDS_MAX>,
    /// The licence in force that is to be renewed, and when it expires: without a decision before, it counts as renewed.
    pub renewal: Option<Renewal>,
    /// When time looks at it next.
    pub watch: Option<Time>,
    /// When it was filed: the block's time.
    pub filed_at: Time,
    /// All against whom the appeals were, for which the case was taken up again: they do not end it a second time.
    pub former_officers: List<AccountId, FORMER_OFFICERS_MAX>,
    /// How it came to the department that leads, where it was forwarded to it, oldest first.
    pub forwardings: List<Forwarding, FORWARDINGS_MAX>,
    /// The numbers of its papers, oldest first.
    pub papers: List<PaperNumber, PAPERS_MAX>,
    /// Earlier proposals to revoke it, oldest first: declined, or set aside.
    pub former_revocations: List<Revocation, FORMER_REVOCATIONS_MAX>,
    /// That another department may decide in the place of the one that leads.
    pub referral: Option<Referral>,
    /// The hearing before its decision, where its right was told.
    pub hearing: Option<Hearing>,
    /// That its applicant has disowned what was entered for him at a counter.
    pub disowned: Option<Disowned>,
    /// The place that takes part where it is handled jointly (多地联办), since it was accepted.
    pub joint_place: Option<DepartmentCode>,
}

/// A licence that is to be renewed, applied for in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renewal {
    /// Which.
    pub licence: LicenceIdentifier,
    /// The first moment without it.
    pub expires_at: Time,
}

/// Days and cards of a division (时限与预警规则). Days are working days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// When cards are shown.
    pub cards: CardRules,
    /// The applicant's days for a correction.
    pub correction_days: u16,
    /// How long before the end the applicant is reminded of what is missing.
    pub gap_reminder_days: u16,
    /// From the suspension to the proposal to terminate.
    pub gap_grace_days: u16,
    /// To answer a bad rating.
    pub work_order_days: u16,
    /// To check a commitment after the decision.
    pub commitment_days: u16,
    /// For what officers owe each other: a hand-over, an answer to a proposal, closing.
    pub office_days: u16,
    /// The department that decides where nobody in the one that leads may (指定机关); the one above it, where none is named.
    pub decides_instead: Option<DepartmentCode>,
}

impl Default for Rules {
    /// The common ones. Places differ: bad ratings are answered within 5 working days in one city, within 15 in another.
    fn default() -> Self {
        Self {
            cards: CardRules::default(),
            correction_days: 15,
            gap_reminder_days: 2,
            gap_grace_days: 5,
            work_order_days: 5,
            commitment_days: 40,
            decides_instead: None,
            office_days: 5,
        }
    }
}

/// What was decided in favour of an applicant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For whom.
    pub applicant: AccountId,
    /// What, in the version that was decided by.
    pub item: ItemVersion,
    /// The department that decided.
    pub department: DepartmentCode,
    /// When.
    pub at: Time,
    /// Licences that the case already records as made.
    pub licences: Vec<LicenceIdentifier>,
    /// The licence that is renewed.
    pub renews: Option<LicenceIdentifier>,
    /// Whether it was revoked afterwards.
    pub revoked: bool,
    /// When its revocation was set aside.
    pub restored_at: Option<Time>,
    /// The departments that led the case before it was forwarded.
    pub forwarded_by: Vec<DepartmentCode>,
}

/// The case with this number.
pub fn case(state: &State, number: &CaseNumber) -> Result<Option<Case>, Missing> {
    CASES.get(state, number)
}

/// What was filed for a case.
pub fn filing(state: &State, number: &CaseNumber) -> Result<Option<Filing>, Missing> {
    FILINGS.get(state, number)
}

/// What was decided in favour of the applicant of a case, if it was: nothing before the decision and after a refusal.
pub fn grant(state: &State, number: &CaseNumber) -> Result<Option<Grant>, Missing> {
    use crate::case_records::Produced;
    let Some(case) = case(state, number)? else { return Ok(None) };
    let Some(decision) = case.decision.as_ref().filter(|decision| decision.granted) else { return Ok(None) };
    let licences = case.results.iter().filter_map(|result| match &result.what {
        Produced::Licence { licence } => Some(licence.clone()),
        Produced::Document { .. } => None,
    });
    Ok(Some(Grant {
        applicant: case.applicant,
        at: decision.at,
        licences: licences.collect(),
        renews: filing(state, number)?.and_then(|filing| filing.renews),
        revoked: is_revoked(&case),
        restored_at: set_aside(&case).map(|set_aside| set_aside.at),
        forwarded_by: case.forwardings.iter().map(|forwarding| forwarding.from).collect(),
        item: case.item,
        department: case.department,
    }))
}

/// The case in which the law has renewed a licence.
pub fn deemed_renewal(state: &State, licence: &LicenceIdentifier) -> Result<Option<CaseNumber>, Missing> {
    DEEMED_RENEWALS.get(state, licence)
}

/// The decision by which what was granted is revoked, unless it was set aside.
pub fn revocation(case: &Case) -> Option<&RevocationDecision> {
    let decision = case.revocation.as_ref().and_then(|revocation| revocation.decision.as_ref());
    decision.filter(|decision| decision.revoked && decision.set_aside.is_none())
}

/// That the revocation of what was granted was set aside.
fn set_aside(case: &Case) -> Option<&SetAside> {
    let all = case.former_revocations.iter().chain(&case.revocation);
    all.filter_map(|one| one.decision.as_ref()?.set_aside.as_ref()).next_back()
}

/// Whether what was granted was revoked afterwards.
pub fn is_revoked(case: &Case) -> bool {
    revocation(case).is_some()
}

/// The rules for a department: those of its division, or of the nearest division above that has some, or the common ones.
pub fn rules(state: &State, department: &DepartmentCode) -> Result<Rules, Missing> {
    let mut division = orgs::department(state, department)?.map(|department| department.division);
    while let Some(here) = division {
        if let Some(rules) = RULES.get(state, &here)? {
            return Ok(rules);
        }
        division = here.parent();
    }
    Ok(Rules::default())
}

/// Whether an applicant once broke a promise, and it is not repaired.
pub fn has_broken_promise(state: &State, applicant: &AccountId) -> Result<bool, Missing> {
    Ok(BROKEN_PROMISES.get(state, applicant)?.is_some_and(|promises| promises.is_open()))
}

/// Puts down that the applicant of a case has broken a promise, beside those that he had broken before.
pub(super) fn break_promise(number: &CaseNumber, case: &Case, at: Time, state: &mut State) -> Result<(), Missing> {
    let before = BROKEN_PROMISES.get(state, &case.applicant)?;
    let before = before.unwrap_or(BrokenPromises { version: CASE_VERSION, broken: List::default() });
    let broken =
        BrokenPromise { department: case.department, case: number.clone(), since: at, repaired: None, and_more: 0 };
    BROKEN_PROMISES.put(state, &case.applicant, &before.with(broken)); // I11
    Ok(())
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("cases", "I1 cases and all that belongs to them stay for ever");
    }
    if let Some(step) = STEPS.record_of(write)
        && step.by.is_none() != (step.outcome == crate::flow::StepOutcome::PassedBySilence)
    {
        return broken(STEPS.name(), "I8 a step that a person has done names him, and silence names nobody");
    }
    if FILINGS.record_of(write).is_some_and(|filing| !case_sources::are_ordered(&filing.sources)) {
        return broken(FILINGS.name(), "I23 each answer is said to come from one source");
    }
    let Some(case) = CASES.record_of(write) else { return Ok(()) };
    let invariant = broken_by(&case);
    invariant.map_or(Ok(()), |invariant| broken(CASES.name(), invariant))
}

fn broken_by(case: &Case) -> Option<&'static str> {
    let is_decided = case.decision.is_some();
    let has_gap = case.gap.as_ref().is_some_and(|gap| !gap.missing.is_empty());
    let is_granted = case.decision.as_ref().is_some_and(|decision| decision.granted);
    let open = case.procedures.iter().filter(|procedure| procedure.ended_at.is_none()).count();
    let stands = |clock: &Option<Clock>| {
        clock.is_some_and(|clock| matches!(clock.phase(), crate::clocks::Phase::Stopped { .. }))
    };
    let wants_decision = matches!(case.stage, Stage::Granted | Stage::Rejected | Stage::Closed | Stage::Revoked);
    if is_decided && case.acceptance.is_none() {
        return Some("I2 nothing is decided before it is accepted");
    }
    if is_decided != wants_decision {
        return Some("I3 a case is decided once, and then it is granted, refused, closed or revoked");
    }
    let is_of_grant = matches!(case.stage, Stage::Granted | Stage::Revoked);
    if is_of_grant && !is_granted || case.stage == Stage::Rejected && is_granted {
        return Some("I3 the stage is what the decision says");
    }
    if case.acceptance.is_some() && matches!(case.stage, Stage::NotAccepted | Stage::Returned) {
        return Some("I3 what was accepted is decided");
    }
    if case.stage == Stage::Revoked && !is_revoked(case) {
        return Some("I17 a revocation is decided");
    }
    if has_gap && (is_granted || !case.results.is_empty()) {
        return Some("I4 nothing is granted and no certificate made before what is missing was handed in");
    }
    if (stands(&case.promised) || stands(&case.statutory)) && open == 0 {
        return Some("I5 the clock stands still in a recorded special procedure only");
    }
    if case.hearing.as_ref().is_some_and(|hearing| hearing.held.is_some() && hearing.date.is_none()) {
        return Some("I19 a hearing that was held had its date, of which notice was given");
    }
    if !case.results.is_empty() && !is_granted {
        return Some("I6 a result is made for what was granted only");
    }
    let is_refusal_bare = case.decision.as_ref().is_some_and(|decision| {
        !decision.granted && (decision.reasons.is_empty() || decision.remedies.is_empty() || decision.by.is_none())
    });
    if is_refusal_bare {
        return Some("I7 a refusal is a named officer's, with reasons and remedies");
    }
    None
}
