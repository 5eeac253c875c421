//! The organisation code (组织机构代码), GB 11714-1997.

use super::check::{is_in_alphabet_36, mod_11};
use super::text_form::{characters, debug_as_text, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not an organisation code, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum OrganisationCodeError {
    /// Not 8 characters and a check, with a hyphen between them (without for [`OrganisationCode::from_plain`]).
    #[error("an organisation code has 8 characters and a check character, with a hyphen between them")]
    WrongLength,
    /// A character other than a digit or an upper-case letter, or no hyphen before the last.
    #[error("only digits and upper-case letters are allowed, and a hyphen before the last")]
    WrongCharacter,
    /// The last character does not fit the others.
    #[error("the check character does not fit, a character is mistyped")]
    WrongCheck,
}

/// An organisation code (组织机构代码): 8 characters (本体代码), a hyphen, a check character, as in `D2143569-X`; GB 11714-1997.
/// The identity of an organisation before the credit code, and the part 9 to 17 of that. New bodies get none of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationCode([u8; 10]);

text_form!(OrganisationCode, OrganisationCodeError, "^[0-9A-Z]{8}-[0-9X]$");
debug_as_text!(OrganisationCode);

impl OrganisationCode {
    /// Reads the nine characters without the hyphen, as they stand in a credit code and in many databases.
    pub fn from_plain(text: &str) -> Result<Self, OrganisationCodeError> {
        let plain: [u8; 9] = characters(text).ok_or(OrganisationCodeError::WrongLength)?;
        let mut bytes = [b'-'; 10];
        bytes[..8].copy_from_slice(&plain[..8]);
        bytes[9] = plain[8];
        Self::new(bytes)
    }

    fn new(bytes: [u8; 10]) -> Result<Self, OrganisationCodeError> {
        let (body, last) = (&bytes[..8], bytes[9]);
        if !body.iter().copied().all(is_in_alphabet_36) || bytes[8] != b'-' || !is_in_alphabet_36(last) {
            return Err(OrganisationCodeError::WrongCharacter);
        }
        if mod_11(body) != Some(last) {
            return Err(OrganisationCodeError::WrongCheck);
        }
        Ok(Self(bytes))
    }

    /// The nine characters without the hyphen.
    pub fn to_plain(&self) -> String {
        self.as_str().replace('-', "")
    }
}

impl FromStr for OrganisationCode {
    type Err = OrganisationCodeError;

    fn from_str(text: &str) -> Result<Self, OrganisationCodeError> {
        Self::new(characters(text).ok_or(OrganisationCodeError::WrongLength)?)
    }
}
