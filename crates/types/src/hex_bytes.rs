//! Byte strings: of fixed length (digests, identifiers, signatures) and of bounded length ([`Blob`]).
//!
//! In BCS a fixed string is its bytes, a bounded one its length and its bytes. In JSON both are lower-case
//! hexadecimal, the only spelling that is accepted.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Error as _, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Why a text is not the hexadecimal form of a byte string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// A character outside `0-9a-f`, or an odd number of them.
    #[error("expected lower-case hexadecimal digits, two for each byte")]
    NotHexadecimal,
    /// The number of bytes is not the one this kind of value has.
    #[error("expected {expected_bytes} bytes, found {found_bytes}")]
    Length {
        /// Bytes that the kind of value has, or may have at most.
        expected_bytes: usize,
        /// Bytes that were found.
        found_bytes: usize,
    },
}

fn decode_hex(text: &str) -> Result<Vec<u8>, HexError> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(HexError::NotHexadecimal); // one value, one spelling
    }
    hex::decode(text).map_err(|_| HexError::NotHexadecimal)
}

fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let bytes = decode_hex(text)?;
    let found_bytes = bytes.len();
    bytes.try_into().map_err(|_| HexError::Length { expected_bytes: N, found_bytes })
}

fn serialize_array<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return serializer.serialize_str(&hex::encode(bytes));
    }
    let mut tuple = serializer.serialize_tuple(N)?;
    for byte in bytes {
        tuple.serialize_element(byte)?;
    }
    tuple.end()
}

struct ArrayVisitor<const N: usize>;

impl<'de, const N: usize> Visitor<'de> for ArrayVisitor<N> {
    type Value = [u8; N];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{N} bytes in hexadecimal")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        decode_array(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut bytes = [0; N];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = sequence.next_element()?.ok_or_else(|| A::Error::invalid_length(index, &self))?;
        }
        Ok(bytes)
    }
}

fn deserialize_array<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(ArrayVisitor::<N>)
    } else {
        deserializer.deserialize_tuple(N, ArrayVisitor::<N>)
    }
}

macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// How many bytes a value has.
            pub const BYTES: usize = $length;
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = HexError;

            fn from_str(text: &str) -> Result<Self, HexError> {
                decode_array(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_array(&self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_array(deserializer).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^([0-9a-f]{2}){", $length, "}$") })
            }
        }
    };
}

fixed_bytes! {
    /// A hash value of the network's suite (SM3 or SHA-256).
    Digest, 32
}
fixed_bytes! {
    /// An account: the first 16 bytes of the hash of the key it was opened with. It stays when keys change.
    AccountId, 16
}
fixed_bytes! {
    /// A number that the sender of a transaction chooses, once for each intended effect (random is best).
    RequestId, 16
}
fixed_bytes! {
    /// An electronic evidence record, numbered by whoever registers it.
    EvidenceId, 16
}
fixed_bytes! {
    /// A consent to the use of personal data, numbered by whoever gives it (random is best).
    ConsentId, 16
}
fixed_bytes! {
    /// A record of access to data, numbered by the department that hands them out (random is best).
    AccessId, 16
}
fixed_bytes! {
    /// A request to correct data at their source, numbered by whoever opens it (random is best).
    CorrectionId, 16
}
fixed_bytes! {
    /// A signature: SM2 `r ‖ s` or Ed25519 `R ‖ s`.
    Signature, 64
}

impl AccountId {
    /// The ledger itself, which acts when time is up. No key hashes to it in practice, and it has no account record.
    pub const LEDGER: Self = Self([0; 16]);
}

impl Digest {
    /// The digest that stands for "nothing", such as the parent of the first block.
    pub const ZERO: Self = Self([0; 32]);
}

/// A byte string of at most `MAX` bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Blob<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Blob<MAX> {
    /// Takes the bytes, or refuses more than `MAX` of them.
    pub fn new(bytes: Vec<u8>) -> Result<Self, HexError> {
        if bytes.len() > MAX {
            return Err(HexError::Length { expected_bytes: MAX, found_bytes: bytes.len() });
        }
        Ok(Self(bytes))
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> AsRef<[u8]> for Blob<MAX> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Blob<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl<const MAX: usize> fmt::Debug for Blob<MAX> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Blob({self})")
    }
}

impl<const MAX: usize> FromStr for Blob<MAX> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        Self::new(decode_hex(text)?)
    }
}

impl<const MAX: usize> Serialize for Blob<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&hex::encode(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Blob<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BlobVisitor<const MAX: usize>;

        impl<'de, const MAX: usize> Visitor<'de> for BlobVisitor<MAX> {
            type Value = Blob<MAX>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "at most {MAX} bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Blob::new(bytes.to_vec()).map_err(E::custom)
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
                Blob::new(bytes).map_err(E::custom)
            }
        }

        if deserializer.is_human_readable() {
            deserializer.deserialize_str(BlobVisitor::<MAX>)
        } else {
            deserializer.deserialize_bytes(BlobVisitor::<MAX>)
        }
    }
}

impl<const MAX: usize> JsonSchema for Blob<MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Blob{MAX}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": MAX * 2 })
    }
}

/// A public key: 33 bytes of a compressed SM2 point, or 32 bytes of Ed25519. Whether it is a point of its curve
/// is checked where it is used.
pub type PublicKey = Blob<33>;
