//! Slips, from a network on paper: what is accepted, how each change is refused, and how large they are.

mod city;
mod refusals;
mod sizes;
mod spelling;

use city::{City, Sample};
use tongban_types::proof::Slip;
use tongban_types::{Blob, Suite};
use tongban_verify::{SlipRefusal, Standing, Verifier, verify_slip};

const SUITES: [Suite; 2] = [Suite::Sm, Suite::Intl];

#[test]
fn genuine_slips_pass_in_both_suites_and_forms() {
    for suite in SUITES {
        let city = City::new(suite, 4);
        for (receipts, place, descendants) in [(1, 0, 0), (2, 1, 1), (3, 2, 0), (7, 0, 2), (100, 64, 4), (100, 99, 0)] {
            let sample = city.sample(receipts, place, descendants);
            let slip = sample.slip(&city).expect("it has a slip");
            let verdict = verify_slip(&slip.to_bytes(), &city.genesis_json()).expect("a stranger believes it");
            assert_eq!(verdict.standing, Standing::ProvenAsOfUnconfirmedNow);
            assert_eq!((verdict.network, &*verdict.network_name), (city.id, "南沙区通办网"));
            assert_eq!(verdict.receipt, sample.receipt);
            assert_eq!((verdict.height, verdict.as_of), (sample.headers[0].height, sample.headers[0].time));
            assert_eq!(verdict.certified_height, verdict.height + descendants as u64);
            assert_eq!(verdict.events(), [city::event(city.primitives(), place as u64)]);
            assert_eq!(verdict.departments.len(), 3);
            assert!(verdict.disclosed.is_empty());
            assert_eq!(verify_slip(slip.to_text().as_bytes(), &city.genesis_json()), Ok(verdict));
            assert_eq!(Slip::from_bytes(&slip.to_bytes()), Ok(slip.clone()));
            assert_eq!(Slip::from_text(slip.to_text().as_bytes()), Ok(slip));
        }
    }
}

#[test]
fn a_verdict_says_as_of_and_never_plain_valid() {
    let city = City::new(Suite::Intl, 4);
    let slip = city.sample(5, 2, 0).slip(&city).expect("it has a slip");
    let verdict = verify_slip(&slip.to_bytes(), &city.genesis_json()).expect("proven");
    let json = serde_json::to_value(&verdict).expect("JSON can hold it");
    assert_eq!(json["standing"], "proven_as_of_unconfirmed_now");
    assert_eq!(json["as_of"], verdict.as_of.to_string());
    assert!(json.get("valid").is_none() && json.get("disclosed").is_none(), "{json}");
}

#[test]
fn what_is_disclosed_is_handed_out_only_when_it_is_bound() {
    let city = City::new(Suite::Sm, 4);
    let sample = Sample { disclosed: Blob::new(b"name and salt".to_vec()).expect("short"), ..city.sample(5, 0, 0) };
    let verifier = Verifier::new(&city.genesis_json()).expect("a genesis");
    let verdict = verifier.verify_slip(&sample.slip(&city).expect("a slip").to_bytes()).expect("proven");
    assert!(!verdict.disclosed.is_empty());
    let seen = verdict.disclose(|events, disclosed| city.is_bound(events, disclosed).then(|| disclosed.to_vec()));
    assert_eq!(seen, Err(SlipRefusal::DisclosureNotBound));
    assert_eq!(seen.expect_err("another's").code(), "disclosure_not_bound");

    // The holder decides what he shows; the rest of the slip stays as it is.
    let own = Blob::new(city::disclosed_by(0)).expect("short");
    let shown = sample.slip(&city).expect("a slip").disclosing(own.clone()).expect("it fits");
    let verdict = verifier.verify_slip(&shown.to_bytes()).expect("proven");
    let seen = verdict.disclose(|events, disclosed| city.is_bound(events, disclosed).then(|| disclosed.to_vec()));
    assert_eq!(seen, Ok(own.as_ref().to_vec()));
}

/// Every bit of both forms. What is disclosed is opaque to the verifier, so its bits are refused by whoever binds it.
fn no_bit_can_change(suite: Suite, receipts: usize, descendants: usize) {
    let city = City::new(suite, 4);
    let own = Blob::new(city::disclosed_by(1)).expect("short");
    let sample = Sample { disclosed: own.clone(), ..city.sample(receipts, 1, descendants) };
    let genuine = sample.slip(&city).expect("it has a slip").to_bytes();
    let verifier = Verifier::new(&city.genesis_json()).expect("a genesis");
    let is_believed = |bytes: &[u8]| {
        let verdict = verifier.verify_slip(bytes);
        verdict.and_then(|verdict| verdict.disclose(|events, seen| city.is_bound(events, seen).then_some(())))
    };
    assert_eq!(is_believed(&genuine), Ok(()));
    let first_disclosed = genuine.len() - own.as_ref().len();
    for bit in 0..genuine.len() * 8 {
        let mut changed = genuine.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let refusal = is_believed(&changed).expect_err("a changed slip");
        let is_opaque = bit / 8 >= first_disclosed;
        assert_eq!(refusal == SlipRefusal::DisclosureNotBound, is_opaque, "bit {bit}: {refusal}");
    }
    for end in 0..genuine.len() {
        assert_eq!(is_believed(&genuine[..end]).expect_err("cut off").code(), "not_canonical", "{end}");
    }
}

#[test]
fn no_bit_of_a_slip_can_change() {
    no_bit_can_change(Suite::Intl, 2, 0);
}

#[test]
fn no_bit_of_a_slip_can_change_with_sm2() {
    no_bit_can_change(Suite::Sm, 3, 1);
}
