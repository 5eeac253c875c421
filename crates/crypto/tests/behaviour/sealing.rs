//! Sealing: only recipients read, and nothing can be changed.

use crate::test_rng::TestRng;
use proptest::collection::vec;
use proptest::prelude::*;
use tongban_crypto::sealing::{CONTENT_BYTES_MAX, OpenError, RECIPIENTS_MAX, SealError};
use tongban_crypto::{OpeningKey, SealedObject, SealingKey, seal};
use tongban_types::{Blob, List, Suite, codec};

const SUITES: [Suite; 2] = [Suite::Sm, Suite::Intl];

fn keys(suite: Suite, count: usize) -> (Vec<OpeningKey>, Vec<SealingKey>) {
    let mut rng = TestRng::new(count as u64);
    let opening: Vec<OpeningKey> = (0..count).map(|_| OpeningKey::generate(suite, &mut rng)).collect();
    let sealing = opening.iter().map(OpeningKey::sealing_key).collect();
    (opening, sealing)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn recipients_read_what_was_sealed(
        suite in prop::sample::select(&SUITES), count in 1..5_usize, content in vec(any::<u8>(), 0..500), seed in any::<u64>(),
    ) {
        let (opening, sealing) = keys(suite, count);
        let object = seal(suite, &sealing, &content, &mut TestRng::new(seed)).expect("the recipients are good");
        let encoded = codec::encode(&object);
        let object: SealedObject = codec::decode(&encoded).expect("it was encoded before");
        for key in &opening {
            let opened = object.open(key).expect("the key is a recipient's");
            prop_assert_eq!(&*opened, &content);
        }
        let stranger = OpeningKey::generate(suite, &mut TestRng::new(seed ^ 1 << 63));
        prop_assert_eq!(object.open(&stranger), Err(OpenError::NotARecipient));
    }

    #[test]
    fn any_changed_bit_is_noticed(
        suite in prop::sample::select(&SUITES), content in vec(any::<u8>(), 0..60), place in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let (opening, sealing) = keys(suite, 2);
        let mut encoded = codec::encode(&seal(suite, &sealing, &content, &mut TestRng::new(5)).expect("good recipients"));
        let index = place.index(encoded.len());
        encoded[index] ^= 1 << bit;
        if let Ok(object) = codec::decode::<SealedObject>(&encoded) {
            for key in &opening {
                prop_assert!(object.open(key).is_err(), "byte {} changed", index);
            }
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(
        suite in prop::sample::select(&SUITES), bytes in vec(any::<u8>(), 0..300), wrapped in vec(any::<u8>(), 0..=128), key in vec(any::<u8>(), 0..=33),
    ) {
        let _ = codec::decode::<SealedObject>(&bytes);
        let _ = serde_json::from_slice::<SealedObject>(&bytes);
        let key = SealingKey(Blob::new(key).expect("the length is in bounds"));
        let _ = seal(suite, &[key], &bytes, &mut TestRng::new(1));
        let (opening, sealing) = keys(suite, 1);
        let mut object = seal(suite, &sealing, &bytes, &mut TestRng::new(2)).expect("the recipient is good");
        let mut recipients = object.recipients.into_vec();
        recipients[0].wrapped = Blob::new(wrapped).expect("the length is in bounds");
        object.recipients = List::new(recipients).expect("there is one");
        prop_assert_eq!(object.open(&opening[0]), Err(OpenError::Tampered));
    }
}

/// Whoever knows the content key of an object still cannot add, drop or exchange recipients.
#[test]
fn the_list_of_recipients_is_fixed() {
    for suite in SUITES {
        let (opening, sealing) = keys(suite, 3);
        let object = seal(suite, &sealing, b"content", &mut TestRng::new(1)).expect("the recipients are good");
        let with = |change: &dyn Fn(&mut Vec<_>)| {
            let mut recipients = object.recipients.clone().into_vec();
            change(&mut recipients);
            let recipients = List::new(recipients).expect("there are few");
            SealedObject { recipients, ..object.clone() }.open(&opening[0])
        };
        assert!(with(&|_| {}).is_ok());
        assert_eq!(with(&|recipients| recipients.truncate(2)), Err(OpenError::Tampered));
        assert_eq!(with(&|recipients| recipients.swap(1, 2)), Err(OpenError::Tampered));
        assert_eq!(with(&|recipients| recipients.push(recipients[1].clone())), Err(OpenError::Tampered));
        assert_eq!(with(&|recipients| recipients[0].wrapped = recipients[1].wrapped.clone()), Err(OpenError::Tampered));
    }
}

#[test]
fn parts_of_two_objects_do_not_mix() {
    for suite in SUITES {
        let (opening, sealing) = keys(suite, 1);
        let mut rng = TestRng::new(1);
        let first = seal(suite, &sealing, b"first", &mut rng).expect("the recipient is good");
        let second = seal(suite, &sealing, b"other", &mut rng).expect("the recipient is good");
        assert_ne!(first.key_hash, second.key_hash, "each object has its own key");
        let open = |object: SealedObject| object.open(&opening[0]);
        assert_eq!(
            open(SealedObject { ciphertext: second.ciphertext.clone(), ..first.clone() }),
            Err(OpenError::Tampered)
        );
        assert_eq!(
            open(SealedObject { recipients: second.recipients.clone(), ..first.clone() }),
            Err(OpenError::Tampered)
        );
        assert_eq!(open(SealedObject { key_hash: second.key_hash, ..first.clone() }), Err(OpenError::Tampered));
    }
}

#[test]
fn what_cannot_be_sealed_is_refused() {
    for (suite, other) in [(Suite::Sm, Suite::Intl), (Suite::Intl, Suite::Sm)] {
        let rng = &mut TestRng::new(1);
        let (_, sealing) = keys(suite, RECIPIENTS_MAX + 1);
        let one = &sealing[..1];
        assert_eq!(seal(suite, &[], b"", rng), Err(SealError::NoRecipients));
        assert_eq!(seal(suite, &sealing, b"", rng), Err(SealError::TooManyRecipients));
        assert!(seal(suite, &sealing[..RECIPIENTS_MAX], b"", rng).is_ok());
        let twice = [sealing[0].clone(), sealing[0].clone()];
        assert_eq!(seal(suite, &twice, b"", rng), Err(SealError::RepeatedRecipient));
        assert_eq!(seal(other, one, b"", rng), Err(SealError::InvalidRecipient));
        assert_eq!(seal(suite, one, &vec![0; CONTENT_BYTES_MAX + 1], rng), Err(SealError::TooLong));
    }
    let zero = SealingKey(Blob::new(vec![0; 32]).expect("the length is in bounds"));
    assert_eq!(seal(Suite::Intl, &[zero], b"", &mut TestRng::new(1)), Err(SealError::InvalidRecipient));
}

#[test]
fn the_longest_content_can_be_sealed() {
    let (opening, sealing) = keys(Suite::Intl, 1);
    let content = vec![7; CONTENT_BYTES_MAX];
    let object = seal(Suite::Intl, &sealing, &content, &mut TestRng::new(1)).expect("the length is in bounds");
    assert_eq!(*object.open(&opening[0]).expect("the key is the recipient's"), content);
}

/// Objects that were sealed before can be opened; see `tests/data/README.md`.
#[test]
fn kept_objects_can_be_opened() {
    let kept: serde_json::Value =
        serde_json::from_str(include_str!("../data/sealed_objects.json")).expect("the file is JSON");
    for suite in SUITES {
        let encoded = kept[suite.to_string()].as_str().expect("there is one for each suite");
        let encoded = hex::decode(encoded).expect("the objects are hexadecimal");
        let object: SealedObject = codec::decode(&encoded).expect("the object was encoded before");
        assert_eq!(codec::encode(&object), encoded);
        let key = OpeningKey::from_bytes(suite, &[7; 32]).expect("the bytes are a key");
        assert_eq!(object.open(&key).expect("the key is the recipient's").as_slice(), "一网通办".as_bytes());
    }
}
