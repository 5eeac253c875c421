//! After the end: ratings, appeals, the check of commitments, revocation, and the rules of divisions.

use super::filing::{By, by_key, capacity};
use super::steps::{begin_due, check_is_person, check_not_former, end_procedures, finished};
use super::{Handled, access, hand};
use crate::case_entries::has_entered;
use crate::case_papers::{FORMER_REVOCATIONS_MAX, PaperKind};
use crate::case_ratings::RatingSource;
use crate::case_reasons::{APPEAL_DAYS, appeal_until};
use crate::case_records::{
    Answer, Appeal, AppealDecision, BrokenPromises, CommitmentFound, Exclusion, FORMER_OFFICERS_MAX, Hand, Mark,
    OPPONENTS_MAX, Rating, RatingLevel, Reasons, Revocation, RevocationDecision, SetAside, WorkOrder,
};
use crate::case_recusal::Matter;
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::cases::state::{BROKEN_PROMISES, Case, LED, RULES, Rules, STEPS, break_promise, is_revoked, revocation};
use crate::clocks::Clock;
use crate::flow::StepOutcome;
use crate::identity::AgentAct;
use crate::items::{DayUnit, Term};
use crate::offices::DepartmentCode;
use crate::orgs;
use tongban_kernel::{Ctx, Missing, Role, State, Stop, TxError};
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
    source: RatingSource,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Rate, ctx, state)?;
    let capacity = capacity(&handled.case.applicant, &handled.case.item.code, AgentAct::Rate, ctx, state)?;
    check_source(&handled, &source, ctx, state)?;
    let days = handled.rules.work_order_days;
    let (again, answer_until) = match &mut handled.case.rating {
        None => {
            let order = level.is_bad().then(|| WorkOrder { clock: working_days(days, ctx.time), answer: None });
            let deadline = order.as_ref().map(|order| order.clock.deadline(state)).transpose()?.flatten();
            let (source, at) = (source.clone(), ctx.time);
            handled.case.rating = Some(Rating { level, words, source, at, order, again: None, excluded: None });
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
    Ok(Event::Rated { case, department, level, again, answer_until, by: ctx.account, capacity, source })
}

/// A rating is about who has served, when he has.
fn check_source(handled: &Handled, source: &RatingSource, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let is_served = source.served_at.is_none_or(|at| (handled.case.filed_at..=ctx.time).contains(&at));
    let has_served = |clerk: &AccountId| -> Result<bool, Missing> {
        Ok(has_entered(&handled.filing, clerk) || has_handled(handled, clerk, state)?)
    };
    let clerk = source.clerk.as_ref().map(has_served).transpose()?;
    if is_served && clerk.unwrap_or(true) { Ok(()) } else { Err(Error::RatingSource.into()) }
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
    check_is_person(ctx, state)?; // I8
    let by = handled.lead_hand(Role::Supervisor, ctx, state)?;
    if has_handled(&handled, &ctx.account, state)? {
        return Err(Error::SameOfficer.into()); // I16
    }
    let rating = handled.case.rating.as_mut().filter(|rating| rating.excluded.is_none()).ok_or(Error::NoRating)?;
    let answer = |order: &WorkOrder| order.answer.as_ref().is_some_and(|answer| answer.called_back);
    if !rating.order.as_ref().is_none_or(answer) {
        return Err(Error::NotCalledBack.into());
    }
    rating.excluded = Some(Exclusion { reasons: reasons.clone(), by });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RatingExcluded { case, reasons, by: ctx.account })
}

/// Whether an officer has acted on a case in office, whatever became of what he did. What he has entered of it at a counter is not meant.
pub(super) fn has_handled(handled: &Handled, officer: &AccountId, state: &State) -> Result<bool, Missing> {
    let case = &handled.case;
    let answer = case.rating.as_ref().and_then(|rating| rating.order.as_ref()).and_then(|order| order.answer.as_ref());
    let appeal = case.appeal.as_ref().and_then(|appeal| appeal.decision.as_ref());
    let found = case.commitment.as_ref().and_then(|check| check.found.as_ref());
    let (hearing, disowned) = (case.hearing.as_ref(), case.disowned.as_ref().and_then(|one| one.found.as_ref()));
    let acts = [
        case.intake.received,
        case.intake.handed_over.as_ref().map(|one| one.by),
        case.intake.correction.as_ref().map(|one| one.by),
        case.acceptance.and_then(|one| one.by),
        case.refused.as_ref().map(|one| one.by),
        case.extension.as_ref().map(|one| one.by),
        case.decision.as_ref().and_then(|one| one.by),
        case.delivery.as_ref().map(|one| one.by),
        case.termination.as_ref().and_then(|one| one.by),
        case.ending.as_ref().and_then(|one| one.by),
        answer.map(|one| one.by),
        appeal.map(|one| one.by),
        found.map(|one| one.by),
        case.referral.as_ref().map(|one| one.by),
        hearing.map(|one| one.told),
        hearing.and_then(|one| one.date.as_ref()).map(|one| one.by),
        hearing.and_then(|one| one.held.as_ref()).map(|one| one.by),
        disowned.map(|one| one.by),
    ];
    let mut hands: Vec<Hand> = acts.into_iter().flatten().collect();
    hands.extend(case.procedures.iter().filter_map(|one| one.by));
    hands.extend(case.results.iter().map(|one| one.by));
    for one in case.former_revocations.iter().chain(&case.revocation) {
        hands.extend(std::iter::once(one.by).chain(one.decision.as_ref().map(|decision| decision.by)));
    }
    for place in 0..case.forwardings.len() {
        let place = u8::try_from(place).expect("a case is forwarded no more often than departments are deep");
        let led = LED.get(state, &(handled.number.clone(), place))?;
        hands.extend(led.iter().flat_map(|led| led.procedures.iter()).filter_map(|one| one.by));
        hands.extend(led.iter().filter_map(|led| led.extension.as_ref()).map(|one| one.by));
    }
    hands.extend(case.forwardings.iter().map(|one| one.by));
    hands.extend(case.forwardings.iter().filter_map(|one| one.correction.as_ref()).map(|one| one.by));
    let has_acted = hands.iter().any(|hand| hand.account == *officer) || case.former_officers.contains(officer);
    Ok(has_acted || has_done_a_step(handled, officer, state)?)
}

/// Whether an officer has done a step of a case, in whatever round.
pub(super) fn has_done_a_step(handled: &Handled, officer: &AccountId, state: &State) -> Result<bool, Missing> {
    for (place, mark) in (0..).zip(handled.case.steps.iter()) {
        if mark.by.as_ref() == Some(officer) {
            return Ok(true);
        }
        for round in 0..mark.round {
            let record = STEPS.get(state, &(handled.number.clone(), place, round))?;
            if record.and_then(|record| record.by).is_some_and(|by| by.account == *officer) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What one can appeal against: with when one was told of it.
enum Appealable {
    /// Told then, from when on the days for an appeal count.
    ToldAt(Time),
    /// Decided and not delivered: nobody is late for what he was not told (行政复议法 第二十条).
    Untold,
}

/// What can be appealed against. Nothing, where the application was granted and that was not revoked.
fn appealable(case: &Case) -> Option<Appealable> {
    let told_at = |at: Option<Time>| at.map(Appealable::ToldAt);
    match case.stage {
        Stage::Closed | Stage::Revoked if is_revoked(case) => told_at(revocation(case).map(|decision| decision.by.at)),
        Stage::Rejected | Stage::Closed => {
            case.decision.as_ref().filter(|decision| !decision.granted)?;
            told_at(case.delivery.as_ref().map(|delivery| delivery.by.at)).or(Some(Appealable::Untold))
        }
        Stage::NotAccepted => told_at(case.refused.as_ref().map(|refused| refused.by.at)),
        Stage::Returned | Stage::Terminated => told_at(case.ending.as_ref().map(|ending| ending.at)),
        Stage::Submitted
        | Stage::Received
        | Stage::Correcting
        | Stage::Accepted
        | Stage::Granted
        | Stage::Withdrawn
        | Stage::Forwarded
        | Stage::Revoked => None,
    }
}

/// All against whom an appeal is: who ended the case or proposed that, who decided against it, and who rejected a step of it; of a revocation, who
/// proposed and who decided it.
pub(super) fn opponents(case: &Case) -> List<AccountId, OPPONENTS_MAX> {
    let rejected = case.steps.iter().filter(|mark| mark.outcome == Some(StepOutcome::Rejected));
    let mut officers: Vec<AccountId> = rejected.filter_map(|mark| mark.by).collect();
    let ends = [
        case.decision.as_ref().filter(|decision| !decision.granted).and_then(|decision| decision.by),
        case.refused.as_ref().map(|refused| refused.by),
        case.ending.as_ref().and_then(|ending| ending.by),
        case.termination.as_ref().and_then(|proposal| proposal.by),
        revocation(case).map(|decision| decision.by),
        revocation(case).and(case.revocation.as_ref()).map(|revocation| revocation.by),
    ];
    officers.extend(ends.iter().flatten().map(|by| by.account));
    officers.sort_unstable();
    officers.dedup();
    List::new(officers).expect("one for each of 64 steps, and four: what was granted and revoked has no other end")
}

/// Who ended the case.
fn ender(case: &Case) -> Option<AccountId> {
    if let Some(revocation) = revocation(case) {
        return Some(revocation.by.account);
    }
    let decided = case.decision.as_ref().and_then(|decision| decision.by);
    let refused = case.refused.as_ref().map(|refused| refused.by);
    let by = decided.or(refused).or(case.ending.as_ref().and_then(|ending| ending.by));
    by.map(|by| by.account)
}

/// Appeals.
pub fn appeal(number: CaseNumber, grounds: Digest, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Appeal, ctx, state)?;
    let by = by_key(&handled, AgentAct::Appeal, ctx, state)?;
    appeal_as(handled, grounds, by, ctx, state)
}

/// The same, by whomever it is done for the applicant.
pub(super) fn appeal_as(
    mut handled: Handled,
    grounds: Digest,
    by: By,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let appealable = appealable(&handled.case).ok_or(Error::NothingToAppeal)?;
    if handled.case.appeal.is_some() {
        return Err(Error::AppealedBefore.into());
    }
    if matches!(appealable, Appealable::ToldAt(told_at) if ctx.time >= appeal_until(told_at)) {
        return Err(Error::AppealLate.into());
    }
    let clock = Clock::start(Term { days: APPEAL_DAYS, unit: DayUnit::CalendarDay }, ctx.time);
    let until = clock.deadline(state)?.map_or(ctx.time, |deadline| deadline.at);
    handled.case.appeal = Some(Appeal { grounds, at: ctx.time, clock, decision: None });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Appealed { case, by: by.account, until, capacity: by.capacity })
}

/// Decides an appeal, as another officer than those it is against.
pub fn decide_appeal(
    number: CaseNumber,
    upheld: bool,
    reasons: Reasons,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::DecideAppeal, ctx, state)?;
    let appeal = handled.case.appeal.as_ref().filter(|appeal| appeal.decision.is_none());
    let mut appeal = appeal.cloned().ok_or(Error::NoAppeal)?;
    check_is_person(ctx, state)?;
    if opponents(&handled.case).contains(&ctx.account) {
        return Err(Error::SameOfficer.into()); // I16
    }
    let by = handled.deciding_hand(Role::Approver, ctx, state)?;
    appeal.clock = finished(appeal.clock, ctx.time, state)?;
    appeal.decision = Some(AppealDecision { upheld, reasons: reasons.clone(), by });
    handled.case.appeal = Some(appeal);
    let paper = handled.paper(PaperKind::AppealDecision, ctx, state)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::AppealDecided { case, upheld, reasons, by: ctx.account, paper })
}

/// Takes up a case again: what was appealed against is set aside, and its officers do not end it a second time.
pub fn reconsider(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Reconsider, ctx, state)?;
    let decided = handled.case.appeal.as_ref().and_then(|appeal| appeal.decision.as_ref());
    if !decided.is_some_and(|decision| decision.upheld) {
        return Err(Error::NotUpheld.into());
    }
    let against = opponents(&handled.case);
    if against.contains(&ctx.account) {
        return Err(Error::SameOfficer.into()); // I16
    }
    handled.deciding_hand(Role::Approver, ctx, state)?;
    handled.case.former_decider = ender(&handled.case);
    handled.case.former_officers = with_former(&handled.case, &against);
    if handled.case.stage == Stage::Terminated {
        unbreak_promises(&handled.number, &handled.case.applicant, state)?;
    }
    let stage =
        if is_revoked(&handled.case) { restore(&mut handled, ctx.time) } else { reopen(&mut handled, ctx.time) };
    handled.case.stage = stage;
    handled.case.appeal = None;
    handled.case.reconsidered = handled.case.reconsidered.saturating_add(1);
    let due = begin_due(&mut handled, ctx.time)?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Reconsidered { case, stage, by: ctx.account, due })
}

/// All against whom appeals were right, with those of this one as the last; I16 holds for all of them.
fn with_former(case: &Case, against: &[AccountId]) -> List<AccountId, FORMER_OFFICERS_MAX> {
    let earlier = case.former_officers.iter().filter(|officer| !against.contains(officer));
    let all: Vec<AccountId> = earlier.chain(against).copied().collect();
    let oldest = all.len().saturating_sub(FORMER_OFFICERS_MAX);
    List::new(all[oldest..].to_vec()).expect("the oldest have made room")
}

/// Takes back that a case has broken a promise, since how it ended is set aside.
fn unbreak_promises(case: &CaseNumber, applicant: &AccountId, state: &mut State) -> Result<(), Stop> {
    let Some(promises) = BROKEN_PROMISES.get(state, applicant)? else { return Ok(()) };
    let mut broken = promises.broken.into_vec();
    for one in broken.iter_mut().filter(|one| one.case == *case && one.and_more > 0) {
        one.and_more -= 1; // what was counted with it stays, and keeps its place
    }
    broken.retain(|one| one.case != *case || one.and_more > 0 || one.repaired.is_some());
    let broken = List::new(broken).expect("no more than there were");
    BROKEN_PROMISES.put(state, applicant, &BrokenPromises { version: promises.version, broken });
    Ok(())
}

/// Sets aside a revocation: what was granted stands, as whoever upheld the appeal has said, and what was left of it goes on with its days, and
/// its steps with clocks of their own.
fn restore(handled: &mut Handled, at: Time) -> Stage {
    let case = &mut handled.case;
    let upheld = case.appeal.as_ref().and_then(|appeal| appeal.decision.clone());
    let decision = case.revocation.as_mut().and_then(|revocation| revocation.decision.as_mut());
    if let (Some(decision), Some(AppealDecision { reasons, by, .. })) = (decision, upheld) {
        decision.set_aside = Some(SetAside { at, reasons, by });
    }
    if case.stage == Stage::Closed {
        return Stage::Closed;
    }
    stop_clocks_of_steps(case);
    if case.delivery.is_none() {
        case.delivery_clock = Some(working_days(handled.item.clocks.delivery_days, at));
    }
    Stage::Granted
}

/// Has what is not finished begin with clocks of its own.
fn stop_clocks_of_steps(case: &mut Case) {
    let unfinished = case.steps.iter().map(|mark| match mark.outcome {
        Some(_) => *mark,
        None => Mark { clock: None, ..*mark },
    });
    case.steps = List::new(unfinished.collect()).expect("as many as before");
}

/// Sets aside how a case ended; gives the stage in which it goes on, with clocks of its own.
pub(super) fn reopen(handled: &mut Handled, at: Time) -> Stage {
    let is_to_be_accepted = is_to_be_accepted(handled);
    let case = &mut handled.case;
    end_procedures(case, at);
    case.ending = None;
    case.refused = None;
    case.termination = None;
    if case.renewal.as_ref().is_some_and(|renewal| renewal.expires_at <= at) {
        case.renewal = None; // somebody had decided before the licence expired: silence renews nothing any more
    }
    match case.stage {
        Stage::Returned => correct_anew(handled, at),
        Stage::Terminated | Stage::Withdrawn if is_to_be_accepted => {
            // Its applicant was held for dead before it was accepted, or accepted anew; or what he has not signed took it back: it goes on where it was.
            case.promised = case.promised.map(|_| Clock::start(handled.item.clocks.promised, at));
            case.statutory = case.statutory.map(|_| Clock::start(handled.item.clocks.statutory, at));
            let is_being_corrected = case.intake.correction.as_ref().is_some_and(|one| one.answered_at.is_none());
            match case.intake.arrived_at {
                None if is_being_corrected => return correct_anew(handled, at), // I10: what has not arrived is not accepted
                arrived => case.intake.arrived_at = arrived.map(|_| at),
            }
            if case.intake.received.is_some() { Stage::Received } else { Stage::Submitted }
        }
        Stage::Rejected | Stage::Closed | Stage::Terminated | Stage::Withdrawn => {
            case.decision = None; // I3: decided anew, not twice
            case.delivery = None;
            case.delivery_clock = None;
            case.closed_at = None;
            case.promised = Some(Clock::start(handled.item.clocks.promised, at));
            case.statutory = Some(Clock::start(handled.item.clocks.statutory, at));
            case_steps::reopen(&handled.item.flow, &mut case.steps);
            stop_clocks_of_steps(case);
            if let Some(gap) = &mut case.gap {
                gap.clock = Clock::start(gap.clock.term(), at);
                (gap.since, gap.accepted_at) = (at, at);
                (gap.reminded_at, gap.suspended_at, gap.declined_at) = (None, None, None);
            }
            Stage::Accepted
        }
        Stage::NotAccepted
        | Stage::Submitted
        | Stage::Received
        | Stage::Correcting
        | Stage::Accepted
        | Stage::Granted
        | Stage::Forwarded
        | Stage::Revoked => {
            case.intake.arrived_at = Some(at);
            Stage::Received
        }
    }
}

/// Whether a case that ended was still to be accepted, or accepted anew: its acceptance was not done, or the body that leads has none of its own.
fn is_to_be_accepted(handled: &Handled) -> bool {
    let case = &handled.case;
    let step = case_steps::acceptance(&handled.item.flow).and_then(|place| case.steps.get(place));
    case.acceptance.is_none() || case.promised.is_none() || step.is_some_and(|mark| mark.outcome.is_none())
}

/// The applicant has his days to correct it once more.
fn correct_anew(handled: &mut Handled, at: Time) -> Stage {
    if let Some(correction) = &mut handled.case.intake.correction {
        correction.clock = working_days(handled.rules.correction_days, at);
        correction.has_lapsed = false;
    }
    Stage::Correcting
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
    if !is_true {
        check_is_person(ctx, state)?; // I8: it brands the applicant
    }
    let by = handled.lead_hand(Role::Reviewer, ctx, state)?;
    let check = handled.case.commitment.as_mut().filter(|check| check.found.is_none()).ok_or(Error::NoCommitment)?;
    check.clock = finished(check.clock, ctx.time, state)?;
    check.found = Some(CommitmentFound { is_true, opinion, by });
    if !is_true {
        break_promise(&handled.number, &handled.case, ctx.time, state)?; // I11
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
    let is_open = |revocation: &Revocation| {
        revocation.decision.as_ref().is_none_or(|decision| decision.revoked && decision.set_aside.is_none())
    };
    if handled.case.revocation.as_ref().is_some_and(is_open) {
        return Err(Error::ProposedBefore.into());
    }
    let by = handled.lead_hand(Role::Reviewer, ctx, state)?;
    keep_revocation(&mut handled.case);
    handled.case.revocation = Some(Revocation { reasons: reasons.clone(), by, decision: None });
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RevocationProposed { case, reasons, by: ctx.account })
}

/// Keeps the last proposal to revoke beside the next one. Where they are too many, the oldest that revoked nothing makes room.
fn keep_revocation(case: &mut Case) {
    let Some(last) = case.revocation.take() else { return };
    let mut former = std::mem::take(&mut case.former_revocations).into_vec();
    if former.len() >= FORMER_REVOCATIONS_MAX {
        let revoked = |one: &Revocation| one.decision.as_ref().is_some_and(|decision| decision.revoked);
        let idle = former.iter().position(|one| !revoked(one));
        former.remove(idle.unwrap_or_default());
    }
    former.push(last);
    case.former_revocations = List::new(former).expect("one has made room");
}

/// Decides a proposal to revoke: a person does, and never the one who proposed it. A case that is not closed yet ends with it: what was left to
/// be made and delivered is not.
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
    if revoked {
        check_not_former(&handled.case, ctx)?;
    }
    let by = handled.deciding_hand(Role::Approver, ctx, state)?;
    revocation.decision = Some(RevocationDecision { revoked, reasons: reasons.clone(), by, set_aside: None });
    handled.case.revocation = Some(revocation);
    if revoked && handled.case.stage == Stage::Granted {
        let clock = handled.case.delivery_clock;
        handled.case.delivery_clock = clock.map(|clock| finished(clock, ctx.time, state)).transpose()?;
        handled.case.stage = Stage::Revoked;
    }
    let paper = revoked.then(|| handled.paper(PaperKind::Revocation, ctx, state)).transpose()?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::RevocationDecided { case, revoked, reasons, by: ctx.account, paper })
}

/// Says that a broken promise is repaired: the last one that is open of those that the acting supervisor's departments have found.
pub fn repair_promise(applicant: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let (place, scope) = access::repairer(&applicant, ctx, state)?.ok_or(TxError::Denied)?;
    let promises = BROKEN_PROMISES.get(state, &applicant)?.ok_or(TxError::Denied)?;
    let mut broken = promises.broken.into_vec();
    let one = broken.get_mut(place).ok_or(TxError::Denied)?;
    if one.repaired.is_some() {
        return Err(Error::RepairedBefore.into());
    }
    one.repaired = Some(hand(Role::Supervisor, Some(scope), Matter::of_account(&applicant), ctx, state)?);
    let broken = List::new(broken).expect("as many as before");
    BROKEN_PROMISES.put(state, &applicant, &BrokenPromises { version: promises.version, broken });
    Ok(Event::PromiseRepaired { applicant, by: ctx.account })
}

/// Sets the rules of a division, in the department that is responsible for it.
pub fn set_rules(department: DepartmentCode, rules: Rules, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let division = orgs::department(state, &department)?.ok_or(TxError::Denied)?.division;
    if !orgs::is_responsible(state, &department)? {
        return Err(Error::DivisionOfAnother.into());
    }
    RULES.put(state, &division, &rules);
    Ok(Event::RulesSet { division, rules, by: ctx.account })
}
