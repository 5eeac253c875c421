//! After the end: ratings, appeals, the check of commitments, revocation, and the rules of divisions.

use super::filing::capacity;
use super::steps::{begin_due, check_is_person, end_procedures, finished};
use super::{Handled, hand};
use crate::case_reasons::{APPEAL_DAYS, appeal_until};
use crate::case_records::{
    Answer, Appeal, AppealDecision, BrokenPromise, CommitmentFound, Exclusion, Hand, Mark, Rating, RatingLevel,
    Reasons, Revocation, RevocationDecision, WorkOrder,
};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::cases::state::{BROKEN_PROMISES, CASE_VERSION, Case, RULES, Rules};
use crate::clocks::Clock;
use crate::identity::AgentAct;
use crate::items::{DayUnit, Term};
use crate::offices::DepartmentCode;
use crate::orgs;
use tongban_kernel::{Ctx, Role, Scope, State, Stop, TxError};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Digest, List, Time};

fn working_days(days: u16, at: Time) -> Clock {
    Clock::start(Term { days, unit: DayUnit::WorkingDay }, at)
}

/// Rates a case.
pub fn rate(
    number: CaseNumber,
    level: RatingLevel,
    words: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Rate, ctx, state)?;
    capacity(&handled.case.applicant, &handled.case.item.code, AgentAct::Rate, ctx, state)?;
    let days = handled.rules.work_order_days;
    let (again, answer_until) = match &mut handled.case.rating {
        None => {
            let order = level.is_bad().then(|| WorkOrder { clock: working_days(days, ctx.time), answer: None });
            let deadline = order.as_ref().map(|order| order.clock.deadline(state)).transpose()?.flatten();
            handled.case.rating = Some(Rating { level, words, at: ctx.time, order, again: None, excluded: None });
            (false, deadline.map(|deadline| deadline.at))
        }
        Some(rating) => {
            let is_answered = rating.order.as_ref().is_some_and(|order| order.answer.is_some());
            if !is_answered || rating.again.is_some() || rating.excluded.is_some() {
                return Err(Error::RatedBefore.into());
            }
            rating.again = Some(level);
            (true, None)
        }
    };
    let (case, department) = (handled.number.clone(), handled.case.department);
    handled.save(ctx, state)?;
    Ok(Event::Rated { case, department, level, again, answer_until })
}

/// Answers a bad rating.
pub fn answer_work_order(
    number: CaseNumber,
    answer: Reasons,
    called_back: bool,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::AnswerWorkOrder, ctx, state)?;
    let by = handled.lead_hand(Role::Approver, ctx, state)?;
    let rating = handled.case.rating.as_mut().filter(|rating| rating.excluded.is_none());
    let order = rating.and_then(|rating| rating.order.as_mut()).filter(|order| order.answer.is_none());
    let order = order.ok_or(Error::NoWorkOrder)?;
    order.clock = finished(order.clock, ctx.time, state)?;
    order.answer = Some(Answer { text: answer.clone(), called_back, by });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::WorkOrderAnswered { case, answer, by: ctx.account })
}

/// Says that a rating does not count.
pub fn exclude_rating(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ExcludeRating, ctx, state)?;
    let by = handled.lead_hand(Role::Supervisor, ctx, state)?;
    let rating = handled.case.rating.as_mut().filter(|rating| rating.excluded.is_none()).ok_or(Error::NoRating)?;
    rating.excluded = Some(Exclusion { reasons: reasons.clone(), by });
    if let Some(order) = &mut rating.order {
        order.clock = finished(order.clock, ctx.time, state)?;
    }
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RatingExcluded { case, reasons, by: ctx.account })
}

/// What one can appeal against: when it was told, and whose it was. Nothing, where the application was granted.
fn appealable(case: &Case) -> Option<(Time, Option<Hand>)> {
    match case.stage {
        Stage::Rejected | Stage::Closed => {
            let decision = case.decision.as_ref().filter(|decision| !decision.granted)?;
            Some((decision.at, decision.by))
        }
        Stage::NotAccepted => case.refused.as_ref().map(|refused| (refused.by.at, Some(refused.by))),
        Stage::Returned | Stage::Terminated => case.ending.as_ref().map(|ending| (ending.at, ending.by)),
        Stage::Submitted
        | Stage::Received
        | Stage::Correcting
        | Stage::Accepted
        | Stage::Granted
        | Stage::Withdrawn
        | Stage::Forwarded => None,
    }
}

/// Appeals.
pub fn appeal(number: CaseNumber, grounds: Digest, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Appeal, ctx, state)?;
    capacity(&handled.case.applicant, &handled.case.item.code, AgentAct::Appeal, ctx, state)?;
    let (told_at, _) = appealable(&handled.case).ok_or(Error::NothingToAppeal)?;
    if handled.case.appeal.is_some() {
        return Err(Error::AppealedBefore.into());
    }
    if ctx.time >= appeal_until(told_at) {
        return Err(Error::AppealLate.into());
    }
    let clock = Clock::start(Term { days: APPEAL_DAYS, unit: DayUnit::CalendarDay }, ctx.time);
    let until = clock.deadline(state)?.map_or(ctx.time, |deadline| deadline.at);
    handled.case.appeal = Some(Appeal { grounds, at: ctx.time, clock, decision: None });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Appealed { case, by: ctx.account, until })
}

/// Decides an appeal, as another officer than the one it is against.
pub fn decide_appeal(
    number: CaseNumber,
    upheld: bool,
    reasons: Reasons,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::DecideAppeal, ctx, state)?;
    let against = appealable(&handled.case).and_then(|(_, by)| by);
    let appeal = handled.case.appeal.as_ref().filter(|appeal| appeal.decision.is_none());
    let mut appeal = appeal.cloned().ok_or(Error::NoAppeal)?;
    check_is_person(ctx, state)?;
    if against.is_some_and(|by| by.account == ctx.account) {
        return Err(Error::SameOfficer.into()); // I16
    }
    let by = handled.lead_hand(Role::Approver, ctx, state)?;
    appeal.clock = finished(appeal.clock, ctx.time, state)?;
    appeal.decision = Some(AppealDecision { upheld, reasons: reasons.clone(), by });
    handled.case.appeal = Some(appeal);
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::AppealDecided { case, upheld, reasons, by: ctx.account })
}

/// Takes up a case again: what was appealed against is set aside, and its officer does not decide it a second time.
pub fn reconsider(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Reconsider, ctx, state)?;
    let decided = handled.case.appeal.as_ref().and_then(|appeal| appeal.decision.as_ref());
    if !decided.is_some_and(|decision| decision.upheld) {
        return Err(Error::NotUpheld.into());
    }
    let against = appealable(&handled.case).and_then(|(_, by)| by).map(|by| by.account);
    if against == Some(ctx.account) {
        return Err(Error::SameOfficer.into()); // I16
    }
    handled.lead_hand(Role::Approver, ctx, state)?;
    let stage = reopen(&mut handled, ctx.time);
    handled.case.stage = stage;
    handled.case.appeal = None;
    handled.case.former_decider = against;
    handled.case.reconsidered = handled.case.reconsidered.saturating_add(1);
    let due = begin_due(&mut handled, ctx.time)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Reconsidered { case, stage, by: ctx.account, due })
}

/// Sets aside how a case ended; gives the stage in which it goes on, with clocks of its own.
fn reopen(handled: &mut Handled, at: Time) -> Stage {
    let case = &mut handled.case;
    end_procedures(case, at);
    case.ending = None;
    case.refused = None;
    case.termination = None;
    match case.stage {
        Stage::Returned => {
            if let Some(correction) = &mut case.intake.correction {
                correction.clock = working_days(handled.rules.correction_days, at);
                correction.has_lapsed = false;
            }
            Stage::Correcting
        }
        Stage::Rejected | Stage::Closed | Stage::Terminated => {
            case.decision = None; // I3: decided anew, not twice
            case.delivery = None;
            case.delivery_clock = None;
            case.closed_at = None;
            case.promised = Some(Clock::start(handled.item.clocks.promised, at));
            case.statutory = Some(Clock::start(handled.item.clocks.statutory, at));
            case_steps::reopen(&handled.item.flow, &mut case.steps);
            let unfinished = case.steps.iter().map(|mark| match mark.outcome {
                Some(_) => *mark,
                None => Mark { clock: None, ..*mark },
            });
            case.steps = List::new(unfinished.collect()).expect("as many as before");
            if let Some(gap) = &mut case.gap {
                gap.clock = Clock::start(gap.clock.term(), at);
                (gap.reminded_at, gap.suspended_at) = (None, None);
            }
            Stage::Accepted
        }
        Stage::NotAccepted
        | Stage::Submitted
        | Stage::Received
        | Stage::Correcting
        | Stage::Accepted
        | Stage::Granted
        | Stage::Withdrawn
        | Stage::Forwarded => {
            case.intake.arrived_at = Some(at);
            Stage::Received
        }
    }
}

/// Checks a commitment after the decision.
pub fn check_commitment(
    number: CaseNumber,
    is_true: bool,
    opinion: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::CheckCommitment, ctx, state)?;
    let by = handled.lead_hand(Role::Reviewer, ctx, state)?;
    let check = handled.case.commitment.as_mut().filter(|check| check.found.is_none()).ok_or(Error::NoCommitment)?;
    check.clock = finished(check.clock, ctx.time, state)?;
    check.found = Some(CommitmentFound { is_true, opinion, by });
    if !is_true {
        let broken = BrokenPromise {
            version: CASE_VERSION,
            department: handled.case.department,
            case: handled.number.clone(),
            since: ctx.time,
            repaired: None,
        };
        BROKEN_PROMISES.put(state, &handled.case.applicant, &broken); // I11
    }
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::CommitmentChecked { case, is_true, by: ctx.account })
}

/// Proposes to revoke what was granted.
pub fn propose_revocation(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ProposeRevocation, ctx, state)?;
    if !handled.case.decision.as_ref().is_some_and(|decision| decision.granted) {
        return Err(Error::NothingGranted.into());
    }
    let is_open = |revocation: &Revocation| revocation.decision.as_ref().is_none_or(|decision| decision.revoked);
    if handled.case.revocation.as_ref().is_some_and(is_open) {
        return Err(Error::ProposedBefore.into());
    }
    let by = handled.lead_hand(Role::Reviewer, ctx, state)?;
    handled.case.revocation = Some(Revocation { reasons: reasons.clone(), by, decision: None });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RevocationProposed { case, reasons, by: ctx.account })
}

/// Decides a proposal to revoke: a person does, and never the one who proposed it.
pub fn decide_revocation(
    number: CaseNumber,
    revoked: bool,
    reasons: Reasons,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::DecideRevocation, ctx, state)?;
    let open = handled.case.revocation.as_ref().filter(|revocation| revocation.decision.is_none());
    let mut revocation = open.cloned().ok_or(Error::NotProposed)?; // I17
    check_is_person(ctx, state)?; // I17
    if revocation.by.account == ctx.account {
        return Err(Error::SameOfficer.into()); // I16
    }
    let by = handled.lead_hand(Role::Approver, ctx, state)?;
    revocation.decision = Some(RevocationDecision { revoked, reasons: reasons.clone(), by });
    handled.case.revocation = Some(revocation);
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RevocationDecided { case, revoked, reasons, by: ctx.account })
}

/// Says that a broken promise is repaired.
pub fn repair_promise(applicant: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut broken = BROKEN_PROMISES.get(state, &applicant)?.ok_or(TxError::Denied)?;
    if broken.repaired.is_some() {
        return Err(Error::RepairedBefore.into());
    }
    let scope = Scope { department: broken.department, post: None };
    broken.repaired = Some(hand(Role::Supervisor, &scope, ctx, state)?);
    BROKEN_PROMISES.put(state, &applicant, &broken);
    Ok(Event::PromiseRepaired { applicant, by: ctx.account })
}

/// Sets the rules of a department's division.
pub fn set_rules(department: DepartmentCode, rules: Rules, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let division = orgs::department(state, &department)?.ok_or(TxError::Denied)?.division;
    RULES.put(state, &division, &rules);
    Ok(Event::RulesSet { division, rules, by: ctx.account })
}
