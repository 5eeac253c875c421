//! Face files: what stands on a licence, field by field, and the face that is made of it.

use crate::catalogue::item_file::read_value;
use crate::import::licences::standards::check;
use crate::import::licences::values::is_amount;
use crate::random::rng;
use anyhow::Context as _;
use rand_core::Rng as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use time::Date;
use time::macros::format_description;
use tongban_modules::code_standards::CodeStandard;
use tongban_modules::licence_metadata::{Metadata, is_holder_type};
use tongban_modules::licence_types::{FaceFieldDefinition, FieldKind, TypeDefinition};
use tongban_types::Text;
use tongban_types::codes::normalise;
use tongban_types::licence_face::{Face, FaceField, FieldValue, Salt};

/// What a face file says: a mapping of fields to texts and, under `metadata`, what a directory lists besides. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceFile {
    fields: BTreeMap<String, String>,
    metadata: Option<Metadata>,
}

/// The key of what stands beside the fields. A field of a type can have this name, too: it holds a text, and this a mapping.
const METADATA: &str = "metadata";

/// Why a file makes no face of a type. No message repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceFileError {
    /// The file is no mapping of fields to texts and whole numbers.
    #[error("{place}: a face file is a mapping of fields to texts or whole numbers (licences.face_shape)")]
    Shape {
        /// Where: a field, or `file`.
        place: String,
    },
    /// The type has no such field.
    #[error("the type has no field {field}; it has {known} (licences.face_unknown_field)")]
    Unknown {
        /// The field.
        field: String,
        /// The fields of the type.
        known: String,
    },
    /// A field of the type is not in the file.
    #[error(
        "{field} ({label}) is missing; give it an empty text where the licence leaves it blank (licences.face_field_missing)"
    )]
    Missing {
        /// The field.
        field: String,
        /// Its label.
        label: String,
    },
    /// A value is no code of the standard that its field follows.
    #[error("{field} ({label}) is no {standard}: {reason} (licences.face_code)")]
    Code {
        /// The field.
        field: String,
        /// Its label.
        label: String,
        /// The standard.
        standard: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The check character of a code in a field does not fit.
    #[error("{field} ({label}) is no {standard}: {reason} (licences.face_code_check)")]
    CodeCheck {
        /// The field.
        field: String,
        /// Its label.
        label: String,
        /// The standard.
        standard: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// What stands beside the fields cannot be used.
    #[error(
        "metadata has area_code, a division of six digits, and holder_type, three digits, and nothing else (licences.face_metadata)"
    )]
    Metadata,
    /// A value is not of its field's kind.
    #[error("{field} ({label}): {reason} (licences.face_value)")]
    Value {
        /// The field.
        field: String,
        /// Its label.
        label: String,
        /// What is wrong.
        reason: String,
    },
}

impl FaceFile {
    /// Reads a file, YAML or JSON.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let place = || format!("cannot use the face file {}", path.display());
        Self::from_value(&read_value(path).with_context(place)?).with_context(place)
    }

    /// Takes the fields from what a file says.
    pub fn from_value(value: &Value) -> Result<Self, FaceFileError> {
        let fields = value.as_object().ok_or_else(|| FaceFileError::Shape { place: "file".to_owned() })?;
        let text = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            Value::Number(number) if number.is_i64() => Ok((name.clone(), number.to_string())),
            _ => Err(FaceFileError::Shape { place: name.clone() }),
        };
        let is_metadata = |(name, value): &(&String, &Value)| *name == METADATA && value.is_object();
        let metadata = fields.iter().find(is_metadata).map(|(_, value)| metadata(value)).transpose()?;
        let fields = fields.iter().filter(|field| !is_metadata(field)).map(text).collect::<Result<_, _>>()?;
        Ok(Self { fields, metadata })
    }

    /// What a directory lists of the licence: what the file says, or else what was listed of the old version.
    pub fn metadata(&self, old: Option<&Metadata>) -> Metadata {
        self.metadata.clone().or_else(|| old.cloned()).unwrap_or_default()
    }

    /// The face of a licence of this type, each field with a new random salt. What the file leaves out is taken from the old version, where there
    /// is one.
    pub fn face(&self, definition: &TypeDefinition, old: Option<&Face>, today: Date) -> Result<Face, FaceFileError> {
        let known: Vec<&str> = definition.face.iter().map(|field| &*field.name).collect();
        if let Some(field) = self.fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(FaceFileError::Unknown { field: field.clone(), known: known.join(", ") });
        }
        let fields = definition.face.iter().map(|field| {
            let of_old = || old.and_then(|old| old.field(&field.name)).map(|field| field.value.to_string());
            let text = self.fields.get(&*field.name).cloned().or_else(of_old).ok_or_else(|| {
                FaceFileError::Missing { field: field.name.to_string(), label: field.label.to_string() }
            })?;
            Ok(FaceField { name: field.name.clone(), value: value(field, &text, today)?, salt: salt() })
        });
        Ok(Face::new(fields.collect::<Result<_, FaceFileError>>()?).expect("a type has fields with names of their own"))
    }
}

/// A random salt.
pub fn salt() -> Salt {
    let mut salt = [0; 32];
    rng().fill_bytes(&mut salt);
    Salt(salt)
}

/// Refuses a face with a code that is none of the standard its field follows. Blank fields hold no code. No message repeats a value.
pub fn check_codes(face: &Face, definition: &TypeDefinition, today: Date) -> Result<(), FaceFileError> {
    definition.face.iter().try_for_each(|field| {
        let value = face.field(&field.name).map(|found| &*found.value).unwrap_or_default();
        match field.standard {
            Some(standard) if !value.is_empty() => check_code(field, standard, value, today),
            _ => Ok(()),
        }
    })
}

fn check_code(
    field: &FaceFieldDefinition,
    standard: CodeStandard,
    value: &str,
    today: Date,
) -> Result<(), FaceFileError> {
    check(standard, value, today).map_err(|fault| {
        let (field, label) = (field.name.to_string(), field.label.to_string());
        let (standard, reason) = (standard.into(), fault.reason);
        if fault.is_check {
            FaceFileError::CodeCheck { field, label, standard, reason }
        } else {
            FaceFileError::Code { field, label, standard, reason }
        }
    })
}

fn metadata(value: &Value) -> Result<Metadata, FaceFileError> {
    let mut metadata = Metadata::default();
    for (name, value) in value.as_object().into_iter().flatten() {
        let text = value.as_str().ok_or(FaceFileError::Metadata)?;
        match name.as_str() {
            "area_code" => metadata.area_code = Some(text.parse().map_err(|_| FaceFileError::Metadata)?),
            "holder_type" if is_holder_type(text) => metadata.holder_type = Text::new(text).ok(),
            _ => return Err(FaceFileError::Metadata),
        }
    }
    Ok(metadata)
}

fn value(field: &FaceFieldDefinition, text: &str, today: Date) -> Result<FieldValue, FaceFileError> {
    let wrong =
        |reason: String| FaceFileError::Value { field: field.name.to_string(), label: field.label.to_string(), reason };
    let text = if field.kind == FieldKind::Code { normalise(text) } else { text.to_owned() };
    let is_of_kind = text.is_empty()
        || match field.kind {
            FieldKind::Text | FieldKind::Code => true,
            FieldKind::Date => Date::parse(&text, format_description!("[year]-[month]-[day]")).is_ok(),
            FieldKind::Number => is_amount(&text),
        };
    if !is_of_kind {
        let expected = if field.kind == FieldKind::Date { "a day such as 2026-11-22" } else { "a number" };
        return Err(wrong(format!("{expected} is expected")));
    }
    if let Some(standard) = field.standard.filter(|_| !text.is_empty()) {
        check_code(field, standard, &text, today)?;
    }
    FieldValue::new(text).map_err(|error| wrong(error.to_string()))
}
