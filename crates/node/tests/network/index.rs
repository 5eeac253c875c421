//! The index of real nodes: killed and restarted, switched off, rebuilt, and with a database that goes away.

use crate::postgres::Postgres;
use crate::support::{Network, register, run, wait_for};
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use tongban_crypto::{SecretKey, primitives};
use tongban_modules::Call;
use tongban_modules::identity::{AccountKind, Call as IdentityCall, possession_message};
use tongban_types::genesis::account_of;
use tongban_types::{Receipt, Suite, Text};

/// A network of one node, with this line as its index.
fn network(index: &str) -> Network {
    let network = Network::new(1, Suite::Intl);
    let path = network.config(0);
    let text = std::fs::read_to_string(&path).expect("a configuration");
    assert!(text.contains("index = \"sqlite:index.sqlite\""), "the default is written down: {text}");
    std::fs::write(&path, text.replace("sqlite:index.sqlite", index)).expect("written");
    network
}

async fn submit(network: &Network, numbers: std::ops::Range<u64>) -> Vec<Receipt> {
    let (client, signer) = (network.client(0), network.signer("depositor"));
    let mut receipts = Vec::new();
    for number in numbers {
        let tx = signer.sign(&[register(&signer, &network.genesis, number)]).expect("a transaction");
        receipts.push(client.submit(&tx).await.expect("a receipt"));
    }
    receipts
}

/// Every event of the lists, oldest first, as the number of its receipt and its identifier.
async fn listed(network: &Network) -> Vec<(u64, String)> {
    let client = network.client(0);
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Value = client.get(&format!("/v1/events?order=oldest&limit=7{cursor}")).await.expect("a page");
        for event in page["events"].as_array().expect("a list") {
            let id = event["event"]["evidence"]["registered"]["id"].as_str().expect("a registration").to_owned();
            all.push((event["receipt"].as_u64().expect("a number"), id));
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Waits until the index has come to the head of the ledger.
async fn wait_until_current(network: &Network) {
    let client = network.client(0);
    let current = || async {
        let page: Result<Value, _> = client.get("/v1/events?limit=1").await;
        page.is_ok_and(|page| page["lag_blocks"] == 0)
    };
    wait_for("the index is current", current, String::new).await;
}

async fn problem(network: &Network, path: &str) -> (u64, String) {
    let url = format!("{}{path}", network.client(0).base());
    let response = reqwest::Client::builder().no_proxy().build().expect("a client").get(url).send().await;
    let response = response.expect("an answer");
    let status = u64::from(response.status().as_u16());
    let body: Value = response.json().await.expect("JSON");
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn id(number: u64) -> String {
    format!("{number:016x}{}", "0".repeat(16))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_goes_on_with_its_index() {
    let mut network = network("sqlite:index.sqlite");
    network.start(0);
    network.wait_until_ready(0).await;
    let mut expected = Vec::new();
    for round in 0..3u64 {
        let numbers = round * 20..round * 20 + 20;
        let receipts = submit(&network, numbers.clone()).await;
        expected.extend(receipts.iter().zip(numbers).map(|(receipt, number)| (receipt.number, id(number))));
        network.kill(0); // without waiting for the index, which is somewhere behind
        network.start(0);
        network.wait_until_ready(0).await;
    }
    wait_until_current(&network).await;
    assert_eq!(listed(&network).await, expected, "each event once, in order");

    // What can be asked of it.
    let client = network.client(0);
    let found: Value = client.get(&format!("/v1/search?q={}", id(33))).await.expect("a page");
    assert_eq!((&found["matches"], &found["events"][0]["exact"]), (&Value::from(1), &Value::from(true)), "{found}");
    assert_eq!(found["events"][0]["found"]["event"]["evidence"]["registered"]["id"], id(33).as_str());
    let account = network.signer("depositor").account();
    let page: Value = client.get(&format!("/v1/events?account={account}&limit=100")).await.expect("a page");
    assert_eq!(page["events"].as_array().expect("a list").len(), expected.len());
    let page: Value = client.get(&format!("/v1/events?subject={}&field=id", id(7))).await.expect("a page");
    assert_eq!(page["events"].as_array().expect("a list").len(), 1, "{page}");

    // A refused transaction has a receipt in the list and no event.
    let refused = submit(&network, 5..6).await.pop().expect("a receipt");
    wait_until_current(&network).await;
    let page: Value = client.get("/v1/receipts/find?code=evidence.exists").await.expect("a page");
    let numbers: Vec<&Value> =
        page["receipts"].as_array().expect("a list").iter().map(|found| &found["receipt"]["number"]).collect();
    assert_eq!(numbers, [&Value::from(refused.number)]);
    assert_eq!(page["receipts"][0]["refusal"]["code"], "evidence.exists");
    let page: Value = client.get("/v1/receipts/find?outcome=applied&limit=100").await.expect("a page");
    assert_eq!(page["receipts"].as_array().expect("a list").len(), expected.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_say_how_far_behind_they_are_and_an_index_that_is_off_is_a_problem() {
    let mut network = network("none");
    network.start(0);
    network.wait_until_ready(0).await;
    for path in ["/v1/events", "/v1/receipts/find", "/v1/search?q=1234"] {
        assert_eq!(problem(&network, path).await, (503, "index.off".to_owned()), "{path}");
    }
    network.kill(0);
    let path = network.config(0);
    let text = std::fs::read_to_string(&path).expect("a configuration");
    std::fs::write(&path, text.replace("index = \"none\"", "index = \"sqlite:other.sqlite\"")).expect("written");
    network.start(0);
    network.wait_until_ready(0).await;
    submit(&network, 0..3).await;
    wait_until_current(&network).await;
    for path in ["/v1/events", "/v1/receipts/find", "/v1/search?q=1234"] {
        let page: Value = network.client(0).get(path).await.expect("a page");
        let height = |name: &str| page[name].as_u64().unwrap_or_else(|| panic!("{path} has no {name}: {page}"));
        assert!(height("ledger_height") >= height("index_height") && height("index_height") > 0, "{page}");
        assert_eq!(height("lag_blocks"), height("ledger_height") - height("index_height"));
    }
    for (path, code) in [
        ("/v1/search?q=", "index.query_empty"),
        ("/v1/search", "api.malformed"),
        ("/v1/search?q=%00", "index.query_empty"),
        ("/v1/search?q=ab&limit=0", "api.malformed"),
        ("/v1/search?q=ab&cursor=00", "index.cursor_invalid"),
        ("/v1/events?limit=101", "api.malformed"),
        ("/v1/events?account=x", "api.malformed"),
        ("/v1/events?subject=%00", "api.malformed"),
        ("/v1/events?field=id", "api.malformed"),
        ("/v1/events?since=yesterday", "api.malformed"),
        ("/v1/events?order=random", "api.malformed"),
        ("/v1/receipts/find?outcome=maybe", "api.malformed"),
        ("/v1/receipts/find?transaction=12", "api.malformed"),
    ] {
        assert_eq!(problem(&network, path).await, (422, code.to_owned()), "{path}");
    }
    let long = format!("/v1/search?q={}", "9".repeat(101));
    assert_eq!(problem(&network, &long).await, (422, "index.query_too_long".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_rebuilt_while_the_node_runs_and_while_it_is_stopped() {
    let mut network = network("sqlite:index.sqlite");
    network.start(0);
    network.wait_until_ready(0).await;
    submit(&network, 0..25).await;
    wait_until_current(&network).await;
    let before = listed(&network).await;
    assert_eq!(before.len(), 25);
    let config = network.config(0).to_str().expect("a path").to_owned();
    let rebuild = ["index", "rebuild", "--config", &*config];
    let (code, output, errors) = run(&rebuild, network.folder.path());
    assert_eq!(code, 0, "{output}{errors}");
    assert!(output.contains("receipts    25"), "{output}");
    wait_until_current(&network).await;
    assert_eq!(listed(&network).await, before);
    let status = ["index", "status", "--json", "--config", &*config];
    let (code, output, errors) = run(&status, network.folder.path());
    assert_eq!(code, 0, "{errors}");
    let report: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!((&report["receipts"], &report["schema_version"]), (&Value::from(25), &Value::from(1)), "{report}");

    network.kill(0);
    let (code, output, errors) = run(&rebuild, network.folder.path());
    assert_eq!(code, 0, "{errors}");
    assert!(output.contains("when it starts"), "{output}");
    let (code, output, _) = run(&status, network.folder.path());
    let report: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!((code, &report["receipts"], &report["lag_blocks"]), (0, &Value::from(0), &Value::Null), "{report}");
    network.start(0);
    network.wait_until_ready(0).await;
    wait_until_current(&network).await;
    assert_eq!(listed(&network).await, before);

    // A database that is none is refused by name, and rebuilding cannot help it.
    network.kill(0);
    let file = network.config(0).with_file_name("data").join("index.sqlite");
    std::fs::remove_file(file.with_extension("sqlite-wal")).ok(); // gone where it was written back
    std::fs::write(&file, "this is no database at all, however long it may be ".repeat(100)).expect("written");
    let (code, _, errors) = run(&status, network.folder.path());
    assert_eq!(code, 1);
    assert!(errors.contains("index.unavailable"), "{errors}");
}

/// Has the node close its API to those without a token, and speak TLS with a certificate that no authority has signed.
fn close_and_speak_tls(network: &Network) {
    let own = |name: &str| network.config(0).with_file_name(name);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["node.example".to_owned()]).expect("parameters");
    let certificate = params.self_signed(&key).expect("a certificate");
    std::fs::write(own("api.pem"), certificate.pem()).expect("a file");
    std::fs::write(own("api.key"), key.serialize_pem()).expect("a file");
    std::fs::set_permissions(own("api.key"), std::fs::Permissions::from_mode(0o600)).expect("our file");
    network.configure(0, |table| {
        table.insert("anonymous".into(), toml::Value::Array(Vec::new()));
        table.insert("tls_certificate".into(), "api.pem".into());
        table.insert("tls_key".into(), "api.key".into());
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_rebuilt_beside_a_closed_node_and_left_alone_beside_a_silent_one() {
    let mut network = network("sqlite:index.sqlite");
    network.start(0);
    network.wait_until_ready(0).await;
    submit(&network, 0..5).await;
    wait_until_current(&network).await;
    network.kill(0);
    close_and_speak_tls(&network);
    network.start(0);
    let config = network.config(0).to_str().expect("a path").to_owned();
    let index = |words: &[&str]| run(&[&["index"], words, &["--config", &config]].concat(), network.folder.path());
    let report = || -> Value {
        let (code, output, errors) = index(&["status", "--json"]);
        assert_eq!(code, 0, "{errors}");
        serde_json::from_str(&output).expect("JSON")
    };
    wait_for("the index is current", || async { report()["lag_blocks"] == 0 }, || network.log(0)).await;
    assert_eq!((&report()["reason"], &report()["receipts"]), (&Value::Null, &Value::from(5)));
    let (code, output, errors) = index(&["rebuild"]);
    assert_eq!(code, 0, "{errors}");
    assert!(output.contains("receipts    5") && !output.contains("starts"), "{output}");

    // Something works in the folder, and nobody says how it is.
    network.kill(0);
    let lock = std::fs::File::open(network.config(0).with_file_name("data").join("lock")).expect("a file");
    lock.lock().expect("nobody else holds it");
    let (code, _, errors) = run(&["index", "rebuild", "--config", &config], network.folder.path());
    assert_eq!(code, 1);
    assert!(errors.contains("a process works in") && errors.contains("left as it is"), "{errors}");
    let (code, words, errors) = run(&["index", "status", "--config", &config], network.folder.path());
    assert_eq!(code, 0, "{errors}");
    assert!(words.contains("receipts      5\n") && words.contains("no node answers at https://"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_outlives_its_database() {
    let Some(mut server) = Postgres::start() else { return };
    let mut network = network(&server.url());
    network.start(0);
    network.wait_until_ready(0).await;
    submit(&network, 0..10).await;
    wait_until_current(&network).await;
    server.interrupt();
    let unavailable = || async { problem(&network, "/v1/events").await == (503, "index.unavailable".to_owned()) };
    wait_for("the lists say that the database is away", unavailable, String::new).await;
    submit(&network, 10..20).await;
    assert!(network.client(0).status().await.expect("the node answers").ready, "the node goes on");
    server.resume();
    wait_until_current(&network).await;
    let numbers: Vec<String> = listed(&network).await.into_iter().map(|(_, id)| id).collect();
    assert_eq!(numbers, (0..20).map(id).collect::<Vec<_>>());
    let log = std::fs::read_to_string(network.config(0).with_extension("log")).expect("a log");
    assert!(log.contains("index.unavailable") && !log.contains("secret"), "the password is not logged: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_is_found_by_a_part_of_its_name() {
    let mut network = network("sqlite:index.sqlite");
    network.start(0);
    network.wait_until_ready(0).await;
    let (client, registrar) = (network.client(0), network.signer("registrar"));
    let secret = SecretKey::generate(Suite::Intl, &mut tongban_node::random::rng());
    let key = secret.public_key();
    let account = account_of(&key, primitives(Suite::Intl));
    let possession = secret.sign(&possession_message(&network.network(), &account, &key));
    let name = Some(Text::new("云港市不动产登记中心").expect("a text"));
    let kind = AccountKind::Organisation;
    let open = Call::Identity(IdentityCall::OpenAccount { kind, name, key, possession });
    client.submit(&registrar.sign(&[open]).expect("a transaction")).await.expect("a receipt");
    wait_until_current(&network).await;
    for (words, found) in [("不动产", 1), ("登记中心", 1), ("不动产登记局", 1), ("不动产交易所", 0), ("民政局", 0)]
    {
        let encoded: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let page: Value = client.get(&format!("/v1/search?q={encoded}")).await.expect("a page");
        let accounts: Vec<&Value> = page["events"].as_array().expect("a list").iter().collect();
        assert_eq!(accounts.len(), found, "{words}: {page}");
        assert!(accounts.iter().all(|event| event.to_string().contains(&account.to_string())), "{words}: {page}");
    }
}
