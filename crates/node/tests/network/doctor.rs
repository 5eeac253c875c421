//! The doctor names each thing that would keep a node from running well; every finding is produced by a real situation.

use crate::support::{Network, PROGRAM, run, wait_for};
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use tongban_api::store::{FILE, Store};
use tongban_crypto::SecretKey;
use tongban_index::{DatabaseUrl, Index};
use tongban_node::doctor::{Finding, Subject, Verdict, examine};
use tongban_node::network_init::{NewNetwork, init};
use tongban_node::random::rng;
use tongban_node::signer::read_key;
use tongban_types::{Digest, Suite};

/// What depends on the machine that runs the test, and the key files of tests, which are not encrypted.
const OF_THE_MACHINE: [&str; 8] = [
    "clock.synchronised",
    "cores",
    "disk.filesystem",
    "disk.space",
    "disk.speed",
    "key.encrypted",
    "limits.files",
    "memory",
];

async fn examined(network: &Network, local: bool) -> Vec<Finding> {
    examine(&Subject::gather(&network.config(0), local).await)
}

fn find<'a>(findings: &'a [Finding], name: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.name == name).unwrap_or_else(|| panic!("no check is named {name}"))
}

/// Changes the first node's configuration.
fn configure(network: &Network, change: impl FnOnce(&mut toml::Table)) {
    network.configure(0, change);
}

fn address(network: &Network, key: &str) -> SocketAddr {
    let table: toml::Table = std::fs::read_to_string(network.config(0)).expect("a file").parse().expect("TOML");
    table[key].as_str().expect("a text").parse().expect("an address")
}

fn peers(table: &mut toml::Table) -> &mut Vec<toml::Value> {
    table["peers"].as_array_mut().expect("a list")
}

/// Validators stand in the order of their keys, so nodes are found by key.
fn department_of_peer(network: &Network, peer: usize) -> String {
    let table: toml::Table = std::fs::read_to_string(network.config(0)).expect("a file").parse().expect("TOML");
    let key = table["peers"][peer]["key"].as_str().expect("a text").to_owned();
    let validators = network.genesis.validators.validators();
    let validator = validators.iter().find(|validator| validator.key.to_string() == key).expect("peers are validators");
    validator.department.to_string()
}

fn own(network: &Network, name: &str) -> std::path::PathBuf {
    network.config(0).with_file_name(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_network_is_well_and_a_dead_peer_is_named() {
    let mut network = Network::new(2, Suite::Intl);
    let before = examined(&network, true).await;
    assert_eq!(find(&before, "port.api").verdict, Verdict::Well, "before the start the port is free");
    assert_eq!(find(&before, "data.folder").verdict, Verdict::Well, "before the start the folder can be made");
    assert_eq!(find(&before, "peers.reachable").verdict, Verdict::Skipped, "nobody is asked with --local");

    network.start_all();
    network.wait_until_ready(0).await;
    network.wait_until_ready(1).await;
    for finding in examined(&network, false).await {
        if finding.name == "api.callers" {
            assert_eq!(finding.verdict, Verdict::Note, "only this machine reaches the API: {finding:?}");
        } else if !OF_THE_MACHINE.contains(&finding.name) {
            assert_eq!(finding.verdict, Verdict::Well, "{finding:?}");
            assert_eq!(finding.advice, None);
        }
    }
    let findings = examined(&network, true).await;
    let limit = &find(&findings, "limits.files").what;
    // Layered file systems number their files otherwise than the kernel's list of locks does.
    assert!(limit.contains("for the running node, process") || limit.contains("for the doctor"), "{limit}");
    assert!(find(&findings, "store.opens").what.contains("in the form"), "{findings:?}");
    let held = find(&examined(&network, false).await, "port.api").what.clone();
    assert!(held.contains("held by the running node"), "{held}");

    let [own_api, other_api] = [0, 1].map(|node| network.client(node).base().trim_start_matches("http://").to_owned());
    configure(&network, |table| drop(table.insert("api".into(), other_api.into())));
    let confused = find(&examined(&network, true).await, "data.in_use").clone();
    assert_eq!(confused.verdict, Verdict::Failure, "another node answers: {confused:?}");
    configure(&network, |table| drop(table.insert("api".into(), own_api.into())));

    network.kill(1);
    let findings = examined(&network, false).await;
    let dead = find(&findings, "peers.reachable");
    assert_eq!(dead.verdict, Verdict::Failure, "one of two is no quorum: {dead:?}");
    let department = department_of_peer(&network, 0);
    assert!(dead.what.contains(&department), "{dead:?}");
    assert_eq!(find(&findings, "peers.version").verdict, Verdict::Skipped, "unknown");
}

/// Has a node answer those without a token nothing but how it is.
fn close(network: &Network, node: usize) {
    network.configure(node, |table| drop(table.insert("anonymous".into(), toml::Value::Array(Vec::new()))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_node_is_asked_as_any_other() {
    let mut network = Network::new(2, Suite::Intl);
    for node in 0..2 {
        close(&network, node);
    }
    network.start_all();
    for node in 0..2 {
        let client = network.client(node);
        let is_ready = || async { client.get::<Value>("/ready").await.is_ok() };
        wait_for("the node is ready", is_ready, || network.log(node)).await;
        assert!(client.status().await.is_err(), "the node is closed");
    }
    let findings = examined(&network, false).await;
    for name in ["data.in_use", "peers.reachable", "peers.network", "peers.version", "clock.peers"] {
        let finding = find(&findings, name);
        assert_eq!(finding.verdict, Verdict::Well, "{finding:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_a_node_is_ready_is_asked_without_token_name_or_certificate() {
    let mut network = Network::new(1, Suite::Intl);
    close(&network, 0);
    write_pair(&network, 90);
    configure(&network, |table| {
        table.insert("tls_certificate".into(), "api.pem".into());
        table.insert("tls_key".into(), "api.key".into());
    });
    let config = network.config(0).display().to_string();
    let ready = || run(&["doctor", "--ready", "--config", &config], Path::new("."));
    let (code, _, error) = ready();
    assert_eq!(code, 1, "it does not run yet");
    assert!(error.contains("no node answers at https://127.0.0.1:"), "{error}");
    network.start(0);
    wait_for("the node is ready", || async { ready().0 == 0 }, || network.log(0)).await;
    let (_, words, _) = ready();
    assert!(words.starts_with("ready, at height"), "{words}");
    let finding = find(&examined(&network, true).await, "data.in_use").clone();
    assert_eq!(finding.verdict, Verdict::Well, "{finding:?}");
    assert_eq!(run(&["doctor", "--ready", "--local", "--config", &config], Path::new(".")).0, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_says_why_it_is_not_ready_is_believed_and_what_refuses_is_no_node() {
    let network = Network::new(1, Suite::Intl);
    let data = own(&network, "data");
    std::fs::create_dir(&data).expect("a new folder");
    let lock = std::fs::File::create(data.join("lock")).expect("a file");
    lock.lock().expect("nobody else holds it");
    let status = |reason: &str| {
        let (network, department) = (network.network(), &network.genesis.validators.validators()[0].department);
        format!(r#"{{"version":"1","network":"{network}","department":"{department}","height":1,"reason":{reason}}}"#)
    };
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (head, body, verdict, word, code) in [
        ("200 OK", status("null"), Verdict::Well, "at height 1", 0),
        ("503 Service Unavailable", status("\"catching up\""), Verdict::Warning, "not ready: catching up", 1),
        (
            "503 Service Unavailable",
            "{}".to_owned(),
            Verdict::Failure,
            "no node answers at `api`: the answer is 503",
            1,
        ),
        ("401 Unauthorized", status("null"), Verdict::Failure, "no node answers at `api`: the answer is 401", 1),
    ] {
        let address = answer_always(head, body, date);
        configure(&network, |table| drop(table.insert("api".into(), address.to_string().into())));
        let finding = find(&examined(&network, true).await, "data.in_use").clone();
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert!(finding.what.contains(word), "{finding:?}");
        let config = network.config(0).display().to_string();
        assert_eq!(run(&["doctor", "--ready", "--config", &config], Path::new(".")).0, code, "{head}");
    }
}

#[tokio::test]
async fn every_fault_of_the_configuration_is_named_and_the_rest_is_left_out() {
    let network = Network::new(1, Suite::Intl);
    configure(&network, |table| {
        table.insert("lisen".into(), "127.0.0.1:1".into());
        table.insert("worker_threads".into(), "many".into());
        table.remove("key");
    });
    let findings = examined(&network, false).await;
    let found = find(&findings, "configuration");
    assert_eq!(found.verdict, Verdict::Failure);
    for word in ["lisen", "worker_threads", "`key` is missing"] {
        assert!(found.what.contains(word), "{word}: {found:?}");
    }
    for name in [
        "genesis",
        "key.opens",
        "data.folder",
        "store.opens",
        "index.usable",
        "port.api",
        "tls.certificate",
        "tls.key",
        "tls.pair",
        "tls.validity",
        "api.callers",
        "peers.complete",
        "peers.version",
        "cores",
    ] {
        assert_eq!(find(&findings, name).verdict, Verdict::Skipped, "{name}");
    }
    std::fs::remove_file(network.config(0)).expect("it was there");
    assert_eq!(find(&examined(&network, true).await, "configuration").verdict, Verdict::Failure);
}

#[tokio::test]
async fn addresses_that_cannot_be_had_are_named() {
    let network = Network::new(1, Suite::Intl);
    let taken = ["listen", "api"].map(|key| TcpListener::bind(address(&network, key)).expect("a free port"));
    let findings = examined(&network, true).await;
    for name in ["port.listen", "port.api"] {
        let finding = find(&findings, name);
        assert_eq!(finding.verdict, Verdict::Failure, "{finding:?}");
        assert!(finding.advice.as_ref().is_some_and(|advice| advice.contains("ss -ltnp")), "{finding:?}");
    }
    drop(taken);
    // 192.0.2.0/24 is for documents and nobody's address.
    configure(&network, |table| drop(table.insert("api".into(), "192.0.2.1:9000".into())));
    let finding = find(&examined(&network, true).await, "port.api").clone();
    assert_eq!(finding.verdict, Verdict::Failure);
    assert!(finding.advice.expect("advice").contains("not one of this machine's"));
}

#[tokio::test]
async fn keys_that_others_can_read_or_that_are_not_the_nodes_are_named() {
    let network = Network::new(2, Suite::Intl);
    let key = own(&network, "node.key.json");
    let mode = |mode: u32| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).expect("our file");
    mode(0o644);
    let findings = examined(&network, true).await;
    assert_eq!(find(&findings, "key.permissions").verdict, Verdict::Failure);
    assert!(find(&findings, "key.permissions").advice.as_ref().is_some_and(|advice| advice.contains("chmod 600")));
    assert_eq!(find(&findings, "key.opens").verdict, Verdict::Skipped);
    mode(0o600);
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&key, Some(12_345), None).expect("root may");
        assert_eq!(find(&examined(&network, true).await, "key.permissions").verdict, Verdict::Warning);
        std::os::unix::fs::chown(&key, Some(0), None).expect("root may");
    } else {
        println!("skipped: giving a file to another user needs root");
    }

    configure(&network, |table| drop(table.insert("key".into(), "../accounts/witness.key.json".into())));
    let findings = examined(&network, true).await;
    assert_eq!(find(&findings, "key.opens").verdict, Verdict::Well);
    assert_eq!(find(&findings, "key.validator").verdict, Verdict::Failure);
    assert_eq!(find(&findings, "key.encrypted").verdict, Verdict::Warning);

    std::fs::write(own(&network, "garbage"), "{}").expect("a file");
    std::fs::set_permissions(own(&network, "garbage"), std::fs::Permissions::from_mode(0o600)).expect("our file");
    configure(&network, |table| drop(table.insert("key".into(), "garbage".into())));
    assert_eq!(find(&examined(&network, true).await, "key.opens").verdict, Verdict::Failure);
    configure(&network, |table| drop(table.insert("key".into(), "nowhere".into())));
    let findings = examined(&network, true).await;
    assert_eq!(find(&findings, "key.permissions").verdict, Verdict::Failure);
    assert_eq!(find(&findings, "key.validator").verdict, Verdict::Skipped);
}

#[test]
fn a_passphrase_that_is_missing_or_wrong_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = [127, 0, 0, 1].into();
    let suite = Suite::Intl;
    let (base_port, base_api_port, passphrase) = (9_701, 9_801, Some("right"));
    let out = folder.path();
    let files =
        init(&NewNetwork { out, nodes: 1, suite, host, base_port, base_api_port, passphrase }).expect("a network");
    let opens = |passphrase: Option<&str>| {
        let mut command = Command::new(PROGRAM);
        command.args(["doctor", "--local", "--json", "--config"]).arg(&files.configurations[0]);
        match passphrase {
            Some(passphrase) => command.env("TONGBAN_PASSPHRASE", passphrase),
            None => command.env_remove("TONGBAN_PASSPHRASE"),
        };
        let output = command.output().expect("the program starts");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = report["findings"].as_array().expect("a list").clone();
        let found = findings.into_iter().find(|finding| finding["name"] == "key.opens").expect("the check");
        (output.status.code(), found["verdict"].as_str().expect("a text").to_owned(), found["advice"].to_string())
    };
    let (code, verdict, advice) = opens(None);
    assert_eq!((code, verdict.as_str()), (Some(1), "failure"));
    assert!(advice.contains("give its passphrase in TONGBAN_PASSPHRASE"), "{advice}");
    let (code, verdict, advice) = opens(Some("wrong"));
    assert_eq!((code, verdict.as_str()), (Some(1), "failure"));
    assert!(advice.contains("correct TONGBAN_PASSPHRASE"), "{advice}");
    assert_eq!(opens(Some("right")).1, "well");
}

#[tokio::test]
async fn another_networks_genesis_and_folder_are_named() {
    let (ours, theirs) = (Network::new(1, Suite::Intl), Network::new(1, Suite::Sm));
    let data = own(&ours, "data");
    std::fs::create_dir(&data).expect("a new folder");
    std::fs::write(data.join("network"), format!("{}\n", ours.network())).expect("a file");
    assert_eq!(find(&examined(&ours, true).await, "data.network").verdict, Verdict::Well);
    let genesis = |network: &Network| network.folder.path().join("genesis.json");
    std::fs::copy(genesis(&theirs), genesis(&ours)).expect("a copy");
    let findings = examined(&ours, true).await;
    assert_eq!(find(&findings, "genesis").verdict, Verdict::Well, "it is a genesis, only another's");
    assert_eq!(find(&findings, "key.validator").verdict, Verdict::Failure);
    let folder = find(&findings, "data.network");
    assert_eq!(folder.verdict, Verdict::Failure);
    assert!(folder.what.contains(&ours.network().to_string()), "{folder:?}");

    let mut unsound: serde_json::Value =
        serde_json::from_slice(&std::fs::read(genesis(&theirs)).expect("a file")).expect("JSON");
    unsound["version"] = 99.into();
    for text in ["{", "[]", "", &unsound.to_string()] {
        std::fs::write(genesis(&ours), text).expect("a file");
        let findings = examined(&ours, true).await;
        assert_eq!(find(&findings, "genesis").verdict, Verdict::Failure, "{text}");
        assert_eq!(find(&findings, "data.network").verdict, Verdict::Skipped);
    }
}

#[tokio::test]
async fn folders_that_cannot_be_used_are_named() {
    let network = Network::new(1, Suite::Intl);
    for (data, word) in
        [("node.toml", "not a folder"), ("node.toml/data", "node.toml/data"), ("/proc/tongban", "cannot be made")]
    {
        configure(&network, |table| drop(table.insert("data".into(), data.into())));
        let finding = find(&examined(&network, true).await, "data.folder").clone();
        assert_eq!(finding.verdict, Verdict::Failure, "{finding:?}");
        assert!(finding.what.contains(word), "{finding:?}");
    }
    configure(&network, |table| drop(table.insert("data".into(), "data".into())));
    let data = own(&network, "data");
    std::fs::create_dir(&data).expect("a new folder");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o777)).expect("our folder");
    assert_eq!(find(&examined(&network, true).await, "data.folder").verdict, Verdict::Warning);
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).expect("our folder");
    if rustix::process::geteuid().is_root() {
        std::fs::create_dir(data.join("store")).expect("a new folder");
        std::os::unix::fs::chown(data.join("store"), Some(12_345), None).expect("root may");
        let finding = find(&examined(&network, true).await, "data.folder").clone();
        assert_eq!(finding.verdict, Verdict::Failure);
        assert!(finding.what.contains("12345"), "{finding:?}");
    } else {
        println!("skipped: giving a folder to another user needs root");
    }

    // Somebody holds the folder, and nobody answers at the API.
    let lock = std::fs::File::create(data.join("lock")).expect("a file");
    lock.lock().expect("nobody else holds it");
    let findings = examined(&network, true).await;
    assert_eq!(find(&findings, "data.in_use").verdict, Verdict::Failure);
    assert_eq!(find(&findings, "port.api").verdict, Verdict::Warning, "free, although a node seems to run");
    drop(lock);
    assert_eq!(find(&examined(&network, true).await, "data.in_use").verdict, Verdict::Well);
}

#[tokio::test]
async fn a_proxy_that_the_node_may_not_know_is_noted_and_fails_nothing() {
    let network = Network::new(1, Suite::Intl);
    let callers = async || find(&examined(&network, true).await, "api.callers").clone();
    let noted = callers().await;
    assert_eq!(noted.verdict, Verdict::Note, "{noted:?}");
    assert!(noted.what.contains("no proxy is trusted"), "{noted:?}");
    assert!(noted.advice.as_ref().is_some_and(|advice| advice.contains("`trusted_proxies`")), "{noted:?}");
    let config = network.config(0).display().to_string();
    let (_, words, _) = run(&["doctor", "--local", "--config", &config], Path::new("."));
    assert!(words.contains("i api.callers") && words.contains("i 1 notes"), "{words}");
    let (_, report, _) = run(&["doctor", "--local", "--json", "--config", &config], Path::new("."));
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    assert!(findings.iter().any(|finding| finding["name"] == "api.callers" && finding["verdict"] == "note"));
    assert_ne!(report["verdict"], "note", "a note is nothing against the node");

    configure(&network, |table| drop(table.insert("trusted_proxies".into(), vec!["127.0.0.1"].into())));
    let named = callers().await;
    assert_eq!((named.verdict, &named.advice), (Verdict::Well, &None), "{named:?}");
    assert!(named.what.contains("127.0.0.1"), "{named:?}");
    configure(&network, |table| {
        table.insert("trusted_proxies".into(), toml::Value::Array(Vec::new()));
        table.insert("api".into(), "0.0.0.0:18101".into());
    });
    let plain = callers().await;
    assert_eq!(plain.verdict, Verdict::Note, "{plain:?}");
    assert!(plain.what.contains("speaks plain HTTP"), "{plain:?}");
}

/// A certificate that is valid for so many days from now, or was until so many days ago, and its key.
fn write_pair(network: &Network, days: i64) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let now = time::OffsetDateTime::now_utc();
    params.not_before = now - time::Duration::days(100);
    params.not_after = now + time::Duration::days(days);
    let certificate = params.self_signed(&key).expect("a certificate");
    std::fs::write(own(network, "api.pem"), certificate.pem()).expect("a file");
    std::fs::write(own(network, "api.key"), key.serialize_pem()).expect("a file");
    std::fs::set_permissions(own(network, "api.key"), std::fs::Permissions::from_mode(0o600)).expect("our file");
}

#[tokio::test]
async fn certificates_and_keys_that_clients_or_the_node_would_refuse_are_named() {
    let network = Network::new(1, Suite::Intl);
    let checks = ["tls.certificate", "tls.key", "tls.pair", "tls.validity"];
    for name in checks {
        let finding = find(&examined(&network, true).await, name).clone();
        assert_eq!(finding.verdict, Verdict::Well, "{finding:?}");
        assert!(finding.what.contains("plain HTTP"), "{finding:?}");
    }
    configure(&network, |table| {
        table.insert("tls_certificate".into(), "api.pem".into());
        table.insert("tls_key".into(), "api.key".into());
    });
    let verdicts = async || {
        let findings = examined(&network, true).await;
        checks.map(|name| find(&findings, name).verdict)
    };
    use Verdict::{Failure, Skipped, Warning, Well};
    assert_eq!(verdicts().await, [Failure, Failure, Skipped, Skipped], "neither is there");
    write_pair(&network, 90);
    assert_eq!(verdicts().await, [Well; 4]);
    for (days, expected) in [(10, Warning), (-1, Failure)] {
        write_pair(&network, days);
        assert_eq!(verdicts().await, [Well, Well, Well, expected], "{days} days");
    }
    write_pair(&network, 90);
    let key = own(&network, "api.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("our file");
    assert_eq!(verdicts().await, [Well, Failure, Skipped, Well]);
    let finding = find(&examined(&network, true).await, "tls.key").clone();
    assert!(finding.advice.is_some_and(|advice| advice.contains("chmod 600")), "{}", finding.what);
    std::fs::write(&key, KeyPair::generate().expect("a key").serialize_pem()).expect("a file");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("our file");
    assert_eq!(verdicts().await, [Well, Well, Failure, Well], "another's key");
    std::fs::write(&key, "no PEM").expect("a file");
    std::fs::write(own(&network, "api.pem"), "no PEM").expect("a file");
    assert_eq!(verdicts().await, [Failure, Failure, Skipped, Skipped]);
}

#[tokio::test]
async fn a_store_that_does_not_open_is_named() {
    let network = Network::new(1, Suite::Intl);
    let data = own(&network, "data");
    std::fs::create_dir(&data).expect("a new folder");
    let finding = find(&examined(&network, true).await, "store.opens").clone();
    assert_eq!(finding.verdict, Verdict::Well);
    assert!(finding.what.contains("made at the first start"), "{finding:?}");
    Store::open(&data).await.expect("a new store").close().await;
    assert!(find(&examined(&network, true).await, "store.opens").what.contains("in the form"));
    // The form stands in the file's head (https://sqlite.org/fileformat2.html, 1.3.16).
    let file = data.join(FILE);
    let mut bytes = std::fs::read(&file).expect("a file");
    bytes[60..64].copy_from_slice(&99u32.to_be_bytes());
    std::fs::write(&file, bytes).expect("a file");
    let finding = find(&examined(&network, true).await, "store.opens").clone();
    assert_eq!(finding.verdict, Verdict::Failure);
    assert!(finding.what.contains("node.store_newer"), "{finding:?}");
    std::fs::write(&file, vec![7; 10_000]).expect("a file");
    let finding = find(&examined(&network, true).await, "store.opens").clone();
    assert_eq!(finding.verdict, Verdict::Failure);
    assert!(finding.advice.is_some_and(|advice| advice.contains("backup")), "{}", finding.what);
}

#[tokio::test]
async fn an_index_that_cannot_be_used_is_named_and_its_password_is_not() {
    let network = Network::new(1, Suite::Intl);
    let data = own(&network, "data");
    std::fs::create_dir(&data).expect("a new folder");
    assert!(find(&examined(&network, true).await, "index.usable").what.contains("made at the first start"));
    assert_eq!(std::fs::read_dir(&data).expect("a folder").count(), 0, "the doctor makes nothing");
    let url = DatabaseUrl::file(data.join("index.sqlite"));
    Index::open(&url, &network.network()).await.expect("a new index").close().await;
    assert!(find(&examined(&network, true).await, "index.usable").what.contains("at height 0"));
    Index::rebuild(&url, &Digest([7; 32])).await.expect("another's index").close().await;
    let finding = find(&examined(&network, true).await, "index.usable").clone();
    assert_eq!(finding.verdict, Verdict::Warning, "the node runs without it");
    assert!(finding.what.contains("index.other_network"), "{finding:?}");
    assert!(finding.advice.is_some_and(|advice| advice.contains("tongban index rebuild")), "{}", finding.what);
    for (index, verdict, word) in [
        ("sqlite:../node.toml", Verdict::Warning, "index.unavailable"),
        ("sqlite:nowhere/index.sqlite", Verdict::Warning, "is not there"),
        ("postgres://clerk:geheim@127.0.0.1:1/read", Verdict::Warning, "index.unavailable"),
        ("none", Verdict::Well, "switched off"),
    ] {
        configure(&network, |table| drop(table.insert("index".into(), index.into())));
        let finding = find(&examined(&network, true).await, "index.usable").clone();
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert!(finding.what.contains(word) && !format!("{finding:?}").contains("geheim"), "{finding:?}");
    }
}

#[tokio::test]
async fn too_little_room_and_too_many_threads_are_named() {
    let network = Network::new(1, Suite::Intl);
    configure(&network, |table| {
        table.insert("disk_reserve_bytes".into(), i64::MAX.into());
        table.insert("worker_threads".into(), 64.into());
    });
    let findings = examined(&network, true).await;
    assert_eq!(find(&findings, "disk.space").verdict, Verdict::Failure);
    let cores = std::thread::available_parallelism().expect("the system tells").get();
    let expected = if cores < 64 { Verdict::Warning } else { Verdict::Well };
    assert_eq!(find(&findings, "cores").verdict, expected);
    configure(&network, |table| drop(table.insert("disk_reserve_bytes".into(), 0.into())));
    assert_eq!(find(&examined(&network, true).await, "disk.space").verdict, Verdict::Well);
}

#[tokio::test]
async fn peers_that_are_missing_strange_or_out_of_reach_are_named() {
    let network = Network::new(4, Suite::Intl);
    let findings = examined(&network, false).await;
    assert_eq!(find(&findings, "peers.complete").verdict, Verdict::Well);
    assert_eq!(find(&findings, "peers.strangers").verdict, Verdict::Well);
    assert_eq!(find(&findings, "peers.reachable").verdict, Verdict::Failure, "none of three runs");

    // Two of three accept a connection; the third can be missed.
    let reached: Vec<TcpListener> = (1..3)
        .map(|peer| TcpListener::bind(("127.0.0.1", address(&network, "listen").port() + peer)).expect("a free port"))
        .collect();
    assert_eq!(find(&examined(&network, false).await, "peers.reachable").verdict, Verdict::Warning);
    drop(reached);

    let own_key = read_key(&own(&network, "node.key.json")).expect("a key").public_key().to_string();
    let stranger = SecretKey::generate(Suite::Intl, &mut rng()).public_key().to_string();
    let department = department_of_peer(&network, 2);
    configure(&network, |table| drop(peers(table).pop()));
    let finding = find(&examined(&network, true).await, "peers.complete").clone();
    assert_eq!(finding.verdict, Verdict::Failure);
    assert!(finding.what.contains(&department), "{finding:?}");
    configure(&network, |table| {
        drop(peers(table)[0].as_table_mut().expect("a table").insert("key".into(), own_key.into()))
    });
    assert_eq!(find(&examined(&network, true).await, "peers.strangers").verdict, Verdict::Warning, "it lists itself");
    configure(&network, |table| {
        drop(peers(table)[0].as_table_mut().expect("a table").insert("key".into(), stranger.into()))
    });
    assert_eq!(find(&examined(&network, true).await, "peers.strangers").verdict, Verdict::Failure);

    assert_eq!(find(&examined(&network, true).await, "listen.reachable").verdict, Verdict::Well);
    configure(&network, |table| {
        drop(peers(table)[0].as_table_mut().expect("a table").insert("address".into(), "192.0.2.1:7101".into()));
    });
    assert_eq!(find(&examined(&network, true).await, "listen.reachable").verdict, Verdict::Failure);
}

/// Answers every request with this status, body and date, until the test ends.
fn answer_always(status: &'static str, body: String, date: &'static str) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut request = [0; 4096];
            let _ = connection.read(&mut request); // one small request fits
            let head = format!(
                "HTTP/1.1 {status}\r\ndate: {date}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = connection.write_all(format!("{head}{body}").as_bytes()); // the asker may have gone
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_of_another_network_version_or_time_are_named() {
    let network = Network::new(2, Suite::Intl);
    let peer_api = |network: &Network, address: SocketAddr| {
        configure(network, |table| {
            let peer = peers(table)[0].as_table_mut().expect("a table");
            peer.insert("api".into(), format!("http://{address}").into());
        });
    };
    let status =
        |network: &str, version: &str| format!(r#"{{"version":"{version}","network":"{network}","height":1}}"#);
    peer_api(&network, answer_always("200 OK", status("elsewhere", "9.9.9"), "Sun, 06 Nov 1994 08:49:37 GMT"));
    let findings = examined(&network, false).await;
    assert_eq!(find(&findings, "peers.network").verdict, Verdict::Failure);
    let version = find(&findings, "peers.version");
    assert_eq!(version.verdict, Verdict::Warning);
    assert!(version.what.contains("9.9.9"), "{version:?}");
    let clock = find(&findings, "clock.peers");
    assert_eq!(clock.verdict, Verdict::Failure);
    assert!(clock.what.contains("behind"), "{clock:?}");

    let own = network.network().to_string();
    peer_api(&network, answer_always("200 OK", status(&own, env!("CARGO_PKG_VERSION")), "yesterday"));
    let findings = examined(&network, false).await;
    assert_eq!(find(&findings, "peers.network").verdict, Verdict::Well);
    assert_eq!(find(&findings, "peers.version").verdict, Verdict::Well);
    assert_eq!(find(&findings, "clock.peers").verdict, Verdict::Skipped, "no date that can be read");

    for body in ["", "[]", "{\"version\":1}", &"x".repeat(100_000)] {
        peer_api(&network, answer_always("200 OK", body.to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(find(&examined(&network, false).await, "peers.version").verdict, Verdict::Skipped);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exit_code_says_whether_something_failed() {
    let mut network = Network::new(1, Suite::Intl);
    let config = network.config(0).display().to_string();
    configure(&network, |table| drop(table.insert("disk_reserve_bytes".into(), 0.into())));
    let doctor = |more: &[&str]| run(&[&["doctor", "--local", "--config", &config], more].concat(), Path::new("."));
    let (_, words, _) = doctor(&[]);
    assert!(words.contains("✓ data.folder") && words.contains("! key.encrypted") && words.contains("to do"), "{words}");
    let (code, report, _) = doctor(&["--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let failed = report["verdict"] == "failure"; // a slow machine may fail a test of its own
    assert_eq!(code, i32::from(failed), "{report}");
    assert_eq!(doctor(&["--strict"]).0, 1, "an unencrypted key is a warning, and --strict lets it fail");
    std::fs::remove_file(network.folder.path().join("genesis.json")).expect("it was there");
    let (code, words, error) = doctor(&[]);
    assert_eq!(code, 1);
    assert!(words.contains("✗ genesis"), "{words}");
    assert!(error.contains("would not run well"), "{error}");
    assert_eq!(run(&["doctor"], Path::new(".")).0, 2, "the command line is wrong");
    // The doctor leaves nothing behind, so that the node finds its folder as it was.
    assert!(!own(&network, "data").exists());
    std::fs::write(network.folder.path().join("genesis.json"), serde_json::to_vec(&network.genesis).expect("JSON"))
        .expect("a file");
    network.start(0);
    let client = network.client(0);
    wait_for("the node starts", || async { client.status().await.is_ok() }, String::new).await;
}
