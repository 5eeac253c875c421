//! One function for each call: refuse, refuse, refuse, then write, then tell. Departments are here; divisions, officers, their rights, what two
//! administrators do together, and transfers to another tree have a file each in the folder.

mod divisions;
mod officers;
mod proposals;
mod rights;
mod transfers;

pub use divisions::{amend_division, name_responsible};
pub use officers::{appoint, dismiss, name_administrator, transfer};
pub use proposals::{approve, propose, reject};
pub use rights::{end_deputy, grant, name_deputy, withdraw_grant};
pub use transfers::{accept_transfer, decline_transfer, offer_transfer, withdraw_offer};

use super::error::Error;
use super::msg::{Call, Deputy, Event, Position, Proposed};
use super::state::{self, DEPARTMENTS, DIVISIONS, OFFERS, OFFICERS, PROPOSALS};
use crate::citizen_numbers::has_citizen_number;
use crate::departments::{Change, Department, DepartmentName, Profile, SUCCESSIONS_MAX, Status};
use crate::divisions::DivisionAmendment;
use crate::identity;
use crate::network;
use crate::offices::{Appointment, DepartmentCode};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::{AccountId, Digest, Time};

/// With what authority something is given: until when at most, and who else took part.
struct Authority {
    until: Time,
    prepared_by: Option<AccountId>,
    proposal: Option<u32>,
}

impl Authority {
    fn alone(until: Time) -> Self {
        Self { until, prepared_by: None, proposal: None }
    }
}

/// Refuses what is wrong whatever the state is. That a role is one of the whole network is not refused here but in execution, so that the
/// attempt to give it stands on a receipt.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::RegisterDepartment { profile, .. } | Call::RegisterSubordinate { profile, .. } => {
            check_texts([&*profile.name, &*profile.short_name])?;
            check_texts(profile.host.as_deref())
        }
        Call::NameAdministrator { office, .. } => check_texts([&**office]),
        Call::ChangeRoot { change, .. } | Call::ChangeDepartment { change, .. } => validate_change(change),
        Call::Appoint { position, .. } | Call::Transfer { position, .. } | Call::AcceptTransfer { position, .. } => {
            validate_position(position)
        }
        Call::Dismiss { reason, .. } | Call::Reject { reason, .. } | Call::DeclineTransfer { reason, .. } => {
            check_texts([&**reason])
        }
        Call::AmendDivision { division, amendment, .. } => {
            check_texts(amendment.name().map(|name| &**name))?;
            match amendment {
                DivisionAmendment::Abolish { successor } if *successor == Some(*division) => {
                    Err(Error::DivisionSucceedsItself)
                }
                DivisionAmendment::Add { .. }
                | DivisionAmendment::Rename { .. }
                | DivisionAmendment::Abolish { .. } => Ok(()),
            }
        }
        Call::NameDeputy { deputy, .. } | Call::Propose { proposed: Proposed::Deputy { deputy }, .. } => {
            validate_deputy(deputy)
        }
        Call::Grant { .. }
        | Call::Propose { proposed: Proposed::Grant { .. } | Proposed::Waiver { .. }, .. }
        | Call::WithdrawGrant { .. }
        | Call::EndDeputy { .. }
        | Call::OfferTransfer { .. }
        | Call::WithdrawOffer { .. }
        | Call::NameResponsible { .. }
        | Call::Approve { .. } => Ok(()),
    }
}

fn check_texts<'a>(texts: impl IntoIterator<Item = &'a str> + Clone) -> Result<(), Error> {
    if texts.clone().into_iter().any(str::is_empty) {
        return Err(Error::TextMissing);
    }
    if texts.into_iter().any(has_citizen_number) {
        return Err(Error::CitizenNumber); // I14
    }
    Ok(())
}

fn validate_change(change: &Change) -> Result<(), Error> {
    match change {
        Change::Rename { name, short_name } => check_texts([&**name, &**short_name]),
        Change::Host { host } => check_texts(host.as_deref()),
        Change::Suspend { reason } | Change::Close { reason, .. } => check_texts([&**reason]),
        Change::FourEyes { .. } | Change::BoundOfficers { .. } | Change::Resume {} => Ok(()),
    }
}

fn validate_position(position: &Position) -> Result<(), Error> {
    let posts = &position.posts;
    check_texts([&*position.office])?;
    check_texts(posts.iter().map(|post| &**post))?;
    check_texts(position.staff_number.as_deref())?;
    if (1..posts.len()).any(|index| posts[..index].contains(&posts[index])) {
        return Err(Error::PostTwice);
    }
    Ok(())
}

fn validate_deputy(deputy: &Deputy) -> Result<(), Error> {
    if deputy.account == deputy.of {
        return Err(Error::DeputyOfHimself); // I7
    }
    Ok(())
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    let department = |code: &DepartmentCode| DEPARTMENTS.state_key(state, code);
    let officer = |code: &DepartmentCode, account: &AccountId| OFFICERS.state_key(state, &(*code, *account));
    match call {
        Call::RegisterDepartment { department: code, .. }
        | Call::ChangeRoot { department: code, .. }
        | Call::ChangeDepartment { department: code, .. }
        | Call::NameResponsible { department: code }
        | Call::Propose { department: code, proposed: Proposed::Waiver { .. } } => vec![department(code)],
        Call::RegisterSubordinate { parent, department: code, .. } => vec![department(parent), department(code)],
        Call::NameAdministrator { department: code, account, .. }
        | Call::Appoint { department: code, account, .. }
        | Call::Grant { department: code, account, .. }
        | Call::Propose { department: code, proposed: Proposed::Grant { account, .. } } => {
            vec![department(code), officer(code, account), identity::state_key(state, account)]
        }
        Call::WithdrawGrant { department: code, account, .. }
        | Call::Dismiss { department: code, account, .. }
        | Call::EndDeputy { department: code, account, .. } => vec![department(code), officer(code, account)],
        Call::Transfer { account, from, to, .. } => {
            let account_key = identity::state_key(state, account);
            vec![department(from), department(to), officer(from, account), officer(to, account), account_key]
        }
        Call::OfferTransfer { account, from, to, .. } | Call::AcceptTransfer { account, from, to, .. } => {
            let (account_key, offer) =
                (identity::state_key(state, account), OFFERS.state_key(state, &(*from, *account)));
            vec![department(from), department(to), officer(from, account), officer(to, account), account_key, offer]
        }
        Call::WithdrawOffer { account, from } | Call::DeclineTransfer { account, from, .. } => {
            vec![department(from), OFFERS.state_key(state, &(*from, *account))]
        }
        Call::AmendDivision { division, .. } => vec![DIVISIONS.state_key(state, division)],
        Call::NameDeputy { department: code, deputy }
        | Call::Propose { department: code, proposed: Proposed::Deputy { deputy } } => {
            let account_key = identity::state_key(state, &deputy.account);
            vec![department(code), officer(code, &deputy.account), officer(code, &deputy.of), account_key]
        }
        Call::Approve { department: code, number } | Call::Reject { department: code, number, .. } => {
            vec![department(code), PROPOSALS.state_key(state, &(*code, *number))]
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
    if state::department(state, &code)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    let above = match &parent {
        Some(parent) => Some(active(parent, state)?),
        None => None,
    };
    let found = Department::found(profile, parent.zip(above.as_ref()), ctx.time, ctx.receipt)?;
    divisions::check_division(&found.division, ctx, state)?; // I15
    check_host(&found, state)?;
    if let Some((parent, mut above)) = parent.zip(above) {
        above.open_subordinates += 1;
        DEPARTMENTS.put(state, &parent, &above);
    }
    put(&code, &found, state)?;
    let DepartmentName { full: name, short: short_name, .. } = found.name().clone();
    let (level, division, host) = (found.level(), found.division, found.host);
    Ok(Event::DepartmentRegistered { department: code, name, short_name, division, level, parent, host })
}

/// Changes a root, as the network's administrator.
pub fn change_root(code: DepartmentCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if existing(&code, state)?.parent.is_some() {
        return Err(Error::NotRoot.into()); // I4
    }
    let department = changed(&code, &change, ctx, state)?;
    hand_on(&department, &change, state)?;
    put(&code, &department, state)?;
    Ok(department_changed(code, change, None, ctx))
}

/// Changes a department, as an administrator of one above it.
pub fn change_department(code: DepartmentCode, change: Change, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let department = changed(&code, &change, ctx, state)?;
    if let Change::Close { merged_into: Some(successor), .. } = &change {
        mandate_until(&ctx.account, successor, ctx, state)?.ok_or(Error::BeyondScope)?; // I4
    }
    hand_on(&department, &change, state)?;
    if let (Change::Close { .. }, Some(parent)) = (&change, &department.parent) {
        let mut above = existing(parent, state)?;
        above.open_subordinates -= 1; // it has counted this one
        DEPARTMENTS.put(state, parent, &above);
    }
    put(&code, &department, state)?;
    Ok(department_changed(code, change, None, ctx))
}

/// The department as it will be.
fn changed(code: &DepartmentCode, change: &Change, ctx: &Ctx, state: &State) -> Result<Department, Stop> {
    let mut department = existing(code, state)?;
    department.apply(change.clone(), ctx.time, ctx.receipt)?;
    if change.is_waiver() {
        return Err(Error::FourEyes.into()); // I8
    }
    match change {
        Change::Host { .. } => check_host(&department, state)?,
        Change::Close { merged_into: Some(successor), .. } => {
            if successor == code {
                return Err(Error::MergedIntoItself.into());
            }
            active(successor, state)?;
            if department.successions >= SUCCESSIONS_MAX {
                return Err(Error::TooManySuccessions.into()); // I13
            }
        }
        Change::Close { merged_into: None, .. }
        | Change::Rename { .. }
        | Change::FourEyes { .. }
        | Change::BoundOfficers { .. }
        | Change::Suspend { .. }
        | Change::Resume {} => {}
    }
    Ok(department)
}

/// Lets the department that takes the place of a closed one know how many have led to it.
fn hand_on(department: &Department, change: &Change, state: &mut State) -> Result<(), Stop> {
    if let Change::Close { merged_into: Some(successor), .. } = change {
        let mut next = existing(successor, state)?;
        next.successions = next.successions.max(department.successions + 1); // I13
        DEPARTMENTS.put(state, successor, &next);
    }
    Ok(())
}

fn check_host(department: &Department, state: &State) -> Result<(), Stop> {
    match department.host.as_deref() {
        Some(host) if !network::is_member(state, host)? => Err(Error::HostUnknown.into()), // I12
        _ => Ok(()),
    }
}

/// Writes a department. Its division counts it, where it is the uppermost one there. Where it wants four eyes from now on, or no longer, all departments above it count that.
fn put(code: &DepartmentCode, department: &Department, state: &mut State) -> Result<(), Stop> {
    let counts = |department: &Department| department.four_eyes && !department.is_closed();
    let old = state::department(state, code)?;
    divisions::recount(code, old.as_ref(), department, state)?; // I17
    let (is_counted, counts) = (old.is_some_and(|old| counts(&old)), counts(department));
    DEPARTMENTS.put(state, code, department);
    let mut next = department.parent.filter(|_| is_counted != counts);
    while let Some(above) = next {
        let mut found = existing(&above, state)?;
        found.four_eyes_below = if counts { found.four_eyes_below + 1 } else { found.four_eyes_below - 1 }; // I8
        DEPARTMENTS.put(state, &above, &found);
        next = found.parent;
    }
    Ok(())
}

fn department_changed(department: DepartmentCode, change: Change, with: Option<&Authority>, ctx: &Ctx) -> Event {
    let prepared_by = with.and_then(|authority| authority.prepared_by);
    let proposal = with.and_then(|authority| authority.proposal);
    Event::DepartmentChanged { department, change, by: ctx.account, prepared_by, proposal }
}

/// Until when an account administers a department, if it does.
fn mandate_until(account: &AccountId, code: &DepartmentCode, ctx: &Ctx, state: &State) -> Result<Option<Time>, Stop> {
    Ok(state::mandate(state, account, code, ctx.time)?.map(|mandate| mandate.until))
}

/// Refuses an account that may not act now. An office is for those who can.
fn check_active(account: &AccountId, state: &State) -> Result<(), Stop> {
    if identity::status(state, account)? != identity::Status::Active {
        return Err(Error::AccountNotActive.into()); // I11
    }
    Ok(())
}

fn is_person(account: &AccountId, state: &State) -> Result<bool, Stop> {
    Ok(identity::account(state, account)?.is_some_and(|account| account.kind == identity::AccountKind::Person))
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
    match department.status {
        Status::Active => Ok(department),
        Status::Suspended { .. } => Err(Error::Suspended.into()), // I3
        Status::Closed { .. } => Err(Error::Closed.into()),       // I3
    }
}
