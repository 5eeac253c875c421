//! Who may call what.

use super::state;
use super::{Call, CallKind};
use tongban_kernel::{Access, Role, Scope, State, Stop};

/// What a call of this kind asks of its account. Whose data a person may decide about is checked against whom he may act for (I2).
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::GiveConsent | CallKind::WithdrawConsent | CallKind::OpenCorrection => Access::AnyAccount,
        CallKind::RecordAccess | CallKind::AnswerCorrection => Access::Office(Role::DataOfficer),
        CallKind::ChangeTerms => Access::Role(Role::Administrator),
    }
}

/// The department whose data officer acts: the provider, or the one that answers now for the keeper of the licence that is said to be wrong.
pub fn scope(call: &Call, state: &State) -> Result<Option<Scope>, Stop> {
    let department = match call {
        Call::RecordAccess { handout, .. } => Some(handout.provider),
        Call::AnswerCorrection { id, .. } => match state::correction(state, id)? {
            Some(correction) => Some(state::answering(state, &correction)?), // I7
            None => None,
        },
        Call::GiveConsent { .. }
        | Call::WithdrawConsent { .. }
        | Call::OpenCorrection { .. }
        | Call::ChangeTerms { .. } => None,
    };
    Ok(department.map(|department| Scope { department, post: None }))
}

/// What executing a call of this kind costs: a consent is measured against a whole item.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::GiveConsent => 10,
        CallKind::WithdrawConsent
        | CallKind::RecordAccess
        | CallKind::OpenCorrection
        | CallKind::AnswerCorrection
        | CallKind::ChangeTerms => 1,
    }
}
