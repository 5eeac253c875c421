//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Event, Position, Profile, Right};
use super::state::{
    self, APPOINTMENT_VERSION, DEPARTMENT_VERSION, DEPARTMENTS, DEPTH_MAX, Department, DepartmentName, Mandate,
    OFFICERS, PAST_APPOINTMENTS, Status, lies_within,
};
use crate::identity::{self, AccountKind};
use crate::offices::{Appointment, AppointmentPlace, DepartmentCode, Grant, Term, is_sensitive};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::RegisterDepartment { profile, .. } | Call::RegisterSubordinate { profile, .. } => {
            let host = profile.host.as_ref();
            if profile.name.is_empty() || profile.short_name.is_empty() || host.is_some_and(|host| host.is_empty()) {
                return Err(Error::TextMissing);
            }
            Ok(())
        }
        Call::NameAdministrator { office, .. } => {
            if office.is_empty() {
                return Err(Error::TextMissing);
            }
            Ok(())
        }
        Call::Appoint { position, .. } => validate_position(position),
        Call::Grant { right, .. } => validate_right(right),
    }
}

fn validate_position(position: &Position) -> Result<(), Error> {
    let posts = &position.posts;
    let number = position.staff_number.as_ref();
    if position.office.is_empty()
        || posts.iter().any(|post| post.is_empty())
        || number.is_some_and(|number| number.is_empty())
    {
        return Err(Error::TextMissing);
    }
    if (1..posts.len()).any(|index| posts[..index].contains(&posts[index])) {
        return Err(Error::PostTwice);
    }
    Ok(())
}

fn validate_right(right: &Right) -> Result<(), Error> {
    if !right.role.is_of_department() {
        return Err(Error::NetworkRole); // I6
    }
    Ok(())
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    let department = |code: &DepartmentCode| DEPARTMENTS.state_key(state, code);
    let officer = |code: &DepartmentCode, account: &AccountId| OFFICERS.state_key(state, &(*code, *account));
    match call {
        Call::RegisterDepartment { department: code, .. } => vec![department(code)],
        Call::RegisterSubordinate { parent, department: code, .. } => vec![department(parent), department(code)],
        Call::NameAdministrator { department: code, account, .. }
        | Call::Appoint { department: code, account, .. }
        | Call::Grant { department: code, account, .. } => {
            vec![department(code), officer(code, account), identity::state_key(state, account)]
        }
    }
}

/// Registers a department, below another one or below none.
pub fn register(
    code: DepartmentCode,
    profile: Profile,
    parent: Option<DepartmentCode>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let above = match &parent {
        Some(parent) => Some(existing(parent, state)?),
        None => None,
    };
    if state::department(state, &code)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if above.as_ref().is_some_and(|above| !above.is_active()) {
        return Err(Error::NotActive.into());
    }
    let depth = above.as_ref().map_or(1, |above| above.depth + 1);
    if depth > DEPTH_MAX {
        return Err(Error::TooDeep.into()); // I2
    }
    if above.as_ref().is_some_and(|above| !lies_within(&profile.division, &above.division)) {
        return Err(Error::OtherDivision.into()); // I2
    }
    let Profile { name, short_name, division, host } = profile;
    let name = DepartmentName { full: name, short: short_name, since: ctx.time, receipt: ctx.receipt };
    let department = Department {
        version: DEPARTMENT_VERSION,
        names: List::new(vec![name.clone()]).expect("one name fits"),
        division,
        parent,
        depth,
        status: Status::Active,
        host: host.clone(),
        four_eyes: above.as_ref().is_some_and(|above| above.four_eyes),
        administrators: List::default(),
        open_subordinates: 0,
        registered_at: ctx.time,
        receipt: ctx.receipt,
    };
    if let Some((parent, mut above)) = parent.zip(above) {
        above.open_subordinates = above.open_subordinates.saturating_add(1);
        DEPARTMENTS.put(state, &parent, &above);
    }
    DEPARTMENTS.put(state, &code, &department);
    let level = department.level();
    let (name, short_name) = (name.full, name.short);
    Ok(Event::DepartmentRegistered { department: code, name, short_name, division, level, parent, host })
}

/// Names an administrator of a root that has none of its own.
pub fn name_administrator(
    code: DepartmentCode,
    account: AccountId,
    office: Text<40>,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    if department.parent.is_some() {
        return Err(Error::NotRoot.into()); // I4
    }
    let needed = if department.four_eyes { 2 } else { 1 };
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
    let mandate = Mandate { department: code, until: Time::MAX }; // what gives the first right has no term
    give(code, account, appointment, right, &mandate, None, ctx, state)
}

fn administrators_in_office(
    code: &DepartmentCode,
    department: &Department,
    ctx: &Ctx,
    state: &State,
) -> Result<usize, Stop> {
    let mut count = 0;
    for account in &department.administrators {
        let is_suspended = identity::account(state, account)?.is_some_and(|account| account.suspended);
        let appointment = state::officer(state, code, account)?;
        if !is_suspended && appointment.is_some_and(|found| found.administers_until(ctx.time).is_some()) {
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
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    active(&code, state)?;
    check_account(&account, state)?;
    if in_office(&code, &account, ctx, state)?.is_some() {
        return Err(Error::InOffice.into()); // I10
    }
    let appointment = begin(&code, &account, position, None, ctx, state)?;
    OFFICERS.put(state, &(code, account), &appointment);
    let Appointment { number, office, posts, staff_number, .. } = appointment;
    Ok(Event::Appointed { department: code, account, number, office, posts, staff_number, by: ctx.account })
}

/// Gives an officer a role.
pub fn grant(
    code: DepartmentCode,
    account: AccountId,
    right: Right,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if account == ctx.account {
        return Err(Error::Oneself.into()); // I5
    }
    active(&code, state)?;
    let appointment = in_office(&code, &account, ctx, state)?.ok_or(Error::NotInOffice)?;
    let mandate = state::mandate(state, &ctx.account, &code, ctx.time)?.ok_or(Error::BeyondScope)?; // I4
    give(code, account, appointment, right, &mandate, None, ctx, state)
}

/// Puts a right on an appointment: what all ways to one have in common.
#[expect(clippy::too_many_arguments, reason = "what a right is made of")]
fn give(
    code: DepartmentCode,
    account: AccountId,
    mut appointment: Appointment,
    right: Right,
    mandate: &Mandate,
    prepared_by: Option<AccountId>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let Right { role, post, from, until } = right;
    let kind = identity::account(state, &account)?.map(|account| account.kind);
    if is_sensitive(role) && kind != Some(AccountKind::Person) {
        return Err(Error::SystemDecides.into()); // I9
    }
    if post.as_ref().is_some_and(|post| !appointment.posts.contains(post)) {
        return Err(Error::PostNotHeld.into()); // I6
    }
    let term = Term { from: from.unwrap_or(ctx.time), until };
    check_term(&term, mandate, ctx)?;
    let is_same = |held: &&Grant| held.role == role && held.post == post && !held.is_over(ctx.time);
    if appointment.grants.iter().filter(is_same).any(|held| held.term.overlaps(&term)) {
        return Err(Error::GrantHeld.into());
    }
    let by = ctx.account;
    let grant = Grant { role, post: post.clone(), term, by, prepared_by, receipt: ctx.receipt, withdrawn: None };
    appointment.add_grant(grant, ctx.time).map_err(|_| Error::TooManyGrants)?;
    if role == Role::DepartmentAdministrator {
        add_administrator(&code, account, ctx, state)?;
    }
    OFFICERS.put(state, &(code, account), &appointment);
    let (office, Term { from, until }) = (appointment.office, term);
    Ok(Event::Granted { department: code, account, office, role, post, from, until, by, prepared_by })
}

fn check_term(term: &Term, mandate: &Mandate, ctx: &Ctx) -> Result<(), Error> {
    if term.until <= term.from {
        return Err(Error::TermEmpty); // I4
    }
    if term.from < ctx.time {
        return Err(Error::TermBackwards); // I4
    }
    if term.until > mandate.until {
        return Err(Error::BeyondTerm); // I4
    }
    Ok(())
}

/// Notes whom a department has as administrators; those whose rights are over make room.
fn add_administrator(code: &DepartmentCode, account: AccountId, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
    let mut department = existing(code, state)?;
    let mut kept = Vec::new();
    for held in department.administrators.into_vec() {
        let administers = |grant: &Grant| grant.role == Role::DepartmentAdministrator && !grant.is_over(ctx.time);
        let is_kept = state::officer(state, code, &held)?
            .is_some_and(|officer| officer.is_in_office(ctx.time) && officer.grants.iter().any(administers));
        if is_kept && held != account {
            kept.push(held);
        }
    }
    kept.push(account);
    department.administrators = List::new(kept).map_err(|_| Error::TooManyAdministrators)?;
    DEPARTMENTS.put(state, code, &department);
    Ok(())
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
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    let here = last.as_ref().map(|last| AppointmentPlace { department: *code, number: last.number });
    if let Some(last) = last {
        PAST_APPOINTMENTS.put(state, &(*code, *account, last.number), &last); // I10
    }
    let Position { office, posts, staff_number } = position;
    Ok(Appointment {
        version: APPOINTMENT_VERSION,
        number,
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

fn in_office(
    code: &DepartmentCode,
    account: &AccountId,
    ctx: &Ctx,
    state: &State,
) -> Result<Option<Appointment>, Stop> {
    Ok(state::officer(state, code, account)?.filter(|appointment| appointment.is_in_office(ctx.time)))
}

fn existing(code: &DepartmentCode, state: &State) -> Result<Department, Stop> {
    Ok(state::department(state, code)?.ok_or(Error::NotFound)?)
}

fn active(code: &DepartmentCode, state: &State) -> Result<Department, Stop> {
    let department = existing(code, state)?;
    if !department.is_active() {
        return Err(Error::NotActive.into()); // I3
    }
    Ok(department)
}
