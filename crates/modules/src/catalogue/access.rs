//! Who may call what.

use super::CallKind;
use tongban_kernel::{Access, Role};

/// What a call of this kind asks of its account. Which publisher answers for which department's items comes with departments.
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
