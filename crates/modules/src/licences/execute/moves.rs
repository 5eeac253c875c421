//! What goes over to another network.

use super::{add, change, check_replacement};
use crate::case_licences;
use crate::licence_history::{ChangeKind, Destination, Ground, Status};
use crate::licences::error::Error;
use crate::licences::msg::Event;
use crate::licences::state::{self, Licence};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::LicenceIdentifier;

/// Hands a licence over to an authority of another network. Only what is valid, or will be, goes: no move is a way out of another state.
pub fn move_out(
    identifier: LicenceIdentifier,
    to: Destination,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    match state::status(&licence, ctx.time) {
        status if status.is_final() => return Err(Error::Ended.into()), // I3
        Status::Expired => return Err(Error::Expired.into()),           // I6
        _ if state::is_suspended(&licence, ctx.time) => return Err(Error::Suspended.into()), // I6
        Status::Unconfirmed => return Err(Error::Unconfirmed.into()),   // I8
        Status::Draft => return Err(Error::NotIssued.into()),           // I11
        Status::Other => return Err(Error::StateUnknown.into()),        // I8
        _ => {}
    }
    if case_licences::revoked_grant(state, &licence, ctx.time)?.is_some() {
        return Err(Error::GrantRevoked.into()); // I7
    }
    check_replacement(&licence, |licence: &Licence| state::status(licence, ctx.time).is_final(), state)?; // I6
    let keeper = state::keeper(state, &licence)?;
    let moved = change(ChangeKind::MovedOut { to: to.clone() }, Some(ground.clone()), keeper, ctx);
    add(&mut licence, moved, state)?;
    Ok(Event::MovedOut { identifier, to, ground })
}
