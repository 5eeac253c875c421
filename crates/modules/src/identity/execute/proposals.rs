//! What takes two officers of two roles: an account ends, or its binding is corrected. One records it, another one confirms it.

use super::{
    bound, check_account_kind, check_living, check_subject, close_recovery, existing, in_office, open_recovery_of,
};
use crate::identity::error::Error;
use crate::identity::msg::{AccountKind, Correction, Event};
use crate::identity::state::{
    self, ACCOUNTS, Account, COMPANIES, Ending, EndingKind, HOLDERS, Holder, MERGERS_MAX, PROPOSAL_VERSION, PROPOSALS,
    PSEUDONYMS, Proposal, Proposed, Settlement, Subject,
};
use crate::recovery::ClosingKind;
use crate::representation;
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, Text};

/// Records what another officer is to confirm. What could not be confirmed now is refused now.
pub fn record_proposal(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    proposed: Proposed,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    refuse_gain(proposed.in_favour_of(), ctx, state)?;
    check(&id, &account, proposed, state)?;
    if PROPOSALS.get(state, &id)?.is_some_and(|proposal| proposal.settlement.is_none()) {
        return Err(Error::ProposalOpen.into()); // I13
    }
    let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    let (version, settlement) = (PROPOSAL_VERSION, None);
    let cooling = if proposed.is_joining() { state::policy(state)?.cooling.as_millis() } else { 0 };
    let can_object = !proposed.is_joining() || !account.suspended;
    let confirmable_from = can_object.then(|| at.plus_millis(cooling)); // I20
    let proposal =
        Proposal { version, proposed, department, officer, papers, at, receipt, settlement, confirmable_from };
    PROPOSALS.put(state, &id, &proposal);
    Ok(Event::ProposalRecorded { account: id, proposal: receipt, proposed, papers, department, by: ctx.account })
}

/// Refuses the officer to whom, or to whose principal, it would come what another account has.
fn refuse_gain(into: Option<AccountId>, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    if let Some(into) = into
        && representation::stands_for(state, &ctx.account, &into, ctx.time)?
    {
        return Err(Error::Oneself.into()); // I4
    }
    Ok(())
}

/// Whether something may become of an account, when it is recorded and again when it is confirmed.
fn check(id: &AccountId, account: &Account, proposed: Proposed, state: &State) -> Result<(), Stop> {
    check_subject(account)?;
    match proposed {
        Proposed::Ending { kind } => check_ending(id, account, kind, state),
        Proposed::Correction { correction } => {
            let holder = bound(id, state)?;
            let Correction::StrikeDocument { place } = correction else { return Ok(()) };
            let Subject::Person { documents } = holder.subject else { return Err(Error::NotAPerson.into()) };
            if documents.get(usize::from(place)).is_none() {
                return Err(Error::DocumentUnknown.into());
            }
            if documents.len() == 1 {
                return Err(Error::LastDocument.into());
            }
            Ok(())
        }
    }
}

fn check_ending(id: &AccountId, account: &Account, kind: EndingKind, state: &State) -> Result<(), Stop> {
    check_kind(account, kind)?;
    bound(id, state)?;
    if let EndingKind::MergedInto { account: into } | EndingKind::SamePerson { account: into } = kind {
        let into_account = existing(&into, state)?;
        match kind {
            EndingKind::SamePerson { .. } => check_subject(&into_account)?, // I16
            EndingKind::MergedInto { .. } | EndingKind::Deceased | EndingKind::Dissolved => {
                check_living(&into_account)?;
            }
        }
        check_kind(&into_account, kind)?;
        bound(&into, state)?;
        if account.mergers >= MERGERS_MAX {
            return Err(Error::TooManyMergers.into()); // I14
        }
    }
    Ok(())
}

fn check_kind(account: &Account, ending: EndingKind) -> Result<(), Error> {
    let kind = match ending {
        EndingKind::Deceased | EndingKind::SamePerson { .. } => AccountKind::Person,
        EndingKind::Dissolved | EndingKind::MergedInto { .. } => AccountKind::Organisation,
    };
    check_account_kind(account, kind)
}

/// Lets what another officer has recorded take effect.
pub fn confirm_proposal(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    number: u64,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    let proposal = open_proposal(&id, number, state)?;
    if proposal.officer == ctx.account {
        return Err(Error::SameOfficer.into()); // I13
    }
    refuse_gain(proposal.proposed.in_favour_of(), ctx, state)?;
    if !state::is_authorised(state, &proposal.department)? {
        return Err(Error::DepartmentNotAuthorised.into()); // I11
    }
    check(&id, &account, proposal.proposed, state)?;
    check_unopposed(&account, &proposal, ctx)?; // I20
    settle(&id, proposal.clone(), true, Some(department), ctx, state);
    match proposal.proposed {
        Proposed::Ending { kind } => end_account(&id, account, kind, &proposal, department, ctx, state),
        Proposed::Correction { correction } => correct_binding(id, correction, &proposal, department, ctx, state),
    }
}

/// Lets nothing come of what another officer has recorded.
pub fn reject_proposal(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    number: u64,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    in_office(&department, &id, ctx, state)?;
    let proposal = open_proposal(&id, number, state)?;
    settle(&id, proposal, false, Some(department), ctx, state);
    Ok(Event::ProposalRejected { account: id, proposal: number, reason, department, by: ctx.account })
}

/// Objects, as the account that would end, to its being joined to another one.
pub fn object_to_joining(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let proposal = open_proposal(&ctx.account, number, state)?;
    if !proposal.proposed.is_joining() {
        return Err(Error::ProposalNotFound.into());
    }
    settle(&ctx.account, proposal, false, None, ctx, state); // I20
    Ok(Event::JoiningObjected { account: ctx.account, proposal: number })
}

/// Refuses to join an account whose holder could not object for a whole cooling time: otherwise two officers would take over with it at once what
/// takes them that long in a recovery.
fn check_unopposed(account: &Account, proposal: &Proposal, ctx: &Ctx) -> Result<(), Error> {
    if proposal.proposed.is_joining() && account.suspended {
        return Err(Error::Suspended);
    }
    match proposal.confirmable_from {
        Some(from) if from <= ctx.time => Ok(()),
        Some(_) | None => Err(Error::CoolingNotOver),
    }
}

/// Lets the cooling time of a joining that is open be for nothing while its account is kept from acting, and begin anew after that.
pub fn halt_or_begin_cooling(id: &AccountId, is_suspended: bool, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let Some(proposal) = PROPOSALS.get(state, id)?.filter(Proposal::is_open_joining) else { return Ok(()) };
    if proposal.confirmable_from.is_none() == is_suspended {
        return Ok(());
    }
    let cooling = state::policy(state)?.cooling.as_millis();
    let confirmable_from = (!is_suspended).then(|| ctx.time.plus_millis(cooling)); // I20
    PROPOSALS.put(state, id, &Proposal { confirmable_from, ..proposal });
    Ok(())
}

fn open_proposal(id: &AccountId, number: u64, state: &State) -> Result<Proposal, Stop> {
    let is_meant = |proposal: &Proposal| proposal.receipt == number && proposal.settlement.is_none();
    Ok(PROPOSALS.get(state, id)?.filter(is_meant).ok_or(Error::ProposalNotFound)?)
}

fn settle(
    id: &AccountId,
    proposal: Proposal,
    confirmed: bool,
    department: Option<UnifiedSocialCreditCode>,
    ctx: &Ctx,
    state: &mut State,
) {
    let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    let settlement = Some(Settlement { confirmed, department, officer, at, receipt });
    PROPOSALS.put(state, id, &Proposal { settlement, ..proposal });
}

fn end_account(
    id: &AccountId,
    mut account: Account,
    kind: EndingKind,
    recorded: &Proposal,
    department: UnifiedSocialCreditCode,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if let EndingKind::MergedInto { account: into } | EndingKind::SamePerson { account: into } = kind {
        let mut next = existing(&into, state)?;
        next.mergers = next.mergers.max(account.mergers + 1); // I14
        ACCOUNTS.put(state, &into, &next);
        state::precede(id, &into, state)?;
    }
    let (at, receipt, confirmed_by) = (ctx.time, ctx.receipt, ctx.account);
    let Proposal { officer, papers, .. } = *recorded;
    account.ending = Some(Ending { kind, department: recorded.department, officer, papers, at, receipt, confirmed_by });
    let status = account.status();
    ACCOUNTS.put(state, id, &account);
    if let Some((number, recovery)) = open_recovery_of(id, state)? {
        close_recovery(number, recovery, ClosingKind::AccountEnded, None, ctx, state)?;
    }
    Ok(Event::AccountEnded { account: *id, status, department, by: ctx.account, recorded_by: officer })
}

/// Takes a binding back, or one document of it. Whom it was can be bound elsewhere then (I6).
fn correct_binding(
    id: AccountId,
    correction: Correction,
    recorded: &Proposal,
    department: UnifiedSocialCreditCode,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if let Some((number, recovery)) = open_recovery_of(&id, state)? {
        close_recovery(number, recovery, ClosingKind::BindingCorrected, None, ctx, state)?; // I9
    }
    let holder = bound(&id, state)?;
    match (correction, &holder.subject) {
        (Correction::Unbind {}, Subject::Company { code }) => {
            COMPANIES.delete(state, code);
            HOLDERS.delete(state, &id);
        }
        (Correction::Unbind {}, Subject::Person { documents }) => {
            for document in documents {
                PSEUDONYMS.delete(state, &document.pseudonym);
            }
            HOLDERS.delete(state, &id);
        }
        (Correction::StrikeDocument { place }, Subject::Person { documents }) => {
            let mut kept = documents.to_vec();
            let struck = kept.remove(usize::from(place));
            let documents = List::new(kept).expect("fewer documents than before");
            PSEUDONYMS.delete(state, &struck.pseudonym);
            HOLDERS.put(state, &id, &Holder { subject: Subject::Person { documents }, ..holder });
        }
        (Correction::StrikeDocument { .. }, Subject::Company { .. }) => return Err(Error::NotAPerson.into()),
    }
    Ok(Event::BindingCorrected { account: id, correction, department, by: ctx.account, recorded_by: recorded.officer })
}

/// Annuls the end of an account.
pub fn annul_ending(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    let ending = account.ending.as_ref().ok_or(Error::NotClosed)?;
    if state::successor(state, &id)? == Some(ctx.account) {
        return Err(Error::Oneself.into()); // I4: it is his own account, too
    }
    if ending.officer == ctx.account {
        return Err(Error::SameOfficer.into()); // I8
    }
    ACCOUNTS.put(state, &id, &Account { ending: None, ..account });
    Ok(Event::EndingAnnulled { account: id, department, by: ctx.account, papers })
}
