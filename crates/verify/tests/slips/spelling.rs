//! Any bytes are no slip, or the one spelling of one.

use crate::city::City;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;
use tongban_types::Suite;
use tongban_types::proof::Slip;
use tongban_verify::Verifier;

struct Genuine {
    verifier: Verifier,
    bytes: Vec<u8>,
    text: String,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let city = City::new(Suite::Intl, 4);
    let slip = city.sample(40, 17, 1).slip(&city).expect("a slip");
    let verifier = Verifier::new(&city.genesis_json()).expect("a genesis");
    Genuine { verifier, bytes: slip.to_bytes(), text: slip.to_text() }
});

/// Whatever is accepted is what its value encodes to.
fn has_one_spelling(bytes: &[u8]) -> bool {
    let of_bytes = Slip::from_bytes(bytes).map_or(true, |slip| slip.to_bytes() == bytes);
    let of_text = Slip::from_text(bytes).map_or(true, |slip| slip.to_text().as_bytes() == bytes);
    of_bytes && of_text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_bytes_are_refused_or_have_one_spelling(bytes in vec(any::<u8>(), 0..900)) {
        for bytes in [bytes.clone(), [&[1][..], &bytes].concat(), [&b"TBX1:"[..], &bytes].concat()] {
            prop_assert!(has_one_spelling(&bytes));
            prop_assert!(GENUINE.verifier.verify_slip(&bytes).is_err());
        }
    }

    #[test]
    fn changed_slips_are_refused_or_have_one_spelling(
        cuts in vec((0usize..1_000, 0usize..4, vec(any::<u8>(), 0..4)), 1..4),
        in_text: bool,
    ) {
        let genuine = if in_text { GENUINE.text.as_bytes() } else { &GENUINE.bytes };
        let mut changed = genuine.to_vec();
        for (place, length, filling) in cuts {
            let place = place % changed.len();
            let end = (place + length).min(changed.len());
            changed.splice(place..end, filling);
        }
        prop_assert!(has_one_spelling(&changed));
        // What is disclosed is opaque here; the genuine one discloses nothing, so its last byte is the length of that.
        let is_only_disclosing = Slip::read(&changed).is_ok_and(|slip| {
            slip.disclosing(Default::default()).is_ok_and(|slip| slip.to_bytes() == GENUINE.bytes)
        });
        prop_assert!(is_only_disclosing || GENUINE.verifier.verify_slip(&changed).is_err());
    }

    #[test]
    fn any_letters_behind_the_prefix_have_one_spelling(letters in "[0-9A-Z $%*+./:-]{0,400}") {
        // Behind the prefix, and behind the version, so that more of it is read.
        for beginning in [5, 8] {
            let text = [&GENUINE.text[..beginning], &letters].concat();
            prop_assert!(has_one_spelling(text.as_bytes()));
        }
    }
}
