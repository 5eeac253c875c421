//! One function for each question.

use super::msg::View;
use super::state;
use crate::offices::{DepartmentCode, Post};
use tongban_kernel::{Role, Scope, State, Stop};
use tongban_types::{AccountId, Time};

/// One department.
pub fn department(code: &DepartmentCode, state: &State) -> Result<View, Stop> {
    Ok(View::Department { department: state::department(state, code)?.map(Box::new) })
}

/// An appointment.
pub fn officer(department: &DepartmentCode, account: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Officer { appointment: state::officer(state, department, account)?.map(Box::new) })
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
