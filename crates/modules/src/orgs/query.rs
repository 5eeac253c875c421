//! One function for each question.

use super::msg::{LineEntry, View};
use super::state;
use crate::departments::Department;
use crate::divisions::division_at;
use crate::offices::{DepartmentCode, Post};
use tongban_kernel::{Role, Scope, State, Stop};
use tongban_types::codes::LongDivisionCode;
use tongban_types::{AccountId, List, Time};

/// One department.
pub fn department(code: &DepartmentCode, state: &State) -> Result<View, Stop> {
    Ok(View::Department { department: state::department(state, code)?.map(Box::new) })
}

/// An appointment.
pub fn officer(department: &DepartmentCode, account: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Officer { appointment: state::officer(state, department, account)?.map(Box::new) })
}

/// An appointment that came before.
pub fn past_appointment(
    department: &DepartmentCode,
    account: &AccountId,
    number: u32,
    state: &State,
) -> Result<View, Stop> {
    let appointment = state::past_appointment(state, department, account, number)?;
    Ok(View::PastAppointment { appointment: appointment.map(Box::new) })
}

/// A department and those above it.
pub fn line(code: &DepartmentCode, state: &State) -> Result<View, Stop> {
    let entry = |(department, found): (DepartmentCode, Department)| LineEntry {
        department,
        name: found.name().full.clone(),
        level: found.level(),
        is_active: found.is_active(),
    };
    let line = state::line(state, code)?.into_iter().map(entry).collect();
    Ok(View::Line { line: List::new(line).expect("a line is as long as departments are deep (I2)") })
}

/// What was prepared for approval.
pub fn proposal(department: &DepartmentCode, number: u32, state: &State) -> Result<View, Stop> {
    Ok(View::Proposal { proposal: state::proposal(state, department, number)?.map(Box::new) })
}

/// Whether an account holds a role in a department.
pub fn standing(
    department: DepartmentCode,
    account: &AccountId,
    role: Role,
    post: Option<Post>,
    at: Time,
    state: &State,
) -> Result<View, Stop> {
    Ok(View::Standing { standing: state::standing(state, account, role, &Scope { department, post }, at)? })
}

/// The last offer of an officer to another tree.
pub fn offer(department: &DepartmentCode, account: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Offer { offer: state::offer(state, department, account)?.map(Box::new) })
}

/// A division at a moment.
pub fn division(division: &LongDivisionCode, at: Time, state: &State) -> Result<View, Stop> {
    let code = division.division();
    let changes = state::division_history(state, &code)?.changes;
    Ok(View::Division { division: division_at(code, &changes, at), changes })
}

/// Who sets the rules of a division.
pub fn responsibility(division: &LongDivisionCode, state: &State) -> Result<View, Stop> {
    Ok(View::Responsibility { responsibility: state::responsibility(state, division)? })
}
