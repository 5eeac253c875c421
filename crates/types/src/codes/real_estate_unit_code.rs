//! The code of a real-estate unit (不动产单元代码), GB/T 37346-2019.

use super::DivisionCode;
use super::text_form::{are_digits, characters, debug_as_text, text_form};
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not the code of a real-estate unit, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RealEstateUnitCodeError {
    /// Not 28 characters.
    #[error("the code of a real-estate unit has 28 characters")]
    WrongLength,
    /// A character that is not a digit, or not an upper-case letter, where one has to be.
    #[error("characters 13, 14 and 20 are upper-case letters, the others digits")]
    WrongCharacter,
    /// The first 6 digits are no division.
    #[error("the first 6 digits are no division")]
    WrongDivision,
    /// Character 13 is not `G`, `J` or `Z`.
    #[error("character 13, the ownership, is G, J or Z")]
    WrongOwnership,
    /// Collective ownership of land (`A`) on land that is not collective.
    #[error("feature A, collective ownership, goes with ownership J only")]
    WrongFeature,
    /// Character 20 is not `F`, `L`, `Q` or `W`.
    #[error("character 20, the fixture, is F, L, Q or W")]
    WrongFixture,
    /// A unit number for a parcel without fixtures.
    #[error("without a fixture (W) the last 8 digits are 0")]
    WrongFixtureUnit,
}

/// Who owns the land (土地所有权类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LandOwnership {
    /// 国家, `G`.
    State,
    /// 集体, `J`.
    Collective,
    /// 未确权或争议, `Z`.
    Undetermined,
}

/// What stands on the parcel (定着物特征码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixture {
    /// 房屋等建筑物、构筑物, `F`.
    Building,
    /// 森林或林木, `L`.
    Forest,
    /// 其他类型定着物, `Q`.
    Other,
    /// 无定着物, `W`.
    None,
}

/// The right that makes the parcel (宗地特征码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParcelFeature {
    /// 集体土地所有权宗地, `A`.
    CollectiveOwnership,
    /// 建设用地使用权（地表）, `B`.
    ConstructionSurface,
    /// 建设用地使用权（地上）, `S`.
    ConstructionAbove,
    /// 建设用地使用权（地下）, `X`.
    ConstructionBelow,
    /// 宅基地使用权, `C`.
    Homestead,
    /// 土地承包经营权（耕地）, `D`.
    ContractedFarmland,
    /// 土地承包经营权（林地）, `E`.
    ContractedForest,
    /// 土地承包经营权（草地）, `F`.
    ContractedGrassland,
    /// 海域使用权, `H`.
    Sea,
    /// 无居民海岛使用权, `G`.
    UninhabitedIsland,
    /// 使用权未确定或有争议, `W`.
    Undetermined,
    /// 其他使用权, `Y`.
    Other,
}

/// The code of a real-estate unit (不动产单元代码), GB/T 37346-2019: county 6, cadastral district (地籍区) 3 and sub-district
/// (地籍子区) 3, ownership 1, feature 1, parcel 5, fixture 1, unit of the fixture 8. It has no check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RealEstateUnitCode([u8; 28]);

text_form!(
    RealEstateUnitCode,
    RealEstateUnitCodeError,
    "^[1-9][0-9]{11}(J[A-Z]|[GZ][B-Z])[0-9]{5}([FLQ][0-9]{8}|W0{8})$"
);
debug_as_text!(RealEstateUnitCode);

impl RealEstateUnitCode {
    /// The code in the groups in which it is printed, 6 + 6 + 7 + 9.
    pub fn grouped(&self) -> String {
        let text = self.as_str();
        format!("{} {} {} {}", &text[..6], &text[6..12], &text[12..19], &text[19..])
    }

    /// The county, or the city where it has no counties.
    pub fn division(&self) -> DivisionCode {
        self.as_str()[..6].parse().expect("a unit code begins with a division")
    }

    /// The cadastral district.
    pub fn cadastral_district(&self) -> &str {
        &self.as_str()[6..9]
    }

    /// The cadastral sub-district, within the district.
    pub fn cadastral_subdistrict(&self) -> &str {
        &self.as_str()[9..12]
    }

    /// Who owns the land.
    pub fn ownership(&self) -> LandOwnership {
        ownership(self.0[12]).expect("a unit code has an ownership")
    }

    /// The right that makes the parcel. `None` for a letter that is not in the table: warn (I3).
    pub fn feature(&self) -> Option<ParcelFeature> {
        Some(match self.0[13] {
            b'A' => ParcelFeature::CollectiveOwnership,
            b'B' => ParcelFeature::ConstructionSurface,
            b'S' => ParcelFeature::ConstructionAbove,
            b'X' => ParcelFeature::ConstructionBelow,
            b'C' => ParcelFeature::Homestead,
            b'D' => ParcelFeature::ContractedFarmland,
            b'E' => ParcelFeature::ContractedForest,
            b'F' => ParcelFeature::ContractedGrassland,
            b'H' => ParcelFeature::Sea,
            b'G' => ParcelFeature::UninhabitedIsland,
            b'W' => ParcelFeature::Undetermined,
            b'Y' => ParcelFeature::Other,
            _ => return None,
        })
    }

    /// The code of the parcel (宗地代码), the first 19 characters.
    pub fn parcel(&self) -> &str {
        &self.as_str()[..19]
    }

    /// What stands on the parcel.
    pub fn fixture(&self) -> Fixture {
        fixture(self.0[19]).expect("a unit code has a fixture")
    }

    /// The eight digits of the unit of the fixture. Of a building (`F`), four of the building (幢) and four of the unit (户).
    pub fn fixture_unit(&self) -> &str {
        &self.as_str()[20..]
    }
}

fn ownership(letter: u8) -> Option<LandOwnership> {
    Some(match letter {
        b'G' => LandOwnership::State,
        b'J' => LandOwnership::Collective,
        b'Z' => LandOwnership::Undetermined,
        _ => return None,
    })
}

fn fixture(letter: u8) -> Option<Fixture> {
    Some(match letter {
        b'F' => Fixture::Building,
        b'L' => Fixture::Forest,
        b'Q' => Fixture::Other,
        b'W' => Fixture::None,
        _ => return None,
    })
}

impl FromStr for RealEstateUnitCode {
    type Err = RealEstateUnitCodeError;

    fn from_str(text: &str) -> Result<Self, RealEstateUnitCodeError> {
        let bytes: [u8; 28] = characters(text).ok_or(RealEstateUnitCodeError::WrongLength)?;
        let letters = [bytes[12], bytes[13], bytes[19]];
        let digits = [&bytes[..12], &bytes[14..19], &bytes[20..]];
        if !digits.into_iter().all(are_digits) || !letters.iter().all(u8::is_ascii_uppercase) {
            return Err(RealEstateUnitCodeError::WrongCharacter);
        }
        if text.get(..6).is_none_or(|division| division.parse::<DivisionCode>().is_err()) {
            return Err(RealEstateUnitCodeError::WrongDivision);
        }
        let Some(owner) = ownership(bytes[12]) else {
            return Err(RealEstateUnitCodeError::WrongOwnership);
        };
        if bytes[13] == b'A' && owner != LandOwnership::Collective {
            return Err(RealEstateUnitCodeError::WrongFeature);
        }
        let Some(fixture) = fixture(bytes[19]) else {
            return Err(RealEstateUnitCodeError::WrongFixture);
        };
        if fixture == Fixture::None && bytes[20..] != *b"00000000" {
            return Err(RealEstateUnitCodeError::WrongFixtureUnit);
        }
        Ok(Self(bytes))
    }
}
