//! The number of a case (办件编号), GB/T 39046-2020.

use super::ItemImplementationCode;
use super::check::is_in_alphabet_36;
use super::text_form::{are_digits, date, debug_as_text, number, text_form};
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
    /// A new number for a sequence above 9999.
    #[error("a day has at most 9999 cases of an item")]
    WrongSequence,
}

/// The number of a case (办件编号): an..50, digits and upper-case letters; GB/T 39046-2020.
///
/// A number that Tongban gives is the implementation code of the item, the date and four digits in sequence, as in
/// [`CaseNumber::new`]. Numbers of other platforms are read as well.
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
    pub sequence: u32,
}

impl CaseNumber {
    /// The greatest number of characters.
    pub const LENGTH_MAX: usize = 50;

    /// The number of the case of that item, day and place.
    pub fn new(parts: &CaseNumberParts) -> Result<Self, CaseNumberError> {
        let CaseNumberParts { item, date, sequence } = parts;
        if !(0..=9999).contains(&date.year()) {
            return Err(CaseNumberError::WrongDate);
        }
        if *sequence > 9999 {
            return Err(CaseNumberError::WrongSequence);
        }
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        format!("{item}{year:04}{month:02}{day:02}{sequence:04}").parse()
    }

    /// What the number says, where it has our form.
    pub fn parts(&self) -> Option<CaseNumberParts> {
        let (item, rest) = self.0.split_at_checked(31)?;
        let (day, sequence) = rest.split_at_checked(8)?;
        if sequence.len() != 4 || !are_digits(sequence.as_bytes()) {
            return None;
        }
        Some(CaseNumberParts { item: item.parse().ok()?, date: date(day)?, sequence: number(sequence) })
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
