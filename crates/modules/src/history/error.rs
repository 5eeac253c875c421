//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The source system or the number of the case is not named.
    #[error("a past case needs its source system and its number there")]
    SourceMissing,
    /// A step does not say what was done.
    #[error("a step needs its activity")]
    ActivityMissing,
    /// A pair names one activity twice, or none.
    #[error("the four-eyes rule is about two different activities")]
    PairMalformed,
    /// The case has more steps than can be taken over.
    #[error("a past case has at most 10000 steps")]
    TooManySteps,
    /// There is nothing to take over.
    #[error("a portion has at least one step")]
    NoSteps,
    /// The case brings more steps than it announces.
    #[error("a past case has no more steps than it announces")]
    MoreThanAnnounced,
    /// The case is not known.
    #[error("no past case has this number in this system")]
    NotFound,
    /// The case was taken over before.
    #[error("this past case was taken over before")]
    Exists,
    /// The steps are not the next ones.
    #[error("these are not the next steps of the case")]
    NotNext,
}

impl ModuleError for Error {
    const MODULE: &'static str = "history";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::SourceMissing
            | Self::ActivityMissing
            | Self::PairMalformed
            | Self::TooManySteps
            | Self::NoSteps
            | Self::MoreThanAnnounced => ErrorKind::Invalid,
            Self::NotFound => ErrorKind::NotFound,
            Self::Exists | Self::NotNext => ErrorKind::Conflict,
        }
    }
}
