//! Why a call is refused.

use strum::{EnumIter, IntoStaticStr};
use tongban_kernel::{ErrorKind, ModuleError};

/// In order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Error {
    /// The year is outside 2000 to 2999.
    #[error("the year must lie between 2000 and 2999")]
    Year,
    /// A day does not exist in that year.
    #[error("a day does not exist in this year")]
    NoSuchDay,
    /// Days are out of order or doubled.
    #[error("days must stand in ascending order, each once")]
    Order,
    /// A day off is a weekend day.
    #[error("a day off must be a Monday to Friday, weekends are off without saying")]
    DayOffOnWeekend,
    /// A make-up day is no weekend day.
    #[error("a make-up day must be a Saturday or Sunday")]
    MakeUpDayOnWeekday,
    /// The edition is not the next one.
    #[error("the edition must be one more than the published one")]
    Edition,
}

impl ModuleError for Error {
    const MODULE: &'static str = "network";

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Year | Self::NoSuchDay | Self::Order | Self::DayOffOnWeekend | Self::MakeUpDayOnWeekday => {
                ErrorKind::Invalid
            }
            Self::Edition => ErrorKind::Conflict,
        }
    }
}
