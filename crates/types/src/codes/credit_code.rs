//! The unified social credit code (统一社会信用代码), GB 32100-2015.

use super::check::{is_in_alphabet_31, mod_31};
use super::credit_code_categories::{CREDIT_CODE_CATEGORIES, CreditCodeCategory};
use super::text_form::{are_digits, characters, debug_as_text, text_form};
use super::{DivisionCode, OrganisationCode, OrganisationCodeError};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not a credit code, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum UnifiedSocialCreditCodeError {
    /// Not 18 characters.
    #[error("a credit code has 18 characters")]
    WrongLength,
    /// A character other than a digit or an upper-case letter without `I`, `O`, `S`, `V`, `Z`.
    #[error("only digits and upper-case letters other than I, O, S, V, Z are allowed")]
    WrongCharacter,
    /// Characters 3 to 8 are not digits.
    #[error("characters 3 to 8, the division, are digits")]
    WrongDivision,
    /// The last character does not fit the others.
    #[error("the check character does not fit, a character is mistyped")]
    WrongCheck,
}

/// A unified social credit code (统一社会信用代码): the identity of an organisation, and its taxpayer number. GB 32100-2015,
/// "统一代码的构成": authority (登记管理部门) 1, category (机构类别) 1, division of the registrar 6, organisation code (主体标识码)
/// 9, check 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnifiedSocialCreditCode([u8; 18]);

text_form!(
    UnifiedSocialCreditCode,
    UnifiedSocialCreditCodeError,
    "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
);
debug_as_text!(UnifiedSocialCreditCode);

impl UnifiedSocialCreditCode {
    /// The authority that registers bodies of this kind: 1 establishment, 5 civil affairs, 9 market regulation …
    pub fn authority(&self) -> char {
        char::from(self.0[0])
    }

    /// The category of body at that authority.
    pub fn category(&self) -> char {
        char::from(self.0[1])
    }

    /// What authority and category say, where they are known. If they are not, warn (I3): tables grow.
    pub fn known_category(&self) -> Option<&'static CreditCodeCategory> {
        CREDIT_CODE_CATEGORIES.iter().find(|known| known.code == &self.as_str()[..2])
    }

    /// The division of the registrar, if its six digits have the form of one.
    pub fn division(&self) -> Option<DivisionCode> {
        self.as_str()[2..8].parse().ok()
    }

    /// The nine characters of the organisation code, which may not pass their own check.
    pub fn organisation_part(&self) -> &str {
        &self.as_str()[8..17]
    }

    /// The organisation code inside, or why it is none. A registered code may fail here, so that this is a
    /// warning (I3): of 22,161 real companies one does.
    pub fn organisation_code(&self) -> Result<OrganisationCode, OrganisationCodeError> {
        OrganisationCode::from_plain(self.organisation_part())
    }
}

impl FromStr for UnifiedSocialCreditCode {
    type Err = UnifiedSocialCreditCodeError;

    fn from_str(text: &str) -> Result<Self, UnifiedSocialCreditCodeError> {
        let bytes: [u8; 18] = characters(text).ok_or(UnifiedSocialCreditCodeError::WrongLength)?;
        if !bytes.iter().copied().all(is_in_alphabet_31) {
            return Err(UnifiedSocialCreditCodeError::WrongCharacter);
        }
        if !are_digits(&bytes[2..8]) {
            return Err(UnifiedSocialCreditCodeError::WrongDivision);
        }
        if mod_31(&bytes[..17]) != Some(bytes[17]) {
            return Err(UnifiedSocialCreditCodeError::WrongCheck);
        }
        Ok(Self(bytes))
    }
}
