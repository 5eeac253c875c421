//! What a node knows in memory, shared by everything that runs in it: who waits, what took effect lately, the head.
//!
//! One lock guards mempool, window and waiting requests together, so that a transaction is at any moment either
//! waiting or settled, never both and never neither. Nobody holds the lock across an `await`.

use crate::checked::Checked;
use crate::error::SubmitError;
use crate::mempool::{Insertion, Mempool, MempoolLimits, Room};
use crate::transaction::{RequestKey, Transaction};
use crate::window::{Settled, Use, Window};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{broadcast, oneshot, watch};
use tongban_kernel::Rules;
use tongban_types::{Digest, Genesis, Header, Primitives, Receipt, Time};

/// Final blocks that a slow subscriber may be behind before it must read them from the node.
const BLOCKS_BEHIND_MAX: usize = 256;

/// A block that is final, as subscribers get it.
#[derive(Debug)]
pub struct FinalBlock {
    /// The header.
    pub header: Header,
    /// Its digest.
    pub digest: Digest,
    /// What became of its transactions, in their order.
    pub receipts: Vec<Receipt>,
}

/// How a request ended, to whoever waits for it.
pub(crate) type Answer = Result<Receipt, SubmitError>;

/// Where a checked transaction stands after it was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// It waits, and is new here.
    Added,
    /// It, or another with the same account and request id, waits already.
    Waiting,
    /// The request took effect before.
    Settled(Settled),
    /// There is no room.
    Full,
}

struct Memory {
    mempool: Mempool,
    window: Window,
    checked: Checked,
    /// In order of their keys, so that those who wait are told in the same order in every run of a simulation.
    waiters: BTreeMap<RequestKey, Vec<oneshot::Sender<Answer>>>,
    /// Whether the engine has ended, so that nothing will ever be answered.
    closed: bool,
}

/// The shared memory of one node.
pub(crate) struct Live {
    /// The genesis of its network.
    pub genesis: Genesis,
    /// The network's identifier.
    pub network: Digest,
    /// The digest of the set of validators.
    pub validators: Digest,
    /// Hashes and signature checks of its suite.
    pub primitives: &'static dyn Primitives,
    /// The modules.
    pub rules: &'static dyn Rules,
    memory: Mutex<Memory>,
    arrivals: watch::Sender<u64>,
    head: watch::Sender<Arc<Header>>,
    blocks: broadcast::Sender<Arc<FinalBlock>>,
}

impl Live {
    /// A node that knows its genesis alone; `head` is the genesis block's header.
    pub fn new(
        genesis: Genesis,
        head: Header,
        primitives: &'static dyn Primitives,
        rules: &'static dyn Rules,
        limits: MempoolLimits,
    ) -> Self {
        let memory = Memory {
            mempool: Mempool::new(limits),
            window: Window::new(genesis.parameters.window_millis),
            checked: Checked::default(),
            waiters: BTreeMap::new(),
            closed: false,
        };
        Self {
            network: genesis.network(primitives),
            validators: genesis.validators.digest(primitives),
            genesis,
            primitives,
            rules,
            memory: Mutex::new(memory),
            arrivals: watch::Sender::new(0),
            head: watch::Sender::new(Arc::new(head)),
            blocks: broadcast::Sender::new(BLOCKS_BEHIND_MAX),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("nothing panics under the lock")
    }

    /// Offers a checked transaction. A waiter is kept where it waits, and given back where it is settled.
    pub fn offer(
        &self,
        transaction: Arc<Transaction>,
        waiter: Option<oneshot::Sender<Answer>>,
    ) -> (Offered, Option<oneshot::Sender<Answer>>) {
        let key = transaction.key();
        let offered = {
            let mut memory = self.memory();
            if memory.closed {
                return (Offered::Full, None);
            }
            if let Some(settled) = memory.window.find(&key) {
                return (Offered::Settled(settled), waiter);
            }
            let offered = match memory.mempool.insert(transaction) {
                Insertion::Added => Offered::Added,
                Insertion::AlreadyWaiting => Offered::Waiting,
                Insertion::Full => return (Offered::Full, waiter),
            };
            if let Some(waiter) = waiter {
                let waiters = memory.waiters.entry(key).or_default();
                waiters.retain(|waiter| !waiter.is_closed()); // repeats of one request do not pile up
                waiters.push(waiter);
            }
            offered
        };
        if offered == Offered::Added {
            self.arrivals.send_modify(|arrivals| *arrivals += 1);
        }
        (offered, None)
    }

    /// Where the request stands, without offering anything.
    pub fn find(&self, key: &RequestKey) -> Option<Settled> {
        self.memory().window.find(key)
    }

    /// Which of the transactions have signatures that were found good before.
    pub fn checked(&self, transactions: &[Arc<Transaction>]) -> Vec<bool> {
        let memory = self.memory();
        transactions.iter().map(|transaction| memory.checked.holds(transaction)).collect()
    }

    /// Remembers transactions whose signatures are good.
    pub fn remember_checked<'a>(&self, transactions: impl IntoIterator<Item = &'a Arc<Transaction>>) {
        let mut memory = self.memory();
        for transaction in transactions {
            memory.checked.insert(transaction);
        }
    }

    /// How many transactions wait.
    pub fn waiting(&self) -> usize {
        self.memory().mempool.len()
    }

    /// Whether a transaction waits that a block of this time may hold and none of the given, not yet final, blocks holds.
    pub fn has_work(&self, time: Time, pending: &HashSet<RequestKey>) -> bool {
        let is_work =
            |transaction: &Transaction| self.is_in_window(transaction, time) && !pending.contains(&transaction.key());
        self.memory().mempool.has(is_work)
    }

    /// Transactions for a block of this height and time on top of the given, not yet final, requests.
    pub fn candidates(&self, height: u64, time: Time, pending: &HashSet<RequestKey>) -> Vec<Arc<Transaction>> {
        let mut memory = self.memory();
        let Memory { mempool, window, .. } = &mut *memory;
        let room = Room {
            transactions: tongban_types::block::BLOCK_TRANSACTIONS_MAX,
            bytes: self.genesis.parameters.block_bytes_max as usize,
            cost: tongban_types::block::BLOCK_COST_MAX,
        };
        mempool.candidates(room, |transaction| {
            let key = transaction.key();
            let fits = self.is_in_window(transaction, time)
                && !pending.contains(&key)
                && !window.is_used_below(&key, height, time);
            fits.then(|| transaction.cost(self.rules))
        })
    }

    /// Forgets a waiting transaction that no block may hold, and tells whoever waits why.
    pub fn refuse(&self, key: &RequestKey, code: &tongban_types::receipt::Code) {
        let waiters = {
            let mut memory = self.memory();
            memory.mempool.remove(key);
            memory.waiters.remove(key).unwrap_or_default()
        };
        for waiter in waiters {
            let _ = waiter.send(Err(SubmitError::Refused { code: code.clone() })); // whoever waited may have gone
        }
    }

    /// The engine has ended: nobody who waits will be answered, and nobody waits from now on.
    pub fn close(&self) {
        // The engine may have ended by a panic under the lock; there is nothing left to protect then.
        let mut memory = self.memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        memory.closed = true;
        memory.waiters.clear();
    }

    /// Whether a block of this time may hold the transaction.
    pub fn is_in_window(&self, transaction: &Transaction, time: Time) -> bool {
        let not_after = transaction.signed.tx.not_after;
        time <= not_after && not_after <= time.plus_millis(self.genesis.parameters.window_millis)
    }

    /// Whether any of the requests took effect below the height, too lately for a block of this time to repeat it.
    pub fn is_any_used_below<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a RequestKey>,
        height: u64,
        time: Time,
    ) -> bool {
        let memory = self.memory();
        keys.into_iter().any(|key| memory.window.is_used_below(key, height, time))
    }

    /// The height up to which the window knows what is final.
    pub fn settled_height(&self) -> u64 {
        self.memory().window.height()
    }

    /// Takes in a final block: who waited is answered, what expired is answered too, and subscribers are told.
    pub fn settle(&self, block: FinalBlock) {
        let header = &block.header;
        let mut answers = Vec::new();
        {
            let mut memory = self.memory();
            memory.window.record(header.height, header.time, block.receipts.iter().map(Use::from));
            for receipt in &block.receipts {
                let key = RequestKey { account: receipt.account, request_id: receipt.request_id };
                memory.mempool.remove(&key);
                let waiters = memory.waiters.remove(&key).unwrap_or_default();
                answers.extend(waiters.into_iter().map(|waiter| (waiter, Ok(receipt.clone()))));
            }
            for key in memory.mempool.expire(header.time) {
                let waiters = memory.waiters.remove(&key).unwrap_or_default();
                answers.extend(waiters.into_iter().map(|waiter| (waiter, Err(SubmitError::Expired))));
            }
        }
        let is_newer = header.height > self.head.borrow().height;
        if is_newer {
            self.head.send_replace(Arc::new(header.clone()));
        }
        for (waiter, answer) in answers {
            let _ = waiter.send(answer); // whoever waited may have gone
        }
        if is_newer {
            let _ = self.blocks.send(Arc::new(block)); // there may be no subscriber
        }
    }

    /// Takes in what took effect inside the last window, read from disk at the start; `head` is the latest final header.
    pub fn restore(&self, head: Header, uses: impl IntoIterator<Item = Use>) {
        self.memory().window.record(head.height, head.time, uses);
        self.head.send_if_modified(|current| {
            let is_newer = head.height > current.height;
            if is_newer {
                *current = Arc::new(head);
            }
            is_newer
        });
    }

    /// The latest final header.
    pub fn head(&self) -> Arc<Header> {
        self.head.borrow().clone()
    }

    /// Tells of each new head.
    pub fn watch_head(&self) -> watch::Receiver<Arc<Header>> {
        self.head.subscribe()
    }

    /// Tells of each final block from now on.
    pub fn watch_blocks(&self) -> broadcast::Receiver<Arc<FinalBlock>> {
        self.blocks.subscribe()
    }

    /// Tells when a transaction arrives.
    pub fn watch_arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }
}
