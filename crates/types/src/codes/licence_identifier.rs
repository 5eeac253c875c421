//! The identifier of an electronic licence (电子证照标识), GB/T 36904-2018.

use super::check::{is_in_alphabet_36, mod_37_36};
use super::text_form::{are_digits, characters, debug_as_text, number, text_form};
use super::{DivisionCode, UnifiedSocialCreditCode};
use std::fmt;
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// The root of all identifiers, with the point behind it.
const ROOT: &str = "1.2.156.3005.2.";
/// The greatest number of characters: root, type, issuer, serial, version, check and the points between.
const LENGTH_MAX: usize = ROOT.len() + 21 + 1 + 18 + 1 + LicenceIdentifier::SERIAL_MAX + 1 + 3 + 1 + 1;

/// Why a text is not the identifier of a licence, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LicenceIdentifierError {
    /// Longer than any.
    #[error("the identifier is too long")]
    WrongLength,
    /// It does not begin with `1.2.156.3005.2.`.
    #[error("an identifier begins with 1.2.156.3005.2.")]
    WrongRoot,
    /// Behind the root there are not five parts with points between them.
    #[error("behind the root stand type, issuer, serial, version and check, with points between them")]
    WrongParts,
    /// The type is not a credit code and three digits.
    #[error("the type is the credit code of the authority that defines it, and three digits")]
    WrongType,
    /// The issuer is neither a credit code nor the code of a division.
    #[error("the issuer is a credit code or the code of a division")]
    WrongIssuer,
    /// The serial is empty, longer than 32 characters, or has others than digits and upper-case letters.
    #[error("the serial has 1 to 32 digits and upper-case letters")]
    WrongSerial,
    /// The version is not three digits.
    #[error("the version has three digits")]
    WrongVersion,
    /// The last character does not fit the others.
    #[error("the check character does not fit, a character is mistyped")]
    WrongCheck,
}

/// A type of licence (证照类型代码), such as `11100000MB0143028R001`, the business licence: the credit code of the authority
/// that defines it (证照定义机构), and three digits. GB/T 36904-2018.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenceTypeCode([u8; 21]);

text_form!(LicenceTypeCode, LicenceIdentifierError, "^[0-9A-Z]{18}[0-9]{3}$");
debug_as_text!(LicenceTypeCode);

impl LicenceTypeCode {
    /// The authority that defines the type.
    pub fn definer(&self) -> UnifiedSocialCreditCode {
        self.as_str()[..18].parse().expect("a type begins with a credit code")
    }

    /// The number that the authority gave it.
    pub fn type_number(&self) -> u32 {
        number(&self.as_str()[18..])
    }
}

impl FromStr for LicenceTypeCode {
    type Err = LicenceIdentifierError;

    fn from_str(text: &str) -> Result<Self, LicenceIdentifierError> {
        let bytes: [u8; 21] = characters(text).ok_or(LicenceIdentifierError::WrongType)?;
        if !are_digits(&bytes[18..]) {
            return Err(LicenceIdentifierError::WrongType);
        }
        let code = text.get(..18).and_then(|part| part.parse::<UnifiedSocialCreditCode>().ok());
        if code.is_none() {
            return Err(LicenceIdentifierError::WrongType);
        }
        Ok(Self(bytes))
    }
}

/// Who issued a licence (证照颁发机构).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceIssuer {
    /// A body, by its credit code.
    Body(UnifiedSocialCreditCode),
    /// In some old identifiers, the division.
    Division(DivisionCode),
}

impl fmt::Display for LicenceIssuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(code) => code.fmt(formatter),
            Self::Division(code) => code.fmt(formatter),
        }
    }
}

impl FromStr for LicenceIssuer {
    type Err = LicenceIdentifierError;

    fn from_str(text: &str) -> Result<Self, LicenceIdentifierError> {
        if let Ok(code) = text.parse() {
            return Ok(Self::Body(code));
        }
        text.parse().map(Self::Division).map_err(|_| LicenceIdentifierError::WrongIssuer)
    }
}

/// The identifier of an electronic licence (电子证照标识), GB/T 36904-2018: `1.2.156.3005.2`, type, issuer, serial (流水号),
/// version (版本号) and check (校验位), with points between them. The check is ISO 7064 MOD 37,36 (GB/T 17710) over type,
/// issuer, serial and version without points.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenceIdentifier(String);

text_form!(
    LicenceIdentifier,
    LicenceIdentifierError,
    r"^1\.2\.156\.3005\.2\.[0-9A-Z]{18}[0-9]{3}\.([0-9A-Z]{18}|[1-9][0-9]{5})\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]$"
);
debug_as_text!(LicenceIdentifier);

impl LicenceIdentifier {
    /// The greatest number of characters of a serial.
    pub const SERIAL_MAX: usize = 32;

    /// The identifier of a new licence, or of a new version of one.
    pub fn new(
        licence_type: LicenceTypeCode,
        issuer: LicenceIssuer,
        serial: &str,
        version: u16,
    ) -> Result<Self, LicenceIdentifierError> {
        let body = format!("{licence_type}.{issuer}.{serial}.{version:03}");
        let check = mod_37_36(body.bytes().filter(|byte| *byte != b'.')).ok_or(LicenceIdentifierError::WrongSerial)?;
        format!("{ROOT}{body}.{}", char::from(check)).parse()
    }

    fn part(&self, index: usize) -> &str {
        self.0[ROOT.len()..].split('.').nth(index).expect("an identifier has five parts")
    }

    /// The type of the licence.
    pub fn licence_type(&self) -> LicenceTypeCode {
        self.part(0).parse().expect("an identifier has a type")
    }

    /// Who issued it.
    pub fn issuer(&self) -> LicenceIssuer {
        self.part(1).parse().expect("an identifier has an issuer")
    }

    /// Its serial, unique for type and issuer.
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// Its version: 1 when first issued.
    pub fn version(&self) -> u32 {
        number(self.part(3))
    }
}

impl FromStr for LicenceIdentifier {
    type Err = LicenceIdentifierError;

    fn from_str(text: &str) -> Result<Self, LicenceIdentifierError> {
        if text.len() > LENGTH_MAX {
            return Err(LicenceIdentifierError::WrongLength);
        }
        let rest = text.strip_prefix(ROOT).ok_or(LicenceIdentifierError::WrongRoot)?;
        let parts: Vec<&str> = rest.split('.').collect();
        let [licence_type, issuer, serial, version, check] = parts[..] else {
            return Err(LicenceIdentifierError::WrongParts);
        };
        licence_type.parse::<LicenceTypeCode>()?;
        issuer.parse::<LicenceIssuer>()?;
        if serial.is_empty() || serial.len() > Self::SERIAL_MAX || !serial.bytes().all(is_in_alphabet_36) {
            return Err(LicenceIdentifierError::WrongSerial);
        }
        if version.len() != 3 || !are_digits(version.as_bytes()) {
            return Err(LicenceIdentifierError::WrongVersion);
        }
        let body = [licence_type, issuer, serial, version].into_iter().flat_map(str::bytes);
        if mod_37_36(body).is_none_or(|expected| check.as_bytes() != [expected]) {
            return Err(LicenceIdentifierError::WrongCheck);
        }
        Ok(Self(text.to_owned()))
    }
}
