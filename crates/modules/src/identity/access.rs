//! Who may call what.

use super::CallKind;
use tongban_kernel::{Access, Role};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::AddKey | CallKind::RevokeKey => Access::AnyAccount, // of its own keys alone
        CallKind::OpenAccount => Access::Role(Role::Registrar),
        CallKind::GrantRole | CallKind::WithdrawRole | CallKind::Suspend | CallKind::Resume => {
            Access::Role(Role::Administrator)
        }
    }
}
