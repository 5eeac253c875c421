//! Blocks as the engine passes them around: our block in opaque, bounded bytes.
//!
//! The engine names a block by its digest, which is the digest of its header: what a stranger recomputes from a proof.
//! Whoever holds the digest may be given the bytes by anybody, so the digest must pin down every byte of them. The
//! header does that through `tx_root`, whose leaves are the encoded transactions *with their signatures*, and
//! **decoding refuses a block whose transactions do not have that root**. Otherwise a peer could swap one signature in
//! a good block, and nodes that saw that copy first would vote against the digest for ever.

use crate::meter::Stage;
use crate::suite::{EngineDigest, EngineSuite, NodeKeyOf as _};
use crate::transaction::Transaction;
use bytes::{BufMut, Bytes};
use commonware_codec::{Buf, EncodeSize, Error as CodecError, Read, Write};
use commonware_consensus::simplex::types::Context;
use commonware_consensus::types::{Epoch, Height, Round, View};
use commonware_consensus::{BoundedBlock, CertifiableBlock, Heightable};
use commonware_cryptography::{Digested, Digestible};
use commonware_storage::mmr::Location;
use commonware_utils::range::NonEmptyRange;
use std::fmt;
use std::sync::Arc;
use tongban_types::block::{BLOCK_TRANSACTIONS_MAX, HEADER_VERSION, LogRange};
use tongban_types::{Blob, Block, Digest, Header, List, Primitives, codec, merkle};

/// Bytes that a block of `transaction_bytes_max` may have with its header and the lengths of its transactions.
pub(crate) const fn block_bytes_max(transaction_bytes_max: usize) -> usize {
    transaction_bytes_max + BLOCK_TRANSACTIONS_MAX * 3 + 4096
}

pub(crate) fn to_engine(digest: &Digest) -> EngineDigest {
    EngineDigest::from(digest.0)
}

pub(crate) fn from_engine(digest: &EngineDigest) -> Digest {
    Digest(digest.0)
}

/// A block that is well formed by itself: it decodes, its digest is its header's, and its transactions have the root
/// that the header names. Whether it follows from its parent is a matter of execution.
pub struct EngineBlock<S: EngineSuite>(Arc<Content<S>>);

struct Content<S: EngineSuite> {
    header: Header,
    digest: EngineDigest,
    leader: S::Key,
    transactions: Vec<Arc<Transaction>>,
    encoded: Bytes,
}

impl<S: EngineSuite> EngineBlock<S> {
    /// Puts together a block of our own; `header.tx_root` must be [`transactions_root`] of the transactions.
    pub fn new(header: Header, transactions: Vec<Arc<Transaction>>) -> Option<Self> {
        let blobs = transactions.iter().map(|transaction| Blob::new(transaction.bytes.clone()));
        let blobs = blobs.collect::<Result<Vec<_>, _>>().ok()?;
        let block = Block { header, transactions: List::new(blobs).ok()? };
        let encoded = Bytes::from(codec::encode(&block));
        Self::assemble(block.header, transactions, encoded)
    }

    fn decode(encoded: Bytes) -> Option<Self> {
        Stage::Block.time(|| Self::read_whole(encoded))
    }

    fn read_whole(encoded: Bytes) -> Option<Self> {
        let primitives = tongban_crypto::primitives(S::SUITE);
        let block: Block = codec::decode(&encoded).ok()?;
        let transactions = block.transactions.iter().map(|bytes| Transaction::decode(bytes.as_ref(), primitives));
        let transactions = transactions.collect::<Option<Vec<_>>>()?;
        if transactions_root(&transactions, primitives) != block.header.tx_root {
            return None;
        }
        Self::assemble(block.header, transactions, encoded)
    }

    fn assemble(header: Header, transactions: Vec<Arc<Transaction>>, encoded: Bytes) -> Option<Self> {
        let leader = S::Key::from_types(&header.proposer)?;
        let ranges_are_sound =
            location_range(&header.state_range).is_some() && location_range(&header.event_range).is_some();
        if header.version != HEADER_VERSION || !ranges_are_sound {
            return None;
        }
        let digest = to_engine(&header.digest(tongban_crypto::primitives(S::SUITE)));
        Some(Self(Arc::new(Content { header, digest, leader, transactions, encoded })))
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.0.header
    }

    /// The transactions in the order of their execution.
    pub fn transactions(&self) -> &[Arc<Transaction>] {
        &self.0.transactions
    }

    /// The block as the rest of the system knows it.
    pub fn to_types(&self) -> Block {
        codec::decode(&self.0.encoded).expect("a block's bytes are its encoding")
    }

    /// Bytes of all transactions.
    pub fn transaction_bytes(&self) -> usize {
        self.0.transactions.iter().map(|transaction| transaction.bytes.len()).sum()
    }

    /// The block with its digest, as the engine wants it.
    pub fn digested(&self) -> Digested<Self> {
        Digested::precomputed(self.clone(), self.0.digest)
    }
}

/// The root that a header commits to: the RFC 6962 tree over the encoded, signed transactions.
pub fn transactions_root(transactions: &[Arc<Transaction>], primitives: &dyn Primitives) -> Digest {
    let leaves: Vec<&[u8]> = transactions.iter().map(|transaction| transaction.bytes.as_slice()).collect();
    merkle::root(primitives, &leaves)
}

/// A range of a log in the engine's form. `None` where it is empty or beyond what a log can hold.
pub(crate) fn location_range(range: &LogRange) -> Option<NonEmptyRange<Location>> {
    let (start, end) = (Location::new(range.start), Location::new(range.end));
    if !end.is_valid() {
        return None;
    }
    NonEmptyRange::new(start..end).ok()
}

impl<S: EngineSuite> Clone for EngineBlock<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: EngineSuite> PartialEq for EngineBlock<S> {
    fn eq(&self, other: &Self) -> bool {
        self.0.encoded == other.0.encoded
    }
}

impl<S: EngineSuite> Eq for EngineBlock<S> {}

impl<S: EngineSuite> fmt::Debug for EngineBlock<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = &self.0.header;
        write!(formatter, "Block({}, view {}, {} transactions)", header.height, header.view, self.0.transactions.len())
    }
}

impl<S: EngineSuite> Write for EngineBlock<S> {
    fn write(&self, buffer: &mut impl BufMut) {
        let length = u32::try_from(self.0.encoded.len()).expect("blocks are shorter than 4 GiB");
        length.write(buffer);
        buffer.put_slice(&self.0.encoded);
    }
}

impl<S: EngineSuite> EncodeSize for EngineBlock<S> {
    fn encode_size(&self) -> usize {
        size_of::<u32>() + self.0.encoded.len()
    }
}

impl<S: EngineSuite> Read for EngineBlock<S> {
    /// The greatest number of bytes of an encoded block.
    type Cfg = usize;

    fn read_cfg(buffer: &mut impl Buf, bytes_max: &usize) -> Result<Self, CodecError> {
        let length = u32::read_cfg(buffer, &())? as usize;
        if length > *bytes_max {
            return Err(CodecError::InvalidLength(length));
        }
        if buffer.remaining() < length {
            return Err(CodecError::EndOfBuffer);
        }
        let encoded = buffer.copy_to_bytes(length);
        Self::decode(encoded).ok_or(CodecError::Invalid("Block", "malformed, or its transactions do not have its root"))
    }
}

impl<S: EngineSuite> Digestible for EngineBlock<S> {
    type Digest = EngineDigest;

    fn digest(&self) -> EngineDigest {
        self.0.digest
    }
}

impl<S: EngineSuite> Heightable for EngineBlock<S> {
    fn height(&self) -> Height {
        Height::new(self.0.header.height)
    }
}

impl<S: EngineSuite> commonware_consensus::Block for EngineBlock<S> {
    fn parent(&self) -> EngineDigest {
        to_engine(&self.0.header.parent)
    }
}

impl<S: EngineSuite> CertifiableBlock for EngineBlock<S> {
    type Context = Context<EngineDigest, S::Key>;

    fn context(&self) -> Self::Context {
        let header = &self.0.header;
        Context {
            round: Round::new(Epoch::new(header.epoch), View::new(header.view)),
            leader: self.0.leader.clone(),
            parent: (View::new(header.parent_view), to_engine(&header.parent)),
        }
    }
}

impl<S: EngineSuite> BoundedBlock for EngineBlock<S> {
    fn max_encode_size(bytes_max: &usize) -> usize {
        size_of::<u32>() + *bytes_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Intl;
    use commonware_codec::{Decode as _, Encode as _};
    use tongban_crypto::SecretKey;
    use tongban_types::genesis::account_of;
    use tongban_types::transaction::signing_message;
    use tongban_types::{RequestId, Signature, SignedTx, Time, Tx};

    const BYTES_MAX: usize = block_bytes_max(4096);

    fn primitives() -> &'static dyn Primitives {
        tongban_crypto::primitives(Intl::SUITE)
    }

    fn key() -> SecretKey {
        SecretKey::from_bytes(Intl::SUITE, &[1; 32]).expect("a small number is a key")
    }

    fn transaction(request: u8) -> SignedTx {
        let key = key();
        let tx = Tx {
            network: Digest::ZERO,
            account: account_of(&key.public_key(), primitives()),
            key: key.public_key(),
            request_id: RequestId([request; 16]),
            not_after: Time::default(),
            calls: List::default(),
        };
        let signature = key.sign(&signing_message(&tx.id(primitives())));
        SignedTx { tx, signature }
    }

    fn identified(transactions: &[SignedTx]) -> Vec<Arc<Transaction>> {
        let identify = |signed: &SignedTx| Transaction::new(signed.clone(), primitives()).expect("small");
        transactions.iter().map(identify).collect()
    }

    fn block(transactions: &[SignedTx]) -> EngineBlock<Intl> {
        let transactions = identified(transactions);
        let range = LogRange { start: 0, end: 1, root: Digest::ZERO };
        let header = Header {
            version: HEADER_VERSION,
            network: Digest::ZERO,
            height: 1,
            time: Time::default(),
            epoch: 0,
            view: 1,
            parent_view: 0,
            parent: Digest::ZERO,
            proposer: key().public_key(),
            tx_root: transactions_root(&transactions, primitives()),
            state_root: Digest::ZERO,
            state_range: range.clone(),
            event_root: Digest::ZERO,
            event_range: range,
            receipts: 0,
            next_validators: Digest::ZERO,
            acts: 0,
            receipt_root: Digest::ZERO,
        };
        EngineBlock::new(header, transactions).expect("a sound block")
    }

    fn read(bytes: impl Into<Bytes>) -> Result<EngineBlock<Intl>, CodecError> {
        EngineBlock::decode_cfg(bytes.into(), &BYTES_MAX)
    }

    #[test]
    fn a_block_whose_transactions_were_swapped_is_refused() {
        let (one, two) = (transaction(1), transaction(2));
        let signed = |tx: &SignedTx, signature| SignedTx { tx: tx.tx.clone(), signature };
        let original = block(&[one.clone(), two.clone()]);
        assert_eq!(read(original.encode()).expect("nothing was swapped"), original);
        let cases = [
            ("another signature", vec![signed(&one, Signature([0; 64])), two.clone()]),
            ("each other's signatures", vec![signed(&one, two.signature), signed(&two, one.signature)]),
            ("another order", vec![two.clone(), one.clone()]),
            ("another transaction", vec![one.clone(), transaction(3)]),
            ("one left out", vec![one.clone()]),
            ("one twice", vec![one, two.clone(), two]),
            ("none", vec![]),
        ];
        for (case, transactions) in cases {
            let swapped = EngineBlock::<Intl>::new(original.header().clone(), identified(&transactions));
            let swapped = swapped.expect("nothing is checked for blocks of our own");
            assert_eq!(swapped.digest(), original.digest(), "{case}: it goes by the same name");
            assert!(matches!(read(swapped.encode()), Err(CodecError::Invalid("Block", _))), "{case}");
        }
    }

    #[test]
    fn no_bit_of_a_block_can_change_under_its_digest() {
        let original = block(&[transaction(1), transaction(2)]);
        let bytes = original.encode().to_vec();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let same = read(changed).is_ok_and(|block| block.digest() == original.digest());
            assert!(!same, "bit {bit}");
        }
    }
}
