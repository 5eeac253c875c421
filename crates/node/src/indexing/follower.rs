//! The task that brings the index forward as the ledger grows.
//!
//! It looks where the index stands, reads the receipts behind that from the ledger, and applies whole blocks. So it does not matter
//! whether it was away for a moment or for a year, or whether somebody emptied the index meanwhile. What it waits for is the ledger's
//! head; the blocks themselves, which a slow subscriber would miss, it does not need.

use futures::FutureExt as _;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tongban_index::{DatabaseUrl, Index, IndexError, Position, Rows, Stretch, project};
use tongban_ledger::{Handle, ReadError};
use tongban_modules::Event;
use tongban_types::{Outcome, Receipt};

/// Receipts that are asked of the ledger at once.
const RECEIPTS_AT_ONCE: usize = 200;
/// Events after which a stretch ends, at the end of their block.
const EVENTS_AT_ONCE: usize = 2_000;
/// How long to wait after the first failure; twice as long after each further one.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often to look whether the index was emptied, and whether receipts of the head are readable by now.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// What is known of the index.
enum State {
    /// It answers.
    Open(Index),
    /// It does not, with this code.
    Closed(&'static str),
}

/// The index of a running node.
pub struct Follower {
    pub(super) ledger: Handle,
    state: RwLock<State>,
    height: AtomicU64,
}

impl Follower {
    /// The index of the node with this ledger; [`follow`] opens it.
    pub fn new(ledger: Handle) -> Self {
        let unopened = State::Closed("index.unavailable");
        Self { ledger, state: RwLock::new(unopened), height: AtomicU64::new(0) }
    }

    /// The index, or the code that says why there is none.
    pub(super) fn index(&self) -> Result<Index, &'static str> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(index) => Ok(index.clone()),
            State::Closed(code) => Err(code),
        }
    }

    fn set(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The last block in the index, as far as this process knows.
    pub fn height(&self) -> u64 {
        self.height.load(Ordering::Relaxed)
    }

    /// How many blocks the index is behind the ledger.
    pub fn lag_blocks(&self) -> u64 {
        self.ledger.status().head.height.saturating_sub(self.height())
    }

    /// Opens the index and brings it forward until the ledger stops or the index fails. Each success shortens the next pause.
    async fn work(&self, url: &DatabaseUrl, pause: &mut Duration) -> Result<(), IndexError> {
        let index = Index::open(url, &self.ledger.status().network).await?;
        self.set(State::Open(index.clone()));
        let mut head = self.ledger.watch_head();
        loop {
            head.borrow_and_update();
            let at = index.position().await?;
            self.height.store(at.height, Ordering::Relaxed);
            *pause = PAUSE_MIN;
            match next_stretch(&self.ledger, at).await {
                Ok(Some(stretch)) => match index.apply(&stretch).await {
                    // Somebody has emptied the index meanwhile.
                    Err(IndexError::Gap { .. }) => {}
                    result => {
                        result?;
                    }
                },
                Ok(None) => match tokio::time::timeout(LOOK_INTERVAL, head.changed()).await {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(_)) => return Ok(()),
                },
                Err(error) => {
                    tracing::debug!(code = error.code(), "the ledger gives no more receipts");
                    return Ok(());
                }
            }
        }
    }
}

/// Follows the ledger until it is told to stop. A database that fails is tried again, with growing pauses; the node goes on.
pub async fn follow(follower: &Follower, url: &DatabaseUrl, mut stop: watch::Receiver<bool>) {
    let work = async {
        let mut pause = PAUSE_MIN;
        while let Err(error) = follower.work(url, &mut pause).await {
            tracing::warn!(
                code = error.code(),
                %error,
                index = %url,
                millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "the index does not go on, and is tried again after a pause"
            );
            let opened = follower.index();
            follower.set(State::Closed(error.code()));
            if let Ok(index) = opened {
                // A dead database may keep its connections for long.
                let _ = tokio::time::timeout(PAUSE_MIN, index.close()).await;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    };
    tokio::select! {
        _ = stop.wait_for(|stop| *stop).map(drop) => {}
        () = work => {}
    }
    if let Ok(index) = follower.index() {
        follower.set(State::Closed("index.unavailable"));
        let _ = tokio::time::timeout(PAUSE_MAX, index.close()).await; // what it waits for is a question that is being answered
    }
}

/// The next whole blocks behind a position, or none where the ledger has no more, or not yet.
async fn next_stretch(ledger: &Handle, at: Position) -> Result<Option<Stretch>, ReadError> {
    let head = ledger.status().head;
    if head.height <= at.height {
        return Ok(None);
    }
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut next = at.receipts;
    while next < head.receipts {
        let mut page = ledger.receipts(next, RECEIPTS_AT_ONCE).await?;
        page.retain(|receipt| receipt.number < head.receipts);
        let Some(last) = page.last() else { break };
        next = last.number + 1;
        receipts.extend(page);
        let events: usize = receipts.iter().map(|receipt| event_count(receipt).max(1)).sum();
        if events >= EVENTS_AT_ONCE && whole_blocks(&receipts) > 0 {
            break;
        }
    }
    let until = if next >= head.receipts {
        Position { height: head.height, receipts: next }
    } else {
        // The last block may not be there to its end.
        receipts.truncate(whole_blocks(&receipts));
        match receipts.last() {
            Some(last) => Position { height: last.height, receipts: last.number + 1 },
            None => return Ok(None),
        }
    };
    let rows: Vec<Rows> = match tokio::task::spawn_blocking(move || receipts.iter().map(rows_of).collect()).await {
        Ok(rows) => rows,
        Err(_) => return Err(ReadError::Stopped), // the runtime ends
    };
    Ok(Some(Stretch { until, rows }))
}

/// How many of these receipts are of blocks that are there to their end: all but those of the last block.
fn whole_blocks(receipts: &[Receipt]) -> usize {
    let last = receipts.last().map(|receipt| receipt.height);
    receipts.iter().take_while(|receipt| Some(receipt.height) != last).count()
}

fn event_count(receipt: &Receipt) -> usize {
    match &receipt.outcome {
        Outcome::Applied { events } => events.len(),
        Outcome::Refused(_) => 0,
    }
}

fn rows_of(receipt: &Receipt) -> Rows {
    project(receipt, &events_as_json(receipt))
}

/// A receipt's events as JSON, each in its place; null where this program does not know one.
pub(super) fn events_as_json(receipt: &Receipt) -> Vec<Value> {
    match &receipt.outcome {
        Outcome::Applied { events } => events
            .iter()
            .map(|event| Event::decode(event.as_ref()).ok())
            .map(|event| event.map_or(Value::Null, |event| event.to_json()))
            .collect(),
        Outcome::Refused(_) => Vec::new(),
    }
}
