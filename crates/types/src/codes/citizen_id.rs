//! The number of a citizen (公民身份号码), GB 11643-1999.

use super::check::mod_11_2;
use super::text_form::{are_digits, characters, date, number, text_form};
use super::{DivisionCode, division_code};
use std::fmt;
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};
use time::Date;

/// Why a text is not the number of a citizen, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CitizenIdError {
    /// Not 18 characters (15 for [`CitizenId::upgrade`]).
    #[error("the number of a citizen has 18 characters, an old one 15 digits")]
    WrongLength,
    /// A character other than a digit, or than `X` at the end.
    #[error("only digits are allowed, and X at the end")]
    WrongCharacter,
    /// Characters 7 to 14 are no day of the calendar.
    #[error("the date of birth does not exist")]
    WrongDate,
    /// The last character does not fit the others.
    #[error("the check character does not fit, a character is mistyped")]
    WrongCheck,
}

/// The day of birth in a number comes later than the day that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the date of birth lies in the future")]
pub struct BornLater;

/// The number of a citizen (公民身份号码): 6 digits of the division of first registration (地址码), 8 of the date of birth
/// (出生日期码), 3 in sequence (顺序码), and a check character (校验码). GB 11643-1999, "号码的结构和表示形式".
///
/// Personal data: some 10^11 numbers exist, so that even a hash of one is reversible. `Debug` prints
/// [`CitizenId::mask`], errors repeat nothing; `Display` and JSON are the full number, for forms and sealed documents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId([u8; 18]);

text_form!(CitizenId, CitizenIdError, "^[0-9]{17}[0-9X]$");

/// Sex, by the parity of the sequence: odd for men, even for women (GB 11643, 顺序码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// Who holds a number of this form. From memory, not from the standard: for display and warnings only (I3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdHolder {
    /// A citizen with a registered residence (居民身份证).
    Resident,
    /// Residence permit for people of Hong Kong (港澳居民居住证), address 810000.
    HongKong,
    /// Residence permit for people of Macao (港澳居民居住证), address 820000.
    Macao,
    /// Residence permit for people of Taiwan (台湾居民居住证), address 830000.
    Taiwan,
    /// Permanent residence card of a foreigner (外国人永久居留身份证), beginning with 9.
    Foreigner,
}

impl CitizenId {
    /// The number that a 15-digit one of before 1999 became: the century `19` put in, the check character added.
    pub fn upgrade(old: &str) -> Result<Self, CitizenIdError> {
        let old: [u8; 15] = characters(old).ok_or(CitizenIdError::WrongLength)?;
        let mut bytes = [b'0'; 18];
        bytes[..6].copy_from_slice(&old[..6]);
        bytes[6..8].copy_from_slice(b"19");
        bytes[8..17].copy_from_slice(&old[6..]);
        bytes[17] = mod_11_2(&bytes[..17]).ok_or(CitizenIdError::WrongCharacter)?;
        Self::new(bytes)
    }

    fn new(bytes: [u8; 18]) -> Result<Self, CitizenIdError> {
        let (body, last) = (&bytes[..17], bytes[17]);
        if !are_digits(body) || !(last.is_ascii_digit() || last == b'X') {
            return Err(CitizenIdError::WrongCharacter);
        }
        let id = Self(bytes);
        if date(id.birth_digits()).is_none() {
            return Err(CitizenIdError::WrongDate);
        }
        if mod_11_2(body) != Some(last) {
            return Err(CitizenIdError::WrongCheck);
        }
        Ok(id)
    }

    /// The first 6 and the last 4 characters: `110105********002X`.
    pub fn mask(&self) -> String {
        format!("{}********{}", &self.as_str()[..6], &self.as_str()[14..])
    }

    /// The first and the last character: `1****************X`.
    pub fn mask_strictly(&self) -> String {
        format!("{}****************{}", &self.as_str()[..1], &self.as_str()[17..])
    }

    fn birth_digits(&self) -> &str {
        &self.as_str()[6..14]
    }

    /// The day of birth.
    pub fn birth_date(&self) -> Date {
        date(self.birth_digits()).expect("a citizen's number holds a day of the calendar")
    }

    /// Refuses the number of somebody who is born after today. Reading a number does not ask for that: a value does not depend on the day
    /// on which it is read. Whoever takes numbers from outside asks it.
    pub fn refuse_born_after(&self, today: Date) -> Result<(), BornLater> {
        if self.birth_date() > today { Err(BornLater) } else { Ok(()) }
    }

    /// Full years of age on that day, none before the day of birth. Whoever is born on 29 February is a year older on
    /// 1 March.
    pub fn age_on(&self, day: Date) -> Option<u16> {
        let born = self.birth_date();
        if day < born {
            return None;
        }
        let is_before_birthday = (u8::from(day.month()), day.day()) < (u8::from(born.month()), born.day());
        u16::try_from(day.year() - born.year() - i32::from(is_before_birthday)).ok()
    }

    /// The sex that the number was given for.
    pub fn sex(&self) -> Sex {
        if number(&self.as_str()[14..17]) % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The division of first registration, if the form is one. It may be abolished by now.
    pub fn division(&self) -> Option<DivisionCode> {
        self.as_str()[..6].parse().ok()
    }

    /// Whether the address lies in a province, or belongs to a known kind of permit. If not, warn (I3).
    pub fn has_known_address(&self) -> bool {
        self.holder() != IdHolder::Resident || division_code::is_province(&self.as_str()[..2])
    }

    /// Who holds a number of this form.
    pub fn holder(&self) -> IdHolder {
        match &self.as_str()[..6] {
            "810000" => IdHolder::HongKong,
            "820000" => IdHolder::Macao,
            "830000" => IdHolder::Taiwan,
            address if address.starts_with('9') => IdHolder::Foreigner,
            _ => IdHolder::Resident,
        }
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CitizenId({})", self.mask()) // I4
    }
}

impl FromStr for CitizenId {
    type Err = CitizenIdError;

    fn from_str(text: &str) -> Result<Self, CitizenIdError> {
        Self::new(characters(text).ok_or(CitizenIdError::WrongLength)?)
    }
}
