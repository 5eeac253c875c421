//! The code of a handling item (业务办理项编码), GB/T 39554.1-2020.

use super::ItemImplementationCode;
use super::text_form::{are_digits, characters, debug_as_text, number, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the code of a handling item, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum HandlingItemCodeError {
    /// Not 33 characters.
    #[error("the code of a handling item has 33 characters")]
    WrongLength,
    /// The first 31 characters are no implementation code.
    #[error("the first 31 characters are not the implementation code of an item")]
    WrongImplementationCode,
    /// The last two characters are no digits.
    #[error("the last two characters, the sequence, are digits")]
    WrongSequence,
}

/// The code of a handling item (业务办理项编码, `task_handle_item`): the implementation code of a service item and a sequence of two
/// digits, one for each of the cases that people know the item by. It has no check of its own but that of its credit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandlingItemCode([u8; 33]);

text_form!(
    HandlingItemCode,
    HandlingItemCodeError,
    "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}[1-7][0-9]{2}(0[1-9]|[12][0-9])[0-9]{10}$"
);
debug_as_text!(HandlingItemCode);

impl HandlingItemCode {
    /// The handling item of that service item with that sequence, at most 99.
    pub fn new(item: &ItemImplementationCode, sequence: u8) -> Result<Self, HandlingItemCodeError> {
        if sequence > 99 {
            return Err(HandlingItemCodeError::WrongSequence);
        }
        format!("{item}{sequence:02}").parse()
    }

    /// The service item.
    pub fn item(&self) -> ItemImplementationCode {
        self.as_str()[..31].parse().expect("the code of a handling item begins with an implementation code")
    }

    /// The place among the handling items of that service item.
    pub fn sequence(&self) -> u32 {
        number(&self.as_str()[31..])
    }
}

impl FromStr for HandlingItemCode {
    type Err = HandlingItemCodeError;

    fn from_str(text: &str) -> Result<Self, HandlingItemCodeError> {
        let bytes: [u8; 33] = characters(text).ok_or(HandlingItemCodeError::WrongLength)?;
        if text.get(..31).is_none_or(|item| item.parse::<ItemImplementationCode>().is_err()) {
            return Err(HandlingItemCodeError::WrongImplementationCode);
        }
        if !are_digits(&bytes[31..]) {
            return Err(HandlingItemCodeError::WrongSequence);
        }
        Ok(Self(bytes))
    }
}
