//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// A person's account is given a name.
    #[error("the account of a person carries no name")]
    NameOfPerson,
    /// An organisation's or system's account is given none.
    #[error("the account of an organisation or system needs a name")]
    NameMissing,
    /// The role is held in a department.
    #[error("this role is held in a department: an administrator of the department grants it there")]
    DepartmentRole,
    /// The call is about the account that makes it.
    #[error("this has to be done by another account")]
    Oneself,
    /// 16 keys were registered.
    #[error("an account has at most 16 keys, revoked ones included")]
    TooManyKeys,
    /// The key is registered.
    #[error("the key is registered already, a key belongs to one account for ever")]
    KeyTaken,
    /// The signature was not made with the new key over the possession message.
    #[error("the possession of the key is not proven")]
    PossessionNotProven,
    /// No such account.
    #[error("the account does not exist")]
    NotFound,
    /// The account never had this key.
    #[error("the account does not have this key")]
    KeyUnknown,
    /// The key was revoked before.
    #[error("the key was revoked before")]
    KeyRevoked,
    /// It is the only valid key.
    #[error("an account keeps at least one valid key, add another first")]
    LastKey,
    /// The account holds the role.
    #[error("the account holds this role")]
    RoleHeld,
    /// The account does not hold the role.
    #[error("the account does not hold this role")]
    RoleNotHeld,
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The account is not suspended.
    #[error("the account is not suspended")]
    NotSuspended,
}

impl ModuleError for Error {
    const MODULE: &'static str = "identity";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NameOfPerson | Self::NameMissing | Self::DepartmentRole | Self::PossessionNotProven => {
                ErrorKind::Invalid
            }
            Self::Oneself => ErrorKind::Denied,
            Self::NotFound | Self::KeyUnknown => ErrorKind::NotFound,
            Self::KeyTaken
            | Self::KeyRevoked
            | Self::LastKey
            | Self::TooManyKeys
            | Self::RoleHeld
            | Self::RoleNotHeld
            | Self::Suspended
            | Self::NotSuspended => ErrorKind::Conflict,
        }
    }
}
