//! Certificates: the engine's own, and both verdicts on changed ones.

use commonware_codec::Encode as _;
use commonware_consensus::simplex::scheme::ed25519::Scheme;
use commonware_consensus::simplex::types::{Finalization, Finalize, Proposal};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_cryptography::{Signer as _, sha256};
use commonware_parallel::Sequential;
use commonware_utils::iter::NonEmpty;
use commonware_utils::ordered::Set;
use commonware_utils::{TryFromIterator as _, union_unique};
use tongban_crypto::primitives;
use tongban_types::proof::{CertificateError, check_certificate, consensus_namespace, finalization_message};
use tongban_types::validators::SignatureBy;
use tongban_types::{Blob, Certificate, Digest, List, Signature, Suite, Validator, ValidatorSet};

const NETWORK: Digest = Digest([0xA5; 32]);

/// Validators of the engine, and the same as ours.
fn validators(count: u64) -> (Vec<Scheme>, ValidatorSet) {
    let keys: Vec<PrivateKey> = (0..count).map(PrivateKey::from_seed).collect();
    let participants = Set::<PublicKey>::try_from_iter(keys.iter().map(|key| key.public_key())).expect("distinct keys");
    let scheme = |key: PrivateKey| Scheme::signer(&consensus_namespace(&NETWORK), participants.clone(), key);
    let ours = keys.iter().map(|key| Validator {
        department: "民政局".parse().expect("a short name"),
        key: Blob::new(key.public_key().as_ref().to_vec()).expect("32 bytes"),
    });
    let set = ValidatorSet::new(ours.collect()).expect("a set");
    (keys.into_iter().map(|key| scheme(key).expect("a participant")).collect(), set)
}

fn finalize(schemes: &[Scheme], proposal: &Proposal<sha256::Digest>) -> Finalization<Scheme, sha256::Digest> {
    let votes: Vec<_> =
        schemes.iter().map(|scheme| Finalize::sign(scheme, proposal.clone()).expect("a signer")).collect();
    let (first, others) = votes.split_first().expect("at least one vote");
    let votes = NonEmpty::new(first, others.iter());
    Finalization::from_finalizes(&schemes[0], votes, &Sequential).expect("a quorum")
}

/// The engine's certificate as ours: what the ledger does.
fn ours(finalization: &Finalization<Scheme, sha256::Digest>) -> Certificate {
    let proposal = &finalization.proposal;
    let certificate = &finalization.certificate;
    let by = certificate.signers.iter().zip(&certificate.signatures).map(|(signer, signature)| SignatureBy {
        validator: signer.get(),
        signature: Signature(signature.encode().as_ref().try_into().expect("64 bytes")),
    });
    Certificate {
        epoch: proposal.round.epoch().get(),
        view: proposal.round.view().get(),
        parent_view: proposal.parent.get(),
        header: Digest(proposal.payload.as_ref().try_into().expect("32 bytes")),
        signatures: List::new(by.collect()).expect("at most 100"),
    }
}

fn proposal(epoch: u64, view: u64, parent: u64) -> Proposal<sha256::Digest> {
    let round = Round::new(Epoch::new(epoch), View::new(view));
    Proposal { round, parent: View::new(parent), payload: sha256::Digest::from([9; 32]) }
}

fn verdict(set: &ValidatorSet, certificate: &Certificate) -> Result<usize, CertificateError> {
    check_certificate(primitives(Suite::Intl), &NETWORK, set, certificate).map(|signers| signers.len())
}

#[test]
fn the_engines_certificates_pass() {
    for count in [1, 2, 3, 4, 5, 7, 10, 31] {
        let (schemes, set) = validators(count);
        for numbers in [(0, 1, 0), (3, 128, 127), (1 << 40, u64::MAX, 1 << 63)] {
            let proposal = proposal(numbers.0, numbers.1, numbers.2);
            for votes in [set.quorum(), schemes.len()] {
                let finalization = finalize(&schemes[schemes.len() - votes..], &proposal);
                let certificate = ours(&finalization);
                assert_eq!(verdict(&set, &certificate), Ok(votes));

                let namespace = [consensus_namespace(&NETWORK), b"_FINALIZE".to_vec()].concat();
                let message = union_unique(&namespace, &proposal.encode());
                assert_eq!(finalization_message(&NETWORK, &certificate), message);
            }
        }
    }
}

#[test]
fn changed_certificates_do_not() {
    let (schemes, set) = validators(7);
    let genuine = ours(&finalize(&schemes[1..], &proposal(0, 300, 299)));
    let change = |change: &dyn Fn(&mut Certificate)| {
        let mut changed = genuine.clone();
        change(&mut changed);
        verdict(&set, &changed)
    };
    let change_signatures = |edit: &dyn Fn(&mut Vec<SignatureBy>)| {
        change(&|certificate| {
            let mut signatures = certificate.signatures.to_vec();
            edit(&mut signatures);
            certificate.signatures = List::new(signatures).expect("at most 100");
        })
    };
    let bad = Err(CertificateError::BadSignature { validator: genuine.signatures[0].validator });
    assert_eq!(change(&|certificate| certificate.epoch = 1), bad);
    assert_eq!(change(&|certificate| certificate.view = 301), bad);
    assert_eq!(change(&|certificate| certificate.parent_view = 298), bad);
    assert_eq!(change(&|certificate| certificate.header.0[31] ^= 1), bad);

    let too_few = Err(CertificateError::TooFewSignatures { found: 4, needed: 5 });
    assert_eq!(change_signatures(&|signatures| signatures.truncate(5)), Ok(5));
    assert_eq!(change_signatures(&|signatures| signatures.truncate(4)), too_few);
    assert_eq!(change_signatures(&|signatures| signatures.swap(1, 2)), Err(CertificateError::Signers));
    assert_eq!(change_signatures(&|signatures| signatures[1] = signatures[0].clone()), Err(CertificateError::Signers));
    assert_eq!(change_signatures(&|signatures| signatures[5].validator = 7), Err(CertificateError::Signers));
    // The sixth is one more than needed, and must be good all the same.
    let last = genuine.signatures[5].validator;
    let flipped = change_signatures(&|signatures| signatures[5].signature.0[40] ^= 1);
    assert_eq!(flipped, Err(CertificateError::BadSignature { validator: last }));
}

#[test]
fn votes_for_another_network_or_of_others_do_not_count() {
    let (schemes, set) = validators(4);
    let certificate = ours(&finalize(&schemes, &proposal(0, 5, 4)));
    let elsewhere = check_certificate(primitives(Suite::Intl), &Digest::ZERO, &set, &certificate);
    assert_eq!(elsewhere.map(|_| ()), Err(CertificateError::BadSignature { validator: 0 }));
    let (_, larger) = validators(5);
    assert!(verdict(&larger, &certificate).is_err());
}
