//! The end of a case whose applicant is no more: he died, or was dissolved and nobody stands in his place.

use super::Handled;
use super::steps::{check_is_person, end_procedures, finished};
use crate::case_papers::PaperKind;
use crate::case_records::{Ending, Loss, Reasons};
use crate::case_states::Stage;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::identity::{self, Status};
use tongban_kernel::{Ctx, Missing, Role, State, Stop};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Time};

/// That an applicant is no more, and since when. None while he is there, and where another organisation has taken his place: that one goes on with
/// his cases. Who has lost his capacity has a guardian, who does so too.
pub fn loss_of(state: &State, applicant: &AccountId) -> Result<Option<(Loss, Time)>, Missing> {
    let Some(last) = identity::successor(state, applicant)? else { return Ok(None) };
    let loss = match identity::status(state, &last)? {
        Status::Deceased => Loss::Deceased,
        Status::Dissolved => Loss::Dissolved,
        Status::Unknown | Status::Active | Status::Suspended | Status::MergedInto(_) | Status::Frozen(_) => {
            return Ok(None);
        }
    };
    let ending = identity::account(state, &last)?.and_then(|account| account.ending);
    Ok(ending.map(|ending| (loss, ending.at)))
}

/// Nothing is granted to who is no more (行政许可法 第七十条).
pub(super) fn check_is_there(handled: &Handled, state: &State) -> Result<(), Stop> {
    match loss_of(state, &handled.case.applicant)? {
        Some(_) => Err(Error::ApplicantLost.into()), // I18
        None => Ok(()),
    }
}

/// Ends a case whose applicant is no more. What was decided stays decided: such a case is closed, and what was left of it is not done.
pub fn discontinue(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Discontinue, ctx, state)?;
    check_is_person(ctx, state)?; // I8
    let (loss, _) = loss_of(state, &handled.case.applicant)?.ok_or(Error::ApplicantThere)?; // I18
    let by = handled.lead_hand(Role::Approver, ctx, state)?;
    let case = &mut handled.case;
    end_procedures(case, ctx.time);
    for clock in [&mut case.promised, &mut case.statutory, &mut case.delivery_clock] {
        *clock = clock.map(|clock| finished(clock, ctx.time, state)).transpose()?;
    }
    case.termination = None;
    case.ending = Some(Ending { reasons: reasons.clone(), to: None, by: Some(by), at: ctx.time, loss: Some(loss) });
    case.stage = if case.decision.is_some() { Stage::Closed } else { Stage::Terminated };
    if case.decision.is_some() {
        case.closed_at = Some(ctx.time);
    }
    let stage = handled.case.stage;
    let is_undecided = stage == Stage::Terminated;
    let paper = is_undecided.then(|| handled.paper(PaperKind::Termination, ctx, state)).transpose()?;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Discontinued { case, stage, loss, reasons, by: ctx.account, paper })
}
