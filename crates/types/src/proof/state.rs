//! Records of the state: that a key has a value now, or has none.
//!
//! The state is a log of updates and a bitmap that says which of them are the latest of their key. Each 256 bits of
//! the bitmap are hashed into the log's tree at the node over the same 256 operations (*grafted*), so one path proves
//! the operation and that it is current. Operations behind the last complete 256 have their bits hashed beside the
//! tree. The state root is the hash of the root of the plain log, the grafted root and, where bits are left over,
//! their number and hash.
//!
//! Each update names the next key in cyclic order, so a pair of neighbours proves that nothing lies between them.

use super::engine_format::{state_commit, state_update};
use super::log::{LogPath, PathError};
use crate::{Blob, Digest, Primitives};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of one encoded record.
pub const RECORD_BYTES_MAX: usize = 128 * 1024;
/// Bits in one chunk of the bitmap.
const CHUNK_BITS: u64 = 256;
/// The height at which the node over one chunk's operations stands.
const GRAFTING_HEIGHT: u32 = CHUNK_BITS.trailing_zeros();

/// What leads from a current operation to the state root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationPath {
    /// The path in the grafted tree.
    pub log: LogPath,
    /// The 256 bits among which the operation's own stands.
    pub bits: Digest,
    /// The hash of the bits behind the last complete 256, where there are any.
    pub last_bits: Option<Digest>,
    /// The root of the plain log.
    pub log_root: Digest,
}

impl OperationPath {
    /// Refuses unless the operation is current in the state with this root.
    fn check(&self, primitives: &dyn Primitives, operation: &[u8], state_root: &Digest) -> Result<(), PathError> {
        let LogPath { location, operations, .. } = self.log;
        if operations <= location {
            return Err(PathError::Malformed);
        }
        let bit = (location % CHUNK_BITS) as usize;
        if self.bits.0[bit / 8] >> (bit % 8) & 1 == 0 {
            return Err(PathError::Superseded);
        }
        let bits_left = operations % CHUNK_BITS;
        if self.last_bits.is_some() != (bits_left != 0) {
            return Err(PathError::Malformed);
        }
        let is_among_last = location / CHUNK_BITS == operations / CHUNK_BITS;
        if is_among_last && self.last_bits != Some(primitives.hash(&[&self.bits.0])) {
            return Err(PathError::RootMismatch);
        }
        // The operation's own bit is set, so the chunk is not the all-zero one, which is not grafted.
        let grafted_root = self.log.root_with(primitives, operation, |height, digest| {
            if height == GRAFTING_HEIGHT { primitives.hash(&[&self.bits.0, &digest.0]) } else { digest }
        })?;
        let root = match &self.last_bits {
            None => primitives.hash(&[&self.log_root.0, &grafted_root.0]),
            Some(last) => primitives.hash(&[&self.log_root.0, &grafted_root.0, &bits_left.to_be_bytes(), &last.0]),
        };
        if root == *state_root { Ok(()) } else { Err(PathError::RootMismatch) }
    }
}

/// Shows that a key has a value now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresencePath {
    /// The way from the update that gave the key its value.
    pub operation: OperationPath,
    /// The next key in cyclic order, which is part of the update.
    pub next_key: Digest,
}

impl PresencePath {
    /// Refuses unless `key` has `value` in the state with this root.
    pub fn check(
        &self,
        primitives: &dyn Primitives,
        key: &Digest,
        value: &[u8],
        state_root: &Digest,
    ) -> Result<(), PathError> {
        self.operation.check(primitives, &state_update(key, value, &self.next_key), state_root)
    }
}

/// Shows that a key has no value now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AbsencePath {
    /// Two neighbours that have values, and nothing between them.
    Between {
        /// The way from the update of the key before.
        operation: OperationPath,
        /// The key before.
        key: Digest,
        /// Its record, which is part of the update.
        value: Blob<RECORD_BYTES_MAX>,
        /// The key behind; the first one of all where `key` is the last.
        next_key: Digest,
    },
    /// The state holds nothing at all.
    Empty {
        /// The way from the last commit, before which nothing is active.
        operation: OperationPath,
        /// What the commit carries.
        metadata: Option<Blob<RECORD_BYTES_MAX>>,
    },
}

impl AbsencePath {
    /// Refuses unless `key` has no value in the state with this root.
    pub fn check(&self, primitives: &dyn Primitives, key: &Digest, state_root: &Digest) -> Result<(), PathError> {
        match self {
            Self::Between { operation, key: before, value, next_key } => {
                if !is_between(before, key, next_key) {
                    return Err(PathError::NotEnclosed);
                }
                operation.check(primitives, &state_update(before, value.as_ref(), next_key), state_root)
            }
            Self::Empty { operation, metadata } => {
                let metadata = metadata.as_ref().map(AsRef::as_ref);
                // A commit whose floor is its own place says that nothing before it is active.
                operation.check(primitives, &state_commit(metadata, operation.log.location), state_root)
            }
        }
    }
}

/// Whether `key` lies strictly between `before` and `next` in cyclic order. A single key is its own neighbour.
fn is_between(before: &Digest, key: &Digest, next: &Digest) -> bool {
    if before < next { before < key && key < next } else { key > before || key < next }
}
