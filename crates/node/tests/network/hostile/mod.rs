//! A real node under attack: it answers what deserves an answer, its memory stays bounded, and honest clients are served.

mod connections;
mod junk;
mod peers;
mod shapes;

use crate::support::{Network, register, wait_for};
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tongban_types::{Receipt, Suite};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A network of one node that is ready, and has been used, so that what it needs anyway is there.
async fn ready_node() -> Network {
    let mut network = Network::new(1, Suite::Intl);
    network.start(0);
    network.wait_until_ready(0).await;
    let honest = Honest::begin(&network, 0);
    let used = || async { honest.receipts.load(Ordering::Relaxed) >= 20 };
    wait_for("the node is used", used, String::new).await;
    honest.end().await;
    network
}

/// An honest client at work: one registration after the other.
struct Honest {
    stop: Arc<AtomicBool>,
    receipts: Arc<AtomicU64>,
    task: JoinHandle<Vec<Receipt>>,
}

/// Numbers of registrations, which no two clients share.
static NUMBERS: AtomicU64 = AtomicU64::new(1 << 32);

impl Honest {
    fn begin(network: &Network, node: usize) -> Self {
        let (stop, receipts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counted) = (stop.clone(), receipts.clone());
        let (client, signer, genesis) = (network.client(node), network.signer("depositor"), network.genesis.clone());
        let task = tokio::spawn(async move {
            let mut all = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
                let tx = signer.sign(&[register(&signer, &genesis, number)]).expect("a transaction");
                let receipt = client.submit(&tx).await.expect("an honest transaction becomes final");
                assert!(matches!(receipt.outcome, tongban_types::Outcome::Applied { .. }), "{receipt:?}");
                counted.fetch_add(1, Ordering::Relaxed);
                all.push(receipt);
            }
            all
        });
        Self { stop, receipts, task }
    }

    /// How many of its transactions are final.
    fn done(&self) -> u64 {
        self.receipts.load(Ordering::Relaxed)
    }

    /// Waits until so many more of its transactions are final.
    async fn wait_for_more(&self, more: u64) {
        let wanted = self.done() + more;
        wait_for("an honest client is served", || async { self.done() >= wanted }, String::new).await;
    }

    async fn end(self) -> Vec<Receipt> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("every honest transaction became final")
    }
}

/// Fails unless the node's memory has grown by less than `bound_bytes` since `before`. What is freed goes back to the system
/// when the allocator sees fit, so it is asked again for a while.
async fn assert_memory_within(network: &Network, before: u64, bound_bytes: u64, why: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = network.memory_bytes(0);
        if now <= before + bound_bytes {
            println!("{why}: {} KiB before, {} KiB now", before / 1024, now / 1024);
            return;
        }
        assert!(Instant::now() < deadline, "{why}: {before} bytes before, {now} now, {bound_bytes} more are allowed");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Fails unless nothing waits in the end.
async fn assert_nothing_waits(network: &Network) {
    let client = network.client(0);
    wait_for("nothing waits", || async { client.status().await.is_ok_and(|status| status.waiting == 0) }, String::new)
        .await;
}

/// A connection from an address of the attacker's own: on this machine each of 127.0.0.0/8 is one.
async fn connect_from(last_byte: u8, to: std::net::SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, last_byte], 0).into())?;
    socket.connect(to).await
}

/// Sends bytes and reads what comes until the other side closes, is silent for so long, or has sent enough. The other side may
/// close before it has read everything.
async fn exchange(to: std::net::SocketAddr, bytes: &[u8], silence: Duration) -> (Vec<u8>, bool) {
    let mut stream = match connect_from(9, to).await {
        // Closed while it was being made: whoever listens has enough strangers, and says nothing.
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            return (Vec::new(), true);
        }
        stream => stream.expect("a connection"),
    };
    let (mut reading, mut writing) = stream.split();
    let send = async {
        let _ = writing.write_all(bytes).await; // see above
        std::future::pending::<()>().await;
    };
    let receive = async {
        let mut answer = Vec::new();
        let mut chunk = vec![0; 16 * 1024];
        loop {
            match tokio::time::timeout(silence, reading.read(&mut chunk)).await {
                Ok(Ok(0) | Err(_)) => return (answer, true),
                Ok(Ok(count)) => answer.extend_from_slice(&chunk[..count]),
                Err(_) => return (answer, false),
            }
            if answer.len() > 1 << 20 {
                return (answer, false);
            }
        }
    };
    tokio::select! {
        () = send => unreachable!("it only ends by what is received"),
        answer = receive => answer,
    }
}
