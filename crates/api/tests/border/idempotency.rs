//! Repeats of a request: one effect, one answer.

use super::support::{Running, Setting, answer, code, http, wait_for};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Notify;
use tongban_api::surface::Scope;
use tongban_types::{AccountId, Digest, List, PublicKey, RequestId, Signature, SignedTx, Time, Tx, codec};

/// A transaction that the imitated node takes.
pub fn submission(running: &Running) -> reqwest::RequestBuilder {
    submission_of(running, 3)
}

fn submission_of(running: &Running, request_id: u8) -> reqwest::RequestBuilder {
    let tx = Tx {
        network: Digest([0; 32]),
        account: AccountId([2; AccountId::BYTES]),
        key: PublicKey::new(vec![0; 32]).expect("a key"),
        request_id: RequestId([request_id; RequestId::BYTES]),
        not_after: Time::MAX,
        calls: List::default(),
    };
    let body = codec::encode(&SignedTx { tx, signature: Signature([0; 64]) });
    let request = http().post(running.url("/v1/transactions"));
    request.header("content-type", "application/octet-stream").body(body)
}

#[tokio::test]
async fn a_token_is_made_once_and_its_secret_is_not_kept() {
    let running = Setting::new().start().await;
    let (admin, _) = running.token(&[Scope::Admin, Scope::Read]).await;
    let (other, _) = running.token(&[Scope::Admin, Scope::Read]).await;
    let create = |admin: &str, key: &str, label: &str| {
        let request = http().post(running.url("/v1/tokens")).bearer_auth(admin).header("idempotency-key", key);
        request.json(&json!({ "label": label, "scopes": ["read"] }))
    };
    let (status, first) = answer(create(&admin, "\"k1\"", "a")).await;
    assert_eq!((status, first["secret"].is_string()), (201, true));
    let repeat = create(&admin, "k1", "a").send().await.expect("an answer");
    assert_eq!(repeat.status(), 201);
    assert_eq!(repeat.headers()["idempotency-replayed"], "true");
    assert_eq!(repeat.headers()["content-type"], "application/json");
    let repeat: serde_json::Value = repeat.json().await.expect("JSON");
    assert_eq!((&repeat["token"], &repeat["secret"]), (&first["token"], &serde_json::Value::Null));
    assert_eq!(code(create(&admin, "k1", "b")).await, (422, "api.idempotency_key_reused".to_owned()));
    let (status, others) = answer(create(&other, "k1", "a")).await;
    assert_eq!(status, 201);
    assert_ne!(others["token"]["id"], first["token"]["id"], "another caller's key is another key");
    assert_eq!(running.store.tokens(None, 100).await.expect("a store").len(), 4);
    for key in ["", "\"\"", "a b", &"k".repeat(129), "ä"] {
        let request = http().post(running.url("/v1/tokens")).bearer_auth(&admin);
        let request =
            request.header("idempotency-key", key.as_bytes()).json(&json!({ "label": "a", "scopes": ["read"] }));
        assert_eq!(code(request).await, (400, "api.idempotency_key_malformed".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn a_transaction_is_answered_the_same_again() {
    let running = Setting::new().start().await;
    let send = |id: u8| submission_of(&running, id).header("idempotency-key", "k");
    let (status, first) = answer(send(3)).await;
    assert_eq!(status, 200, "{first}");
    assert_eq!(answer(send(3)).await, (200, first));
    assert_eq!(running.node.submissions.load(Ordering::SeqCst), 1, "it was submitted once");
    assert_eq!(code(send(4)).await, (422, "api.idempotency_key_reused".to_owned()));
    answer(submission_of(&running, 3)).await;
    assert_eq!(running.node.submissions.load(Ordering::SeqCst), 2, "without the key it is submitted again");
}

#[tokio::test]
async fn a_second_request_does_not_overtake_the_first_and_a_caller_that_leaves_loses_nothing() {
    let mut setting = Setting::new();
    let gate = Arc::new(Notify::new());
    setting.node.gate = std::sync::Mutex::new(Some(gate.clone()));
    let running = setting.start().await;
    let send = || submission(&running).header("idempotency-key", "k");
    let first = tokio::spawn(send().send());
    wait_for("the first is being worked on", || async { running.node.submissions.load(Ordering::SeqCst) == 1 }).await;
    assert_eq!(code(send()).await, (409, "api.idempotency_key_in_use".to_owned()));
    first.abort(); // the caller goes away
    gate.notify_one();
    wait_for("the answer is kept", || async { answer(send()).await.0 == 200 }).await;
    assert_eq!(running.node.submissions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_says_later_is_not_kept() {
    let running = Setting::new().start().await;
    let (admin, _) = running.token(&[Scope::Admin, Scope::Read]).await;
    let send = |body: serde_json::Value| {
        let request = http().post(running.url("/v1/tokens")).bearer_auth(&admin).header("idempotency-key", "k");
        request.json(&body)
    };
    // What is wrong stays wrong and is answered the same, also under the key.
    let wrong = json!({ "label": "a", "scopes": ["submit"] });
    assert_eq!(code(send(wrong.clone())).await.0, 403);
    let again = send(wrong).send().await.expect("an answer");
    assert_eq!((again.status().as_u16(), again.headers().contains_key("idempotency-replayed")), (403, true));
    // Reading takes no key.
    let read = http().post(running.url("/v1/queries")).header("idempotency-key", "k").json(&json!({}));
    assert_eq!(answer(read).await.0, 200);
    let read = http().post(running.url("/v1/queries")).header("idempotency-key", "k").json(&json!({ "other": 1 }));
    assert_eq!(answer(read).await.0, 200);
}
