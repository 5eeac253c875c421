//! What is given back: a holder asks that his licence be cancelled, and the office that keeps it cancels it or refuses.

use crate::identity;
use crate::licence_history::{Ground, Status};
use crate::licence_surrenders::{Surrender, SurrenderEnd, SurrenderOutcome};
use crate::licences::error::Error;
use crate::licences::msg::{Event, Holder};
use crate::licences::state::{self, Licence, SURRENDERS};
use crate::representation::{AgentAct, Capacity};
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::codes::LicenceIdentifier;

/// Asks that a licence be cancelled. A suspended one may be given back, too: whether a penalty stands in the way, its keeper says.
pub fn request_cancellation(identifier: LicenceIdentifier, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let capacity = capacity(&licence, ctx, state)?.ok_or(Error::NotHolder)?; // I13
    match state::status(&licence, ctx.time) {
        status if status.is_final() => return Err(Error::Ended.into()), // I3
        Status::Unconfirmed => return Err(Error::Unconfirmed.into()),   // I8
        Status::Draft => return Err(Error::NotIssued.into()),           // I11
        _ => {}
    }
    if open(&licence, ctx, state)?.is_some() {
        return Err(Error::RequestOpen.into()); // I13
    }
    let (requester, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    SURRENDERS.put(state, &identifier, &Surrender { requester, capacity, at, receipt, end: None });
    let keeper = state::keeper(state, &licence)?;
    Ok(Event::CancellationRequested { identifier, capacity, keeper })
}

/// Takes a request back: by whoever could make it now.
pub fn take_back_request(identifier: LicenceIdentifier, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let capacity = capacity(&licence, ctx, state)?.ok_or(Error::NotHolder)?; // I13
    settle(&licence, SurrenderOutcome::TakenBack, ctx, state)?;
    Ok(Event::CancellationRequestTakenBack { identifier, capacity })
}

/// Refuses to cancel what was given back.
pub fn refuse_cancellation(
    identifier: LicenceIdentifier,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    settle(&licence, SurrenderOutcome::Refused { ground: ground.clone() }, ctx, state)?;
    Ok(Event::CancellationRefused { identifier, ground })
}

/// The request that is open now.
fn open(licence: &Licence, ctx: &Ctx, state: &State) -> Result<Option<Surrender>, Missing> {
    let surrender = state::surrender(state, &licence.identifier)?;
    Ok(surrender.filter(|surrender| state::is_surrender_open(licence, surrender, ctx.time)))
}

fn settle(licence: &Licence, how: SurrenderOutcome, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let mut surrender = open(licence, ctx, state)?.ok_or(Error::NoRequest)?; // I13
    surrender.end = Some(SurrenderEnd { how, by: ctx.account, at: ctx.time, receipt: ctx.receipt });
    SURRENDERS.put(state, &licence.identifier, &surrender);
    Ok(())
}

/// As what an account gives a licence back, if it may. It is what somebody lives by: an agent for single acts does not give it away, while who
/// settles the affairs of a dead holder does (民法典 第一千一百四十七条).
fn capacity(licence: &Licence, ctx: &Ctx, state: &State) -> Result<Option<Capacity>, Missing> {
    let Holder::Account { account: holder } = &licence.holder else { return Ok(None) };
    let item = licence.related_item.as_ref().map(|item| &item.code);
    if let Some(capacity) = identity::capacity(state, &ctx.account, holder, item, ctx.time)? {
        return Ok(Some(capacity));
    }
    let settling = identity::capacity_for(state, &ctx.account, holder, item, AgentAct::Withdraw, ctx.time)?;
    Ok(settling.filter(|capacity| *capacity == Capacity::EstateAdministrator))
}
