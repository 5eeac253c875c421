//! Presence and absence: both verdicts on random histories of the state.

use crate::convert::{absence_path, digest, presence_path};
use crate::databases::{State, open_state, simulate, write};
use crate::hashers::{Sm3, SuiteHasher};
use crate::random::Random;
use commonware_cryptography::Sha256;
use commonware_storage::merkle::mmr;
use commonware_storage::qmdb::any::value::VariableEncoding;
use commonware_storage::qmdb::current::ordered::proof::constant::{ExclusionProof, KeyValueProof};
use commonware_storage::qmdb::current::proof::constant::OperationProof;
use tongban_crypto::primitives;

type Presence<H> = KeyValueProof<mmr::Family, D<H>, D<H>, 32>;
type Absence<H> = ExclusionProof<mmr::Family, D<H>, VariableEncoding<Vec<u8>>, D<H>, 32>;
type Operation<H> = OperationProof<mmr::Family, D<H>, 32>;
type D<H> = <H as commonware_cryptography::Hasher>::Digest;

fn key<H: SuiteHasher>(number: u64) -> D<H> {
    H::hash(&[&number.to_be_bytes()])
}

fn flip<V: AsRef<[u8]> + From<[u8; 32]>>(value: &mut V, random: &mut Random) {
    let mut bytes: [u8; 32] = value.as_ref().try_into().expect("32 bytes");
    bytes[random.below(32) as usize] ^= 1 << random.below(8);
    *value = bytes.into();
}

/// The verdict of both; panics where they differ.
fn presence_verdict<H: SuiteHasher>(proof: &Presence<H>, key: D<H>, value: &[u8], root: &D<H>) -> bool {
    let engine = proof.verify::<H, VariableEncoding<Vec<u8>>>(key, value.to_vec(), root);
    let ours = presence_path(proof).check(primitives(H::SUITE), &digest(&key), value, &digest(root));
    assert_eq!(engine, ours.is_ok(), "{ours:?} on {proof:?}");
    engine
}

fn absence_verdict<H: SuiteHasher>(proof: &Absence<H>, key: D<H>, root: &D<H>) -> bool {
    let engine = proof.verify::<H>(&key, root);
    let ours = absence_path(proof).check(primitives(H::SUITE), &digest(&key), &digest(root));
    assert_eq!(engine, ours.is_ok(), "{ours:?} on {proof:?}");
    engine
}

/// Changes one thing in a proof. There are this many ways to.
const CHANGES: u64 = 14;

fn change<H: SuiteHasher>(proof: &mut Operation<H>, way: u64, random: &mut Random) {
    let other = H::hash(&[b"another digest"]);
    let range = &mut proof.range_proof;
    let merkle = &mut range.proof;
    let place = if merkle.digests.is_empty() { 0 } else { random.below(merkle.digests.len() as u64) as usize };
    match way {
        0 if !merkle.digests.is_empty() => flip(&mut merkle.digests[place], random),
        1 if !merkle.digests.is_empty() => drop(merkle.digests.remove(place)),
        2 => merkle.digests.insert(place, other),
        3 if merkle.digests.len() > 1 => merkle.digests.rotate_left(1),
        4 => merkle.leaves += 1,
        5 if merkle.leaves > 1 => merkle.leaves -= 1,
        6 => merkle.leaves = mmr::Location::new(random.next() >> random.below(64)),
        7 => merkle.inactive_peaks = random.below(6) as usize,
        8 => merkle.inactive_peaks = random.next() as usize,
        9 => proof.chunk[random.below(32) as usize] ^= 1 << random.below(8),
        10 => range.partial_chunk_digest = if range.partial_chunk_digest.is_some() { None } else { Some(other) },
        11 => flip(&mut range.ops_root, random),
        12 => proof.loc = mmr::Location::new(random.next() >> random.below(64)),
        _ => proof.loc += 1,
    }
}

/// Compares the verdicts on one key; returns how many inactive peaks its path folds.
async fn compare_presence<H: SuiteHasher>(state: &State<H>, key: D<H>, random: &mut Random) -> usize {
    let root = state.root();
    let value = state.get(&key).await.expect("a read").expect("the key is present");
    let proof: Presence<H> = state.key_value_proof(key).await.expect("a proof");
    assert!(presence_verdict::<H>(&proof, key, &value, &root));
    for way in 0..CHANGES {
        let mut changed = proof.clone();
        change::<H>(&mut changed.proof, way, random);
        assert!(!presence_verdict::<H>(&changed, key, &value, &root) || changed == proof);
    }
    let mut longer = value.clone();
    longer.push(0);
    assert!(!presence_verdict::<H>(&proof, key, &longer, &root));
    let mut other = proof.clone();
    flip(&mut other.next_key, random);
    assert!(!presence_verdict::<H>(&other, key, &value, &root));
    let (mut other_key, mut other_root) = (key, root);
    flip(&mut other_key, random);
    flip(&mut other_root, random);
    assert!(!presence_verdict::<H>(&proof, other_key, &value, &root));
    assert!(!presence_verdict::<H>(&proof, key, &value, &other_root));
    proof.proof.range_proof.proof.inactive_peaks
}

async fn compare_absence<H: SuiteHasher>(state: &State<H>, key: D<H>, present: Option<D<H>>, random: &mut Random) {
    let root = state.root();
    let proof: Absence<H> = state.exclusion_proof(&key).await.expect("a proof");
    assert!(absence_verdict::<H>(&proof, key, &root));
    // No proof of absence may pass for a key that is present.
    assert!(present.is_none_or(|present| !absence_verdict::<H>(&proof, present, &root)));
    for way in 0..CHANGES + 3 {
        let mut changed = proof.clone();
        match &mut changed {
            ExclusionProof::KeyValue(_, update) if way == CHANGES => flip(&mut update.key, random),
            ExclusionProof::KeyValue(_, update) if way == CHANGES + 1 => update.value.push(1),
            ExclusionProof::KeyValue(_, update) if way == CHANGES + 2 => flip(&mut update.next_key, random),
            ExclusionProof::Commit(_, metadata) if way >= CHANGES => *metadata = Some(vec![1; way as usize]),
            ExclusionProof::KeyValue(operation, _) | ExclusionProof::Commit(operation, _) => {
                change::<H>(operation, way, random);
            }
        }
        assert!(!absence_verdict::<H>(&changed, key, &root) || changed == proof);
    }
    let probe = H::hash(&[&random.next().to_be_bytes()]);
    absence_verdict::<H>(&proof, probe, &root);
}

/// One history: batches of random writes and deletes of `keys` keys, compared after each batch. Returns the most
/// inactive peaks that a path folded.
async fn compare_history<H: SuiteHasher>(
    mut state: State<H>,
    keys: u64,
    batches: u64,
    writes: u64,
    seed: u64,
) -> usize {
    let mut random = Random(seed);
    let mut inactive_peaks_max = 0;
    compare_absence::<H>(&state, key::<H>(0), None, &mut random).await;
    for batch in 0..batches {
        let deletes_all = keys < 20 && batch % 5 == 4;
        let mut changes = Vec::new();
        for number in 0..writes {
            let number = if deletes_all { number } else { random.below(keys) };
            let is_delete = deletes_all || random.below(4) == 0;
            let length_max = if random.below(10) == 0 { 300 } else { 20 };
            changes.push((key::<H>(number), (!is_delete).then(|| random.bytes(length_max))));
        }
        changes.sort_by_key(|change| change.0);
        changes.dedup_by_key(|change| change.0);
        state = write::<H>(state, changes).await;

        let mut present = None;
        for _ in 0..8 {
            let candidate = key::<H>(random.below(keys));
            if state.get(&candidate).await.expect("a read").is_some() {
                let inactive_peaks = compare_presence::<H>(&state, candidate, &mut random).await;
                inactive_peaks_max = inactive_peaks_max.max(inactive_peaks);
                present = Some(candidate);
            } else {
                compare_absence::<H>(&state, candidate, present, &mut random).await;
            }
        }
        compare_absence::<H>(&state, key::<H>(keys + batch), present, &mut random).await;
    }
    inactive_peaks_max
}

fn compare<H: SuiteHasher>(keys: u64, batches: u64, writes: u64, seed: u64) -> usize {
    simulate(|context| async move {
        compare_history::<H>(open_state::<H>(&context).await, keys, batches, writes, seed).await
    })
}

#[test]
fn few_keys() {
    for keys in 1..20 {
        compare::<Sha256>(keys, 12, keys.min(8), keys);
    }
}

#[test]
fn sizes_around_whole_chunks() {
    for writes in 1..6 {
        compare::<Sha256>(40, 60, writes * 3, writes);
    }
}

#[test]
fn many_keys_and_inactive_operations() {
    assert!(compare::<Sha256>(2_000, 12, 1_500, 1) > 0, "some old operations are inactive by now");
    assert!(compare::<Sha256>(300, 40, 100, 2) > 1, "so many that they fill two trees");
}

#[test]
fn with_sm3() {
    compare::<Sm3>(400, 10, 300, 3);
    compare::<Sm3>(7, 10, 5, 4);
}
