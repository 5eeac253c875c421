//! Text with a greatest length.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// More characters than the field holds.
    #[error("at most {max} characters are allowed, found {found}")]
    TooLong {
        /// The greatest number of characters.
        max: usize,
        /// The number that was found.
        found: usize,
    },
    /// A control or invisible formatting character, which could hide or reorder what a reader sees.
    #[error("control and formatting characters are not allowed")]
    ForbiddenCharacter,
    /// White space before the first or behind the last character.
    #[error("white space at the beginning or end is not allowed")]
    Untrimmed,
}

/// At most `MAX` characters (Unicode scalar values) of one line, trimmed, without control characters and without the
/// characters that change the direction of writing. May be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Takes the text, or says what is wrong with it.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        let found = text.chars().count();
        if found > MAX {
            return Err(TextError::TooLong { max: MAX, found });
        }
        if text.chars().any(is_forbidden) {
            return Err(TextError::ForbiddenCharacter);
        }
        if text.trim() != text {
            return Err(TextError::Untrimmed);
        }
        Ok(Self(text))
    }
}

/// Control characters, bidirectional overrides and isolates, zero-width characters, fillers that show as nothing, the byte order mark and
/// interlinear annotation marks. Noncharacters and the private use area are allowed: rare names use the latter; so are variation selectors,
/// which choose the form of a character in a name.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(
            character,
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        )
        || matches!(character, '\u{3164}' | '\u{FFA0}' | '\u{2800}' | '\u{1D173}'..='\u{1D17A}')
        || matches!(character, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{061C}' | '\u{E0000}'..='\u{E007F}')
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<const MAX: usize> FromStr for Text<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": MAX })
    }
}
