//! Proof bundles: turning the engine's proofs into ours, which a stranger checks without the engine. And slips, for which
//! the engine is not asked: a header commits to its block's receipts by a tree of our own.
//!
//! A receipt is proven against the header of its own block, so the same question always gets the same answer. Records
//! are proven against the latest state, because the engine cannot prove older ones. From that header a chain leads to
//! the first one with a finality certificate: a block may become final through its descendant.

use crate::block::{from_engine, to_engine};
use crate::error::ReadError;
use crate::library::{KEYS_MAX, Library, find, height_of};
use crate::stores::{BITMAP_CHUNK_BYTES, State, StoreContext};
use crate::suite::{EngineDigest, EngineSuite};
use commonware_storage::merkle::Proof;
use commonware_storage::mmr::{Family, Location};
use commonware_storage::qmdb::any::value::VariableEncoding;
use commonware_storage::qmdb::current::ordered::proof::constant::ExclusionProof;
use commonware_storage::qmdb::current::proof::constant::OperationProof;
use commonware_utils::NZU64;
use tongban_types::domain::state_key;
use tongban_types::merkle::Tree;
use tongban_types::proof::{
    AbsencePath, Bundle, Claim, Format, HEADERS_MAX, LogPath, NoSlip, OperationPath, Path, PresencePath, ReceiptPath,
    Slip, SlipParts,
};
use tongban_types::{Blob, Certificate, Digest, Header, List, Outcome, Text};

/// A record to prove: its table and its encoded key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordName {
    /// The table's name.
    pub table: String,
    /// The encoded key within the table.
    pub key: Vec<u8>,
}

/// Proofs are made from the node's own stores; one that does not fit our format is a defect.
const FITS: &str = "the engine's proofs fit the limits of ours";

impl<E: StoreContext, S: EngineSuite> Library<E, S> {
    /// Proves what became of a transaction.
    pub async fn prove_receipt(&self, number: u64) -> Result<Bundle, ReadError> {
        let found = find::<E, S>(&*self.databases.1.read().await, number).await;
        let (location, receipt) = found.ok_or(ReadError::NotFound)?;
        let header = self.header(receipt.height).await?;
        // Up to and with the block: one first commit, and a commit for each block.
        let size = Location::new(header.receipts + header.height + 1);
        let proof = {
            let receipts = self.databases.1.read().await;
            let proof = receipts.historical_proof(size, Location::new(location), NZU64!(1)).await;
            proof.expect("receipts that cannot be read stop the node").0
        };
        let path = Path::Receipt(ReceiptPath { log: log_path(location, &proof) });
        let height = receipt.height;
        self.bundle(height, vec![(Claim::Receipt { receipt }, path)]).await?.pop().ok_or(ReadError::NotFound)
    }

    /// Proves a receipt's events by what fits a QR code; [`ReadError::NoSlip`] where only a bundle can.
    pub async fn slip(&self, number: u64) -> Result<Slip, ReadError> {
        let found = find::<E, S>(&*self.databases.1.read().await, number).await;
        let (_, receipt) = found.ok_or(ReadError::NotFound)?;
        if matches!(receipt.outcome, Outcome::Refused(_)) {
            return Err(ReadError::NoSlip(NoSlip::NoEvents)); // before a whole block is read for it
        }
        let (headers, certificate) = self.chain(receipt.height).await?;
        // A receipt of block 1 or later; the block before it has the number at which this one's begin.
        let parent = self.header(receipt.height - 1).await?;
        let header = headers.first().ok_or(ReadError::NotProvableYet)?;
        let leaves = self.receipt_leaves(header, parent.receipts).await;
        let place = usize::try_from(number - parent.receipts).map_err(|_| ReadError::NotFound)?;
        let tree = Tree::of_hashes(self.live.primitives, leaves);
        let parts = SlipParts {
            receipt: &receipt,
            way: tree.way(place).ok_or(ReadError::NotFound)?,
            headers: &headers,
            certificate: &certificate,
            disclosed: Blob::default(),
        };
        let validators = &self.live.genesis.validators;
        Slip::new(self.live.primitives, &self.live.network, validators, &parts).map_err(ReadError::NoSlip)
    }

    /// Proves the latest records, or that there is none, all against one header.
    pub async fn prove_records(&self, names: Vec<RecordName>) -> Result<Vec<Bundle>, ReadError> {
        if names.len() > KEYS_MAX {
            return Err(ReadError::TooMany);
        }
        let (height, proven) = {
            let state = self.databases.0.read().await;
            let mut proven = Vec::with_capacity(names.len());
            for name in names {
                proven.push(self.prove_record(&state, name).await?);
            }
            (height_of::<E, S>(&state).await, proven)
        };
        self.bundle(height, proven).await
    }

    async fn prove_record(&self, state: &State<E, S>, name: RecordName) -> Result<(Claim, Path), ReadError> {
        const READABLE: &str = "a state that cannot be read stops the node";
        let key = to_engine(&state_key(self.live.primitives, &name.table, &name.key));
        let (table, encoded_key) = match (Text::new(name.table), Blob::new(name.key)) {
            (Ok(table), Ok(key)) => (table, key),
            _ => return Err(ReadError::NotFound), // no record has such a name
        };
        match state.get(&key).await.expect(READABLE) {
            Some(value) => {
                let proof = state.key_value_proof(key).await.expect(READABLE);
                let path =
                    PresencePath { operation: operation_path(&proof.proof), next_key: from_engine(&proof.next_key) };
                let claim = Claim::Record { table, key: encoded_key, value: Blob::new(value).expect(FITS) };
                Ok((claim, Path::Record(path)))
            }
            None => {
                let proof = state.exclusion_proof(&key).await.expect(READABLE);
                let claim = Claim::Absence { table, key: encoded_key, state_key: from_engine(&key) };
                Ok((claim, Path::Absence(absence_path(proof))))
            }
        }
    }

    /// The headers from `height` to the first with a certificate, and that certificate.
    async fn chain(&self, height: u64) -> Result<(List<Header, HEADERS_MAX>, Certificate), ReadError> {
        let mut headers = Vec::new();
        let mut at = height;
        let certificate = loop {
            if at == 0 || headers.len() >= HEADERS_MAX || at > self.live.head().height {
                return Err(ReadError::NotProvableYet);
            }
            headers.push(self.header(at).await?);
            if let Some(certificate) = self.certificate(at).await {
                break certificate;
            }
            at += 1;
        };
        Ok((List::new(headers).expect("no more than the limit were taken"), certificate))
    }

    /// Adds to paths that end in the header at `height` the chain to a certificate.
    async fn bundle(&self, height: u64, proven: Vec<(Claim, Path)>) -> Result<Vec<Bundle>, ReadError> {
        let (headers, certificate) = self.chain(height).await?;
        let bundle = |(claim, path)| Bundle {
            format: Format::V1,
            network: self.live.network,
            claim,
            path,
            headers: headers.clone(),
            certificate: certificate.clone(),
            validator_changes: List::default(),
        };
        Ok(proven.into_iter().map(bundle).collect())
    }
}

fn log_path(location: u64, proof: &Proof<Family, EngineDigest>) -> LogPath {
    LogPath {
        location,
        operations: *proof.leaves,
        inactive_peaks: proof.inactive_peaks as u64,
        digests: List::new(proof.digests.iter().map(from_engine).collect()).expect(FITS),
    }
}

fn operation_path(proof: &OperationProof<Family, EngineDigest, BITMAP_CHUNK_BYTES>) -> OperationPath {
    OperationPath {
        log: log_path(*proof.loc, &proof.range_proof.proof),
        bits: Digest(proof.chunk),
        last_bits: proof.range_proof.partial_chunk_digest.as_ref().map(from_engine),
        log_root: from_engine(&proof.range_proof.ops_root),
    }
}

type Exclusion = ExclusionProof<Family, EngineDigest, VariableEncoding<Vec<u8>>, EngineDigest, BITMAP_CHUNK_BYTES>;

fn absence_path(proof: Exclusion) -> AbsencePath {
    match proof {
        ExclusionProof::KeyValue(operation, update) => AbsencePath::Between {
            operation: operation_path(&operation),
            key: from_engine(&update.key),
            value: Blob::new(update.value).expect(FITS),
            next_key: from_engine(&update.next_key),
        },
        ExclusionProof::Commit(operation, metadata) => AbsencePath::Empty {
            operation: operation_path(&operation),
            metadata: metadata.map(|metadata| Blob::new(metadata).expect(FITS)),
        },
    }
}
