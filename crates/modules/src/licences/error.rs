//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The version is 0.
    #[error("versions count from 1")]
    VersionZero,
    /// A text that people need is empty.
    #[error("this text must not be empty")]
    TextMissing,
    /// The type has no fields.
    #[error("a type has fields")]
    FieldsMissing,
    /// A field of the type has no name, or that of another.
    #[error("each field has a name of its own")]
    FieldNames,
    /// No issuer is listed, or one twice.
    #[error("a type lists who may issue it, each department once")]
    IssuersMissing,
    /// The type is valid for no time.
    #[error("a licence is valid for at least a month")]
    MonthsZero,
    /// A field that holds no code follows a standard.
    #[error("only codes follow a standard")]
    FieldStandard,
    /// A kind of holder of the type has no name or no code of three digits, or the code of another.
    #[error("each kind of holder has a name, and a code of three digits of its own")]
    HolderTypes,
    /// The identifier is not of a first version.
    #[error("a licence is issued with the version 001; later versions come by superseding")]
    NotFirstVersion,
    /// The face has no fields, or more than 64.
    #[error("a face has 1 to 64 fields")]
    FaceSize,
    /// The kind of holder is no code.
    #[error("a kind of holder is a code of three digits")]
    HolderTypeForm,
    /// The ground has no law, article or reason, or there is neither ground nor case.
    #[error("a ground names the law, the article and the facts; where there is no case, it stands in for that")]
    GroundMissing,
    /// The source has no system.
    #[error("the source needs a system")]
    SourceMissing,
    /// The confidence is above 100, an anomaly is named twice, or an end is unknown that is named.
    #[error("the confidence is 0 to 100, each anomaly is named once, and what has an unknown end names none")]
    SourceMalformed,
    /// It is not said where the licence goes.
    #[error("name the authority or the network to which the licence goes")]
    DestinationMissing,
    /// No licence has this identifier.
    #[error("no licence has this identifier")]
    NotFound,
    /// The officer holds the licence, stands for who does, or has applied for it. Another officer has to act.
    #[error("nobody acts in office upon a licence of his own: another officer has to")]
    OwnMatter,
    /// The licence is not in preparation.
    #[error("the licence is not in preparation")]
    NotPrepared,
    /// The type is not known, or not in force yet.
    #[error("no type with this code is in force")]
    TypeUnknown,
    /// The type is retired.
    #[error("the type is retired, or will be before that")]
    TypeRetired,
    /// The version of the type is not the next one.
    #[error("the next version has the next number")]
    VersionNotNext,
    /// The type has 200 versions.
    #[error("a type has at most 200 versions")]
    TooManyVersions,
    /// The version would come into force in the past, or before the last one.
    #[error("a version comes into force now or later, and not before the last one")]
    EffectiveEarlier,
    /// The type would be retired in the past.
    #[error("a type is retired now or later")]
    RetiredEarlier,
    /// The identifier is taken.
    #[error("a licence with this identifier exists")]
    Exists,
    /// Another version with the same serial exists.
    #[error("the serial is taken for this type and issuer")]
    SerialTaken,
    /// The department may not issue this type.
    #[error("the type does not name this department as an issuer")]
    IssuerNotAuthorised,
    /// No account has the holder's number.
    #[error("the holder is no account of this network")]
    HolderUnknown,
    /// The holder has died or was dissolved, or was merged into another organisation, which is the holder then.
    #[error("the holder has died, was dissolved or was merged into another organisation")]
    HolderEnded,
    /// Nobody has made sure whose the holder's account is.
    #[error("it is not established whose the holder's account is")]
    HolderNotEstablished,
    /// The face has another number of fields than its type.
    #[error("the face has another number of fields than its type")]
    FaceFields,
    /// The type does not name this kind of holder.
    #[error("the type does not name this kind of holder")]
    HolderTypeUnknown,
    /// The validity has no beginning, or one before the licence.
    #[error("the validity of a new licence begins with the day of its issue or later")]
    BeginningEarlier,
    /// A correction or change would begin later, or a renewal or replacement leave a gap.
    #[error(
        "a correction or change is in force at once, a renewal or replacement begins by the end of the old version"
    )]
    BeginningLater,
    /// The validity is not what the type allows.
    #[error("the validity is not what the type allows")]
    ValidityRule,
    /// There is no case.
    #[error("a licence of this type is issued, changed and renewed in a case that grants it")]
    CaseMissing,
    /// The new version would be valid longer, and there is no case.
    #[error("without a case a new version ends no later than the old one")]
    EndLater,
    /// The licence was granted in no such case.
    #[error("no such case grants this licence to this holder")]
    CaseNotGranted,
    /// A licence was issued in this case before.
    #[error("a licence was issued in this case before")]
    CaseIssued,
    /// The older system would speak from the future.
    #[error("an older system does not speak from the future")]
    SourceLater,
    /// The department neither keeps the licence nor stands above the one that does.
    #[error("only the department that keeps the licence, or one above it, may do this")]
    NotSuperior,
    /// The account neither holds the licence nor may show it for its holder, and does not make licences out where it is kept; or the copy was not made
    /// there.
    #[error(
        "a copy is made, and taken back, by the holder, by who may show his licences, or by the office that keeps the licence"
    )]
    NotEntitled,
    /// The account neither holds the licence, nor may do everything for its holder, nor administers his estate.
    #[error(
        "a licence is given back by its holder, by who may do everything for him, or by who administers his estate"
    )]
    NotHolder,
    /// The officer has taken the licence over himself, or prepared it.
    #[error("who took a licence over, prepared it, or said whose it is does not confirm or issue it")]
    SameOfficer,
    /// The licence was superseded, cancelled, revoked or withdrawn, or was moved out.
    #[error("the licence was superseded, cancelled, revoked or withdrawn, or was moved out")]
    Ended,
    /// The licence has expired.
    #[error("the licence has expired")]
    Expired,
    /// The licence is suspended.
    #[error("the licence is suspended")]
    Suspended,
    /// The licence is not confirmed.
    #[error("another department than its issuer has taken the licence over, and it is not confirmed")]
    Unconfirmed,
    /// The licence is in preparation.
    #[error("the licence is in preparation: it is issued first, or cancelled")]
    NotIssued,
    /// Nobody knows what the licence is.
    #[error(
        "the source does not say what the licence is: it is cancelled or withdrawn, and nothing else is done to it"
    )]
    StateUnknown,
    /// The licence is not valid.
    #[error("only of a valid licence a copy is made")]
    NotValid,
    /// There is nothing to confirm.
    #[error("the licence needs no confirmation")]
    Confirmed,
    /// The grant of the licence was revoked.
    #[error("the grant of this licence was revoked in its case")]
    GrantRevoked,
    /// The version that replaces the licence has not begun.
    #[error("the version that replaces this one has not begun: what is done here is done to that one first")]
    ReplacementPending,
    /// The licence is not suspended.
    #[error("the licence is not suspended")]
    NotSuspended,
    /// The suspension would end in the past.
    #[error("a suspension ends later than now")]
    UntilEarlier,
    /// The copy would end in the past, or in more than 366 days.
    #[error("a copy ends later than now and within 366 days")]
    CopyTerm,
    /// There is a copy with this commitment.
    #[error("there is a copy with this commitment: take a new salt")]
    CopyKnown,
    /// There is no copy with this commitment.
    #[error("the licence has no copy with this commitment")]
    CopyUnknown,
    /// The copy counts no more.
    #[error("the copy has ended, or was taken back")]
    CopyOver,
    /// Somebody has asked for it before.
    #[error("a request to cancel this licence is open")]
    RequestOpen,
    /// Nobody has asked for it, or what he asked is settled.
    #[error("no request to cancel this licence is open")]
    NoRequest,
    /// Nobody has said that the account is the holder's.
    #[error("nobody has said that this account is the holder's")]
    HolderNotNamed,
    /// The holder has an account.
    #[error("the holder of this licence is known")]
    HolderKnown,
    /// There are 999 versions.
    #[error("a licence has at most 999 versions")]
    VersionsExhausted,
    /// The licence has too many changes.
    #[error("a licence has at most 40 changes: supersede it")]
    TooManyChanges,
    /// The licence has 16 copies that count.
    #[error("a licence has at most 16 copies that count at a time")]
    TooManyCopies,
    /// The holder has 64 licences of this type in force.
    #[error("an account holds at most 64 licences of one type")]
    TooManyHeld,
}

impl ModuleError for Error {
    const MODULE: &'static str = "licences";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::TypeUnknown | Self::HolderUnknown | Self::CopyUnknown => ErrorKind::NotFound,
            Self::OwnMatter
            | Self::IssuerNotAuthorised
            | Self::NotSuperior
            | Self::NotEntitled
            | Self::NotHolder
            | Self::SameOfficer => ErrorKind::Denied,
            Self::NotPrepared
            | Self::TypeRetired
            | Self::VersionNotNext
            | Self::TooManyVersions
            | Self::EffectiveEarlier
            | Self::RetiredEarlier
            | Self::Exists
            | Self::SerialTaken
            | Self::HolderEnded
            | Self::HolderNotEstablished
            | Self::FaceFields
            | Self::HolderTypeUnknown
            | Self::BeginningEarlier
            | Self::BeginningLater
            | Self::ValidityRule
            | Self::CaseMissing
            | Self::EndLater
            | Self::CaseNotGranted
            | Self::CaseIssued
            | Self::SourceLater
            | Self::Ended
            | Self::Expired
            | Self::Suspended
            | Self::Unconfirmed
            | Self::NotIssued
            | Self::StateUnknown
            | Self::NotValid
            | Self::Confirmed
            | Self::GrantRevoked
            | Self::ReplacementPending
            | Self::NotSuspended
            | Self::UntilEarlier
            | Self::CopyTerm
            | Self::CopyKnown
            | Self::CopyOver
            | Self::RequestOpen
            | Self::NoRequest
            | Self::HolderNotNamed
            | Self::HolderKnown
            | Self::VersionsExhausted
            | Self::TooManyChanges
            | Self::TooManyCopies
            | Self::TooManyHeld => ErrorKind::Conflict,
            Self::VersionZero
            | Self::TextMissing
            | Self::FieldsMissing
            | Self::FieldNames
            | Self::IssuersMissing
            | Self::MonthsZero
            | Self::FieldStandard
            | Self::HolderTypes
            | Self::NotFirstVersion
            | Self::FaceSize
            | Self::HolderTypeForm
            | Self::DestinationMissing
            | Self::GroundMissing
            | Self::SourceMissing
            | Self::SourceMalformed => ErrorKind::Invalid,
        }
    }
}
