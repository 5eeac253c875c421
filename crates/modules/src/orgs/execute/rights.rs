//! Rights of officers: roles, and deputies who stand in for others.

use super::{Authority, active, check_active, existing, in_office, is_person, mandate_until};
use crate::identity;
use crate::offices::{
    ABSENCE_MILLIS_MAX, Appointment, DepartmentCode, Deputyship, Grant, Post, Stopped, Term, is_sensitive,
};
use crate::orgs::error::Error;
use crate::orgs::msg::{Deputy, Event, Right};
use crate::orgs::state::{DEPARTMENTS, OFFICERS};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::{AccountId, List, Text};

/// Gives an officer a role.
pub fn grant(
    code: DepartmentCode,
    account: AccountId,
    right: Right,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    check_role(right.role)?;
    let department = active(&code, state)?;
    if gains(&ctx.account, &account, &code, ctx, state)? {
        return Err(Error::Oneself.into()); // I5
    }
    let appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    if department.wants_two_for(right.role) {
        return Err(Error::FourEyes.into()); // I8
    }
    let given = give(&code, &account, appointment, right, &authority, ctx, state)?;
    Ok(granted(code, account, given, None))
}

/// Refuses a role of the whole network. In execution, so that whoever tries to give it stands on a receipt.
pub(super) fn check_role(role: Role) -> Result<(), Error> {
    if role.is_of_department() { Ok(()) } else { Err(Error::NetworkRole) } // I6
}

/// Puts a right on an appointment: what all ways to one have in common. Answers it, and the office.
pub(super) fn give(
    code: &DepartmentCode,
    account: &AccountId,
    mut appointment: Appointment,
    right: Right,
    authority: &Authority,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(Grant, Text<40>), Stop> {
    let grant = check_right(code, account, &appointment, right, authority, ctx, state)?;
    appointment.add_grant(grant.clone(), ctx.time).map_err(|_| Error::TooManyGrants)?;
    if grant.role == Role::DepartmentAdministrator {
        add_administrator(code, *account, ctx, state)?;
    }
    OFFICERS.put(state, &(*code, *account), &appointment);
    Ok((grant, appointment.office))
}

pub(super) fn granted(
    department: DepartmentCode,
    account: AccountId,
    (grant, office): (Grant, Text<40>),
    proposal: Option<u32>,
) -> Event {
    let Grant { role, post, term: Term { from, until }, by, prepared_by, .. } = grant;
    Event::Granted { department, account, office, role, post, from, until, by, prepared_by, proposal }
}

/// What comes to the officer's appointment.
pub(super) fn check_right(
    code: &DepartmentCode,
    account: &AccountId,
    appointment: &Appointment,
    right: Right,
    authority: &Authority,
    ctx: &Ctx,
    state: &State,
) -> Result<Grant, Stop> {
    let Right { role, post, from, until } = right;
    check_active(account, state)?;
    if is_sensitive(role) {
        if !is_person(account, state)? {
            return Err(Error::SystemDecides.into()); // I9
        }
        if existing(code, state)?.bound_officers && !identity::has_real_name(state, account)? {
            return Err(Error::NotBound.into()); // I11
        }
    }
    if post.as_ref().is_some_and(|post| !appointment.posts.contains(post)) {
        return Err(Error::PostNotHeld.into()); // I6
    }
    let term = Term::given(from, until, authority.until, ctx.time)?; // I4
    let is_same = |held: &&Grant| held.role == role && held.post == post && !held.is_over(ctx.time);
    if appointment.grants.iter().filter(is_same).any(|held| held.term.overlaps(&term)) {
        return Err(Error::GrantHeld.into()); // I6
    }
    let (by, prepared_by) = (ctx.account, authority.prepared_by);
    Ok(Grant { role, post, term, by, prepared_by, receipt: ctx.receipt, withdrawn: None })
}

/// Notes whom a department has as administrators; those whose rights are over make room.
fn add_administrator(code: &DepartmentCode, account: AccountId, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let mut department = existing(code, state)?;
    let mut kept = Vec::new();
    for held in department.administrators.into_vec() {
        let administers = |grant: &Grant| grant.role == Role::DepartmentAdministrator && !grant.is_over(ctx.time);
        let appointment = in_office(code, &held, ctx, state)?;
        if held != account && appointment.is_some_and(|appointment| appointment.grants.iter().any(administers)) {
            kept.push(held);
        }
    }
    kept.push(account);
    department.administrators = List::new(kept).map_err(|_| Error::TooManyAdministrators)?;
    DEPARTMENTS.put(state, code, &department);
    Ok(())
}

/// Whether an administrator would come to a right that is given to an officer: it is he himself, or he stands in for him.
pub(super) fn gains(
    administrator: &AccountId,
    account: &AccountId,
    code: &DepartmentCode,
    ctx: &Ctx,
    state: &State,
) -> Result<bool, Stop> {
    let own = in_office(code, administrator, ctx, state)?;
    let stands_in = |held: &Deputyship| held.of == *account && !held.is_over(ctx.time);
    Ok(administrator == account || own.is_some_and(|own| own.deputyships.iter().any(stands_in)))
}

/// Takes a role from an officer.
pub fn withdraw_grant(
    code: DepartmentCode,
    account: AccountId,
    role: Role,
    post: Option<Post>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    if !appointment.withdraw_grants(role, post.as_ref(), stopped(ctx)) {
        return Err(Error::RoleNotHeld.into());
    }
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::GrantWithdrawn { department: code, account, role, post, by: ctx.account })
}

fn stopped(ctx: &Ctx) -> Stopped {
    Stopped { at: ctx.time, by: ctx.account, receipt: ctx.receipt }
}

/// Has an officer stand in for another one.
pub fn name_deputy(code: DepartmentCode, deputy: Deputy, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if deputy.account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let absent = in_office(&code, &deputy.of, ctx, state)?.ok_or(Error::NotInOffice)?;
    let authority = Authority::alone(mandate_until(&ctx.account, &code, ctx, state)?.ok_or(Error::BeyondScope)?);
    if department.four_eyes && absent.will_decide(ctx.time) {
        return Err(Error::FourEyes.into()); // I8
    }
    deputise(code, deputy, &authority, ctx, state)
}

pub(super) fn deputise(
    code: DepartmentCode,
    deputy: Deputy,
    authority: &Authority,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (mut appointment, deputyship) = check_deputy(&code, &deputy, authority, ctx, state)?;
    appointment.add_deputyship(deputyship.clone(), ctx.time).map_err(|_| Error::TooManyDeputyships)?;
    OFFICERS.put(state, &(code, deputy.account), &appointment);
    let Deputyship { of, term: Term { from, until }, by, prepared_by, .. } = deputyship;
    let (account, office, proposal) = (deputy.account, appointment.office, authority.proposal);
    Ok(Event::DeputyNamed { department: code, account, office, of, from, until, by, prepared_by, proposal })
}

/// The deputy's own appointment, and what comes to it.
pub(super) fn check_deputy(
    code: &DepartmentCode,
    deputy: &Deputy,
    authority: &Authority,
    ctx: &Ctx,
    state: &State,
) -> Result<(Appointment, Deputyship), Stop> {
    let appointment = in_office(code, &deputy.account, ctx, state)?.ok_or(Error::NotInOffice)?; // I7
    let absent = in_office(code, &deputy.of, ctx, state)?.ok_or(Error::NotInOffice)?; // I7
    check_active(&deputy.account, state)?;
    if !is_person(&deputy.account, state)? {
        return Err(Error::SystemDecides.into()); // I9
    }
    let wants_bound = existing(code, state)?.bound_officers && absent.will_decide(ctx.time);
    if wants_bound && !identity::has_real_name(state, &deputy.account)? {
        return Err(Error::NotBound.into()); // I11
    }
    let term = Term::given(deputy.from, deputy.until, authority.until, ctx.time)?; // I4
    if term.millis() > ABSENCE_MILLIS_MAX {
        return Err(Error::AbsenceTooLong.into()); // I7
    }
    let is_same = |held: &&Deputyship| held.of == deputy.of && !held.is_over(ctx.time);
    if appointment.deputyships.iter().filter(is_same).any(|held| held.term.overlaps(&term)) {
        return Err(Error::DeputyNamed.into());
    }
    let (by, prepared_by) = (ctx.account, authority.prepared_by);
    let deputyship = Deputyship { of: deputy.of, term, by, prepared_by, receipt: ctx.receipt, ended: None };
    Ok((appointment, deputyship))
}

/// Has a deputy stand in no longer.
pub fn end_deputy(
    code: DepartmentCode,
    account: AccountId,
    of: AccountId,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    if !appointment.end_deputyships(&of, stopped(ctx)) {
        return Err(Error::NotDeputy.into());
    }
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::DeputyEnded { department: code, account, of, by: ctx.account })
}
