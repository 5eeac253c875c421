//! Officers: named, appointed, dismissed, transferred.

use super::rights::give;
use super::{Authority, active, check_active, existing, in_office, mandate_until};
use crate::departments::Department;
use crate::identity::{self, AccountKind};
use crate::offices::{Appointment, AppointmentEnd, AppointmentPlace, DepartmentCode, EndCause, Grant, Term};
use crate::orgs::error::Error;
use crate::orgs::msg::{Event, Position, Right};
use crate::orgs::state::{self, APPOINTMENT_VERSION, OFFICERS, PAST_APPOINTMENTS};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::{AccountId, List, Text, Time};

/// Names an administrator of a root that has none of its own who can act.
pub fn name_administrator(
    code: DepartmentCode,
    account: AccountId,
    office: Text<40>,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if department.parent.is_some() {
        return Err(Error::NotRoot.into()); // I4
    }
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let needed = if department.wants_two_for(Role::DepartmentAdministrator) { 2 } else { 1 };
    if administrators_in_office(&code, &department, ctx, state)? >= needed {
        return Err(Error::HasAdministrators.into()); // I4
    }
    check_account(&account, state)?;
    let appointment = match in_office(&code, &account, ctx, state)? {
        Some(appointment) => appointment,
        None => {
            let position = Position { office, posts: List::default(), staff_number: None };
            begin(&code, &account, position, None, ctx, state)?
        }
    };
    let right = Right { role: Role::DepartmentAdministrator, post: None, from: None, until };
    let first = Authority::alone(Time::MAX); // nobody's term bounds the first right
    let number = appointment.number;
    let (grant, office) = give(&code, &account, appointment, right, &first, ctx, state)?;
    let Grant { term: Term { from, until }, by, .. } = grant;
    Ok(Event::AdministratorNamed { department: code, account, number, office, from, until, by })
}

/// How many of its administrators can act: in office, in term, with an account that is not suspended.
fn administrators_in_office(
    code: &DepartmentCode,
    department: &Department,
    ctx: &Ctx,
    state: &State,
) -> Result<usize, Stop> {
    let mut count = 0;
    for account in &department.administrators {
        let can_act = identity::status(state, account)? == identity::Status::Active;
        let appointment = state::officer(state, code, account)?;
        if can_act && appointment.is_some_and(|found| found.administers_until(ctx.time).is_some()) {
            count += 1;
        }
    }
    Ok(count)
}

/// Appoints an officer.
pub fn appoint(
    code: DepartmentCode,
    account: AccountId,
    position: Position,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    active(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    check_account(&account, state)?;
    refuse_officer(&code, &account, ctx, state)?; // I10
    check_active(&account, state)?;
    let appointment = begin(&code, &account, position, None, ctx, state)?;
    OFFICERS.put(state, &(code, account), &appointment);
    let Appointment { number, office, posts, staff_number, .. } = appointment;
    Ok(Event::Appointed { department: code, account, number, office, posts, staff_number, by: ctx.account })
}

/// Ends an appointment.
pub fn dismiss(
    code: DepartmentCode,
    account: AccountId,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    let mut appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    appointment.end = Some(end(EndCause::Dismissed { reason: reason.clone() }, ctx));
    OFFICERS.put(state, &(code, account), &appointment);
    Ok(Event::Dismissed { department: code, account, office: appointment.office, reason, by: ctx.account })
}

fn end(cause: EndCause, ctx: &Ctx) -> AppointmentEnd {
    AppointmentEnd { at: ctx.time, by: ctx.account, receipt: ctx.receipt, cause }
}

/// Ends an appointment and begins another one in the same tree. Rights do not follow: they were those of the old one.
pub fn transfer(
    account: AccountId,
    from: DepartmentCode,
    to: DepartmentCode,
    position: Position,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    existing(&from, state)?;
    active(&to, state)?;
    if state::root(state, &from)? != state::root(state, &to)? {
        return Err(Error::OtherTree.into()); // I18
    }
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    if from != to {
        refuse_officer(&to, &account, ctx, state)?; // I10
    }
    let old = in_office(&from, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    mandate_until(&ctx.account, &from, ctx, state)?.ok_or(Error::BeyondScope)?; // I4
    check_active(&account, state)?;
    move_officer(account, old, (from, to), position, None, ctx, state)
}

/// Refuses who is an officer of the department.
pub(super) fn refuse_officer(code: &DepartmentCode, account: &AccountId, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    match in_office(code, account, ctx, state)? {
        Some(_) => Err(Error::InOffice.into()), // I10
        None => Ok(()),
    }
}

/// Ends the one appointment and begins the other, each of which points to the other: what all ways from one to another have in common.
pub(super) fn move_officer(
    account: AccountId,
    mut old: Appointment,
    (from, to): (DepartmentCode, DepartmentCode),
    position: Position,
    released_by: Option<AccountId>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let number = state::officer(state, &to, &account)?.map_or(0, |last| last.number).checked_add(1);
    let number = number.expect("fewer appointments than transactions of a network");
    old.end = Some(end(EndCause::Transferred { to, number }, ctx));
    OFFICERS.put(state, &(from, account), &old);
    let place = AppointmentPlace { department: from, number: old.number };
    let appointment = begin(&to, &account, position, Some(place), ctx, state)?;
    OFFICERS.put(state, &(to, account), &appointment);
    let Appointment { number, office, posts, staff_number, .. } = appointment;
    Ok(Event::Transferred { account, from, to, number, office, posts, staff_number, by: ctx.account, released_by })
}

/// A new appointment, after whatever the account was before in this department.
fn begin(
    code: &DepartmentCode,
    account: &AccountId,
    position: Position,
    previous: Option<AppointmentPlace>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Appointment, Stop> {
    let last = state::officer(state, code, account)?;
    let here = last.as_ref().map(|last| AppointmentPlace { department: *code, number: last.number });
    let number = last.as_ref().map_or(0, |last| last.number).checked_add(1);
    if let Some(last) = last {
        PAST_APPOINTMENTS.put(state, &(*code, *account, last.number), &last); // I10
    }
    let Position { office, posts, staff_number } = position;
    Ok(Appointment {
        version: APPOINTMENT_VERSION,
        number: number.expect("fewer appointments than transactions of a network"),
        office,
        posts,
        staff_number,
        by: ctx.account,
        since: ctx.time,
        receipt: ctx.receipt,
        previous: previous.or(here),
        grants: List::default(),
        deputyships: List::default(),
        end: None,
    })
}

fn check_account(account: &AccountId, state: &State) -> Result<(), Stop> {
    let found = identity::account(state, account)?.ok_or(Error::AccountUnknown)?;
    match found.kind {
        AccountKind::Person | AccountKind::System => Ok(()),
        AccountKind::Organisation => Err(Error::NotPerson.into()), // I9
    }
}
