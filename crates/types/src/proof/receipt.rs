//! Receipts: that one stands in the append-only log of all of them.

use super::engine_format::receipts_append;
use super::log::{LogPath, PathError};
use crate::{Digest, Primitives, Receipt, codec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shows that a receipt was issued, against the root of this or any earlier log that held it.
///
/// The place in the log is not the receipt's number: the log also holds a commit for each block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptPath {
    /// The path in the log of receipts.
    pub log: LogPath,
}

impl ReceiptPath {
    /// Refuses unless the receipt stands in the log with this root.
    pub fn check(&self, primitives: &dyn Primitives, receipt: &Receipt, event_root: &Digest) -> Result<(), PathError> {
        let root = self.log.root(primitives, &receipts_append(&codec::encode(receipt)))?;
        if root == *event_root { Ok(()) } else { Err(PathError::RootMismatch) }
    }
}
