//! The number of a fully digitalised invoice (数电票发票号码).

use super::DivisionCode;
use super::text_form::{are_digits, characters, debug_as_text, number, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the number of an invoice, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum InvoiceNumberError {
    /// Not 20 characters.
    #[error("the number of a digitalised invoice has 20 digits")]
    WrongLength,
    /// A character other than a digit.
    #[error("only digits are allowed")]
    WrongCharacter,
    /// Digits 3 and 4 are below 10, where no area is: often the number of a red-letter confirmation.
    #[error("digits 3 and 4 name no area")]
    WrongArea,
}

/// The number of a fully digitalised invoice (数电票发票号码), as the tax administration announced it: 2 digits of the year, 2
/// of the area, 1 of the channel, 15 in sequence. It has no check digit; the tax platform alone knows whether it exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvoiceNumber([u8; 20]);

text_form!(InvoiceNumber, InvoiceNumberError, "^[0-9]{2}[1-9][0-9]{17}$");
debug_as_text!(InvoiceNumber);

impl InvoiceNumber {
    /// The year in which it was issued.
    pub fn year(&self) -> u32 {
        2000 + number(&self.as_str()[..2])
    }

    /// The two digits of the area: a province, or a city with a plan of its own (计划单列市).
    pub fn area(&self) -> &str {
        &self.as_str()[2..4]
    }

    /// The province, where the area is one. `None` for a city with a plan of its own or a mistake (I3).
    pub fn province(&self) -> Option<DivisionCode> {
        DivisionCode::from_province(self.area())
    }

    /// The digit of the channel through which it was issued.
    pub fn channel(&self) -> char {
        char::from(self.0[4])
    }

    /// Whether the year lies between the first such invoices, of 2021, and `this_year`. If not, warn (I3).
    pub fn has_plausible_year(&self, this_year: u32) -> bool {
        (2021..=this_year).contains(&self.year())
    }
}

impl FromStr for InvoiceNumber {
    type Err = InvoiceNumberError;

    fn from_str(text: &str) -> Result<Self, InvoiceNumberError> {
        let bytes: [u8; 20] = characters(text).ok_or(InvoiceNumberError::WrongLength)?;
        if !are_digits(&bytes) {
            return Err(InvoiceNumberError::WrongCharacter);
        }
        if bytes[2] == b'0' {
            return Err(InvoiceNumberError::WrongArea);
        }
        Ok(Self(bytes))
    }
}
