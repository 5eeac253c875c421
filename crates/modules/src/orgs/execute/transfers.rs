//! An officer who goes to a department of another tree: the one side offers him, the other accepts (跨系统调动).

use super::officers::{move_officer, refuse_officer};
use super::{active, check_active, existing, in_office, mandate_until};
use crate::identity;
use crate::offices::{DepartmentCode, OFFER_MILLIS_MAX, Term};
use crate::orgs::error::Error;
use crate::orgs::msg::{Event, Position};
use crate::orgs::state::{self, OFFER_VERSION, OFFERS, Offer, Settlement};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::{AccountId, Text, Time};

/// Offers an officer to a department of another tree. What could not be accepted now is refused now.
pub fn offer_transfer(
    account: AccountId,
    from: DepartmentCode,
    to: DepartmentCode,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&from, state)?;
    active(&to, state)?;
    if state::root(state, &from)? == state::root(state, &to)? {
        return Err(Error::SameTree.into());
    }
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    refuse_officer(&to, &account, ctx, state)?; // I10
    let number = in_office(&from, &account, ctx, state)?.ok_or(Error::NotInOffice)?.number;
    check_active(&account, state)?;
    if Term::given(None, until, Time::MAX, ctx.time)?.millis() > OFFER_MILLIS_MAX {
        return Err(Error::OfferTooLong.into()); // I18
    }
    if state::offer(state, &from, &account)?.is_some_and(|last| last.number == number && last.is_open(ctx.time)) {
        return Err(Error::OfferOpen.into());
    }
    let (offered_by, offered_at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    let offer = Offer { version: OFFER_VERSION, number, to, until, offered_by, offered_at, receipt, settlement: None };
    OFFERS.put(state, &(from, account), &offer);
    Ok(Event::TransferOffered { account, from, to, until, by: ctx.account })
}

/// Takes an offer back.
pub fn withdraw_offer(account: AccountId, from: DepartmentCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    existing(&from, state)?;
    let offer = open_offer(&from, &account, None, ctx, state)?;
    let to = offer.to;
    settle(&from, &account, offer, false, ctx, state)?;
    Ok(Event::OfferWithdrawn { account, from, to, by: ctx.account })
}

/// Appoints an officer whom another tree has offered. Both sides are there at that moment: whoever offered him is an administrator over the
/// department that he leaves still, and can act.
pub fn accept_transfer(
    account: AccountId,
    from: DepartmentCode,
    to: DepartmentCode,
    position: Position,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&from, state)?;
    active(&to, state)?;
    let offer = open_offer(&from, &account, Some(&to), ctx, state)?;
    let offered_by = offer.offered_by;
    let number = offer.number;
    if offered_by == ctx.account {
        return Err(Error::PreparedByOneself.into()); // I18
    }
    settle(&from, &account, offer, true, ctx, state)?;
    refuse_officer(&to, &account, ctx, state)?; // I10
    let old = in_office(&from, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    if old.number != number {
        return Err(Error::OfferLapsed.into()); // I18
    }
    mandate_until(&offered_by, &from, ctx, state)?.ok_or(Error::PreparerLapsed)?; // I18
    if identity::status(state, &offered_by)? != identity::Status::Active {
        return Err(Error::PreparerLapsed.into()); // I11, I18
    }
    check_active(&account, state)?;
    move_officer(account, old, (from, to), position, Some(offered_by), ctx, state)
}

/// Settles an offer without appointing anybody.
pub fn decline_transfer(
    account: AccountId,
    from: DepartmentCode,
    to: DepartmentCode,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&to, state)?;
    let offer = open_offer(&from, &account, Some(&to), ctx, state)?;
    settle(&from, &account, offer, false, ctx, state)?;
    Ok(Event::TransferDeclined { account, from, to, reason, by: ctx.account })
}

/// The offer of an officer that can be settled now, to a certain department where that is asked for.
fn open_offer(
    from: &DepartmentCode,
    account: &AccountId,
    to: Option<&DepartmentCode>,
    ctx: &Ctx,
    state: &State,
) -> Result<Offer, Stop> {
    let offer = state::offer(state, from, account)?.ok_or(Error::OfferUnknown)?;
    if to.is_some_and(|to| offer.to != *to) {
        return Err(Error::OfferUnknown.into());
    }
    if offer.settlement.is_some() {
        return Err(Error::OfferSettled.into());
    }
    if offer.until <= ctx.time {
        return Err(Error::OfferLapsed.into()); // I18
    }
    Ok(offer)
}

fn settle(
    from: &DepartmentCode,
    account: &AccountId,
    offer: Offer,
    approved: bool,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Stop> {
    if *account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let settlement = Settlement { approved, by: ctx.account, at: ctx.time, receipt: ctx.receipt };
    OFFERS.put(state, &(*from, *account), &Offer { settlement: Some(settlement), ..offer });
    Ok(())
}
