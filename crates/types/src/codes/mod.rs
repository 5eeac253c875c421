//! The field codes of Chinese public administration, and money.
//!
//! | Type | Chinese | Standard | Characters | Check |
//! |---|---|---|---|---|
//! | [`CitizenId`] | 公民身份号码 | GB 11643-1999 | 18 | ISO 7064 MOD 11-2, a real date |
//! | [`UnifiedSocialCreditCode`] | 统一社会信用代码 | GB 32100-2015 | 18 | modulus 31 |
//! | [`OrganisationCode`] | 组织机构代码 | GB 11714-1997 | 10, `XXXXXXXX-C` | modulus 11 |
//! | [`DivisionCode`] | 行政区划代码 | GB/T 2260 | 6 | none |
//! | [`LongDivisionCode`] | 十二位区划代码 | GB/T 2260 and towns, villages | 12 | none |
//! | [`DocumentKind`] | 证件类型 | GA/T 2000.156 | 3 | none |
//! | [`LicenceTypeCode`] | 证照类型代码 | GB/T 36904-2018 | 21 | that of its credit code |
//! | [`LicenceIdentifier`] | 电子证照标识 | GB/T 36904-2018 | at most 96 | ISO 7064 MOD 37,36 |
//! | [`ItemBasicCode`] | 事项基本编码 | GB/T 39554.1-2020 | 12 | none |
//! | [`ItemImplementationCode`] | 事项实施编码 | GB/T 39554.1-2020 | 31 | that of its credit code |
//! | [`HandlingItemCode`] | 业务办理项编码 | GB/T 39554.1-2020 | 33 | that of its credit code |
//! | [`CaseNumber`] | 办件编号 | GB/T 39046-2020, an..50 | 1 to 50 | none |
//! | [`RealEstateUnitCode`] | 不动产单元代码 | GB/T 37346-2019 | 28 | none |
//! | [`InvoiceNumber`] | 数电票发票号码 | tax administration | 20 | none |
//! | [`Cents`] | 金额（分） | 会计基础工作规范, 第五十二条 | `i64` | none |
//!
//! # Invariants
//!
//! 1. A value obeys its standard: whoever holds one need not look again.
//! 2. One value, one spelling, which is the text in JSON and BCS alike: upper case, half width, no blanks.
//!    What people type goes through [`normalise`] first; reading never does that by itself.
//! 3. What is only customary or known from memory is a question (`has_…`, `is_…`, or an `Option`) that may lead to a
//!    warning, never a refusal: codes outlive the lists they came from.
//! 4. The number of a citizen appears in no `Debug` output and in no error.

mod case_number;
mod cents;
mod check;
mod citizen_id;
mod credit_code;
mod credit_code_categories;
mod division_code;
mod document_kind;
mod handling_item_code;
mod invoice_number;
mod item_basic_code;
mod item_implementation_code;
mod licence_identifier;
mod organisation_code;
mod real_estate_unit_code;
mod text_form;

pub use case_number::{CaseNumber, CaseNumberError, CaseNumberParts};
pub use cents::{Cents, CentsError};
pub use citizen_id::{BornLater, CitizenId, CitizenIdError, IdHolder, Sex};
pub use credit_code::{UnifiedSocialCreditCode, UnifiedSocialCreditCodeError};
pub use credit_code_categories::{CREDIT_CODE_CATEGORIES, CreditCodeCategory};
pub use division_code::{DivisionCode, DivisionCodeError, DivisionLevel, LongDivisionCode};
pub use document_kind::{DocumentKind, DocumentKindError, KnownDocument};
pub use handling_item_code::{HandlingItemCode, HandlingItemCodeError};
pub use invoice_number::{InvoiceNumber, InvoiceNumberError};
pub use item_basic_code::{ItemBasicCode, ItemBasicCodeError, ItemType};
pub use item_implementation_code::{ItemImplementationCode, ItemImplementationCodeError, ItemLevel};
pub use licence_identifier::{LicenceIdentifier, LicenceIdentifierError, LicenceIssuer, LicenceTypeCode};
pub use organisation_code::{OrganisationCode, OrganisationCodeError};
pub use real_estate_unit_code::{Fixture, LandOwnership, ParcelFeature, RealEstateUnitCode, RealEstateUnitCodeError};

/// What people type, in the spelling of codes and amounts: full-width digits, letters, signs and blanks become their
/// half-width twins (`￥` becomes `¥`), lower case becomes upper case, and blanks at both ends go.
pub fn normalise(text: &str) -> String {
    let half_width = text.chars().map(|character| match character {
        '\u{3000}' => ' ',
        '\u{FFE5}' => '¥',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).expect("the block mirrors the visible characters of ASCII")
        }
        other => other,
    });
    half_width.collect::<String>().trim().to_ascii_uppercase()
}
