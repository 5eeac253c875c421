//! The ledger as the rest of the program uses it: submit, wait, read, prove, subscribe, stop.
//!
//! A [`Handle`] is concrete and cheap to clone, and its futures run on any runtime: the work is done on the engine's own
//! threads, and what comes back are values.

use crate::admission::{RETRY_AFTER_MILLIS, Submission};
use crate::error::{EngineFailure, ReadError, SubmitError};
use crate::live::{Answer, FinalBlock, Live};
use crate::proofs::RecordName;
use crate::transaction::{RequestKey, Transaction};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tongban_types::proof::{Bundle, Slip};
use tongban_types::{AccountId, Block, Certificate, Digest, Header, Receipt, RequestId, SignedTx, Suite};

/// A question to the engine's threads, with the place for its answer.
pub(crate) enum Question {
    Get { keys: Vec<Digest>, reply: Reply<(Vec<Option<Vec<u8>>>, Header)> },
    Receipt { key: RequestKey, reply: Reply<Receipt> },
    Receipts { from: u64, limit: usize, reply: Reply<Vec<Receipt>> },
    Block { height: u64, reply: Reply<Block> },
    Certificate { height: u64, reply: Reply<Certificate> },
    ProveReceipt { number: u64, reply: Reply<Bundle> },
    Slip { number: u64, reply: Reply<Slip> },
    ProveRecords { names: Vec<RecordName>, reply: Reply<Vec<Bundle>> },
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, ReadError>>;

/// How the engine ended; `None` while it runs.
pub(crate) type Outcome = Option<Result<(), EngineFailure>>;

/// A node's state of affairs.
#[derive(Clone, Debug)]
pub struct Status {
    /// The network's identifier.
    pub network: Digest,
    /// Its suite.
    pub suite: Suite,
    /// The latest final header.
    pub head: Arc<Header>,
    /// Transactions that wait for a block.
    pub waiting: usize,
}

/// A transaction on its way.
#[derive(Debug)]
pub struct Ticket {
    id: Digest,
    answer: oneshot::Receiver<Answer>,
}

impl Ticket {
    /// The transaction's identifier.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// Waits until the transaction is final or has expired. Giving up changes nothing: the same request may be submitted
    /// again and has one effect.
    pub async fn wait(self) -> Result<Receipt, SubmitError> {
        self.answer.await.unwrap_or(Err(SubmitError::Stopped))
    }
}

/// The ledger of a running node.
#[derive(Clone)]
pub struct Handle {
    pub(crate) live: Arc<Live>,
    pub(crate) submissions: mpsc::Sender<Submission>,
    pub(crate) questions: mpsc::Sender<Question>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) outcome: watch::Receiver<Outcome>,
}

impl Handle {
    /// Submits a transaction. When this returns, it waits in the mempool, or took effect before.
    pub async fn submit(&self, signed: SignedTx) -> Result<Ticket, SubmitError> {
        let transaction = Transaction::new(signed, self.live.primitives).ok_or(SubmitError::TooLarge)?;
        let id = transaction.id;
        let (accepted, is_accepted) = oneshot::channel();
        let (answer, receiver) = oneshot::channel();
        self.submissions.try_send(Submission { transaction, accepted, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy { retry_after_millis: RETRY_AFTER_MILLIS },
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopped,
        })?;
        is_accepted.await.unwrap_or(Err(SubmitError::Stopped))?;
        Ok(Ticket { id, answer: receiver })
    }

    /// Submits a transaction and waits for what becomes of it.
    pub async fn submit_and_wait(&self, signed: SignedTx) -> Result<Receipt, SubmitError> {
        self.submit(signed).await?.wait().await
    }

    /// The receipt of a request, if it took effect inside the network's window.
    pub async fn receipt(&self, account: AccountId, request_id: RequestId) -> Result<Receipt, ReadError> {
        self.ask(|reply| Question::Receipt { key: RequestKey { account, request_id }, reply }).await
    }

    /// The receipt with a number.
    pub async fn receipt_by_number(&self, number: u64) -> Result<Receipt, ReadError> {
        self.receipts(number, 1).await?.pop().ok_or(ReadError::NotFound)
    }

    /// Receipts from a number on, in order, at most [`crate::RECEIPTS_MAX`].
    pub async fn receipts(&self, from: u64, limit: usize) -> Result<Vec<Receipt>, ReadError> {
        self.ask(|reply| Question::Receipts { from, limit, reply }).await
    }

    /// The latest records under state keys, at most [`crate::KEYS_MAX`], and the header of the state they are in.
    pub async fn get(&self, keys: Vec<Digest>) -> Result<(Vec<Option<Vec<u8>>>, Header), ReadError> {
        self.ask(|reply| Question::Get { keys, reply }).await
    }

    /// The final block at a height.
    pub async fn block(&self, height: u64) -> Result<Block, ReadError> {
        self.ask(|reply| Question::Block { height, reply }).await
    }

    /// The finality certificate of the block at a height; a block that became final through its descendant has none.
    pub async fn certificate(&self, height: u64) -> Result<Certificate, ReadError> {
        self.ask(|reply| Question::Certificate { height, reply }).await
    }

    /// Proves what became of a transaction, by its receipt's number.
    pub async fn prove_receipt(&self, number: u64) -> Result<Bundle, ReadError> {
        self.ask(|reply| Question::ProveReceipt { number, reply }).await
    }

    /// Proves the events of a receipt, by its number, in what fits a QR code.
    pub async fn slip(&self, number: u64) -> Result<Slip, ReadError> {
        self.ask(|reply| Question::Slip { number, reply }).await
    }

    /// Proves the latest records, or their absence, all against one header; at most [`crate::KEYS_MAX`].
    pub async fn prove_records(&self, names: Vec<RecordName>) -> Result<Vec<Bundle>, ReadError> {
        self.ask(|reply| Question::ProveRecords { names, reply }).await
    }

    async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Question) -> Result<T, ReadError> {
        let (reply, answer) = oneshot::channel();
        self.questions.send(question(reply)).await.map_err(|_| ReadError::Stopped)?;
        answer.await.unwrap_or(Err(ReadError::Stopped))
    }

    /// The node's state of affairs.
    pub fn status(&self) -> Status {
        Status {
            network: self.live.network,
            suite: self.live.genesis.suite,
            head: self.live.head(),
            waiting: self.live.waiting(),
        }
    }

    /// The latest final header, and each later one.
    pub fn watch_head(&self) -> watch::Receiver<Arc<Header>> {
        self.live.watch_head()
    }

    /// Each final block from now on. Whoever falls too far behind misses blocks, is told so, and reads
    /// [`Handle::receipts`] from where it stood.
    pub fn watch_blocks(&self) -> broadcast::Receiver<Arc<FinalBlock>> {
        self.live.watch_blocks()
    }

    /// Asks the engine to stop. [`EngineThread::join`] waits until it has.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until the engine ends: well after [`Handle::stop`], or with a failure.
    pub async fn ended(&self) -> Result<(), EngineFailure> {
        let mut outcome = self.outcome.clone();
        let ended = outcome.wait_for(Option::is_some).await;
        let unseen = || Some(Err(EngineFailure { reason: "the engine's thread vanished".into() }));
        let outcome = ended.map_or_else(|_| unseen(), |outcome| outcome.clone());
        outcome.expect("waited for it")
    }

    /// Why the engine failed, if it did.
    pub fn failed(&self) -> Option<EngineFailure> {
        self.outcome.borrow().clone().and_then(Result::err)
    }
}

/// The engine's main thread.
#[derive(Debug)]
pub struct EngineThread {
    pub(crate) thread: std::thread::JoinHandle<()>,
    pub(crate) outcome: watch::Receiver<Outcome>,
}

impl EngineThread {
    /// Blocks until the engine has ended and its folder is free.
    pub fn join(self) -> Result<(), EngineFailure> {
        let panicked = self.thread.join().is_err();
        let outcome = self.outcome.borrow().clone();
        match outcome {
            Some(outcome) if !panicked => outcome,
            _ => Err(EngineFailure { reason: "the engine's thread panicked".into() }),
        }
    }
}
