//! What time brings to a case. One act for each case looks at it at the next moment that matters, see `case_moments`; whatever it finds, it
//! does one thing, and puts itself down for the next moment.

use super::error::Error;
use super::execute::{Handled, begin_handling, begin_procedure, conclude, end_procedure, order, record, set_decision};
use super::msg::Event;
use super::state::{Case, DEEMED_RENEWALS};
use crate::case_moments::{Effect, first_due};
use crate::case_records::{CARDS_MAX, CardShown, Procedure, ProcedureKind, Reasons, TerminationProposal};
use crate::case_states::{self, Stage};
use crate::case_steps;
use crate::cases::CallKind;
use crate::flow::StepOutcome;
use crate::items::StepKind;
use serde::{Deserialize, Serialize};
use tongban_kernel::due::ActBytes;
use tongban_kernel::{Ctx, Missing, State, Stop, due};
use tongban_types::codes::CaseNumber;
use tongban_types::{List, Text, Time};

/// An act of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Look at a case.
    Look {
        /// Which.
        case: CaseNumber,
        /// For when it was put down; if the case does not expect it any more, it does nothing.
        at: Time,
    },
}

/// Puts down when to look at a case.
pub(super) fn schedule(case: &CaseNumber, at: Time, ctx: &Ctx, state: &mut State) -> Result<(), Missing> {
    due::schedule(state, ctx.time, at, act_bytes(Act::Look { case: case.clone(), at }))
}

fn act_bytes(act: Act) -> ActBytes {
    crate::registry::Act::Cases(act).to_bytes()
}

/// Does what time has brought.
pub fn act(act: Act, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    let Act::Look { case, at } = act;
    let mut handled = Handled::load(case, ctx.time, state)?;
    if handled.case.watch != Some(at) {
        return Ok(None);
    }
    handled.case.watch = None;
    let states = handled.states();
    match first_due(handled.subjects(&states), ctx.time, state)? {
        Some((moment, effect)) => apply(handled, moment, effect, ctx, state).map(Some),
        None => {
            handled.save(ctx, state)?; // a calendar has moved the moment: look again then
            Ok(None)
        }
    }
}

/// Does what binds and the ledger has not come to yet.
pub fn settle(case: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::load(case, ctx.time, state)?;
    if !case_states::allows(handled.case.stage, CallKind::Settle) {
        return Err(Error::WrongStage.into()); // I9
    }
    let states = handled.states();
    match first_due(handled.subjects(&states), ctx.time, state)? {
        Some((moment, effect)) if effect.binds() => {
            handled.case.watch = None; // what comes next is put down anew, whatever became of the act that should have done this
            apply(handled, moment, effect, ctx, state)
        }
        _ => Err(Error::NothingDue.into()),
    }
}

fn apply(mut handled: Handled, moment: Time, effect: Effect, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let case = handled.number.clone();
    let event = match effect {
        Effect::Accept => {
            let arrived = handled.case.intake.arrived_at.unwrap_or(ctx.time);
            return begin_handling(handled, arrived, None, ctx, state);
        }
        Effect::EndProcedure(index) => {
            let step = handled.case.procedures.get(index).and_then(|procedure| procedure.step);
            end_procedure(&mut handled.case, index, moment);
            let step = step.and_then(|step| handled.item.flow.get(usize::from(step))).map(|step| step.name.clone());
            Event::ClockResumed { case, step, by: None }
        }
        Effect::PassSteps(places) => pass(&mut handled, &places, moment, state)?,
        Effect::Renew => renew(&mut handled, moment, state)?,
        Effect::SuspendGap => suspend(&mut handled, moment, state)?,
        Effect::RemindGap => {
            let gap = handled.case.gap.as_mut().ok_or(Error::NothingDue)?;
            gap.reminded_at = Some(ctx.time);
            let until = gap.clock.deadline(state)?.map_or(moment, |deadline| deadline.at);
            Event::GapReminded { case, missing: gap.missing.clone(), until }
        }
        Effect::ProposeTermination => {
            let reasons: Reasons = Text::new("容缺材料逾期未补齐").expect("a short text");
            let proposal = TerminationProposal { reasons: reasons.clone(), by: None, at: ctx.time };
            handled.case.termination = Some(proposal); // I17: time proposes, a person terminates
            Event::TerminationProposed { case, reasons, by: None }
        }
        Effect::LapseCorrection => {
            if let Some(correction) = &mut handled.case.intake.correction {
                correction.has_lapsed = true;
            }
            Event::CorrectionLapsed { case }
        }
        Effect::GoOnUncorrected => {
            if let Some(correction) = &mut handled.case.intake.correction {
                correction.has_lapsed = true;
            }
            handled.case.intake.arrived_at = Some(moment);
            handled.case.stage = Stage::Received;
            Event::CorrectionLapsed { case }
        }
        Effect::ShowCards(mut cards) => {
            order(&case, &handled.case, &mut cards, ctx, state)?;
            show(&mut handled.case, &cards);
            let cards = List::new(cards).expect("one for each step and subject");
            Event::CardsShown { case, department: handled.case.department, cards }
        }
    };
    handled.save(ctx, state)?;
    Ok(event)
}

/// Silence was consent.
fn pass(handled: &mut Handled, places: &[usize], moment: Time, state: &mut State) -> Result<Event, Stop> {
    for place in places {
        record(handled, *place, StepOutcome::PassedBySilence, None, None, moment, state)?;
        case_steps::finish(&mut handled.case.steps, *place, StepOutcome::PassedBySilence, None);
    }
    let begun = case_steps::begin_due(&handled.item, &handled.answers, &mut handled.case.steps, moment);
    let due = handled.names(begun.map_err(Error::from)?);
    conclude(handled, moment, state)?;
    Ok(Event::StepsPassedBySilence { case: handled.number.clone(), steps: handled.names(places.iter().copied()), due })
}

/// Nobody has decided before the licence expired: the law renews it, whoever was to decide.
fn renew(handled: &mut Handled, moment: Time, state: &mut State) -> Result<Event, Stop> {
    handled.case.stage = Stage::Accepted;
    let flow = handled.item.flow.clone();
    let ancestors = crate::flow::ancestors(&flow);
    let decides = |place: usize| flow[place].kind == StepKind::Decision;
    let applies = crate::flow::applying(&flow, &handled.answers).map_err(Error::from)?;
    for (place, applies) in applies.into_iter().enumerate() {
        let is_before = (0..flow.len()).any(|decision| decides(decision) && ancestors[decision] & (1 << place) != 0);
        // What somebody has done in this round stays as it is, an objection too: the law renews in spite of it.
        let is_done = handled.case.steps.get(place).is_some_and(|mark| mark.outcome.is_some());
        if (decides(place) || is_before) && applies && !is_done {
            record(handled, place, StepOutcome::PassedBySilence, None, None, moment, state)?;
            case_steps::finish(&mut handled.case.steps, place, StepOutcome::PassedBySilence, None);
        }
    }
    let reasons: Reasons = Text::new("行政许可法第五十条：逾期未作决定，视为准予延续").expect("a short text");
    set_decision(handled, true, reasons.clone(), Text::default(), None, moment, state)?;
    if let Some(renewal) = &handled.case.renewal {
        DEEMED_RENEWALS.put(state, &renewal.licence, &handled.number); // the first, or it would not have come to this
    }
    let begun = case_steps::begin_due(&handled.item, &handled.answers, &mut handled.case.steps, moment);
    let due = handled.names(begun.map_err(Error::from)?);
    let (case, department) = (handled.number.clone(), handled.case.department);
    Ok(Event::Decided { case, granted: Some(true), step: None, department, reasons, by: None, due, paper: None })
}

/// What was missing was not handed in: the case rests.
fn suspend(handled: &mut Handled, moment: Time, state: &State) -> Result<Event, Stop> {
    let gap = handled.case.gap.as_mut().ok_or(Error::NothingDue)?;
    gap.suspended_at = Some(moment);
    let missing = gap.missing.clone();
    let procedure = Procedure {
        kind: ProcedureKind::GapSuspension,
        step: None,
        reason: Text::new("容缺材料逾期未补齐").expect("a short text"),
        by: None,
        from: moment,
        until: None,
        ended_at: None,
    };
    begin_procedure(&mut handled.case, procedure, state)?;
    Ok(Event::GapSuspended { case: handled.number.clone(), missing })
}

/// Keeps the worst card of each subject in each round; where they are too many, those of past rounds go first, the oldest of them before.
pub(super) fn show(case: &mut Case, cards: &[CardShown]) {
    let mut kept: Vec<CardShown> = std::mem::take(&mut case.cards).into_vec();
    let is_same = |old: &CardShown, new: &CardShown| new.subject == old.subject && new.round_since == old.round_since;
    kept.retain(|old| cards.iter().all(|new| !is_same(old, new)));
    kept.extend_from_slice(cards);
    while kept.len() > CARDS_MAX {
        let is_past =
            |old: &CardShown| kept.iter().any(|new| new.subject == old.subject && new.round_since > old.round_since);
        let oldest = kept.iter().position(is_past).unwrap_or_default(); // there are fewer subjects than cards fit
        kept.remove(oldest);
    }
    case.cards = List::new(kept).expect("no more than fit");
}
