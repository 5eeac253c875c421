//! The one spelling of a code, in text, JSON and BCS (I2).

/// Exactly `N` characters, as bytes. What is outside ASCII becomes 0, which no code admits.
pub(super) fn characters<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut rest = text.chars();
    for byte in &mut bytes {
        let character = rest.next()?;
        if character.is_ascii() {
            *byte = u8::try_from(character).unwrap_or(0);
        }
    }
    rest.next().is_none().then_some(bytes)
}

/// Whether these are digits, and at least one.
pub(super) fn are_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// The number that up to nine digits of a parsed code write.
pub(super) fn number(digits: &str) -> u32 {
    digits.parse().expect("at most nine digits of a parsed code")
}

/// The calendar day of `YYYYMMDD`, if it is one.
pub(super) fn date(digits: &str) -> Option<time::Date> {
    if digits.len() != 8 || !are_digits(digits.as_bytes()) {
        return None;
    }
    let month = u8::try_from(number(&digits[4..6])).ok()?;
    let day = u8::try_from(number(&digits[6..])).ok()?;
    let year = i32::try_from(number(&digits[..4])).ok()?;
    time::Date::from_calendar_date(year, time::Month::try_from(month).ok()?, day).ok()
}

/// Gives a code that holds ASCII, and reads itself by `FromStr`, its text everywhere.
macro_rules! text_form {
    ($name:ident, $error:ty, $pattern:expr) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(self.0.as_ref()).expect("codes are ASCII")
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $error;

            fn try_from(text: &str) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Under its name, which costs no byte in any format: whoever records formats then knows a code from a text.
                serializer.serialize_newtype_struct(stringify!($name), self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Code;

                impl<'de> serde::de::Visitor<'de> for Code {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str("a text")
                    }

                    fn visit_newtype_struct<D: serde::Deserializer<'de>>(self, inner: D) -> Result<$name, D::Error> {
                        use serde::de::Error as _;

                        // The message about a number in place of a text would repeat the number (I4).
                        let text = <String as serde::Deserialize>::deserialize(inner);
                        let text = text.map_err(|_| D::Error::custom("expected a text"))?;
                        text.parse().map_err(D::Error::custom)
                    }
                }

                deserializer.deserialize_newtype_struct(stringify!($name), Code)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

/// `Debug` as `Name(text)`. Not for codes that are personal data.
macro_rules! debug_as_text {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.as_str())
            }
        }
    };
}

pub(super) use {debug_as_text, text_form};
