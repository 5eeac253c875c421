//! The load: a closed loop of so many submissions or journeys in flight, each transaction answered by its final receipt, and each receipt
//! checked.

use super::cases::Prepared;
use super::http::Connection;
use super::journey::Leg;
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use std::future::Future;
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
    /// Its calls.
    pub calls: usize,
    /// What it was in a journey; none outside of one.
    pub leg: Option<Leg>,
}

/// A journey that has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When its last receipt arrived.
    pub at: Instant,
    /// Since its first transaction was sent.
    pub after: Duration,
}

/// A load that is running.
pub struct Load {
    control: Arc<Control>,
    finished: watch::Receiver<bool>,
    workers: JoinSet<Worked>,
}

/// What came of one worker.
#[derive(Debug, Default)]
pub struct Worked {
    /// Everything that became final as it should.
    pub done: Vec<Done>,
    /// Journeys that came to their end.
    pub journeys: Vec<Arrival>,
}

/// What came of a load.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Everything that became final as it should.
    pub done: Vec<Done>,
    /// Journeys that came to their end.
    pub journeys: Vec<Arrival>,
    /// Answers that asked to come back later.
    pub busy: u64,
    /// Receipts that are missing or wrong.
    pub faults: u64,
    /// What the first of them were.
    pub first_faults: Vec<String>,
}

/// What the workers of a load have in common.
pub struct Control {
    stopped: AtomicBool,
    busy: AtomicU64,
    faults: Mutex<(u64, Vec<String>)>,
    finish: watch::Sender<bool>,
}

impl Load {
    /// A load without workers.
    pub fn new() -> Self {
        let (finish, finished) = watch::channel(false);
        let control =
            Control { stopped: AtomicBool::new(false), busy: AtomicU64::new(0), faults: Mutex::default(), finish };
        Self { control: Arc::new(control), finished, workers: JoinSet::new() }
    }

    /// Sets a worker to work.
    pub fn employ<F>(&mut self, work: impl FnOnce(Arc<Control>) -> F)
    where
        F: Future<Output = Worked> + Send + 'static,
    {
        self.workers.spawn(work(self.control.clone()));
    }

    /// Begins to submit what was signed ahead. Each transaction has so many calls.
    pub fn begin(connections: Vec<Connection>, pool: Vec<Prepared>, calls: usize) -> Self {
        let pool = Arc::new(Pool { transactions: pool, calls, next: AtomicUsize::new(0) });
        let mut load = Self::new();
        for connection in connections {
            load.employ(|control| work(control, pool.clone(), connection));
        }
        load
    }

    /// Waits so long, or until all transactions were sent.
    pub async fn for_at_most(&mut self, time: Duration) {
        let finished = self.finished.wait_for(|finished| *finished);
        let _ = tokio::time::timeout(time, finished).await; // either end will do
    }

    /// Begins nothing more, waits for what is in flight, and tells what came of it all.
    pub async fn end(self) -> Outcomes {
        self.control.stopped.store(true, Ordering::Relaxed);
        self.all().await
    }

    /// Waits until everything was sent and is final, and tells what came of it.
    pub async fn all(mut self) -> Outcomes {
        let mut outcomes = Outcomes::default();
        while let Some(worker) = self.workers.join_next().await {
            let Worked { done, journeys } = worker.expect("workers do not panic");
            outcomes.done.extend(done);
            outcomes.journeys.extend(journeys);
        }
        let (faults, first_faults) = std::mem::take(&mut *self.control.faults.lock().expect("no holder panics"));
        Outcomes { busy: self.control.busy.load(Ordering::Relaxed), faults, first_faults, ..outcomes }
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

/// What was signed ahead.
struct Pool {
    transactions: Vec<Prepared>,
    calls: usize,
    next: AtomicUsize,
}

async fn work(control: Arc<Control>, pool: Arc<Pool>, mut connection: Connection) -> Worked {
    let mut worked = Worked::default();
    while !control.is_stopped() {
        let Some(prepared) = pool.transactions.get(pool.next.fetch_add(1, Ordering::Relaxed)) else {
            control.finish();
            break;
        };
        match submit(&control, &mut connection, prepared, pool.calls).await {
            Ok((done, _)) => worked.done.push(done),
            Err(error) => {
                control.fault(&error);
                match Connection::open(connection.address()).await {
                    Ok(another) => connection = another,
                    Err(_) => break, // the node is gone, which the cluster reports
                }
            }
        }
    }
    worked
}

impl Control {
    /// Whether nothing more is to be begun.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Tells that everything was sent.
    pub fn finish(&self) {
        self.finish.send_replace(true);
    }

    /// Counts a receipt that is missing or wrong.
    pub fn fault(&self, error: &anyhow::Error) {
        let mut faults = self.faults.lock().expect("no holder panics");
        faults.0 += 1;
        if faults.1.len() < FAULTS_SHOWN_MAX {
            faults.1.push(format!("{error:#}"));
        }
    }
}

/// Submits until the node is not busy, and checks the receipt.
pub async fn submit(
    control: &Control,
    connection: &mut Connection,
    prepared: &Prepared,
    calls: usize,
) -> anyhow::Result<(Done, Receipt)> {
    let sent = Instant::now();
    loop {
        let (status, body) = connection.submit(prepared.body.clone()).await?;
        match status {
            StatusCode::OK => {
                let receipt = check(prepared, calls, &body)?;
                let at = Instant::now();
                return Ok((Done { at, after: at - sent, calls, leg: None }, receipt));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                control.busy.fetch_add(1, Ordering::Relaxed);
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
fn check(prepared: &Prepared, calls: usize, body: &Bytes) -> anyhow::Result<Receipt> {
    let Answer { receipt } = serde_json::from_slice(body).context("the answer holds no receipt")?;
    check_receipt(prepared, calls, &receipt)?;
    Ok(receipt)
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
