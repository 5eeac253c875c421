//! Blocks and transactions as peers send them: any bytes are refused, or are the one encoding of what they mean.

use crate::block::{EngineBlock, block_bytes_max, transactions_root};
use crate::suite::{EngineSuite, Intl};
use crate::transaction::Transaction;
use bytes::Bytes;
use commonware_codec::{Decode as _, Encode as _};
use tongban_crypto::SecretKey;
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::{Digest, Header, List, RequestId, Signature, SignedTx, Time, Tx, codec};

const BYTES_MAX: usize = block_bytes_max(4096);

/// Small, fast and the same everywhere (xorshift); the seed is in the message of a failure.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn signed(request: u8) -> SignedTx {
    let key = SecretKey::from_bytes(Intl::SUITE, &[1; 32]).expect("a small number is a key").public_key();
    let account = tongban_types::genesis::account_of(&key, tongban_crypto::primitives(Intl::SUITE));
    let calls = List::new(vec!["0102".parse().expect("bytes")]).expect("one");
    let request_id = RequestId([request; 16]);
    let tx = Tx { network: Digest::ZERO, account, key, request_id, not_after: Time::default(), calls };
    SignedTx { tx, signature: Signature([2; 64]) }
}

fn block() -> EngineBlock<Intl> {
    let primitives = tongban_crypto::primitives(Intl::SUITE);
    let transactions: Vec<_> =
        [1, 2].into_iter().map(|request| Transaction::new(signed(request), primitives).expect("small")).collect();
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
        proposer: signed(1).tx.key,
        tx_root: transactions_root(&transactions, primitives),
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

fn changed(original: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=numbers.below(3) {
        let place = numbers.below(bytes.len().max(1)).min(bytes.len());
        match numbers.below(6) {
            0 if place < bytes.len() => bytes[place] ^= 1 << numbers.below(8),
            1 if place < bytes.len() => bytes[place] = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5)],
            2 => bytes.truncate(place),
            3 => drop(bytes.splice(place..place, [0xff, 0xff, 0xff, 0xff, 0x07])),
            4 => bytes.extend_from_slice(&original[place.min(original.len())..]),
            _ => drop(bytes.splice(place..(place + numbers.below(9)).min(bytes.len()), [numbers.below(256) as u8])),
        }
    }
    bytes
}

#[test]
fn any_bytes_are_no_block_or_the_one_encoding_of_it() {
    let original = block().encode().to_vec();
    for seed in 1..20_000 {
        let bytes = changed(&original, &mut Numbers(seed * 0x9e37_79b9));
        if let Ok(block) = EngineBlock::<Intl>::decode_cfg(Bytes::from(bytes.clone()), &BYTES_MAX) {
            assert_eq!(block.encode().to_vec(), bytes, "seed {seed}");
            assert_eq!(codec::encode(&block.to_types()), bytes[4..], "seed {seed}");
        }
    }
    // A block of 4 GiB that is not there.
    let claim = [&u32::MAX.to_be_bytes()[..], &original[4..]].concat();
    assert!(EngineBlock::<Intl>::decode_cfg(Bytes::from(claim), &BYTES_MAX).is_err());
}

#[test]
fn any_bytes_are_no_transaction_or_the_one_encoding_of_it() {
    let primitives = tongban_crypto::primitives(Intl::SUITE);
    let original = codec::encode(&signed(1));
    let mut accepted = 0;
    for seed in 1..50_000 {
        let bytes = changed(&original, &mut Numbers(seed * 0x9e37_79b9));
        if let Some(transaction) = Transaction::decode(&bytes, primitives) {
            accepted += 1;
            assert_eq!(transaction.bytes, bytes, "seed {seed}");
            assert_eq!(codec::encode(&transaction.signed), bytes, "seed {seed}");
        }
    }
    assert!(accepted > 1_000, "some changes make other transactions: {accepted}");
}
