//! Authenticated encryption: SM4-GCM and AES-256-GCM, with nonces of 12 bytes and tags of 16.

use aes_gcm::aead::consts::U12;
use aes_gcm::{AeadInOut as _, Aes256Gcm, AesGcm, KeyInit as _};
use tongban_types::Suite;
use zeroize::Zeroizing;

type Sm4Gcm = AesGcm<sm4::Sm4, U12>;

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// Bytes by which a ciphertext is longer than its plaintext.
pub const TAG_BYTES: usize = 16;

/// The nonce for keys that encrypt a single message.
pub(crate) const ONLY_NONCE: [u8; NONCE_BYTES] = [0; NONCE_BYTES];

/// A cipher with its key, which is wiped when dropped.
pub struct Cipher(Algorithm);

enum Algorithm {
    Sm(Box<Sm4Gcm>),
    Intl(Box<Aes256Gcm>),
}

impl Cipher {
    /// How many bytes the suite's keys have.
    pub const fn key_bytes(suite: Suite) -> usize {
        match suite {
            Suite::Sm => 16,
            Suite::Intl => 32,
        }
    }

    /// The suite's cipher with this key. `None` where the key is of another length.
    pub fn new(suite: Suite, key: &[u8]) -> Option<Self> {
        Some(Self(match suite {
            Suite::Sm => Algorithm::Sm(Box::new(Sm4Gcm::new_from_slice(key).ok()?)),
            Suite::Intl => Algorithm::Intl(Box::new(Aes256Gcm::new_from_slice(key).ok()?)),
        }))
    }

    /// Ciphertext and tag. A nonce MUST NOT be used twice with the same key. `None` beyond the 64 GiB of GCM.
    pub fn encrypt(&self, nonce: &[u8; NONCE_BYTES], associated: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(plaintext.len() + TAG_BYTES);
        text.extend_from_slice(plaintext);
        let buffer = text.as_mut_slice().into();
        let tag = match &self.0 {
            Algorithm::Sm(cipher) => cipher.encrypt_inout_detached(nonce.into(), associated, buffer),
            Algorithm::Intl(cipher) => cipher.encrypt_inout_detached(nonce.into(), associated, buffer),
        };
        text.extend_from_slice(&tag.ok()?);
        Some(text)
    }

    /// The plaintext, if ciphertext, tag and associated bytes are what [`Cipher::encrypt`] made.
    pub fn decrypt(
        &self,
        nonce: &[u8; NONCE_BYTES],
        associated: &[u8],
        ciphertext: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (text, tag) = ciphertext.split_last_chunk::<TAG_BYTES>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let buffer = text.as_mut_slice().into();
        match &self.0 {
            Algorithm::Sm(cipher) => cipher.decrypt_inout_detached(nonce.into(), associated, buffer, tag.into()),
            Algorithm::Intl(cipher) => cipher.decrypt_inout_detached(nonce.into(), associated, buffer, tag.into()),
        }
        .ok()?;
        Some(text)
    }
}
