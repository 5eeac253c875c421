//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// Nothing is committed to.
    #[error("a record needs at least one commitment, a batch at least one leaf")]
    Empty,
    /// More than 10,000 leaves.
    #[error("a batch has at most 10000 leaves")]
    TooManyLeaves,
    /// Two commitments have one field name, or a field has none.
    #[error("each commitment needs a field name of its own")]
    FieldNames,
    /// The source does not say where the original comes from.
    #[error("the source needs a system and a method")]
    SourceMissing,
    /// The collection time is in the future.
    #[error("an original cannot have been collected after it is registered")]
    CollectedLater,
    /// No account has the operator's number.
    #[error("the operator is no account of this network")]
    OperatorUnknown,
    /// No record has this number.
    #[error("no record has this number")]
    NotFound,
    /// The number is taken.
    #[error("a record with this number exists")]
    Exists,
    /// The record to continue does not exist or is another depositor's.
    #[error("the previous record must be one of the same depositor")]
    PreviousNotOwn,
    /// The record was withdrawn.
    #[error("the record was withdrawn")]
    Withdrawn,
    /// Another account registered the record.
    #[error("only its depositor may withdraw a record")]
    NotDepositor,
    /// The depositor attests his own record.
    #[error("a depositor cannot witness a record of his own")]
    OwnRecord,
    /// The digest is not that of the record's content.
    #[error("the record has another content")]
    OtherContent,
    /// The witness has attested the record before.
    #[error("this witness has attested the record before")]
    WitnessedBefore,
    /// 16 witnesses have attested it.
    #[error("a record has at most 16 witnesses")]
    TooManyWitnesses,
}

impl ModuleError for Error {
    const MODULE: &'static str = "evidence";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty | Self::TooManyLeaves | Self::FieldNames | Self::SourceMissing | Self::CollectedLater => {
                ErrorKind::Invalid
            }
            Self::OperatorUnknown | Self::NotFound => ErrorKind::NotFound,
            Self::Exists
            | Self::PreviousNotOwn
            | Self::Withdrawn
            | Self::OtherContent
            | Self::WitnessedBefore
            | Self::TooManyWitnesses => ErrorKind::Conflict,
            Self::NotDepositor | Self::OwnRecord => ErrorKind::Denied,
        }
    }
}
