//! Receipts: both verdicts on logs of many lengths, against the newest and older roots.

use crate::convert::{digest, log_path};
use crate::databases::{append, open_receipts, simulate};
use crate::hashers::{Sm3, SuiteHasher};
use crate::random::Random;
use commonware_codec::Encode as _;
use commonware_cryptography::Sha256;
use commonware_storage::merkle::{Proof, mmr};
use commonware_storage::qmdb::keyless::variable::Operation;
use commonware_storage::qmdb::{keyless, verify::verify_proof};
use commonware_utils::NZU64;
use tongban_crypto::primitives;
use tongban_types::proof::LogPath;

fn verdict<H: SuiteHasher>(
    proof: &Proof<mmr::Family, H::Digest>,
    location: u64,
    operation: &Operation<mmr::Family, Vec<u8>>,
    root: &H::Digest,
) -> bool {
    let start = mmr::Location::new(location);
    let engine = verify_proof::<H, _, _>(proof, start, std::slice::from_ref(operation), root);
    let path: LogPath = log_path(location, proof);
    let ours = path.root(primitives(H::SUITE), &operation.encode()) == Ok(digest(root));
    assert_eq!(engine, ours, "{proof:?}");
    engine
}

/// The engine declares old receipts inactive only if asked to (`floor_share` of 4 operations); the ledger never does.
fn compare<H: SuiteHasher>(blocks: u64, receipts_max: u64, floor_share: u64, seed: u64) {
    simulate(|context| async move {
        let mut random = Random(seed);
        let mut log = open_receipts::<H>(&context).await;
        let mut ends = vec![(1, log.root())];
        for _ in 0..blocks {
            let entries = (0..random.below(receipts_max + 1)).map(|_| random.bytes(200)).collect();
            let floor = *log.bounds().end * floor_share / 4;
            log = append::<H>(log, entries, floor).await;
            ends.push((*log.bounds().end, log.root()));
        }
        for (end, root) in ends {
            for _ in 0..6 {
                let location = random.below(end);
                let (start, size) = (mmr::Location::new(location), mmr::Location::new(end));
                let (proof, operations) = log.historical_proof(size, start, NZU64!(1)).await.expect("a proof");
                let operation = &operations[0];
                assert!(verdict::<H>(&proof, location, operation, &root));
                for way in 0..8 {
                    let (mut changed, mut place) = (proof.clone(), location);
                    match way {
                        0 => changed.leaves += 1,
                        1 => changed.leaves = mmr::Location::new(random.next() >> random.below(64)),
                        2 => changed.inactive_peaks += 1,
                        3 => changed.inactive_peaks = random.below(4) as usize,
                        4 => drop(changed.digests.pop()),
                        5 => changed.digests.push(root),
                        6 => place = random.next() >> random.below(64),
                        _ => changed.digests.reverse(),
                    }
                    let is_same = changed == proof && place == location;
                    assert!(is_same || !verdict::<H>(&changed, place, operation, &root));
                }
                let other = keyless::Operation::Append(b"never appended".to_vec());
                assert!(!verdict::<H>(&proof, location, &other, &root));
            }
        }
    });
}

#[test]
fn logs_of_many_lengths() {
    compare::<Sha256>(100, 3, 0, 1);
    compare::<Sha256>(60, 40, 0, 2);
}

#[test]
fn logs_with_inactive_receipts() {
    compare::<Sha256>(80, 9, 2, 3);
    compare::<Sha256>(40, 30, 4, 4);
}

#[test]
fn with_sm3() {
    compare::<Sm3>(30, 10, 1, 5);
}
