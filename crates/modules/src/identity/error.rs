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
    /// An officer gives no reason.
    #[error("a reason is needed")]
    ReasonMissing,
    /// A text holds the number of a citizen.
    #[error("a text holds the number of a citizen, which does not belong on the ledger")]
    CitizenNumber,
    /// An account would end in favour of itself.
    #[error("an organisation is merged into another one, and an account joined to another one")]
    IntoItself,
    /// The kinds of documents are listed twice or out of order, or none is.
    #[error("a list names at least one kind, each once, in ascending order")]
    KindsUnordered,
    /// The role is held in a department.
    #[error("this role is held in a department: an administrator of the department grants it there")]
    DepartmentRole,
    /// No such recovery.
    #[error("the recovery does not exist")]
    RecoveryNotFound,
    /// The call is about the account that makes it.
    #[error("this has to be done by another account")]
    Oneself,
    /// The department may not do this.
    #[error("the department is not authorised to establish identities")]
    DepartmentNotAuthorised,
    /// No department has this code, or it does not act.
    #[error("no active department has this credit code")]
    DepartmentUnknown,
    /// 16 keys were registered.
    #[error("an account has at most 16 valid keys of each purpose")]
    TooManyKeys,
    /// The bytes are no sealing key of the network's suite.
    #[error("a sealing key has 33 bytes in a network of the suite sm, 32 in one of intl")]
    SealingKeyMalformed,
    /// The key is registered.
    #[error("the key is registered already, a key belongs to one account and one purpose for ever")]
    KeyTaken,
    /// The signature was not made with the new key over the possession message.
    #[error("the possession of the key is not proven")]
    PossessionNotProven,
    /// No such account.
    #[error("the account does not exist")]
    NotFound,
    /// The account has ended: death, dissolution, merger.
    #[error("the account has ended")]
    Closed,
    /// The account has not ended.
    #[error("the account has not ended")]
    NotClosed,
    /// The account holds a role of the network.
    #[error("the account holds a role of the network, which the network's administrator withdraws first")]
    NetworkRoleHeld,
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
    /// The account is neither suspended nor frozen.
    #[error("the account is neither suspended nor frozen")]
    NotSuspended,
    /// The account is frozen.
    #[error("the account is frozen already")]
    Frozen,
    /// Officers have frozen the account before, and that has not ended long enough ago.
    #[error("officers freeze an account again only seven days after the end of a freeze")]
    FrozenLately,
    /// The department is authorised.
    #[error("the department is authorised already")]
    AuthorityHeld,
    /// The department is not authorised.
    #[error("the department is not authorised")]
    AuthorityNotHeld,
    /// The account is no person's.
    #[error("the account is not a person's")]
    NotAPerson,
    /// The account is no organisation's, or a company is bound to no code.
    #[error("the account is not an organisation's")]
    NotAnOrganisation,
    /// The account is bound.
    #[error("the account is bound already")]
    Bound,
    /// The account is not bound.
    #[error("the account is not bound to anybody yet")]
    NotBound,
    /// The document is none by which an account is bound in the first place.
    #[error(
        "an account is bound by a document with the citizen's number, a permit, or a passport of another state; this one is added afterwards"
    )]
    NoFirstDocument,
    /// The state that has issued a document is missing, or China, or the document is none of a foreign state.
    #[error(
        "a foreign passport, and nothing else, comes with the state that has issued it, in three letters, which is not China"
    )]
    IssuingState,
    /// The pseudonym belongs to an account: the person is registered.
    #[error("the person is registered already")]
    PseudonymTaken,
    /// The code belongs to an account: the company is registered.
    #[error("the organisation is registered already")]
    CodeTaken,
    /// 8 documents were recorded.
    #[error("at most 8 documents of a person are recorded")]
    TooManyDocuments,
    /// The account has no document at this place.
    #[error("no document of the person stands at this place")]
    DocumentUnknown,
    /// The person has one document.
    #[error("this is the only document: the binding is corrected as a whole")]
    LastDocument,
    /// The account has this level.
    #[error("the account has this level")]
    LevelUnchanged,
    /// Mergers of mergers lead to the organisation.
    #[error("at most 8 mergers, one after the other, lead to an account")]
    TooManyMergers,
    /// Something was recorded of the account and waits for a second officer.
    #[error("something recorded of this account waits for a second officer, who confirms or rejects it first")]
    ProposalOpen,
    /// Nothing that waits has this number.
    #[error("nothing of this number waits for a second officer at this account")]
    ProposalNotFound,
    /// A recovery of the account is open.
    #[error("a recovery of the account is open already")]
    RecoveryOpen,
    /// Whoever came is not whom the account is bound to.
    #[error("the account is bound to somebody else")]
    IdentityMismatch,
    /// Whoever came is not, or no longer, the guardian of the person.
    #[error("the person who came is not the guardian of whom the account is bound to")]
    NotGuardian,
    /// The transaction has opened a recovery before.
    #[error("a transaction opens at most one recovery, send another")]
    NumberTaken,
    /// The recovery is about another account.
    #[error("the recovery is not of this account")]
    NotHolder,
    /// The recovery has ended.
    #[error("the recovery has ended")]
    RecoveryClosed,
    /// The recovery was approved.
    #[error("the recovery was approved before")]
    RecoveryApproved,
    /// One officer would do what two have to do.
    #[error("another officer has to do this")]
    SameOfficer,
    /// Departments that recover the account would decide on the objection, and there is another.
    #[error("an officer of another identity authority decides than those that recover the account")]
    SameDepartment,
    /// A key of the account has objected before.
    #[error("a key of the account has objected to this recovery before")]
    ObjectedBefore,
    /// A key of the account has objected.
    #[error("a third officer decides on the objection first")]
    RecoveryDisputed,
    /// No objection waits to be decided on.
    #[error("no objection to this recovery waits for a decision")]
    NotDisputed,
    /// It was to be decided earlier.
    #[error("the time to decide on the objection is over, the recovery is ending")]
    DisputeOver,
    /// This side has appeared.
    #[error("this side has appeared before")]
    AppearedBefore,
    /// The sides have not both appeared, and have time.
    #[error("both sides have time to appear")]
    HearingNotOver,
    /// Whoever wants the new key has not appeared.
    #[error("an objection is dismissed only when whoever has the account recovered has appeared in person")]
    NotAppeared,
    /// The person was not told yet.
    #[error("the person is told first, so that the second officer sees how")]
    NotTold,
    /// The person was told where he, or whoever passes for him, has come.
    #[error("the person is told on another channel than the one on which he was seen")]
    SameChannel,
    /// 8 notices were recorded.
    #[error("at most 8 notices of a recovery are recorded")]
    TooManyNotices,
    /// The cooling time is over.
    #[error("the cooling time is over, the recovery is being completed")]
    CoolingOver,
    /// The cooling time is not over, or has not begun.
    #[error("the cooling time is not over yet")]
    CoolingNotOver,
}

impl ModuleError for Error {
    const MODULE: &'static str = "identity";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NameOfPerson
            | Self::NameMissing
            | Self::DepartmentRole
            | Self::ReasonMissing
            | Self::CitizenNumber
            | Self::SameChannel
            | Self::KindsUnordered
            | Self::IssuingState
            | Self::NoFirstDocument
            | Self::IntoItself
            | Self::SealingKeyMalformed
            | Self::PossessionNotProven => ErrorKind::Invalid,
            Self::Oneself
            | Self::DepartmentNotAuthorised
            | Self::NotHolder
            | Self::SameDepartment
            | Self::SameOfficer => ErrorKind::Denied,
            Self::NotFound
            | Self::KeyUnknown
            | Self::RecoveryNotFound
            | Self::DepartmentUnknown
            | Self::DocumentUnknown
            | Self::ProposalNotFound => ErrorKind::NotFound,
            Self::KeyTaken
            | Self::Closed
            | Self::NotClosed
            | Self::KeyRevoked
            | Self::LastKey
            | Self::TooManyKeys
            | Self::RoleHeld
            | Self::RoleNotHeld
            | Self::Suspended
            | Self::NotSuspended
            | Self::NetworkRoleHeld
            | Self::Frozen
            | Self::FrozenLately
            | Self::LastDocument
            | Self::TooManyMergers
            | Self::ProposalOpen
            | Self::NotTold
            | Self::AuthorityHeld
            | Self::AuthorityNotHeld
            | Self::NotAPerson
            | Self::NotAnOrganisation
            | Self::Bound
            | Self::NotBound
            | Self::PseudonymTaken
            | Self::CodeTaken
            | Self::TooManyDocuments
            | Self::LevelUnchanged
            | Self::RecoveryOpen
            | Self::IdentityMismatch
            | Self::NumberTaken
            | Self::NotGuardian
            | Self::ObjectedBefore
            | Self::RecoveryDisputed
            | Self::NotDisputed
            | Self::DisputeOver
            | Self::AppearedBefore
            | Self::HearingNotOver
            | Self::NotAppeared
            | Self::RecoveryClosed
            | Self::RecoveryApproved
            | Self::TooManyNotices
            | Self::CoolingOver
            | Self::CoolingNotOver => ErrorKind::Conflict,
        }
    }
}
