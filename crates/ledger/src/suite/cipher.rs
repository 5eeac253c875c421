//! SM4-GCM between nodes.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit as _};
use commonware_cryptography::Cipher;
use commonware_math::algebra::Random;
use commonware_utils::sequence::FixedBytes;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// SM4 in Galois/counter mode, one record after the other under one key.
///
/// The nonce counts the records, so it never repeats: the handshake makes a new key for each direction of each
/// connection.
pub struct Sm4Gcm {
    records: u64,
    key: AesGcm<sm4::Sm4, U12>,
}

impl Sm4Gcm {
    fn next_nonce(&mut self) -> Option<[u8; 12]> {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.records.to_le_bytes());
        self.records = self.records.checked_add(1)?;
        Some(nonce)
    }
}

impl Random for Sm4Gcm {
    fn random(mut rng: impl CryptoRng) -> Self {
        let mut key = Zeroizing::new([0u8; 16]);
        rng.fill_bytes(key.as_mut());
        Self { records: 0, key: AesGcm::new(&(*key).into()) }
    }
}

impl Cipher for Sm4Gcm {
    type Tag = FixedBytes<16>;

    fn seal(mut self, aad: &[u8], data: &mut [u8]) -> Option<(Self, Self::Tag)> {
        let nonce = self.next_nonce()?;
        let tag = self.key.encrypt_inout_detached(&nonce.into(), aad, data.into()).ok()?;
        Some((self, FixedBytes::new(tag.into())))
    }

    fn open(mut self, aad: &[u8], data: &mut [u8], tag: &Self::Tag) -> Option<Self> {
        let nonce = self.next_nonce()?;
        let tag: [u8; 16] = tag.as_ref().try_into().ok()?;
        self.key.decrypt_inout_detached(&nonce.into(), aad, data.into(), &tag.into()).ok()?;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_in_order_and_nothing_else() {
        let rng = || commonware_utils::test_rng();
        let (sealer, opener) = (Sm4Gcm::random(rng()), Sm4Gcm::random(rng()));
        let mut record = *b"record";
        let (sealer, tag) = sealer.seal(b"aad", &mut record).expect("the first record");
        assert_ne!(&record, b"record");
        let opener = opener.open(b"aad", &mut record, &tag).expect("the same record");
        assert_eq!(&record, b"record");

        let (_, tag) = sealer.seal(b"aad", &mut record).expect("the second record");
        assert!(Sm4Gcm::random(rng()).open(b"aad", &mut record.clone(), &tag).is_none(), "out of order");
        assert!(opener.open(b"other", &mut record, &tag).is_none(), "other associated data");
    }
}
