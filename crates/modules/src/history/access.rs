//! Who may call what, and what it costs.

use super::CallKind;
use super::msg::Call;
use tongban_kernel::{Access, Role, Scope};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::ImportCase | CallKind::ImportSteps => Access::Office(Role::Importer),
    }
}

/// The department whose past it is (I5).
pub fn scope(call: &Call) -> Scope {
    match call {
        Call::ImportCase { key, .. } | Call::ImportSteps { key, .. } => {
            Scope { department: key.department, post: None }
        }
    }
}

/// A call brings up to 40 steps.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::ImportCase | CallKind::ImportSteps => 2,
    }
}
