//! Wrapping short keys to a recipient: X25519 with a fresh key, HKDF-SHA-256, AES-256-GCM.
//!
//! A wrapped key is `E ‖ ciphertext ‖ tag`, where `E` is the fresh public key. The cipher's key is HKDF-SHA-256 without
//! salt of the shared secret; its info is a tag, `E` and the recipient's key, so that neither can be exchanged. The
//! cipher's key serves once, with a nonce of zeros.

use crate::cipher::{Cipher, ONLY_NONCE, TAG_BYTES};
use rand_core::CryptoRng;
use tongban_types::Suite;
use x25519_dalek::{EphemeralSecret, PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 32;

/// Bytes by which a ciphertext is longer than its plaintext.
pub const OVERHEAD_BYTES: usize = PUBLIC_KEY_BYTES + TAG_BYTES;

/// Encrypts to the holder of the key. `None` where it is no X25519 key, or one of those few that share the same secret
/// with everybody.
pub fn encrypt(recipient: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Option<Vec<u8>> {
    let recipient = PublicKey::from(<[u8; PUBLIC_KEY_BYTES]>::try_from(recipient).ok()?);
    let fresh = EphemeralSecret::random_from_rng(rng);
    let fresh_public = PublicKey::from(&fresh);
    let cipher = derive_cipher(&fresh.diffie_hellman(&recipient), &fresh_public, &recipient)?;
    let ciphertext = cipher.encrypt(&ONLY_NONCE, &[], plaintext)?;
    Some([fresh_public.as_bytes().as_slice(), &ciphertext].concat())
}

/// A private key that decrypts.
pub struct WrappingSecret(StaticSecret);

impl WrappingSecret {
    /// The key that RFC 7748 makes from these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(StaticSecret::from(*bytes))
    }

    /// What others encrypt with.
    pub fn public_key(&self) -> [u8; PUBLIC_KEY_BYTES] {
        PublicKey::from(&self.0).to_bytes()
    }

    /// What was encrypted to this key. `None` for anything else.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (fresh_public, ciphertext) = ciphertext.split_first_chunk::<PUBLIC_KEY_BYTES>()?;
        let fresh_public = PublicKey::from(*fresh_public);
        let own_public = PublicKey::from(&self.0);
        let cipher = derive_cipher(&self.0.diffie_hellman(&fresh_public), &fresh_public, &own_public)?;
        cipher.decrypt(&ONLY_NONCE, &[], ciphertext)
    }
}

fn derive_cipher(shared: &SharedSecret, fresh_public: &PublicKey, recipient: &PublicKey) -> Option<Cipher> {
    if !shared.was_contributory() {
        return None;
    }
    let mut key = Zeroizing::new([0; Cipher::key_bytes(Suite::Intl)]);
    hkdf::Hkdf::<sha2::Sha256>::new(None, shared.as_bytes())
        .expand_multi_info(&[b"tongban/wrapping/1:", fresh_public.as_bytes(), recipient.as_bytes()], key.as_mut())
        .expect("HKDF gives up to 255 blocks, and one is asked for");
    Cipher::new(Suite::Intl, key.as_ref())
}
