//! What two administrators do together: one prepares, another approves (双人复核).

use super::rights::{check_deputy, check_right, check_role, deputise, gains, give, granted};
use super::{Authority, active, department_changed, existing, in_office, mandate_until, put};
use crate::departments::{Department, Safeguard};
use crate::identity;
use crate::offices::DepartmentCode;
use crate::orgs::error::Error;
use crate::orgs::msg::{Event, Proposed};
use crate::orgs::state::{self, DEPARTMENTS, PROPOSAL_VERSION, PROPOSALS, Proposal, Settlement};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::{AccountId, Text};

/// Prepares a right, a deputy or a waiver. What could not be approved now is refused now.
pub fn propose(code: DepartmentCode, proposed: Proposed, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if let Proposed::Grant { right, .. } = &proposed {
        check_role(right.role)?;
    }
    let mut department = active(&code, state)?;
    if let Proposed::Waiver { safeguard } = &proposed {
        check_safeguard(&department, *safeguard)?;
    }
    if gains_by(&proposed, &ctx.account, &code, ctx, state)? {
        return Err(Error::Oneself.into()); // I5
    }
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    match &proposed {
        Proposed::Grant { account, right } => {
            let appointment = in_office(&code, account, ctx, state)?.ok_or(Error::NotInOffice)?;
            check_right(&code, account, &appointment, right.clone(), &authority, ctx, state)?;
        }
        Proposed::Deputy { deputy } => {
            check_deputy(&code, deputy, &authority, ctx, state)?;
        }
        Proposed::Waiver { .. } => {}
    }
    department.proposals = department.proposals.checked_add(1).expect("fewer proposals than transactions of a network");
    let number = department.proposals;
    let proposal = Proposal {
        version: PROPOSAL_VERSION,
        proposed: proposed.clone(),
        prepared_by: ctx.account,
        prepared_at: ctx.time,
        receipt: ctx.receipt,
        settlement: None,
    };
    DEPARTMENTS.put(state, &code, &department);
    PROPOSALS.put(state, &(code, number), &proposal);
    Ok(Event::Prepared { department: code, number, proposed, by: ctx.account })
}

fn check_safeguard(department: &Department, safeguard: Safeguard) -> Result<(), Error> {
    if department.has(safeguard) { Ok(()) } else { Err(Error::Unchanged) }
}

/// Whether an administrator would come to what is proposed himself.
fn gains_by(
    proposed: &Proposed,
    administrator: &AccountId,
    code: &DepartmentCode,
    ctx: &Ctx,
    state: &State,
) -> Result<bool, Stop> {
    match proposed {
        Proposed::Grant { account, .. } => gains(administrator, account, code, ctx, state),
        Proposed::Deputy { deputy } => Ok(deputy.account == *administrator),
        Proposed::Waiver { .. } => Ok(false),
    }
}

/// Gives what another administrator has prepared. Both are bound by their terms, and both must be in office still and able to act.
pub fn approve(code: DepartmentCode, number: u32, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    active(&code, state)?;
    let mut proposal = open_proposal(&code, number, state)?;
    if proposal.prepared_by == ctx.account {
        return Err(Error::PreparedByOneself.into()); // I8
    }
    for administrator in [ctx.account, proposal.prepared_by] {
        if gains_by(&proposal.proposed, &administrator, &code, ctx, state)? {
            return Err(Error::Oneself.into()); // I5
        }
    }
    let own = mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?;
    let preparers = mandate_until(&proposal.prepared_by, &code, ctx, state)?.ok_or(Error::PreparerLapsed)?; // I8
    if identity::status(state, &proposal.prepared_by)? != identity::Status::Active {
        return Err(Error::PreparerLapsed.into()); // I8, I11
    }
    let authority =
        Authority { until: own.min(preparers), prepared_by: Some(proposal.prepared_by), proposal: Some(number) };
    proposal.settlement = Some(settlement(true, ctx));
    PROPOSALS.put(state, &(code, number), &proposal);
    match proposal.proposed {
        Proposed::Grant { account, right } => {
            let appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
            let given = give(&code, &account, appointment, right, &authority, ctx, state)?;
            Ok(granted(code, account, given, Some(number)))
        }
        Proposed::Deputy { deputy } => deputise(code, deputy, &authority, ctx, state),
        Proposed::Waiver { safeguard } => waive(code, safeguard, &proposal.prepared_by, &authority, ctx, state),
    }
}

/// Takes a safeguard from a department. A department is not changed by itself: one of the two administers one above it.
fn waive(
    code: DepartmentCode,
    safeguard: Safeguard,
    prepared_by: &AccountId,
    authority: &Authority,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut department = active(&code, state)?;
    let change = safeguard.waived();
    department.apply(change.clone(), ctx.time, ctx.receipt)?;
    if let Some(above) = &department.parent {
        let own = mandate_until(&ctx.account, above, ctx, state)?;
        if own.or(mandate_until(prepared_by, above, ctx, state)?).is_none() {
            return Err(Error::BeyondScope.into()); // I8
        }
    }
    put(&code, &department, state)?;
    Ok(department_changed(code, change, Some(authority), ctx))
}

/// Settles a proposal without giving anything.
pub fn reject(
    code: DepartmentCode,
    number: u32,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    let mut proposal = open_proposal(&code, number, state)?;
    proposal.settlement = Some(settlement(false, ctx));
    PROPOSALS.put(state, &(code, number), &proposal);
    Ok(Event::Rejected { department: code, number, reason, by: ctx.account })
}

fn settlement(approved: bool, ctx: &Ctx) -> Settlement {
    Settlement { approved, by: ctx.account, at: ctx.time, receipt: ctx.receipt }
}

fn open_proposal(code: &DepartmentCode, number: u32, state: &State) -> Result<Proposal, Stop> {
    let proposal = state::proposal(state, code, number)?.ok_or(Error::ProposalUnknown)?;
    if proposal.settlement.is_some() {
        return Err(Error::ProposalSettled.into());
    }
    Ok(proposal)
}
