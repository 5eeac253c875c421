//! What follows a decision: certificate, delivery, closing.

use super::Handled;
use super::filing::{By, by_key};
use super::loss::check_is_there;
use super::steps::{begin_due, check_person, finished, place, record};
use crate::case_licences;
use crate::case_records::{Acknowledgement, CaseResult, Delivery, DeliveryWay, Hand, Produced};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::catalogue::{Item, OutcomeKind};
use crate::flow::{StepName, StepOutcome, StepState};
use crate::identity::{self, AgentAct, Capacity};
use crate::items::StepKind;
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Text};

/// Whether an item ends in a certificate or document that somebody has to make.
pub fn wants_result(item: &Item) -> bool {
    match item.outcome.kind {
        OutcomeKind::Certificate | OutcomeKind::Document => true,
        OutcomeKind::Other => false,
    }
}

/// The step in which something is made or delivered: one of that kind that is due; none only where no step of that kind is to be done.
fn check_step(
    handled: &Handled,
    name: Option<&StepName>,
    kind: StepKind,
    ctx: &Ctx,
    state: &State,
) -> Result<Option<usize>, Stop> {
    let Some(name) = name else {
        return if is_left(handled, kind) { Err(Error::StepNotDue.into()) } else { Ok(None) };
    };
    let states = handled.states();
    let place = place(handled, name)?;
    if handled.item.flow[place].kind != kind {
        return Err(Error::OtherCall.into());
    }
    if handled.case.stage != Stage::Granted || states.get(place) != Some(&StepState::Due) {
        return Err(Error::StepNotDue.into()); // I15
    }
    check_person(&handled.item.flow[place], ctx, state)?;
    Ok(Some(place))
}

/// Whether a step of this kind is still to be done.
fn is_left(handled: &Handled, kind: StepKind) -> bool {
    let steps = handled.item.flow.iter().zip(handled.states());
    let is_open = |state| matches!(state, StepState::Due | StepState::Waiting);
    handled.case.stage == Stage::Granted && steps.into_iter().any(|(step, state)| step.kind == kind && is_open(state))
}

fn issuer(handled: &Handled, place: Option<usize>, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    match place {
        Some(place) => handled.step_hand(place, Role::Issuer, ctx, state),
        None => handled.lead_hand(Role::Issuer, ctx, state),
    }
}

fn finish(handled: &mut Handled, place: Option<usize>, by: Hand, state: &mut State) -> Result<(), Stop> {
    if let Some(place) = place {
        record(handled, place, StepOutcome::Passed, Some(by), None, by.at, state)?;
        case_steps::finish(&mut handled.case.steps, place, StepOutcome::Passed, Some(by.account));
    }
    Ok(())
}

/// Records the certificate or document that was made.
pub fn issue_certificate(
    number: CaseNumber,
    name: Option<StepName>,
    result: Produced,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::IssueCertificate, ctx, state)?; // I6
    let place = check_step(&handled, name.as_ref(), StepKind::Certificate, ctx, state)?;
    if handled.case.results.iter().any(|known| known.what == result) {
        return Err(Error::ResultTwice.into());
    }
    if let Produced::Licence { licence } = &result
        && !case_licences::is_issued_for(state, licence, &handled.number, &handled.case.applicant)?
    {
        return Err(Error::ResultOfAnother.into()); // I6
    }
    let by = issuer(&handled, place, ctx, state)?;
    let step = place.and_then(|place| u8::try_from(place).ok());
    let made = CaseResult { what: result.clone(), step, by };
    handled.case.results.push(made).map_err(|_| Error::TooManyResults)?;
    finish(&mut handled, place, by, state)?;
    let due = begin_due(&mut handled, ctx.time)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::CertificateIssued { case, result, by: ctx.account, due })
}

/// Delivers the result, or the refusal. A flow may have several steps of delivery; what was delivered is recorded with the last of them.
pub fn deliver(
    number: CaseNumber,
    name: Option<StepName>,
    way: DeliveryWay,
    waybill: Option<Text<40>>,
    receiver: Option<AccountId>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Deliver, ctx, state)?;
    if handled.case.delivery.is_some() {
        return Err(Error::DeliveredBefore.into());
    }
    let place = check_step(&handled, name.as_ref(), StepKind::Delivery, ctx, state)?;
    if handled.case.stage == Stage::Granted && wants_result(&handled.item) && handled.case.results.is_empty() {
        return Err(Error::ResultMissing.into());
    }
    let to = receiver.unwrap_or(handled.case.applicant);
    let capacity = receiving(&handled, &to, ctx, state)?;
    let by = issuer(&handled, place, ctx, state)?;
    finish(&mut handled, place, by, state)?;
    if !is_left(&handled, StepKind::Delivery) {
        handled.case.delivery = Some(Delivery { way, waybill, by, to, capacity, acknowledged: None });
        let clock = handled.case.delivery_clock;
        handled.case.delivery_clock = clock.map(|clock| finished(clock, ctx.time, state)).transpose()?;
    }
    begin_due(&mut handled, ctx.time)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Delivered { case, way, by: ctx.account, step: name, to })
}

/// As what somebody receives what is delivered. The applicant does so whatever became of his keys, as long as he is there; another one under a
/// mandate to receive, or as the administrator of his estate.
fn receiving(handled: &Handled, receiver: &AccountId, ctx: &Ctx, state: &State) -> Result<Capacity, Stop> {
    let (applicant, item) = (&handled.case.applicant, &handled.case.item.code);
    if receiver == applicant {
        check_is_there(handled, state)?; // I18: nothing reaches the dead, and no days of an appeal run against them
        return Ok(Capacity::Oneself);
    }
    let capacity = identity::capacity_for(state, receiver, applicant, Some(item), AgentAct::Receive, ctx.time)?;
    capacity.ok_or_else(|| Error::NoCapacity.into())
}

/// Acknowledges the receipt of what was delivered. The days of an appeal run from the delivery all the same.
pub fn acknowledge(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Acknowledge, ctx, state)?;
    let by = by_key(&handled, AgentAct::Receive, ctx, state)?;
    acknowledge_as(handled, by, ctx, state)
}

/// The same, by whomever it is done for the applicant.
pub(super) fn acknowledge_as(mut handled: Handled, by: By, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let By { account, capacity } = by;
    let delivery = handled.case.delivery.as_mut().ok_or(Error::NotDelivered)?;
    if delivery.acknowledged.is_some() {
        return Err(Error::AcknowledgedBefore.into());
    }
    delivery.acknowledged = Some(Acknowledgement { by: account, capacity, at: ctx.time, receipt: ctx.receipt });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Acknowledged { case, by: account, capacity })
}

/// Closes a case.
pub fn close(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Close, ctx, state)?;
    if handled.case.delivery.is_none() {
        return Err(Error::NotDelivered.into());
    }
    let granted = handled.case.stage == Stage::Granted;
    if granted && !case_steps::is_all_done(&handled.states()) {
        return Err(Error::StepsOpen.into());
    }
    handled.lead_hand(Role::Issuer, ctx, state)?;
    handled.case.closed_at = Some(ctx.time);
    handled.case.stage = Stage::Closed;
    let (case, results) = (handled.number.clone(), handled.case.results.clone());
    handled.save(ctx, state)?;
    Ok(Event::Closed { case, granted, results, by: ctx.account })
}
