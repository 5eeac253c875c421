//! SM3 for the engine, and the one digest type of both suites.

use commonware_cryptography::Hasher;
use commonware_parallel::Strategy;
use sm3::Digest as _;

/// 32 bytes. The engine's SHA-256 digest is nothing but a newtype over them, so SM3 uses it too, and one block type and
/// one proof type serve both suites.
pub type EngineDigest = commonware_cryptography::sha256::Digest;

/// SM3 (GB/T 32905).
#[derive(Default)]
pub struct Sm3(sm3::Sm3);

impl Hasher for Sm3 {
    type Digest = EngineDigest;

    fn hash(parts: &[&[u8]]) -> EngineDigest {
        let mut hasher = sm3::Sm3::new();
        for part in parts {
            hasher.update(part);
        }
        EngineDigest::from(<[u8; 32]>::from(hasher.finalize()))
    }

    fn hash_pair(left: &[&[u8]], right: &[&[u8]], _: &impl Strategy) -> (EngineDigest, EngineDigest) {
        (Self::hash(left), Self::hash(right))
    }

    fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    fn finalize(mut self) -> (Self, EngineDigest) {
        let digest = EngineDigest::from(<[u8; 32]>::from(self.0.finalize_reset()));
        (self, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GB/T 32905-2016, appendix A.1.
    #[test]
    fn hashes_as_the_standard_says() {
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(hex::encode(Sm3::hash(&[b"a", b"bc"])), expected);
        let mut hasher = Sm3::default();
        hasher.update(b"ab").update(b"c");
        assert_eq!(hex::encode(hasher.finalize().1), expected);
    }
}
