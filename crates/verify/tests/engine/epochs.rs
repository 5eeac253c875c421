//! Validator sets that hand over to one another. The network keeps its set for now, so the chains are made by hand.

use crate::network::{Network, Validators, list};
use commonware_cryptography::Sha256;
use tongban_types::proof::{Bundle, ValidatorChange};
use tongban_types::{Digest, Header};
use tongban_verify::verify;

/// The sets of four epochs, and a bundle of the last one.
fn handed_over(network: &Network) -> (Vec<Validators>, Bundle) {
    let sets: Vec<Validators> =
        [(1, 4), (20, 5), (40, 4), (60, 7)].map(|(seed, count)| Validators::new(network.suite, seed, count)).into();
    let mut bundle = network.record.clone();
    let header_in = |epoch: usize, next: &Validators| Header {
        epoch: epoch as u64,
        next_validators: next.set.digest(network.primitives()),
        ..network.record.headers[0].clone()
    };
    let change = |epoch: usize| {
        let header = header_in(epoch, &sets[epoch + 1]);
        let certificate = sets[epoch].certify(&header, &[0, 1, 2, 3]);
        ValidatorChange { header, certificate, validators: sets[epoch + 1].set.clone() }
    };
    bundle.validator_changes = list((0..3).map(change).collect());
    let header = header_in(3, &sets[3]);
    bundle.certificate = sets[3].certify(&header, &[0, 2, 4, 5, 6]);
    bundle.headers = list(vec![header]);
    (sets, bundle)
}

fn edit_changes(bundle: &Bundle, edit: impl FnOnce(&mut Vec<ValidatorChange>)) -> Bundle {
    let mut changes = bundle.validator_changes.to_vec();
    edit(&mut changes);
    Bundle { validator_changes: list(changes), ..bundle.clone() }
}

#[test]
fn validators_hand_over_from_epoch_to_epoch() {
    let network = Network::new::<Sha256>(1);
    let (sets, bundle) = handed_over(&network);
    let genesis = network.genesis_json();
    let code = |bundle: &Bundle| {
        let verdict = verify(&bundle.to_json(), &genesis);
        assert_eq!(verdict, verify(&bundle.to_compact(), &genesis));
        verdict.map_or_else(|error| error.code(), |_| "proven")
    };
    assert_eq!(code(&bundle), "proven");
    let verified = verify(&bundle.to_json(), &genesis).expect("proven");
    assert_eq!(verified.departments.len(), 5);

    let shorter = edit_changes(&bundle, |changes| drop(changes.pop()));
    assert_eq!(code(&shorter), "wrong_validator_set");
    let longer = edit_changes(&bundle, |changes| changes.push(changes[0].clone()));
    assert_eq!(code(&longer), "wrong_validator_set");
    let reordered = edit_changes(&bundle, |changes| changes.swap(0, 1));
    assert_eq!(code(&reordered), "wrong_validator_set");
    let usurped = edit_changes(&bundle, |changes| changes[2].validators = sets[2].set.clone());
    assert_eq!(code(&usurped), "wrong_validator_set");
    let unsettled = edit_changes(&bundle, |changes| {
        changes[1].header.next_validators = Digest::ZERO;
        changes[1].certificate = sets[1].certify(&changes[1].header, &[0, 1, 2, 3]);
    });
    assert_eq!(code(&unsettled), "wrong_validator_set");
    let forged = edit_changes(&bundle, |changes| {
        changes[1].header.next_validators = sets[0].set.digest(network.primitives());
    });
    assert_eq!(code(&forged), "other_block");
    let too_few = edit_changes(&bundle, |changes| {
        changes[1].certificate = sets[1].certify(&changes[1].header, &[0, 1, 2]);
    });
    assert_eq!(code(&too_few), "too_few_signatures");
    let of_others = edit_changes(&bundle, |changes| {
        changes[1].certificate = sets[0].certify(&changes[1].header, &[0, 1, 2, 3]);
    });
    assert_eq!(code(&of_others), "bad_signature");
    // The set of an epoch that is over signs on.
    let outdated = Bundle { certificate: sets[2].certify(&bundle.headers[0], &[0, 1, 2, 3]), ..bundle.clone() };
    assert_eq!(code(&outdated), "too_few_signatures");
    // A header of epoch 3 certified as if it were of epoch 2.
    let mut relabelled = edit_changes(&bundle, |changes| drop(changes.pop()));
    relabelled.certificate.epoch = 2;
    sets[2].sign(&network.id, &mut relabelled.certificate, &[0, 1, 2]);
    assert_eq!(code(&relabelled), "wrong_validator_set");
}

#[test]
fn a_chain_of_headers_may_cross_epochs_only_forward() {
    let network = Network::new::<Sha256>(1);
    let (sets, bundle) = handed_over(&network);
    let genesis = network.genesis_json();
    let last = Header {
        height: bundle.headers[0].height + 1,
        parent: bundle.headers[0].digest(network.primitives()),
        epoch: 2,
        ..bundle.headers[0].clone()
    };
    let mut backward = edit_changes(&bundle, |changes| drop(changes.pop()));
    backward.certificate = sets[2].certify(&last, &[0, 1, 2]);
    backward.headers = list(vec![bundle.headers[0].clone(), last]);
    assert_eq!(verify(&backward.to_json(), &genesis).expect_err("goes back").code(), "broken_header_chain");
}
