//! What departments answer to cards, and who decides where nobody in the department that leads may.

use super::after::opponents;
use super::{Handled, hand};
use crate::case_hearings;
use crate::case_papers::{CardAnswer, PaperKind, PaperNumber, Referral, Supervision, is_order};
use crate::case_records::{CardShown, Hand, Reasons, Subject};
use crate::case_recusal::Matter;
use crate::case_states::Stage;
use crate::cases::access;
use crate::cases::error::Error;
use crate::cases::msg::{CallKind, Event};
use crate::cases::state::{self, CASE_VERSION, Case, SUPERVISIONS};
use crate::orgs;
use tongban_kernel::{Ctx, Missing, Role, State, Stop, TxError};
use tongban_types::codes::CaseNumber;

/// Gives each yellow and red card its number, and keeps it for the answer of the department that leads; for what was invented at a counter, of the
/// department whose counter it is.
pub(in crate::cases) fn order(
    number: &CaseNumber,
    case: &Case,
    cards: &mut [CardShown],
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Missing> {
    let lead = access::answering(&case.department, state)?.unwrap_or(case.department);
    for card in cards.iter_mut().filter(|card| is_order(card.card)) {
        let department = if card.subject == Subject::Counter { card.department } else { lead };
        let given = super::papers::next_number(department, PaperKind::Card, ctx, state)?;
        card.number = Some(given); // I22
        let (version, case) = (CASE_VERSION, number.clone());
        let record = Supervision { version, case, department, card: *card, answer: None };
        SUPERVISIONS.put(state, &given, &record);
    }
    Ok(())
}

/// Answers a card.
pub fn answer_card(number: PaperNumber, answer: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut record = SUPERVISIONS.get(state, &number)?.ok_or(TxError::Denied)?;
    if record.answer.is_some() {
        return Err(Error::CardAnswered.into()); // I22
    }
    let scope = access::whole(&record.department, state)?;
    let case = state::case(state, &record.case)?.ok_or(TxError::Denied)?;
    let filing = state::filing(state, &record.case)?.ok_or(TxError::Denied)?;
    let by = hand(Role::Approver, scope, Matter::of(&case, &filing), ctx, state)?;
    record.answer = Some(CardAnswer { text: answer.clone(), by });
    SUPERVISIONS.put(state, &number, &record);
    let (case, department) = (record.case, record.department);
    Ok(Event::CardAnswered { number, case, department, answer, by: ctx.account })
}

/// Passes on what is to be decided.
pub fn refer(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Refer, ctx, state)?;
    if handled.case.referral.is_some() {
        return Err(Error::ReferredBefore.into());
    }
    let lead = access::whole(&handled.case.department, state)?.ok_or(TxError::Denied)?;
    let standing = orgs::standing(state, &ctx.account, Role::Approver, &lead, ctx.time)?.ok_or(TxError::Denied)?;
    // Here alone somebody acts in a matter of his own: he puts it into other hands.
    let is_own = Matter::of(&handled.case, &handled.filing).is_own(&ctx.account, standing, ctx.time, state)?;
    if !is_own && !is_barred(&handled.case, ctx) {
        return Err(Error::NobodyBarred.into()); // I16
    }
    let to = access::stand_in(&handled.case, &handled.rules, state)?.ok_or(Error::NobodyAbove)?;
    let by = Hand { account: ctx.account, standing, at: ctx.time, receipt: ctx.receipt };
    handled.case.referral = Some(Referral { to, reasons: reasons.clone(), by });
    let (case, department) = (handled.number.clone(), handled.case.department);
    handled.save(ctx, state)?;
    Ok(Event::Referred { case, department, to, reasons, by: ctx.account })
}

/// Whether the acting officer may not decide what is open in a case: it is against him, he has proposed it, he has checked it, or
/// presided over its hearing.
fn is_barred(case: &Case, ctx: &Ctx) -> bool {
    let is_his = |by: Option<Hand>| by.is_some_and(|by| by.account == ctx.account);
    let proposed = case.termination.as_ref().and_then(|proposal| proposal.by);
    let revocation = case.revocation.as_ref().filter(|one| one.decision.is_none()).map(|one| one.by);
    // Not accepted, or returned, it was by somebody who does not end it again: whether another is left, who passes it on knows.
    let is_to_be_ended = matches!(case.stage, Stage::Received | Stage::Correcting)
        && case.acceptance.is_none()
        && !case.former_officers.is_empty();
    let has_presided = case_hearings::current(case).and_then(|hearing| hearing.held.as_ref());
    is_to_be_ended
        || has_presided.is_some_and(|held| held.by.account == ctx.account)
        || case.former_officers.contains(&ctx.account)
        || case.appeal.is_some() && opponents(case).contains(&ctx.account)
        || is_his(proposed)
        || is_his(revocation)
        || case.steps.iter().any(|mark| mark.by == Some(ctx.account))
}
