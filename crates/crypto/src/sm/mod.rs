//! The suite `sm`: SM2, SM3, SM4.

mod multiples;
mod signing;
mod verification;
mod wiped;
pub mod wrapping;

pub use signing::SigningKey;
pub use verification::{message_digest, verify, verify_batch, verify_digest};

use sm3::Digest as _;
use tongban_types::Digest;

/// The identifier of the signer that SM2 hashes into every message: the default of GB/T 35276, for all our keys.
pub const DEFAULT_ID: &str = "1234567812345678";

/// SM3 over the parts, one after the other.
pub fn hash(parts: &[&[u8]]) -> Digest {
    let mut hasher = sm3::Sm3::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}
