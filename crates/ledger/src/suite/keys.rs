//! Keys and signatures of nodes, for both suites: `N` is the length of a public key, 33 bytes for SM2, 32 for Ed25519.

use super::NodeKeyOf;
use bytes::BufMut;
use commonware_codec::{Buf, Error as CodecError, FixedArray, FixedSize, Read, ReadExt as _, Write};
use commonware_cryptography as engine;
use commonware_math::algebra::Random;
use commonware_utils::{Array, Span, union_unique};
use rand_core::CryptoRng;
use std::fmt;
use std::ops::Deref;
use tongban_crypto::SecretKey;
use tongban_types::{PublicKey, Signature, Suite};

const fn suite_of(key_bytes: usize) -> Suite {
    match key_bytes {
        33 => Suite::Sm,
        32 => Suite::Intl,
        _ => panic!("no suite has keys of this length"),
    }
}

/// A validator's private key.
#[derive(Clone)]
pub struct NodeSecret<const N: usize>(SecretKey);

impl<const N: usize> From<SecretKey> for NodeSecret<N> {
    /// The key must be of the suite; the caller has compared it with the genesis.
    fn from(key: SecretKey) -> Self {
        assert_eq!(key.suite(), suite_of(N), "a key of the other suite");
        Self(key)
    }
}

impl<const N: usize> Random for NodeSecret<N> {
    fn random(mut rng: impl CryptoRng) -> Self {
        Self(SecretKey::generate(suite_of(N), &mut rng))
    }
}

impl<const N: usize> engine::Signer for NodeSecret<N> {
    type Signature = NodeSignature;
    type PublicKey = NodeKey<N>;

    fn public_key(&self) -> NodeKey<N> {
        NodeKey::from_types(&self.0.public_key()).expect("keys of a suite have one length")
    }

    fn sign(&self, namespace: &[u8], message: &[u8]) -> NodeSignature {
        NodeSignature(self.0.sign(&union_unique(namespace, message)).0)
    }
}

/// Names a validator, in votes and between nodes. Whether it is a point of the curve shows when a signature is checked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
#[fixed_array(infallible, bytes([u8; N]))]
pub struct NodeKey<const N: usize>([u8; N]);

impl<const N: usize> NodeKeyOf for NodeKey<N> {
    fn from_types(key: &PublicKey) -> Option<Self> {
        key.as_ref().try_into().ok().map(Self)
    }
}

impl<const N: usize> engine::PublicKey for NodeKey<N> {}

impl<const N: usize> engine::Verifier for NodeKey<N> {
    type Signature = NodeSignature;

    fn verify(&self, namespace: &[u8], message: &[u8], signature: &NodeSignature) -> bool {
        let message = union_unique(namespace, message);
        tongban_crypto::primitives(suite_of(N)).verify(&self.to_types(), &message, &Signature(signature.0))
    }
}

impl<const N: usize> Write for NodeKey<N> {
    fn write(&self, buffer: &mut impl BufMut) {
        self.0.write(buffer);
    }
}

impl<const N: usize> Read for NodeKey<N> {
    type Cfg = ();

    fn read_cfg(buffer: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        Ok(Self(<[u8; N]>::read(buffer)?))
    }
}

impl<const N: usize> FixedSize for NodeKey<N> {
    const SIZE: usize = N;
}

impl<const N: usize> Span for NodeKey<N> {}
impl<const N: usize> Array for NodeKey<N> {}

impl<const N: usize> AsRef<[u8]> for NodeKey<N> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> Deref for NodeKey<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for NodeKey<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl<const N: usize> fmt::Display for NodeKey<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// A signature of either suite.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
#[fixed_array(infallible)]
pub struct NodeSignature(pub(crate) [u8; 64]);

impl engine::Signature for NodeSignature {}

impl Write for NodeSignature {
    fn write(&self, buffer: &mut impl BufMut) {
        self.0.write(buffer);
    }
}

impl Read for NodeSignature {
    type Cfg = ();

    fn read_cfg(buffer: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        Ok(Self(<[u8; 64]>::read(buffer)?))
    }
}

impl FixedSize for NodeSignature {
    const SIZE: usize = 64;
}

impl Span for NodeSignature {}
impl Array for NodeSignature {}

impl AsRef<[u8]> for NodeSignature {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for NodeSignature {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for NodeSignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for NodeSignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
