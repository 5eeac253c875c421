//! Paths, certificates and bundles from arbitrary numbers and bytes: refused, never a panic.
//!
//! That genuine ones pass, and agree with the engine, is shown in `verify/tests/engine`.

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Digest as _;
use tongban_types::proof::state::RECORD_BYTES_MAX;
use tongban_types::proof::{
    AbsencePath, Bundle, CertificateError, LogPath, OperationPath, PathError, PresencePath, check_certificate,
    check_headers, finalization_message, state_key,
};
use tongban_types::validators::SignatureBy;
use tongban_types::{
    Blob, Certificate, Digest, List, Primitives, PublicKey, Signature, Suite, Validator, ValidatorSet, codec, domain,
};

struct Sha256;

impl Primitives for Sha256 {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut hasher = sha2::Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        Digest(hasher.finalize().into())
    }

    /// The "signature" is the hash of key and message, twice: enough to tell good from bad.
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let hash = self.hash(&[key.as_ref(), message]);
        signature.0 == *[hash.0, hash.0].concat()
    }
}

/// Numbers of every size.
fn number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0u32..64).prop_map(|(value, shift)| value >> shift)
}

prop_compose! {
    fn log_path()(location in number(), operations in number(), inactive in number(), length in 0usize..=122) -> LogPath {
        let digests = List::new(vec![Digest([1; 32]); length]).expect("at most 122");
        LogPath { location, operations, inactive_peaks: inactive, digests }
    }
}

prop_compose! {
    /// A path whose numbers fit together, so that all of it is walked.
    fn fitting_log_path()(operations in 1..=1u64 << 62, place in any::<u64>(), inactive in any::<u64>()) -> LogPath {
        let location = place % operations;
        let inactive_peaks = inactive % (u64::from(operations.count_ones()) + 1);
        let mut path = LogPath { location, operations, inactive_peaks, digests: List::default() };
        while path.digests.len() < 122 && path.root(&Sha256, b"") == Err(PathError::Malformed) {
            path.digests.push(Digest([1; 32])).expect("fewer than 122");
        }
        path
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn arbitrary_paths_never_panic(
        log in prop_oneof![log_path(), fitting_log_path()],
        bits: [u8; 32],
        last: Option<[u8; 32]>,
        value in vec(any::<u8>(), 0..300),
    ) {
        let digest = Digest(bits);
        let operation = OperationPath { log, bits: digest, last_bits: last.map(Digest), log_root: digest };
        let presence = PresencePath { operation: operation.clone(), next_key: digest };
        prop_assert!(presence.check(&Sha256, &digest, &value, &digest).is_err());
        let record = Blob::<RECORD_BYTES_MAX>::new(value).expect("short");
        let empty = AbsencePath::Empty { operation: operation.clone(), metadata: Some(record.clone()) };
        prop_assert!(empty.check(&Sha256, &digest, &digest).is_err());
        let between = AbsencePath::Between { operation, key: Digest::ZERO, value: record, next_key: Digest::ZERO };
        prop_assert!(between.check(&Sha256, &digest, &digest).is_err());
    }

    #[test]
    fn every_place_of_every_log_has_a_path(log in fitting_log_path()) {
        prop_assert!(log.root(&Sha256, b"").is_ok(), "{log:?}");
        let mut longer = log.clone();
        if longer.digests.push(Digest::ZERO).is_ok() {
            prop_assert_eq!(longer.root(&Sha256, b""), Err(PathError::Malformed));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..600)) {
        prop_assert!(Bundle::decode(&bytes).is_err());
        prop_assert!(Bundle::decode(&[b"\0", bytes.as_slice()].concat()).is_err());
        let as_json = [b"{\"format\":", bytes.as_slice()].concat();
        prop_assert!(Bundle::decode(&as_json).is_err());
    }

    #[test]
    fn certificates_need_distinct_validators(count in 1usize..12, places in vec(0u32..13, 0..13), epoch in number(), view in number()) {
        let validator = |index: usize| Validator {
            department: "税务局".parse().expect("short"),
            key: Blob::new(vec![index as u8; 32]).expect("32 bytes"),
        };
        let set = ValidatorSet::new((0..count).map(validator).collect()).expect("a set");
        let mut certificate =
            Certificate { epoch, view, parent_view: 0, header: Digest::ZERO, signatures: List::default() };
        let message = finalization_message(&Digest::ZERO, &certificate);
        let sign = |&validator: &u32| {
            let hash = Sha256.hash(&[&[validator as u8; 32], &message]);
            let signature = [hash.0, hash.0].concat().try_into().expect("64 bytes");
            SignatureBy { validator, signature: Signature(signature) }
        };
        certificate.signatures = List::new(places.iter().map(sign).collect()).expect("at most 100");
        let verdict = check_certificate(&Sha256, &Digest::ZERO, &set, &certificate).map(|signers| signers.len());
        let are_distinct = places.is_sorted_by(|left, right| left < right);
        let expected = if !are_distinct || places.iter().any(|place| *place as usize >= count) {
            Err(CertificateError::Signers)
        } else if places.len() < set.quorum() {
            Err(CertificateError::TooFewSignatures { found: places.len(), needed: set.quorum() })
        } else {
            Ok(places.len())
        };
        prop_assert_eq!(verdict, expected);
    }
}

#[test]
fn no_header_is_no_chain() {
    assert!(check_headers(&Sha256, &Digest::ZERO, &[]).is_err());
}

#[test]
fn state_keys_keep_table_and_key_apart() {
    let direct = Sha256.hash(&[domain::STATE_KEY, b"orgs/offices", &[0], &codec::encode(&7u32)]);
    assert_eq!(state_key(&Sha256, "orgs/offices", &codec::encode(&7u32)), direct);
    assert_ne!(state_key(&Sha256, "orgs/o", b"ffices"), state_key(&Sha256, "orgs/", b"offices"));
}
