//! Item files: from YAML or JSON to an item.

use serde_json::Value;
use std::path::Path;
use tongban_modules::catalogue::{Call, Definition, Item, ItemCode};
use tongban_types::Time;

/// Bytes of one file.
pub const FILE_BYTES_MAX: u64 = 256 * 1024;

/// What an item file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFile {
    /// The item's code.
    pub code: ItemCode,
    /// When the version comes into force.
    pub effective_from: Option<Time>,
    /// The item.
    pub item: Definition,
}

/// Why a file is no item file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct FileError {
    /// The stable code.
    pub code: &'static str,
    /// Where: a field such as `flow[2].days`, or `file`.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl FileError {
    fn of(code: &'static str, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, place: place.into(), message: message.into() }
    }
}

impl ItemFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        Self::from_value(read_value(path)?)
    }

    /// Takes an item from what a file says.
    pub fn from_value(mut value: Value) -> Result<Self, FileError> {
        let Some(object) = value.as_object_mut() else {
            return Err(FileError::of("file.shape", "file", "an item file is a mapping of fields"));
        };
        let mut take = |name: &str| object.shift_remove(name).unwrap_or(Value::Null);
        let (code, from, form) = (take("code"), take("effective_from"), take("form"));
        if form.is_null() {
            return Err(FileError::of("file.shape", "form", "an item has a form"));
        }
        let text = serde_json::to_string(&form).expect("JSON values are writable");
        object.insert("form".to_owned(), Value::String(text));
        let code = part(code).map_err(|error| error.under("code"))?;
        let effective_from = part(from).map_err(|error| error.under("effective_from"))?;
        let item: Item = part(value)?;
        let item =
            Definition::new(item).map_err(|error| FileError::of("file.item_too_large", "file", error.to_string()))?;
        Ok(Self { code, effective_from, item })
    }

    /// The call that publishes it under this number.
    pub fn publish(self, version: u32) -> Call {
        Call::Publish { code: self.code, version, effective_from: self.effective_from, item: self.item }
    }
}

impl FileError {
    fn under(mut self, name: &str) -> Self {
        self.place = if self.place == "file" { name.to_owned() } else { format!("{name}.{}", self.place) };
        self
    }
}

fn part<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, FileError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        let place = if place == "." { "file".to_owned() } else { place };
        FileError::of("file.field", place, error.into_inner().to_string())
    })
}

/// A YAML or JSON file as one value; texts lose the line end that a folded block leaves behind them.
pub fn read_value(path: &Path) -> Result<Value, FileError> {
    let bytes = crate::cli::read_file(path, FILE_BYTES_MAX)
        .map_err(|error| FileError::of("file.unreadable", "file", format!("{error:#}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| FileError::of("file.unreadable", "file", "the file is not UTF-8"))?;
    parse(&text)
}

/// YAML, of which JSON is a part, as one value.
pub fn parse(text: &str) -> Result<Value, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    let mut value: Value = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| FileError::of("file.syntax", "file", error.to_string()))?;
    trim(&mut value);
    Ok(value)
}

fn trim(value: &mut Value) {
    match value {
        Value::String(text) => text.truncate(text.trim_end_matches('\n').len()),
        Value::Array(values) => values.iter_mut().for_each(trim),
        Value::Object(fields) => fields.values_mut().for_each(trim),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
