//! SM2 encryption (GB/T 32918.4, layout `C1 ‖ C3 ‖ C2`), used to wrap short keys to a recipient.

use super::wiped::{Decoy, Wiped};
use rand_core::CryptoRng;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::pke::{DecryptingKey, EncryptingKey};
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Bytes of a public key: a compressed point.
pub const PUBLIC_KEY_BYTES: usize = 33;

/// Bytes by which a ciphertext is longer than its plaintext: an uncompressed point and an SM3 value.
pub const OVERHEAD_BYTES: usize = 65 + 32;

/// Encrypts to the holder of the compressed point. `None` where it is no such point, or `plaintext` is empty.
pub fn encrypt(recipient: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Option<Vec<u8>> {
    if recipient.len() != PUBLIC_KEY_BYTES || !matches!(recipient[0], 2 | 3) {
        return None;
    }
    EncryptingKey::from_sec1_bytes(recipient).ok()?.encrypt(rng, plaintext).ok()
}

/// A private key that decrypts.
pub struct WrappingSecret(Wiped<DecryptingKey>);

impl WrappingSecret {
    /// The key with this secret number, big endian. `None` where it is zero or not below the order of the curve.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        DecryptingKey::from_slice(bytes).ok().map(|key| Self(Wiped::new(key)))
    }

    /// The compressed point.
    pub fn public_key(&self) -> [u8; PUBLIC_KEY_BYTES] {
        let point = self.0.encrypting_key().as_affine().to_sec1_point(true);
        point.as_bytes().try_into().expect("a compressed point has 33 bytes")
    }

    /// What was encrypted to this key. `None` for anything else. `C1` must be uncompressed.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if ciphertext.first() != Some(&4) || ciphertext.len() <= OVERHEAD_BYTES {
            return None;
        }
        self.0.decrypt(ciphertext).ok().map(Zeroizing::new)
    }
}

impl Decoy for DecryptingKey {
    fn decoy() -> Self {
        static DECOY: LazyLock<DecryptingKey> =
            LazyLock::new(|| DecryptingKey::from_slice(&[1; 32]).expect("the number is below the order"));
        DECOY.clone()
    }
}
