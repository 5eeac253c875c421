//! What officers enter at a counter for people who come without their keys (窗口代录): who may, and what an applicant can say against it.

use super::acceptance::{fill_gap_as, supplement_as};
use super::after::{appeal_as, has_handled, reopen};
use super::decision::{end_disowned, withdraw_as};
use super::filing::{By, file_as};
use super::hearings::answer_hearing_as;
use super::loss::loss_of;
use super::result::acknowledge_as;
use super::steps::{begin_due, check_is_person};
use super::{Handled, access, due, hand, order};
use crate::cards::{Card, Limit};
use crate::case_cards::{Charge, charge};
use crate::case_entries::{self, Disowned, DisownedFound, ENTRIES_MAX, Entered, Entry, has_entered};
use crate::case_papers::PaperNumber;
use crate::case_records::{CardShown, Hand, Subject};
use crate::case_recusal::Matter;
use crate::case_sources::AnswerSources;
use crate::case_states::Stage;
use crate::cases::error::Error;
use crate::cases::msg::{Application, CallKind, Event, PaperAct};
use crate::catalogue::{self, HandleType};
use crate::identity::{self, AgentAct, AssuranceLevel, Capacity, Status};
use crate::offices::DepartmentCode;
use tongban_kernel::{Ctx, Missing, Role, Scope, State, Stop};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Digest, List, Time};

/// The department at whose counter an application is entered: the place, or the department that decides.
pub fn counter(application: &Application, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Missing> {
    if let Some(place) = &application.place {
        return access::whole(place, state);
    }
    let Some(version) = catalogue::in_force(state, &application.item, ctx.time)? else { return Ok(None) };
    match version.item.department.code.parse::<DepartmentCode>() {
        Ok(department) => access::whole(&department, state),
        Err(_) => Ok(None),
    }
}

/// Who enters something for an applicant at a counter: not for himself, nor for whom he stands for.
fn clerk(applicant: &AccountId, scope: Option<Scope>, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    check_is_person(ctx, state)?; // I20
    hand(Role::Receiver, scope, Matter::of_account(applicant), ctx, state) // I16
}

/// The account of who signs on paper is bound to a name that was checked, and he has not ended. That its key is lost, or reported so, is what the
/// counter is for.
fn check_bound(applicant: &AccountId, state: &State) -> Result<(), Stop> {
    if loss_of(state, applicant)?.is_some() {
        return Err(Error::ApplicantLost.into()); // I18
    }
    if !matches!(identity::status(state, applicant)?, Status::Active | Status::Frozen(_)) {
        return Err(Error::NoCapacity.into());
    }
    if identity::level(state, applicant)?.is_none_or(|level| level < AssuranceLevel::L2) {
        return Err(Error::NotBound.into()); // I20
    }
    Ok(())
}

/// Enters an application on paper.
pub fn enter_application(application: Application, paper: Digest, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if application.channel != HandleType::Counter {
        return Err(Error::Channel.into());
    }
    let by = clerk(&application.applicant, counter(&application, ctx, state)?, ctx, state)?;
    check_bound(&application.applicant, state)?;
    let entry = Entry { what: Entered::Application, paper, by };
    let entries = List::new(vec![entry]).expect("one entry");
    let filed = file_as(application, Some((Capacity::Oneself, entries)), ctx, state)?;
    Ok(match filed {
        Event::Filed { case, item, item_version, applicant, by, department, place, crossing, .. } => {
            Event::ApplicationEntered { case, item, item_version, applicant, by, paper, department, place, crossing }
        }
        other => other,
    })
}

/// Enters what an applicant does on paper.
pub fn enter_act(
    number: CaseNumber,
    act: PaperAct,
    paper: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (kind, what) = match &act {
        PaperAct::Supplement { .. } => (CallKind::Supplement, Entered::Supplement),
        PaperAct::FillGap { .. } => (CallKind::FillGap, Entered::GapFilled),
        PaperAct::Withdraw {} => (CallKind::Withdraw, Entered::Withdrawal),
        PaperAct::Acknowledge {} => (CallKind::Acknowledge, Entered::Receipt),
        PaperAct::AnswerHearing { .. } => (CallKind::AnswerHearing, Entered::HearingAnswer),
        PaperAct::Appeal { .. } => (CallKind::Appeal, Entered::Appeal),
    };
    let mut handled = Handled::open(number.clone(), kind, ctx, state)?;
    let applicant = handled.case.applicant;
    let by = clerk(&applicant, access::whole(&handled.filing.place, state)?, ctx, state)?;
    // Behind a merger the one signs who has taken the applicant's place.
    let signer = identity::successor(state, &applicant)?.unwrap_or(applicant);
    check_bound(&signer, state)?;
    if has_handled(&handled, &ctx.account, state)? {
        return Err(Error::SameOfficer.into()); // I20: nobody signs for what he has done himself
    }
    if handled.filing.entries.len() >= ENTRIES_MAX {
        return Err(Error::TooManyEntries.into());
    }
    handled.filing.entries.push(Entry { what, paper, by }).map_err(|_| Error::TooManyEntries)?;
    handled.has_noted = true; // I20: it stays on the application who entered what
    let capacity = if signer == applicant { Capacity::Oneself } else { Capacity::Successor };
    let signed = By { account: ctx.account, capacity };
    match act {
        PaperAct::Supplement { facts, form, materials, gap_promise } => {
            // A form on paper was filled in by hand: nothing of it is said to come from a licence.
            supplement_as(handled, facts, form, materials, AnswerSources::default(), gap_promise, signed, ctx, state)?
        }
        PaperAct::FillGap { materials } => fill_gap_as(handled, materials, signed, ctx, state)?,
        PaperAct::Withdraw {} => withdraw_as(handled, signed, ctx, state)?,
        PaperAct::Acknowledge {} => acknowledge_as(handled, signed, ctx, state)?,
        PaperAct::AnswerHearing { wants } => answer_hearing_as(handled, applicant, wants, signed, ctx, state)?,
        PaperAct::Appeal { grounds } => appeal_as(handled, grounds, signed, ctx, state)?,
    };
    let stage = Handled::load(number.clone(), ctx.time, state)?.case.stage;
    Ok(Event::ActEntered { case: number, what, paper, by: ctx.account, stage })
}

/// Disowns what was entered at a counter. What is decided stays decided until an officer looks into it.
pub fn disown(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Disown, ctx, state)?;
    let (applicant, item) = (handled.case.applicant, &handled.case.item.code);
    let capacity = identity::capacity_for(state, &ctx.account, &applicant, Some(item), AgentAct::Withdraw, ctx.time)?;
    // An agent does not say for his principal what this one has signed.
    let capacity = capacity.filter(|capacity| !matches!(capacity, Capacity::Agent { .. })).ok_or(Error::NoCapacity)?;
    if handled.filing.entries.is_empty() {
        return Err(Error::NothingEntered.into());
    }
    let last = handled.filing.entries.last().map(|entry| entry.by.receipt);
    if handled.case.disowned.as_ref().is_some_and(|before| last.is_none_or(|last| last < before.receipt)) {
        return Err(Error::DisownedBefore.into()); // I20: what was entered since may be disowned as well
    }
    let disowned = Disowned { by: ctx.account, capacity, at: ctx.time, receipt: ctx.receipt, found: None };
    handled.case.disowned = Some(disowned);
    let mut entered_by: Vec<AccountId> = handled.filing.entries.iter().map(|entry| entry.by.account).collect();
    entered_by.sort_unstable();
    entered_by.dedup();
    let entered_by = List::new(entered_by).expect("no more than there are entries");
    let case = handled.number.clone();
    let stage = end_disowned(handled, ctx, state)?;
    Ok(Event::Disowned { case, stage, entered_by, by: ctx.account, capacity })
}

/// Says what came of an inquiry into what was disowned, as somebody who has entered nothing of it.
pub fn examine_disowned(
    number: CaseNumber,
    invented: bool,
    opinion: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ExamineDisowned, ctx, state)?;
    check_is_person(ctx, state)?; // I8
    if has_entered(&handled.filing, &ctx.account) {
        return Err(Error::SameOfficer.into()); // I20
    }
    let by = handled.lead_hand(Role::Supervisor, ctx, state)?;
    let disowned = handled.case.disowned.as_mut().filter(|disowned| disowned.found.is_none());
    let disowned = disowned.ok_or(Error::NothingDisowned)?;
    disowned.found = Some(DisownedFound { invented, opinion, by });
    let since = disowned.at;
    let card = if invented { Some(show_invented(&mut handled, since, ctx, state)?) } else { None };
    if invented {
        undo(&mut handled, ctx.time)?; // I20
    }
    let (case, stage) = (handled.number.clone(), handled.case.stage);
    handled.save(ctx, state)?;
    Ok(Event::DisownedExamined { case, invented, opinion, by: ctx.account, stage, card })
}

/// Shows a red card to the counter at which something was invented (违规办理), for the department whose counter it is to answer.
fn show_invented(handled: &mut Handled, since: Time, ctx: &Ctx, state: &mut State) -> Result<PaperNumber, Stop> {
    let states = handled.states();
    let Charge { department, role, handler } = charge(handled.subjects(&states), Subject::Counter, state)?;
    let (subject, card, limit, number) = (Subject::Counter, Card::Red, Limit::Conduct, None);
    let shown = CardShown { subject, card, limit, number, department, role, handler, at: ctx.time, round_since: since };
    let mut cards = [shown];
    order(&handled.number, &handled.case, &mut cards, ctx, state)?; // I22
    due::show(&mut handled.case, &cards);
    let number = cards[0].number;
    Ok(number.expect("a red card has a number"))
}

/// Who has signed nothing has taken nothing back, has acknowledged nothing, and has not used up his appeal.
fn undo(handled: &mut Handled, at: Time) -> Result<(), Stop> {
    let entries = case_entries::disowned(&handled.case, &handled.filing).to_vec();
    let is_entered = |what: Entered, at: Time| entries.iter().any(|entry| entry.what == what && entry.by.at == at);
    let case = &mut handled.case;
    if case.appeal.as_ref().is_some_and(|one| one.decision.is_none() && is_entered(Entered::Appeal, one.at)) {
        case.appeal = None;
    }
    if let Some(delivery) = &mut case.delivery {
        delivery.acknowledged = delivery.acknowledged.filter(|one| !is_entered(Entered::Receipt, one.at));
    }
    // Only a case of his own goes on, and only where he has not taken it back himself since.
    let is_own = entries.first().is_none_or(|entry| entry.what != Entered::Application);
    let is_withdrawn = handled.case.stage == Stage::Withdrawn && handled.filing.entries.len() == entries.len();
    if is_own && is_withdrawn && entries.last().is_some_and(|entry| entry.what == Entered::Withdrawal) {
        handled.case.stage = reopen(handled, at);
        begin_due(handled, at)?;
    }
    Ok(())
}
