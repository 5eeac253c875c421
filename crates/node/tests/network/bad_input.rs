//! Bad input gets a clear, coded error and leaves state and process unharmed: over HTTP, on the command line, on disk.

use crate::support::{Network, register, run, wait_for};
use std::net::TcpListener;
use tongban_crypto::{SecretKey, primitives};
use tongban_node::random::{request_id, rng};
use tongban_node::signer::{Signer, now};
use tongban_types::transaction::signing_message;
use tongban_types::{Digest, List, SignedTx, Suite, Tx, codec};

/// A transaction that differs from a good one in what `change` does, signed as it then stands.
fn changed(network: &Network, change: impl FnOnce(&mut Tx)) -> SignedTx {
    let path = network.folder.path().join("accounts").join("depositor.key.json");
    let key = tongban_node::signer::read_key(&path).expect("a key");
    let mut tx = network
        .signer("depositor")
        .sign(&[register(&network.signer("depositor"), &network.genesis, 1)])
        .expect("a transaction")
        .tx;
    change(&mut tx);
    let id = tx.id(primitives(network.genesis.suite));
    SignedTx { signature: key.sign(&signing_message(&id)), tx }
}

async fn post(network: &Network, path: &str, content_type: &str, body: Vec<u8>) -> (u16, String) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}{path}", network.client(0).base());
    let response = http.post(url).header("content-type", content_type).body(body).send().await.expect("an answer");
    let status = response.status().as_u16();
    let problem: serde_json::Value = response.json().await.expect("JSON");
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

async fn submit(network: &Network, tx: &SignedTx) -> (u16, String) {
    post(network, "/v1/transactions", "application/octet-stream", codec::encode(tx)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http() {
    let mut network = Network::new(1, Suite::Sm);
    network.start(0);
    network.wait_until_ready(0).await;
    let good = changed(&network, |_| ());
    let before = network.client(0).status().await.expect("a status");

    let bytes = "application/octet-stream";
    let json = "application/json";
    let longer = [codec::encode(&good), vec![0]].concat();
    let text = serde_json::to_string(&good).expect("JSON");
    let doubled = text.replacen("{\"tx\":", "{\"tx\":null,\"tx\":", 1);
    let unknown = text.replacen("{\"tx\":", "{\"surprise\":1,\"tx\":", 1);
    let too_many = text.replacen("\"calls\":[", &format!("\"calls\":[{}", "\"00\",".repeat(100)), 1);
    let expect = [
        (bytes, Vec::new(), 422, "tx.malformed"),
        (bytes, b"\xff\xff\xff\xff\xff".to_vec(), 422, "tx.malformed"),
        (bytes, longer, 422, "tx.malformed"),
        (bytes, codec::encode(&good)[..40].to_vec(), 422, "tx.malformed"),
        (json, b"{".to_vec(), 400, "api.not_json"),
        (json, vec![b'['; 10_000], 422, "api.too_deep"),
        (json, doubled.into_bytes(), 422, "tx.malformed"),
        (json, unknown.into_bytes(), 422, "tx.malformed"),
        (json, too_many.into_bytes(), 422, "tx.malformed"),
        ("text/plain", text.into_bytes(), 415, "api.content_type"),
        (bytes, vec![0; 2 * 1024 * 1024], 413, "api.body_too_large"),
    ];
    for (content_type, body, status, code) in expect {
        let length = body.len();
        let answer = post(&network, "/v1/transactions", content_type, body).await;
        assert_eq!(answer, (status, code.to_owned()), "{content_type}, {length} bytes");
    }

    let other_network = changed(&network, |tx| tx.network = Digest([1; 32]));
    let expired = changed(&network, |tx| tx.not_after = network.genesis.time);
    let far_future = changed(&network, |tx| tx.not_after = now().plus_millis(86_400_000));
    let no_calls = changed(&network, |tx| tx.calls = List::default());
    let not_a_call = changed(&network, |tx| tx.calls = List::new(vec!["ffff".parse().expect("bytes")]).expect("one"));
    let other_signature =
        SignedTx { signature: changed(&network, |tx| tx.request_id = request_id()).signature, ..good.clone() };
    let stranger = Signer::new(SecretKey::generate(Suite::Sm, &mut rng()), network.network());
    let of_stranger = stranger.sign(&[register(&stranger, &network.genesis, 1)]).expect("a transaction");
    let key_of_stranger = stranger.for_account(good.tx.account);
    let with_strange_key =
        key_of_stranger.sign(&[register(&key_of_stranger, &network.genesis, 1)]).expect("a transaction");
    for (tx, status, code) in [
        (other_network, 422, "tx.wrong_network"),
        (expired, 422, "tx.expired"),
        (far_future, 422, "tx.window_too_long"),
        (no_calls, 422, "tx.no_calls"),
        (not_a_call, 422, "tx.malformed_call"),
        (other_signature, 422, "tx.bad_signature"),
        (of_stranger, 404, "tx.unknown_account"),
        (with_strange_key, 404, "tx.unknown_key"),
    ] {
        assert_eq!(submit(&network, &tx).await, (status, code.to_owned()));
    }

    for (path, body, status, code) in [
        ("/v1/queries", "{", 400, "api.not_json"),
        ("/v1/queries", "[]", 422, "query.malformed"),
        ("/v1/queries", r#"{"weather":{}}"#, 422, "query.malformed"),
        ("/v1/queries", r#"{"network":{"members":{"x":1}}}"#, 422, "query.malformed"),
        ("/v1/weather", "", 404, "api.no_such_route"),
    ] {
        assert_eq!(post(&network, path, json, body.as_bytes().to_vec()).await, (status, code.to_owned()), "{path}");
    }
    for (path, code) in [
        ("/v1/receipts/99999999", "receipt.not_found"),
        ("/v1/receipts/soon", "api.malformed"),
        ("/v1/receipts/12/34", "api.malformed"),
        ("/v1/receipts?limit=-1", "api.malformed"),
        ("/v1/proofs/records/evidence/records?key=XY", "api.malformed"),
        ("/v1/proofs/receipts/99999999", "node.not_found"),
    ] {
        let error = network.client(0).get::<serde_json::Value>(path).await.expect_err(path);
        assert!(error.to_string().contains(code), "{path}: {error}");
    }

    // Nothing of all this has left a trace, and the node goes on.
    let after = network.client(0).status().await.expect("a status");
    assert_eq!(after.receipts, before.receipts);
    assert_eq!(submit(&network, &good).await.0, 200);
    assert_eq!(network.client(0).status().await.expect("a status").receipts, before.receipts + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_refused() {
    let mut network = Network::new(1, Suite::Intl);
    network.start(0);
    network.wait_until_ready(0).await;
    let depositor = network.signer("depositor");
    let new = SecretKey::generate(Suite::Intl, &mut rng());
    let message =
        tongban_modules::identity::possession_message(&network.network(), &depositor.account(), &new.public_key());
    let add = tongban_modules::identity::Call::AddKey { key: new.public_key(), possession: new.sign(&message) };
    let old = changed(&network, |_| ()).tx.key;
    let revoke = tongban_modules::identity::Call::RevokeKey { key: old };
    let calls = [add, revoke].map(tongban_modules::Call::Identity);
    assert_eq!(submit(&network, &depositor.sign(&calls).expect("a transaction")).await.0, 200);
    let with_old = changed(&network, |tx| tx.request_id = request_id());
    assert_eq!(submit(&network, &with_old).await, (403, "tx.key_revoked".to_owned()));
    let with_new = Signer::new(new, network.network()).for_account(depositor.account());
    let tx = with_new.sign(&[register(&with_new, &network.genesis, 5)]).expect("a transaction");
    assert_eq!(submit(&network, &tx).await.0, 200);
}

/// Posts a transaction without waiting for it; gives status, code and `Retry-After`.
async fn submit_without_waiting(network: &Network, tx: &SignedTx) -> (u16, String, Option<String>) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.post(format!("{}/v1/transactions", network.client(0).base())).body(codec::encode(tx));
    let request = request.header("content-type", "application/octet-stream").header("prefer", "respond-async");
    let response = request.send().await.expect("an answer");
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.expect("JSON");
    (status, body["code"].as_str().unwrap_or_default().to_owned(), retry_after)
}

/// Two nodes of four make nothing final, so what they accept waits, up to a bound for each account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_at_once() {
    let mut network = Network::new(4, Suite::Intl);
    let config = network.config(0);
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let small = text.replace("waiting_per_account_max = 5000", "waiting_per_account_max = 3");
    assert_ne!(small, text);
    std::fs::write(&config, small).expect("a configuration");
    network.start_all();
    network.wait_until_ready(0).await;
    network.kill(2);
    network.kill(3);
    let before = network.client(0).status().await.expect("a status").receipts;
    let numbered = |number: u8| changed(&network, |tx| tx.request_id = tongban_types::RequestId([number; 16]));
    for number in 0..3 {
        assert_eq!(submit_without_waiting(&network, &numbered(number)).await, (202, String::new(), None));
    }
    let (status, code, retry_after) = submit_without_waiting(&network, &numbered(3)).await;
    assert_eq!((status, code.as_str(), retry_after.as_deref()), (429, "node.busy", Some("1")));
    // What waits already is still accepted, and another account still has its share.
    assert_eq!(submit_without_waiting(&network, &numbered(0)).await.0, 202);
    let witness = network.signer("witness");
    let tx = witness.sign(&[register(&witness, &network.genesis, 9)]).expect("a transaction");
    assert_eq!(submit_without_waiting(&network, &tx).await.0, 202);
    let after = network.client(0).status().await.expect("a status").receipts;
    assert_eq!(after, before, "nothing is final without a quorum");
}

/// Starts a node that cannot start, and gives what it says.
fn start_in_vain(network: &Network, node: usize) -> String {
    let config = network.config(node);
    let (code, _, said) = run(&["node", "--config", config.to_str().expect("a path")], network.folder.path());
    assert_eq!(code, 1, "{said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_disk_and_at_start() {
    let mut network = Network::new(1, Suite::Intl);
    let config = network.config(0);
    let text = std::fs::read_to_string(&config).expect("a configuration");

    let taken = TcpListener::bind(network.client(0).base().trim_start_matches("http://")).expect("a free port");
    assert!(start_in_vain(&network, 0).contains("node.port_taken"));
    drop(taken);

    let reserve = text.replace("disk_reserve_bytes = 536870912", "disk_reserve_bytes = 4611686018427387904");
    assert_ne!(reserve, text);
    std::fs::write(&config, reserve).expect("a configuration");
    assert!(start_in_vain(&network, 0).contains("node.disk_full"));

    std::fs::write(&config, format!("lisen = 1\n{text}")).expect("a configuration");
    assert!(start_in_vain(&network, 0).contains("lisen"));
    std::fs::write(&config, &text).expect("a configuration");

    network.start(0);
    network.wait_until_ready(0).await;
    // The same folder from another address.
    let beside = text
        .replace("listen = \"127.0.0.1:", "listen = \"127.0.0.2:")
        .replace("api = \"127.0.0.1:", "api = \"127.0.0.2:");
    let second = config.with_file_name("second.toml");
    std::fs::write(&second, beside).expect("a configuration");
    let (code, _, said) = run(&["node", "--config", second.to_str().expect("a path")], network.folder.path());
    assert!(code == 1 && said.contains("node.folder_locked"), "{said}");
    network.kill(0);

    // The folder of another network.
    let other = Network::new(1, Suite::Intl);
    let data = network.folder.path().join("node-1").join("data");
    std::fs::rename(&data, other.folder.path().join("node-1").join("data")).expect("the folder moves");
    assert!(start_in_vain(&other, 0).contains("node.folder_of_other_network"));
}

#[test]
fn on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = "http://127.0.0.1:9";
    for (arguments, code, word) in [
        (vec!["verify", "absent.json", "--anchor", "absent.json"], 1, "absent.json"),
        (vec!["network", "init", "--nodes", "0", "--out", "x"], 1, "1 to 100"),
        (vec!["network", "init", "--suite", "rot13", "--out", "x"], 2, "rot13"),
        (vec!["node", "--config", "absent.toml"], 1, "absent.toml"),
        (vec!["call", "weather", "change"], 2, "weather"),
        (vec!["query", "network", "members", "--node", nobody], 1, "cannot be reached"),
        (vec!["status", "--node", nobody], 1, "cannot be reached"),
        (vec!["surprise"], 2, "surprise"),
    ] {
        let (exit, _, said) = run(&arguments, folder.path());
        assert!(exit == code && said.contains(word), "{arguments:?}: exit {exit}, {said}");
    }
}

/// A disk that fills while the node runs: new transactions are refused, nothing is lost, and it goes on when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills() {
    let mut network = Network::new(1, Suite::Intl);
    let config = network.config(0);
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let statistics = rustix::fs::statvfs(network.folder.path()).expect("the system tells");
    let free_bytes = statistics.f_bavail * statistics.f_frsize;
    let margin_bytes = 512 * 1024 * 1024;
    let reserve = format!("disk_reserve_bytes = {}", free_bytes - margin_bytes);
    std::fs::write(&config, text.replace("disk_reserve_bytes = 536870912", &reserve)).expect("a configuration");
    network.start(0);
    network.wait_until_ready(0).await;
    let first = changed(&network, |tx| tx.request_id = request_id());
    assert_eq!(submit(&network, &first).await.0, 200);

    let ballast_path = network.folder.path().join("ballast");
    let ballast = std::fs::File::create(&ballast_path).expect("a file");
    rustix::fs::fallocate(&ballast, rustix::fs::FallocateFlags::empty(), 0, 2 * margin_bytes)
        .expect("room for the ballast");
    let refused = || async {
        let tx = changed(&network, |tx| tx.request_id = request_id());
        submit(&network, &tx).await == (503, "node.disk_low".to_owned())
    };
    wait_for("a full disk is noticed", refused, String::new).await;
    let receipts = network.client(0).status().await.expect("the node still answers").receipts;

    drop(ballast);
    std::fs::remove_file(&ballast_path).expect("the ballast goes");
    let accepted = || async {
        let tx = changed(&network, |tx| tx.request_id = request_id());
        submit(&network, &tx).await.1 != "node.disk_low"
    };
    wait_for("room is noticed", accepted, String::new).await;
    let found = network.client(0).receipt_of(first.tx.account, first.tx.request_id).await.expect("an answer");
    assert!(found.is_some() && network.client(0).status().await.expect("a status").receipts >= receipts);
}
