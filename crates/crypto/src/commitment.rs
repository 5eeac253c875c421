//! Salted commitments: what the ledger holds in place of personal data.

use tongban_types::{Digest, Primitives, domain};

/// Commits to the content without showing it. Whoever gets salt and content can check it; once the salt is erased
/// nobody can, not even by guessing the content.
pub fn commitment(primitives: &dyn Primitives, salt: &[u8; 32], content: &[u8]) -> Digest {
    primitives.hash(&[domain::COMMITMENT, salt, content])
}
