//! The limit that a network's speed is compared with: what the machine's cores could do if nodes did nothing but check signatures.
//!
//! Each node checks each transaction's signature once, so a machine that runs all nodes finalises at most cores × checks per second ÷
//! nodes. The checks are those of the libraries as they are: RustCrypto's `sm2`, and Ed25519 in batches.
//!
//! All cores check at once, and what counts is their CPU time: what others run on the machine meanwhile makes a network slower, but
//! must not make its limit look lower.

use super::cpu::of_this_thread;
use super::machine::cores;
use anyhow::{Context, ensure};
use serde::Serialize;
use std::sync::Barrier;
use std::thread;
use tongban_crypto::{SecretKey, SignedMessage, primitives, verify_batch};
use tongban_types::{PublicKey, Signature, Suite};

/// Signatures that a node checks together when it is under load.
const BATCH: usize = 256;
/// Seconds of CPU that each core spends on checks.
const CPU_SECONDS: f64 = 1.0;

/// Checks of signatures on all cores at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// The algorithms.
    pub suite: Suite,
    /// Checks of all cores together with the library that the limit is defined by, each second.
    pub checks_per_second: f64,
    /// The same with what the nodes use; equal where that is the same library.
    pub checks_per_second_of_nodes: f64,
}

impl Limit {
    /// Measures it, on all cores at once, with signatures of so many keys.
    pub fn measure(suite: Suite, keys: usize) -> anyhow::Result<Self> {
        let items = items(suite, keys)?;
        let of_nodes = || {
            let signed: Vec<_> = items.iter().map(Item::signed).collect();
            verify_batch(suite, &signed).into_iter().all(|good| good)
        };
        let checks_per_second_of_nodes = rate(of_nodes)?;
        let checks_per_second = match suite {
            Suite::Intl => checks_per_second_of_nodes,
            Suite::Sm => {
                let items = items.iter().map(Item::for_rustcrypto).collect::<anyhow::Result<Vec<_>>>()?;
                rate(|| items.iter().all(RustCrypto::is_good))?
            }
        };
        Ok(Self { suite, checks_per_second, checks_per_second_of_nodes })
    }

    /// Transactions each second that a network of so many nodes on this machine could not exceed.
    pub fn transactions_per_second(&self, nodes: usize) -> f64 {
        self.checks_per_second / nodes as f64
    }
}

struct Item {
    key: PublicKey,
    message: [u8; 64],
    signature: Signature,
}

impl Item {
    fn signed(&self) -> SignedMessage<'_> {
        SignedMessage { key: &self.key, message: &self.message, signature: &self.signature }
    }

    fn for_rustcrypto(&self) -> anyhow::Result<RustCrypto> {
        let key = sm2::dsa::VerifyingKey::from_sec1_bytes(tongban_crypto::sm::DEFAULT_ID, self.key.as_ref())?;
        let signature = sm2::dsa::Signature::from_slice(self.signature.as_ref())?;
        Ok(RustCrypto { key, message: self.message, signature })
    }
}

struct RustCrypto {
    key: sm2::dsa::VerifyingKey,
    message: [u8; 64],
    signature: sm2::dsa::Signature,
}

impl RustCrypto {
    fn is_good(&self) -> bool {
        use sm2::dsa::signature::Verifier;
        self.key.verify(&self.message, &self.signature).is_ok()
    }
}

fn items(suite: Suite, keys: usize) -> anyhow::Result<Vec<Item>> {
    let keys = (0..keys).map(|index| {
        let mut seed = [7; 32];
        seed[24..].copy_from_slice(&(index as u64).to_be_bytes());
        SecretKey::from_bytes(suite, &seed).context("a small number is a key")
    });
    let keys = keys.collect::<anyhow::Result<Vec<_>>>()?;
    let sign = |index: usize| {
        let key = &keys[index % keys.len()];
        let mut message = [0; 64];
        message[..8].copy_from_slice(&index.to_be_bytes());
        Item { key: key.public_key(), signature: key.sign(&message), message }
    };
    let items: Vec<Item> = (0..BATCH).map(sign).collect();
    let good = items.iter().all(|item| primitives(suite).verify(&item.key, &item.message, &item.signature));
    ensure!(good, "the signatures of the limit are not good");
    Ok(items)
}

/// Checks a second of all cores together; one round of the work checks all items.
fn rate(is_good: impl Fn() -> bool + Sync) -> anyhow::Result<f64> {
    ensure!(is_good(), "a good signature was refused");
    let start = Barrier::new(cores());
    let of_core = || {
        start.wait();
        let begin = of_this_thread();
        let mut rounds = 0;
        let mut good = true;
        loop {
            good &= is_good();
            rounds += 1;
            let seconds = of_this_thread() - begin;
            if seconds >= CPU_SECONDS {
                return (good, (rounds * BATCH) as f64 / seconds);
            }
        }
    };
    let of_cores: Vec<(bool, f64)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(of_core)).collect();
        threads.into_iter().map(|thread| thread.join().expect("checking does not panic")).collect()
    });
    ensure!(of_cores.iter().all(|(good, _)| *good), "a good signature was refused");
    Ok(of_cores.iter().map(|(_, rate)| rate).sum())
}
