//! Checking Ed25519 signatures, alone and in batches, with one rule for both.
//!
//! A signature is accepted if and only if
//!
//! - **E1** the encodings of key `A` and nonce point `R` are canonical, and neither point is of small order,
//! - **E2** `s` is below the order of the base point,
//! - **E3** the equation `8sB = 8R + 8kA` holds (ZIP 215), as `ed25519-zebra` checks it.
//!
//! The usual check without the factor 8 gives other verdicts in a batch than alone, for signatures that are made so on
//! purpose: nodes that batch differently would then disagree about a block. With E3 both agree always. ZIP 215 also
//! admits encodings and points that no honest signer makes; E1 refuses them before, in both ways of checking.

use ed25519_zebra::{VerificationKey, VerificationKeyBytes};
use tongban_types::{PublicKey, Signature};

/// Whether the signature is good, by rules E1 to E3.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let Some((key, signature)) = parse(key, signature) else { return false };
    VerificationKey::try_from(key).is_ok_and(|key| key.verify(&signature, message).is_ok())
}

/// Refuses what breaks E1. The points are not decompressed, which is the expensive half of parsing.
pub(super) fn parse(
    key: &PublicKey,
    signature: &Signature,
) -> Option<(VerificationKeyBytes, ed25519_zebra::Signature)> {
    let key: [u8; 32] = key.as_ref().try_into().ok()?;
    let nonce_point = signature.0.first_chunk().expect("a signature has 64 bytes");
    (is_regular(&key) && is_regular(nonce_point))
        .then(|| (VerificationKeyBytes::from(key), ed25519_zebra::Signature::from(signature.0)))
}

/// Whether the bytes, if they encode a point, do so canonically and the point is not of small order.
///
/// The order of a point is small exactly where its y is one of five numbers, whatever the sign of its x.
fn is_regular(encoding: &[u8; 32]) -> bool {
    let mut y = *encoding;
    y[31] &= 0x7f; // without the sign of x
    let below_prime = y[31] != 0x7f || y[1..31].iter().any(|byte| *byte != 0xff) || y[0] < 0xed;
    below_prime && !SMALL_ORDER_Y.contains(&y)
}

/// The y of the eight points of small order, little endian: 1, -1, 0, and two of the points of order eight.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];
