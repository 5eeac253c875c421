//! Why a case waits (为什么还没办好): cause, owner, next action and deadline, for the case and for each open step.
//!
//! Pure functions of the records. **Every open case has an owner**: nothing waits for nobody.

use crate::case_moments::{Subjects, open_gap};
use crate::case_records::{MATERIALS_MAX, ProcedureKind};
use crate::case_states::Stage;
use crate::case_steps::{self, Ruling};
use crate::cases::CallKind;
use crate::flow::{self, STEPS_MAX, StepName, StepState};
use crate::items::StepKind;
use crate::law::{self, Stage as LawStage};
use crate::offices::DepartmentCode;
use crate::working_days::{Deadline, after_calendar_days, after_working_days};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, Role, State};
use tongban_types::{AccountId, List, Text, Time};

/// Why something waits, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// Why.
    pub cause: Cause,
    /// Who has to act.
    pub owner: Owner,
    /// What he has to do: the name of a call.
    pub next: Text<40>,
    /// Until when; none where no rule sets a limit.
    pub deadline: Option<Deadline>,
    /// Whether that is over.
    pub is_late: bool,
}

/// Who has to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The applicant, or who acts for him.
    Applicant {
        /// His account.
        account: AccountId,
    },
    /// An officer.
    Office {
        /// The department.
        department: DepartmentCode,
        /// The role.
        role: Role,
        /// The post, where it matters.
        post: Option<Text<40>>,
    },
}

/// Why a case waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody has received it.
    NotReceived {},
    /// It was received elsewhere and not handed over.
    NotHandedOver {},
    /// Whether it is accepted is open.
    NotAccepted {},
    /// The applicant corrects it.
    BeingCorrected {},
    /// The applicant has not corrected it in time.
    NotCorrected {},
    /// Steps are under way; the one that is due first leads.
    StepsUnderWay {
        /// All that are due.
        steps: List<StepName, STEPS_MAX>,
    },
    /// A special procedure is under way.
    Procedure {
        /// Its kind.
        procedure: ProcedureKind,
        /// Its reason.
        reason: Text<200>,
    },
    /// Materials are missing.
    Gap {
        /// Which.
        missing: List<u8, MATERIALS_MAX>,
        /// Whether handling is suspended for that.
        is_suspended: bool,
    },
    /// A step was rejected; the refusal is to be decided by a person.
    RefusalToDecide {
        /// The step of decision.
        step: StepName,
    },
    /// A person has to decide whether it is terminated.
    TerminationProposed {},
    /// The result is to be made.
    ResultToMake {},
    /// The result is to be delivered.
    NotDelivered {},
    /// It is to be closed.
    NotClosed {},
    /// A bad rating is to be answered.
    BadRating {},
    /// An appeal is to be decided.
    Appeal {},
    /// An appeal was right, and the case is to be taken up again.
    ToReconsider {},
    /// A commitment is to be checked.
    CommitmentToCheck {},
    /// A commitment is not true; a revocation is to be proposed.
    CommitmentFalse {},
    /// A person has to decide whether it is revoked.
    RevocationProposed {},
}

/// Why a step is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepWaiting {
    /// The step.
    pub step: StepName,
    /// Why.
    pub cause: StepCause,
    /// Who has to act: for a step that waits, the owner of the first of those it waits for that is due.
    pub owner: Owner,
    /// What he has to do: the name of a call.
    pub next: Text<40>,
    /// Until when; none while the clock stands still, and for a step that waits.
    pub deadline: Option<Deadline>,
    /// Whether that is over.
    pub is_late: bool,
}

/// Why a step is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepCause {
    /// It is to be done.
    Due {},
    /// Something before it was rejected: it can only be a refusal.
    RefusalToDecide {},
    /// A special procedure is under way.
    Procedure {
        /// Its kind.
        procedure: ProcedureKind,
        /// Its reason.
        reason: Text<200>,
    },
    /// It waits for these, which are not finished.
    WaitsFor {
        /// The steps.
        steps: List<StepName, 16>,
    },
}

fn call(kind: CallKind) -> Text<40> {
    let name: &'static str = kind.into();
    Text::new(name).expect("names of calls are short")
}

struct Answer {
    cause: Cause,
    owner: Owner,
    next: CallKind,
    deadline: Option<Deadline>,
}

fn fixed(at: Time) -> Option<Deadline> {
    Some(Deadline { at, is_provisional: false })
}

/// Why a case waits; none where nothing is open.
pub fn of_case(subjects: Subjects, now: Time, state: &State) -> Result<Option<Waiting>, Missing> {
    let case = subjects.case;
    let answer = match case.stage {
        Stage::Submitted => Some(submitted(subjects, state)?),
        Stage::Received => Some(received(subjects, state)?),
        Stage::Correcting => Some(correcting(subjects, state)?),
        Stage::Accepted => Some(accepted(subjects, state)?),
        Stage::Granted | Stage::Rejected => Some(decided(subjects, state)?),
        Stage::Closed
        | Stage::NotAccepted
        | Stage::Returned
        | Stage::Withdrawn
        | Stage::Terminated
        | Stage::Forwarded
        | Stage::Revoked => None,
    };
    let answer = match answer {
        Some(answer) if !matches!(answer.cause, Cause::NotDelivered {} | Cause::NotClosed {}) => Some(answer),
        other => afterwards(subjects, state)?.or(other),
    };
    let Some(Answer { cause, owner, next, deadline }) = answer else { return Ok(None) };
    let is_late = deadline.is_some_and(|deadline| deadline.is_over(now));
    Ok(Some(Waiting { cause, owner: answering(owner, state)?, next: call(next), deadline, is_late }))
}

/// Who has to act now, where a department was merged or closed since.
fn answering(owner: Owner, state: &State) -> Result<Owner, Missing> {
    match owner {
        Owner::Office { department, role, post } => {
            let department = crate::cases::answering(&department, state)?.unwrap_or(department);
            Ok(Owner::Office { department, role, post })
        }
        Owner::Applicant { account } => Ok(Owner::Applicant { account }),
    }
}

fn office(department: DepartmentCode, role: Role) -> Owner {
    Owner::Office { department, role, post: None }
}

fn applicant(subjects: Subjects) -> Owner {
    Owner::Applicant { account: subjects.case.applicant }
}

fn submitted(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { filing, rules, .. } = subjects;
    let deadline = match crate::case_moments::acceptance_deadline(subjects, state)? {
        Some(at) => fixed(at),
        None => Some(after_working_days(state, filing.filed_at, rules.office_days)?),
    };
    let owner = office(filing.place, Role::Receiver);
    Ok(Answer { cause: Cause::NotReceived {}, owner, next: CallKind::Receive, deadline })
}

fn received(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { case, filing, item, rules, .. } = subjects;
    let Some(arrived) = case.intake.arrived_at else {
        let since = case.intake.received.as_ref().map_or(filing.filed_at, |received| received.at);
        let deadline = Some(after_working_days(state, since, rules.office_days)?);
        let owner = office(filing.place, Role::Receiver);
        return Ok(Answer { cause: Cause::NotHandedOver {}, owner, next: CallKind::HandOver, deadline });
    };
    let days = item.clocks.acceptance_days.min(law::limit(LawStage::Acceptance).working_days);
    let deadline = Some(after_working_days(state, arrived, days)?);
    let step = case_steps::acceptance(&item.flow).and_then(|place| item.flow.get(place));
    let scope = step.and_then(crate::cases::scope_of);
    let owner = match scope {
        Some(scope) => Owner::Office { department: scope.department, role: Role::Acceptor, post: scope.post },
        None => office(case.department, Role::Acceptor),
    };
    Ok(Answer { cause: Cause::NotAccepted {}, owner, next: CallKind::Accept, deadline })
}

fn correcting(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { case, rules, .. } = subjects;
    let Some(correction) = &case.intake.correction else {
        let owner = applicant(subjects); // never: the stage begins with the notice
        return Ok(Answer { cause: Cause::BeingCorrected {}, owner, next: CallKind::Supplement, deadline: None });
    };
    let deadline = correction.clock.deadline(state)?;
    if !correction.has_lapsed {
        let owner = applicant(subjects);
        return Ok(Answer { cause: Cause::BeingCorrected {}, owner, next: CallKind::Supplement, deadline });
    }
    let deadline = deadline.map(|deadline| after_working_days(state, deadline.at, rules.office_days)).transpose()?;
    let owner = office(case.department, Role::Acceptor);
    Ok(Answer { cause: Cause::NotCorrected {}, owner, next: CallKind::ReturnCase, deadline })
}

fn accepted(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { case, item, states, rules, .. } = subjects;
    if let Some(proposal) = &case.termination {
        let deadline = Some(after_working_days(state, proposal.at, rules.office_days)?);
        let owner = office(case.department, Role::Approver);
        return Ok(Answer { cause: Cause::TerminationProposed {}, owner, next: CallKind::Terminate, deadline });
    }
    let gap = open_gap(case);
    if let Some((gap, since)) = gap.and_then(|gap| gap.waits_since().map(|since| (gap, since))) {
        let deadline = Some(after_working_days(state, since, rules.gap_grace_days)?);
        return Ok(of_gap(subjects, gap, deadline));
    }
    let due: Vec<usize> = (0..states.len()).filter(|index| states[*index] == StepState::Due).collect();
    let is_waiting_for_gap = |index: &usize| item.flow[*index].kind == StepKind::Decision;
    if let Some(gap) = gap.filter(|_| !due.is_empty() && due.iter().all(is_waiting_for_gap)) {
        let deadline = gap.clock.deadline(state)?;
        return Ok(of_gap(subjects, gap, deadline));
    }
    let mut open: Vec<(Option<Time>, usize)> = Vec::new();
    for index in due {
        let deadline = step_deadline(subjects, index, state)?;
        open.push((deadline.map(|deadline| deadline.at), index));
    }
    // A step whose clock runs comes before one in a special procedure.
    open.sort_by_key(|(at, index)| (at.is_none(), *at, *index));
    let Some((_, first)) = open.first().copied() else { return refusal(subjects, state) };
    let waiting = of_step(subjects, first, Time::default(), state)?;
    let names = open.iter().map(|(_, index)| item.flow[*index].name.clone()).collect();
    let cause = match waiting.as_ref().map(|waiting| &waiting.cause) {
        Some(StepCause::Procedure { procedure, reason }) => {
            Cause::Procedure { procedure: *procedure, reason: reason.clone() }
        }
        _ => Cause::StepsUnderWay { steps: List::new(names).expect("no more than the flow has") },
    };
    let next = next_of(item.flow[first].kind);
    let owner = owner_of(subjects, first);
    let deadline = match case.promised.map(|clock| clock.deadline(state)).transpose()?.flatten() {
        Some(deadline) => Some(deadline),
        None => until_of_procedures(subjects),
    };
    Ok(Answer { cause, owner, next, deadline })
}

fn of_gap(subjects: Subjects, gap: &crate::case_records::Gap, deadline: Option<Deadline>) -> Answer {
    let cause = Cause::Gap { missing: gap.missing.clone(), is_suspended: gap.suspended_at.is_some() };
    Answer { cause, owner: applicant(subjects), next: CallKind::FillGap, deadline }
}

/// Nothing is due: something was rejected, and a person has to refuse.
fn refusal(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { case, item, states, .. } = subjects;
    let deadline = case.promised.map(|clock| clock.deadline(state)).transpose()?.flatten();
    let place = (0..states.len())
        .find(|index| {
            item.flow[*index].kind == StepKind::Decision
                && case_steps::can_decide(&item.flow, states, *index) == Some(Ruling::RefusalOnly)
        })
        .unwrap_or_default();
    let step = item.flow.get(place).map(|step| step.name.clone()).unwrap_or_default();
    let owner = owner_of(subjects, place);
    Ok(Answer { cause: Cause::RefusalToDecide { step }, owner, next: CallKind::Decide, deadline })
}

fn until_of_procedures(subjects: Subjects) -> Option<Deadline> {
    let open = subjects.case.procedures.iter().filter(|procedure| procedure.ended_at.is_none());
    open.filter_map(|procedure| procedure.until).max().and_then(fixed)
}

fn decided(subjects: Subjects, state: &State) -> Result<Answer, Missing> {
    let Subjects { case, item, states, rules, .. } = subjects;
    let mut deadline = case.delivery_clock.map(|clock| clock.deadline(state)).transpose()?.flatten();
    let due = (0..states.len()).find(|index| case.stage == Stage::Granted && states[*index] == StepState::Due);
    if let Some(index) = due {
        let steps = List::new(vec![item.flow[index].name.clone()]).expect("one step");
        let (owner, next) = (owner_of(subjects, index), next_of(item.flow[index].kind));
        let step = step_deadline(subjects, index, state)?;
        return Ok(Answer { cause: Cause::StepsUnderWay { steps }, owner, next, deadline: step.or(deadline) });
    }
    let (cause, next) = match &case.delivery {
        Some(delivery) => {
            deadline = Some(after_working_days(state, delivery.by.at, rules.office_days)?);
            (Cause::NotClosed {}, CallKind::Close)
        }
        None if case.stage == Stage::Granted && case.results.is_empty() && crate::cases::wants_result(item) => {
            (Cause::ResultToMake {}, CallKind::IssueCertificate)
        }
        None => (Cause::NotDelivered {}, CallKind::Deliver),
    };
    Ok(Answer { cause, owner: office(case.department, Role::Issuer), next, deadline })
}

/// What is open beside the result: ratings, appeals, checks.
fn afterwards(subjects: Subjects, state: &State) -> Result<Option<Answer>, Missing> {
    let Subjects { case, rules, .. } = subjects;
    let lead = |role| office(case.department, role);
    if let Some(appeal) = &case.appeal {
        match &appeal.decision {
            None => {
                let (owner, deadline) = (lead(Role::Approver), appeal.clock.deadline(state)?);
                return Ok(Some(Answer { cause: Cause::Appeal {}, owner, next: CallKind::DecideAppeal, deadline }));
            }
            Some(decision) if decision.upheld => {
                let deadline = Some(after_working_days(state, decision.by.at, rules.office_days)?);
                let (owner, next) = (lead(Role::Approver), CallKind::Reconsider);
                return Ok(Some(Answer { cause: Cause::ToReconsider {}, owner, next, deadline }));
            }
            Some(_) => {}
        }
    }
    if let Some(revocation) = case.revocation.as_ref().filter(|revocation| revocation.decision.is_none()) {
        let deadline = Some(after_working_days(state, revocation.by.at, rules.office_days)?);
        let (owner, next) = (lead(Role::Approver), CallKind::DecideRevocation);
        return Ok(Some(Answer { cause: Cause::RevocationProposed {}, owner, next, deadline }));
    }
    if let Some(order) = case.rating.as_ref().and_then(|rating| rating.order.as_ref())
        && order.answer.is_none()
        && case.rating.as_ref().is_some_and(|rating| rating.excluded.is_none())
    {
        let (owner, next) = (lead(Role::Approver), CallKind::AnswerWorkOrder);
        return Ok(Some(Answer { cause: Cause::BadRating {}, owner, next, deadline: order.clock.deadline(state)? }));
    }
    let Some(check) = &case.commitment else { return Ok(None) };
    match &check.found {
        None => {
            let (owner, next) = (lead(Role::Reviewer), CallKind::CheckCommitment);
            let deadline = check.clock.deadline(state)?;
            Ok(Some(Answer { cause: Cause::CommitmentToCheck {}, owner, next, deadline }))
        }
        Some(found) if !found.is_true && case.revocation.is_none() => {
            let (owner, next) = (lead(Role::Reviewer), CallKind::ProposeRevocation);
            let deadline = Some(after_working_days(state, found.by.at, rules.office_days)?);
            Ok(Some(Answer { cause: Cause::CommitmentFalse {}, owner, next, deadline }))
        }
        Some(_) => Ok(None),
    }
}

fn next_of(kind: StepKind) -> CallKind {
    match kind {
        StepKind::Decision => CallKind::Decide,
        StepKind::Certificate => CallKind::IssueCertificate,
        StepKind::Delivery => CallKind::Deliver,
        _ => CallKind::FinishStep,
    }
}

fn owner_of(subjects: Subjects, index: usize) -> Owner {
    let step = subjects.item.flow.get(index);
    match step.and_then(|step| crate::cases::scope_of(step).map(|scope| (scope, case_steps::role(step.kind)))) {
        Some((scope, role)) => Owner::Office { department: scope.department, role, post: scope.post },
        None => office(subjects.case.department, Role::Approver),
    }
}

fn step_deadline(subjects: Subjects, index: usize, state: &State) -> Result<Option<Deadline>, Missing> {
    let clock = subjects.case.steps.get(index).and_then(|mark| mark.clock);
    Ok(clock.map(|clock| clock.deadline(state)).transpose()?.flatten())
}

/// Why each open step is open, in the flow's order.
pub fn of_steps(subjects: Subjects, now: Time, state: &State) -> Result<List<StepWaiting, STEPS_MAX>, Missing> {
    let mut open = Vec::new();
    if matches!(subjects.case.stage, Stage::Accepted | Stage::Granted) {
        for index in 0..subjects.states.len() {
            open.extend(of_step(subjects, index, now, state)?);
        }
    }
    Ok(List::new(open).expect("no more than the flow has"))
}

fn of_step(subjects: Subjects, index: usize, now: Time, state: &State) -> Result<Option<StepWaiting>, Missing> {
    let Subjects { case, item, states, .. } = subjects;
    let step = &item.flow[index];
    let place = u8::try_from(index).ok();
    let running = case.procedures.iter().find(|one| one.ended_at.is_none() && one.step.is_some() && one.step == place);
    let (cause, owner, next) = match states[index] {
        StepState::Due => {
            let cause = match running {
                Some(one) => StepCause::Procedure { procedure: one.kind, reason: one.reason.clone() },
                None => StepCause::Due {},
            };
            (cause, owner_of(subjects, index), next_of(step.kind))
        }
        StepState::Stopped if step.kind == StepKind::Decision && case.decision.is_none() => {
            match case_steps::can_decide(&item.flow, states, index) {
                Some(_) => (StepCause::RefusalToDecide {}, owner_of(subjects, index), CallKind::Decide),
                None => return Ok(None),
            }
        }
        StepState::Waiting => {
            let is_open = |place: usize| matches!(states[place], StepState::Due | StepState::Waiting);
            let before = flow::predecessors(&item.flow)[index];
            let steps = flow::places(before).filter(|place| is_open(*place));
            let steps = steps.map(|place| item.flow[place].name.clone()).collect();
            let all = flow::ancestors(&item.flow)[index];
            let first = flow::places(all).find(|place| states[*place] == StepState::Due).unwrap_or(index);
            let steps = List::new(steps).expect("a step waits for at most 16");
            (StepCause::WaitsFor { steps }, owner_of(subjects, first), next_of(item.flow[first].kind))
        }
        StepState::Skipped | StepState::Finished(_) | StepState::Stopped => return Ok(None),
    };
    let deadline = step_deadline(subjects, index, state)?;
    let is_late = deadline.is_some_and(|deadline| deadline.is_over(now));
    let owner = answering(owner, state)?;
    Ok(Some(StepWaiting { step: step.name.clone(), cause, owner, next: call(next), deadline, is_late }))
}

/// Until when one may appeal: 60 days after one was told (行政复议法 第二十条).
pub fn appeal_until(told_at: Time) -> Time {
    after_calendar_days(told_at, APPEAL_DAYS)
}

/// Days to appeal, and days to decide an appeal (行政复议法 第二十条、第六十二条).
pub const APPEAL_DAYS: u16 = 60;
