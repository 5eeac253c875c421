//! Connections: slow, half-open, many, deaf, and how the server ends.

use super::support::{Running, Setting, answer, code, http};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Short enough for tests, long enough for a machine with much to do.
const SHORT: Duration = Duration::from_millis(400);
/// Nothing here takes longer.
const LONG: Duration = Duration::from_secs(20);

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address).await.expect("a connection")
}

/// All that the server says until it closes the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    // A connection that is reset is closed too.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut said)).await.expect("the server closes the connection");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_connection_without_a_whole_head_is_closed() {
    let mut setting = Setting::new();
    setting.server.head_time_max = SHORT;
    let running = setting.start().await;
    for beginning in ["", "G", "PRI * HTTP/2.0\r\n", "GET /health HTTP/1.1\r\nhost: a\r\n", "\x16\x03\x01"] {
        let mut stream = connect(&running).await;
        stream.write_all(beginning.as_bytes()).await.expect("it is taken");
        let began = Instant::now();
        let said = until_closed(&mut stream).await;
        assert!(!said.contains("200 OK"), "{beginning:?}: {said}");
        assert!(began.elapsed() < LONG / 2);
    }
    assert_eq!(http().get(running.url("/health")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_head_that_drips_does_not_last_longer() {
    let mut setting = Setting::new();
    setting.server.head_time_max = SHORT;
    let running = setting.start().await;
    let mut stream = connect(&running).await;
    let began = Instant::now();
    stream.write_all(b"GET /health HTTP/1.1\r\n").await.expect("it is taken");
    while began.elapsed() < LONG && stream.write_all(b"x-a: b\r\n").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() < LONG / 2, "the server did not close the connection");
}

#[tokio::test]
async fn half_open_connections_give_their_places_back() {
    let mut setting = Setting::new();
    setting.server.connections_max = 4;
    setting.server.head_time_max = SHORT;
    let running = setting.start().await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(connect(&running).await);
    }
    // One too many: it is accepted by the system and closed by the server at once.
    assert_eq!(until_closed(&mut connect(&running).await).await, "");
    for stream in &mut silent {
        until_closed(stream).await;
    }
    assert_eq!(http().get(running.url("/health")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn one_address_has_only_its_share_and_a_trusted_proxy_more() {
    for (trusted, is_served) in [(Vec::new(), false), (vec!["127.0.0.1".parse().expect("a range")], true)] {
        let mut setting = Setting::new();
        setting.server.connections_per_address_max = 2;
        setting.server.trusted_proxies = trusted;
        let running = setting.start().await;
        let _held = [connect(&running).await, connect(&running).await];
        let third = http().get(running.url("/health")).send().await;
        assert_eq!(third.is_ok(), is_served);
    }
}

#[tokio::test]
async fn a_connection_that_asks_nothing_more_is_closed() {
    let mut setting = Setting::new();
    setting.server.idle_time_max = SHORT;
    let running = setting.start().await;
    let mut stream = connect(&running).await;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("it is taken");
    assert!(until_closed(&mut stream).await.contains("200 OK"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let mut setting = Setting::new();
    setting.node.genesis = vec![b' '; 64 * 1024 * 1024]; // more than the buffers of both sides
    setting.server.connections_max = 1;
    setting.server.stall_time_max = SHORT;
    let running = setting.start().await;
    let mut deaf = connect(&running).await;
    deaf.write_all(b"GET /v1/genesis HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("it is taken");
    super::support::wait_for("its place is free", || async {
        http().get(running.url("/health")).send().await.is_ok_and(|response| response.status() == 200)
    })
    .await;
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let mut setting = Setting::new();
    setting.border.body_time_max = SHORT;
    let running = setting.start().await;
    let mut stream = connect(&running).await;
    let head = "POST /v1/queries HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    let said = until_closed(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("api.body_too_slow"), "{said}");
}

#[tokio::test]
async fn a_large_or_deep_body_is_refused() {
    let mut setting = Setting::new();
    setting.border.body_bytes_max = 1_000;
    let running = setting.start().await;
    let post =
        |body: String| http().post(running.url("/v1/queries")).header("content-type", "application/json").body(body);
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(code(post(" ".repeat(1_001))).await, (413, "api.body_too_large".to_owned()));
    assert_eq!(code(post(deep(33))).await, (422, "api.too_deep".to_owned()));
    assert_eq!(answer(post(deep(32))).await.0, 200);
    assert_eq!(answer(post(json!("[".repeat(100)).to_string())).await.0, 200, "brackets in a text are no depth");
    // Without a length that says so beforehand.
    let mut stream = connect(&running).await;
    let head = "POST /v1/queries HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    for _ in 0..20 {
        let _ = stream.write_all(format!("64\r\n{}\r\n", " ".repeat(100)).as_bytes()).await; // refused at some point
    }
    let mut said = vec![0; 1_000];
    let length = stream.read(&mut said).await.expect("an answer");
    assert!(String::from_utf8_lossy(&said[..length]).starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn who_sends_all_of_a_refused_body_still_hears_why() {
    let running = Setting::new().start().await;
    let megabyte = vec![b' '; 1024 * 1024];
    for (path, status, reason) in [("/v1/queries", 413, "api.body_too_large"), ("/v1/tokens", 401, "api.")] {
        let mut stream = connect(&running).await;
        let length = 8 * megabyte.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is taken");
        for _ in 0..8 {
            stream.write_all(&megabyte).await.expect("it is taken");
        }
        let said = until_closed(&mut stream).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")) && said.contains(reason), "{said}");
    }
    // Nobody waits for what a client holds back until it is asked for it.
    let mut stream = connect(&running).await;
    let head = "POST /v1/queries HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    let said = until_closed(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
}

#[tokio::test]
async fn what_is_left_of_a_refused_body_is_taken_within_bounds_and_holds_no_place_for_ever() {
    const CLAIMED: usize = 1 << 30;
    // Beyond the bound there is what the buffers of both sides hold.
    const TAKEN_MAX: usize = 64 * 1024 * 1024;
    let mut setting = Setting::new();
    setting.server.connections_max = 3;
    let running = setting.start().await;
    let refused = async || {
        let mut stream = connect(&running).await;
        let head = format!("POST /v1/queries HTTP/1.1\r\nhost: a\r\ncontent-length: {CLAIMED}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is taken");
        stream
    };
    let silent = async {
        let said = until_closed(&mut refused().await).await;
        assert!(said.starts_with("HTTP/1.1 413") && said.contains("api.body_too_large"), "{said}");
    };
    // Until the connection is closed under them, the others go on sending whatever they are told.
    let dripping = async {
        let (mut stream, began) = (refused().await, Instant::now());
        while stream.write_all(b" ").await.is_ok() {
            assert!(began.elapsed() < LONG, "the server does not close the connection");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let flooding = async {
        let (mut stream, megabyte, mut taken) = (refused().await, vec![b' '; 1024 * 1024], 0);
        while stream.write_all(&megabyte).await.is_ok() {
            taken += megabyte.len();
            assert!(taken <= TAKEN_MAX, "the server takes all of it");
        }
    };
    futures::future::join3(silent, dripping, flooding).await;
    super::support::wait_for("a place is free", || async {
        http().get(running.url("/health")).send().await.is_ok_and(|response| response.status() == 200)
    })
    .await;
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let running = Setting::new().start().await;
    let long = http().get(running.url("/health")).header("x-long", "a".repeat(20_000));
    assert_eq!(long.send().await.expect("an answer").status(), 431);
    let many =
        (0..80).fold(http().get(running.url("/health")), |request, field| request.header(format!("x-{field}"), "a"));
    assert_eq!(many.send().await.expect("an answer").status(), 431);
}

#[tokio::test]
async fn streams_that_are_reset_at_once_end_their_connection() {
    let running = Setting::new().start().await;
    let mut stream = connect(&running).await;
    let frame = |kind: u8, flags: u8, id: u32, payload: &[u8]| {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(id.to_be_bytes());
        frame.extend(payload);
        frame
    };
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[])); // SETTINGS
    for id in (1..4_000).step_by(2) {
        bytes.extend(frame(1, 0x5, id, &[0x82, 0x86, 0x84])); // HEADERS: GET http /
        bytes.extend(frame(3, 0, id, &[0, 0, 0, 8])); // RST_STREAM: CANCEL
    }
    let _ = stream.write_all(&bytes).await; // the server may have closed the connection before the end
    let mut said = Vec::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut said)).await.expect("the server closes the connection");
    // Unless the system has thrown the last words away with the connection, they are GOAWAY: ENHANCE_YOUR_CALM.
    let goaway = said.windows(9).any(|window| window[3..5] == [7, 0]);
    let calm = said.windows(4).any(|window| window == [0, 0, 0, 11]);
    assert!(!said.is_empty() && (!goaway || calm), "{said:?}");
    assert_eq!(http().get(running.url("/health")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn every_answer_has_its_headers_and_its_requests_name() {
    let running = Setting::new().start().await;
    let long = "a".repeat(65);
    for (path, given, is_taken) in [
        ("/health", Some("abc-1.2_X"), true),
        ("/v1/status", None, false),
        ("/nowhere", Some(long.as_str()), false),
        ("/v1/receipts/x", Some("a b"), false),
    ] {
        let request = http().get(running.url(path));
        let request = given.into_iter().fold(request, |request, id| request.header("x-request-id", id));
        let response = request.send().await.expect("an answer");
        let header =
            |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!((header("referrer-policy"), header("cache-control")), ("no-referrer", "no-store"), "{path}");
        assert_eq!(header("strict-transport-security"), "", "{path}");
        let id = header("x-request-id");
        assert_eq!(Some(id) == given, is_taken, "{path}: {id}");
        assert!(is_taken || (id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())), "{id}");
    }
}

#[tokio::test]
async fn requests_beyond_the_bound_are_told_to_come_again() {
    let mut setting = Setting::new();
    setting.border.requests_max = 1;
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    setting.node.gate = std::sync::Mutex::new(Some(gate.clone()));
    let running = setting.start().await;
    let held = tokio::spawn(super::idempotency::submission(&running).send());
    super::support::wait_for("the first is being served", || async {
        running.node.submissions.load(std::sync::atomic::Ordering::SeqCst) == 1
    })
    .await;
    let response = http().get(running.url("/v1/status")).send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].as_bytes()), (503, b"1".as_slice()));
    gate.notify_one();
    assert_eq!(held.await.expect("it ends").expect("an answer").status(), 200);
    assert_eq!(http().get(running.url("/v1/status")).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_server_ends_in_order_and_waits_for_nobody_for_ever() {
    let mut setting = Setting::new();
    setting.server.ending_time_max = SHORT;
    let mut running = setting.start().await;
    let _silent = connect(&running).await;
    running.stop.send(true).expect("somebody listens");
    tokio::time::timeout(LONG, &mut running.serving).await.expect("it ends").expect("without a panic");
    assert!(TcpStream::connect(running.address).await.is_err());
}
