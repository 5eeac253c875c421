//! Who may call what, and for which departments a publisher acts.

use super::state;
use super::{CallKind, Error, ItemCode};
use crate::identity::{self, AccountKind};
use crate::orgs::{self, DepartmentCode};
use crate::{cases, items::Item};
use tongban_kernel::{Access, Ctx, Missing, Role, State, Stop};
use tongban_types::{AccountId, Time};

/// What a call of this kind asks of its account. For whose items a publisher answers is checked against where he is in office (I7).
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::Publish
        | CallKind::Suspend
        | CallKind::Resume
        | CallKind::Retire
        | CallKind::ImportItem
        | CallKind::Propose
        | CallKind::Approve
        | CallKind::Reject => Access::Role(Role::Publisher),
    }
}

/// What executing a call of this kind costs: a whole item is checked.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::Publish | CallKind::Propose | CallKind::Approve => 20,
        CallKind::Suspend | CallKind::Resume | CallKind::Retire | CallKind::ImportItem | CallKind::Reject => 1,
    }
}

/// Refuses a publisher who does not answer for the department that leads the item as it is, or as it is to be published (I7). An item that is
/// there is not taken over by whoever answers for another department.
pub fn check_publisher(code: &ItemCode, new: Option<&Item>, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    if may_publish(&ctx.account, code, new, ctx.time, state)? { Ok(()) } else { Err(Error::OutsideOffice.into()) } // I7
}

/// Whether this account answers for the department that leads the item as it is, and for the one that is to lead it.
pub fn may_publish(
    account: &AccountId,
    code: &ItemCode,
    new: Option<&Item>,
    at: Time,
    state: &State,
) -> Result<bool, Missing> {
    for department in leaders(code, new, state)? {
        if !answers_for(&department, account, at, state)? {
            return Ok(false); // I7
        }
    }
    match state::leaderless(state, code)? {
        Some(importer) => Ok(importer == *account || keeps_the_catalogue(account, state)?), // I7
        None => Ok(true),
    }
}

/// Whether a department that leads the item, or is to lead it, wants four eyes; where it was merged, the one in its place (I8).
pub fn wants_two(code: &ItemCode, new: Option<&Item>, state: &State) -> Result<bool, Missing> {
    for department in leaders(code, new, state)? {
        let department = cases::answering(&department, state)?.unwrap_or(department);
        if orgs::department(state, &department)?.is_some_and(|found| found.four_eyes) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The department that is to lead an item and the one that leads it, where that is another one.
fn leaders(code: &ItemCode, new: Option<&Item>, state: &State) -> Result<Vec<DepartmentCode>, Missing> {
    let named = new.and_then(|item| item.department.code.parse::<DepartmentCode>().ok());
    let known = state::leading(state, code)?.filter(|known| Some(*known) != named);
    Ok(named.into_iter().chain(known).collect())
}

/// Whether a publisher answers for a department's items. A person does where he is in office: in that department, the one that answers for
/// it now, or one above. An organisation has no office: bound to a department's credit code it is that department.
fn answers_for(department: &DepartmentCode, account: &AccountId, at: Time, state: &State) -> Result<bool, Missing> {
    let department = cases::answering(department, state)?.unwrap_or(*department);
    match kind(account, state)? {
        Some(AccountKind::Person | AccountKind::System) => {
            for (code, found) in orgs::line(state, &department)? {
                let appointment = orgs::officer(state, &code, account)?;
                if found.is_active() && appointment.is_some_and(|found| found.is_in_office(at)) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Some(AccountKind::Organisation) => match identity::company_code(state, account)? {
            Some(own) => orgs::is_within(state, &department, &own),
            None => Ok(true), // the office that keeps the catalogue of the whole network
        },
        None => Ok(false),
    }
}

/// Whether an account is the office that keeps the catalogue of the whole network (目录主管部门): an organisation that is bound to no department's code.
fn keeps_the_catalogue(account: &AccountId, state: &State) -> Result<bool, Missing> {
    let is_organisation = kind(account, state)? == Some(AccountKind::Organisation);
    Ok(is_organisation && identity::company_code(state, account)?.is_none())
}

/// Whether an account is a person's.
pub fn is_person(account: &AccountId, state: &State) -> Result<bool, Missing> {
    Ok(kind(account, state)? == Some(AccountKind::Person))
}

fn kind(account: &AccountId, state: &State) -> Result<Option<AccountKind>, Missing> {
    Ok(identity::account(state, account)?.map(|account| account.kind))
}
