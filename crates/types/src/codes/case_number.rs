//! The number of a case (办件编号), GB/T 39046-2020.

use super::ItemImplementationCode;
use super::check::is_in_alphabet_36;
use super::text_form::{are_digits, date, debug_as_text, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};
use time::Date;

/// Why a text is not the number of a case, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CaseNumberError {
    /// Empty, or longer than 50 characters.
    #[error("the number of a case has 1 to 50 characters")]
    WrongLength,
    /// A character other than a digit or an upper-case letter.
    #[error("only digits and upper-case letters are allowed")]
    WrongCharacter,
    /// A new number for a year outside 0 to 9999.
    #[error("the year has four digits")]
    WrongDate,
    /// A new number for a sequence above 99999999999.
    #[error("a day has at most 99999999999 cases of an item")]
    WrongSequence,
}

/// The number of a case (办件编号): an..50, digits and upper-case letters; GB/T 39046-2020.
///
/// A number that Tongban gives is the implementation code of the item, the date and a sequence of at least four digits, as
/// in [`CaseNumber::new`]; busy items need more than the customary four. Numbers of other platforms are read as well.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumber(String);

text_form!(CaseNumber, CaseNumberError, "^[0-9A-Z]{1,50}$");
debug_as_text!(CaseNumber);

/// What the number of a case says, where it has our form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseNumberParts {
    /// The item.
    pub item: ItemImplementationCode,
    /// The day on which the number was given.
    pub date: Date,
    /// The place among the cases of that item and day.
    pub sequence: u64,
}

/// What fits behind item and date.
const SEQUENCE_MAX: u64 = 99_999_999_999;

impl CaseNumber {
    /// The greatest number of characters.
    pub const LENGTH_MAX: usize = 50;

    /// The number of the case of that item, day and place.
    pub fn new(parts: &CaseNumberParts) -> Result<Self, CaseNumberError> {
        let CaseNumberParts { item, date, sequence } = parts;
        if !(0..=9999).contains(&date.year()) {
            return Err(CaseNumberError::WrongDate);
        }
        if *sequence > SEQUENCE_MAX {
            return Err(CaseNumberError::WrongSequence);
        }
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        format!("{item}{year:04}{month:02}{day:02}{sequence:04}").parse()
    }

    /// What the number says, where it has our form.
    pub fn parts(&self) -> Option<CaseNumberParts> {
        let (item, rest) = self.0.split_at_checked(31)?;
        let (day, sequence) = rest.split_at_checked(8)?;
        let is_padded = sequence.len() > 4 && sequence.starts_with('0');
        if sequence.len() < 4 || is_padded || !are_digits(sequence.as_bytes()) {
            return None;
        }
        Some(CaseNumberParts { item: item.parse().ok()?, date: date(day)?, sequence: sequence.parse().ok()? })
    }
}

impl FromStr for CaseNumber {
    type Err = CaseNumberError;

    fn from_str(text: &str) -> Result<Self, CaseNumberError> {
        if text.is_empty() || text.chars().count() > Self::LENGTH_MAX {
            return Err(CaseNumberError::WrongLength);
        }
        if !text.bytes().all(is_in_alphabet_36) {
            return Err(CaseNumberError::WrongCharacter);
        }
        Ok(Self(text.to_owned()))
    }
}
