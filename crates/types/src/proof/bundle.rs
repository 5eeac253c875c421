//! The proof bundle: one file that a stranger can check with nothing but the network's genesis.

use super::chain::{EPOCHS_MAX, HEADERS_MAX, ValidatorChange};
use super::receipt::ReceiptPath;
use super::state::{AbsencePath, PresencePath, RECORD_BYTES_MAX};
use crate::{Blob, Certificate, Digest, Header, List, Receipt, Text, codec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of one bundle, in either form.
pub const BUNDLE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of an encoded key in its table.
pub const KEY_BYTES_MAX: usize = 1024;

/// The name of a table, such as `evidence/exhibits`.
pub type TableName = Text<64>;
/// An encoded key of a table.
pub type KeyBytes = Blob<KEY_BYTES_MAX>;
/// An encoded record.
pub type RecordBytes = Blob<RECORD_BYTES_MAX>;

/// The format's name and version, the first thing in every bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// This version.
    #[serde(rename = "tongban-bundle/1")]
    V1,
}

/// What a bundle says about the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Claim {
    /// A transaction had this outcome.
    Receipt {
        /// The receipt.
        receipt: Receipt,
    },
    /// A table holds this record under this key.
    Record {
        /// The table.
        table: TableName,
        /// The encoded key.
        key: KeyBytes,
        /// The encoded record.
        value: RecordBytes,
    },
    /// A table holds nothing under this key.
    Absence {
        /// The table.
        table: TableName,
        /// The encoded key.
        key: KeyBytes,
        /// Their [`state_key`](super::state_key). One path shows the absence of every key between its neighbours, so
        /// without this a slip in the key could turn the claim into another true one, unnoticed.
        state_key: Digest,
    },
}

/// What leads from the claim to the first header. Its kind is the claim's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// To the root of the receipts.
    Receipt(ReceiptPath),
    /// To the root of the state.
    Record(PresencePath),
    /// To the root of the state.
    Absence(AbsencePath),
}

/// A claim and everything that proves it, but for the genesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The format's name and version.
    pub format: Format,
    /// The network (the hash of its genesis).
    pub network: Digest,
    /// What is claimed.
    pub claim: Claim,
    /// From the claim to the first header's root.
    pub path: Path,
    /// From the header that the path ends in to the one that is certified, each the parent of the next.
    pub headers: List<Header, HEADERS_MAX>,
    /// The certificate of the last header.
    pub certificate: Certificate,
    /// From the genesis' validators to those that signed the certificate: one change for each epoch before theirs.
    pub validator_changes: List<ValidatorChange, EPOCHS_MAX>,
}

/// Why bytes are no bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// More than [`BUNDLE_BYTES_MAX`].
    #[error("a bundle has at most {BUNDLE_BYTES_MAX} bytes, found {found}")]
    Oversized {
        /// How many bytes there are.
        found: usize,
    },
    /// Not a bundle in this format, or not in its one canonical spelling.
    #[error("not the canonical form of a bundle: {reason}")]
    NotCanonical {
        /// What the decoder met.
        reason: String,
    },
}

impl Bundle {
    /// The file: indented JSON with a line end behind it. The form to show, store and send.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("a bundle has no maps and no floats, so JSON can hold it");
        bytes.push(b'\n');
        bytes
    }

    /// The compact form: BCS, for QR codes and narrow lines.
    pub fn to_compact(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads either form. Only what [`Bundle::to_json`] or [`Bundle::to_compact`] writes is accepted, so each bundle
    /// has one spelling in each and no byte of a file is without meaning.
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(BundleError::Oversized { found: bytes.len() });
        }
        let not_canonical = |reason: String| BundleError::NotCanonical { reason };
        // A compact bundle begins with the index of its format, which is 0.
        let is_json = bytes.first() == Some(&b'{');
        let bundle: Self = if is_json {
            serde_json::from_slice(bytes).map_err(|error| not_canonical(error.to_string()))?
        } else {
            codec::decode(bytes).map_err(|error| not_canonical(error.reason))?
        };
        let spelling = if is_json { bundle.to_json() } else { bundle.to_compact() };
        if spelling == bytes { Ok(bundle) } else { Err(not_canonical("another spelling of the same content".into())) }
    }
}
