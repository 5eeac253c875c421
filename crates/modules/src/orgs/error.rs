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
    /// A text holds the number of a citizen.
    #[error("a text holds the number of a citizen, which does not belong on the ledger")]
    CitizenNumber,
    /// A post stands twice.
    #[error("each post stands once")]
    PostTwice,
    /// Deputy and officer are one.
    #[error("an officer does not stand in for himself")]
    DeputyOfHimself,
    /// The role is one of the whole network.
    #[error("this role is held in the whole network: the network's administrator grants it to the account")]
    NetworkRole,
    /// A division is to be its own successor.
    #[error("a division does not take its own place")]
    DivisionSucceedsItself,
    /// No department has this credit code.
    #[error("no department has this credit code")]
    NotFound,
    /// The credit code is registered.
    #[error("a department with this credit code is registered")]
    Exists,
    /// The department stands below another.
    #[error("the department stands below another one, whose administrators do this")]
    NotRoot,
    /// The department is closed.
    #[error("the department is closed")]
    Closed,
    /// The department is suspended.
    #[error("the department is suspended, it has to be resumed first")]
    Suspended,
    /// The department is not suspended.
    #[error("the department is not suspended")]
    NotSuspended,
    /// Departments below it are open.
    #[error("the departments below are closed first")]
    HasSubordinates,
    /// The department takes its own place.
    #[error("a department is not merged into itself")]
    MergedIntoItself,
    /// Nothing would change.
    #[error("the department is so already")]
    Unchanged,
    /// 32 names.
    #[error("a department has at most 32 names in its life")]
    TooManyNames,
    /// Below the lowest level.
    #[error("a department stands at most 8 deep")]
    TooDeep,
    /// The division does not lie in that of the department above.
    #[error("the division must lie in that of the department above")]
    OtherDivision,
    /// No division has this code now.
    #[error("no division has this code in the network's table, or not yet")]
    DivisionUnknown,
    /// The code is a heading in tables of divisions.
    #[error("this code is a heading in the table of divisions, such as 市辖区, and no place")]
    DivisionHeading,
    /// The division was abolished.
    #[error("the division was abolished, ask for it to see what took its place")]
    DivisionAbolished,
    /// The division is there.
    #[error("the division is there already")]
    DivisionExists,
    /// The division above is not there.
    #[error("the division above this one is not in the network's table at that time")]
    DivisionAboveUnknown,
    /// What takes the place of an abolished division is no division.
    #[error("what takes a division's place is a division that is there at that time")]
    DivisionSuccessorUnknown,
    /// A change of a division from an earlier day than its last one.
    #[error("changes of a division are told in the order of the days from which they count")]
    DivisionOrder,
    /// 32 changes of a division.
    #[error("a division has at most 32 changes")]
    TooManyDivisionChanges,
    /// A department above it is there for the same division.
    #[error("a department above this one is there for the same division")]
    NotUppermost,
    /// The host is no member of the network.
    #[error("no validator of the network is run by a department of this name")]
    HostUnknown,
    /// 32 closings, one after the other, lead to the department.
    #[error("at most 32 departments, one closed into the next, lead to a department")]
    TooManySuccessions,
    /// No proposal of the department has this number.
    #[error("no proposal of this department has this number")]
    ProposalUnknown,
    /// The proposal was approved or rejected.
    #[error("the proposal is settled")]
    ProposalSettled,
    /// The departments stand in one tree.
    #[error("both departments stand in one tree, where an administrator above both transfers")]
    SameTree,
    /// The departments stand in two trees.
    #[error("the departments stand in two trees: the one side offers the officer, the other accepts")]
    OtherTree,
    /// The officer was not offered to that department.
    #[error("this officer was not offered to this department")]
    OfferUnknown,
    /// The offer was accepted, declined or withdrawn.
    #[error("the offer is settled")]
    OfferSettled,
    /// The offer's time is over, or the appointment that it was about has ended.
    #[error("the offer has lapsed, the officer has to be offered anew")]
    OfferLapsed,
    /// Who prepared it wants to approve it.
    #[error("who prepares does not approve, another administrator must")]
    PreparedByOneself,
    /// The call is about the account that makes it.
    #[error("nobody does this for himself, another administrator must")]
    Oneself,
    /// The department has administrators of its own.
    #[error("the department has administrators of its own, who appoint others")]
    HasAdministrators,
    /// The account does not exist.
    #[error("the account does not exist")]
    AccountUnknown,
    /// The account is an organisation's.
    #[error("an officer acts with an account of his own, not with that of an organisation")]
    NotPerson,
    /// The account is an officer of the department.
    #[error("the account is an officer of this department, dismiss or transfer him first")]
    InOffice,
    /// The account is no officer of the department.
    #[error("the account is no officer of this department")]
    NotInOffice,
    /// The acting account administers neither the department nor one above it.
    #[error("the administrator is not there for this department")]
    BeyondScope,
    /// Who prepared it is no administrator any more, or may not act.
    #[error("who prepared this is no administrator any more or may not act, it has to be prepared anew")]
    PreparerLapsed,
    /// Two administrators are needed.
    #[error("this department wants four eyes for this: one administrator proposes, another approves")]
    FourEyes,
    /// The account is suspended, frozen or has ended.
    #[error("the account is suspended, frozen or has ended: whoever holds an office can act")]
    AccountNotActive,
    /// The account is a system's and the role decides.
    #[error("a system holds no role that decides, and is nobody's deputy")]
    SystemDecides,
    /// The department wants bound officers, and the account is bound to nobody, or not surely enough.
    #[error(
        "this department wants bound officers: an identity authority binds the account to the person first, at level L2 or above"
    )]
    NotBound,
    /// The officer does not hold the post.
    #[error("the officer does not hold this post")]
    PostNotHeld,
    /// The term is empty.
    #[error("a term ends after it begins")]
    TermEmpty,
    /// The term begins in the past.
    #[error("a right is given from now on or later, not backwards")]
    TermBackwards,
    /// The term ends after the administrator's own.
    #[error("nobody gives a right for longer than his own term")]
    BeyondTerm,
    /// More than 30 days.
    #[error("an officer is offered for at most 30 days")]
    OfferTooLong,
    /// The officer is offered to a department.
    #[error("the officer is offered to a department, withdraw that offer first")]
    OfferOpen,
    /// More than 180 days.
    #[error("a deputy is named for at most 180 days, a right for longer is granted")]
    AbsenceTooLong,
    /// The officer holds the role at that time.
    #[error("the officer holds this role for a part of this term")]
    GrantHeld,
    /// The deputy stands in for that officer at that time.
    #[error("the deputy stands in for this officer for a part of this term")]
    DeputyNamed,
    /// The officer does not hold the role.
    #[error("the officer does not hold this role so")]
    RoleNotHeld,
    /// The account does not stand in for the officer.
    #[error("the account is not this officer's deputy")]
    NotDeputy,
    /// 64 grants are not over.
    #[error("an officer has at most 64 rights")]
    TooManyGrants,
    /// 16 deputyships are not over.
    #[error("an officer stands in for at most 16 others")]
    TooManyDeputyships,
    /// 16 administrators.
    #[error("a department has at most 16 administrators")]
    TooManyAdministrators,
}

impl ModuleError for Error {
    const MODULE: &'static str = "orgs";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::TextMissing
            | Self::CitizenNumber
            | Self::PostTwice
            | Self::NetworkRole
            | Self::DeputyOfHimself
            | Self::MergedIntoItself
            | Self::TermEmpty
            | Self::TermBackwards
            | Self::DivisionSucceedsItself
            | Self::OfferTooLong
            | Self::AbsenceTooLong => ErrorKind::Invalid,
            Self::NotFound
            | Self::DivisionUnknown
            | Self::DivisionAboveUnknown
            | Self::DivisionSuccessorUnknown
            | Self::HostUnknown
            | Self::ProposalUnknown
            | Self::OfferUnknown
            | Self::AccountUnknown => ErrorKind::NotFound,
            Self::PreparedByOneself | Self::Oneself | Self::BeyondScope | Self::FourEyes | Self::BeyondTerm => {
                ErrorKind::Denied
            }
            Self::Exists
            | Self::NotRoot
            | Self::Closed
            | Self::Suspended
            | Self::NotSuspended
            | Self::HasSubordinates
            | Self::Unchanged
            | Self::TooManyNames
            | Self::TooDeep
            | Self::OtherDivision
            | Self::DivisionHeading
            | Self::DivisionAbolished
            | Self::DivisionExists
            | Self::DivisionOrder
            | Self::TooManyDivisionChanges
            | Self::NotUppermost
            | Self::TooManySuccessions
            | Self::ProposalSettled
            | Self::SameTree
            | Self::OtherTree
            | Self::OfferSettled
            | Self::OfferLapsed
            | Self::OfferOpen
            | Self::HasAdministrators
            | Self::NotPerson
            | Self::InOffice
            | Self::NotInOffice
            | Self::PreparerLapsed
            | Self::AccountNotActive
            | Self::SystemDecides
            | Self::NotBound
            | Self::PostNotHeld
            | Self::GrantHeld
            | Self::DeputyNamed
            | Self::RoleNotHeld
            | Self::NotDeputy
            | Self::TooManyGrants
            | Self::TooManyDeputyships
            | Self::TooManyAdministrators => ErrorKind::Conflict,
        }
    }
}
