//! The suite `intl`: Ed25519, SHA-256, AES-256-GCM, X25519.

mod batch;
mod signing;
mod verification;
pub mod wrapping;

pub use batch::verify_batch;
pub use signing::SigningKey;
pub use verification::verify;

use sha2::Digest as _;
use tongban_types::Digest;

/// SHA-256 over the parts, one after the other.
pub fn hash(parts: &[&[u8]]) -> Digest {
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}
