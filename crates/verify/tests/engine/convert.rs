//! The engine's proofs as our paths: what the ledger does when it makes a bundle.

use commonware_cryptography::Digest as EngineDigest;
use commonware_storage::merkle::{Proof, mmr};
use commonware_storage::qmdb::any::value::VariableEncoding;
use commonware_storage::qmdb::current::ordered::proof::constant::{ExclusionProof, KeyValueProof};
use commonware_storage::qmdb::current::proof::constant::OperationProof;
use tongban_types::proof::{AbsencePath, LogPath, OperationPath, PresencePath};
use tongban_types::{Blob, Digest, List};

pub fn digest<D: AsRef<[u8]>>(digest: &D) -> Digest {
    Digest(digest.as_ref().try_into().expect("the engine's digests have 32 bytes here"))
}

pub fn log_path<D: EngineDigest>(location: u64, proof: &Proof<mmr::Family, D>) -> LogPath {
    let digests = proof.digests.iter().map(digest).collect();
    LogPath {
        location,
        operations: *proof.leaves,
        inactive_peaks: proof.inactive_peaks as u64,
        digests: List::new(digests).expect("the engine's paths have at most 122 digests"),
    }
}

fn operation_path<D: EngineDigest>(proof: &OperationProof<mmr::Family, D, 32>) -> OperationPath {
    OperationPath {
        log: log_path(*proof.loc, &proof.range_proof.proof),
        bits: Digest(proof.chunk),
        last_bits: proof.range_proof.partial_chunk_digest.as_ref().map(digest),
        log_root: digest(&proof.range_proof.ops_root),
    }
}

pub fn presence_path<D: EngineDigest>(proof: &KeyValueProof<mmr::Family, D, D, 32>) -> PresencePath {
    PresencePath { operation: operation_path(&proof.proof), next_key: digest(&proof.next_key) }
}

pub fn absence_path<D: EngineDigest>(
    proof: &ExclusionProof<mmr::Family, D, VariableEncoding<Vec<u8>>, D, 32>,
) -> AbsencePath {
    let blob = |bytes: &Vec<u8>| Blob::new(bytes.clone()).expect("records are within their limit");
    match proof {
        ExclusionProof::KeyValue(proof, update) => AbsencePath::Between {
            operation: operation_path(proof),
            key: digest(&update.key),
            value: blob(&update.value),
            next_key: digest(&update.next_key),
        },
        ExclusionProof::Commit(proof, metadata) => {
            AbsencePath::Empty { operation: operation_path(proof), metadata: metadata.as_ref().map(blob) }
        }
    }
}
