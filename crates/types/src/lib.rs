//! What every part of Tongban speaks of: identifiers, bounded values, transactions, blocks, receipts,
//! the genesis of a network, and the checker of proofs.
//!
//! **Architecture invariant:** nothing here does I/O, reads a clock, draws randomness or is asynchronous, and no
//! cryptographic algorithm is named: hashing and signature checks come in through [`primitives::Primitives`].
//!
//! **Architecture invariant:** limits live in types. A value that decodes is within its bounds, so nobody re-checks
//! sizes further in.
//!
//! Encoding: BCS on the wire, on disk and under every hash; JSON, from the same derives, for people and programs.

pub mod block;
pub mod codec;
pub mod codes;
pub mod domain;
pub mod genesis;
pub mod hex_bytes;
pub mod licence_face;
pub mod list;
pub mod merkle;
pub mod primitives;
pub mod proof;
pub mod receipt;
pub mod text;
pub mod time;
pub mod transaction;
pub mod validators;

pub use block::{Block, Header};
pub use genesis::Genesis;
pub use hex_bytes::{
    AccessId, AccountId, Blob, ConsentId, CorrectionId, Digest, EvidenceId, PublicKey, RequestId, Signature,
};
pub use list::List;
pub use primitives::{Primitives, Suite};
pub use receipt::{Outcome, Receipt, Refusal};
pub use text::Text;
pub use time::Time;
pub use transaction::{SignedTx, Tx};
pub use validators::{Certificate, Validator, ValidatorSet};
