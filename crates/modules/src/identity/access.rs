//! Who may call what, and what it costs the network.

use super::state::RECOVERIES;
use super::{Call, CallKind};
use tongban_kernel::{Access, Role, Scope, State, Stop};

/// What a call of this kind asks of its account.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::AddKey
        | CallKind::RevokeKey
        | CallKind::RotateKey
        | CallKind::AddSealingKey
        | CallKind::RevokeSealingKey => Access::AnyAccount, // of its own keys alone
        CallKind::ObjectToRecovery | CallKind::ObjectToJoining | CallKind::FreezeOwn => Access::AnyAccount, // of its own account alone
        CallKind::CompleteRecovery => Access::AnyAccount, // the time decides, not who asks
        CallKind::OpenAccount => Access::Role(Role::Registrar),
        CallKind::GrantRole
        | CallKind::WithdrawRole
        | CallKind::Suspend
        | CallKind::Resume
        | CallKind::SetPolicy
        | CallKind::SetFirstDocuments
        | CallKind::AuthoriseDepartment
        | CallKind::WithdrawAuthority => Access::Role(Role::Administrator),
        CallKind::BindPerson
        | CallKind::AddDocument
        | CallKind::ChangeLevel
        | CallKind::BindCompany
        | CallKind::OpenRecovery
        | CallKind::RecordNotice
        | CallKind::StopRecovery
        | CallKind::RecordDeath
        | CallKind::RecordDissolution
        | CallKind::RecordMerger
        | CallKind::RecordDuplicate
        | CallKind::CorrectBinding
        | CallKind::Freeze => Access::Office(Role::IdentityOfficer),
        CallKind::ApproveRecovery
        | CallKind::RejectRecovery
        | CallKind::AnnulEnding
        | CallKind::RecordAppearance
        | CallKind::DecideObjection
        | CallKind::ConfirmProposal
        | CallKind::RejectProposal => Access::Office(Role::RecoveryApprover),
    }
}

/// The department whose officer makes the call: the one that it names, or that of the recovery.
pub fn scope(call: &Call, state: &State) -> Result<Option<Scope>, Stop> {
    let department = match call {
        Call::BindPerson { department, .. }
        | Call::AddDocument { department, .. }
        | Call::ChangeLevel { department, .. }
        | Call::BindCompany { department, .. }
        | Call::OpenRecovery { department, .. }
        | Call::ApproveRecovery { department, .. }
        | Call::RejectRecovery { department, .. }
        | Call::StopRecovery { department, .. }
        | Call::RecordDeath { department, .. }
        | Call::RecordDissolution { department, .. }
        | Call::RecordMerger { department, .. }
        | Call::RecordDuplicate { department, .. }
        | Call::RecordAppearance { department, .. }
        | Call::DecideObjection { department, .. }
        | Call::AnnulEnding { department, .. }
        | Call::CorrectBinding { department, .. }
        | Call::ConfirmProposal { department, .. }
        | Call::RejectProposal { department, .. }
        | Call::Freeze { department, .. } => Some(*department),
        Call::RecordNotice { recovery, .. } => {
            RECOVERIES.get(state, recovery)?.map(|recovery| recovery.opening.department)
        }
        _ => None,
    };
    Ok(department.map(|department| Scope { department, post: None }))
}

/// What executing a call of this kind costs: the possession of a new key is a signature to check.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::OpenAccount | CallKind::AddKey | CallKind::RotateKey | CallKind::OpenRecovery => 20,
        CallKind::RevokeKey
        | CallKind::AddSealingKey
        | CallKind::RevokeSealingKey
        | CallKind::GrantRole
        | CallKind::WithdrawRole
        | CallKind::Suspend
        | CallKind::Resume
        | CallKind::SetPolicy
        | CallKind::AuthoriseDepartment
        | CallKind::WithdrawAuthority
        | CallKind::BindPerson
        | CallKind::AddDocument
        | CallKind::ChangeLevel
        | CallKind::BindCompany
        | CallKind::RecordNotice
        | CallKind::ApproveRecovery
        | CallKind::RejectRecovery
        | CallKind::ObjectToRecovery
        | CallKind::StopRecovery
        | CallKind::RecordDeath
        | CallKind::RecordDissolution
        | CallKind::RecordMerger
        | CallKind::AnnulEnding
        | CallKind::CompleteRecovery
        | CallKind::CorrectBinding
        | CallKind::ConfirmProposal
        | CallKind::RejectProposal
        | CallKind::Freeze
        | CallKind::FreezeOwn
        | CallKind::RecordAppearance
        | CallKind::DecideObjection
        | CallKind::SetFirstDocuments
        | CallKind::RecordDuplicate
        | CallKind::ObjectToJoining => 1,
    }
}
