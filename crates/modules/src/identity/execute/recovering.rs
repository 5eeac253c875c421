//! The recovery of an account (账户恢复): who does which step of it. The steps themselves are in `recovery`.

use super::{bound, check_new_key, check_subject, in_office, recovery};
use crate::identity::due;
use crate::identity::error::Error;
use crate::identity::msg::Event;
use crate::identity::state::{HOLDERS, Holder, KEYS, RECOVERIES};
use crate::recovery::{Approval, Closing, ClosingKind, Notice, Presented, Recovery, RecoveryOpening};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, PublicKey, Signature, Text};

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
    if !holder.is(&presented) {
        return Err(Error::IdentityMismatch.into()); // I9
    }
    let number = ctx.receipt;
    if RECOVERIES.get(state, &number)?.is_some() {
        return Err(Error::NumberTaken.into());
    }
    check_new_key(&id, &key, possession, ctx, state)?;
    KEYS.put(state, &key, &id); // so that nobody else registers it in the meantime
    let (verification, department) = (opening.verification, opening.department);
    RECOVERIES.put(state, &number, &Recovery::open(id, presented, key, opening));
    HOLDERS.put(state, &id, &Holder { recovery: Some(number), ..holder });
    Ok(Event::RecoveryOpened { account: id, recovery: number, verification, department, by: ctx.account })
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

/// Ends the recovery of the acting account.
pub fn object_to_recovery(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let recovery = recovery(number, state)?;
    if recovery.account != ctx.account {
        return Err(Error::NotHolder.into());
    }
    close_recovery(number, recovery, ClosingKind::Objected, None, ctx, state)
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
