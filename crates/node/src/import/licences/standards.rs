//! Codes at the border: whether a text is a code of the standard that a column, or a field of a face, follows.

use std::str::FromStr;
use time::Date;
use tongban_modules::code_standards::CodeStandard;
use tongban_types::codes::{
    CaseNumber, CitizenId, DivisionCode, HandlingItemCode, IdHolder, InvoiceNumber, ItemBasicCode,
    ItemImplementationCode, LicenceIdentifier, LicenceTypeCode, LongDivisionCode, OrganisationCode, RealEstateUnitCode,
    UnifiedSocialCreditCode,
};

/// Why a text is no code of a standard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CodeFault {
    /// Whether its form is right and its check character is not.
    pub is_check: bool,
    /// The reason, in words that do not repeat the code.
    pub reason: String,
}

/// Refuses a text, in the spelling of codes, that is no such code. `today` is the day after which nobody was born.
pub fn check(standard: CodeStandard, text: &str, today: Date) -> Result<(), CodeFault> {
    match standard {
        CodeStandard::CreditCode => read::<UnifiedSocialCreditCode>(text).map(drop),
        CodeStandard::CitizenId => {
            let id: CitizenId = read(text)?;
            id.refuse_born_after(today).map_err(|error| CodeFault { is_check: false, reason: error.to_string() })
        }
        CodeStandard::OrganisationCode if text.contains('-') => read::<OrganisationCode>(text).map(drop),
        CodeStandard::OrganisationCode => OrganisationCode::from_plain(text).map(drop).map_err(fault),
        CodeStandard::Division => read::<DivisionCode>(text).map(drop),
        CodeStandard::LongDivision => read::<LongDivisionCode>(text).map(drop),
        CodeStandard::RealEstateUnit => read::<RealEstateUnitCode>(text).map(drop),
        CodeStandard::InvoiceNumber => read::<InvoiceNumber>(text).map(drop),
        CodeStandard::ItemBasicCode => read::<ItemBasicCode>(text).map(drop),
        CodeStandard::ItemImplementationCode => read::<ItemImplementationCode>(text).map(drop),
        CodeStandard::HandlingItemCode => read::<HandlingItemCode>(text).map(drop),
        CodeStandard::CaseNumber => read::<CaseNumber>(text).map(drop),
        CodeStandard::LicenceType => read::<LicenceTypeCode>(text).map(drop),
        CodeStandard::LicenceIdentifier => read::<LicenceIdentifier>(text).map(drop),
    }
}

/// The division that a code names: it is one, or a citizen's number that was given there.
pub fn division(standard: CodeStandard, text: &str) -> Option<DivisionCode> {
    match standard {
        CodeStandard::CitizenId => text.parse::<CitizenId>().ok().and_then(|id| address(&id)),
        CodeStandard::Division => text.parse().ok(),
        CodeStandard::LongDivision => text.parse().ok().map(|long: LongDivisionCode| long.division()),
        CodeStandard::CreditCode
        | CodeStandard::OrganisationCode
        | CodeStandard::RealEstateUnit
        | CodeStandard::InvoiceNumber
        | CodeStandard::ItemBasicCode
        | CodeStandard::ItemImplementationCode
        | CodeStandard::HandlingItemCode
        | CodeStandard::CaseNumber
        | CodeStandard::LicenceType
        | CodeStandard::LicenceIdentifier => None,
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
