//! Who may call what, and about which department a call is.

use super::state;
use super::{Call, CallKind};
use tongban_kernel::{Access, Ctx, Role, Scope, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;

/// What a call of this kind asks of its account. That an administrator keeps to his term is checked on his grant (I4).
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::RegisterDepartment
        | CallKind::NameAdministrator
        | CallKind::ChangeRoot
        | CallKind::AmendDivision
        | CallKind::NameResponsible => Access::Role(Role::Administrator),
        CallKind::RegisterSubordinate
        | CallKind::ChangeDepartment
        | CallKind::Appoint
        | CallKind::Grant
        | CallKind::WithdrawGrant
        | CallKind::Dismiss
        | CallKind::Transfer
        | CallKind::NameDeputy
        | CallKind::EndDeputy
        | CallKind::Propose
        | CallKind::Approve
        | CallKind::Reject
        | CallKind::OfferTransfer
        | CallKind::WithdrawOffer
        | CallKind::AcceptTransfer
        | CallKind::DeclineTransfer => Access::Office(Role::DepartmentAdministrator),
    }
}

/// The department in which the acting account has to be an administrator: the one that the call is about, or one above it. A department is
/// changed from above; one that has none above it by the network's administrator, with another call.
pub fn scope(call: &Call, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    let about = match call {
        Call::RegisterDepartment { .. }
        | Call::NameAdministrator { .. }
        | Call::ChangeRoot { .. }
        | Call::AmendDivision { .. }
        | Call::NameResponsible { .. } => None,
        Call::RegisterSubordinate { parent, .. } => Some(*parent),
        Call::ChangeDepartment { department, .. } => {
            state::department(state, department)?.and_then(|department| department.parent)
        }
        Call::OfferTransfer { from, .. } | Call::WithdrawOffer { from, .. } => Some(*from), // I18
        Call::Transfer { to, .. } | Call::AcceptTransfer { to, .. } | Call::DeclineTransfer { to, .. } => Some(*to), // I18
        Call::Appoint { department, .. }
        | Call::Grant { department, .. }
        | Call::WithdrawGrant { department, .. }
        | Call::Dismiss { department, .. }
        | Call::NameDeputy { department, .. }
        | Call::EndDeputy { department, .. }
        | Call::Propose { department, .. }
        | Call::Approve { department, .. }
        | Call::Reject { department, .. } => Some(*department),
    };
    match about {
        Some(department) => administered(&department, ctx, state).map(Some),
        None => Ok(None),
    }
}

/// Where the acting account administers, at a department or above it; that department itself, where he does not.
fn administered(department: &UnifiedSocialCreditCode, ctx: &Ctx, state: &State) -> Result<Scope, Stop> {
    let mandate = state::mandate(state, &ctx.account, department, ctx.time)?;
    let department = mandate.map_or(*department, |mandate| mandate.department);
    Ok(Scope { department, post: None })
}
