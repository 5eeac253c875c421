//! Junk transactions: by the ten thousand, from everybody; and valid ones from one account that wants all for itself.

use super::{Honest, assert_memory_within, assert_nothing_waits, ready_node};
use crate::support::{Network, register};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tongban_crypto::{SecretKey, primitives};
use tongban_node::random::{request_id, rng};
use tongban_node::signer::{Signer, now, read_key};
use tongban_types::transaction::{TRANSACTION_BYTES_MAX, signing_message};
use tongban_types::{Blob, Digest, List, RequestId, Signature, SignedTx, Suite, codec};

/// How many bodies are sent.
const BODIES: u64 = 50_000;
/// Connections that send them.
const CONNECTIONS: u64 = 16;

/// What the node's memory may grow by: the honest transactions that it keeps in the meantime (a few kilobytes each), a body and
/// an answer for each connection, the greatest pool there is (32 MiB), and what the allocator does not give back. All bodies
/// together have more than 100 MiB.
const MEMORY_BOUND_BYTES: u64 = 64 * 1024 * 1024;

/// Makes junk of every kind from an honest transaction.
struct Junk {
    good: SignedTx,
    key: SecretKey,
    stranger: Signer,
    genesis: tongban_types::Genesis,
}

impl Junk {
    fn new(network: &Network) -> Self {
        let signer = network.signer("depositor");
        let good = signer.sign(&[register(&signer, &network.genesis, 1)]).expect("a transaction");
        let path = network.folder.path().join("accounts").join("depositor.key.json");
        let stranger = Signer::new(SecretKey::generate(Suite::Intl, &mut rng()), network.network());
        Self { good, key: read_key(&path).expect("a key"), stranger, genesis: network.genesis.clone() }
    }

    /// The good transaction with a number of its own, changed and signed.
    fn signed(&self, number: u64, change: impl FnOnce(&mut tongban_types::Tx)) -> Vec<u8> {
        let mut tx = self.good.tx.clone();
        tx.request_id = RequestId(u128::from(number).to_be_bytes());
        change(&mut tx);
        let id = tx.id(primitives(Suite::Intl));
        codec::encode(&SignedTx { signature: self.key.sign(&signing_message(&id)), tx })
    }

    /// The body with this number, its content type, and what the code of its answer may begin with. A node under load may answer
    /// each with 429 or 503.
    fn body(&self, number: u64) -> (&'static str, Vec<u8>, &'static [&'static str]) {
        const BYTES: &str = "application/octet-stream";
        let mut noise = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            noise
        };
        match number % 10 {
            0 => (BYTES, (0..next() % 2_000).map(|_| next() as u8).collect(), &["tx.malformed"]),
            1 => {
                let mut bytes = codec::encode(&self.good);
                let place = next() as usize % bytes.len();
                bytes[place] ^= 1 << (next() % 8);
                // Wherever the bit was, the signature does not fit any more; what costs less is looked at first, calls too.
                let codes = &["tx.", "evidence.", "network.", "identity."];
                (BYTES, bytes, codes)
            }
            2 => {
                let signature = Signature(std::array::from_fn(|_| next() as u8));
                let tx = tongban_types::Tx {
                    request_id: RequestId(u128::from(number).to_be_bytes()),
                    ..self.good.tx.clone()
                };
                (BYTES, codec::encode(&SignedTx { tx, signature }), &["tx.bad_signature"])
            }
            3 => (BYTES, self.signed(number, |tx| tx.not_after = self.genesis.time), &["tx.expired"]),
            4 => (BYTES, self.signed(number, |tx| tx.not_after = now().plus_millis(1 << 40)), &["tx.window_too_long"]),
            5 => (BYTES, self.signed(number, |tx| tx.network = Digest([number as u8; 32])), &["tx.wrong_network"]),
            6 => {
                let tx = self.stranger.sign_as(request_id(), &[register(&self.stranger, &self.genesis, number)]);
                (BYTES, codec::encode(&tx.expect("a transaction")), &["tx.unknown_account"])
            }
            7 if number.is_multiple_of(500) => {
                (BYTES, vec![number as u8; 4 * TRANSACTION_BYTES_MAX], &["api.body_too_large", "tx.too_large"])
            }
            7 => (BYTES, codec::encode(&self.good)[..next() as usize % 150].to_vec(), &["tx.malformed"]),
            8 => {
                let call = Blob::new((0..200).map(|_| next() as u8).collect()).expect("short");
                let change = |tx: &mut tongban_types::Tx| tx.calls = List::new(vec![call; 3]).expect("few");
                (BYTES, self.signed(number, change), &["tx.malformed_call"])
            }
            _ => (
                "application/json",
                vec![b'['; 1 + next() as usize % 4_000],
                &["api.not_json", "api.too_deep", "api.json_depth"],
            ),
        }
    }
}

/// Sends every body whose number is `first` more than a multiple of the number of connections.
async fn flood(url: String, junk: Arc<Junk>, first: u64) -> BTreeMap<String, u64> {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for number in (first..BODIES).step_by(CONNECTIONS as usize) {
        let (content_type, body, expected) = junk.body(number);
        let length = body.len();
        let sent = http.post(&url).header("content-type", content_type).body(body).send().await;
        // A node may close the connection on a body that is too large before it is sent to its end.
        let Ok(response) = sent else {
            assert!(length > TRANSACTION_BYTES_MAX, "body {number} got no answer: {sent:?}");
            continue;
        };
        let status = response.status().as_u16();
        let problem: serde_json::Value = response.json().await.expect("every answer is a problem document");
        let code = problem["code"].as_str().expect("a code").to_owned();
        let is_busy = matches!(status, 429 | 503);
        let is_refused = (400..500).contains(&status) && expected.iter().any(|beginning| code.starts_with(beginning));
        assert!(is_busy || is_refused, "body {number}: {status} {code}, expected {expected:?}");
        *codes.entry(code).or_default() += 1;
    }
    codes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_junk_is_refused_with_codes_and_honest_transactions_become_final() {
    let network = ready_node().await;
    let before = network.memory_bytes(0);
    let receipts = network.client(0).status().await.expect("a status").receipts;
    let honest = Honest::begin(&network, 0);
    let junk = Arc::new(Junk::new(&network));
    let url = format!("{}/v1/transactions", network.client(0).base());
    let floods: Vec<_> = (0..CONNECTIONS).map(|first| tokio::spawn(flood(url.clone(), junk.clone(), first))).collect();
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for flood in floods {
        for (code, count) in flood.await.expect("every answer is as it should be") {
            *codes.entry(code).or_default() += count;
        }
    }
    println!("{codes:?}");
    assert!(codes.values().sum::<u64>() > BODIES * 9 / 10, "the bodies were answered: {codes:?}");
    honest.wait_for_more(3).await;
    let honest = honest.end().await;
    assert!(honest.len() > 5, "honest transactions became final in between: {}", honest.len());
    assert_nothing_waits(&network).await;
    let after = network.client(0).status().await.expect("a status").receipts;
    assert_eq!(after, receipts + honest.len() as u64, "junk leaves no receipts");
    assert_memory_within(&network, before, MEMORY_BOUND_BYTES, "after a flood of junk").await;
}

/// How many valid transactions one account sends at once: more than its share of places (5,000).
const GREEDY: u64 = 7_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_with_valid_junk_fills_its_own_share_alone() {
    let network = ready_node().await;
    let before = network.memory_bytes(0);
    let greedy = Arc::new(network.signer("witness"));
    let (accepted, busy) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let honest = Honest::begin(&network, 0);
    let url = format!("{}/v1/transactions", network.client(0).base());
    let floods = (0..8_u64).map(|first| {
        let (url, greedy, genesis) = (url.clone(), greedy.clone(), network.genesis.clone());
        let (accepted, busy) = (accepted.clone(), busy.clone());
        tokio::spawn(async move {
            let http = reqwest::Client::builder().no_proxy().build().expect("a client");
            for number in (first..GREEDY).step_by(8) {
                // A witness may not register: each is executed, and refused on its receipt.
                let tx = greedy.sign(&[register(&greedy, &genesis, (1 << 40) + number)]).expect("a transaction");
                let request =
                    http.post(&url).header("content-type", "application/octet-stream").body(codec::encode(&tx));
                let response = request.header("prefer", "respond-async").send().await.expect("an answer");
                match response.status().as_u16() {
                    202 | 403 => accepted.fetch_add(1, Ordering::Relaxed),
                    429 => busy.fetch_add(1, Ordering::Relaxed),
                    other => panic!("status {other}"),
                };
            }
        })
    });
    for flood in floods.collect::<Vec<_>>() {
        flood.await.expect("every answer is as it should be");
    }
    honest.wait_for_more(3).await;
    let honest = honest.end().await;
    assert!(honest.len() > 3, "the other account was served meanwhile: {}", honest.len());
    let (accepted, busy) = (accepted.load(Ordering::Relaxed), busy.load(Ordering::Relaxed));
    println!("accepted {accepted}, busy {busy}, honest {}", honest.len());
    assert_eq!(accepted + busy, GREEDY, "each was answered");
    assert_nothing_waits(&network).await;
    assert_memory_within(&network, before, MEMORY_BOUND_BYTES, "after valid junk").await;
}
