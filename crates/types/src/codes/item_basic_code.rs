//! The basic code of a service item (基本编码), GB/T 39554.1-2020.

use super::DivisionCode;
use super::text_form::{are_digits, characters, debug_as_text, number, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the basic code of an item, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemBasicCodeError {
    /// Not 12 characters.
    #[error("the basic code of an item has 12 digits")]
    WrongLength,
    /// A character other than a digit.
    #[error("only digits are allowed")]
    WrongCharacter,
    /// Digits 3 and 4 are no type of item.
    #[error("digits 3 and 4 are no type of item")]
    WrongType,
}

/// The type of an item (事项类型), GB/T 39046-2020, A.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemType {
    /// 行政许可, 01.
    Licence,
    /// 行政处罚, 02.
    Penalty,
    /// 行政强制, 03.
    Coercion,
    /// 行政征收, 04.
    Levy,
    /// 行政给付, 05.
    Benefit,
    /// 行政检查, 06.
    Inspection,
    /// 行政确认, 07.
    Confirmation,
    /// 行政奖励, 08.
    Reward,
    /// 行政裁决, 09.
    Adjudication,
    /// 其他类别事项, 10, and what provinces put into 11 to 19.
    Other,
    /// 公共服务事项, 20, and what provinces put into 21 to 29.
    PublicService,
}

impl ItemType {
    /// The type that two digits name.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Licence,
            2 => Self::Penalty,
            3 => Self::Coercion,
            4 => Self::Levy,
            5 => Self::Benefit,
            6 => Self::Inspection,
            7 => Self::Confirmation,
            8 => Self::Reward,
            9 => Self::Adjudication,
            10..=19 => Self::Other,
            20..=29 => Self::PublicService,
            _ => return None,
        })
    }

    /// Whether somebody applies for it (依申请), rather than the administration acting by itself.
    pub fn is_on_application(self) -> bool {
        match self {
            Self::Licence | Self::Benefit | Self::Confirmation | Self::Reward | Self::Adjudication => true,
            Self::Other | Self::PublicService => true,
            Self::Penalty | Self::Coercion | Self::Levy | Self::Inspection => false,
        }
    }
}

/// The basic code of a service item (基本编码, `catalog_code`): 2 digits of the province or `00` for the nation, 2 of the
/// type, 5 of the main item (主项), 3 of the sub-item (子项), `000` for none. GB/T 39554.1-2020.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemBasicCode([u8; 12]);

text_form!(ItemBasicCode, ItemBasicCodeError, "^[0-9]{2}(0[1-9]|[12][0-9])[0-9]{8}$");
debug_as_text!(ItemBasicCode);

impl ItemBasicCode {
    /// The division whose catalogue has the item. `None` for two digits that are not the nation nor a province:
    /// warn (I3).
    pub fn division(&self) -> Option<DivisionCode> {
        match &self.as_str()[..2] {
            "00" => Some(DivisionCode::NATION),
            province => DivisionCode::from_province(province),
        }
    }

    /// The two digits of the type.
    pub fn type_digits(&self) -> &str {
        &self.as_str()[2..4]
    }

    /// The type.
    pub fn item_type(&self) -> ItemType {
        ItemType::from_number(number(self.type_digits())).expect("a basic code has a type")
    }

    /// The main item.
    pub fn main_item(&self) -> &str {
        &self.as_str()[4..9]
    }

    /// The sub-item, if it is one.
    pub fn sub_item(&self) -> Option<&str> {
        Some(&self.as_str()[9..]).filter(|sub_item| *sub_item != "000")
    }
}

impl FromStr for ItemBasicCode {
    type Err = ItemBasicCodeError;

    fn from_str(text: &str) -> Result<Self, ItemBasicCodeError> {
        let bytes: [u8; 12] = characters(text).ok_or(ItemBasicCodeError::WrongLength)?;
        if !are_digits(&bytes) {
            return Err(ItemBasicCodeError::WrongCharacter);
        }
        let code = Self(bytes);
        if ItemType::from_number(number(code.type_digits())).is_none() {
            return Err(ItemBasicCodeError::WrongType);
        }
        Ok(code)
    }
}
