//! Streams: nothing lost, nothing twice, and nobody holds the node.

use crate::node::{FakeNode, Served, account, limits};
use futures::{Stream, StreamExt};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tongban_api::{Client, ClientError, Interest, Limits, Position, Seen};

const PATIENCE: Duration = Duration::from_secs(20);

async fn next(events: &mut (impl Stream<Item = Result<Seen, ClientError>> + Unpin)) -> Seen {
    let next = tokio::time::timeout(PATIENCE, events.next()).await.expect("a message in time");
    next.expect("the stream goes on").expect("a message")
}

fn registered(id: &str) -> Value {
    json!({ "evidence": { "registered": { "id": id } } })
}

/// Four receipts: two events, a refusal, one event of another module, one event of another account.
fn fill(node: &FakeNode) {
    node.apply(account(1), &[registered("aa"), registered("bb")]);
    node.refuse(account(1), "evidence.exists");
    node.apply(account(1), &[json!({ "identity": { "opened": { "account": "aa" } } })]);
    node.apply(account(2), &[json!({ "evidence": { "withdrawn": { "id": "bb" } } })]);
}

fn at(receipt: u64, position: u32) -> Position {
    Position { receipt, position }
}

async fn positions(client: &Client, interest: Interest, count: usize) -> Vec<Position> {
    let mut events = client.events(interest);
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(next(&mut events).await.position);
    }
    found
}

#[tokio::test]
async fn each_reader_gets_what_it_asked_for_once_and_in_order() {
    let served = Served::begin(limits()).await;
    fill(&served.node);
    let from_start = || Interest { from: Some(0), ..Interest::default() };
    let one = |text: &str| Some(text.to_owned());
    let last = at(4, 0);
    let cases: Vec<(&str, Interest, Vec<Position>)> = vec![
        ("all", from_start(), vec![at(0, 0), at(0, 1), at(2, 0), at(3, 0), last]),
        (
            "refusals",
            Interest { refusals: true, ..from_start() },
            vec![at(0, 0), at(0, 1), at(1, 0), at(2, 0), at(3, 0)],
        ),
        ("within a receipt", Interest { after: Some(at(0, 0)), ..Interest::default() }, vec![at(0, 1), at(2, 0)]),
        ("behind a refusal", Interest { after: Some(at(1, 0)), refusals: true, ..Interest::default() }, vec![at(2, 0)]),
        ("a module", Interest { modules: vec!["identity".to_owned()], ..from_start() }, vec![at(2, 0), last]),
        (
            "two modules",
            Interest { modules: vec!["identity".to_owned(), "evidence".to_owned()], ..from_start() },
            vec![at(0, 0), at(0, 1), at(2, 0), at(3, 0)],
        ),
        ("a kind", Interest { kind: one("withdrawn"), ..from_start() }, vec![at(3, 0)]),
        ("an account", Interest { account: Some(account(2)), ..from_start() }, vec![at(3, 0)]),
        ("a subject", Interest { subject: one("aa"), ..from_start() }, vec![at(0, 0), at(2, 0), last]),
    ];
    // What ends every stream that is not at its end: an event that most filters admit.
    served.node.apply(account(1), &[json!({ "identity": { "opened": { "account": "aa" } } })]);
    for (name, interest, expected) in cases {
        assert_eq!(positions(&served.client(), interest, expected.len()).await, expected, "{name}");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_stream_without_a_place_begins_now_and_waits_for_news() {
    let served = Served::begin(limits()).await;
    fill(&served.node);
    let client = served.client();
    let mut events = client.events(Interest::default());
    // The stream is only opened when it is asked, so news is made until it is seen.
    let seen = loop {
        served.node.apply(account(3), &[registered("new")]);
        if let Ok(Some(seen)) = tokio::time::timeout(Duration::from_millis(50), events.next()).await {
            break seen.expect("a message");
        }
    };
    assert!(seen.position.receipt >= 4, "nothing old: {}", seen.position);
    assert_eq!(seen.happened.event, Some(registered("new")));
    drop(events);
    served.stop().await;
}

/// Reads a stream as text until it holds something.
async fn read_until(stream: &mut TcpStream, text: &mut String, wanted: impl Fn(&str) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !wanted(text) {
        assert!(Instant::now() < deadline, "not in time: {text}");
        let mut piece = [0; 4096];
        let length = tokio::time::timeout(PATIENCE, stream.read(&mut piece)).await.expect("in time").expect("bytes");
        assert!(length > 0, "the stream has ended: {text}");
        text.push_str(std::str::from_utf8(&piece[..length]).expect("text"));
    }
}

async fn open(served: &Served, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(served.base.trim_start_matches("http://")).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream
}

#[tokio::test]
async fn last_event_id_is_kept_and_heartbeats_move_the_place_on() {
    let served = Served::begin(limits()).await;
    fill(&served.node);
    let mut stream = open(&served, "/v1/stream?kind=withdrawn", "Last-Event-ID: 0.1\r\n").await;
    let mut text = String::new();
    read_until(&mut stream, &mut text, |text| text.contains("withdrawn")).await;
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert!(text.contains("id: 3.0\nevent: applied\ndata: {\"receipt\":3,\"position\":0"), "{text}");
    assert!(!text.contains("registered") && !text.contains("opened"), "{text}");
    // A receipt that the filter leaves out moves the place on, though nothing is sent of it.
    served.node.apply(account(1), &[registered("cc")]);
    read_until(&mut stream, &mut text, |text| text.contains("id: 4.0\n")).await;
    assert!(!text.contains("registered"), "{text}");
    drop(stream);
    served.stop().await;
}

#[tokio::test]
async fn what_happens_while_a_stream_that_said_nothing_is_broken_arrives_once() {
    for happened_before in [0, 2] {
        let served = Served::begin(limits()).await;
        for _ in 0..happened_before {
            served.node.apply(account(1), &[registered("old")]);
        }
        let mut stream = open(&served, "/v1/stream", "").await;
        let mut text = String::new();
        read_until(&mut stream, &mut text, |text| text.contains("connected\nid: ") && text.contains("\n\n")).await;
        drop(stream);
        let last = text.split("id: ").nth(1).and_then(|rest| rest.lines().next()).expect("an identifier").to_owned();
        assert_eq!(last, format!("{happened_before}.-"));
        served.node.apply(account(1), &[registered("between"), registered("also")]);
        for (path, headers) in [
            ("/v1/stream", format!("Last-Event-ID: {last}\r\n")),
            (&*format!("/v1/stream?after={last}"), String::new()),
        ] {
            let mut again = open(&served, path, &headers).await;
            let mut text = String::new();
            read_until(&mut again, &mut text, |text| text.contains("\"also\"")).await;
            for id in ["between", "also"] {
                assert_eq!(text.matches(&format!("\"{id}\"")).count(), 1, "{text}");
            }
            assert!(!text.contains("old"), "{text}");
        }
        served.stop().await;
    }
}

/// Passes on a connection between a client and a node, until what the node says has something in it.
async fn pass_on(near: &mut TcpStream, served: &Served, wanted: impl Fn(&str) -> bool) {
    let mut far = TcpStream::connect(served.base.trim_start_matches("http://")).await.expect("a connection");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(near.read_u8().await.expect("a head to its end"));
    }
    far.write_all(&head).await.expect("sent");
    let mut said = String::new();
    while !wanted(&said) {
        let mut piece = [0; 4096];
        let length = tokio::time::timeout(PATIENCE, far.read(&mut piece)).await.expect("in time").expect("bytes");
        assert!(length > 0, "the stream has ended: {said}");
        near.write_all(&piece[..length]).await.expect("sent");
        said.push_str(std::str::from_utf8(&piece[..length]).expect("text"));
    }
}

#[tokio::test]
async fn a_client_loses_nothing_when_a_stream_breaks_before_anything_has_happened() {
    let served = Served::begin(limits()).await;
    let between = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let client = Client::new(format!("http://{}", between.local_addr().expect("an address")));
    let mut events = client.events(Interest::default());
    let reading = tokio::spawn(async move { [next(&mut events).await, next(&mut events).await] });
    let (mut near, _) = between.accept().await.expect("the client");
    pass_on(&mut near, &served, |said| said.contains("id: ") && said.contains("\n\n")).await;
    drop(near);
    served.node.apply(account(1), &[registered("first")]);
    let (mut near, _) = between.accept().await.expect("the client comes back");
    pass_on(&mut near, &served, |said| said.contains("first")).await;
    served.node.apply(account(1), &[registered("second")]);
    drop(near);
    let (mut near, _) = between.accept().await.expect("the client comes back");
    pass_on(&mut near, &served, |said| said.contains("second")).await;
    let seen = reading.await.expect("no panic").map(|seen| seen.position);
    assert_eq!(seen, [at(0, 0), at(1, 0)], "each once");
    drop(near);
    served.stop().await;
}

#[tokio::test]
async fn only_so_many_streams_are_served_and_a_place_is_free_again_when_its_reader_has_gone() {
    let served = Served::begin(Limits { streams_max: 2, ..limits() }).await;
    let mut text = String::new();
    let mut first = open(&served, "/v1/stream", "").await;
    read_until(&mut first, &mut text, |text| text.contains("connected")).await;
    text.clear();
    let mut second = open(&served, "/v1/stream", "").await;
    read_until(&mut second, &mut text, |text| text.contains("connected")).await;
    text.clear();
    let mut third = open(&served, "/v1/stream", "").await;
    read_until(&mut third, &mut text, |text| text.contains("api.too_many_streams")).await;
    assert!(text.starts_with("HTTP/1.1 429") && text.contains("retry-after"), "{text}");
    drop(first);
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "the place is not free in time");
        text.clear();
        let mut again = open(&served, "/v1/stream", "").await;
        read_until(&mut again, &mut text, |text| text.contains("\r\n\r\n")).await;
        if text.starts_with("HTTP/1.1 200") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop((second, third));
    served.stop().await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_loses_its_stream_and_holds_nothing() {
    let limits = Limits { streams_max: 1, reader_wait: Duration::from_millis(200), ..limits() };
    let served = Served::begin(limits).await;
    let long = "x".repeat(60_000);
    for _ in 0..400 {
        served.node.apply(account(1), &[registered(&long)]);
    }
    // 24 MB are more than sockets hold; the reader takes none of them.
    let slow = open(&served, "/v1/stream?from=0", "").await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "the slow reader still holds the only place");
        let mut other = open(&served, "/v1/stream", "").await;
        let mut text = String::new();
        read_until(&mut other, &mut text, |text| text.contains("\r\n\r\n")).await;
        if text.starts_with("HTTP/1.1 200") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(slow);
    served.stop().await;
}

#[tokio::test]
async fn open_streams_do_not_hold_a_node_that_stops() {
    let served = Served::begin(limits()).await;
    fill(&served.node);
    let mut stream = open(&served, "/v1/stream?from=0", "").await;
    let mut text = String::new();
    read_until(&mut stream, &mut text, |text| text.contains("withdrawn")).await;
    served.stop().await; // fails where it does not end
    let mut rest = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("in time").expect("the end");
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream is ended, not broken off");
}

#[tokio::test]
async fn places_and_filters_that_cannot_be_read_are_refused() {
    let served = Served::begin(limits()).await;
    let long = "a".repeat(201);
    for (path, code) in [
        ("/v1/stream?after=7", "api.malformed"),
        ("/v1/stream?after=1.0&after=2.0", "api.malformed"),
        ("/v1/stream?from=-1", "api.malformed"),
        ("/v1/stream?from=%2B1", "api.malformed"),
        ("/v1/stream?modules=", "api.malformed"),
        ("/v1/stream?modules=a,,b", "api.malformed"),
        (&format!("/v1/stream?subject={long}"), "api.malformed"),
        ("/v1/stream?account=xy", "api.malformed"),
        ("/v1/stream?refusals=yes", "api.malformed"),
        ("/v1/stream?since=1", "api.unknown_parameter"),
    ] {
        let error = served.client().get::<Value>(path).await.expect_err(path);
        assert!(error.to_string().contains(code), "{path}: {error}");
    }
    served.stop().await;
}
