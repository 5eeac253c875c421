//! The implementation code of a service item (实施编码), GB/T 39554.1-2020.

use super::text_form::{characters, debug_as_text, text_form};
use super::{ItemBasicCode, UnifiedSocialCreditCode};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the implementation code of an item, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemImplementationCodeError {
    /// Not 31 characters.
    #[error("the implementation code of an item has 31 characters")]
    WrongLength,
    /// The first 18 characters are no credit code.
    #[error("the first 18 characters are not a credit code")]
    WrongBody,
    /// Character 19 is no level.
    #[error("character 19, the level, is a digit from 1 to 7")]
    WrongLevel,
    /// The last 12 characters are no basic code.
    #[error("the last 12 characters are not the basic code of an item")]
    WrongBasicCode,
}

/// The level at which a body handles an item (行使层级), GB/T 39046-2020, A.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemLevel {
    /// 国家级, 1.
    Nation,
    /// 省级, 2.
    Province,
    /// 市级, 3.
    City,
    /// 县级, 4.
    County,
    /// 镇（乡、街道）级, 5.
    Town,
    /// 村（社区）级, 6.
    Village,
    /// 分级管理, 7.
    Graded,
}

impl ItemLevel {
    fn from_digit(digit: u8) -> Option<Self> {
        Some(match digit {
            b'1' => Self::Nation,
            b'2' => Self::Province,
            b'3' => Self::City,
            b'4' => Self::County,
            b'5' => Self::Town,
            b'6' => Self::Village,
            b'7' => Self::Graded,
            _ => return None,
        })
    }
}

/// The implementation code of a service item (实施编码, `task_code`): the credit code of the body that handles it (实施主体),
/// a digit of the level (行使层级), the basic code. GB/T 39554.1-2020.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemImplementationCode([u8; 31]);

text_form!(
    ItemImplementationCode,
    ItemImplementationCodeError,
    "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}[1-7][0-9]{2}(0[1-9]|[12][0-9])[0-9]{8}$"
);
debug_as_text!(ItemImplementationCode);

impl ItemImplementationCode {
    /// The body that handles the item.
    pub fn body(&self) -> UnifiedSocialCreditCode {
        self.as_str()[..18].parse().expect("an implementation code begins with a credit code")
    }

    /// The level at which it does.
    pub fn level(&self) -> ItemLevel {
        ItemLevel::from_digit(self.0[18]).expect("an implementation code has a level")
    }

    /// The basic code.
    pub fn basic_code(&self) -> ItemBasicCode {
        self.as_str()[19..].parse().expect("an implementation code ends with a basic code")
    }
}

impl FromStr for ItemImplementationCode {
    type Err = ItemImplementationCodeError;

    fn from_str(text: &str) -> Result<Self, ItemImplementationCodeError> {
        let bytes: [u8; 31] = characters(text).ok_or(ItemImplementationCodeError::WrongLength)?;
        if text.get(..18).is_none_or(|body| body.parse::<UnifiedSocialCreditCode>().is_err()) {
            return Err(ItemImplementationCodeError::WrongBody);
        }
        if ItemLevel::from_digit(bytes[18]).is_none() {
            return Err(ItemImplementationCodeError::WrongLevel);
        }
        if text.get(19..).is_none_or(|code| code.parse::<ItemBasicCode>().is_err()) {
            return Err(ItemImplementationCodeError::WrongBasicCode);
        }
        Ok(Self(bytes))
    }
}
