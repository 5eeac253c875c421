//! Codes at the border: which standard a column follows, and whether a text is such a code.

use serde::Deserialize;
use std::str::FromStr;
use time::Date;
use tongban_types::codes::{
    CaseNumber, CitizenId, DivisionCode, HandlingItemCode, IdHolder, InvoiceNumber, ItemBasicCode,
    ItemImplementationCode, LicenceIdentifier, LicenceTypeCode, LongDivisionCode, OrganisationCode, RealEstateUnitCode,
    UnifiedSocialCreditCode,
};

/// A standard for codes, as mapping files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, strum::EnumIter, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CodeStandard {
    /// Unified social credit code (统一社会信用代码).
    CreditCode,
    /// Number of a citizen (公民身份号码), of somebody who was born by then.
    CitizenId,
    /// Organisation code (组织机构代码), with its hyphen or without.
    OrganisationCode,
    /// Division of six digits (行政区划代码).
    Division,
    /// Division of twelve digits (十二位区划代码).
    LongDivision,
    /// Real-estate unit (不动产单元代码).
    RealEstateUnit,
    /// Number of a digitalised invoice (数电票发票号码).
    InvoiceNumber,
    /// Basic code of a service item (基本编码).
    ItemBasicCode,
    /// Implementation code of a service item (实施编码).
    ItemImplementationCode,
    /// Handling item (业务办理项编码).
    HandlingItemCode,
    /// Number of a case (办件编号).
    CaseNumber,
    /// Type of licences (证照类型代码).
    LicenceType,
    /// Identifier of a licence (电子证照标识).
    LicenceIdentifier,
}

/// Why a text is no code of a standard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CodeFault {
    /// Whether its form is right and its check character is not.
    pub is_check: bool,
    /// The reason, in words that do not repeat the code.
    pub reason: String,
}

impl CodeStandard {
    /// Refuses a text, in the spelling of codes, that is no such code. `today` is the day after which nobody was born.
    pub fn check(self, text: &str, today: Date) -> Result<(), CodeFault> {
        match self {
            Self::CreditCode => read::<UnifiedSocialCreditCode>(text).map(drop),
            Self::CitizenId => {
                let id: CitizenId = read(text)?;
                id.refuse_born_after(today).map_err(|error| CodeFault { is_check: false, reason: error.to_string() })
            }
            Self::OrganisationCode if text.contains('-') => read::<OrganisationCode>(text).map(drop),
            Self::OrganisationCode => OrganisationCode::from_plain(text).map(drop).map_err(fault),
            Self::Division => read::<DivisionCode>(text).map(drop),
            Self::LongDivision => read::<LongDivisionCode>(text).map(drop),
            Self::RealEstateUnit => read::<RealEstateUnitCode>(text).map(drop),
            Self::InvoiceNumber => read::<InvoiceNumber>(text).map(drop),
            Self::ItemBasicCode => read::<ItemBasicCode>(text).map(drop),
            Self::ItemImplementationCode => read::<ItemImplementationCode>(text).map(drop),
            Self::HandlingItemCode => read::<HandlingItemCode>(text).map(drop),
            Self::CaseNumber => read::<CaseNumber>(text).map(drop),
            Self::LicenceType => read::<LicenceTypeCode>(text).map(drop),
            Self::LicenceIdentifier => read::<LicenceIdentifier>(text).map(drop),
        }
    }
}

impl CodeStandard {
    /// The division that a code names: it is one, or a citizen's number that was given there.
    pub fn division(self, text: &str) -> Option<DivisionCode> {
        match self {
            Self::CitizenId => text.parse::<CitizenId>().ok().and_then(|id| address(&id)),
            Self::Division => text.parse().ok(),
            Self::LongDivision => text.parse().ok().map(|long: LongDivisionCode| long.division()),
            Self::CreditCode
            | Self::OrganisationCode
            | Self::RealEstateUnit
            | Self::InvoiceNumber
            | Self::ItemBasicCode
            | Self::ItemImplementationCode
            | Self::HandlingItemCode
            | Self::CaseNumber
            | Self::LicenceType
            | Self::LicenceIdentifier => None,
        }
    }
}

/// The division of a citizen's first registration. Numbers of people from elsewhere begin with no division.
pub fn address(id: &CitizenId) -> Option<DivisionCode> {
    id.division().filter(|_| id.holder() == IdHolder::Resident)
}

/// A code, or why it is none.
pub fn read<T: FromStr<Err: std::fmt::Display + Into<&'static str>>>(text: &str) -> Result<T, CodeFault> {
    text.parse().map_err(fault)
}

/// All codes with a check character call its error so.
fn fault(error: impl std::fmt::Display + Into<&'static str>) -> CodeFault {
    let reason = error.to_string();
    let code: &'static str = error.into();
    CodeFault { is_check: code == "wrong_check", reason }
}
