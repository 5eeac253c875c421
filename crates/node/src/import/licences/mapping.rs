//! The mapping file: which column of a file is which field of a licence.

use serde::Deserialize;
use std::collections::BTreeMap;
use tongban_modules::code_standards::CodeStandard;
use tongban_modules::licence_metadata::is_holder_type;
use tongban_modules::licences::{FieldKind, SourceState, TypeDefinition};
use tongban_types::codes::{DivisionCode, LicenceIssuer, LicenceTypeCode};
use tongban_types::licence_face::{FACE_FIELDS_MAX, FieldName};
use tongban_types::{List, Text};

/// The heading of a column.
pub type Column = Text<100>;

/// What a mapping file says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The system that the file comes from (来源系统).
    pub system: Text<100>,
    /// The type of all licences in the file.
    pub licence_type: LicenceTypeCode,
    /// The column of the identifier (电子证照标识) that each licence has already. It says what `issuer` and `key` would, so that the latter
    /// is left out; an issuer that is named besides has to agree.
    #[serde(default)]
    pub identifier: Option<Column>,
    /// The column of the serial (流水号) that each licence has already, in place of `key`.
    #[serde(default)]
    pub serial: Option<Column>,
    /// The column of the version (版本号) beside `serial`, 1 to 999; all are the first where this is absent.
    #[serde(default)]
    pub version: Option<Column>,
    /// Who issued all of them: a credit code, or the code of a division.
    #[serde(default)]
    pub issuer: Option<Text<18>>,
    /// The column that says who issued each, in place of `issuer`.
    #[serde(default)]
    pub issuer_column: Option<Column>,
    /// The columns that together tell one licence from another for ever: from them and the secret a serial is derived.
    #[serde(default)]
    pub key: List<Column, 8>,
    /// Whose each is.
    pub holder: HolderMapping,
    /// The number that people read on the certificate.
    #[serde(default)]
    pub certificate_number: Option<Column>,
    /// The first day of validity.
    #[serde(default)]
    pub valid_from: Option<Column>,
    /// The last day of validity; blank cells, and 长期, mean none. What cannot be read is taken over as unknown, and so is no end at all under a
    /// type that has one.
    #[serde(default)]
    pub valid_until: Option<Column>,
    /// What each licence is there; all are valid where this is absent.
    #[serde(default)]
    pub state: Option<StateMapping>,
    /// The division that all of them belong to (area_code), where that is not the one of the department that takes them over.
    #[serde(default)]
    pub area_code: Option<DivisionCode>,
    /// The column that says the division of each, in place of `area_code`.
    #[serde(default)]
    pub area_column: Option<Column>,
    /// The kind of all holders (holder_type), three digits.
    #[serde(default)]
    pub holder_type: Option<Text<3>>,
    /// The column that says the kind of each holder, in place of `holder_type`.
    #[serde(default)]
    pub holder_type_column: Option<Column>,
    /// How dates are written, such as `[day].[month].[year]`, besides the usual ways.
    #[serde(default)]
    pub date_formats: List<String, 8>,
    /// How far a row without anomalies can be trusted, 0 to 100.
    #[serde(default = "full_confidence")]
    pub confidence: u8,
    /// The fields of the face, in its order.
    pub fields: List<FieldMapping, FACE_FIELDS_MAX>,
}

fn full_confidence() -> u8 {
    100
}

/// Which column says whose a licence is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolderMapping {
    /// The column of the holder's code.
    pub column: Column,
    /// What kind of code that is.
    pub kind: HolderCodeKind,
    /// What becomes of rows whose code is none.
    #[serde(default)]
    pub bad_codes: BadCodes,
}

/// Kinds of holders' codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderCodeKind {
    /// A unified social credit code (统一社会信用代码).
    CreditCode,
    /// The number of a citizen (公民身份号码).
    CitizenId,
    /// Another number, which nothing can be said about.
    Other,
}

impl HolderCodeKind {
    /// The standard of these codes, where there is one.
    pub fn standard(self) -> Option<CodeStandard> {
        match self {
            Self::CreditCode => Some(CodeStandard::CreditCode),
            Self::CitizenId => Some(CodeStandard::CitizenId),
            Self::Other => None,
        }
    }
}

/// What becomes of rows with bad codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadCodes {
    /// They go to the error file.
    #[default]
    Refuse,
    /// They are taken over and flagged.
    Flag,
}

/// Which column says what a licence is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateMapping {
    /// The column.
    pub column: Column,
    /// The column that says since when.
    #[serde(default)]
    pub since: Option<Column>,
    /// The words there, with the codes of ministries: 01 valid, 02 suspended, 03 revoked, 04 cancelled, 05 expired, 06 moved out, 07 withdrawn,
    /// 99 other.
    pub words: BTreeMap<String, String>,
}

/// Which column is which field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMapping {
    /// The field's name in the type.
    pub name: FieldName,
    /// The column.
    pub column: Column,
    /// What it holds.
    pub kind: FieldKind,
    /// The standard that a code follows; rows with another text go to the error file. Without it a code is taken as it is written.
    #[serde(default)]
    pub standard: Option<CodeStandard>,
    /// Whether a blank cell is an anomaly.
    #[serde(default)]
    pub required: bool,
}

/// Why a mapping file cannot be used. The code is stable, and the place says where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message} (import.bad_mapping)")]
pub struct MappingError {
    /// Where: a field of the file, or `file`.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl MappingError {
    fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl Mapping {
    /// Reads a mapping from YAML, of which JSON is a part.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        let value: serde_json::Value = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| MappingError::at("file", error.to_string()))?;
        let mapping: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { "file".to_owned() } else { place };
            MappingError::at(place, error.into_inner().to_string())
        })?;
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<(), MappingError> {
        if self.system.is_empty() {
            return Err(MappingError::at("system", "the system that the file comes from must be named"));
        }
        match (&self.issuer, &self.issuer_column) {
            (Some(issuer), None) => {
                issuer.parse::<LicenceIssuer>().map_err(|error| MappingError::at("issuer", error.to_string()))?;
            }
            (None, Some(_)) => {}
            (None, None) if self.identifier.is_some() => {}
            _ => return Err(MappingError::at("issuer", "name either the issuer or the column that says it")),
        }
        if self.identifier.is_some() && (self.serial.is_some() || self.version.is_some()) {
            return Err(MappingError::at("identifier", "an identifier has its serial and its version in it"));
        }
        if self.version.is_some() && self.serial.is_none() {
            return Err(MappingError::at("version", "a version goes with a serial"));
        }
        match (self.identifier.is_some() || self.serial.is_some(), self.key.is_empty()) {
            (false, true) => {
                return Err(MappingError::at("key", "name the columns that tell one licence from another"));
            }
            (true, false) => return Err(MappingError::at("key", "the identifier or the serial tells them apart")),
            _ => {}
        }
        if self.fields.is_empty() {
            return Err(MappingError::at("fields", "a face has fields"));
        }
        for (index, field) in self.fields.iter().enumerate() {
            if field.name.is_empty() || self.fields[..index].iter().any(|earlier| earlier.name == field.name) {
                return Err(MappingError::at(format!("fields[{index}].name"), "each field has a name of its own"));
            }
            if field.standard.is_some() && field.kind != FieldKind::Code {
                return Err(MappingError::at(format!("fields[{index}].standard"), "only codes follow a standard"));
            }
        }
        for (index, format) in self.date_formats.iter().enumerate() {
            let parsed = time::format_description::parse_borrowed::<2>(format);
            parsed.map_err(|error| MappingError::at(format!("date_formats[{index}]"), error.to_string()))?;
        }
        let words = self.state.iter().flat_map(|state| &state.words);
        for (word, code) in words {
            if SourceState::from_code(code).is_none() {
                let message = format!("{code} is no state that can be taken over");
                return Err(MappingError::at(format!("state.words.{word}"), message));
            }
        }
        if self.area_code.is_some() && self.area_column.is_some() {
            return Err(MappingError::at("area_code", "name either the division or the column that says it"));
        }
        if self.holder_type.is_some() && self.holder_type_column.is_some() {
            return Err(MappingError::at("holder_type", "name either the kind of holder or the column that says it"));
        }
        if self.holder_type.as_ref().is_some_and(|code| !is_holder_type(code)) {
            return Err(MappingError::at("holder_type", "a kind of holder is a code of three digits"));
        }
        if self.confidence > 100 {
            return Err(MappingError::at("confidence", "a confidence is 0 to 100"));
        }
        Ok(())
    }

    /// The mapping with the standards that the type of its licences names for its fields. Refuses one that names another standard.
    pub fn held_to(mut self, definition: &TypeDefinition) -> Result<Self, MappingError> {
        let mut fields = self.fields.into_vec();
        for (index, field) in fields.iter_mut().enumerate() {
            let known = definition.face.iter().find(|known| *known.name == *field.name);
            let Some(standard) = known.and_then(|known| known.standard) else { continue };
            if field.standard.is_some_and(|named| named != standard) {
                let standard: &'static str = standard.into();
                let message = format!("the type says that this field follows {standard}");
                return Err(MappingError::at(format!("fields[{index}].standard"), message));
            }
            (field.standard, field.kind) = (Some(standard), FieldKind::Code);
        }
        self.fields = List::new(fields).expect("as many as before");
        Ok(self)
    }

    /// All columns that a file must have.
    pub fn columns(&self) -> Vec<&Column> {
        let state = self.state.iter().flat_map(|state| std::iter::once(&state.column).chain(&state.since));
        let of_licence = [&self.identifier, &self.serial, &self.version, &self.issuer_column];
        let of_content = [
            &self.certificate_number,
            &self.valid_from,
            &self.valid_until,
            &self.area_column,
            &self.holder_type_column,
        ];
        let mut columns: Vec<&Column> = self.key.iter().collect();
        columns.push(&self.holder.column);
        columns.extend(of_licence.into_iter().chain(of_content).flatten());
        columns.extend(state);
        columns.extend(self.fields.iter().map(|field| &field.column));
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_that_cannot_be_used_is_refused_with_its_place_and_a_code() {
        for (text, place) in [("{", "file"), ("system: 3", "system"), ("system: a\nsuite: sm", "suite")] {
            let error = Mapping::parse(text).expect_err(text);
            assert_eq!(error.place, place, "{error}");
            let words = error.to_string();
            assert!(words.starts_with(place) && words.ends_with("(import.bad_mapping)"), "{words}");
        }
    }
}
