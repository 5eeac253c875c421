//! The hashes of both suites in the engine's shape.

use commonware_codec::{Buf, Error, FixedArray, FixedSize, Read, ReadExt, Write};
use commonware_cryptography::{self as engine, Hasher, Sha256};
use commonware_math::algebra::Random;
use commonware_parallel::Strategy;
use commonware_utils::{Array, Span};
use std::fmt;
use std::ops::Deref;
use tongban_types::Suite;

/// A hash of the engine and the suite it belongs to.
pub trait SuiteHasher: Hasher<Digest: Array + From<[u8; 32]>> {
    const SUITE: Suite;
}

impl SuiteHasher for Sha256 {
    const SUITE: Suite = Suite::Intl;
}

impl SuiteHasher for Sm3 {
    const SUITE: Suite = Suite::Sm;
}

/// SM3, over what was collected.
#[derive(Default)]
pub struct Sm3(Vec<u8>);

impl Hasher for Sm3 {
    type Digest = Sm3Digest;

    fn hash(parts: &[&[u8]]) -> Sm3Digest {
        Sm3Digest(tongban_crypto::primitives(Suite::Sm).hash(parts).0)
    }

    fn hash_pair(left: &[&[u8]], right: &[&[u8]], _: &impl Strategy) -> (Sm3Digest, Sm3Digest) {
        (Self::hash(left), Self::hash(right))
    }

    fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn finalize(self) -> (Self, Sm3Digest) {
        (Self::default(), Self::hash(&[&self.0]))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
#[fixed_array(infallible)]
#[repr(transparent)]
pub struct Sm3Digest(pub [u8; 32]);

impl Write for Sm3Digest {
    fn write(&self, buffer: &mut impl bytes::BufMut) {
        self.0.write(buffer);
    }
}

impl Read for Sm3Digest {
    type Cfg = ();

    fn read_cfg(buffer: &mut impl Buf, (): &()) -> Result<Self, Error> {
        Ok(Self(<[u8; 32]>::read(buffer)?))
    }
}

impl FixedSize for Sm3Digest {
    const SIZE: usize = 32;
}

impl engine::Digest for Sm3Digest {
    const EMPTY: Self = Self([0; 32]);
}

impl Random for Sm3Digest {
    fn random(mut rng: impl rand_core::CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl Span for Sm3Digest {}
impl Array for Sm3Digest {}

impl AsRef<[u8]> for Sm3Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for Sm3Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sm3Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02x?}", self.0)
    }
}

impl fmt::Display for Sm3Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
