//! Freezing an account upon a report of loss (挂失), at once and for a while: by an officer, or by the holder with any key that is left.

use super::{bound, check_subject, existing, in_office};
use crate::identity::due;
use crate::identity::error::Error;
use crate::identity::msg::{Event, FreezeReason};
use crate::identity::state::{self, ACCOUNTS, Account, FREEZE_MILLIS, FREEZE_PAUSE_MILLIS, Freeze};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::AccountId;
use tongban_types::codes::UnifiedSocialCreditCode;

/// Freezes an account, as an officer.
pub fn freeze(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    reason: FreezeReason,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    check_subject(&account)?;
    if account.suspended {
        return Err(Error::Suspended.into());
    }
    check_not_frozen(&account)?;
    let rests = |freeze: &Freeze| {
        let ended_at = freeze.ended_at.filter(|_| freeze.department.is_some());
        ended_at.is_some_and(|ended_at| ctx.time < ended_at.plus_millis(FREEZE_PAUSE_MILLIS))
    };
    if account.freeze.as_ref().is_some_and(rests) {
        return Err(Error::FrozenLately.into()); // I15
    }
    bound(&id, state)?;
    put(id, account, reason, Some(department), ctx, state)
}

/// Freezes the acting account.
pub fn freeze_own(reason: FreezeReason, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let account = existing(&ctx.account, state)?;
    check_not_frozen(&account)?;
    put(ctx.account, account, reason, None, ctx, state)
}

fn check_not_frozen(account: &Account) -> Result<(), Error> {
    if account.frozen().is_some() { Err(Error::Frozen) } else { Ok(()) }
}

fn put(
    id: AccountId,
    account: Account,
    reason: FreezeReason,
    department: Option<UnifiedSocialCreditCode>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (by, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    let until = at.plus_millis(FREEZE_MILLIS).plus_millis(state::policy(state)?.cooling.as_millis()); // I15
    let freeze = Some(Freeze { reason, department, by, at, until, receipt, ended_at: None });
    ACCOUNTS.put(state, &id, &Account { freeze, ..account });
    due::schedule_end_of_freeze(id, receipt, until, ctx, state)?;
    Ok(Event::Frozen { account: id, reason, until, department, by })
}
