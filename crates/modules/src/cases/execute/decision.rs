//! Decisions, and what comes before a decision: termination, withdrawal, forwarding.

use super::acceptance::open_materials;
use super::filing::{By, by_key};
use super::hearings::check_heard;
use super::loss::check_is_there;
use super::steps::{
    begin_due, check_is_person, check_not_former, check_not_suspended, check_person, end_procedures, finished, place,
    record_ruling, reject,
};
use super::{Handled, steps};
use crate::case_entries::Entered;
use crate::case_hearings;
use crate::case_moments::open_gap;
use crate::case_papers::{Led, PaperKind};
use crate::case_records::{
    CommitmentCheck, Decision, Ending, Forwarding, Hand, How, Reasons, StepRecord, TerminationProposal,
};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::access::{self, answering};
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event, Ruling};
use crate::cases::state::{self, CASE_VERSION, Case, LED, STEPS, break_promise};
use crate::clocks::Clock;
use crate::flow::{self, StepName, StepOutcome, StepState};
use crate::identity::{AgentAct, Capacity};
use crate::items::{DayUnit, OnRejection, Step, StepKind, Term};
use crate::offices::DepartmentCode;
use crate::orgs;
use tongban_kernel::{Ctx, Role, State, Stop, TxError};
use tongban_types::codes::CaseNumber;
use tongban_types::{Digest, List, Text, Time};

/// Decides in a step of decision. There is no other way to a decision that names an officer.
#[expect(clippy::too_many_arguments, reason = "each is one argument of the call")]
pub fn decide(
    number: CaseNumber,
    name: StepName,
    ruling: Ruling,
    reasons: Reasons,
    remedies: Text<300>,
    opinion: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Decide, ctx, state)?;
    let place = place(&handled, &name)?;
    let step = handled.item.flow[place].clone();
    if step.kind != StepKind::Decision {
        return Err(Error::OtherCall.into());
    }
    let states = handled.states();
    let freedom = case_steps::can_decide(&handled.item.flow, &states, place).ok_or(Error::StepNotDue)?; // I15
    check_person(&step, ctx, state)?;
    if step.written_opinion_required && opinion.is_none() {
        return Err(Error::OpinionMissing.into());
    }
    check_not_suspended(&handled.case)?;
    check_four_eyes(&handled, place, ctx)?;
    check_heard(&handled, place, ctx)?;
    if ruling != Ruling::Refuse && freedom == case_steps::Ruling::RefusalOnly {
        return Err(Error::RefusalOnly.into());
    }
    if ruling == Ruling::Grant {
        check_is_there(&handled, state)?;
        if step.human_only.is_some() && reasons.is_empty() {
            return Err(Error::ReasonsMissing.into()); // I8: a person decides, and says why
        }
        if open_gap(&handled.case).is_some() || !open_materials(&handled, ctx.time, state)?.is_empty() {
            return Err(Error::GapOpen.into()); // I4
        }
    }
    if ruling == Ruling::SendBack && !matches!(step.on_rejection, OnRejection::Return { .. }) {
        return Err(Error::NoSendBack.into());
    }
    let (by, department) = decider(&handled, &step, ctx, state)?;
    let outcome = if ruling == Ruling::Grant { StepOutcome::Passed } else { StepOutcome::Rejected };
    let words = (reasons.clone(), remedies);
    record_ruling(&mut handled, place, outcome, Some(by), opinion, words, ctx.time, state)?;
    name_department(&handled, place, department, state)?;
    if ruling == Ruling::SendBack {
        reject(&mut handled, place, ctx)?;
    } else {
        case_steps::finish(&mut handled.case.steps, place, outcome, Some(ctx.account));
    }
    conclude(&mut handled, ctx.time, state)?;
    let due = begin_due(&mut handled, ctx.time)?;
    let granted = handled.case.decision.as_ref().map(|decision| decision.granted);
    let kind = granted.map(|granted| if granted { PaperKind::Grant } else { PaperKind::Refusal });
    let paper = kind.map(|kind| handled.paper_of(department, kind, ctx, state)).transpose()?;
    let (case, by) = (handled.number.clone(), Some(ctx.account));
    let event = Event::Decided { case, granted, step: Some(name), department, reasons, by, due, paper };
    handled.save(ctx, state)?;
    Ok(event)
}

/// The officer who decides, and in which department: that of the step, or the one that may in its place.
fn decider(handled: &Handled, step: &Step, ctx: &Ctx, state: &State) -> Result<(Hand, DepartmentCode), Stop> {
    let scope = access::decision_post(&handled.case, step, ctx, state)?;
    let department = scope.as_ref().ok_or(TxError::Denied)?.department;
    Ok((handled.hand(Role::Approver, scope, ctx, state)?, department))
}

/// Has a step name the department that has decided it, where that is not its own.
fn name_department(handled: &Handled, place: usize, department: DepartmentCode, state: &mut State) -> Result<(), Stop> {
    let round = handled.case.steps.get(place).map_or(0, |mark| mark.round);
    let key = (handled.number.clone(), u8::try_from(place).expect("at most 64 steps"), round);
    if let Some(record) = STEPS.get(state, &key)?.filter(|record| record.department != department) {
        STEPS.put(state, &key, &StepRecord { department, ..record });
    }
    Ok(())
}

/// Who did a step before the decision, or presided over its hearing, cannot take it, and who decided before cannot decide again about an appeal that was right.
fn check_four_eyes(handled: &Handled, place: usize, ctx: &Ctx) -> Result<(), Error> {
    check_not_former(&handled.case, ctx)?;
    let hearing = case_hearings::current(&handled.case).filter(|hearing| usize::from(hearing.step) == place);
    if hearing.and_then(|hearing| hearing.held.as_ref()).is_some_and(|held| held.by.account == ctx.account) {
        return Err(Error::FourEyes); // I19
    }
    let flow = &handled.item.flow;
    for before in flow::places(flow::ancestors(flow)[place]) {
        let mark = handled.case.steps.get(before).copied().unwrap_or_default();
        let is_acceptance = flow[before].kind == StepKind::Acceptance; // takes the case up, and checks nothing
        let is_decision = flow[before].kind == StepKind::Decision;
        if mark.by == Some(ctx.account) && !is_acceptance && !is_decision {
            return Err(Error::FourEyes); // I16
        }
    }
    Ok(())
}

/// Writes the decision of the case, where the decisions in its steps have come to one.
pub(in crate::cases) fn conclude(handled: &mut Handled, at: Time, state: &State) -> Result<(), Stop> {
    if handled.case.stage != Stage::Accepted {
        return Ok(()); // I3
    }
    let states = handled.states();
    let flow = &handled.item.flow;
    let Some(granted) = case_steps::verdict(flow, &states) else { return Ok(()) };
    let wanted = if granted { StepOutcome::Passed } else { StepOutcome::Rejected };
    let is_telling =
        |place: &usize| flow[*place].kind == StepKind::Decision && states[*place] == StepState::Finished(wanted);
    let Some(place) = (0..states.len()).rev().find(is_telling) else { return Ok(()) };
    let round = handled.case.steps.get(place).map_or(0, |mark| mark.round);
    let key = (handled.number.clone(), u8::try_from(place).expect("at most 64 steps"), round);
    let Some(record) = STEPS.get(state, &key)? else { return Ok(()) };
    set_decision(handled, granted, record.reasons, record.remedies, record.by, at, state)
}

/// Ends the clocks of the decision and begins those of what follows.
pub(in crate::cases) fn set_decision(
    handled: &mut Handled,
    granted: bool,
    reasons: Reasons,
    remedies: Text<300>,
    by: Option<Hand>,
    at: Time,
    state: &State,
) -> Result<(), Stop> {
    let case = &mut handled.case;
    end_procedures(case, at);
    case.promised = case.promised.map(|clock| finished(clock, at, state)).transpose()?;
    case.statutory = case.statutory.map(|clock| finished(clock, at, state)).transpose()?;
    case.termination = None;
    case.decision = Some(Decision { granted, reasons, remedies, by, at });
    case.stage = if granted { Stage::Granted } else { Stage::Rejected };
    let working = |days: u16| Clock::start(Term { days, unit: DayUnit::WorkingDay }, at);
    case.delivery_clock = Some(working(handled.item.clocks.delivery_days));
    let is_promised = handled.filing.materials.iter().any(|given| matches!(given.how, How::Promise { .. }));
    if granted && is_promised {
        case.commitment = Some(CommitmentCheck { clock: working(handled.rules.commitment_days), found: None });
    }
    Ok(())
}

/// Proposes to terminate a case.
pub fn propose_termination(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ProposeTermination, ctx, state)?;
    if handled.case.termination.is_some() {
        return Err(Error::ProposedBefore.into());
    }
    let by = handled.lead_hand(Role::Acceptor, ctx, state)?;
    handled.case.termination = Some(TerminationProposal { reasons: reasons.clone(), by: Some(by), at: ctx.time });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::TerminationProposed { case, reasons, by: Some(ctx.account) })
}

/// Who decides a proposal to terminate: a person, and never the one who proposed it.
fn settler(handled: &Handled, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    let proposal = handled.case.termination.as_ref().ok_or(Error::NotProposed)?; // I17
    check_is_person(ctx, state)?; // I17
    if proposal.by.is_some_and(|by| by.account == ctx.account) {
        return Err(Error::SameOfficer.into()); // I16
    }
    handled.deciding_hand(Role::Approver, ctx, state)
}

/// Terminates a case that was proposed for it. Where a promised material is overdue, the promise is broken, whoever proposed it.
pub fn terminate(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Terminate, ctx, state)?;
    let by = settler(&handled, ctx, state)?;
    check_not_former(&handled.case, ctx)?;
    let is_overdue = open_gap(&handled.case).is_some_and(|gap| gap.suspended_at.is_some());
    if is_overdue && handled.filing.gap_promise.is_some() {
        break_promise(&handled.number, &handled.case, ctx.time, state)?; // I11
    }
    end(
        handled,
        Stage::Terminated,
        Ending { reasons, to: None, by: Some(by), at: ctx.time, loss: None },
        None,
        ctx,
        state,
    )
}

/// Decides that a case goes on that was proposed for termination. What is missing of it is missing still: time may propose it again.
pub fn decline_termination(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::DeclineTermination, ctx, state)?;
    settler(&handled, ctx, state)?;
    let is_of_time = handled.case.termination.take().is_some_and(|proposal| proposal.by.is_none());
    if let Some(gap) = handled.case.gap.as_mut().filter(|_| is_of_time) {
        gap.declined_at = Some(ctx.time);
    }
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::TerminationDeclined { case, reasons, by: ctx.account })
}

/// Withdraws a case before its decision.
pub fn withdraw(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Withdraw, ctx, state)?;
    let by = by_key(&handled, AgentAct::Withdraw, ctx, state)?;
    withdraw_as(handled, by, ctx, state)
}

/// The same, by whomever it is done for the applicant.
pub(super) fn withdraw_as(handled: Handled, by: By, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let ending = Ending { reasons: Reasons::default(), to: None, by: None, at: ctx.time, loss: None };
    end(handled, Stage::Withdrawn, ending, Some(by.capacity), ctx, state)
}

/// Writes a case that was disowned: it ends, where it is not decided and the application itself is what was entered. Gives where it is.
pub(super) fn end_disowned(handled: Handled, ctx: &Ctx, state: &mut State) -> Result<Stage, Stop> {
    let is_entered = handled.filing.entries.first().is_some_and(|entry| entry.what == Entered::Application);
    let stage = handled.case.stage;
    if !is_entered || !stage.is_undecided() {
        handled.save(ctx, state)?;
        return Ok(stage);
    }
    let reasons: Reasons = Text::new("申请人否认窗口代录的申请").expect("a short text");
    let ending = Ending { reasons, to: None, by: None, at: ctx.time, loss: None };
    end(handled, Stage::Withdrawn, ending, None, ctx, state)?;
    Ok(Stage::Withdrawn)
}

/// Forwards a case to a body above the department, where it goes on: received there, to be accepted, handled and decided anew with clocks of its
/// own. What was done so far stays on record with those who did it.
pub fn forward(
    number: CaseNumber,
    to: DepartmentCode,
    reasons: Reasons,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Forward, ctx, state)?;
    let from = handled.case.department;
    let lead = answering(&from, state)?.unwrap_or(from);
    let is_there = orgs::department(state, &to)?.is_some_and(|body| body.is_active());
    if to == lead || !is_there || !orgs::is_within(state, &lead, &to)? {
        return Err(Error::NotHigher.into());
    }
    let by = handled.lead_hand(Role::Approver, ctx, state)?;
    steps::end_procedures(&mut handled.case, ctx.time);
    let paper = handled.paper(PaperKind::Forwarding, ctx, state)?;
    keep_led(&handled, state)?;
    let case = &mut handled.case;
    let statutory = case.statutory.map(|clock| finished(clock, ctx.time, state)).transpose()?;
    let correction = case.intake.correction.take(); // I12: the higher body has a notice of its own
    let forwarding = Forwarding { from, to, reasons: reasons.clone(), by, statutory, correction };
    case.forwardings.push(forwarding).map_err(|_| Error::NotHigher)?;
    case.department = to;
    (case.promised, case.statutory, case.extension, case.termination) = (None, None, None, None);
    (case.procedures, case.referral) = (List::default(), None);
    case.hearing = None; // I19: the higher body tells of its own; this one stays on its receipts
    case_steps::take_over(&mut case.steps);
    begin_gap_anew(case, handled.item.clocks.promised, ctx.time);
    case.intake.arrived_at = case.intake.arrived_at.map(|_| ctx.time); // what is handed over later arrives then
    case.stage = Stage::Received;
    let case = handled.number.clone();
    handled.rules = state::rules(state, &to)?;
    handled.save(ctx, state)?;
    Ok(Event::Forwarded { case, from, to, reasons, by: ctx.account, paper })
}

/// Keeps what the body had used up that has led a case; the higher one has allowances of its own.
fn keep_led(handled: &Handled, state: &mut State) -> Result<(), Stop> {
    let Case { procedures, extension, gap, steps, forwardings, .. } = handled.case.clone();
    let place = u8::try_from(forwardings.len()).expect("a case is forwarded no more often than departments are deep");
    LED.put(state, &(handled.number.clone(), place), &Led { version: CASE_VERSION, procedures, extension, gap, steps });
    Ok(())
}

/// What is missing may follow as long as the higher body's own promise goes: the clocks of the decision begin anew, too. Whose days were over when
/// the case was forwarded has none left.
fn begin_gap_anew(case: &mut Case, promised: Term, at: Time) {
    if let Some(gap) = case.gap.as_mut().filter(|gap| gap.suspended_at.is_none()) {
        gap.clock = Clock::start(Term { days: promised.days.max(1), ..promised }, at);
        (gap.since, gap.reminded_at) = (at, None);
    }
}

fn end(
    mut handled: Handled,
    stage: Stage,
    ending: Ending,
    capacity: Option<Capacity>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let case = &mut handled.case;
    steps::end_procedures(case, ctx.time);
    case.promised = case.promised.map(|clock| finished(clock, ctx.time, state)).transpose()?;
    case.statutory = case.statutory.map(|clock| finished(clock, ctx.time, state)).transpose()?;
    let (reasons, to) = (ending.reasons.clone(), ending.to);
    case.ending = Some(ending);
    case.stage = stage;
    let is_by_officer = stage == Stage::Terminated;
    let paper = is_by_officer.then(|| handled.paper(PaperKind::Termination, ctx, state)).transpose()?;
    let number = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Ended { case: number, stage, reasons, to, by: ctx.account, capacity, paper })
}
