//! Standards for codes, as types of licences and mapping files name them. Which text is such a code is asked at the rim, where the texts are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// A standard for codes. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumIter, IntoStaticStr)]
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
