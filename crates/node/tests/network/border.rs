//! The border of a real node: a token made on the command line while it runs, a webhook that is told of what becomes final, and the end of
//! both.

use crate::support::{Network, register, run, wait_for};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tongban_types::{Outcome, Suite};

type Arrived = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn receive(State(arrived): State<Arrived>, headers: HeaderMap, body: Bytes) -> StatusCode {
    arrived.lock().expect("not poisoned").push((headers, body));
    StatusCode::NO_CONTENT
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_a_webhook_and_their_end() {
    let mut network = Network::new(1, Suite::Sm);
    let config = network.config(0);
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let allowed = ["webhook_private_addresses", "webhook_plain_http"].iter().fold(text, |text, key| {
        assert!(text.contains(&format!("{key} = false")), "{text}");
        text.replace(&format!("{key} = false"), &format!("{key} = true"))
    });
    std::fs::write(&config, allowed).expect("a configuration");
    network.start_all();
    network.wait_until_ready(0).await;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let arrived = Arrived::default();
    let app = Router::new().route("/hook", post(receive)).with_state(arrived.clone());
    let receiver = tokio::spawn(async move { axum::serve(listener, app).await });

    let (folder, node) = (network.folder.path(), network.client(0).base().to_owned());
    let config = config.to_str().expect("text");
    let create = ["token", "create", "--config", config, "--label", "test", "--scope", "webhooks", "--scope", "read"];
    let (status, token, told) = run(&create, folder);
    assert_eq!(status, 0, "{told}");
    let token = token.trim();
    let webhook =
        |arguments: &[&str]| run(&[&["webhook", "--node", &node, "--token", token], arguments].concat(), folder);
    let (status, secret, told) = webhook(&["add", &url, "--module", "evidence"]);
    assert_eq!(status, 0, "{told}");
    let secret = STANDARD.decode(secret.trim().strip_prefix("whsec_").expect("a secret")).expect("base64");
    let id = told.split_whitespace().next().expect("an identifier").to_owned();

    let signer = network.signer("depositor");
    let tx = signer.sign(&[register(&signer, &network.genesis, 1)]).expect("a transaction");
    let receipt = network.client(0).submit(&tx).await.expect("a receipt");
    assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{receipt:?}");
    wait_for("the event arrives", || async { !arrived.lock().expect("not poisoned").is_empty() }, String::new).await;
    let (headers, body) = arrived.lock().expect("not poisoned").remove(0);
    let header = |name: &str| headers[name].to_str().expect("text");
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("a key");
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&body);
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body["type"].as_str().and_then(|kind| kind.split_once('.')).map(|(module, _)| module), Some("evidence"));
    assert_eq!(body["data"]["receipt"], receipt.number);
    assert_eq!(body["data"]["account"], signer.account().to_string());
    let delivered = || async { webhook(&["deliveries", &id, "--state", "delivered"]).1.contains(header("webhook-id")) };
    wait_for("the delivery is noted", delivered, String::new).await;

    let (status, _, told) = run(&["token", "revoke", &token[3..19], "--config", config], folder);
    assert_eq!(status, 0, "{told}");
    let (status, _, told) = webhook(&["list"]);
    assert!(status == 1 && told.contains("api.token_revoked"), "{told}");
    // Commands that publish and import present their token, too.
    let item = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/items/residence.yaml");
    let key = folder.join("accounts/publisher.key.json");
    let key = key.to_str().expect("text");
    let (status, _, told) =
        run(&["catalogue", "publish", item, "--node", &node, "--token", token, "--key", key], folder);
    assert!(status == 1 && told.contains("api.token_revoked"), "{told}");
    let (_, listed, _) = run(&["token", "list", "--config", config], folder);
    assert!(listed.contains("revoked") && !listed.contains(token), "{listed}");
    receiver.abort();
}
