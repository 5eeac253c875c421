//! Who may call what, and for which departments a publisher acts.

use super::state;
use super::{CallKind, Error, ItemCode};
use crate::identity::{self, AccountKind};
use crate::orgs::{self, DepartmentCode};
use crate::{cases, items::Item};
use tongban_kernel::{Access, Ctx, Missing, Role, State, Stop};

/// What a call of this kind asks of its account. For whose items a publisher answers is checked against where he is in office (I7).
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::Publish | CallKind::Suspend | CallKind::Resume | CallKind::Retire | CallKind::ImportItem => {
            Access::Role(Role::Publisher)
        }
    }
}

/// What executing a call of this kind costs: a whole item is checked.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::Publish => 20,
        CallKind::Suspend | CallKind::Resume | CallKind::Retire | CallKind::ImportItem => 1,
    }
}

/// Refuses a publisher who does not answer for the department that leads the item as it is, or as it is to be published (I7). An item that is
/// there is not taken over by whoever answers for another department.
pub fn check_publisher(code: &ItemCode, new: Option<&Item>, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let named = new.and_then(|item| item.department.code.parse::<DepartmentCode>().ok());
    let known = state::leading(state, code)?.filter(|known| Some(*known) != named);
    for department in named.into_iter().chain(known) {
        if !answers_for(&department, ctx, state)? {
            return Err(Error::OutsideOffice.into()); // I7
        }
    }
    Ok(())
}

/// Whether the acting publisher answers for a department's items. A person does where he is in office: in that department, the one that answers for
/// it now, or one above. An organisation has no office: bound to a department's credit code it is that department, and bound to none it is the
/// office that keeps the catalogue of the whole network (目录主管部门).
fn answers_for(department: &DepartmentCode, ctx: &Ctx, state: &State) -> Result<bool, Missing> {
    let department = cases::answering(department, state)?.unwrap_or(*department);
    match identity::account(state, &ctx.account)?.map(|account| account.kind) {
        Some(AccountKind::Person | AccountKind::System) => {
            for (code, found) in orgs::line(state, &department)? {
                let appointment = orgs::officer(state, &code, &ctx.account)?;
                if found.is_active() && appointment.is_some_and(|found| found.is_in_office(ctx.time)) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Some(AccountKind::Organisation) => match identity::company_code(state, &ctx.account)? {
            Some(own) => orgs::is_within(state, &department, &own),
            None => Ok(true),
        },
        None => Ok(false),
    }
}
