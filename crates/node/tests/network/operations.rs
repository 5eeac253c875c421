//! How a running node is seen from outside: metrics, logs, traces, status.

use crate::metrics_text::read;
use crate::support::{Network, register, run, wait_for};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tongban_types::Suite;

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client")
}

async fn metrics(network: &Network) -> String {
    let response = http().get(format!("{}/metrics", network.client(0).base())).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_well_formed_and_nobody_can_blow_them_up() {
    let mut network = Network::new(1, Suite::Intl);
    let everyone = || ["read", "submit", "metrics"].map(toml::Value::from).to_vec();
    network.configure(0, |table| drop(table.insert("anonymous".to_owned(), everyone().into())));
    network.start(0);
    network.wait_until_ready(0).await;
    let (client, signer) = (network.client(0), network.signer("depositor"));
    let tx = signer.sign(&[register(&signer, &network.genesis, 1)]).expect("a transaction");
    client.submit(&tx).await.expect("it is final");
    let again = signer.sign(&[register(&signer, &network.genesis, 1)]).expect("a transaction");
    client.submit(&again).await.expect("the ledger refuses it on a receipt");

    let base = client.base().to_owned();
    for number in 0..40 {
        for path in [format!("/v1/receipts/{number}"), format!("/made/up/{number}"), format!("/v1/status?{number}")] {
            http().get(format!("{base}{path}")).send().await.expect("an answer");
        }
        let method = reqwest::Method::from_bytes(format!("BREW{number}").as_bytes()).expect("a token");
        http().request(method, format!("{base}/v1/status")).send().await.expect("an answer");
    }

    let text = metrics(&network).await;
    let families = read(&text);
    let routes: BTreeSet<String> = tongban_api::surface::operations()
        .iter()
        .map(|operation| operation.path.to_owned())
        .chain(["unmatched".to_owned()])
        .collect();
    let mut seen = 0;
    for (_, labels, _) in families.values().flat_map(|family| &family.samples) {
        if let Some(route) = labels.get("route") {
            assert!(routes.contains(route), "{route} is no template");
            seen += 1;
        }
        if let Some(method) = labels.get("method") {
            assert!(["GET", "POST", "other"].contains(&method.as_str()), "{method} was made up");
        }
    }
    assert!(seen > 5, "requests are told apart by their routes");
    assert!(families.values().map(|family| family.samples.len()).sum::<usize>() < 400, "{text}");

    let requests = &families["tongban_http_requests"];
    assert_eq!(requests.value_of("route", "unmatched"), Some(40.0));
    assert_eq!(requests.value_of("method", "other"), Some(40.0));
    assert_eq!(families["tongban_submissions"].value_of("outcome", "applied"), Some(1.0));
    assert_eq!(families["tongban_submissions"].value_of("outcome", "evidence.exists"), Some(1.0));
    assert_eq!(families["tongban_receipts"].value(), 2.0);
    assert!(families["tongban_height"].value() >= 1.0);
    assert_eq!(families["tongban_ready"].value(), 1.0);
    assert_eq!(families["tongban_http_requests_open"].value(), 1.0, "the one that asks");
    let head_age_seconds = families["tongban_head_age_seconds"].value();
    assert!((0.0..60.0).contains(&head_age_seconds), "{head_age_seconds}");
    assert!(families["tongban_process_resident_memory_bytes"].value() > 1e6);
    assert!(families["tongban_process_open_files"].value() > 3.0);
    assert!(families["tongban_disk_free_bytes"].value() > 0.0);
    assert!(families["tongban_index_lag_blocks"].value() >= 0.0);
    assert!(families.contains_key("tongban_stage_cpu_seconds"));
    assert_eq!(families["tongban_build"].value_of("version", env!("CARGO_PKG_VERSION")), Some(1.0));

    // Counters only grow.
    let later = read(&metrics(&network).await);
    for (name, family) in families.iter().filter(|(_, family)| family.kind == "counter") {
        for (end, labels, value) in &family.samples {
            let now = later[name].samples.iter().find(|(other, its, _)| other == end && its == labels);
            assert!(now.is_some_and(|(_, _, now)| now >= value), "{name} {labels:?}");
        }
    }

    // What the alerts ask for is there.
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/prometheus/alerts.yml");
    let alerts = std::fs::read_to_string(deploy).expect("the alerts");
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let named: BTreeSet<&str> =
        alerts.split(|letter: char| !is_of_name(letter)).filter(|word| word.starts_with("tongban_")).collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        let family = name.strip_suffix("_total").unwrap_or(name);
        assert!(families.contains_key(family), "the alerts ask for {name}, which no node has");
    }
}

/// A collector that takes what it gets; the bodies of its requests.
fn collector() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let taken = Arc::new(Mutex::new(Vec::new()));
    let all = taken.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let all = all.clone();
            std::thread::spawn(move || {
                let _ = connection.set_read_timeout(Some(Duration::from_millis(500))); // the exporter keeps it open
                let mut buffer = [0; 16 * 1024];
                while let Ok(length @ 1..) = connection.read(&mut buffer) {
                    all.lock().expect("no panic under the lock").extend_from_slice(&buffer[..length]);
                    if length < buffer.len() {
                        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"); // it may have gone
                    }
                }
            });
        }
    });
    (address, taken)
}

fn holds(bytes: &Mutex<Vec<u8>>, word: &str) -> bool {
    let bytes = bytes.lock().expect("no panic under the lock");
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_leaves_one_line_and_one_span_and_no_secret() {
    let (address, taken) = collector();
    let mut network = Network::new(1, Suite::Intl);
    network.configure(0, |table| {
        table.insert("log_json".into(), true.into());
        table.insert("otlp".into(), format!("http://{address}").into());
    });
    network.start(0);
    network.wait_until_ready(0).await;
    let base = network.client(0).base().to_owned();
    let mut request = http().post(format!("{base}/v1/queries?token=in-the-address"));
    request = request.header("x-request-id", "clerk-7.case_9").header("authorization", "Bearer in-the-header");
    let response = request.body("in-the-body").send().await.expect("an answer");
    assert_eq!(response.headers()["x-request-id"], "clerk-7.case_9");
    for odd in ["", "with space", "a/b", "quote\"", &"x".repeat(65)] {
        let response =
            http().get(format!("{base}/v1/status")).header("x-request-id", odd).send().await.expect("an answer");
        let made = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        assert!(made != odd && made.len() > 16, "{odd:?} becomes {made}");
    }

    let lines = || -> Vec<serde_json::Value> {
        network.log(0).lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    };
    let of_request: Vec<serde_json::Value> =
        lines().into_iter().filter(|line| line["request"] == "clerk-7.case_9").collect();
    assert_eq!(of_request.len(), 1, "{of_request:?}");
    let line = &of_request[0];
    let expect = [
        ("message", "request".into()),
        ("method", "POST".into()),
        ("route", "/v1/queries".into()),
        ("status", serde_json::Value::from(response_status(&line["status"]))),
        ("who", "anonymous".into()),
        ("level", "INFO".into()),
    ];
    for (field, value) in expect {
        assert_eq!(line[field], value, "{line}");
    }
    assert!(line["millis"].is_u64() && line["timestamp"].is_string(), "{line}");
    assert!(lines().iter().any(|line| line["message"] == "the node runs" && line["network"].is_string()));

    wait_for("the collector has the span", || async { holds(&taken, "clerk-7.case_9") }, || network.log(0)).await;
    assert!(holds(&taken, "/v1/traces") && holds(&taken, "/v1/queries") && holds(&taken, "anonymous"));
    for secret in ["in-the-body", "in-the-address", "in-the-header"] {
        assert!(!network.log(0).contains(secret), "{secret} is in the log");
        assert!(!holds(&taken, secret), "{secret} is in a trace");
    }
    assert_eq!(network.terminate(0).await.code(), Some(0));
    assert!(network.log(0).contains("\"stopped\""), "the end is logged too");
}

/// The query cannot be read, which is the caller's to mend.
fn response_status(status: &serde_json::Value) -> u64 {
    let status = status.as_u64().expect("a number");
    assert!((400..500).contains(&status), "{status}");
    status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_gone_or_silent_costs_the_node_nothing() {
    let gone = TcpListener::bind(("127.0.0.1", 0)).expect("a free port").local_addr().expect("an address");
    // Accepts by its backlog, and never answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    for address in [gone, silent.local_addr().expect("an address")] {
        let mut network = Network::new(1, Suite::Intl);
        network.configure(0, |table| drop(table.insert("otlp".into(), format!("http://{address}").into())));
        network.start(0);
        network.wait_until_ready(0).await;
        let base = network.client(0).base().to_owned();
        let began = Instant::now();
        for _ in 0..200 {
            let answer = http().get(format!("{base}/health")).send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no request waits for the collector");
        let began = Instant::now();
        assert_eq!(network.terminate(0).await.code(), Some(0), "{}", network.log(0));
        assert!(began.elapsed() < Duration::from_secs(25), "the end waits a little, not for ever");
    }
    let network = Network::new(1, Suite::Intl);
    network.configure(0, |table| drop(table.insert("otlp".into(), "collector:4318".into())));
    let config = network.config(0).display().to_string();
    let (code, _, error) = run(&["node", "--config", &config], Path::new("."));
    assert_eq!(code, 1);
    assert!(error.contains("otlp must be an address"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_shows_one_node_or_who_is_behind() {
    let mut network = Network::new(2, Suite::Intl);
    network.start_all();
    network.wait_until_ready(0).await;
    network.wait_until_ready(1).await;
    let [first, second] = [0, 1].map(|node| network.client(node).base().to_owned());
    let here = Path::new(".");
    let (code, words, _) = run(&["status", "--node", &first], here);
    assert_eq!(code, 0, "{words}");
    for name in ["ready       yes", "department", "height", "disk free", "uptime", "version"] {
        assert!(words.contains(name), "{words}");
    }
    let (code, report, _) = run(&["status", "--json", "--node", &first], here);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((code, report["ready"].as_bool()), (0, Some(true)));
    assert!(report["head_age_millis"].is_u64() && report["disk_free_bytes"].is_u64(), "{report}");

    let (code, table, _) = run(&["status", "--node", &first, "--node", &second], here);
    assert_eq!((code, table.lines().count()), (0, 3), "{table}");
    let (code, report, _) = run(&["status", "--json", "--node", &format!("{first},{second}")], here);
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((code, report.as_array().map(Vec::len)), (0, Some(2)));

    network.kill(1);
    let (code, table, error) = run(&["status", "--node", &first, "--node", &second], here);
    assert_eq!(code, 1);
    assert!(table.contains("cannot be reached") && error.contains("not ready"), "{table}{error}");
    assert_eq!(run(&["status", "--node", &second], here).0, 1);
}
