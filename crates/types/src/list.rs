//! A list with a greatest length.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::borrow::Cow;
use std::ops::Deref;

/// A list is longer than its type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at most {max} entries are allowed, found {found}")]
pub struct TooMany {
    /// The greatest length.
    pub max: usize,
    /// The length that was found.
    pub found: usize,
}

/// At most `MAX` values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    /// Takes the values, or refuses more than `MAX` of them.
    pub fn new(values: Vec<T>) -> Result<Self, TooMany> {
        if values.len() > MAX {
            return Err(TooMany { max: MAX, found: values.len() });
        }
        Ok(Self(values))
    }

    /// Appends a value, or refuses where the list is full.
    pub fn push(&mut self, value: T) -> Result<(), TooMany> {
        if self.0.len() >= MAX {
            return Err(TooMany { max: MAX, found: self.0.len() + 1 });
        }
        self.0.push(value);
        Ok(())
    }

    /// Keeps the values for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// The values.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MAX: usize> IntoIterator for &'a List<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T, const MAX: usize>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> de::Visitor<'de> for ListVisitor<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "at most {MAX} entries")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                // Grows with what is really there: a length that the input only claims reserves nothing.
                let mut list = List::default();
                while let Some(value) = sequence.next_element()? {
                    list.push(value).map_err(de::Error::custom)?;
                }
                Ok(list)
            }
        }

        deserializer.deserialize_seq(ListVisitor(std::marker::PhantomData))
    }
}

impl<T: JsonSchema, const MAX: usize> JsonSchema for List<T, MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("List{MAX}Of{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <Vec<T>>::json_schema(generator);
        schema.insert("maxItems".into(), MAX.into());
        schema
    }
}
