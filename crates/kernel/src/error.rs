//! How execution ends when it does not end in an event.

use crate::state::Missing;
use serde::Serialize;
use strum::IntoEnumIterator;
use tongban_types::receipt::Code;

/// Who must act for a refused request to succeed. The API maps it to a status in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ErrorKind {
    /// The request is wrong in itself; its author must change it.
    Invalid,
    /// What it names does not exist.
    NotFound,
    /// It does not fit the present state; look again.
    Conflict,
    /// The account may not do this; an administrator would have to allow it.
    Denied,
    /// Nothing is wrong with it; try again later.
    Unavailable,
}

/// The errors of one module: an enumeration without fields, in order of precedence, whose variant names in snake case
/// are the stable codes. [`std::fmt::Display`] explains each in a sentence.
pub trait ModuleError: IntoEnumIterator + Into<&'static str> + std::error::Error + Clone + Copy {
    /// The module's name, the first half of the code.
    const MODULE: &'static str;

    /// Who must act.
    fn kind(&self) -> ErrorKind;

    /// The stable code, such as `evidence.not_found`.
    fn code(&self) -> Code {
        let name: &'static str = (*self).into();
        Code::new(format!("{}.{name}", Self::MODULE)).expect("module and error names are short identifiers")
    }
}

/// Refusals of a transaction as a whole, before or around its calls, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum TxError {
    /// No such account.
    #[error("the account does not exist")]
    UnknownAccount,
    /// The account exists and never had this key.
    #[error("the key does not belong to the account")]
    UnknownKey,
    /// The key was valid once.
    #[error("the key was revoked")]
    KeyRevoked,
    /// The person died, or the organisation was dissolved or merged.
    #[error("the account has ended")]
    AccountEnded,
    /// The account may not act for now.
    #[error("the account is suspended")]
    AccountSuspended,
    /// The account was reported lost, and does nothing meanwhile but object to its recovery.
    #[error("the account is frozen after a report of loss, and can only object to its recovery")]
    AccountFrozen,
    /// There is nothing to do.
    #[error("a transaction needs at least one call")]
    NoCalls,
    /// A call is no canonical encoding of a call of any module.
    #[error("a call cannot be decoded")]
    MalformedCall,
    /// The account does not hold the role that a call needs.
    #[error("the account does not hold the role that this call needs")]
    Denied,
    /// The calls would break an invariant of the state: a defect of the program, which has changed nothing.
    #[error("the transaction would break an invariant, please report this defect")]
    InvariantBroken,
}

impl ModuleError for TxError {
    const MODULE: &'static str = "tx";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownAccount | Self::UnknownKey => ErrorKind::NotFound,
            Self::KeyRevoked | Self::AccountEnded | Self::AccountSuspended | Self::AccountFrozen | Self::Denied => {
                ErrorKind::Denied
            }
            Self::NoCalls | Self::MalformedCall => ErrorKind::Invalid,
            Self::InvariantBroken => ErrorKind::Unavailable,
        }
    }
}

/// Why a call stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A record is not in memory: load it and run the call again. Never part of a receipt.
    Missing(Missing),
    /// The rules refuse the call; the code goes on the receipt.
    Refused(Code),
}

impl<E: ModuleError> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Refused(error.code())
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

/// An invariant that a record breaks: its number and words from the module's list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}: {invariant}")]
pub struct Broken {
    /// The table of the record.
    pub table: &'static str,
    /// The invariant, such as "I3 a withdrawn record stays withdrawn".
    pub invariant: &'static str,
}
