//! Bodies: how much memory they may take, and how strictly they are read.

use super::idempotency::submission;
use super::support::{Running, Setting, answer, code, http, wait_for};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tongban_api::surface::Scope;

/// Bytes of the longest body in these tests.
const BODY_BYTES_MAX: usize = 4_000;

/// A question with a body of so many bytes from an address, of which the last are not sent yet.
async fn begin(running: &Running, from: u8, length: usize, sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.expect("a connection");
    let head = format!(
        "POST /v1/queries HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.{from}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    stream.write_all(&question(length)[..sent]).await.expect("it is taken");
    stream
}

fn question(length: usize) -> Vec<u8> {
    let mut question = vec![b' '; length];
    question[..2].copy_from_slice(b"{}");
    question
}

#[tokio::test]
async fn bodies_of_all_take_no_more_memory_than_there_is_and_those_of_one_no_more_than_a_share() {
    let mut setting = Setting::new();
    setting.border.body_bytes_max = BODY_BYTES_MAX;
    setting.border.bodies_bytes_max = 4 * BODY_BYTES_MAX;
    setting.border.trusted_proxies = vec!["127.0.0.1".parse().expect("a range")];
    let running = setting.start().await;
    let ask = |from: u8, length: usize| {
        let request = http().post(running.url("/v1/queries")).header("content-type", "application/json");
        request.header("x-forwarded-for", format!("192.0.2.{from}")).body(question(length))
    };
    // A length that is only claimed takes nothing.
    let mut claimed = Vec::new();
    for _ in 0..8 {
        claimed.push(begin(&running, 9, BODY_BYTES_MAX, 0).await);
    }
    assert_eq!(answer(ask(9, BODY_BYTES_MAX)).await.0, 200);
    let mut held = Vec::new();
    for from in 1..=4 {
        held.push(begin(&running, from, BODY_BYTES_MAX, BODY_BYTES_MAX - 100).await);
        // It has arrived where the one who sends it has no room for another.
        wait_for("a body is held", || async { code(ask(from, 1_000)).await == (429, "api.rate".to_owned()) }).await;
    }
    let refused = ask(5, 1_000).send().await.expect("an answer");
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (503, b"1".as_slice()));
    assert_eq!(refused.json::<serde_json::Value>().await.expect("a problem")["code"], "api.busy");
    assert_eq!(answer(http().get(running.url("/v1/status"))).await.0, 200, "what has no body needs no room");
    // The first is sent to its end and answered.
    let mut first = held.remove(0);
    first.write_all(&[b' '; 100]).await.expect("it is taken");
    let mut said = vec![0; 1_000];
    let length = first.read(&mut said).await.expect("an answer");
    assert!(said[..length].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said[..length]));
    assert_eq!(answer(ask(5, 3_000)).await.0, 200);
    assert_eq!(answer(ask(1, 3_000)).await.0, 200);
    // Whoever goes away gives room back too.
    held.clear();
    wait_for("all are gone", || async { answer(ask(2, BODY_BYTES_MAX)).await.0 == 200 }).await;
}

#[tokio::test]
async fn a_body_is_held_until_its_request_is_answered() {
    let mut setting = Setting::new();
    setting.border.body_bytes_max = 300; // one transaction, not two
    setting.border.bodies_bytes_max = 0;
    let gate = Arc::new(Notify::new());
    setting.node.gate = std::sync::Mutex::new(Some(gate.clone()));
    let running = setting.start().await;
    let first = tokio::spawn(submission(&running).send());
    wait_for("the first is being served", || async { running.node.submissions.load(Ordering::SeqCst) == 1 }).await;
    assert_eq!(code(submission(&running)).await, (429, "api.rate".to_owned()));
    gate.notify_one();
    assert_eq!(first.await.expect("it ends").expect("an answer").status(), 200);
    gate.notify_one();
    assert_eq!(answer(submission(&running)).await.0, 200);
    // A caller that goes away does not end a request with a key, so its body stays too.
    let keyed = || submission(&running).header("idempotency-key", "k");
    let left = tokio::spawn(keyed().send());
    wait_for("the third is being served", || async { running.node.submissions.load(Ordering::SeqCst) == 3 }).await;
    left.abort();
    assert_eq!(code(submission(&running)).await, (429, "api.rate".to_owned()));
    gate.notify_one();
    wait_for("the answer is kept", || async { answer(keyed()).await.0 == 200 }).await;
    assert_eq!(running.node.submissions.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_is_no_json_has_its_code_at_every_address_that_reads_json() {
    let running = Setting::new().start().await;
    let (token, _) = running.token(&[Scope::Admin, Scope::Webhooks, Scope::Read]).await;
    let send = |method: Method, path: &str, body: &str| {
        let request = http().request(method, running.url(path)).bearer_auth(&token);
        request.header("content-type", "application/json").body(body.to_owned())
    };
    let new = json!({ "url": "https://example.org/" }).to_string();
    let (status, made) = answer(send(Method::POST, "/v1/webhooks", &new)).await;
    assert_eq!(status, 201, "{made}");
    let webhook = format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().expect("an id"));
    let secret = format!("{webhook}/secret");
    for (method, path, twice) in [
        (Method::POST, "/v1/tokens", r#"{"label":"a","label":"a","scopes":["read"]}"#),
        (Method::POST, "/v1/webhooks", r#"{"url":"https://example.org/","url":"https://example.org/"}"#),
        (Method::PATCH, &*webhook, r#"{"active":true,"active":true}"#),
        (Method::POST, &*secret, r#"{"overlap_seconds":1,"overlap_seconds":1}"#),
        (Method::POST, "/v1/transactions/prepare", r#"{"calls":[],"calls":[]}"#),
    ] {
        for body in ["", "{\"a\":", "{} {}", "[1,]", "{\"a\":\"\\ud800\"}", "\u{feff}{}", "{\"surprise\":tru}"] {
            let refused = code(send(method.clone(), path, body)).await;
            assert_eq!(refused, (400, "api.not_json".to_owned()), "{path}: {body}");
        }
        for body in ["[]", "[true]", "7", "null", "{\"surprise\":1}", twice] {
            let refused = code(send(method.clone(), path, body)).await;
            assert_eq!(refused, (422, "api.malformed".to_owned()), "{path}: {body}");
        }
    }
}
