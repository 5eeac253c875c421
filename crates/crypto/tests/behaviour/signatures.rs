//! Signing, checking, and checking in batches.

use proptest::collection::vec;
use proptest::prelude::*;
use sm2::dsa::signature::Verifier as _;
use tongban_crypto::{SecretKey, SignedMessage, commitment, primitives, sm, verify_batch};
use tongban_types::{Digest, PublicKey, Signature, Suite, domain};

fn suite() -> impl Strategy<Value = Suite> {
    prop_oneof![Just(Suite::Sm), Just(Suite::Intl)]
}

fn key(suite: Suite, number: u8) -> SecretKey {
    SecretKey::from_bytes(suite, &[number.max(1); 32]).expect("repeated bytes are keys, but for zero")
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted_and_nothing_else(
        suite in suite(), number in 1..200_u8, message in vec(any::<u8>(), 0..100), bit in 0..8_u8, place in any::<prop::sample::Index>(),
    ) {
        let secret = key(suite, number);
        let (public, signature) = (secret.public_key(), secret.sign(&message));
        let accepts = |key: &PublicKey, message: &[u8], signature: &Signature| primitives(suite).verify(key, message, signature);
        prop_assert!(accepts(&public, &message, &signature));
        prop_assert_eq!(secret.clone().sign(&message), signature, "signing draws no randomness");

        let mut other = signature;
        other.0[place.index(64)] ^= 1 << bit;
        prop_assert!(!accepts(&public, &message, &other));

        let mut other = public.clone().into_bytes();
        let index = place.index(other.len());
        other[index] ^= 1 << bit;
        let other = PublicKey::new(other).expect("the length is the same");
        prop_assert!(!accepts(&other, &message, &signature));

        let mut other = [message.as_slice(), &[0]].concat();
        prop_assert!(!accepts(&public, &other, &signature));
        let index = place.index(other.len());
        other[index] ^= 1 << bit;
        prop_assert!(!accepts(&public, &other, &signature));
    }

    /// Our way of checking SM2, with variable-time arithmetic and tables for keys that come often, agrees with the library's.
    #[test]
    fn our_sm2_verdicts_are_those_of_the_library(
        number in 1..12_u8, message in vec(any::<u8>(), 0..100), change in 0..4_u8, place in any::<prop::sample::Index>(),
    ) {
        let secret = key(Suite::Sm, number);
        let public = secret.public_key();
        let mut signature = secret.sign(&message);
        match change {
            0 => signature.0[place.index(64)] ^= 1,
            1 => signature.0[..32].fill(0),
            2 => signature.0[32..].fill(0xff),
            _ => {}
        }
        let theirs = sm2::dsa::VerifyingKey::from_sec1_bytes(sm::DEFAULT_ID, public.as_ref()).expect("a good key");
        let theirs = sm2::dsa::Signature::from_slice(signature.as_ref())
            .is_ok_and(|signature| theirs.verify(&message, &signature).is_ok());
        prop_assert_eq!(theirs, change == 3);
        prop_assert_eq!(primitives(Suite::Sm).verify(&public, &message, &signature), theirs);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(
        suite in suite(), key in vec(any::<u8>(), 0..=33), message in vec(any::<u8>(), 0..40), signature in any::<[[u8; 32]; 2]>(),
    ) {
        let key = PublicKey::new(key).expect("the length is in bounds");
        let signature = Signature(signature.concat().try_into().expect("64 bytes"));
        prop_assert!(!primitives(suite).verify(&key, &message, &signature));
        let item = SignedMessage { key: &key, message: &message, signature: &signature };
        prop_assert_eq!(verify_batch(suite, &[item; 9]), [false; 9]);
    }

    #[test]
    fn a_batch_gives_the_verdicts_of_its_items(suite in suite(), kinds in vec((0..8_u8, 1..5_u8), 0..70)) {
        let items: Vec<(PublicKey, Vec<u8>, Signature)> = kinds.iter().enumerate().map(|(index, (kind, number))| {
            let message = index.to_be_bytes().to_vec();
            let secret = key(suite, *number);
            let mut public = secret.public_key();
            let mut signature = secret.sign(&message);
            match kind {
                0 => signature.0[5] ^= 1,
                1 => signature.0[40] ^= 1,
                2 => signature = secret.sign(b"another message"),
                3 => public = key(suite, 9).public_key(),
                4 => public = PublicKey::new(vec![0xff; 32]).expect("the length is in bounds"),
                _ => {}
            }
            (public, message, signature)
        }).collect();
        let items: Vec<SignedMessage<'_>> =
            items.iter().map(|(key, message, signature)| SignedMessage { key, message, signature }).collect();
        let single: Vec<bool> =
            items.iter().map(|item| primitives(suite).verify(item.key, item.message, item.signature)).collect();
        let expected: Vec<bool> = kinds.iter().map(|(kind, _)| *kind > 4).collect();
        prop_assert_eq!(&single, &expected);
        prop_assert_eq!(verify_batch(suite, &items), expected);
    }
}

/// One bad item anywhere in a long batch is found, and so is one good item among bad ones.
#[test]
fn the_odd_one_out_is_found() {
    let secret = key(Suite::Intl, 3);
    let public = secret.public_key();
    let messages: Vec<[u8; 8]> = (0..300_u64).map(u64::to_be_bytes).collect();
    for odd in [0, 1, 149, 150, 299] {
        for odd_is_good in [false, true] {
            let signatures: Vec<Signature> = (0..messages.len())
                .map(|index| secret.sign(if (index == odd) == odd_is_good { &messages[index] } else { b"nothing" }))
                .collect();
            let items: Vec<SignedMessage<'_>> = messages
                .iter()
                .zip(&signatures)
                .map(|(message, signature)| SignedMessage { key: &public, message, signature })
                .collect();
            let found: Vec<usize> = verify_batch(Suite::Intl, &items)
                .into_iter()
                .enumerate()
                .filter_map(|(index, good)| (good == odd_is_good).then_some(index))
                .collect();
            assert_eq!(found, [odd]);
        }
    }
}

#[test]
fn numbers_out_of_range_are_no_sm2_keys() {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03,
        0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
    ];
    let below = |distance: u8| {
        let mut number = ORDER;
        number[31] -= distance;
        SecretKey::from_bytes(Suite::Sm, &number)
    };
    assert!(SecretKey::from_bytes(Suite::Sm, &[0; 32]).is_err());
    assert!(SecretKey::from_bytes(Suite::Sm, &[0xff; 32]).is_err());
    assert!(below(0).is_err());
    assert!(below(1).is_err(), "SM2 divides by the secret plus one");
    assert!(below(2).is_ok());
}

/// SEC 1 writes a point in several ways; one of ours has 33 bytes and begins with 2 or 3.
#[test]
fn other_spellings_of_an_sm2_key_are_refused() {
    let secret = key(Suite::Sm, 7);
    let signature = secret.sign(b"message");
    let mut spelling = secret.public_key().into_bytes();
    for first in (0..=255).filter(|first| *first != spelling[0]).collect::<Vec<u8>>() {
        spelling[0] = first;
        let key = PublicKey::new(spelling.clone()).expect("the length is the same");
        assert!(!primitives(Suite::Sm).verify(&key, b"message", &signature), "{first}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let secret = SecretKey::from_bytes(Suite::Intl, &[0xab; 32]).expect("every seed is a key");
    let printed = format!("{secret:?}");
    assert!(printed.starts_with("SecretKey(intl, public "));
    assert!(!printed.contains("abababab"));
}

#[test]
fn a_commitment_is_the_hash_of_tag_salt_and_content() {
    for suite in [Suite::Sm, Suite::Intl] {
        let primitives = primitives(suite);
        let committed = commitment(primitives, &[7; 32], b"content");
        let concatenated = [domain::COMMITMENT, &[7; 32], b"content"].concat();
        assert_eq!(committed, primitives.hash(&[&concatenated]));
        assert_ne!(committed, commitment(primitives, &[8; 32], b"content"));
        assert_ne!(committed, Digest::ZERO);
    }
}
