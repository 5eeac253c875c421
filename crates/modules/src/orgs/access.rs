//! Who may call what, and about which department a call is.

use super::state;
use super::{Call, CallKind};
use tongban_kernel::{Access, Ctx, Role, Scope, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::RegisterDepartment | CallKind::NameAdministrator => Access::Role(Role::Administrator),
        CallKind::RegisterSubordinate | CallKind::Appoint | CallKind::Grant => {
            Access::Office(Role::DepartmentAdministrator)
        }
    }
}

/// The department in which the acting account has to be an administrator: the one that the call is about, or one above it.
pub fn scope(call: &Call, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    match call {
        Call::RegisterDepartment { .. } | Call::NameAdministrator { .. } => Ok(None),
        Call::RegisterSubordinate { parent, .. } => administered(parent, ctx, state).map(Some),
        Call::Appoint { department, .. } | Call::Grant { department, .. } => {
            administered(department, ctx, state).map(Some)
        }
    }
}

/// Where the acting account administers, at a department or above it; that department itself, where he does not.
fn administered(department: &UnifiedSocialCreditCode, ctx: &Ctx, state: &State) -> Result<Scope, Stop> {
    let mandate = state::mandate(state, &ctx.account, department, ctx.time)?;
    let department = mandate.map_or(*department, |mandate| mandate.department);
    Ok(Scope { department, post: None })
}
