//! Who may call what.

use super::CallKind;
use tongban_kernel::{Access, Role};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::PublishCalendar => Access::Role(Role::Administrator),
    }
}
