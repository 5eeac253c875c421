//! JSON from outside: what is no JSON is told apart from what is JSON of another shape, because their authors have to look
//! for different faults.

use crate::backend::Rejection;
use crate::codes::{self, Code};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Why bytes are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON (RFC 8259), nested too deep, or with a number or text that no program holds.
    #[error("{0}")]
    NotJson(String),
    /// JSON, and not of the type that was wanted.
    #[error("{0}")]
    OtherShape(String),
}

/// Reads one value and nothing behind it. Nesting is bounded, and so is the memory: only what the type keeps is kept.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_slice(bytes).map_err(|error| {
        // A reader stops at the first thing that it does not know, so whether the rest is JSON is asked by itself.
        match serde_json::from_slice::<Anything>(bytes) {
            Ok(Anything) => JsonError::OtherShape(error.to_string()),
            Err(error) => JsonError::NotJson(error.to_string()),
        }
    })
}

/// Reads a body. What is no JSON has a code of its own; `shape` is the code of JSON that is no `what`.
pub fn body<T: DeserializeOwned>(bytes: &[u8], shape: &Code, what: &str) -> Result<T, Rejection> {
    read(bytes).map_err(|error| match error {
        JsonError::NotJson(reason) => codes::NOT_JSON.because(format!("the body is no JSON: {reason}")),
        JsonError::OtherShape(reason) => shape.because(format!("the {what} cannot be read: {reason}")),
    })
}

/// Reads a body of any shape. A name that stands twice in one object is refused, as where a type is read: of two values, who is to say
/// which was meant?
pub(crate) fn document(bytes: &[u8], shape: &Code, what: &str) -> Result<Value, Rejection> {
    body::<Whole>(bytes, shape, what).map(|whole| whole.0)
}

/// Any value, with each name once.
struct Whole(Value);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Whole, E> {
        Ok(Whole(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Whole, E> {
        Ok(Whole(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Whole, A::Error> {
        let mut values = Vec::new();
        while let Some(Whole(value)) = sequence.next_element()? {
            values.push(value);
        }
        Ok(Whole(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Whole, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some((name, Whole(value))) = map.next_entry::<String, Whole>()? {
            if fields.contains_key(&name) {
                return Err(de::Error::custom(format!("the name `{name}` stands twice")));
            }
            fields.insert(name, value);
        }
        Ok(Whole(fields.into()))
    }
}

/// Reads all of a value strictly and keeps nothing. `IgnoredAny` would skip what it does not keep, wrong texts too.
struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self, A::Error> {
        while sequence.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Day {
        month: u8,
    }

    #[test]
    fn another_shape_is_told_apart_from_no_json() {
        assert_eq!(read::<Day>(b" { \"month\": 3 } "), Ok(Day { month: 3 }));
        for shape in [&b"[]"[..], b"3", b"null", b"{\"day\":[true,-1.5e3,\"\\u8bc1\"]}", b"{\"month\":300}"] {
            assert!(matches!(read::<Day>(shape), Err(JsonError::OtherShape(_))), "{}", String::from_utf8_lossy(shape));
        }
        let [shape, no_json] = [&b"[]"[..], b"{"].map(|bytes| body::<Day>(bytes, &codes::TX_MALFORMED, "day"));
        let codes = [shape, no_json].map(|refused| refused.expect_err("no day").code.to_string());
        assert_eq!(codes, ["tx.malformed", "api.not_json"]);
        let twice = b"{\"month\":3,\"month\":3}";
        assert!(matches!(read::<Day>(twice), Err(JsonError::OtherShape(_))), "a name that stands twice");
        let document = |bytes: &[u8]| document(bytes, &codes::QUERY_MALFORMED, "question");
        let value = serde_json::json!({ "a": [null, true, -1, 2, 0.5, "\u{8bc1}", {}], "b": { "a": [] } });
        assert_eq!(document(value.to_string().as_bytes()), Ok(value));
        for (bytes, code) in [(&b"{\"b\":{\"a\":1,\"a\":1}}"[..], "query.malformed"), (b"{\"a\":1", "api.not_json")] {
            assert_eq!(&*document(bytes).expect_err("refused").code, code);
        }
        let deep = "[".repeat(100_000);
        for no_json in [
            &b""[..],
            b"{\"day\":tru}",
            b"{\"day\":1,}",
            b"{\"month\":3}x",
            b"{\"\xff\":1}",
            b"[\"\\ud800\"]",
            deep.as_bytes(),
        ] {
            assert!(matches!(read::<Day>(no_json), Err(JsonError::NotJson(_))), "{}", String::from_utf8_lossy(no_json));
        }
    }
}
