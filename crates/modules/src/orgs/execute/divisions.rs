//! Divisions: what becomes of them, who is there for them, and which department sets a division's rules.

use super::active;
use crate::departments::Department;
use crate::divisions::{DivisionAmendment, DivisionChange, DivisionKind, DivisionValidity, check_place, division_at};
use crate::offices::DepartmentCode;
use crate::orgs::error::Error;
use crate::orgs::msg::Event;
use crate::orgs::state::{self, DIVISIONS, Named, RESPONSIBILITIES};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::Time;
use tongban_types::codes::{DivisionCode, LongDivisionCode};

/// Refuses a division for which nobody can be there now.
pub(super) fn check_division(division: &LongDivisionCode, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    Ok(check_place(state::division(state, &division.division(), ctx.time)?.as_ref())?) // I15
}

/// Tells what becomes of a division.
pub fn amend_division(
    division: DivisionCode,
    amendment: DivisionAmendment,
    from: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut history = state::division_history(state, &division)?;
    let found = division_at(division, &history.changes, from);
    if found.as_ref().is_some_and(|found| found.kind == DivisionKind::Heading) {
        return Err(Error::DivisionHeading.into());
    }
    match &amendment {
        DivisionAmendment::Add { .. } => {
            if found.is_some_and(|found| found.validity == DivisionValidity::Valid) {
                return Err(Error::DivisionExists.into());
            }
            check_above(&division, from, state)?;
        }
        DivisionAmendment::Rename { name } => {
            check_place(found.as_ref())?;
            if found.is_some_and(|found| found.name == *name) {
                return Err(Error::Unchanged.into());
            }
        }
        DivisionAmendment::Abolish { successor } => {
            check_place(found.as_ref())?;
            if let Some(successor) = successor {
                let next = state::division(state, successor, from)?;
                if !next.is_some_and(|next| next.is_place()) {
                    return Err(Error::DivisionSuccessorUnknown.into());
                }
            }
        }
    }
    if history.changes.last().is_some_and(|last| from < last.from) {
        return Err(Error::DivisionOrder.into()); // I16
    }
    let change =
        DivisionChange { amendment: amendment.clone(), from, by: ctx.account, at: ctx.time, receipt: ctx.receipt };
    history.changes.push(change).map_err(|_| Error::TooManyDivisionChanges)?; // I16
    DIVISIONS.put(state, &division, &history);
    Ok(Event::DivisionAmended { division, amendment, from, by: ctx.account })
}

/// The division above is there at that time, a heading or a place.
fn check_above(division: &DivisionCode, from: Time, state: &State) -> Result<(), Stop> {
    let Some(above) = division.parent() else { return Ok(()) };
    match state::division(state, &above, from)? {
        Some(above) if above.validity == DivisionValidity::Valid => Ok(()),
        _ => Err(Error::DivisionAboveUnknown.into()),
    }
}

/// Names the department that sets the rules of its division.
pub fn name_responsible(code: DepartmentCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let department = active(&code, state)?;
    let division = department.division;
    let mut responsibility = state::responsibility(state, &division)?.unwrap_or_default();
    if responsibility.named.is_some_and(|named| named.department == code) {
        return Err(Error::Unchanged.into());
    }
    if !is_uppermost(&department, state)? {
        return Err(Error::NotUppermost.into()); // I17
    }
    responsibility.named = Some(Named { department: code, by: ctx.account, at: ctx.time, receipt: ctx.receipt });
    RESPONSIBILITIES.put(state, &division, &responsibility);
    Ok(Event::ResponsibleNamed { division, department: code, by: ctx.account })
}

/// Whether no department above is there for the same division. One above is there for a greater one, or for the same (I2).
fn is_uppermost(department: &Department, state: &State) -> Result<bool, Stop> {
    let above = match &department.parent {
        Some(parent) => state::department(state, parent)?,
        None => None,
    };
    Ok(above.is_none_or(|above| above.division != department.division))
}

/// Counts a department that is the uppermost one of its division, when it is registered and when it is closed. One that is closed is responsible
/// no longer.
pub(super) fn recount(
    code: &DepartmentCode,
    old: Option<&Department>,
    new: &Department,
    state: &mut State,
) -> Result<(), Stop> {
    let (was_open, is_open) = (old.is_some_and(|old| !old.is_closed()), !new.is_closed());
    if was_open == is_open || !is_uppermost(new, state)? {
        return Ok(());
    }
    let mut responsibility = state::responsibility(state, &new.division)?.unwrap_or_default();
    if is_open {
        responsibility.departments += 1; // I17
    } else {
        responsibility.departments -= 1; // I17: it has counted this one
        responsibility.named = responsibility.named.filter(|named| named.department != *code);
    }
    RESPONSIBILITIES.put(state, &new.division, &responsibility);
    Ok(())
}
