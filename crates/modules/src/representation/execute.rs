//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Capacity, Event, Mandate, REPRESENTATIVES_MAX};
use super::state::{
    self, AGENCIES, Administration, Agency, AgencyEnd, AgencyEndKind, BETWEEN, ESTATES, Estate, GUARDIANS, Guardians,
    Guardianship, RECORD_VERSION, REPRESENTATIVES, Representatives,
};
use crate::identity::{self, AccountKind, Status};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::NameRepresentatives { persons, .. } => ordered(persons),
        Call::AppointGuardian { ward, guardian, .. } if ward == guardian => Err(Error::OwnAgent), // I1
        Call::AppointAdministrator { deceased, administrator, .. } if deceased == administrator => {
            Err(Error::OwnAgent) // I1
        }
        Call::NameAgent { principal, agent, mandate } => {
            let items = mandate.items.as_deref();
            let acts = mandate.acts.as_deref();
            if items.is_some_and(<[_]>::is_empty) || acts.is_some_and(<[_]>::is_empty) {
                return Err(Error::ScopeEmpty);
            }
            ordered(items.unwrap_or_default())?;
            ordered(acts.unwrap_or_default())?;
            if principal == agent {
                return Err(Error::OwnAgent); // I1
            }
            Ok(())
        }
        Call::AppointGuardian { .. }
        | Call::EndGuardianship { .. }
        | Call::AppointAdministrator { .. }
        | Call::EndAdministration { .. }
        | Call::RevokeAgency { .. }
        | Call::RenounceAgency { .. } => Ok(()),
    }
}

fn ordered<T: Ord>(list: &[T]) -> Result<(), Error> {
    if list.is_sorted_by(|left, right| left < right) { Ok(()) } else { Err(Error::ListUnordered) }
}

/// Records that the call will surely read, besides the acting account's.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    let account = |id| identity::state_key(state, id);
    match call {
        Call::NameRepresentatives { organisation, .. } => vec![account(organisation)],
        Call::AppointGuardian { ward, guardian, .. } => {
            vec![account(ward), account(guardian), GUARDIANS.state_key(state, ward)]
        }
        Call::EndGuardianship { ward, .. } => vec![account(ward), GUARDIANS.state_key(state, ward)],
        Call::AppointAdministrator { deceased, administrator, .. } => {
            vec![account(deceased), account(administrator), ESTATES.state_key(state, deceased)]
        }
        Call::EndAdministration { deceased, .. } => vec![ESTATES.state_key(state, deceased)],
        Call::NameAgent { principal, agent, .. } => {
            vec![account(principal), account(agent), BETWEEN.state_key(state, &(*principal, *agent))]
        }
        Call::RevokeAgency { agency } | Call::RenounceAgency { agency } => vec![AGENCIES.state_key(state, agency)],
    }
}

/// Records who acts for an organisation by law.
pub fn name_representatives(
    department: UnifiedSocialCreditCode,
    organisation: AccountId,
    persons: List<AccountId, REPRESENTATIVES_MAX>,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if organisation == ctx.account || persons.contains(&ctx.account) {
        return Err(Error::Oneself.into()); // I6
    }
    check_authorised(&department, state)?;
    check_bound(&organisation, AccountKind::Organisation, state)?;
    for person in persons.iter() {
        check_bound(person, AccountKind::Person, state)?; // I1
    }
    let representatives = Representatives {
        version: RECORD_VERSION,
        persons: persons.clone(),
        department,
        officer: ctx.account,
        papers,
        since: ctx.time,
        receipt: ctx.receipt,
    };
    REPRESENTATIVES.put(state, &organisation, &representatives);
    Ok(Event::RepresentativesNamed { organisation, persons, department, by: ctx.account })
}

/// Records that a person acts for another who cannot.
pub fn appoint_guardian(
    ward: AccountId,
    guardianship: Guardianship,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let Guardianship { guardian, until, department, .. } = guardianship.clone();
    if ward == ctx.account || guardian == ctx.account {
        return Err(Error::Oneself.into()); // I6
    }
    check_authorised(&department, state)?;
    check_bound(&ward, AccountKind::Person, state)?;
    check_bound(&guardian, AccountKind::Person, state)?; // I1
    if until.is_some_and(|until| until <= ctx.time) {
        return Err(Error::TermOver.into());
    }
    let mut guardianships = lasting(&ward, ctx, state)?;
    if guardianships.iter().any(|entry| entry.guardian == guardian) {
        return Err(Error::GuardianHeld.into());
    }
    guardianships.push(guardianship);
    put_guardians(&ward, guardianships, state)?;
    Ok(Event::GuardianAppointed { ward, guardian, until, department, by: ctx.account })
}

fn lasting(ward: &AccountId, ctx: &Ctx, state: &State) -> Result<Vec<Guardianship>, Stop> {
    let mut guardianships = match GUARDIANS.get(state, ward)? {
        Some(guardians) => guardians.guardianships.into_vec(),
        None => Vec::new(),
    };
    guardianships.retain(|entry| entry.lasts(ctx.time));
    Ok(guardianships)
}

fn put_guardians(ward: &AccountId, guardianships: Vec<Guardianship>, state: &mut State) -> Result<(), Error> {
    let guardianships = List::new(guardianships).map_err(|_| Error::TooManyGuardians)?;
    GUARDIANS.put(state, ward, &Guardians { version: RECORD_VERSION, guardianships });
    Ok(())
}

/// Records that a guardianship has ended.
pub fn end_guardianship(
    department: UnifiedSocialCreditCode,
    ward: AccountId,
    guardian: AccountId,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if ward == ctx.account || guardian == ctx.account {
        return Err(Error::Oneself.into()); // I6
    }
    check_authorised(&department, state)?;
    let mut guardianships = lasting(&ward, ctx, state)?;
    let before = guardianships.len();
    guardianships.retain(|entry| entry.guardian != guardian);
    if guardianships.len() == before {
        return Err(Error::GuardianNotHeld.into());
    }
    put_guardians(&ward, guardianships, state)?;
    Ok(Event::GuardianshipEnded { ward, guardian, department, by: ctx.account, papers })
}

/// Records who administers the estate of a person who died.
pub fn appoint_administrator(
    deceased: AccountId,
    administration: Administration,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let Administration { administrator, until, department, .. } = administration;
    if administrator == ctx.account {
        return Err(Error::Oneself.into()); // I6
    }
    check_authorised(&department, state)?;
    check_active(&administrator, state)?;
    match identity::status(state, &deceased)? {
        Status::Deceased => {}
        Status::Unknown => return Err(Error::NotFound.into()),
        Status::Active | Status::Suspended | Status::Frozen(_) | Status::Dissolved | Status::MergedInto(_) => {
            return Err(Error::NotDeceased.into()); // I7
        }
    }
    if identity::level(state, &administrator)?.is_none() {
        return Err(Error::NotBound.into()); // I1
    }
    if until <= ctx.time {
        return Err(Error::TermOver.into());
    }
    let mut administrations = lasting_administrations(&deceased, ctx, state)?;
    if administrations.iter().any(|entry| entry.administrator == administrator) {
        return Err(Error::AdministratorHeld.into());
    }
    administrations.push(administration);
    put_estate(&deceased, administrations, state)?;
    Ok(Event::AdministratorAppointed { deceased, administrator, until, department, by: ctx.account })
}

/// The administrations that last. Those recorded upon an earlier death, which was annulled, make room.
fn lasting_administrations(deceased: &AccountId, ctx: &Ctx, state: &State) -> Result<Vec<Administration>, Stop> {
    let mut administrations = match ESTATES.get(state, deceased)? {
        Some(estate) => estate.administrations.into_vec(),
        None => Vec::new(),
    };
    let died_at = identity::account(state, deceased)?.and_then(|account| account.ending).map(|ending| ending.at);
    administrations.retain(|entry| entry.lasts(ctx.time) && died_at.is_none_or(|died_at| died_at <= entry.since));
    Ok(administrations)
}

fn put_estate(deceased: &AccountId, administrations: Vec<Administration>, state: &mut State) -> Result<(), Error> {
    let administrations = List::new(administrations).map_err(|_| Error::TooManyAdministrators)?;
    ESTATES.put(state, deceased, &Estate { version: RECORD_VERSION, administrations });
    Ok(())
}

/// Records that somebody administers an estate no more.
pub fn end_administration(
    department: UnifiedSocialCreditCode,
    deceased: AccountId,
    administrator: AccountId,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if administrator == ctx.account {
        return Err(Error::Oneself.into()); // I6
    }
    check_authorised(&department, state)?;
    let mut administrations = lasting_administrations(&deceased, ctx, state)?;
    let before = administrations.len();
    administrations.retain(|entry| entry.administrator != administrator);
    if administrations.len() == before {
        return Err(Error::AdministratorNotHeld.into());
    }
    put_estate(&deceased, administrations, state)?;
    Ok(Event::AdministrationEnded { deceased, administrator, department, by: ctx.account, papers })
}

/// Names an agent.
pub fn name_agent(
    principal: AccountId,
    agent: AccountId,
    mandate: Mandate,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    check_active(&principal, state)?;
    check_active(&agent, state)?;
    if identity::level(state, &agent)?.is_none() {
        return Err(Error::NotBound.into()); // I1
    }
    let capacity = state::by_right(state, &ctx.account, &principal, ctx.time)?.ok_or(Error::NotEntitled)?; // I3
    if capacity != Capacity::Oneself && identity::level(state, &ctx.account)?.is_none() {
        return Err(Error::NotBound.into()); // I1
    }
    if mandate.until <= mandate.from.unwrap_or(ctx.time).max(ctx.time) {
        return Err(Error::TermOver.into()); // I2
    }
    let number = ctx.receipt;
    if AGENCIES.get(state, &number)?.is_some() {
        return Err(Error::NumberTaken.into()); // I5
    }
    let between = (principal, agent);
    let mut numbers = Vec::new();
    for other in BETWEEN.get(state, &between)?.unwrap_or_default().into_vec() {
        // Those that are over make room, those that have not begun do not.
        if state::agency(state, other)?.is_some_and(|other| other.end.is_none() && ctx.time < other.mandate.until) {
            numbers.push(other);
        }
    }
    numbers.push(number);
    let numbers = List::new(numbers).map_err(|_| Error::TooManyAgencies)?;
    let until = mandate.until;
    let agency = Agency {
        version: RECORD_VERSION,
        principal,
        agent,
        mandate,
        given_by: ctx.account,
        given_as: capacity,
        given_at: ctx.time,
        end: None,
    };
    AGENCIES.put(state, &number, &agency);
    BETWEEN.put(state, &between, &numbers);
    Ok(Event::AgentNamed { agency: number, principal, agent, until, by: ctx.account, capacity })
}

/// Ends an agency on the principal's side.
pub fn revoke_agency(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let agency = state::agency(state, number)?.ok_or(Error::AgencyNotFound)?;
    let acting = identity::successor(state, &agency.principal)?.ok_or(Error::NotEntitled)?;
    let capacity = match state::by_right(state, &ctx.account, &acting, ctx.time)? {
        Some(Capacity::Oneself) if acting != agency.principal => Capacity::Successor,
        Some(capacity) => capacity,
        None => return Err(Error::NotEntitled.into()),
    };
    end_agency(number, agency, AgencyEndKind::Revoked, capacity, ctx, state)
}

/// Ends an agency on the agent's side.
pub fn renounce_agency(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let agency = state::agency(state, number)?.ok_or(Error::AgencyNotFound)?;
    if agency.agent != ctx.account {
        return Err(Error::NotAgent.into());
    }
    end_agency(number, agency, AgencyEndKind::Renounced, Capacity::Agent { agency: number }, ctx, state)
}

fn end_agency(
    number: u64,
    agency: Agency,
    kind: AgencyEndKind,
    capacity: Capacity,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if agency.end.is_some() || agency.mandate.until <= ctx.time {
        return Err(Error::AgencyOver.into()); // I5
    }
    let (principal, agent, by) = (agency.principal, agency.agent, ctx.account);
    let end = AgencyEnd { kind, by, capacity, at: ctx.time, receipt: ctx.receipt };
    AGENCIES.put(state, &number, &Agency { end: Some(end), ..agency });
    Ok(Event::AgencyEnded { agency: number, principal, agent, kind, by, capacity })
}

fn check_authorised(department: &UnifiedSocialCreditCode, state: &State) -> Result<(), Stop> {
    if identity::is_authorised(state, department)? { Ok(()) } else { Err(Error::DepartmentNotAuthorised.into()) } // I6
}

fn check_active(id: &AccountId, state: &State) -> Result<(), Stop> {
    match identity::status(state, id)? {
        Status::Active => Ok(()),
        Status::Unknown => Err(Error::NotFound.into()),
        Status::Suspended | Status::Frozen(_) | Status::Deceased | Status::Dissolved | Status::MergedInto(_) => {
            Err(Error::NotActive.into()) // I2
        }
    }
}

/// Refuses an account that is not active, not bound, or not of this kind.
fn check_bound(id: &AccountId, kind: AccountKind, state: &State) -> Result<(), Stop> {
    check_active(id, state)?;
    if identity::level(state, id)?.is_none() {
        return Err(Error::NotBound.into());
    }
    if identity::account(state, id)?.is_some_and(|account| account.kind != kind) {
        return Err(if kind == AccountKind::Person { Error::NotAPerson } else { Error::NotAnOrganisation }.into());
    }
    Ok(())
}
