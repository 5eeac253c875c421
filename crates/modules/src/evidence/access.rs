//! Who may call what.

use super::CallKind;
use tongban_kernel::{Access, Role};

/// What a call of this kind asks of its account. That a withdrawal is the depositor's own is checked on the record (I3).
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::Register | CallKind::RegisterBatch | CallKind::Withdraw => Access::Role(Role::Depositor),
        CallKind::Witness => Access::Role(Role::Witness),
    }
}
