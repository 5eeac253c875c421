//! The bytes that the engine hashes: its integers and the operations of its two logs.
//!
//! Only encoders are needed. A path carries our own fields, and what the engine would have hashed is rebuilt from
//! them, so that no second spelling can be slipped in.

use crate::Digest;

/// Marks an update of a key in the log of the state.
const STATE_UPDATE: u8 = 0xD2;
/// Marks a commit in the log of the state.
const STATE_COMMIT: u8 = 0xD3;
/// Marks an entry in the log of the receipts.
const RECEIPTS_APPEND: u8 = 0x01;

/// An unsigned integer in groups of seven bits, the lowest first; the high bit says that more follow.
pub(crate) fn write_varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn write_bytes(value: &[u8], bytes: &mut Vec<u8>) {
    write_varint(value.len() as u64, bytes);
    bytes.extend_from_slice(value);
}

/// `key` now has `value`, and the next key that has one, in cyclic order, is `next_key`.
pub(crate) fn state_update(key: &Digest, value: &[u8], next_key: &Digest) -> Vec<u8> {
    let mut bytes = vec![STATE_UPDATE];
    bytes.extend_from_slice(&key.0);
    write_bytes(value, &mut bytes);
    bytes.extend_from_slice(&next_key.0);
    bytes
}

/// The end of a batch. Operations before `floor` are inactive.
pub(crate) fn state_commit(metadata: Option<&[u8]>, floor: u64) -> Vec<u8> {
    let mut bytes = vec![STATE_COMMIT, u8::from(metadata.is_some())];
    if let Some(metadata) = metadata {
        write_bytes(metadata, &mut bytes);
    }
    write_varint(floor, &mut bytes);
    bytes
}

/// An entry of the log of receipts.
pub(crate) fn receipts_append(value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![RECEIPTS_APPEND];
    write_bytes(value, &mut bytes);
    bytes
}
