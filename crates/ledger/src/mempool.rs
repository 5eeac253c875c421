//! Transactions that wait for a block: bounded in number and bytes, fair between accounts.
//!
//! Each account has its own queue in order of arrival. A block takes one transaction from each queue in turn, and the
//! next block goes on behind the account where this one stopped, so that an account with a thousand transactions delays
//! another's single one by one place. A transaction stays until it is final or expired: a proposal that fails costs
//! nothing.

use crate::transaction::{RequestKey, Transaction};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use tongban_types::{AccountId, Time};

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// Transactions of all accounts.
    pub transactions_max: usize,
    /// Their bytes.
    pub bytes_max: usize,
    /// Transactions of one account.
    pub transactions_per_account_max: usize,
    /// Bytes of one account's.
    pub bytes_per_account_max: usize,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self {
            transactions_max: 20_000,
            bytes_max: 32 * 1024 * 1024,
            transactions_per_account_max: 5_000,
            bytes_per_account_max: 4 * 1024 * 1024,
        }
    }
}

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// It waits now.
    Added,
    /// A transaction with the same account and request id, which expires no earlier, waits already; that one counts.
    AlreadyWaiting,
    /// The pool, or the account's share of it, is full.
    Full,
}

type Arrival = u64;

/// One account's waiting transactions.
#[derive(Default)]
struct Queue {
    bytes: usize,
    by_arrival: BTreeMap<Arrival, Arc<Transaction>>,
}

/// Room in a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Transactions.
    pub transactions: usize,
    /// Their bytes.
    pub bytes: usize,
    /// What executing them may cost.
    pub cost: u64,
}

/// The waiting transactions.
pub(crate) struct Mempool {
    limits: MempoolLimits,
    bytes: usize,
    arrivals: Arrival,
    waiting: HashMap<RequestKey, (Arrival, Arc<Transaction>)>,
    queues: BTreeMap<AccountId, Queue>,
    by_expiry: BTreeSet<(Time, RequestKey)>,
    /// The account whose turn was last.
    turn: Option<AccountId>,
}

impl Mempool {
    /// An empty pool.
    pub fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            bytes: 0,
            arrivals: 0,
            waiting: HashMap::new(),
            queues: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            turn: None,
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The waiting transaction of a request.
    fn get(&self, key: &RequestKey) -> Option<&Arc<Transaction>> {
        self.waiting.get(key).map(|(_, transaction)| transaction)
    }

    /// Lets a checked transaction wait. Of two with one account and request id the one that expires later waits, so that
    /// whoever is told that the request has expired is told the truth about both.
    pub fn insert(&mut self, transaction: Arc<Transaction>) -> Insertion {
        let Some(waiting) = self.get(&transaction.key()).cloned() else { return self.add(transaction) };
        if waiting.signed.tx.not_after >= transaction.signed.tx.not_after {
            return Insertion::AlreadyWaiting;
        }
        self.remove(&transaction.key());
        let insertion = self.add(transaction);
        if insertion == Insertion::Full {
            self.add(waiting); // into the place that it has just left
        }
        insertion
    }

    fn add(&mut self, transaction: Arc<Transaction>) -> Insertion {
        let key = transaction.key();
        let added_bytes = transaction.bytes.len();
        if self.waiting.len() >= self.limits.transactions_max || self.bytes + added_bytes > self.limits.bytes_max {
            return Insertion::Full;
        }
        let is_share_full = |queue: &Queue| {
            queue.by_arrival.len() >= self.limits.transactions_per_account_max
                || queue.bytes + added_bytes > self.limits.bytes_per_account_max
        };
        if self.queues.get(&key.account).is_some_and(is_share_full) {
            return Insertion::Full;
        }
        self.bytes += added_bytes;
        self.arrivals += 1;
        self.by_expiry.insert((transaction.signed.tx.not_after, key));
        let queue = self.queues.entry(key.account).or_default();
        queue.bytes += added_bytes;
        queue.by_arrival.insert(self.arrivals, transaction.clone());
        self.waiting.insert(key, (self.arrivals, transaction));
        Insertion::Added
    }

    /// Takes a request out, because it is final.
    pub fn remove(&mut self, key: &RequestKey) {
        let Some((arrival, transaction)) = self.waiting.remove(key) else { return };
        self.bytes -= transaction.bytes.len();
        self.by_expiry.remove(&(transaction.signed.tx.not_after, *key));
        if let Some(queue) = self.queues.get_mut(&key.account) {
            queue.bytes -= transaction.bytes.len();
            queue.by_arrival.remove(&arrival);
            if queue.by_arrival.is_empty() {
                self.queues.remove(&key.account);
            }
        }
    }

    /// Takes out what can be in no block later than `time`, and returns it.
    pub fn expire(&mut self, time: Time) -> Vec<RequestKey> {
        let expired: Vec<_> =
            self.by_expiry.iter().take_while(|(not_after, _)| *not_after < time).map(|(_, key)| *key).collect();
        for key in &expired {
            self.remove(key);
        }
        expired
    }

    /// Whether any waiting transaction is of this sort.
    pub fn has(&self, is_wanted: impl Fn(&Transaction) -> bool) -> bool {
        self.waiting.values().any(|(_, transaction)| is_wanted(transaction))
    }

    /// Transactions for a block, in the order in which it should execute them; they go on waiting. `cost_of` says what one
    /// costs, or nothing for one that the block may not hold.
    pub fn candidates(&mut self, room: Room, cost_of: impl Fn(&Transaction) -> Option<u64>) -> Vec<Arc<Transaction>> {
        let begin = self.turn.map_or(Bound::Unbounded, Bound::Excluded);
        let end = self.turn.map_or(Bound::Excluded(AccountId([0; 16])), Bound::Included);
        let in_turn = self.queues.range((begin, Bound::Unbounded)).chain(self.queues.range((Bound::Unbounded, end)));
        let mut queues: Vec<_> = in_turn.map(|(account, queue)| (*account, queue.by_arrival.values())).collect();

        let mut chosen = Vec::new();
        let (mut bytes, mut cost) = (0, 0);
        while !queues.is_empty() && chosen.len() < room.transactions {
            queues.retain_mut(|(account, queue)| {
                if chosen.len() >= room.transactions {
                    return true;
                }
                let next = queue.find_map(|transaction| Some((transaction, cost_of(transaction)?)));
                let Some((transaction, added_cost)) = next else { return false };
                if bytes + transaction.bytes.len() > room.bytes || cost + added_cost > room.cost {
                    return false; // this account's next one does not fit; smaller ones of others may
                }
                bytes += transaction.bytes.len();
                cost += added_cost;
                chosen.push(transaction.clone());
                self.turn = Some(*account);
                true
            });
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::{Blob, Digest, List, PublicKey, RequestId, Signature, SignedTx, Tx};

    fn transaction(account: u8, request: u8, not_after: u64) -> Arc<Transaction> {
        let tx = Tx {
            network: Digest::ZERO,
            account: AccountId([account; 16]),
            key: PublicKey::new(vec![1; 32]).expect("short"),
            request_id: RequestId([request; 16]),
            not_after: time(not_after),
            calls: List::default(),
        };
        let signed = SignedTx { tx, signature: Signature([0; 64]) };
        Transaction::new(signed, tongban_crypto::primitives(tongban_types::Suite::Intl)).expect("small")
    }

    fn time(millis: u64) -> Time {
        Time::from_millis(millis).expect("a small number")
    }

    fn pool(transactions_max: usize, transactions_per_account_max: usize) -> Mempool {
        Mempool::new(MempoolLimits { transactions_max, transactions_per_account_max, ..MempoolLimits::default() })
    }

    fn room(transactions: usize, bytes: usize) -> Room {
        Room { transactions, bytes, cost: 1_000 }
    }

    /// `(account, request)` pairs in order.
    fn names(transactions: &[Arc<Transaction>]) -> Vec<(u8, u8)> {
        let name = |transaction: &Arc<Transaction>| (transaction.key().account.0[0], transaction.key().request_id.0[0]);
        transactions.iter().map(name).collect()
    }

    #[test]
    fn accounts_take_turns_and_each_keeps_its_order() {
        let mut pool = pool(100, 100);
        for (account, request) in [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)] {
            assert_eq!(pool.insert(transaction(account, request, 10)), Insertion::Added);
        }
        assert_eq!(
            names(&pool.candidates(room(100, usize::MAX), |_| Some(1))),
            [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]
        );
        assert_eq!(pool.len(), 5, "candidates go on waiting");
    }

    #[test]
    fn the_next_block_goes_on_behind_the_last_account() {
        let mut pool = pool(100, 100);
        for account in 1..=3 {
            pool.insert(transaction(account, 1, 10));
        }
        assert_eq!(names(&pool.candidates(room(2, usize::MAX), |_| Some(1))), [(1, 1), (2, 1)]);
        assert_eq!(names(&pool.candidates(room(2, usize::MAX), |_| Some(1))), [(3, 1), (1, 1)]);
    }

    #[test]
    fn unwanted_and_too_large_ones_are_passed_over() {
        let mut pool = pool(100, 100);
        for (account, request) in [(1, 1), (1, 2), (2, 1)] {
            pool.insert(transaction(account, request, 10));
        }
        let wanted = |transaction: &Transaction| (transaction.key().request_id.0[0] != 1).then_some(1);
        assert_eq!(names(&pool.candidates(room(100, usize::MAX), wanted)), [(1, 2)]);
        let one = transaction(1, 1, 10).bytes.len();
        assert_eq!(pool.candidates(room(100, one), |_| Some(1)).len(), 1);
    }

    #[test]
    fn full_for_all_and_full_for_one() {
        let mut pool = pool(3, 2);
        assert_eq!(pool.insert(transaction(1, 1, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(1, 1, 10)), Insertion::AlreadyWaiting);
        assert_eq!(pool.insert(transaction(1, 2, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(1, 3, 10)), Insertion::Full, "the account's share");
        assert_eq!(pool.insert(transaction(2, 1, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(3, 1, 10)), Insertion::Full, "the pool");
        pool.remove(&transaction(1, 1, 10).key());
        assert_eq!(pool.insert(transaction(3, 1, 10)), Insertion::Added);
    }

    #[test]
    fn of_two_with_one_request_id_the_later_waits() {
        let mut pool = pool(1, 1);
        assert_eq!(pool.insert(transaction(1, 1, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(1, 1, 9)), Insertion::AlreadyWaiting);
        assert_eq!(pool.insert(transaction(1, 1, 12)), Insertion::Added, "it takes the other's place");
        assert_eq!((pool.len(), pool.by_expiry.len()), (1, 1));
        assert!(pool.expire(time(11)).is_empty(), "the one that had expired does not wait any more");
        assert_eq!(pool.expire(time(13)).len(), 1);
        assert_eq!((pool.len(), pool.bytes, pool.queues.len(), pool.by_expiry.len()), (0, 0, 0, 0));
    }

    #[test]
    fn one_that_does_not_fit_leaves_the_other_where_it_is() {
        let short = transaction(1, 1, 10);
        let mut longer = transaction(1, 1, 11).signed.clone();
        longer.tx.calls = List::new(vec![Blob::new(vec![0; 100]).expect("short")]).expect("one");
        let primitives = tongban_crypto::primitives(tongban_types::Suite::Intl);
        let longer = Transaction::new(longer, primitives).expect("small");
        let limits = MempoolLimits { bytes_max: short.bytes.len(), ..MempoolLimits::default() };
        let mut pool = Mempool::new(limits);
        assert_eq!(pool.insert(short.clone()), Insertion::Added);
        assert_eq!(pool.insert(longer), Insertion::Full);
        assert_eq!(pool.get(&short.key()).map(|waiting| waiting.id), Some(short.id));
        assert_eq!((pool.len(), pool.bytes), (1, short.bytes.len()));
    }

    #[test]
    fn one_account_cannot_take_all_bytes() {
        let one = transaction(1, 1, 10).bytes.len();
        let limits = MempoolLimits { bytes_per_account_max: 2 * one, ..MempoolLimits::default() };
        let mut pool = Mempool::new(limits);
        assert_eq!(pool.insert(transaction(1, 1, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(1, 2, 10)), Insertion::Added);
        assert_eq!(pool.insert(transaction(1, 3, 10)), Insertion::Full);
        assert_eq!(pool.insert(transaction(2, 1, 10)), Insertion::Added);
        pool.remove(&transaction(1, 1, 10).key());
        assert_eq!(pool.insert(transaction(1, 3, 10)), Insertion::Added);
    }

    #[test]
    fn a_block_is_bounded_in_cost() {
        let mut pool = pool(100, 100);
        for account in 1..=4 {
            pool.insert(transaction(account, 1, 10));
        }
        assert_eq!(pool.candidates(room(100, usize::MAX), |_| Some(400)).len(), 2);
    }

    #[test]
    fn expired_ones_leave_and_their_bytes_are_free_again() {
        let mut pool = pool(100, 100);
        pool.insert(transaction(1, 1, 10));
        pool.insert(transaction(1, 2, 11));
        assert_eq!(pool.expire(time(11)).len(), 1, "a block of time 11 may still hold the other");
        assert_eq!(pool.expire(time(12)).len(), 1);
        assert_eq!((pool.len(), pool.bytes, pool.queues.len(), pool.by_expiry.len()), (0, 0, 0, 0));
    }
}
