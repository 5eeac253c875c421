//! Domain tags: what is hashed or signed begins with the name of its kind, so that no bytes mean two things.
//!
//! The tags are part of the format. A tag is followed directly by its content, and no tag is the beginning of
//! another.

use crate::{Digest, Primitives};

/// Signed and hashed transactions.
pub const TRANSACTION: &[u8] = b"tongban/transaction/1:";
/// Block headers.
pub const HEADER: &[u8] = b"tongban/header/1:";
/// Genesis descriptions; the hash is the network's identifier.
pub const GENESIS: &[u8] = b"tongban/genesis/1:";
/// Validator sets, as the header commits to them.
pub const VALIDATORS: &[u8] = b"tongban/validators/1:";
/// Keys of the authenticated state.
pub const STATE_KEY: &[u8] = b"tongban/state-key/1:";
/// Account identifiers.
pub const ACCOUNT: &[u8] = b"tongban/account/1:";
/// Salted commitments.
pub const COMMITMENT: &[u8] = b"tongban/commitment/1:";
/// Salted commitments to one field of a licence's face.
pub const LICENCE_FIELD: &[u8] = b"tongban/licence-field/1:";
/// Salted commitments to one answer of a form.
pub const FORM_ANSWER: &[u8] = b"tongban/form-answer/1:";
/// Salted commitments to one attachment of a form.
pub const FORM_ATTACHMENT: &[u8] = b"tongban/form-attachment/1:";
/// Names of objects in a vault.
pub const VAULT_NAME: &[u8] = b"tongban/vault-name/1:";
/// What a witness of electronic evidence attests.
pub const EVIDENCE_CONTENT: &[u8] = b"tongban/evidence-content/1:";
/// Proof that whoever registers a key has its private half.
pub const KEY_POSSESSION: &[u8] = b"tongban/key-possession/1:";
/// Keyed pseudonyms of persons.
pub const PSEUDONYM: &[u8] = b"tongban/pseudonym/1:";
/// What stands in place of a transaction's identifier on the receipt of an act that time brought.
pub const ACT: &[u8] = b"tongban/act/1:";
/// Consensus messages: the namespace is this tag and the network's identifier.
pub const CONSENSUS: &[u8] = b"tongban/consensus/1:";

/// Where a record stands in the authenticated state: the hash of its table's name and its encoded key. The zero byte ends
/// the name, which has none itself.
pub fn state_key(primitives: &dyn Primitives, table: &str, key: &[u8]) -> Digest {
    primitives.hash(&[STATE_KEY, table.as_bytes(), &[0], key])
}

/// The namespace of a network's consensus messages, so that no vote counts in two networks.
pub fn consensus_namespace(network: &Digest) -> Vec<u8> {
    [CONSENSUS, network.as_ref()].concat()
}
