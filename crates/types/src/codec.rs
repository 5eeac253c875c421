//! BCS, the one encoding on the wire, on disk and under every hash.

use serde::{Serialize, de::DeserializeOwned};

/// The bytes are not the canonical encoding of a value of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical encoding: {reason}")]
pub struct CodecError {
    /// What the decoder met.
    pub reason: String,
}

/// How deep values may nest. Our own stay below 16.
const DEPTH_MAX: usize = 32;

/// The canonical encoding of a value of ours.
///
/// Our types are finite trees of integers, texts and lists, all of which BCS can encode.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    bcs::to_bytes(value).expect("values of this project are encodable")
}

/// Decodes the canonical encoding and nothing else: trailing bytes and longer spellings of the same value are refused.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    bcs::from_bytes_with_limit(bytes, DEPTH_MAX).map_err(|error| CodecError { reason: error.to_string() })
}
