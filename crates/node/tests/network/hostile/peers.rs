//! The port for other nodes: noise, silence, and the words of a real node repeated by somebody else.

use super::{Honest, PATIENCE, exchange};
use crate::support::Network;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tongban_types::Suite;

/// Connections of the attack.
const CONNECTIONS: usize = 150;
/// A handshake's buffers for each connection, the work of the network meanwhile, and what the allocator keeps.
const MEMORY_BOUND_BYTES: u64 = CONNECTIONS as u64 * 64 * 1024 + 64 * 1024 * 1024;
/// Bytes of a real node's words that are kept: its handshake, and some sealed messages behind it.
const RECORDED_BYTES_MAX: usize = 64 * 1024;

type Recorded = Arc<Mutex<Vec<Vec<u8>>>>;

fn begin_record(recorded: &Recorded) -> usize {
    let mut recorded = recorded.lock().expect("nothing panics under the lock");
    recorded.push(Vec::new());
    recorded.len() - 1
}

fn record(recorded: &Recorded, place: usize, words: &[u8]) {
    let mut recorded = recorded.lock().expect("nothing panics under the lock");
    if recorded[place].len() < RECORDED_BYTES_MAX {
        recorded[place].extend_from_slice(words);
    }
}

/// Stands between a node and the others that call it, passes everything on, and writes down what the callers say.
async fn listen_in(listener: TcpListener, node: SocketAddr, recorded: Recorded) {
    while let Ok((caller, _)) = listener.accept().await {
        let Ok(called) = TcpStream::connect(node).await else { continue }; // it is not up yet; the caller calls again
        let recorded = recorded.clone();
        tokio::spawn(async move {
            let ((mut from_caller, mut to_caller), (mut from_called, mut to_called)) =
                (caller.into_split(), called.into_split());
            let back = tokio::spawn(async move { tokio::io::copy(&mut from_called, &mut to_caller).await });
            let place = begin_record(&recorded);
            let mut chunk = vec![0; 16 * 1024];
            while let Ok(count @ 1..) = from_caller.read(&mut chunk).await {
                record(&recorded, place, &chunk[..count]);
                if to_called.write_all(&chunk[..count]).await.is_err() {
                    break;
                }
            }
            back.abort();
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_at_the_port_for_nodes_change_nothing() {
    let mut network = Network::new(4, Suite::Intl);
    // The others reach the first node through somebody who listens in.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let between = listener.local_addr().expect("an address");
    let node = network.node_address(0);
    let recorded = Recorded::default();
    let listening = tokio::spawn(listen_in(listener, node, recorded.clone()));
    for other in 1..4 {
        let path = network.config(other);
        let text = std::fs::read_to_string(&path).expect("a configuration");
        let changed = text.replace(&format!("address = \"{node}\""), &format!("address = \"{between}\""));
        assert_ne!(changed, text, "the first node is a peer of the others");
        std::fs::write(&path, changed).expect("a configuration");
    }
    network.start_all();
    for node in 0..4 {
        network.wait_until_ready(node).await;
    }
    let honest = Honest::begin(&network, 0);
    honest.wait_for_more(10).await;
    let before = network.memory_bytes(0);

    let words: Vec<Vec<u8>> = recorded.lock().expect("nothing panics under the lock").clone();
    let longest = words.iter().map(Vec::len).max().unwrap_or_default();
    println!("{} real handshakes were recorded, the longest with {longest} bytes", words.len());
    let noise = |number: usize| -> Vec<u8> {
        let mut state = number as u64 * 0x9e37_79b9 + 1;
        let length = 1 + number * 37 % 5_000;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect()
    };
    let mut attackers = Vec::new();
    for number in 0..CONNECTIONS {
        let bytes = match number % 4 {
            0 => Vec::new(),
            1 => noise(number),
            2 => [&[0xff, 0xff, 0xff, 0xff, 0x07][..], &noise(number)].concat(),
            _ => words.get(number % words.len().max(1)).cloned().unwrap_or_default(),
        };
        attackers.push(tokio::spawn(async move { exchange(node, &bytes, PATIENCE / 2).await }));
    }
    honest.wait_for_more(10).await;
    for attacker in attackers {
        let (answer, is_closed) = attacker.await.expect("the attacker goes on");
        assert!(is_closed, "a stranger's connection is closed");
        assert!(answer.len() < 4_096, "a stranger learns little: {} bytes", answer.len());
    }
    honest.wait_for_more(10).await;
    for other in 1..4 {
        let height = network.client(0).status().await.expect("a status").height;
        network.wait_for_height(other, height).await;
    }
    super::assert_memory_within(&network, before, MEMORY_BOUND_BYTES, "after noise at the port for nodes").await;
    honest.end().await;
    listening.abort();
    tokio::time::timeout(Duration::from_secs(1), listening).await.ok();
}
