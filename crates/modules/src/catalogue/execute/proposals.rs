//! What takes two: one officer proposes, another one approves or rejects.

use super::{changed, check_known, new_item, write};
use crate::catalogue::access::{check_publisher, is_person, may_publish};
use crate::catalogue::error::Error;
use crate::catalogue::msg::{Change, ChangeKind, Event, ItemCode};
use crate::catalogue::state::{
    self, AGENDAS, Agenda, PROPOSAL_VERSION, PROPOSALS, Proposal, Settlement, proposal_digest,
};
use crate::identity::{self, Status};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::{Digest, List, Text};

/// Proposes a change of an item.
pub fn propose(code: ItemCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    check_known(&code, &change, state)?;
    check_publisher(&code, new_item(&change), ctx, state)?; // I7
    check_person(ctx, state)?;
    let mut agenda = state::agenda(state, &code)?;
    let number = agenda.last.checked_add(1).expect("fewer proposals than transactions of a network");
    agenda.last = number;
    agenda.open.push(number).map_err(|_| Error::TooManyProposals)?; // I9
    changed(&code, &change, ctx, state)?; // what could not be done now need not be read by another
    let digest = proposal_digest(&code, number, &change, ctx.primitives);
    let kind = ChangeKind::from(&change);
    let proposal = Proposal {
        version: PROPOSAL_VERSION,
        change,
        digest,
        proposed_by: ctx.account,
        proposed_at: ctx.time,
        receipt: ctx.receipt,
        settlement: None,
    };
    AGENDAS.put(state, &code, &agenda);
    PROPOSALS.put(state, &(code.clone(), number), &proposal);
    Ok(Event::Proposed { code, number, change: kind, digest, by: ctx.account })
}

/// Approves what another officer has proposed, and does it.
pub fn approve(code: ItemCode, number: u32, digest: Digest, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let proposal = state::proposal(state, &code, number)?.ok_or(Error::ProposalUnknown)?;
    let new = new_item(&proposal.change);
    check_publisher(&code, new, ctx, state)?; // I7
    check_person(ctx, state)?; // I8
    if proposal.settlement.is_some() {
        return Err(Error::ProposalSettled.into()); // I9
    }
    if proposal.proposed_by == ctx.account {
        return Err(Error::ProposedByOneself.into()); // I8
    }
    if proposal.digest != digest {
        return Err(Error::DigestOther.into()); // I8
    }
    if !may_still_propose(&code, &proposal, ctx, state)? {
        return Err(Error::ProposerLapsed.into()); // I7, I8
    }
    let entry = changed(&code, &proposal.change, ctx, state)?;
    settle(&code, number, &proposal, true, ctx, state)?;
    write(code, proposal.change, entry, Some(number), ctx, state)
}

/// Rejects a proposal, or takes back one's own.
pub fn reject(code: ItemCode, number: u32, reason: Text<200>, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let proposal = state::proposal(state, &code, number)?.ok_or(Error::ProposalUnknown)?;
    if proposal.proposed_by != ctx.account {
        check_publisher(&code, new_item(&proposal.change), ctx, state)?; // I7
    }
    if proposal.settlement.is_some() {
        return Err(Error::ProposalSettled.into()); // I9
    }
    settle(&code, number, &proposal, false, ctx, state)?;
    Ok(Event::Rejected { code, number, reason, by: ctx.account })
}

/// Four eyes are those of two persons: who has the key of an organisation or of a program may be one of them.
fn check_person(ctx: &Ctx, state: &State) -> Result<(), Stop> {
    if is_person(&ctx.account, state)? { Ok(()) } else { Err(Error::NotPerson.into()) } // I8
}

/// Whether who has proposed it could do so now.
fn may_still_propose(code: &ItemCode, proposal: &Proposal, ctx: &Ctx, state: &State) -> Result<bool, Stop> {
    let by = &proposal.proposed_by;
    let is_publisher = identity::has_role(state, by, Role::Publisher)?;
    let is_active = identity::status(state, by)? == Status::Active;
    Ok(is_publisher && is_active && may_publish(by, code, new_item(&proposal.change), ctx.time, state)?)
}

fn settle(
    code: &ItemCode,
    number: u32,
    proposal: &Proposal,
    approved: bool,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Stop> {
    let agenda = state::agenda(state, code)?;
    let open = agenda.open.iter().copied().filter(|open| *open != number).collect();
    let open = List::new(open).expect("no more than before");
    let settlement = Settlement { approved, by: ctx.account, at: ctx.time, receipt: ctx.receipt };
    AGENDAS.put(state, code, &Agenda { open, ..agenda });
    PROPOSALS.put(state, &(code.clone(), number), &Proposal { settlement: Some(settlement), ..proposal.clone() });
    Ok(())
}
