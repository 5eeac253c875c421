//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// No licence type is named.
    #[error("a consent names at least one licence type")]
    NothingCovered,
    /// A licence type stands twice.
    #[error("each licence type stands once")]
    SourceTwice,
    /// No field is named, one has no name or stands twice.
    #[error("fields are named, each once, or the whole licence is meant")]
    FieldNames,
    /// A law is the ground and is not cited.
    #[error("a ground without consent cites law and article")]
    BasisMissing,
    /// A law is the ground and no case is named.
    #[error("without consent the case must be named, but for supervision")]
    CaseMissing,
    /// A value is kept without a reason.
    #[error("who keeps a value says why")]
    ReasonMissing,
    /// The term is 0 or longer than 30 working days.
    #[error("a correction request is answered within 1 to 30 working days")]
    TermOutOfBounds,
    /// No consent or correction request has this number.
    #[error("nothing has this number")]
    NotFound,
    /// The item does not exist, or has no version in force.
    #[error("the service item is not in force")]
    ItemNotInForce,
    /// No department has this code.
    #[error("no department has this code")]
    DepartmentUnknown,
    /// No account has this number.
    #[error("whoever is shown the data has an account of this network")]
    ReaderUnknown,
    /// No case has this number.
    #[error("no case has this number")]
    CaseUnknown,
    /// The licence is not on the ledger.
    #[error("no licence has this identifier")]
    LicenceUnknown,
    /// The licence has no such field.
    #[error("licences of this type have no such field")]
    FieldUnknown,
    /// The acting account may not act for the person.
    #[error("only the person himself, or who may act for him, may do this")]
    NotForPerson,
    /// The licence is another's.
    #[error("the licence is another person's")]
    NotHolder,
    /// Another department keeps the licence.
    #[error("only the department that keeps a licence hands out its fields")]
    NotProvider,
    /// The reader has no right in the receiving department and may not apply for the person. The provider names another reader.
    #[error(
        "data are shown to officers of the receiver who hold a right there, to the person, and to who may apply for him or administers his \
         estate, as long as their accounts may act"
    )]
    ReaderNotEntitled,
    /// The case is about another item, or the person has no part in it. The provider names the right case.
    #[error("the case is about another item or another person")]
    CaseOfAnother,
    /// The number is taken.
    #[error("this number is taken")]
    Exists,
    /// The receiver has nothing to do with the item.
    #[error("the receiving department takes no part in the item")]
    ReceiverNotInItem,
    /// The item can be handled without these data.
    #[error("the item does not need these data: nobody may ask for them")]
    NotNeeded,
    /// The end is past, or more than 366 days ahead.
    #[error("a consent ends later than now and within 366 days")]
    UntilOutOfBounds,
    /// 16 consents of this person for this department and item can still be used.
    #[error("there are 16 such consents already: withdraw one")]
    TooManyConsents,
    /// The consent was withdrawn.
    #[error("the consent was withdrawn")]
    Withdrawn,
    /// The consent has ended.
    #[error("the consent has ended")]
    Expired,
    /// The person has died, or the organisation was dissolved. Only a law opens these data any more.
    #[error("the consent has ended with the person who gave it")]
    PersonEnded,
    /// The consent is about something else.
    #[error("the consent does not cover this person, receiver, purpose, item, licence type and fields")]
    NotCovered,
    /// The consent was for single use and was used.
    #[error("the consent was for a single use, and was used")]
    UsedUp,
    /// There is an open request about this field.
    #[error("an open request is about this field already")]
    CorrectionOpen,
    /// The request was answered.
    #[error("the request was answered before")]
    Answered,
    /// The licence that is named is no later version of the one that was wrong.
    #[error("a corrected licence is a later version of the one that was wrong")]
    NotLaterVersion,
}

impl ModuleError for Error {
    const MODULE: &'static str = "sharing";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NothingCovered
            | Self::SourceTwice
            | Self::FieldNames
            | Self::BasisMissing
            | Self::CaseMissing
            | Self::ReasonMissing
            | Self::TermOutOfBounds => ErrorKind::Invalid,
            Self::NotFound
            | Self::ItemNotInForce
            | Self::DepartmentUnknown
            | Self::ReaderUnknown
            | Self::CaseUnknown
            | Self::LicenceUnknown
            | Self::FieldUnknown => ErrorKind::NotFound,
            Self::NotForPerson | Self::NotHolder | Self::NotProvider | Self::ReaderNotEntitled => ErrorKind::Denied,
            Self::CaseOfAnother
            | Self::Exists
            | Self::ReceiverNotInItem
            | Self::NotNeeded
            | Self::UntilOutOfBounds
            | Self::TooManyConsents
            | Self::Withdrawn
            | Self::Expired
            | Self::PersonEnded
            | Self::NotCovered
            | Self::UsedUp
            | Self::CorrectionOpen
            | Self::Answered
            | Self::NotLaterVersion => ErrorKind::Conflict,
        }
    }
}
