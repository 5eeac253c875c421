//! The steps of a case, special procedures that stop its clock, and the one extension.

use super::Handled;
use super::decision::conclude;
use crate::case_papers::PaperKind;
use crate::case_records::{
    Extension, Hand, PROCEDURES_MAX, PROCEDURES_OF_OFFICERS_MAX, Procedure, ProcedureKind, Reasons, StepRecord,
};
use crate::case_states::Stage;
use crate::case_steps::{self, Rejected};
use crate::cases::access;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::cases::state::{CASE_VERSION, Case, STEPS};
use crate::clocks::{Clock, ClockError, Phase};
use crate::flow::{StepName, StepOutcome, StepState, place_of};
use crate::identity::{self, AccountKind};
use crate::items::{Step, StepKind};
use crate::law::{self, Stage as LawStage};
use crate::offices::DepartmentCode;
use crate::working_days::after_working_days;
use tongban_kernel::{Ctx, Missing, Role, State, Stop, TxError};
use tongban_types::codes::CaseNumber;
use tongban_types::{Digest, List, Text, Time};

/// A special procedure is told for a year at most; a longer one is told anew.
const PROCEDURE_MILLIS_MAX: u64 = 366 * 86_400_000;

/// The place of a step of the case; whoever names none was denied before.
pub(super) fn place(handled: &Handled, name: &StepName) -> Result<usize, Stop> {
    place_of(&handled.item.flow, name).ok_or_else(|| TxError::Denied.into())
}

/// Where the statute wants a person, no program acts (行政许可由人员作出).
pub(super) fn check_person(step: &Step, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    if step.human_only.is_some() {
        check_is_person(ctx, state)?;
    }
    Ok(())
}

/// Refuses what programs may not do.
pub(super) fn check_is_person(ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let account = identity::account(state, &ctx.account)?;
    if account.is_none_or(|account| account.kind == AccountKind::System) {
        return Err(Error::PersonNeeded.into()); // I8
    }
    Ok(())
}

/// Against whom an appeal was right does not end the case a second time.
pub(super) fn check_not_former(case: &Case, ctx: &Ctx) -> Result<(), Error> {
    if case.former_officers.contains(&ctx.account) { Err(Error::SameOfficer) } else { Ok(()) } // I16
}

/// Finishes a step that is no decision, certificate or delivery.
pub fn finish_step(
    number: CaseNumber,
    name: StepName,
    passed: bool,
    opinion: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::FinishStep, ctx, state)?;
    let place = place(&handled, &name)?;
    let step = handled.item.flow[place].clone();
    let is_own_call = matches!(step.kind, StepKind::Decision | StepKind::Certificate | StepKind::Delivery);
    if is_own_call || case_steps::acceptance(&handled.item.flow) == Some(place) {
        return Err(Error::OtherCall.into()); // I8
    }
    if handled.states().get(place) != Some(&StepState::Due) {
        return Err(Error::StepNotDue.into()); // I15
    }
    check_person(&step, ctx, state)?;
    if step.written_opinion_required && opinion.is_none() {
        return Err(Error::OpinionMissing.into());
    }
    check_not_suspended(&handled.case)?;
    if !passed && handled.case.stage == Stage::Granted {
        return Err(Error::AfterDecision.into()); // I3
    }
    let by = handled.step_hand(place, Role::Reviewer, ctx, state)?;
    let outcome = if passed { StepOutcome::Passed } else { StepOutcome::Rejected };
    record(&mut handled, place, outcome, Some(by), opinion, ctx.time, state)?;
    end_procedures_of(&mut handled.case, place, ctx.time);
    let repeated = if passed {
        case_steps::finish(&mut handled.case.steps, place, outcome, Some(ctx.account));
        Vec::new()
    } else {
        reject(&mut handled, place, ctx)?
    };
    let due = begin_due(&mut handled, ctx.time)?;
    conclude(&mut handled, ctx.time, state)?;
    let repeated = List::new(repeated).expect("no more steps than the flow has");
    let department = acting(&handled.case, &step, state)?;
    let event = Event::StepFinished {
        case: handled.number.clone(),
        step: name,
        department,
        outcome,
        by: ctx.account,
        repeated,
        due,
    };
    handled.save(ctx, state)?;
    Ok(event)
}

/// A case whose missing materials are overdue rests.
pub(super) fn check_not_suspended(case: &Case) -> Result<(), Error> {
    let suspended = case.gap.as_ref().is_some_and(|gap| gap.suspended_at.is_some() && !gap.missing.is_empty());
    if suspended { Err(Error::Suspended) } else { Ok(()) }
}

/// Rejects a step; where it is sent back as far as the acceptance, the case is received again.
pub(super) fn reject(handled: &mut Handled, place: usize, ctx: &Ctx) -> Result<Vec<StepName>, Stop> {
    let flow = &handled.item.flow;
    let rejected = case_steps::reject(flow, &handled.answers, &mut handled.case.steps, place, ctx.account);
    match rejected.map_err(Error::from)?.map_err(|_| Error::TooManyRounds)? {
        Rejected::Stands => Ok(Vec::new()),
        Rejected::SentBack(repeated) => {
            let acceptance = case_steps::acceptance(flow).map(|place| &flow[place].name);
            if acceptance.is_some_and(|name| repeated.contains(name)) {
                handled.case.stage = Stage::Received;
                handled.case.intake.arrived_at = Some(ctx.time);
                end_procedures(&mut handled.case, ctx.time);
            }
            Ok(repeated)
        }
    }
}

/// Starts the clocks of what became due, and names it.
pub(super) fn begin_due(handled: &mut Handled, at: Time) -> Result<List<StepName, 64>, Stop> {
    if !matches!(handled.case.stage, Stage::Accepted | Stage::Granted) {
        return Ok(List::default());
    }
    let begun = case_steps::begin_due(&handled.item, &handled.answers, &mut handled.case.steps, at);
    Ok(handled.names(begun.map_err(Error::from)?))
}

/// Writes who answers for a step, and ends its clock.
pub(in crate::cases) fn record(
    handled: &mut Handled,
    place: usize,
    outcome: StepOutcome,
    by: Option<Hand>,
    opinion: Option<Digest>,
    at: Time,
    state: &mut State,
) -> Result<(), Stop> {
    record_ruling(handled, place, outcome, by, opinion, (Reasons::default(), Text::default()), at, state)
}

/// The same, with reasons and remedies of a decision.
#[expect(clippy::too_many_arguments, reason = "each is one field of the record")]
pub(super) fn record_ruling(
    handled: &mut Handled,
    place: usize,
    outcome: StepOutcome,
    by: Option<Hand>,
    opinion: Option<Digest>,
    (reasons, remedies): (Reasons, Text<300>),
    at: Time,
    state: &mut State,
) -> Result<(), Stop> {
    let department = acting(&handled.case, &handled.item.flow[place], state)?;
    let mark = handled.case.steps.get(place).copied().unwrap_or_default();
    let clock = mark.clock.map(|clock| finished(clock, at, state)).transpose()?;
    if let Some(clock) = clock {
        case_steps::change_clock(&mut handled.case.steps, place, clock);
    }
    let key = (handled.number.clone(), u8::try_from(place).expect("a flow has at most 64 steps"), mark.round);
    let record = StepRecord { version: CASE_VERSION, department, outcome, by, opinion, reasons, remedies, clock };
    STEPS.put(state, &key, &record);
    Ok(())
}

/// The department that answers for a step now; the one that its item names, where nobody does any more.
pub(super) fn acting(case: &Case, step: &Step, state: &State) -> Result<DepartmentCode, Stop> {
    let scope = match access::post(case, step, state)? {
        Some(scope) => Some(scope),
        None => access::scope_of(case, step),
    };
    scope.map(|scope| scope.department).ok_or_else(|| TxError::Denied.into())
}

/// A clock that has come to its end; one that is done stays as it is.
pub(super) fn finished(mut clock: Clock, at: Time, state: &State) -> Result<Clock, Missing> {
    // A clock that time has just set may have begun behind the moment that counts.
    match clock.finish(state, at.max(clock.running_since()))? {
        Ok(()) | Err(ClockError::Done) => Ok(clock),
        Err(_) => Ok(clock),
    }
}

/// Begins a special procedure of a step.
pub fn stop_clock(
    number: CaseNumber,
    name: StepName,
    kind: ProcedureKind,
    reason: Text<200>,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::StopClock, ctx, state)?;
    let place = place(&handled, &name)?;
    if kind == ProcedureKind::GapSuspension {
        return Err(Error::ProcedureKind.into()); // I5
    }
    if until <= ctx.time || until.millis_since(ctx.time) > PROCEDURE_MILLIS_MAX {
        return Err(Error::ProcedureUntil.into()); // I5
    }
    let hearing_days = law::limit(LawStage::Hearing).working_days;
    if kind == ProcedureKind::Hearing && until > after_working_days(state, ctx.time, hearing_days)?.at {
        return Err(Error::ProcedureUntil.into()); // I5
    }
    if handled.states().get(place) != Some(&StepState::Due) {
        return Err(Error::StepNotDue.into()); // I15
    }
    let step = u8::try_from(place).ok();
    if handled.case.procedures.iter().any(|one| one.ended_at.is_none() && one.step == step) {
        return Err(Error::ProcedureRunning.into());
    }
    if handled.case.procedures.iter().filter(|one| one.by.is_some()).count() >= PROCEDURES_OF_OFFICERS_MAX {
        return Err(Error::TooManyProcedures.into()); // I5
    }
    let by = handled.step_hand(place, Role::Reviewer, ctx, state)?;
    let procedure = Procedure {
        kind,
        step,
        reason: reason.clone(),
        by: Some(by),
        from: ctx.time,
        until: Some(until),
        ended_at: None,
    };
    begin_procedure(&mut handled.case, procedure, state)?;
    let department = acting(&handled.case, &handled.item.flow[place], state)?;
    let paper = handled.paper_of(department, PaperKind::Procedure, ctx, state)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::ClockStopped { case, step: name, procedure: kind, reason, until, by: ctx.account, paper })
}

/// Puts a procedure down and stops the clocks that it stops: those of the decision, and that of its step, or those of all steps where the
/// whole case rests.
///
/// It is never refused, since time begins procedures, too. Officers leave room for those; where they have used it up, the oldest of time's own
/// that is over makes room, and stays on its receipts.
pub(in crate::cases) fn begin_procedure(case: &mut Case, procedure: Procedure, state: &State) -> Result<(), Missing> {
    let (at, step) = (procedure.from, procedure.step);
    let mut procedures = std::mem::take(&mut case.procedures).into_vec();
    if procedures.len() >= PROCEDURES_MAX
        && let Some(oldest) = procedures.iter().position(|one| one.by.is_none() && one.ended_at.is_some())
    {
        procedures.remove(oldest);
    }
    procedures.push(procedure);
    case.procedures = List::new(procedures).expect("officers leave room, and time has one open at a time"); // I5
    let stopped = |clock: Clock| -> Result<Clock, Missing> {
        let mut clock = clock;
        if clock.is_running() {
            // A clock that runs can be stopped, and not before it has begun.
            let _is_stopped = clock.stop(state, at.max(clock.running_since()))?.is_ok();
        }
        Ok(clock)
    };
    case.promised = case.promised.map(stopped).transpose()?;
    case.statutory = case.statutory.map(stopped).transpose()?;
    for place in 0..case.steps.len() {
        let mark = case.steps[place];
        let is_meant = step.is_none_or(|step| usize::from(step) == place) && mark.outcome.is_none();
        if let Some(clock) = mark.clock.filter(|_| is_meant) {
            case_steps::change_clock(&mut case.steps, place, stopped(clock)?);
        }
    }
    Ok(())
}

/// Ends a procedure, and lets the clocks go on that no other one holds.
pub(in crate::cases) fn end_procedure(case: &mut Case, index: usize, at: Time) {
    let mut procedures = std::mem::take(&mut case.procedures).into_vec();
    if let Some(procedure) = procedures.get_mut(index) {
        procedure.ended_at.get_or_insert(at);
    }
    let open: Vec<Option<u8>> = procedures.iter().filter(|one| one.ended_at.is_none()).map(|one| one.step).collect();
    case.procedures = List::new(procedures).expect("as many as before");
    let resumed = |mut clock: Clock| {
        if let Phase::Stopped { at: stopped } = clock.phase() {
            // A clock that stands still can go on, and not before it was stopped; any other stays as it is.
            let _is_resumed = clock.resume(at.max(stopped)).is_ok();
        }
        clock
    };
    if open.is_empty() {
        case.promised = case.promised.map(resumed);
        case.statutory = case.statutory.map(resumed);
    }
    for place in 0..case.steps.len() {
        let is_held = open.iter().any(|step| step.is_none_or(|step| usize::from(step) == place));
        if let Some(clock) = case.steps[place].clock.filter(|_| !is_held) {
            case_steps::change_clock(&mut case.steps, place, resumed(clock));
        }
    }
}

fn end_procedures_where(case: &mut Case, at: Time, wanted: impl Fn(&Procedure) -> bool) {
    for index in 0..case.procedures.len() {
        if case.procedures[index].ended_at.is_none() && wanted(&case.procedures[index]) {
            end_procedure(case, index, at);
        }
    }
}

/// Ends the procedures of a step that is finished.
pub(super) fn end_procedures_of(case: &mut Case, place: usize, at: Time) {
    end_procedures_where(case, at, |procedure| procedure.step.is_some_and(|step| usize::from(step) == place));
}

/// Ends the hearings of a step.
pub(super) fn end_hearings_of(case: &mut Case, place: usize, at: Time) {
    let is_of_step = |procedure: &Procedure| procedure.step.is_some_and(|step| usize::from(step) == place);
    end_procedures_where(case, at, |one| one.kind == ProcedureKind::Hearing && is_of_step(one));
}

/// Ends all procedures of a case that is decided or has ended.
pub(super) fn end_procedures(case: &mut Case, at: Time) {
    end_procedures_where(case, at, |_| true);
}

/// Ends the suspension of a case whose gap is filled.
pub(super) fn end_gap_suspension(case: &mut Case, at: Time) {
    end_procedures_where(case, at, |procedure| procedure.kind == ProcedureKind::GapSuspension);
}

/// Ends the special procedure of a step.
pub fn resume_clock(number: CaseNumber, name: StepName, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ResumeClock, ctx, state)?;
    let place = place(&handled, &name)?;
    let step = u8::try_from(place).ok();
    let is_of_step = |one: &Procedure| one.ended_at.is_none() && one.step == step;
    let index = handled.case.procedures.iter().position(is_of_step).ok_or(Error::NoProcedure)?;
    handled.step_hand(place, Role::Reviewer, ctx, state)?;
    end_procedure(&mut handled.case, index, ctx.time);
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::ClockResumed { case, step: Some(name), by: Some(ctx.account) })
}

/// Extends the time to decide.
pub fn extend(number: CaseNumber, days: u16, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Extend, ctx, state)?;
    if !(1..=law::extension_days(&handled.item)).contains(&days) {
        return Err(Error::ExtensionDays.into());
    }
    if handled.case.extension.is_some() {
        return Err(Error::ExtendedBefore.into());
    }
    let by = handled.lead_hand(Role::Head, ctx, state)?;
    let mut statutory = handled.case.statutory.ok_or(Error::WrongStage)?;
    if statutory.extend(state, days, ctx.time)?.is_err() {
        return Err(Error::ExtensionLate.into());
    }
    if let Some(mut promised) = handled.case.promised
        && promised.extend(state, days, ctx.time)?.is_ok()
    {
        handled.case.promised = Some(promised); // a promise that is broken stays broken
    }
    handled.case.statutory = Some(statutory);
    handled.case.extension = Some(Extension { days, reasons: reasons.clone(), by });
    let paper = handled.paper(PaperKind::Extension, ctx, state)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Extended { case, days, reasons, by: ctx.account, paper })
}
