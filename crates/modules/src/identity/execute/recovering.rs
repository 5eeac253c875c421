//! The recovery of an account (账户恢复): who does which step of it. The steps themselves are in `recovery`.

use super::{bound, check_new_key, check_subject, existing, in_office, recovery};
use crate::identity::due;
use crate::identity::error::Error;
use crate::identity::msg::Event;
use crate::identity::state::{self, ACCOUNTS, Account, HOLDERS, Holder, KEYS, RECOVERIES};
use crate::recovery::{
    Appearance, Approval, Closing, ClosingKind, Decision, Notice, Presented, Recovery, RecoveryOpening, Ruling,
};
use crate::representation;
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, PublicKey, Signature, Text, Time};

/// Opens the recovery of an account.
pub fn open_recovery(
    id: AccountId,
    presented: Presented,
    (key, possession): (PublicKey, &Signature),
    opening: RecoveryOpening,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&opening.department, &id, ctx, state)?;
    check_subject(&account)?;
    let holder = bound(&id, state)?;
    if holder.recovery.is_some() {
        return Err(Error::RecoveryOpen.into()); // I9
    }
    let guardian = check_presented(&id, &holder, &presented, ctx, state)?;
    let number = ctx.receipt;
    if RECOVERIES.get(state, &number)?.is_some() {
        return Err(Error::NumberTaken.into());
    }
    check_new_key(&id, &key, possession, ctx, state)?;
    KEYS.put(state, &key, &id); // so that nobody else registers it in the meantime
    let (verification, department) = (opening.verification, opening.department);
    RECOVERIES.put(state, &number, &Recovery::open(id, presented, key, opening));
    HOLDERS.put(state, &id, &Holder { recovery: Some(number), ..holder });
    Ok(Event::RecoveryOpened { account: id, recovery: number, verification, guardian, department, by: ctx.account })
}

/// Refuses whoever is neither the person or organisation nor its guardian; the guardian, where it is one.
fn check_presented(
    id: &AccountId,
    holder: &Holder,
    presented: &Presented,
    ctx: &Ctx,
    state: &State,
) -> Result<Option<AccountId>, Stop> {
    let Presented::Guardian { guardian, pseudonym } = presented else {
        return if holder.is(presented) { Ok(None) } else { Err(Error::IdentityMismatch.into()) }; // I9
    };
    if *guardian == ctx.account {
        return Err(Error::Oneself.into()); // I4
    }
    let shown = Presented::Person { pseudonym: *pseudonym };
    if !state::holder(state, guardian)?.is_some_and(|guardian| guardian.is(&shown)) {
        return Err(Error::IdentityMismatch.into()); // I9
    }
    if is_guardian(guardian, id, ctx.time, ctx, state)? { Ok(Some(*guardian)) } else { Err(Error::NotGuardian.into()) } // I21
}

fn is_guardian(guardian: &AccountId, ward: &AccountId, since: Time, ctx: &Ctx, state: &State) -> Result<bool, Stop> {
    let has_ended = state::account(state, guardian)?.is_none_or(|account| account.ending.is_some());
    Ok(!has_ended && representation::is_guardian_since(state, guardian, ward, since, ctx.time)?)
}

/// Whether the guardian who had a recovery opened has been the person's guardian ever since; also where there is none.
pub fn has_guardian(recovery: &Recovery, ctx: &Ctx, state: &State) -> Result<bool, Stop> {
    let Some(guardian) = recovery.guardian() else { return Ok(true) };
    is_guardian(&guardian, &recovery.account, recovery.opening.at, ctx, state)
}

/// Records that the person was told.
pub fn record_notice(number: u64, notice: Notice, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let department = recovery.opening.department;
    in_office(&department, &recovery.account, ctx, state)?;
    let channel = notice.channel;
    recovery.notice(notice)?;
    due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
    RECOVERIES.put(state, &number, &recovery);
    let Recovery { account, completes_at, .. } = recovery;
    Ok(Event::NoticeRecorded { account, recovery: number, channel, completes_at, by: ctx.account })
}

/// Approves a recovery.
pub fn approve_recovery(number: u64, approval: Approval, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let department = approval.department;
    let account = in_office(&department, &recovery.account, ctx, state)?;
    check_subject(&account)?;
    check_no_guardian(&recovery, ctx)?;
    if !has_guardian(&recovery, ctx, state)? {
        return Err(Error::NotGuardian.into()); // I21
    }
    recovery.approve(approval)?; // I9
    due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
    RECOVERIES.put(state, &number, &recovery);
    let Recovery { account, completes_at, .. } = recovery;
    Ok(Event::RecoveryApproved { account, recovery: number, completes_at, department, by: ctx.account })
}

/// Ends a recovery on behalf of a department.
pub fn end_recovery(
    number: u64,
    department: &UnifiedSocialCreditCode,
    kind: ClosingKind,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let recovery = recovery(number, state)?;
    in_office(department, &recovery.account, ctx, state)?;
    if kind == ClosingKind::Rejected && recovery.opening.officer == ctx.account {
        return Err(Error::SameOfficer.into()); // I9
    }
    close_recovery(number, recovery, kind, Some(reason), ctx, state)
}

/// Refuses the guardian who has an account recovered, as the officer who does it.
fn check_no_guardian(recovery: &Recovery, ctx: &Ctx) -> Result<(), Error> {
    if recovery.guardian() == Some(ctx.account) { Err(Error::Oneself) } else { Ok(()) } // I4
}

/// Ends the recovery of the acting account, or has a third officer decide where it may be a thief who objects.
pub fn object_to_recovery(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    if recovery.account != ctx.account {
        return Err(Error::NotHolder.into());
    }
    recovery.expect_objectionable(ctx.time)?; // I18
    if !existing(&ctx.account, state)?.is_reported() {
        return close_recovery(number, recovery, ClosingKind::Objected, None, ctx, state);
    }
    let dispute = recovery.dispute(state::policy(state)?.hearing, ctx.time, ctx.receipt)?; // I18
    let (appear_by, decide_by) = (dispute.appear_by, dispute.decide_by);
    due::begin_dispute(number, ctx.account, decide_by, ctx, state)?;
    RECOVERIES.put(state, &number, &recovery);
    Ok(Event::RecoveryDisputed { account: ctx.account, recovery: number, appear_by, decide_by })
}

/// Refuses who had a part in a recovery, or in the freeze, and departments that had one, where the network has others.
fn check_impartial(
    recovery: &Recovery,
    department: &UnifiedSocialCreditCode,
    account: &Account,
    ctx: &Ctx,
    state: &State,
) -> Result<(), Stop> {
    check_no_guardian(recovery, ctx)?;
    recovery.expect_open()?;
    let has_frozen = account.freeze.as_ref().is_some_and(|freeze| freeze.by == ctx.account);
    if has_frozen || recovery.has_had_part(&ctx.account) {
        return Err(Error::SameOfficer.into()); // I18
    }
    let departments = recovery.departments();
    let mut involved: u32 = 0;
    for involved_department in &departments {
        involved += u32::from(state::is_authorised(state, involved_department)?);
    }
    let is_another_there = state::authority_count(state)? > involved;
    if is_another_there && departments.contains(department) {
        return Err(Error::SameDepartment.into()); // I18
    }
    Ok(())
}

/// Records that one side of a dispute has appeared.
pub fn record_appearance(number: u64, appearance: Appearance, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let (side, department) = (appearance.side, appearance.department);
    let account = in_office(&department, &recovery.account, ctx, state)?;
    check_impartial(&recovery, &department, &account, ctx, state)?;
    recovery.hear(appearance)?;
    RECOVERIES.put(state, &number, &recovery);
    Ok(Event::AppearanceRecorded { account: recovery.account, recovery: number, side, department, by: ctx.account })
}

/// Decides on the objection of a frozen account.
pub fn decide_objection(number: u64, decision: Decision, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let Decision { ruling, reason, department, .. } = decision.clone();
    let mut account = in_office(&department, &recovery.account, ctx, state)?;
    check_impartial(&recovery, &department, &account, ctx, state)?;
    recovery.decide(decision)?;
    if ruling == Ruling::Uphold {
        account.thaw(ctx.time); // I15
        ACCOUNTS.put(state, &recovery.account, &account);
        return close_recovery(number, recovery, ClosingKind::Upheld, Some(reason), ctx, state);
    }
    due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
    RECOVERIES.put(state, &number, &recovery);
    let Recovery { account, completes_at, .. } = recovery;
    Ok(Event::ObjectionDismissed { account, recovery: number, reason, completes_at, department, by: ctx.account })
}

/// Ends a recovery and lets its account have another one.
pub fn close_recovery(
    number: u64,
    mut recovery: Recovery,
    kind: ClosingKind,
    reason: Option<Text<200>>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (by, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    recovery.close(Closing { kind, by, reason: reason.clone(), at, receipt })?;
    RECOVERIES.put(state, &number, &recovery);
    let holder = bound(&recovery.account, state)?;
    HOLDERS.put(state, &recovery.account, &Holder { recovery: None, ..holder });
    Ok(Event::RecoveryStopped { account: recovery.account, recovery: number, kind, reason, by })
}
