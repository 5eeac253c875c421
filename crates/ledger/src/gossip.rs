//! Gossip: a transaction that a user gave to one node reaches the mempools of all.
//!
//! Validators form a full mesh, so a node tells all others what its own users submitted and passes on nothing that it
//! heard. Messages are bounded, and so is what a peer may send per second (the channel's quota). What a peer sends is
//! checked like a user's transaction before it is kept; a peer that sends rubbish is not listened to for a while, which
//! costs nobody but itself.
//!
//! Gossip may lose messages. That costs time and nothing else: the node that knows a transaction proposes it when it
//! leads.

use crate::admission::Admission;
use crate::error::SubmitError;
use crate::execution::now;
use crate::live::Live;
use crate::meter::Stage;
use crate::stores::StoreContext;
use crate::suite::{EngineSuite, NodeKeyOf};
use crate::transaction::Transaction;
use bytes::Bytes;
use commonware_p2p::{Receiver, Recipients, Sender};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tongban_types::transaction::TRANSACTION_BYTES_MAX;
use tongban_types::{Blob, List, codec};

/// Transactions in one message.
const TRANSACTIONS_MAX: usize = 512;
/// Bytes of the transactions in one message, beyond which no further one is added.
const BYTES_MAX: usize = 256 * 1024;
/// The greatest message.
pub(crate) const MESSAGE_BYTES_MAX: usize = BYTES_MAX + TRANSACTION_BYTES_MAX + TRANSACTIONS_MAX * 4 + 16;
/// Transactions that may wait to be told.
pub(crate) const QUEUE_MAX: usize = 8_192;
/// How long a peer that sent rubbish is not listened to.
const SILENCE: Duration = Duration::from_secs(10);

type Batch = List<Blob<TRANSACTION_BYTES_MAX>, TRANSACTIONS_MAX>;

/// Tells all peers what this node's users submitted.
pub(crate) async fn tell<Se: Sender>(mut queue: mpsc::Receiver<Arc<Transaction>>, mut sender: Se) {
    let mut left_over: Option<Arc<Transaction>> = None;
    loop {
        let first = match left_over.take() {
            Some(transaction) => transaction,
            None => match queue.recv().await {
                Some(transaction) => transaction,
                None => return,
            },
        };
        let mut bytes = first.bytes.len();
        let mut batch = vec![first];
        while batch.len() < TRANSACTIONS_MAX && bytes < BYTES_MAX {
            let Ok(transaction) = queue.try_recv() else { break };
            bytes += transaction.bytes.len();
            batch.push(transaction);
        }
        Stage::Gossip.time(|| sender.send(Recipients::All, encode(&batch), false));
    }
}

fn encode(batch: &[Arc<Transaction>]) -> Bytes {
    let blobs = batch.iter().map(|transaction| Blob::new(transaction.bytes.clone()));
    let blobs = blobs.collect::<Result<Vec<_>, _>>().expect("transactions are within their limit");
    let batch: Batch = List::new(blobs).expect("no more than the limit were taken");
    Bytes::from(codec::encode(&batch))
}

/// Listens to the peers.
pub(crate) async fn listen<E: StoreContext, S: EngineSuite>(
    clock: E,
    live: Arc<Live>,
    admission: Admission<E, S>,
    mut receiver: impl Receiver<PublicKey = S::Key>,
) {
    let mut silenced: HashMap<S::Key, SystemTime> = HashMap::new();
    while let Ok((peer, message)) = receiver.recv().await {
        if silenced.get(&peer).is_some_and(|until| clock.current() < *until) {
            continue;
        }
        let taken = take(&clock, &live, &admission, message.as_ref());
        if !Stage::Gossip.time_future(taken).await {
            tracing::warn!(peer = %peer.to_types(), "a peer gossiped rubbish");
            silenced.insert(peer, clock.current() + SILENCE);
        }
    }
}

/// Takes a message in. False where an honest peer would not have sent it.
async fn take<E: StoreContext, S: EngineSuite>(
    clock: &E,
    live: &Live,
    admission: &Admission<E, S>,
    message: &[u8],
) -> bool {
    if message.len() > MESSAGE_BYTES_MAX {
        return false;
    }
    let Ok(batch) = codec::decode::<Batch>(message) else { return false };
    let transactions = batch.iter().map(|bytes| Transaction::decode(bytes.as_ref(), live.primitives));
    let Some(mut transactions) = transactions.collect::<Option<Vec<_>>>() else { return false };
    let mut keys = HashSet::new();
    transactions.retain(|transaction| keys.insert(transaction.key()) && live.find(&transaction.key()).is_none());

    let verdicts = admission.check(transactions.clone(), now(clock)).await;
    let is_honest =
        !verdicts.iter().any(|verdict| matches!(verdict, Err(SubmitError::BadSignature | SubmitError::WrongNetwork)));
    for (transaction, verdict) in transactions.into_iter().zip(verdicts) {
        if verdict.is_ok() {
            live.offer(transaction, None);
        }
    }
    is_honest
}
