//! Each way to cheat, and the code it is refused with.

use crate::hashers::Sm3;
use crate::network::{Network, Validators, absence_of, child, list};
use commonware_cryptography::Sha256;
use tongban_types::proof::bundle::BUNDLE_BYTES_MAX;
use tongban_types::proof::{AbsencePath, Bundle, Claim, LogPath, OperationPath, Path};
use tongban_types::{Blob, Digest, Header, Suite, codec};
use tongban_verify::{Verifier, verify};

type Case = (&'static str, fn(&Network, &mut Bundle), &'static str);

/// Changes each bundle as the case says and compares the code, in both forms.
fn check(network: &Network, genuine: &Bundle, cases: &[Case]) {
    let mut verifier = Verifier::new(&network.genesis_json()).expect("a genesis");
    for (name, change, code) in cases {
        let mut changed = genuine.clone();
        change(network, &mut changed);
        for bytes in [changed.to_json(), changed.to_compact()] {
            let error = verifier.verify(&bytes).expect_err(name);
            assert_eq!(error.code(), *code, "{name}: {error}");
        }
        assert!(verifier.verify(&genuine.to_json()).is_ok(), "{name}");
    }
}

fn operation(path: &mut Path) -> &mut OperationPath {
    match path {
        Path::Record(path) => &mut path.operation,
        Path::Absence(AbsencePath::Between { operation, .. } | AbsencePath::Empty { operation, .. }) => operation,
        Path::Receipt(_) => panic!("a path of the state"),
    }
}

fn log(path: &mut Path) -> &mut LogPath {
    match path {
        Path::Receipt(path) => &mut path.log,
        _ => &mut operation(path).log,
    }
}

fn edit_digests(bundle: &mut Bundle, edit: fn(&mut Vec<Digest>)) {
    let path = log(&mut bundle.path);
    let mut digests = path.digests.to_vec();
    edit(&mut digests);
    path.digests = list(digests);
}

fn edit_headers(bundle: &mut Bundle, edit: impl FnOnce(&mut Vec<Header>)) {
    let mut headers = bundle.headers.to_vec();
    edit(&mut headers);
    bundle.headers = list(headers);
}

fn certify_last(network: &Network, bundle: &mut Bundle, signers: &[u32]) {
    bundle.certificate = network.validators.certify(&bundle.headers[bundle.headers.len() - 1], signers);
}

fn set_value(bundle: &mut Bundle, new: &[u8]) {
    let Claim::Record { value, .. } = &mut bundle.claim else { panic!("a record") };
    *value = Blob::new(new.to_vec()).expect("short");
}

const RECORD: &[Case] = &[
    ("another record", |_, bundle| set_value(bundle, b"exhibit 505"), "root_mismatch"),
    ("the record before", |_, bundle| set_value(bundle, b"exhibit 4"), "root_mismatch"),
    ("no record", |_, bundle| set_value(bundle, b""), "root_mismatch"),
    (
        "another key",
        |_, bundle| {
            let Claim::Record { key, .. } = &mut bundle.claim else { panic!("a record") };
            *key = Blob::new(codec::encode(&5u64)).expect("short");
        },
        "root_mismatch",
    ),
    (
        "another table",
        |_, bundle| {
            let Claim::Record { table, .. } = &mut bundle.claim else { panic!("a record") };
            *table = "evidence/witnesses".parse().expect("short");
        },
        "root_mismatch",
    ),
    ("a changed digest", |_, bundle| edit_digests(bundle, |digests| digests[3].0[0] ^= 1), "root_mismatch"),
    ("swapped digests", |_, bundle| edit_digests(bundle, |digests| digests.swap(0, 1)), "root_mismatch"),
    ("a digest fewer", |_, bundle| edit_digests(bundle, |digests| digests.truncate(digests.len() - 1)), "bad_path"),
    ("a digest more", |_, bundle| edit_digests(bundle, |digests| digests.push(Digest::ZERO)), "bad_path"),
    ("a place outside the log", |_, bundle| log(&mut bundle.path).location = u64::MAX, "bad_path"),
    ("an endless log", |_, bundle| log(&mut bundle.path).operations = u64::MAX, "bad_path"),
    ("too many inactive trees", |_, bundle| log(&mut bundle.path).inactive_peaks = u64::MAX, "bad_path"),
    ("bits that say superseded", |_, bundle| operation(&mut bundle.path).bits = Digest::ZERO, "superseded"),
    ("other bits", |_, bundle| operation(&mut bundle.path).bits = Digest([0xFF; 32]), "root_mismatch"),
    ("no last bits", |_, bundle| operation(&mut bundle.path).last_bits = None, "bad_path"),
    ("another root of the log", |_, bundle| operation(&mut bundle.path).log_root = Digest::ZERO, "root_mismatch"),
    ("a path of another kind", |network, bundle| bundle.path = network.receipt.path.clone(), "bad_path"),
    ("a changed header", |_, bundle| edit_headers(bundle, |headers| headers[0].state_root.0[0] ^= 1), "other_block"),
    ("another number of acts", |_, bundle| edit_headers(bundle, |headers| headers[0].acts += 1), "other_block"),
    (
        "another root of the block's receipts",
        |_, bundle| edit_headers(bundle, |headers| headers[0].receipt_root.0[0] ^= 1),
        "other_block",
    ),
    (
        "a later time",
        |_, bundle| edit_headers(bundle, |headers| headers[0].time = headers[0].time.plus_millis(1)),
        "other_block",
    ),
    ("no header", |_, bundle| edit_headers(bundle, Vec::clear), "broken_header_chain"),
    ("a header of version 2", |_, bundle| edit_headers(bundle, |headers| headers[0].version = 2), "unsupported_header"),
    (
        "a header of another network",
        |_, bundle| edit_headers(bundle, |headers| headers[0].network = Digest::ZERO),
        "other_network",
    ),
    ("another network", |_, bundle| bundle.network = Digest::ZERO, "other_network"),
    (
        "another header, not certified",
        |network, bundle| edit_headers(bundle, |headers| headers[0] = child(&headers[0], network.primitives())),
        "other_block",
    ),
    (
        "another header, certified",
        |network, bundle| {
            edit_headers(bundle, |headers| headers[0].state_root = Digest::ZERO);
            certify_last(network, bundle, &[0, 1, 2]);
        },
        "root_mismatch",
    ),
    ("two signatures", |network, bundle| certify_last(network, bundle, &[0, 1]), "too_few_signatures"),
    ("no signature", |network, bundle| certify_last(network, bundle, &[]), "too_few_signatures"),
    ("one signer three times", |network, bundle| certify_last(network, bundle, &[1, 1, 1]), "wrong_validator_set"),
    ("signers out of order", |network, bundle| certify_last(network, bundle, &[2, 1, 0]), "wrong_validator_set"),
    (
        "a signer outside the set",
        |_, bundle| {
            let mut signatures = bundle.certificate.signatures.to_vec();
            signatures[2].validator = 4;
            bundle.certificate.signatures = list(signatures);
        },
        "wrong_validator_set",
    ),
    (
        "signatures of another set",
        |network, bundle| {
            let others = Validators::new(network.suite, 100, 4);
            bundle.certificate = others.certify(&bundle.headers[0], &[0, 1, 2]);
        },
        "bad_signature",
    ),
    (
        "a false signature beyond the quorum",
        |network, bundle| {
            certify_last(network, bundle, &[0, 1, 2, 3]);
            let mut signatures = bundle.certificate.signatures.to_vec();
            signatures[3].signature = signatures[2].signature;
            bundle.certificate.signatures = list(signatures);
        },
        "bad_signature",
    ),
    ("another view", |_, bundle| bundle.certificate.view += 1, "bad_signature"),
    ("another epoch", |_, bundle| bundle.certificate.epoch += 1, "wrong_validator_set"),
    (
        "a certificate of another block",
        |network, bundle| bundle.certificate = network.receipt.certificate.clone(),
        "other_block",
    ),
];

#[test]
fn changed_records() {
    check(&Network::new::<Sha256>(1), &Network::new::<Sha256>(1).record, RECORD);
    check(&Network::new::<Sm3>(1), &Network::new::<Sm3>(1).record, RECORD);
}

#[test]
fn changed_receipts_and_header_chains() {
    let network = Network::new::<Sha256>(1);
    check(
        &network,
        &network.receipt,
        &[
            (
                "another number",
                |_, bundle| {
                    let Claim::Receipt { receipt } = &mut bundle.claim else { panic!("a receipt") };
                    receipt.number += 1;
                },
                "root_mismatch",
            ),
            ("another place", |_, bundle| log(&mut bundle.path).location += 1, "root_mismatch"),
            ("another size", |_, bundle| log(&mut bundle.path).operations += 64, "bad_path"),
            ("a changed digest", |_, bundle| edit_digests(bundle, |digests| digests[0].0[31] ^= 1), "root_mismatch"),
            (
                "a header fewer",
                |_, bundle| edit_headers(bundle, |headers| drop(headers.remove(1))),
                "broken_header_chain",
            ),
            (
                "a header twice",
                |_, bundle| edit_headers(bundle, |headers| headers.insert(0, headers[0].clone())),
                "broken_header_chain",
            ),
            ("headers reversed", |_, bundle| edit_headers(bundle, |headers| headers.reverse()), "broken_header_chain"),
            (
                "the first header changed",
                |_, bundle| edit_headers(bundle, |headers| headers[0].event_root.0[9] ^= 1),
                "broken_header_chain",
            ),
            (
                "a height skipped",
                |_, bundle| edit_headers(bundle, |headers| headers[1].height += 1),
                "broken_header_chain",
            ),
            (
                "the last header changed",
                |_, bundle| edit_headers(bundle, |headers| headers[2].receipts += 1),
                "other_block",
            ),
            ("the last header missing", |_, bundle| edit_headers(bundle, |headers| drop(headers.pop())), "other_block"),
        ],
    );
}

#[test]
fn absence_of_what_is_present() {
    let network = Network::new::<Sha256>(1);
    check(
        &network,
        &network.absence,
        &[
            (
                "a key that stands beside its claim",
                |_, bundle| {
                    let Claim::Absence { key, .. } = &mut bundle.claim else { panic!("an absence") };
                    *key = Blob::new(codec::encode(&1_001u64)).expect("short");
                },
                "bad_path",
            ),
            (
                "a key that is present",
                |network, bundle| bundle.claim = absence_of(network.primitives(), 4),
                "absence_not_shown",
            ),
            (
                "the neighbour itself",
                |network, bundle| {
                    // The update that shows the record is dressed up as the one before it.
                    let Path::Record(present) = &network.record.path else { panic!("a record") };
                    let Claim::Record { value, .. } = &network.record.claim else { panic!("a record") };
                    bundle.claim = absence_of(network.primitives(), 4);
                    let Claim::Absence { state_key: key, .. } = bundle.claim else { panic!("an absence") };
                    let (operation, next_key) = (present.operation.clone(), present.next_key);
                    bundle.path =
                        Path::Absence(AbsencePath::Between { operation, key, value: value.clone(), next_key });
                },
                "absence_not_shown",
            ),
            (
                "neighbours further apart",
                |network, bundle| {
                    bundle.claim = absence_of(network.primitives(), 4);
                    let Path::Absence(AbsencePath::Between { key, next_key, .. }) = &mut bundle.path else {
                        panic!("neighbours")
                    };
                    (*key, *next_key) = (Digest::ZERO, Digest([0xFF; 32]));
                },
                "root_mismatch",
            ),
            (
                "an empty state",
                |_, bundle| {
                    let operation = operation(&mut bundle.path).clone();
                    bundle.path = Path::Absence(AbsencePath::Empty { operation, metadata: None });
                },
                "root_mismatch",
            ),
        ],
    );
}

#[test]
fn files_that_are_no_bundles() {
    let network = Network::new::<Sha256>(1);
    let genesis = network.genesis_json();
    let code = |bytes: &[u8]| verify(bytes, &genesis).expect_err("no bundle").code();
    assert_eq!(code(b""), "not_canonical");
    assert_eq!(code(b"{}\n"), "not_canonical");
    assert_eq!(code(&vec![b'{'; BUNDLE_BYTES_MAX]), "not_canonical");
    assert_eq!(code(&vec![b'{'; BUNDLE_BYTES_MAX + 1]), "oversized");
    assert_eq!(code(&[network.record.to_compact(), vec![0; BUNDLE_BYTES_MAX]].concat()), "oversized");
    assert_eq!(code(&[network.record.to_compact(), vec![0]].concat()), "not_canonical");
    // A list that claims to be long reserves nothing.
    assert_eq!(code(&[0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]), "not_canonical");
    assert_eq!(code(["[".repeat(BUNDLE_BYTES_MAX)].concat().as_bytes()), "not_canonical");
}

#[test]
fn anchors_that_are_no_genesis_or_another_networks() {
    let network = Network::new::<Sha256>(1);
    let bundle = network.record.to_json();
    let code = |genesis: &[u8]| verify(&bundle, genesis).expect_err("not this network").code();
    assert_eq!(code(&Network::new::<Sha256>(30).genesis_json()), "other_network");
    assert_eq!(code(&Network::new::<Sm3>(1).genesis_json()), "other_network");
    assert_eq!(code(b""), "bad_genesis");
    assert_eq!(code(b"{}"), "bad_genesis");
    let mut genesis = network.genesis.clone();
    genesis.version = 9;
    assert_eq!(code(&serde_json::to_vec(&genesis).expect("JSON")), "bad_genesis");
    let with_surplus = String::from_utf8(network.genesis_json()).expect("text").replacen('{', "{\"extra\": 1,", 1);
    assert_eq!(code(with_surplus.as_bytes()), "bad_genesis");
    // The genesis may be spelled in any way: its identity is the hash of its content.
    assert!(verify(&bundle, &serde_json::to_vec(&network.genesis).expect("JSON")).is_ok());
    assert_eq!(network.suite, Suite::Intl);
}
