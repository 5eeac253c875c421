//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// Items or acts are listed, and the list is empty.
    #[error("a mandate names at least one item and one act, or all of them")]
    ScopeEmpty,
    /// A person, item or act is listed twice.
    #[error("a list names each entry once, in ascending order")]
    ListUnordered,
    /// Somebody would act for himself in another capacity.
    #[error("nobody is his own guardian or agent")]
    OwnAgent,
    /// No such agency.
    #[error("the agency does not exist")]
    AgencyNotFound,
    /// The call is about the account that makes it.
    #[error("this has to be done by another account")]
    Oneself,
    /// The department may not do this.
    #[error("the department is not authorised to establish identities")]
    DepartmentNotAuthorised,
    /// An account does not exist.
    #[error("the account does not exist")]
    NotFound,
    /// An account has ended or is suspended.
    #[error("the account has ended or is suspended")]
    NotActive,
    /// The account has not ended with a death.
    #[error("the account has not ended with the death of its holder")]
    NotDeceased,
    /// An account is not bound.
    #[error("the account is not bound to anybody yet")]
    NotBound,
    /// The account is no person's.
    #[error("the account is not a person's")]
    NotAPerson,
    /// The account is no organisation's.
    #[error("the account is not an organisation's")]
    NotAnOrganisation,
    /// Whoever calls does not stand for the principal, by himself or by law.
    #[error("the account stands for this principal neither itself nor by law")]
    NotEntitled,
    /// The agency is somebody else's.
    #[error("the agency is another account's")]
    NotAgent,
    /// A term is over before it begins, or was over before.
    #[error("a term ends after it begins, and later than now")]
    TermOver,
    /// He is the person's guardian.
    #[error("the account is the person's guardian already")]
    GuardianHeld,
    /// He is not the person's guardian.
    #[error("the account is not the person's guardian")]
    GuardianNotHeld,
    /// 8 guardians are recorded.
    #[error("a person has at most 8 guardians at a time")]
    TooManyGuardians,
    /// He administers the estate.
    #[error("the account administers the estate already")]
    AdministratorHeld,
    /// He does not administer the estate.
    #[error("the account does not administer the estate")]
    AdministratorNotHeld,
    /// 8 administrators are recorded.
    #[error("an estate has at most 8 administrators at a time")]
    TooManyAdministrators,
    /// The transaction has named an agent before.
    #[error("a transaction names at most one agent, send another")]
    NumberTaken,
    /// 16 agencies are in force between the two.
    #[error("at most 16 agencies are in force between a principal and an agent")]
    TooManyAgencies,
    /// The agency has ended.
    #[error("the agency has ended")]
    AgencyOver,
}

impl ModuleError for Error {
    const MODULE: &'static str = "representation";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::ScopeEmpty | Self::ListUnordered | Self::OwnAgent | Self::TermOver => ErrorKind::Invalid,
            Self::Oneself | Self::DepartmentNotAuthorised | Self::NotEntitled | Self::NotAgent => ErrorKind::Denied,
            Self::AgencyNotFound | Self::NotFound => ErrorKind::NotFound,
            Self::NotActive
            | Self::NotBound
            | Self::NotAPerson
            | Self::NotAnOrganisation
            | Self::GuardianHeld
            | Self::GuardianNotHeld
            | Self::TooManyGuardians
            | Self::NotDeceased
            | Self::AdministratorHeld
            | Self::AdministratorNotHeld
            | Self::TooManyAdministrators
            | Self::NumberTaken
            | Self::TooManyAgencies
            | Self::AgencyOver => ErrorKind::Conflict,
        }
    }
}
