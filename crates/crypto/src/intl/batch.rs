//! Ed25519 in batches.
//!
//! The equations of all items, each times a number that the makers of the signatures could not foresee, are summed up
//! and checked as one. The numbers come from the hash of the whole batch, as in a Fiat–Shamir proof, so a check draws
//! no randomness; a bad item passes with a chance of about 2^-125.

use super::verification;
use crate::batch::SignedMessage;
use ed25519_zebra::batch::{Item, Verifier};
use sha2::{Digest as _, Sha256};

/// From here down, items are checked one by one.
const SINGLY_MAX: usize = 4;

/// How many times the length of the batch may be spent on sums before the rest is checked one by one. Finding a
/// single bad item takes about three; a batch full of bad ones costs at most about two and a half times as much as
/// checking one by one from the start.
const SUMMED_TIMES_MAX: usize = 3;

/// The verdict on each item, by the rules of [`verify`](super::verify).
pub fn verify_batch(items: &[SignedMessage<'_>]) -> Vec<bool> {
    let mut verdicts = vec![false; items.len()];
    let parsed: Vec<(usize, Item)> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let (key, signature) = verification::parse(item.key, item.signature)?; // E1
            Some((index, Item::from((key, signature, item.message))))
        })
        .collect();
    let mut search = Search {
        coefficients: Coefficients::new(items),
        budget: parsed.len() * SUMMED_TIMES_MAX,
        verdicts: &mut verdicts,
    };
    search.check(&parsed);
    verdicts
}

/// The search for bad items by halving.
struct Search<'a> {
    coefficients: Coefficients,
    /// Items that may still go into sums.
    budget: usize,
    verdicts: &'a mut [bool],
}

impl Search<'_> {
    fn check(&mut self, items: &[(usize, Item)]) {
        if items.len() <= SINGLY_MAX || items.len() > self.budget {
            for (index, item) in items {
                self.verdicts[*index] = item.clone().verify_single().is_ok();
            }
        } else if self.sum_is_good(items) {
            for (index, _) in items {
                self.verdicts[*index] = true;
            }
        } else {
            let (left, right) = items.split_at(items.len() / 2);
            self.check(left);
            self.check(right);
        }
    }

    fn sum_is_good(&mut self, items: &[(usize, Item)]) -> bool {
        self.budget -= items.len();
        let mut verifier = Verifier::new();
        for (_, item) in items {
            verifier.queue(item.clone());
        }
        verifier.verify(&mut self.coefficients).is_ok()
    }
}

/// The numbers: SHA-256 of a seed and a counter, where the seed is a hash over all keys, signatures and messages.
struct Coefficients {
    seeded: Sha256,
    counter: u64,
}

impl Coefficients {
    fn new(items: &[SignedMessage<'_>]) -> Self {
        let mut hasher = Sha256::new_with_prefix(b"tongban/batch/1:");
        for item in items {
            hasher.update([u8::try_from(item.key.as_ref().len()).expect("keys have at most 33 bytes")]);
            hasher.update(item.key);
            hasher.update(item.signature);
            hasher.update((item.message.len() as u64).to_be_bytes());
            hasher.update(item.message);
        }
        Self { seeded: Sha256::new_with_prefix(hasher.finalize()), counter: 0 }
    }
}

impl rand_core_06::RngCore for Coefficients {
    fn next_u32(&mut self) -> u32 {
        rand_core_06::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core_06::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.seeded.clone().chain_update(self.counter.to_be_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
            self.counter += 1;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rand_core_06::CryptoRng for Coefficients {}
