//! Ed25519 signing keys.

use ed25519_zebra::VerificationKeyBytes;
use tongban_types::{PublicKey, Signature};
use zeroize::Zeroize as _;

/// An Ed25519 private key. Signing draws no randomness (RFC 8032).
pub struct SigningKey {
    key: Box<ed25519_zebra::SigningKey>,
    public: PublicKey,
}

impl SigningKey {
    /// The key that RFC 8032 makes from this seed.
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        let key = Box::new(ed25519_zebra::SigningKey::from(*seed));
        let public: [u8; 32] = VerificationKeyBytes::from(&*key).into();
        let public = PublicKey::new(public.to_vec()).expect("a public key has 32 bytes");
        Self { key, public }
    }

    /// The compressed point.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// `R ‖ s` over the message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.key.sign(message).into())
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}
