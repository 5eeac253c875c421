//! Administrative divisions (行政区划代码), GB/T 2260.

use super::text_form::{are_digits, characters, debug_as_text, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the code of a division, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DivisionCodeError {
    /// Not 6 characters (12 for the long form).
    #[error("the code of a division has 6 digits, its long form 12")]
    WrongLength,
    /// A character other than a digit.
    #[error("only digits are allowed")]
    WrongCharacter,
    /// The first two digits are below 10, where no province is.
    #[error("the first two digits name no province")]
    WrongProvince,
    /// A village without a town.
    #[error("a village belongs to a town")]
    WrongVillage,
}

/// The level of a division, from the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DivisionLevel {
    /// 国家.
    Nation,
    /// 省、自治区、直辖市、特别行政区.
    Province,
    /// 地级市、地区、自治州、盟.
    Prefecture,
    /// 县、市辖区、县级市、旗.
    County,
    /// 乡、镇、街道.
    Town,
    /// 村、社区.
    Village,
}

/// The code of a division down to the county (行政区划代码): 2 digits each for province, prefecture and county; GB/T 2260.
///
/// Only the form is checked. Divisions are abolished and renamed, and their codes stay in old numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode([u8; 6]);

text_form!(DivisionCode, DivisionCodeError, "^[1-9][0-9]{5}$");
debug_as_text!(DivisionCode);

/// A division in 12 digits: 6 of GB/T 2260, 3 of the town and 3 of the village (统计用区划代码). The national service platform
/// writes divisions so, with six zeros behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LongDivisionCode([u8; 12]);

text_form!(LongDivisionCode, DivisionCodeError, "^[1-9][0-9]{11}$");
debug_as_text!(LongDivisionCode);

/// The first two digits of the 34 provinces.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Whether these two digits are those of a province.
pub(super) fn is_province(digits: &str) -> bool {
    PROVINCES.contains(&digits)
}

impl DivisionCode {
    /// The whole country, as the registrar of national bodies.
    pub const NATION: Self = Self(*b"100000");

    /// The division whose code begins with these, and goes on with zeros.
    pub(super) fn from_province(digits: &str) -> Option<Self> {
        is_province(digits).then(|| format!("{digits}0000").parse().ok()).flatten()
    }

    /// Its level, by the zeros at the end.
    pub fn level(&self) -> DivisionLevel {
        match (&self.0[2..4], &self.0[4..]) {
            _ if *self == Self::NATION => DivisionLevel::Nation,
            (b"00", b"00") => DivisionLevel::Province,
            (_, b"00") => DivisionLevel::Prefecture,
            _ => DivisionLevel::County,
        }
    }

    /// The division above, none above the nation. A county without a prefecture (429004) belongs to the code of its form
    /// (429000), which is a heading in tables rather than a place.
    pub fn parent(&self) -> Option<Self> {
        let [p0, p1, c0, c1, ..] = self.0;
        let province = Self([p0, p1, b'0', b'0', b'0', b'0']);
        match self.level() {
            DivisionLevel::Nation => None,
            DivisionLevel::Province => Some(Self::NATION),
            DivisionLevel::Prefecture => Some(province),
            _ if [c0, c1] == *b"00" => Some(province), // such as 460027, abolished in 2003
            _ => Some(Self([p0, p1, c0, c1, b'0', b'0'])),
        }
    }

    /// Whether it is that division, or lies in it.
    pub fn is_within(&self, other: &Self) -> bool {
        std::iter::successors(Some(*self), Self::parent).any(|division| division == *other)
    }

    /// Whether the first two digits are those of a province, or it is the nation. If not, warn (I3).
    pub fn has_known_province(&self) -> bool {
        *self == Self::NATION || is_province(&self.as_str()[..2])
    }

    /// Whether it is a county directly under its province (省直辖县级行政区划), such as 429004.
    pub fn is_directly_under_province(&self) -> bool {
        self.level() == DivisionLevel::County && matches!(&self.0[2..4], b"90" | b"00")
    }

    /// Whether statistics use it for a development zone (开发区), which is no division of GB/T 2260 (I3).
    pub fn is_development_zone(&self) -> bool {
        matches!(&self.0[4..], [b'7', b'1'..=b'9'])
    }

    /// The long form, with six zeros behind.
    pub fn to_long(&self) -> LongDivisionCode {
        let mut bytes = [b'0'; 12];
        bytes[..6].copy_from_slice(&self.0);
        LongDivisionCode(bytes)
    }
}

impl LongDivisionCode {
    /// The division down to the county.
    pub fn division(&self) -> DivisionCode {
        let [a, b, c, d, e, f, ..] = self.0;
        DivisionCode([a, b, c, d, e, f])
    }

    /// Its level.
    pub fn level(&self) -> DivisionLevel {
        match (&self.0[6..9], &self.0[9..]) {
            (b"000", _) => self.division().level(),
            (_, b"000") => DivisionLevel::Town,
            _ => DivisionLevel::Village,
        }
    }

    /// The division above, none above the nation.
    pub fn parent(&self) -> Option<Self> {
        match self.level() {
            DivisionLevel::Village => {
                let mut town = self.0;
                town[9..].copy_from_slice(b"000");
                Some(Self(town))
            }
            DivisionLevel::Town => Some(self.division().to_long()),
            _ => self.division().parent().map(|parent| parent.to_long()),
        }
    }
}

impl From<DivisionCode> for LongDivisionCode {
    fn from(division: DivisionCode) -> Self {
        division.to_long()
    }
}

fn check_digits(bytes: &[u8]) -> Result<(), DivisionCodeError> {
    if !are_digits(bytes) {
        return Err(DivisionCodeError::WrongCharacter);
    }
    if bytes[0] == b'0' {
        return Err(DivisionCodeError::WrongProvince);
    }
    Ok(())
}

impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<Self, DivisionCodeError> {
        let bytes: [u8; 6] = characters(text).ok_or(DivisionCodeError::WrongLength)?;
        check_digits(&bytes)?;
        Ok(Self(bytes))
    }
}

impl FromStr for LongDivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<Self, DivisionCodeError> {
        let bytes: [u8; 12] = characters(text).ok_or(DivisionCodeError::WrongLength)?;
        check_digits(&bytes)?;
        if bytes[6..9] == *b"000" && bytes[9..] != *b"000" {
            return Err(DivisionCodeError::WrongVillage);
        }
        Ok(Self(bytes))
    }
}
