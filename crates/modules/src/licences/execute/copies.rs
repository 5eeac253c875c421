//! Annotated copies.

use crate::case_licences;
use crate::identity;
use crate::licence_copies::{AnnotatedCopy, CopyRight, TakenBack, may_count, with_room};
use crate::licence_history::Status;
use crate::licences::error::Error;
use crate::licences::msg::{Event, Holder};
use crate::licences::state::{self, COPIES, Licence};
use crate::orgs;
use crate::representation::AgentAct;
use tongban_kernel::{Ctx, Missing, Role, Scope, State, Stop};
use tongban_types::codes::LicenceIdentifier;
use tongban_types::{Digest, List, Time};

/// Makes an annotated copy of a licence.
pub fn make_copy(
    identifier: LicenceIdentifier,
    commitment: Digest,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let right = right(&licence, ctx, state)?.ok_or(Error::NotEntitled)?; // I12
    if state::status(&licence, ctx.time) != Status::Valid {
        return Err(Error::NotValid.into()); // I12
    }
    if case_licences::revoked_grant(state, &licence, ctx.time)?.is_some() {
        return Err(Error::GrantRevoked.into()); // I12
    }
    if !may_count(ctx.time, until) {
        return Err(Error::CopyTerm.into()); // I12
    }
    let copies = state::copies(state, &identifier)?;
    if copies.iter().any(|copy| copy.commitment == commitment) {
        return Err(Error::CopyKnown.into()); // I12
    }
    let mut copies = with_room(copies, ctx.time).ok_or(Error::TooManyCopies)?; // I12
    let (maker, made_at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    copies.push(AnnotatedCopy { commitment, maker, right, made_at, until, receipt, taken_back: None });
    COPIES.put(state, &identifier, &List::new(copies).expect("room was made before"));
    Ok(Event::CopyMade { identifier, commitment, until, right, issuer: licence.issuer, content: licence.content })
}

/// Takes an annotated copy back, whatever its licence is by now.
pub fn take_back_copy(
    identifier: LicenceIdentifier,
    commitment: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let right = right(&licence, ctx, state)?.ok_or(Error::NotEntitled)?; // I12
    let mut copies = state::copies(state, &identifier)?.into_vec();
    let place = copies.iter().position(|copy| copy.commitment == commitment);
    let is_holders = |copy: &AnnotatedCopy| matches!(copy.right, CopyRight::Holder { .. });
    if matches!(right, CopyRight::Keeper { .. }) && place.is_some_and(|place| is_holders(&copies[place])) {
        return Err(Error::NotEntitled.into()); // I12: for what he shows his licence is the holder's affair
    }
    let place = place.ok_or(Error::CopyUnknown)?;
    if copies[place].is_over(ctx.time) {
        return Err(Error::CopyOver.into()); // I12
    }
    copies[place].taken_back = Some(TakenBack { by: ctx.account, at: ctx.time, receipt: ctx.receipt });
    COPIES.put(state, &identifier, &List::new(copies).expect("as many as before"));
    Ok(Event::CopyTakenBack { identifier, commitment, right })
}

/// As what an account makes copies of a licence, if it may: for its holder first, then in the office that keeps it.
fn right(licence: &Licence, ctx: &Ctx, state: &State) -> Result<Option<CopyRight>, Missing> {
    if let Holder::Account { account: holder } = &licence.holder {
        let item = licence.related_item.as_ref().map(|item| &item.code);
        let capacity = identity::capacity_for(state, &ctx.account, holder, item, AgentAct::Present, ctx.time)?;
        if let Some(capacity) = capacity {
            return Ok(Some(CopyRight::Holder { capacity }));
        }
    }
    let department = state::keeper(state, licence)?;
    let scope = Scope { department, post: None };
    let standing = orgs::standing(state, &ctx.account, Role::Issuer, &scope, ctx.time)?;
    Ok(standing.map(|_| CopyRight::Keeper { department }))
}
