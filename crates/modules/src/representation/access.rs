//! Who may call what, and what it costs the network.

use super::{Call, CallKind};
use tongban_kernel::{Access, Role, Scope};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::NameRepresentatives
        | CallKind::AppointGuardian
        | CallKind::EndGuardianship
        | CallKind::AppointAdministrator
        | CallKind::EndAdministration => Access::Office(Role::IdentityOfficer),
        // For oneself, for whom one stands by law, or of one's own agency.
        CallKind::NameAgent | CallKind::RevokeAgency | CallKind::RenounceAgency => Access::AnyAccount,
    }
}

/// The department whose officer makes the call.
pub fn scope(call: &Call) -> Option<Scope> {
    match call {
        Call::NameRepresentatives { department, .. }
        | Call::AppointGuardian { department, .. }
        | Call::EndGuardianship { department, .. }
        | Call::AppointAdministrator { department, .. }
        | Call::EndAdministration { department, .. } => Some(Scope { department: *department, post: None }),
        Call::NameAgent { .. } | Call::RevokeAgency { .. } | Call::RenounceAgency { .. } => None,
    }
}

/// What executing a call of this kind costs.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::NameRepresentatives
        | CallKind::AppointGuardian
        | CallKind::EndGuardianship
        | CallKind::NameAgent
        | CallKind::RevokeAgency
        | CallKind::RenounceAgency
        | CallKind::AppointAdministrator
        | CallKind::EndAdministration => 1,
    }
}
