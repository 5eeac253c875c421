//! Streams at the border: whose they are, for how long, and that who has gone holds nothing.

use super::support::{FakeNode, Running, Setting, code, http, wait_for};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tongban_api::surface::Scope;
use tongban_types::Time;

const PATIENCE: Duration = Duration::from_secs(20);

fn setting() -> Setting {
    let mut setting = Setting::new();
    setting.limits.heartbeat = Duration::from_millis(50);
    setting
}

/// A stream of which what has come so far is kept.
struct Reading {
    stream: TcpStream,
    text: String,
}

impl Reading {
    /// Asks for a stream, with a token unless it is empty.
    async fn begin(running: &Running, path: &str, token: &str) -> Self {
        let mut stream = TcpStream::connect(running.address).await.expect("a connection");
        let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n{authorization}\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is taken");
        Self { stream, text: String::new() }
    }

    /// Reads what comes next; nothing at the end.
    async fn more(&mut self) -> usize {
        let mut piece = [0; 4_096];
        let reading = tokio::time::timeout(PATIENCE, self.stream.read(&mut piece));
        let length = reading.await.expect("in time").expect("bytes");
        self.text.push_str(std::str::from_utf8(&piece[..length]).expect("text"));
        length
    }

    async fn until(&mut self, wanted: impl Fn(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !wanted(self) {
            assert!(tokio::time::Instant::now() < deadline, "not in time: {}", self.text);
            assert!(self.more().await > 0, "it has ended: {}", self.text);
        }
    }

    /// The receipts at which the reader has stood, by the messages' identifiers.
    fn receipts(&self) -> Vec<u64> {
        let ids = self.text.lines().filter_map(|line| line.strip_prefix("id: "));
        ids.map(|id| id.split('.').next().expect("a part").parse().expect("a number")).collect()
    }
}

#[tokio::test]
async fn a_reader_that_goes_while_nothing_passes_its_filter_gives_its_place_back() {
    let mut setting = Setting { node: FakeNode::with_endless_past(), ..setting() };
    setting.limits.streams_max = 1;
    setting.limits.heartbeat = Duration::from_secs(3_600); // nothing but its going ends the stream
    let running = setting.start().await;
    let mut reading = Reading::begin(&running, "/v1/stream?from=0&kind=registered", "").await;
    reading.until(|reading| reading.text.contains("connected")).await;
    assert_eq!(code(http().get(running.url("/v1/stream"))).await, (429, "api.too_many_streams".to_owned()));
    drop(reading);
    wait_for("the place is free", async || {
        let response = http().get(running.url("/v1/stream")).send().await.expect("an answer");
        response.status() == 200
    })
    .await;
}

#[tokio::test]
async fn who_catches_up_past_what_its_filter_leaves_out_hears_how_far_it_is() {
    let running = Setting { node: FakeNode::with_endless_past(), ..setting() }.start().await;
    let mut reading = Reading::begin(&running, "/v1/stream?from=7&kind=registered", "").await;
    reading.until(|reading| reading.receipts().len() >= 3).await;
    let receipts = reading.receipts();
    assert!(receipts[0] == 7 && receipts.is_sorted_by(|one, next| one < next), "{receipts:?}");
}

#[tokio::test]
async fn one_caller_has_only_its_share_of_streams() {
    let mut setting = setting();
    (setting.limits.streams_per_caller_max, setting.limits.streams_max) = (1, 3);
    let running = setting.start().await;
    let (first, second, third) = (
        running.token(&[Scope::Read]).await.0,
        running.token(&[Scope::Read]).await.0,
        running.token(&[Scope::Read]).await.0,
    );
    let mut open = Vec::new();
    for token in ["", &first, &second] {
        let mut reading = Reading::begin(&running, "/v1/stream", token).await;
        reading.until(|reading| reading.text.contains("connected")).await;
        open.push(reading);
        let mut refused = Reading::begin(&running, "/v1/stream", token).await;
        refused.until(|reading| reading.text.contains("api.too_many_streams")).await;
        assert!(
            refused.text.starts_with("HTTP/1.1 429") && refused.text.contains("as one caller may"),
            "{}",
            refused.text
        );
    }
    let mut refused = Reading::begin(&running, "/v1/stream", &third).await;
    refused.until(|reading| reading.text.contains("api.too_many_streams")).await;
    assert!(refused.text.contains("this node serves as many streams as it can"), "{}", refused.text);
    open.remove(1);
    wait_for("the first token has its place back", async || {
        let response = http().get(running.url("/v1/stream")).bearer_auth(&first).send().await.expect("an answer");
        response.status() == 200
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    for node in [FakeNode::new(), FakeNode::with_endless_past()] {
        let running = Setting { node, ..setting() }.start().await;
        let (token, id) = running.token(&[Scope::Read]).await;
        let (other, _) = running.token(&[Scope::Read]).await;
        let (mut reading, mut others) = (
            Reading::begin(&running, "/v1/stream?from=0", &token).await,
            Reading::begin(&running, "/v1/stream?from=0", &other).await,
        );
        reading.until(|reading| reading.receipts().len() >= 2).await;
        running.store.revoke_token(id, Time::MAX).await.expect("a store");
        while reading.more().await > 0 {}
        assert!(reading.text.ends_with("0\r\n\r\n"), "it is ended, not broken off: {}", reading.text);
        let back = http().get(running.url("/v1/stream")).bearer_auth(&token);
        assert_eq!(code(back).await, (401, "api.token_revoked".to_owned()));
        let seen = others.receipts().len();
        others.until(|others| others.receipts().len() >= seen + 2).await;
    }
}
