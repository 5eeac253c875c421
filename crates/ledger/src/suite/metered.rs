//! A record cipher whose processor time is counted.

use crate::meter::Stage;
use commonware_cryptography::Cipher;
use commonware_math::algebra::Random;
use rand_core::CryptoRng;

/// Another cipher, counted as [`Stage::Network`].
pub struct Metered<C>(C);

impl<C: Random> Random for Metered<C> {
    fn random(rng: impl CryptoRng) -> Self {
        Self(C::random(rng))
    }
}

impl<C: Cipher> Cipher for Metered<C> {
    type Tag = C::Tag;

    fn seal(self, aad: &[u8], data: &mut [u8]) -> Option<(Self, Self::Tag)> {
        let (cipher, tag) = Stage::Network.time(|| self.0.seal(aad, data))?;
        Some((Self(cipher), tag))
    }

    fn open(self, aad: &[u8], data: &mut [u8], tag: &Self::Tag) -> Option<Self> {
        Stage::Network.time(|| self.0.open(aad, data, tag)).map(Self)
    }
}
