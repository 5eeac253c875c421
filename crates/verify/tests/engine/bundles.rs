//! Whole bundles: genuine ones pass in both forms, and no byte of them can be changed.

use crate::hashers::Sm3;
use crate::network::Network;
use commonware_cryptography::Sha256;
use proptest::prelude::*;
use std::sync::LazyLock;
use tongban_types::proof::Bundle;
use tongban_verify::{Verifier, verify};

static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::new::<Sha256>(1));

fn proven(network: &Network) {
    let genesis = network.genesis_json();
    let mut verifier = Verifier::new(&genesis).expect("a genesis");
    for (bundle, signers) in [(&network.record, 3), (&network.absence, 3), (&network.receipt, 4)] {
        let verified = verify(&bundle.to_json(), &genesis).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(verified.claim, bundle.claim);
        assert_eq!(verified.header, bundle.headers[0]);
        assert_eq!(verified.certified_height, 8 + bundle.headers.len() as u64);
        assert_eq!(verified.departments.len(), signers);
        assert_eq!(verifier.verify(&bundle.to_compact()).as_ref(), Ok(&verified));
        assert_eq!(verifier.verify(&bundle.to_json()).as_ref(), Ok(&verified));
        assert_eq!(Bundle::decode(&bundle.to_json()).as_ref(), Ok(bundle));
        assert_eq!(Bundle::decode(&bundle.to_compact()).as_ref(), Ok(bundle));
    }
}

#[test]
fn genuine_bundles_pass_in_both_suites() {
    proven(&NETWORK);
    proven(&Network::new::<Sm3>(1));
}

/// Every byte replaced by several others, dropped, and doubled. The verifier has checked the genuine bundle before,
/// so what it remembers must not help a changed one.
fn no_byte_can_change(network: &Network, bundle: &Bundle, genuine: &[u8]) {
    let mut verifier = Verifier::new(&network.genesis_json()).expect("a genesis");
    verifier.verify(genuine).unwrap_or_else(|error| panic!("{error}"));
    let mut changed = genuine.to_vec();
    for place in 0..genuine.len() {
        let byte = genuine[place];
        let next_digit = if byte == b'9' { b'0' } else { byte.wrapping_add(1) };
        for other in [byte ^ 1, byte ^ 0x20, byte ^ 0x80, next_digit, byte.wrapping_sub(1), 0, b'0', b'f', b' '] {
            if other == byte {
                continue;
            }
            changed[place] = other;
            let verdict = verifier.verify(&changed);
            assert!(verdict.is_err(), "byte {place}, {byte:#x} to {other:#x} in {:?}", bundle.claim);
        }
        changed[place] = byte;
    }
    for place in 0..genuine.len() {
        let mut shorter = genuine.to_vec();
        shorter.remove(place);
        assert!(verifier.verify(&shorter).is_err(), "without byte {place}");
        let mut longer = genuine.to_vec();
        longer.insert(place, genuine[place]);
        assert!(verifier.verify(&longer).is_err(), "with byte {place} twice");
        assert!(verifier.verify(&genuine[..place]).is_err(), "cut off at {place}");
    }
}

#[test]
fn no_byte_of_a_file_can_change() {
    for bundle in [&NETWORK.record, &NETWORK.absence, &NETWORK.receipt] {
        no_byte_can_change(&NETWORK, bundle, &bundle.to_json());
        no_byte_can_change(&NETWORK, bundle, &bundle.to_compact());
    }
}

#[test]
fn no_byte_of_a_file_can_change_with_sm2() {
    let network = Network::new::<Sm3>(1);
    no_byte_can_change(&network, &network.record, &network.record.to_compact());
}

#[test]
fn only_the_canonical_spelling_is_read() {
    let json = NETWORK.receipt.to_json();
    let text = String::from_utf8(json.clone()).expect("JSON is text");
    let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let respelled = [
        serde_json::to_string(&value).expect("JSON"),
        text.trim_end().to_string(),
        format!("{text}\n"),
        format!(" {text}"),
        text.replace("  ", "    "),
        text.replace("\"height\": 9", "\"height\": 9.0"),
        text.replace("\"height\": 9", "\"height\": 09"),
        text.replace("evidence", "\\u0065vidence").replace("receipt", "\\u0072eceipt"),
        text.replace(".000Z", "Z"),
        text.replacen('{', "{\n  \"comment\": 1,", 1),
        text.replacen("{\n", "{\n  \"format\": \"tongban-bundle/1\",\n", 1),
        text.replace("tongban-bundle/1", "tongban-bundle/2"),
        NETWORK.id.to_string().to_uppercase().clone() + &text,
        text.replace(&NETWORK.id.to_string(), &NETWORK.id.to_string().to_uppercase()),
    ];
    for spelling in respelled {
        assert_ne!(spelling, text);
        let error = verify(spelling.as_bytes(), &NETWORK.genesis_json()).expect_err("another spelling");
        assert_eq!(error.code(), "not_canonical", "{spelling}");
    }
}

/// Binary bytes in a QR code of version 25 with the lowest error correction.
const QR_25_BYTES_MAX: usize = 1_273;

#[test]
fn compact_bundles_of_a_small_state_fit_a_qr_code() {
    for bundle in [&NETWORK.record, &NETWORK.absence] {
        assert_eq!(bundle.headers.len(), 1);
        let length = bundle.to_compact().len();
        assert!(length <= QR_25_BYTES_MAX, "{length} bytes for {:?}", bundle.claim);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), as_json: bool) {
        let bytes = if as_json { [b"{", bytes.as_slice()].concat() } else { bytes };
        prop_assert!(verify(&bytes, &NETWORK.genesis_json()).is_err());
        prop_assert!(verify(&NETWORK.record.to_compact(), &bytes).is_err());
    }

    #[test]
    fn spliced_bundles_never_panic(cut in 0usize..2_000, length in 0usize..40, filling: [u8; 8], kind in 0usize..6) {
        let bundle = [&NETWORK.record, &NETWORK.absence, &NETWORK.receipt][kind % 3];
        let genuine = if kind < 3 { bundle.to_compact() } else { bundle.to_json() };
        let cut = cut % genuine.len();
        let end = (cut + length).min(genuine.len());
        let spliced = [&genuine[..cut], &filling, &genuine[end..]].concat();
        prop_assert!(spliced == genuine || verify(&spliced, &NETWORK.genesis_json()).is_err());
    }
}
