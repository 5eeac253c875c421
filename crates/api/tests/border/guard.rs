//! Who is let in: every operation, every scope, every state of a token, and how often.

use super::support::{Setting, answer, code, http};
use reqwest::Method;
use serde_json::json;
use strum::IntoEnumIterator as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tongban_api::surface::{Scope, operations};
use tongban_types::Time;

/// Codes by which the border says no.
const REFUSALS: [&str; 2] = ["api.token_missing", "api.scope"];

#[tokio::test]
async fn every_operation_needs_its_scope_and_no_other() {
    for anonymous in [vec![], vec![Scope::Read, Scope::Submit]] {
        let mut setting = Setting::new();
        setting.border.anonymous = anonymous.clone();
        let running = setting.start().await;
        let mut callers = vec![(None, None)];
        for scope in Scope::iter() {
            callers.push((Some(scope), Some(running.token(&[scope]).await.0)));
        }
        for operation in operations() {
            let path = operation.path.replace('{', "").replace(['}', '*'], "");
            for (scope, token) in &callers {
                let request = http().request(operation.method.clone(), running.url(&path));
                let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
                let response = request.send().await.expect("an answer");
                let status = response.status().as_u16();
                // What is let in may be refused for another reason, or go on for ever: only refusals are read.
                let code = match status {
                    401 | 403 => response.json::<serde_json::Value>().await.expect("JSON")["code"].clone(),
                    _ => serde_json::Value::Null,
                };
                let is_refused = code.as_str().is_some_and(|code| REFUSALS.contains(&code));
                let may = operation.scope == Scope::Open
                    || anonymous.contains(&operation.scope)
                    || *scope == Some(operation.scope);
                assert_eq!(
                    !is_refused, may,
                    "{} by {scope:?} with {anonymous:?} for all: {status} {code}",
                    operation.id
                );
                if is_refused {
                    let expected = if token.is_none() { (401, REFUSALS[0]) } else { (403, REFUSALS[1]) };
                    assert_eq!((status, code.as_str()), (expected.0, Some(expected.1)), "{}", operation.id);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_no_route_knows_is_not_found_and_what_no_method_knows_is_guarded() {
    let mut setting = Setting::new();
    setting.border.anonymous = Vec::new();
    let running = setting.start().await;
    assert_eq!(code(http().get(running.url("/v1/nowhere"))).await, (404, "api.no_such_route".to_owned()));
    assert_eq!(code(http().delete(running.url("/v1/status"))).await.0, 401);
    let (reader, _) = running.token(&[Scope::Read]).await;
    let wrong_method = http().delete(running.url("/v1/status")).bearer_auth(reader);
    assert_eq!(code(wrong_method).await, (405, "api.method".to_owned()));
}

#[tokio::test]
async fn a_token_that_does_not_let_in_says_why() {
    let running = Setting::new().start().await;
    let (good, _) = running.token(&[Scope::Read]).await;
    let (revoked, id) = running.token(&[Scope::Read]).await;
    let (expired, _) = running
        .token_with(&[Scope::Read], |new| new.expires_at = Some(Time::from_millis(2_000).expect("a time")))
        .await;
    let elsewhere = ["192.0.2.0/24".parse().expect("a range")];
    let (elsewhere, _) = running.token_with(&[Scope::Read], |new| new.addresses = elsewhere.to_vec()).await;
    let (here, _) =
        running.token_with(&[Scope::Read], |new| new.addresses = vec!["127.0.0.1".parse().expect("a range")]).await;
    let stranger = Setting::new().start().await;
    let (unknown, _) = stranger.token(&[Scope::Read]).await;
    running.store.revoke_token(id, Time::MAX).await.expect("a store");
    let mut typo = good.clone();
    typo.pop();
    let missing_prefix = good.trim_start_matches("tb_").to_owned();
    for (header, expected) in [
        (format!("Bearer {good}"), (200, "")),
        (format!("bearer {here}"), (200, "")),
        (format!("Bearer {revoked}"), (401, "api.token_revoked")),
        (format!("Bearer {expired}"), (401, "api.token_expired")),
        (format!("Bearer {elsewhere}"), (403, "api.token_address")),
        (format!("Bearer {unknown}"), (401, "api.token_unknown")),
        (format!("Bearer {typo}"), (401, "api.token_malformed")),
        (format!("Bearer {missing_prefix}"), (401, "api.token_malformed")),
        ("Bearer".to_owned(), (401, "api.token_malformed")),
        ("Basic YTpi".to_owned(), (401, "api.token_malformed")),
    ] {
        let response =
            http().get(running.url("/v1/status")).header("authorization", &header).send().await.expect("an answer");
        let challenge =
            response.headers().get("www-authenticate").is_some_and(|value| value.as_bytes().starts_with(b"Bearer"));
        assert_eq!(challenge, expected.0 == 401, "{header}");
        let status = response.status().as_u16();
        let body: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!((status, body["code"].as_str().unwrap_or_default()), expected, "{header}");
        let secret = header.split_once("tb_").map_or(&*header, |(_, secret)| secret);
        assert!(!body.to_string().contains(secret), "a token is never repeated");
    }
    let twice =
        http().get(running.url("/v1/status")).header("authorization", "Bearer a").header("authorization", "Bearer b");
    assert_eq!(code(twice).await, (401, "api.token_malformed".to_owned()));
}

#[tokio::test]
async fn a_revoked_token_ends_with_the_next_request() {
    let mut setting = Setting::new();
    setting.border.anonymous = Vec::new();
    let running = setting.start().await;
    let (token, id) = running.token(&[Scope::Read]).await;
    let read = || http().get(running.url("/v1/status")).bearer_auth(&token);
    assert_eq!(answer(read()).await.0, 200);
    running.store.revoke_token(id, Time::MAX).await.expect("a store");
    assert_eq!(code(read()).await, (401, "api.token_revoked".to_owned()));
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_over_the_interface() {
    let running = Setting::new().start().await;
    let (admin, admin_id) = running.token(&[Scope::Admin, Scope::Read]).await;
    let create = |body: serde_json::Value| http().post(running.url("/v1/tokens")).bearer_auth(&admin).json(&body);
    let (status, made) = answer(create(json!({ "label": "终端", "scopes": ["read"] }))).await;
    assert_eq!(status, 201);
    let (secret, id) = (made["secret"].as_str().expect("a secret"), made["token"]["id"].as_str().expect("an id"));
    assert_eq!(made["token"]["created_by"], admin_id.to_string());
    assert_eq!(answer(http().get(running.url("/v1/status")).bearer_auth(secret)).await.0, 200);
    for (body, expected) in [
        (json!({ "label": "a", "scopes": ["submit"] }), (403, "token.beyond_own")),
        (json!({ "label": "a", "scopes": [] }), (422, "api.malformed")),
        (json!({ "label": "a", "scopes": ["everything"] }), (422, "api.malformed")),
        (json!({ "label": "", "scopes": ["read"] }), (422, "api.malformed")),
        (json!({ "label": "a", "scopes": ["read"], "other": 1 }), (422, "api.malformed")),
        (json!({ "label": "a", "scopes": ["read"], "expires_at": "1980-01-01T00:00:00Z" }), (422, "api.malformed")),
    ] {
        assert_eq!(code(create(body.clone())).await, (expected.0, expected.1.to_owned()), "{body}");
    }
    let get = |path: &str| http().get(running.url(path)).bearer_auth(&admin);
    let (_, listed) = answer(get("/v1/tokens?limit=1")).await;
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(1));
    let (_, rest) = answer(get(&format!("/v1/tokens?after={}", listed["next"].as_str().expect("more")))).await;
    assert_eq!((rest["tokens"].as_array().map(Vec::len), &rest["next"]), (Some(1), &serde_json::Value::Null));
    assert!(!format!("{listed}{rest}").contains("secret"));
    assert_eq!(answer(get(&format!("/v1/tokens/{id}"))).await.1["label"], "终端");
    let revoke =
        |id: &str| http().request(Method::DELETE, running.url(&format!("/v1/tokens/{id}"))).bearer_auth(&admin);
    let (status, revoked) = answer(revoke(id)).await;
    assert_eq!((status, revoked["revoked_at"].is_string()), (200, true));
    assert_eq!(code(http().get(running.url("/v1/status")).bearer_auth(secret)).await.1, "api.token_revoked");
    assert_eq!(code(revoke("0000000000000000")).await, (404, "token.not_found".to_owned()));
    assert_eq!(code(revoke("zz")).await, (422, "api.malformed".to_owned()));
}

#[tokio::test]
async fn a_token_is_revoked_with_those_it_made_where_that_is_asked_for() {
    let running = Setting::new().start().await;
    let (operator, _) = running.token(&[Scope::Admin]).await;
    let made = async |maker: &str, label: &str| {
        let body = json!({ "label": label, "scopes": ["admin"] });
        let (status, made) = answer(http().post(running.url("/v1/tokens")).bearer_auth(maker).json(&body)).await;
        assert_eq!(status, 201);
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        (text(&made["secret"]), text(&made["token"]["id"]))
    };
    let (child, child_id) = made(&operator, "child").await;
    let (grandchild, _) = made(&child, "grandchild").await;
    let (sibling, _) = made(&operator, "sibling").await;
    let revoke = |asked: &str| http().delete(running.url(&format!("/v1/tokens/{asked}"))).bearer_auth(&operator);
    let outcome = async |token: &str| code(http().get(running.url("/v1/tokens")).bearer_auth(token)).await;
    let revoked = (401, "api.token_revoked".to_owned());
    for (asked, is_grandchild_revoked) in [("", false), ("?descendants=false", false), ("?descendants=true", true)] {
        let (status, view) = answer(revoke(&format!("{child_id}{asked}"))).await;
        assert_eq!((status, view["id"].as_str()), (200, Some(&*child_id)), "{asked}");
        assert_eq!(outcome(&child).await, revoked);
        assert_eq!(outcome(&grandchild).await == revoked, is_grandchild_revoked, "{asked}");
        assert_eq!(outcome(&sibling).await.0, 200);
    }
    for (asked, expected) in [
        ("0000000000000000?descendants=true", (404, "token.not_found")),
        (&*format!("{child_id}?descendants=perhaps"), (422, "api.malformed")),
        (&*format!("{child_id}?all=true"), (422, "api.unknown_parameter")),
    ] {
        assert_eq!(code(revoke(asked)).await, (expected.0, expected.1.to_owned()), "{asked}");
    }
}

#[tokio::test]
async fn a_token_that_is_revoked_in_the_middle_of_a_request_makes_none() {
    let running = Setting::new().start().await;
    let (token, id) = running.token(&[Scope::Admin]).await;
    let body = r#"{"label":"late","scopes":["admin"]}"#;
    let mut stream = tokio::net::TcpStream::connect(running.address).await.expect("a connection");
    let head = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    let mut said = [0; 25];
    stream.read_exact(&mut said).await.expect("an answer"); // the token has let it in, and the body is waited for
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.store.revoke_with_descendants(id, Time::MAX).await.expect("a store");
    stream.write_all(body.as_bytes()).await.expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("api.token_revoked"), "{answer}");
    assert_eq!(running.store.tokens(None, 10).await.expect("a store").len(), 1, "none was made");
}

#[tokio::test]
async fn addresses_and_tokens_have_rates_of_their_own() {
    let mut setting = Setting::new();
    setting.border.requests_per_minute = 3;
    setting.border.limit_loopback = true;
    setting.border.trusted_proxies = vec!["127.0.0.1".parse().expect("a range")];
    let running = setting.start().await;
    let get = |from: &str| http().get(running.url("/v1/status")).header("x-forwarded-for", from);
    for left in (0..3).rev() {
        let response = get("192.0.2.1").send().await.expect("an answer");
        let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(response.status(), 200);
        assert_eq!(header("ratelimit-policy"), "\"requests\";q=3;w=60");
        assert!(header("ratelimit").starts_with(&format!("\"requests\";r={left};t=")), "{}", header("ratelimit"));
    }
    let refused = get("192.0.2.1").send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    let retry_after: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=20).contains(&retry_after), "{retry_after}");
    assert_eq!(answer(get("192.0.2.2")).await.0, 200, "another address is another caller");
    let (slow, _) = running.token_with(&[Scope::Read], |new| new.requests_per_minute = Some(1)).await;
    let (free, _) = running.token_with(&[Scope::Read], |new| new.requests_per_minute = Some(0)).await;
    assert_eq!(answer(get("192.0.2.1").bearer_auth(&slow)).await.0, 200);
    assert_eq!(code(get("192.0.2.1").bearer_auth(&slow)).await, (429, "api.rate".to_owned()));
    for _ in 0..10 {
        assert_eq!(answer(get("192.0.2.1").bearer_auth(&free)).await.0, 200);
    }
    // Guessing tokens is counted against the address.
    for _ in 0..3 {
        assert_eq!(code(get("192.0.2.3").bearer_auth("tb_guess")).await.0, 401);
    }
    assert_eq!(code(get("192.0.2.3").bearer_auth("tb_guess")).await, (429, "api.rate".to_owned()));
}

#[tokio::test]
async fn this_machine_is_not_counted_unless_it_is_asked_for() {
    let mut setting = Setting::new();
    setting.border.requests_per_minute = 1;
    let running = setting.start().await;
    for _ in 0..5 {
        assert_eq!(answer(http().get(running.url("/v1/status"))).await.0, 200);
    }
    // Without a trusted proxy the header is anybody's claim and changes no address.
    let claimed = |address: &str| http().get(running.url("/v1/status")).header("x-forwarded-for", address);
    assert_eq!(answer(claimed("192.0.2.1")).await.0, 200);
    // But it says that a proxy passes the request on, and then anybody may have sent it.
    assert_eq!(code(claimed("192.0.2.2")).await, (429, "api.rate".to_owned()));
}

#[tokio::test]
async fn no_bytes_in_a_header_make_a_caller_its_proxy() {
    let mut setting = Setting::new();
    setting.border.requests_per_minute = 2;
    setting.border.trusted_proxies = vec!["127.0.0.1".parse().expect("a range")];
    let running = setting.start().await;
    let (here, _) =
        running.token_with(&[Scope::Read], |new| new.addresses = vec!["127.0.0.1".parse().expect("a range")]).await;
    let forwarded = |bytes: &[u8]| {
        let value = reqwest::header::HeaderValue::from_bytes(bytes).expect("a value");
        http().get(running.url("/v1/status")).header("x-forwarded-for", value)
    };
    // What a client made up stands before what the proxy has seen.
    for written in [&b"\xff, 192.0.2.1"[..], b"127.0.0.1, 192.0.2.1:5678", b"\xe9\xff,[2001:db8::1]:80"] {
        let shown = forwarded(written).bearer_auth(&here);
        assert_eq!(code(shown).await, (403, "api.token_address".to_owned()), "{written:?}");
    }
    // Where the proxy's own entry makes no sense, all its clients share one rate.
    for _ in 0..2 {
        assert_eq!(answer(forwarded(b"\xff")).await.0, 200);
    }
    assert_eq!(code(forwarded(b"unknown")).await, (429, "api.rate".to_owned()));
    assert_eq!(answer(http().get(running.url("/v1/status"))).await.0, 200, "this machine itself is not counted");
}
