//! Kinds of identity documents (证件类型), GA/T 2000.156.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use strum::{EnumIter, FromRepr, IntoStaticStr};

/// The number is no kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the number of a kind of document, three digits from 001 to 999")]
pub struct DocumentKindError;

/// The kind of a document that shows who somebody is, by its number of three digits. A number outside the table is a kind, too:
/// [`DocumentKind::known`] says what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DocumentKind(u16);

/// The kinds in the table of GA/T 2000.156, as far as they are known here: from memory, but for 111.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, FromRepr, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[repr(u16)]
pub enum KnownDocument {
    /// 居民身份证.
    ResidentIdentityCard = 111,
    /// 临时居民身份证.
    TemporaryIdentityCard = 112,
    /// 户口簿.
    HouseholdRegister = 113,
    /// 军官证.
    MilitaryOfficer = 114,
    /// 警官证 (武警).
    ArmedPoliceOfficer = 115,
    /// 警官证.
    PoliceOfficer = 123,
    /// 普通护照.
    OrdinaryPassport = 414,
    /// 台湾居民来往大陆通行证.
    TaiwanTravelPermit = 511,
    /// 往来港澳通行证.
    PermitToHongKongAndMacao = 513,
    /// 港澳居民来往内地通行证.
    HongKongMacaoTravelPermit = 516,
    /// 外国人永久居留身份证.
    ForeignPermanentResident = 553,
    /// 其他.
    Other = 990,
}

impl DocumentKind {
    /// 居民身份证, whose number is the citizen's.
    pub const RESIDENT_IDENTITY_CARD: Self = Self(KnownDocument::ResidentIdentityCard as u16);

    /// The kind with this number.
    pub fn from_number(number: u16) -> Result<Self, DocumentKindError> {
        if (1..=999).contains(&number) { Ok(Self(number)) } else { Err(DocumentKindError) }
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// What the table says of it.
    pub fn known(self) -> Option<KnownDocument> {
        KnownDocument::from_repr(self.0)
    }

    /// Whether it carries the number of a citizen, by the table.
    pub fn has_citizen_number(self) -> bool {
        use KnownDocument::{HouseholdRegister, ResidentIdentityCard, TemporaryIdentityCard};
        matches!(self.known(), Some(ResidentIdentityCard | TemporaryIdentityCard | HouseholdRegister))
    }
}

impl From<KnownDocument> for DocumentKind {
    fn from(known: KnownDocument) -> Self {
        Self(known as u16)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:03}", self.0)
    }
}

impl FromStr for DocumentKind {
    type Err = DocumentKindError;

    fn from_str(text: &str) -> Result<Self, DocumentKindError> {
        if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DocumentKindError);
        }
        Self::from_number(text.parse().map_err(|_| DocumentKindError)?)
    }
}

impl<'de> Deserialize<'de> for DocumentKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_number(u16::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for DocumentKind {
    fn schema_name() -> Cow<'static, str> {
        "DocumentKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 999 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn numbers_of_three_digits_are_kinds_and_nothing_else() {
        for number in 0..=u16::MAX {
            assert_eq!(DocumentKind::from_number(number).is_ok(), (1..=999).contains(&number));
        }
        for text in ["", "11", "1111", "000", "+11", "1 1", "一一一"] {
            assert_eq!(text.parse::<DocumentKind>(), Err(DocumentKindError), "{text}");
        }
        assert_eq!("013".parse::<DocumentKind>().map(|kind| kind.to_string()), Ok("013".to_owned()));
        for (json, is_one) in [("111", true), ("0", false), ("1000", false), ("\"111\"", false)] {
            assert_eq!(serde_json::from_str::<DocumentKind>(json).is_ok(), is_one, "{json}");
        }
    }

    #[test]
    fn the_table_is_known_by_its_numbers() {
        for known in KnownDocument::iter() {
            assert_eq!(DocumentKind::from(known).known(), Some(known));
        }
        let unlisted = DocumentKind::from_number(335).expect("three digits");
        assert_eq!((unlisted.known(), unlisted.has_citizen_number()), (None, false));
        assert!(DocumentKind::RESIDENT_IDENTITY_CARD.has_citizen_number());
        assert!(!DocumentKind::from(KnownDocument::OrdinaryPassport).has_citizen_number());
    }
}
