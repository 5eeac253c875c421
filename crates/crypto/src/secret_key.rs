//! Private keys of either suite.

use crate::{intl, sm};
use rand_core::CryptoRng;
use std::fmt;
use tongban_types::{PublicKey, Signature, Suite};
use zeroize::Zeroizing;

/// A private signing key. Wiped from memory when dropped, and never printed.
pub struct SecretKey {
    bytes: Zeroizing<[u8; 32]>,
    signing_key: SigningKey,
}

enum SigningKey {
    Sm(sm::SigningKey),
    Intl(intl::SigningKey),
}

/// The bytes are no private key of the suite: for SM2, a number outside `1..n-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a private key of the suite")]
pub struct InvalidSecretKey;

impl SecretKey {
    /// A new key.
    pub fn generate(suite: Suite, rng: &mut impl CryptoRng) -> Self {
        loop {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(bytes.as_mut());
            if let Ok(key) = Self::from_bytes(suite, &bytes) {
                return key; // all but one in 2^32 are SM2 keys, and all are Ed25519 keys
            }
        }
    }

    /// The key with these bytes: the big-endian number for SM2, the seed for Ed25519.
    pub fn from_bytes(suite: Suite, bytes: &[u8; 32]) -> Result<Self, InvalidSecretKey> {
        let signing_key = match suite {
            Suite::Sm => SigningKey::Sm(sm::SigningKey::from_bytes(bytes).ok_or(InvalidSecretKey)?),
            Suite::Intl => SigningKey::Intl(intl::SigningKey::from_bytes(bytes)),
        };
        Ok(Self { bytes: Zeroizing::new(*bytes), signing_key })
    }

    /// The suite that the key belongs to.
    pub fn suite(&self) -> Suite {
        match self.signing_key {
            SigningKey::Sm(_) => Suite::Sm,
            SigningKey::Intl(_) => Suite::Intl,
        }
    }

    /// What others check signatures with.
    pub fn public_key(&self) -> PublicKey {
        match &self.signing_key {
            SigningKey::Sm(key) => key.public_key().clone(),
            SigningKey::Intl(key) => key.public_key().clone(),
        }
    }

    /// Signs the message. The same key and message give the same signature.
    pub fn sign(&self, message: &[u8]) -> Signature {
        match &self.signing_key {
            SigningKey::Sm(key) => key.sign(message),
            SigningKey::Intl(key) => key.sign(message),
        }
    }

    /// The secret itself, for the engine and for key files. It must not reach logs or the network.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self::from_bytes(self.suite(), &self.bytes).expect("the bytes made this key before")
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({}, public {})", self.suite(), self.public_key())
    }
}
