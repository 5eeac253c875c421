//! Who may call what, and what it costs the network.

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

/// What executing a call of this kind costs: the possession of a new key is a signature to check.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::OpenAccount | CallKind::AddKey => 20,
        CallKind::RevokeKey | CallKind::GrantRole | CallKind::WithdrawRole | CallKind::Suspend | CallKind::Resume => 1,
    }
}
