//! Connections that begin and never end: half open, a byte a second, answers that nobody reads.

use super::{Honest, PATIENCE, assert_memory_within, connect_from, ready_node};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections of the attack.
const CONNECTIONS: usize = 2_000;
/// For each connection its buffers and state, 32 KiB, and what the allocator does not give back.
const MEMORY_BOUND_BYTES: u64 = CONNECTIONS as u64 * 32 * 1024 + 16 * 1024 * 1024;

/// What an attacker begins with, and the byte that is sent again and again; none where it is 0. The first two have asked
/// nothing yet, the others are in the middle of a body.
const BEGINNINGS: [(&[u8], u8); 4] = [
    (b"", 0),
    (b"GET /v1/status HTTP/1.1\r\nhost: a\r\nx-slow: ", b'a'),
    (b"POST /v1/transactions HTTP/1.1\r\nhost: a\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\n", 0),
    (b"POST /v1/queries HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n", b'1'),
];

/// Sends a byte a second until the node closes the connection; none where it was silent for so long.
async fn drip(mut stream: TcpStream, byte: u8) -> Option<()> {
    let deadline = Instant::now() + 2 * PATIENCE;
    let mut answer = [0; 4096];
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => {
                if !matches!(read, Ok(1..)) {
                    return Some(());
                }
            }
            _ = beat.tick() => {
                if Instant::now() > deadline {
                    return None;
                }
                if byte != 0 && stream.write_all(&[byte]).await.is_err() {
                    return Some(());
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_and_dripping_requests_are_given_up_and_honest_clients_are_served() {
    let network = ready_node().await;
    let before = network.memory_bytes(0);
    let node = network.api_address(0);
    let honest = Honest::begin(&network, 0);
    let mut attackers = Vec::new();
    for number in 0..CONNECTIONS {
        // From several addresses, as one alone would not get so many.
        let last_byte = 10 + u8::try_from(number % 8).expect("below 8");
        let (beginning, byte) = BEGINNINGS[number % BEGINNINGS.len()];
        let mut stream = connect_from(last_byte, node).await.expect("a connection");
        let _ = stream.write_all(beginning).await; // the node may have refused it at once
        attackers.push(tokio::spawn(drip(stream, byte)));
    }
    // In the middle of it, on new connections.
    let status = network.client(0).status().await.expect("an honest client is served");
    assert!(status.ready, "{status:?}");
    honest.wait_for_more(5).await;
    assert_memory_within(&network, before, MEMORY_BOUND_BYTES, "with 2,000 slow connections").await;
    let mut open = 0;
    for attacker in attackers {
        open += usize::from(attacker.await.expect("the attacker goes on").is_none());
    }
    assert_eq!(open, 0, "connections whose requests are never completed are closed");
    honest.wait_for_more(3).await;
    honest.end().await;
}

/// Readers that never read, each of which asks for far more than a socket holds.
const READERS: usize = 200;
/// What is kept for each reader: an answer or two that are being written, and its buffers; and what the allocator keeps.
const READERS_MEMORY_BOUND_BYTES: u64 = READERS as u64 * 512 * 1024 + 16 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_reads_do_not_pile_up() {
    let network = ready_node().await;
    let before = network.memory_bytes(0);
    let node = network.api_address(0);
    let mut readers = Vec::new();
    for number in 0..READERS {
        let mut stream =
            connect_from(20 + u8::try_from(number % 4).expect("below 4"), node).await.expect("a connection");
        readers.push(tokio::spawn(async move {
            let _ = stream.write_all(&list_of(number)).await; // the node stops reading when nobody reads its answers
            stream
        }));
    }
    let honest = Honest::begin(&network, 0);
    honest.wait_for_more(10).await;
    assert_memory_within(&network, before, READERS_MEMORY_BOUND_BYTES, "with 200 answers that nobody reads").await;
    honest.end().await;
    for reader in &readers {
        reader.abort();
    }
}

/// Pages of receipts or proofs, over and over.
fn list_of(number: usize) -> Vec<u8> {
    let address = if number.is_multiple_of(2) { "/v1/receipts?limit=100" } else { "/v1/proofs/receipts/1" };
    format!("GET {address} HTTP/1.1\r\nhost: a\r\n\r\n").repeat(200).into_bytes()
}
