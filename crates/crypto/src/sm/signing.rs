//! SM2 signing keys.

use super::DEFAULT_ID;
use super::wiped::{Decoy, Wiped};
use sm2::dsa::signature::Signer as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use std::sync::LazyLock;
use tongban_types::{PublicKey, Signature};
use zeroize::Zeroizing;

/// An SM2 private key. The nonce of a signature follows RFC 6979 with SM3, so signing draws no randomness, and the
/// same key and message always give the same signature.
pub struct SigningKey {
    key: Wiped<sm2::dsa::SigningKey>,
    public: PublicKey,
}

impl SigningKey {
    /// The key with this secret number, big endian. `None` where it is zero, or not below the order of the curve less
    /// one (SM2 divides by the secret plus one).
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = Wiped::new(sm2::dsa::SigningKey::from_slice(DEFAULT_ID, bytes).ok()?);
        let secret_plus_one = Zeroizing::new(**key.as_nonzero_scalar() + sm2::Scalar::ONE);
        if bool::from(secret_plus_one.is_zero()) {
            return None;
        }
        let point = key.verifying_key().to_sec1_point(true);
        let public = PublicKey::new(point.as_bytes().to_vec()).expect("a compressed point has 33 bytes");
        Some(Self { key, public })
    }

    /// The compressed point.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// `r ‖ s` over the message, with the default identifier.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature = self.key.try_sign(message).expect("a nonce fails once in 2^250 messages");
        Signature(signature.to_bytes().into())
    }
}

impl Decoy for sm2::dsa::SigningKey {
    fn decoy() -> Self {
        static DECOY: LazyLock<sm2::dsa::SigningKey> = LazyLock::new(|| {
            sm2::dsa::SigningKey::from_slice(DEFAULT_ID, &[1; 32]).expect("the number is below the order")
        });
        DECOY.clone()
    }
}
