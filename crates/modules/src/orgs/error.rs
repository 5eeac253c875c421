//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// A name, office, post or reason is empty.
    #[error("names, offices, posts and reasons are not empty")]
    TextMissing,
    /// A post stands twice.
    #[error("each post stands once")]
    PostTwice,
    /// The role is one of the whole network.
    #[error("this role is held in the whole network: the network's administrator grants it to the account")]
    NetworkRole,
    /// The call is about the account that makes it.
    #[error("this has to be done by another administrator")]
    Oneself,
    /// No department has this credit code.
    #[error("no department has this credit code")]
    NotFound,
    /// The credit code is registered.
    #[error("a department with this credit code is registered")]
    Exists,
    /// The department does not act.
    #[error("the department is suspended or closed")]
    NotActive,
    /// The department stands below another.
    #[error("the department stands below another one, whose administrators appoint here")]
    NotRoot,
    /// The department has administrators of its own.
    #[error("the department has administrators of its own, they appoint others")]
    HasAdministrators,
    /// Below the lowest level.
    #[error("a department stands at most 8 deep")]
    TooDeep,
    /// The division does not lie in that of the department above.
    #[error("the division must lie in that of the department above")]
    OtherDivision,
    /// The account does not exist.
    #[error("the account does not exist")]
    AccountUnknown,
    /// The account is an organisation's.
    #[error("an officer acts with an account of his own, not with that of an organisation")]
    NotPerson,
    /// The account is a system's and the role decides.
    #[error("a system holds no role that decides")]
    SystemDecides,
    /// The account is an officer of the department.
    #[error("the account is an officer of this department, dismiss or transfer him first")]
    InOffice,
    /// The account is no officer of the department.
    #[error("the account is no officer of this department")]
    NotInOffice,
    /// The officer does not hold the post.
    #[error("the officer does not hold this post")]
    PostNotHeld,
    /// The term is empty.
    #[error("a term ends after it begins")]
    TermEmpty,
    /// The term begins in the past.
    #[error("a right is given from now on or later, not backwards")]
    TermBackwards,
    /// The acting account administers neither the department nor one above it.
    #[error("this is beyond the departments that the administrator is there for")]
    BeyondScope,
    /// The term ends after the administrator's own.
    #[error("nobody gives a right for longer than his own term")]
    BeyondTerm,
    /// The officer holds the role at that time.
    #[error("the officer holds this role for a part of this term")]
    GrantHeld,
    /// 64 grants are not over.
    #[error("an officer has at most 64 rights")]
    TooManyGrants,
    /// 16 administrators.
    #[error("a department has at most 16 administrators")]
    TooManyAdministrators,
}

impl ModuleError for Error {
    const MODULE: &'static str = "orgs";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::TextMissing | Self::PostTwice | Self::NetworkRole | Self::TermEmpty | Self::TermBackwards => {
                ErrorKind::Invalid
            }
            Self::Oneself | Self::BeyondScope | Self::BeyondTerm => ErrorKind::Denied,
            Self::NotFound | Self::AccountUnknown => ErrorKind::NotFound,
            Self::Exists
            | Self::NotActive
            | Self::NotRoot
            | Self::HasAdministrators
            | Self::TooDeep
            | Self::OtherDivision
            | Self::NotPerson
            | Self::SystemDecides
            | Self::InOffice
            | Self::NotInOffice
            | Self::PostNotHeld
            | Self::GrantHeld
            | Self::TooManyGrants
            | Self::TooManyAdministrators => ErrorKind::Conflict,
        }
    }
}
