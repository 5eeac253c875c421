//! Hearings: telling of the right to one, asking for it or doing without, arranging and holding it.

use super::Handled;
use super::after::has_done_a_step;
use super::filing::By;
use super::steps::{begin_procedure, check_is_person, end_hearings_of, place};
use crate::case_hearings::{
    self, ASK_DAYS, Hearing, HearingAnswer, HearingDate, HearingHeld, NOTICE_DAYS, PARTIES_MAX,
};
use crate::case_papers::PaperKind;
use crate::case_records::{Hand, Procedure, ProcedureKind};
use crate::case_steps;
use crate::cases::access;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::flow::StepName;
use crate::identity::{self, AgentAct};
use crate::items::StepKind;
use crate::law::{self, Stage as LawStage};
use crate::working_days::after_working_days;
use tongban_kernel::{Ctx, Missing, Role, Scope, State, Stop, TxError};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Digest, List, Text, Time};

/// Tells the applicant and interested parties of their right to a hearing before a decision.
pub fn tell_hearing(
    number: CaseNumber,
    name: StepName,
    parties: List<AccountId, PARTIES_MAX>,
    notice: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::TellHearing, ctx, state)?;
    let place = place(&handled, &name)?;
    if handled.item.flow[place].kind != StepKind::Decision {
        return Err(Error::OtherCall.into());
    }
    case_steps::can_decide(&handled.item.flow, &handled.states(), place).ok_or(Error::StepNotDue)?; // I15
    let step = u8::try_from(place).expect("a flow has at most 64 steps");
    if case_hearings::current(&handled.case).is_some_and(|hearing| hearing.step == step) {
        return Err(Error::HearingTold.into());
    }
    if case_hearings::awaited(&handled.case, ctx.time).is_some() {
        return Err(Error::HearingOpen.into()); // I19: that of another decision, which goes first
    }
    let applicant = handled.case.applicant;
    for party in &parties {
        if *party == applicant || !identity::exists(state, party)? {
            return Err(Error::HearingParties.into());
        }
    }
    let told = decider(&handled, place, ctx, state)?;
    let ask_until = after_working_days(state, ctx.time, ASK_DAYS)?.at;
    let round = handled.case.steps.get(place).map_or(0, |mark| mark.round);
    handled.case.hearing = Some(Hearing {
        step,
        round,
        parties: parties.clone(),
        notice,
        told,
        ask_until,
        answers: List::default(),
        to_hold_since: None,
        date: None,
        held: None,
    });
    let paper = handled.paper(PaperKind::HearingRight, ctx, state)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::HearingTold { case, step: name, parties, notice, ask_until, by: ctx.account, paper })
}

/// Asks for a hearing, or does without it. From the first request on the clock of the decision stands still, for as many days as the law gives the
/// body to hold it.
pub fn answer_hearing(
    number: CaseNumber,
    party: AccountId,
    wants: bool,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::AnswerHearing, ctx, state)?;
    told(&handled, &party)?;
    let item = &handled.case.item.code;
    let capacity = identity::capacity_for(state, &ctx.account, &party, Some(item), AgentAct::Appeal, ctx.time)?;
    let by = By { account: ctx.account, capacity: capacity.ok_or(Error::NoCapacity)? };
    answer_hearing_as(handled, party, wants, by, ctx, state)
}

/// The hearing that is open to be asked for by somebody who was told of it.
fn told(handled: &Handled, party: &AccountId) -> Result<Hearing, Error> {
    let hearing = case_hearings::current(&handled.case).ok_or(Error::HearingUntold)?;
    let is_told = hearing.heard(&handled.case.applicant).any(|heard| heard == party);
    if is_told { Ok(hearing.clone()) } else { Err(Error::NotHeard) }
}

/// The same, by whomever it is done for the one who was told.
pub(super) fn answer_hearing_as(
    mut handled: Handled,
    party: AccountId,
    wants: bool,
    by: By,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut hearing = told(&handled, &party)?;
    if hearing.answer(&party).is_some() {
        return Err(Error::HearingAnswered.into());
    }
    if ctx.time >= hearing.ask_until {
        return Err(Error::HearingLate.into());
    }
    let By { account: by, capacity } = by;
    let answer = HearingAnswer { party, wants, by, capacity, at: ctx.time, receipt: ctx.receipt };
    hearing.answers.push(answer).expect("each who was told answers once");
    let begins = wants && hearing.to_hold_since.is_none();
    let hearing = handled.case.hearing.insert(hearing);
    if begins {
        hearing.to_hold_since = Some(ctx.time);
        stop_for(&mut handled, ctx, state)?;
    }
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::HearingAnswered { case, party, wants, by, capacity })
}

/// The time that a hearing takes is not counted (行政许可法 第四十五条), as long as the law lets it take.
fn stop_for(handled: &mut Handled, ctx: &Ctx, state: &State) -> Result<(), Missing> {
    let procedure = Procedure {
        kind: ProcedureKind::Hearing,
        step: handled.case.hearing.as_ref().map(|hearing| hearing.step),
        reason: Text::new("听证").expect("a short text"),
        by: None,
        from: ctx.time,
        until: Some(after_working_days(state, ctx.time, law::limit(LawStage::Hearing).working_days)?.at),
        ended_at: None,
    };
    begin_procedure(&mut handled.case, procedure, state) // I5
}

/// When a hearing may take place that is to be held since then: not before those who are heard could prepare for it, and within the days of the
/// law; where these are over or too short, as soon as it can be.
fn span(since: Time, now: Time, state: &State) -> Result<(Time, Time), Missing> {
    let earliest = after_working_days(state, now, NOTICE_DAYS)?.at;
    let latest = after_working_days(state, since, law::limit(LawStage::Hearing).working_days)?.at;
    let soonest = after_working_days(state, now, NOTICE_DAYS + 1)?.at;
    Ok((earliest, latest.max(soonest)))
}

/// Gives notice of place and time of a hearing: of one that was asked for, or that the body holds by itself. It may be put off within its days.
pub fn arrange_hearing(
    number: CaseNumber,
    name: StepName,
    at: Time,
    notice: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ArrangeHearing, ctx, state)?;
    let place = place(&handled, &name)?;
    let mut hearing = hearing_of(&handled, place)?;
    if hearing.held.is_some() {
        return Err(Error::HearingHeld.into());
    }
    let (earliest, latest) = span(hearing.to_hold_since.unwrap_or(ctx.time), ctx.time, state)?;
    if at < earliest || at >= latest {
        return Err(Error::HearingDate.into());
    }
    let by = decider(&handled, place, ctx, state)?;
    let begins = hearing.to_hold_since.is_none();
    hearing.to_hold_since.get_or_insert(ctx.time);
    hearing.date = Some(HearingDate { at, notice, by });
    handled.case.hearing = Some(hearing);
    if begins {
        stop_for(&mut handled, ctx, state)?;
    }
    let paper = handled.paper(PaperKind::HearingNotice, ctx, state)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::HearingArranged { case, step: name, at, notice, by: ctx.account, paper })
}

/// The officer at the step of decision.
fn decider(handled: &Handled, place: usize, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    let scope = access::decision_post(&handled.case, &handled.item.flow[place], ctx, state)?;
    handled.hand(Role::Approver, scope, ctx, state)
}

fn hearing_of(handled: &Handled, place: usize) -> Result<Hearing, Error> {
    let hearing = case_hearings::current(&handled.case).filter(|hearing| usize::from(hearing.step) == place);
    hearing.cloned().ok_or(Error::HearingUntold)
}

/// Records a hearing as its president, who has reviewed nothing of the application (行政许可法 第四十八条第三项).
pub fn record_hearing(
    number: CaseNumber,
    name: StepName,
    record: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::RecordHearing, ctx, state)?;
    let place = place(&handled, &name)?;
    let mut hearing = hearing_of(&handled, place)?;
    if hearing.held.is_some() {
        return Err(Error::HearingHeld.into());
    }
    if hearing.date.as_ref().is_none_or(|date| ctx.time < date.at) {
        return Err(Error::HearingAhead.into());
    }
    check_is_person(ctx, state)?; // I8
    if has_done_a_step(&handled, &ctx.account, state)? {
        return Err(Error::SameOfficer.into()); // I19
    }
    let post = access::post(&handled.case, &handled.item.flow[place], state)?.ok_or(TxError::Denied)?;
    let scope = Scope { department: post.department, post: None };
    let by = handled.hand(Role::Reviewer, Some(scope), ctx, state)?;
    hearing.held = Some(HearingHeld { record, by });
    handled.case.hearing = Some(hearing);
    end_hearings_of(&mut handled.case, place, ctx.time); // I5: what else is under way in the step goes on
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::HearingRecorded { case, step: name, record, by: ctx.account })
}

/// Nothing is decided in a step before the right to a hearing was told, where the item has one there, nor as long as it waits for a hearing.
pub(super) fn check_heard(handled: &Handled, place: usize, ctx: &Ctx) -> Result<(), Error> {
    if handled.item.flow[place].hearing_right && hearing_of(handled, place).is_err() {
        return Err(Error::HearingUntold); // I19
    }
    match case_hearings::awaited(&handled.case, ctx.time) {
        Some(hearing) if usize::from(hearing.step) == place => Err(Error::HearingOpen), // I19
        _ => Ok(()),
    }
}
