//! Requests of every kind: pages, tags, and what is refused before a handler sees it.

use crate::node::{Served, account, limits};
use futures::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tongban_api::{Client, Interest, ReceiptPage};

async fn get(served: &Served, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.get(format!("{}{path}", served.base));
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .send()
        .await
        .expect("an answer")
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn pages_are_stable_and_a_cursor_leads_on_even_where_nothing_is_yet() {
    let served = Served::begin(limits()).await;
    for _ in 0..5 {
        served.node.apply(account(1), &[json!({ "evidence": { "registered": {} } })]);
    }
    let client = served.client();
    let numbers = |page: &ReceiptPage| page.receipts.iter().map(|each| each.receipt.number).collect::<Vec<_>>();
    let first: ReceiptPage = client.get("/v1/receipts?limit=3").await.expect("a page");
    assert_eq!((numbers(&first), first.has_more), (vec![0, 1, 2], true));
    let second = client.receipt_page(Some(&first.next)).await.expect("a page");
    assert_eq!((numbers(&second), second.has_more), (vec![3, 4], false));
    let end = client.receipt_page(Some(&second.next)).await.expect("a page");
    assert_eq!((numbers(&end), &end.next, end.has_more), (vec![], &second.next, false));
    served.node.apply(account(1), &[]);
    let later = client.receipt_page(Some(&end.next)).await.expect("a page");
    assert_eq!(numbers(&later), [5]);
    let all: Vec<u64> = client.receipts(2).map(|each| each.expect("a receipt").receipt.number).collect().await;
    assert_eq!(all, [2, 3, 4, 5]);
    served.stop().await;
}

#[tokio::test]
async fn what_has_a_tag_is_not_sent_twice() {
    let served = Served::begin(limits()).await;
    served.node.apply(account(1), &[]);
    for (path, keep) in [
        ("/v1/receipts/0", "private, max-age=31536000, immutable"),
        ("/v1/receipts", "private, no-cache"),
        ("/v1/genesis", "private, max-age=31536000, immutable"),
        ("/v1/openapi.json", "private, no-cache"),
        ("/v1/modules", "private, no-cache"),
        ("/v1/proofs/receipts/0", "private, no-cache"),
        ("/v1/receipts/0/slip", "private, no-cache"),
        ("/docs", "private, no-cache"),
        ("/docs/swagger-ui.css", "private, no-cache"),
    ] {
        let first = get(&served, path, &[]).await;
        assert_eq!((first.status(), header(&first, "cache-control")), (StatusCode::OK, keep), "{path}");
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: {tag}");
        let again = get(&served, path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status(), header(&again, "etag")), (StatusCode::NOT_MODIFIED, &*tag), "{path}");
        assert!(again.bytes().await.expect("a body").is_empty(), "{path}");
        let other = get(&served, path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status(), StatusCode::OK, "{path}");
    }
    // A page that has grown has another tag.
    let tag = header(&get(&served, "/v1/receipts", &[]).await, "etag").to_owned();
    served.node.apply(account(1), &[]);
    assert_eq!(get(&served, "/v1/receipts", &[("if-none-match", &tag)]).await.status(), StatusCode::OK);
    served.stop().await;
}

#[tokio::test]
async fn an_answer_of_a_question_has_the_tag_of_its_height() {
    let served = Served::begin(limits()).await;
    served.node.apply(account(1), &[]);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.post(format!("{}/v1/queries", served.base)).json(&json!({}));
    let response = request.send().await.expect("an answer");
    assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, "W/\"1\""));
    served.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_a_problem_that_says_how() {
    let served = Served::begin(limits()).await;
    let cases: Vec<(Method, &str, &str, &str, u16, &str)> = vec![
        (Method::GET, "/v1/nothing", "", "", 404, "api.no_such_route"),
        (Method::GET, "/v1/receipts/", "", "", 404, "api.no_such_route"),
        (Method::DELETE, "/v1/receipts", "", "", 405, "api.method"),
        (Method::TRACE, "/v1/receipts", "", "", 405, "api.method"),
        (Method::OPTIONS, "/v1/queries", "", "", 405, "api.method"),
        (Method::GET, "/v1/receipts?page=2", "", "", 422, "api.unknown_parameter"),
        (Method::GET, "/v1/status?x=1", "", "", 422, "api.unknown_parameter"),
        (Method::GET, "/v1/receipts?limit=0", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts?limit=101", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts?limit=1&limit=2", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts?cursor=r1zz", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts?cursor=r100000000000000AA", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts?cursor=r155614740668ad266&from=null", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts/%FF", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts/007", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts/7", "", "", 404, "receipt.not_found"),
        (Method::GET, "/v1/receipts/007/slip", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/receipts/1/slip", "", "", 409, "slip.no_events"),
        (Method::GET, "/v1/receipts/2/slip", "", "", 409, "slip.needs_bundle"),
        (Method::GET, "/v1/receipts/3/slip", "", "", 409, "slip.too_large"),
        (Method::GET, "/v1/receipts/4/slip", "", "", 503, "node.not_provable_yet"),
        (Method::GET, "/v1/receipts/7/slip", "", "", 404, "node.not_found"),
        (Method::GET, "/v1/modules/weather", "", "", 404, "api.no_such_module"),
        (Method::GET, "/v1/proofs/records/a/b", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/proofs/records/A/b?key=", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/proofs/records/a/null%2Cnull?key=", "", "", 422, "api.malformed"),
        (Method::GET, "/v1/proofs/records/a/b?key=F", "", "", 422, "api.malformed"),
        (Method::POST, "/v1/transactions", "text/plain", "{}", 415, "api.content_type"),
        (Method::POST, "/v1/transactions", "application/json", "{}", 422, "tx.malformed"),
        (Method::POST, "/v1/transactions", "application/octet-stream", "{}", 422, "tx.malformed"),
        (Method::POST, "/v1/transactions/prepare", "application/json", "{\"a\":", 400, "api.not_json"),
        (Method::POST, "/v1/queries", "", "{}", 415, "api.content_type"),
    ];
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (method, path, content_type, body, status, code) in cases {
        let mut request = http.request(method.clone(), format!("{}{path}", served.base)).body(body);
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let response = request.send().await.expect("an answer");
        let name = format!("{method} {path}");
        assert_eq!(response.status().as_u16(), status, "{name}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{name}");
        assert_eq!(header(&response, "allow").is_empty(), status != 405, "{name}");
        let problem: Value = response.json().await.expect("a problem");
        assert_eq!(problem["code"], code, "{name}: {problem}");
        assert_eq!(problem["status"], status, "{name}");
        assert!(problem["how"].as_str().is_some_and(|how| !how.is_empty()), "{name}");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let served = Served::begin(limits()).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let body = vec![0; limits().body_bytes_max + 1];
    let request = http.post(format!("{}/v1/transactions", served.base)).body(body);
    let response = request.header("content-type", "application/octet-stream").send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(response.json::<Value>().await.expect("a problem")["code"], "api.body_too_large");
    served.stop().await;
}

#[tokio::test]
async fn a_client_keeps_the_problem() {
    let served = Served::begin(limits()).await;
    let client = served.client();
    let error = client.module("weather").await.expect_err("there is none");
    let tongban_api::ClientError::Refused(problem) = error else { panic!("not a refusal: {error}") };
    assert_eq!((&*problem.code, problem.status), ("api.no_such_module", 404));
    assert!(client.receipt_by_number(9).await.expect("an answer").is_none());
    served.stop().await;
}

/// The head of the first request that somebody sends.
async fn head_of_a_request(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head to its end"));
    }
    String::from_utf8(head).expect("text")
}

#[tokio::test]
async fn a_client_sends_its_token_with_every_request_and_prints_it_nowhere() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let client = Client::builder(base).token("secret").build().expect("a client");
    let (head, _) = tokio::join!(head_of_a_request(&listener), client.status());
    assert!(head.contains("authorization: Bearer secret\r\n"), "{head}");
    let mut events = client.events(Interest::default());
    let streaming = tokio::spawn(async move { events.next().await.is_some() });
    let head = head_of_a_request(&listener).await;
    assert!(head.starts_with("GET /v1/stream HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer secret\r\n"), "{head}");
    streaming.abort();
    assert!(!format!("{client:?}").contains("secret"), "tokens are not printed");
    assert!(Client::builder("http://127.0.0.1:1").token("a\nb").build().is_err(), "no header can hold it");
}
