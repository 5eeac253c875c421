//! The load: a closed loop of so many submissions in flight, each answered by its final receipt, and each receipt checked.

use super::cases::Prepared;
use super::http::Connection;
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_types::{Outcome, Receipt};

/// How long to leave a node alone that says it is full.
const BUSY_INTERVAL: Duration = Duration::from_millis(20);
/// Wrong answers that are told apart; the rest is counted.
const FAULTS_SHOWN_MAX: usize = 5;

/// A transaction that is final.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// When its receipt arrived.
    pub at: Instant,
    /// Since it was first sent.
    pub after: Duration,
}

/// A load that is running.
pub struct Load {
    shared: Arc<Shared>,
    finished: watch::Receiver<bool>,
    workers: JoinSet<Vec<Done>>,
}

/// What came of a load.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Everything that became final as it should.
    pub done: Vec<Done>,
    /// Answers that asked to come back later.
    pub busy: u64,
    /// Receipts that are missing or wrong.
    pub faults: u64,
    /// What the first of them were.
    pub first_faults: Vec<String>,
}

struct Shared {
    pool: Vec<Prepared>,
    calls: usize,
    next: AtomicUsize,
    stopped: AtomicBool,
    busy: AtomicU64,
    faults: Mutex<(u64, Vec<String>)>,
    finish: watch::Sender<bool>,
}

impl Load {
    /// Begins to submit. Each transaction has so many calls.
    pub fn begin(connections: Vec<Connection>, pool: Vec<Prepared>, calls: usize) -> Self {
        let (finish, finished) = watch::channel(false);
        let shared = Arc::new(Shared {
            pool,
            calls,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            busy: AtomicU64::new(0),
            faults: Mutex::default(),
            finish,
        });
        let mut workers = JoinSet::new();
        for connection in connections {
            workers.spawn(work(shared.clone(), connection));
        }
        Self { shared, finished, workers }
    }

    /// Waits so long, or until all transactions were sent.
    pub async fn for_at_most(&mut self, time: Duration) {
        let finished = self.finished.wait_for(|finished| *finished);
        let _ = tokio::time::timeout(time, finished).await; // either end will do
    }

    /// Sends nothing more, waits for what is in flight, and tells what came of it all.
    pub async fn end(self) -> Outcomes {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.all().await
    }

    /// Waits until everything was sent and is final, and tells what came of it.
    pub async fn all(mut self) -> Outcomes {
        let mut done = Vec::new();
        while let Some(worker) = self.workers.join_next().await {
            done.extend(worker.expect("workers do not panic"));
        }
        let (faults, first_faults) = std::mem::take(&mut *self.shared.faults.lock().expect("no holder panics"));
        Outcomes { done, busy: self.shared.busy.load(Ordering::Relaxed), faults, first_faults }
    }
}

/// Opens so many connections, to the nodes in turn.
pub async fn connect(addresses: &[SocketAddr], count: usize) -> anyhow::Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(count);
    for address in addresses.iter().cycle().take(count) {
        connections.push(Connection::open(*address).await?);
    }
    Ok(connections)
}

async fn work(shared: Arc<Shared>, mut connection: Connection) -> Vec<Done> {
    let mut done = Vec::new();
    while !shared.stopped.load(Ordering::Relaxed) {
        let Some(prepared) = shared.pool.get(shared.next.fetch_add(1, Ordering::Relaxed)) else {
            shared.finish.send_replace(true);
            break;
        };
        let sent = Instant::now();
        match submit(&shared, &mut connection, prepared).await {
            Ok(()) => {
                let at = Instant::now();
                done.push(Done { at, after: at - sent });
            }
            Err(error) => {
                shared.fault(&error);
                match Connection::open(connection.address()).await {
                    Ok(another) => connection = another,
                    Err(_) => break, // the node is gone, which the cluster reports
                }
            }
        }
    }
    done
}

impl Shared {
    fn fault(&self, error: &anyhow::Error) {
        let mut faults = self.faults.lock().expect("no holder panics");
        faults.0 += 1;
        if faults.1.len() < FAULTS_SHOWN_MAX {
            faults.1.push(format!("{error:#}"));
        }
    }
}

/// Submits until the node is not busy, and checks the receipt.
async fn submit(shared: &Shared, connection: &mut Connection, prepared: &Prepared) -> anyhow::Result<()> {
    loop {
        let (status, body) = connection.submit(prepared.body.clone()).await?;
        match status {
            StatusCode::OK => return check(prepared, shared.calls, &body),
            StatusCode::TOO_MANY_REQUESTS => {
                shared.busy.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(BUSY_INTERVAL).await;
            }
            _ => bail!("status {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Answer {
    receipt: Receipt,
}

/// Refuses a receipt that is not this transaction's, or says that not every call took effect.
pub fn check(prepared: &Prepared, calls: usize, body: &Bytes) -> anyhow::Result<()> {
    let Answer { receipt } = serde_json::from_slice(body).context("the answer holds no receipt")?;
    check_receipt(prepared, calls, &receipt)
}

fn check_receipt(prepared: &Prepared, calls: usize, receipt: &Receipt) -> anyhow::Result<()> {
    let names = (receipt.transaction, receipt.account, receipt.request_id);
    ensure!(names == (prepared.id, prepared.account, prepared.request_id), "the receipt is another transaction's");
    match &receipt.outcome {
        Outcome::Applied { events } => ensure!(events.len() == calls, "{} events of {calls} calls", events.len()),
        Outcome::Refused(refusal) => bail!("refused ({})", &*refusal.code),
    }
    Ok(())
}
