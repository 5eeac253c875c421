//! What time brings: the end of a recovery's cooling time, of a freeze, and of the time to decide a dispute.

use super::error::Error;
use super::execute;
use super::msg::Event;
use super::state::{self, ACCOUNTS, Account, AccountKey, HOLDERS, Holder, RECOVERIES};
use crate::recovery::{Closing, ClosingKind, Recovery};
use serde::{Deserialize, Serialize};
use tongban_kernel::{Ctx, State, Stop, due};
use tongban_types::{AccountId, Time};

/// How much longer a freeze lasts than what it waits for, in milliseconds: acts of one minute have no order that it could rely on.
const FREEZE_MARGIN_MILLIS: u64 = 60_000;

/// What the module does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Put the new key in, unless the recovery has ended or its cooling time begun anew.
    CompleteRecovery {
        /// The recovery.
        recovery: u64,
    },
    /// Let a frozen account act again, unless that freeze has ended before. The act itself ends it: whether an account may act is asked
    /// without a time.
    EndFreeze {
        /// The account.
        account: AccountId,
        /// The receipt of the freeze.
        freeze: u64,
    },
    /// End a recovery on whose objection nobody has decided in time.
    EndDispute {
        /// The recovery.
        recovery: u64,
    },
}

/// Puts the end of a freeze down.
pub fn schedule_end_of_freeze(
    account: AccountId,
    freeze: u64,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Stop> {
    let act = crate::registry::Act::Identity(Act::EndFreeze { account, freeze }).to_bytes();
    Ok(due::schedule(state, ctx.time, until, act)?)
}

/// Lets the freeze of an account last until a dispute is settled, and puts its end down anew.
fn prolong_freeze(id: AccountId, until: Time, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let Some(mut account) = state::account(state, &id)? else { return Ok(()) };
    let Some(freeze) = account.prolong_freeze(until) else { return Ok(()) };
    ACCOUNTS.put(state, &id, &account);
    schedule_end_of_freeze(id, freeze.receipt, until, ctx, state)
}

/// Lets a frozen account stay frozen until a dispute is over, and puts that end down.
pub fn begin_dispute(number: u64, id: AccountId, decide_by: Time, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    prolong_freeze(id, decide_by.plus_millis(FREEZE_MARGIN_MILLIS), ctx, state)?; // I15
    let act = crate::registry::Act::Identity(Act::EndDispute { recovery: number }).to_bytes();
    Ok(due::schedule(state, ctx.time, decide_by, act)?)
}

/// Lets a recovery's cooling time begin where nothing is missing for it, and puts its end down.
pub fn begin_cooling(number: u64, recovery: &mut Recovery, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let is_suspended = state::account(state, &recovery.account)?.is_none_or(|account| account.suspended);
    let cooling = state::policy(state)?.cooling;
    if let Some(completes_at) = recovery.begin_cooling(is_suspended, ctx.time, cooling) {
        let act = crate::registry::Act::Identity(Act::CompleteRecovery { recovery: number }).to_bytes();
        due::schedule(state, ctx.time, completes_at, act)?;
        if recovery.dispute.is_some() {
            prolong_freeze(recovery.account, completes_at.plus_millis(FREEZE_MARGIN_MILLIS), ctx, state)?; // I15
        }
    }
    Ok(())
}

/// Does what is due.
pub fn act(act: Act, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    match act {
        Act::CompleteRecovery { recovery } => complete_recovery(recovery, ctx, state),
        Act::EndFreeze { account, freeze } => end_freeze(account, freeze, ctx, state),
        Act::EndDispute { recovery } => end_dispute(recovery, ctx, state),
    }
}

fn end_dispute(number: u64, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    let recovery = RECOVERIES.get(state, &number)?.ok_or(Error::RecoveryNotFound)?;
    if !recovery.is_disputed() {
        return Ok(None);
    }
    execute::close_recovery(number, recovery, ClosingKind::Undecided, None, ctx, state).map(Some) // I18
}

fn end_freeze(id: AccountId, number: u64, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    let mut account = state::account(state, &id)?.ok_or(Error::NotFound)?;
    // One that was prolonged has another act for its end.
    if account.frozen().is_none_or(|freeze| freeze.receipt != number || ctx.time < freeze.until) {
        return Ok(None);
    }
    account.thaw(ctx.time); // I15
    ACCOUNTS.put(state, &id, &account);
    Ok(Some(Event::FreezeEnded { account: id }))
}

/// Completes a recovery whose time is over, on somebody's call: the ledger looks at its table of minutes once a minute only.
pub fn complete_now(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let recovery = RECOVERIES.get(state, &number)?.ok_or(Error::RecoveryNotFound)?;
    recovery.expect_open()?;
    Ok(complete_recovery(number, ctx, state)?.ok_or(Error::CoolingNotOver)?)
}

fn complete_recovery(number: u64, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    let mut recovery = RECOVERIES.get(state, &number)?.ok_or(Error::RecoveryNotFound)?;
    if recovery.closing.is_some() || !recovery.is_over(ctx.time) {
        return Ok(None);
    }
    if !are_authorised(&recovery, state)? {
        let kind = ClosingKind::AuthorityWithdrawn; // I11
        return execute::close_recovery(number, recovery, kind, None, ctx, state).map(Some);
    }
    if !execute::has_guardian(&recovery, ctx, state)? {
        let kind = ClosingKind::GuardianshipEnded; // I21
        return execute::close_recovery(number, recovery, kind, None, ctx, state).map(Some);
    }
    let (id, key) = (recovery.account, recovery.key.clone());
    let mut account = state::account(state, &id)?.ok_or(Error::NotFound)?;
    account.thaw(ctx.time); // I15
    let holder = state::holder(state, &id)?.ok_or(Error::NotBound)?;
    let revoked = state::without_all_keys(&account.keys, ctx.time);
    let added = AccountKey { key: key.clone(), added_at: ctx.time, revoked_at: None };
    let keys = state::with_key(&revoked, added).ok_or(Error::TooManyKeys)?;
    let sealing_keys = state::without_all_keys(&account.sealing_keys, ctx.time);
    let (by, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    recovery.close(Closing { kind: ClosingKind::Completed, by, reason: None, at, receipt })?;
    ACCOUNTS.put(state, &id, &Account { keys, sealing_keys, ..account });
    HOLDERS.put(state, &id, &Holder { recovery: None, ..holder });
    RECOVERIES.put(state, &number, &recovery);
    Ok(Some(Event::RecoveryCompleted { account: id, recovery: number, key }))
}

/// Whether all departments that had a part in it still establish identities.
fn are_authorised(recovery: &Recovery, state: &State) -> Result<bool, Stop> {
    let decision = recovery.dispute.as_ref().and_then(|dispute| dispute.decision.as_ref());
    for department in recovery.departments().iter().chain(decision.map(|decision| &decision.department)) {
        if !state::is_authorised(state, department)? {
            return Ok(false);
        }
    }
    Ok(true)
}
