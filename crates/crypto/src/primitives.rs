//! The suites as [`Primitives`], which is all that most of the system sees of cryptography.

use crate::{intl, sm};
use tongban_types::{Digest, Primitives, PublicKey, Signature, Suite};

/// Hashing and checking signatures with the algorithms of a suite.
pub fn primitives(suite: Suite) -> &'static dyn Primitives {
    match suite {
        Suite::Sm => &Sm,
        Suite::Intl => &Intl,
    }
}

struct Sm;

impl Primitives for Sm {
    fn suite(&self) -> Suite {
        Suite::Sm
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        sm::hash(parts)
    }

    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        sm::verify(key, message, signature)
    }
}

struct Intl;

impl Primitives for Intl {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        intl::hash(parts)
    }

    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        intl::verify(key, message, signature)
    }
}
