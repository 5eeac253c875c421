//! The interface of a real node: transactions from JSON, the stream across a restart, the document.

use crate::support::{Network, register};
use futures::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tongban_api::{ClientError, Interest, Position, Prepare};
use tongban_crypto::primitives;
use tongban_node::signer::read_key;
use tongban_types::{Outcome, RequestId, SignedTx, Suite, codec};

async fn one_node() -> Network {
    let mut network = Network::new(1, Suite::Sm);
    network.start(0);
    network.wait_until_ready(0).await;
    network
}

fn batch(network: &Network, leaves: Value) -> Value {
    let operator = network.signer("depositor").account();
    json!({ "evidence": { "register_batch": {
        "id": "0123456789abcdef0123456789abcdef",
        "source": {
            "object_type": "log_entry",
            "system": "test",
            "method": "test",
            "operator": operator,
            "collected_at": network.genesis.time,
        },
        "root": "11".repeat(32),
        "leaves": leaves,
    } } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_in_json_is_prepared_signed_and_submitted_without_bcs() {
    let network = one_node().await;
    let client = network.client(0);
    let path = network.folder.path().join("accounts").join("depositor.key.json");
    let key = read_key(&path).expect("a key");
    let asked = |calls: Vec<Value>| Prepare {
        account: network.signer("depositor").account(),
        key: key.public_key(),
        request_id: None,
        not_after: None,
        calls: tongban_types::List::new(calls).expect("few calls"),
    };
    let prepared = client.prepare(&asked(vec![batch(&network, json!(3.0))])).await.expect("it is encoded");
    // What the node gave is what anyone computes from the transaction.
    assert_eq!(prepared.bytes.as_ref(), codec::encode(&prepared.transaction));
    assert_eq!(prepared.id, prepared.transaction.id(primitives(Suite::Sm)));
    let again = client.prepare(&asked(vec![batch(&network, json!(3))])).await.expect("it is encoded");
    assert_ne!(prepared.transaction.request_id, again.transaction.request_id, "each gets a number of its own");

    let signature = key.sign(prepared.signing_bytes.as_ref());
    let signed = SignedTx { tx: prepared.transaction, signature };
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.post(format!("{}/v1/transactions", client.base())).json(&signed);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let described: Value = response.json().await.expect("a receipt");
    assert_eq!(described["receipt"]["transaction"], json!(prepared.id));
    assert!(described["events"][0]["evidence"]["registered"].is_object(), "{described}");

    for (calls, code) in [
        (vec![], "tx.no_calls"),
        (vec![json!({ "weather": {} })], "tx.malformed_call"),
        (vec![batch(&network, json!(3.5))], "tx.malformed_call"),
        (vec![batch(&network, json!(0))], "evidence."),
    ] {
        let error = client.prepare(&asked(calls)).await.expect_err("it is wrong by itself");
        assert!(matches!(&error, ClientError::Refused(problem) if problem.code.starts_with(code)), "{code}: {error}");
    }
    for (millis, code) in [(0, "tx.expired"), (u64::MAX, "tx.window_too_long")] {
        let not_after = Some(tongban_types::Time::default().plus_millis(millis));
        let asked =
            Prepare { not_after, request_id: Some(RequestId([1; 16])), ..asked(vec![batch(&network, json!(1))]) };
        let error = client.prepare(&asked).await.expect_err("its time is wrong");
        assert!(matches!(&error, ClientError::Refused(problem) if problem.code == code), "{code}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_goes_on_across_a_restart_without_loss_or_repetition() {
    let mut network = one_node().await;
    let signer = network.signer("depositor");
    let submit = |numbers: std::ops::Range<u64>| {
        let (client, signer, genesis) = (network.client(0), network.signer("depositor"), network.genesis.clone());
        async move {
            for number in numbers {
                let tx = signer.sign(&[register(&signer, &genesis, number)]).expect("a transaction");
                let receipt = client.submit(&tx).await.expect("a receipt");
                assert!(matches!(receipt.outcome, Outcome::Applied { .. }));
            }
        }
    };
    let interest = Interest {
        from: Some(0),
        account: Some(signer.account()),
        kind: Some("registered".to_owned()),
        ..Interest::default()
    };
    let mut events = network.client(0).events(interest);
    let mut seen: Vec<Position> = Vec::new();
    submit(0..3).await;
    while seen.len() < 3 {
        seen.push(next(&mut events).await);
    }
    submit(3..5).await;
    network.kill(0);
    network.start(0);
    network.wait_until_ready(0).await;
    let (client, genesis) = (network.client(0), network.genesis.clone());
    let more = async {
        for number in 5..8 {
            let tx = signer.sign(&[register(&signer, &genesis, number)]).expect("a transaction");
            client.submit(&tx).await.expect("a receipt");
        }
    };
    more.await;
    while seen.len() < 8 {
        seen.push(next(&mut events).await);
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 8, "nothing twice: {seen:?}");
    assert!(seen.is_sorted(), "in order: {seen:?}");
}

async fn next(events: &mut (impl futures::Stream<Item = Result<tongban_api::Seen, ClientError>> + Unpin)) -> Position {
    let next = tokio::time::timeout(Duration::from_secs(60), events.next()).await.expect("a message in time");
    next.expect("the stream goes on").expect("a message").position
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_served_document_is_the_committed_one_and_a_stream_does_not_hold_a_node_that_stops() {
    let mut network = one_node().await;
    let client = network.client(0);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../generated/openapi.json");
    let committed: Value =
        serde_json::from_slice(&std::fs::read(committed).expect("run `cargo xtask generate`")).expect("JSON");
    assert_eq!(client.openapi().await.expect("a document"), committed);
    assert!(client.modules().await.expect("modules").iter().any(|module| module.name == "evidence"));

    let mut events = client.events(Interest::default());
    let opened = tokio::time::timeout(Duration::from_secs(2), events.next()).await;
    assert!(opened.is_err(), "nothing happens, so nothing is told");
    network.terminate(0).await;
}
