//! Which signatures this node found good lately. A transaction comes to a node up to three times, from a user, by gossip
//! and in a block, in any order; its signature is checked the first time.

use crate::transaction::Transaction;
use std::collections::{HashMap, VecDeque};
use tongban_types::{Digest, Signature};

/// Signatures that are remembered: more than can wait and be in blocks that are not final. The oldest are forgotten, which
/// costs one more check.
const SIGNATURES_MAX: usize = 65_536;

/// Good signatures by the transaction that they are over.
pub(crate) struct Checked {
    good: HashMap<Digest, Signature>,
    order: VecDeque<Digest>,
    signatures_max: usize,
}

impl Default for Checked {
    fn default() -> Self {
        Self::with_room_for(SIGNATURES_MAX)
    }
}

impl Checked {
    fn with_room_for(signatures_max: usize) -> Self {
        Self { good: HashMap::new(), order: VecDeque::new(), signatures_max }
    }

    /// Whether this signature over this transaction was found good.
    pub fn holds(&self, transaction: &Transaction) -> bool {
        self.good.get(&transaction.id) == Some(&transaction.signed.signature)
    }

    /// Remembers that the transaction's signature is good.
    pub fn insert(&mut self, transaction: &Transaction) {
        if self.good.insert(transaction.id, transaction.signed.signature).is_some() {
            return; // another good signature over the same transaction takes its place
        }
        self.order.push_back(transaction.id);
        if self.order.len() > self.signatures_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.good.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tongban_types::{AccountId, List, PublicKey, RequestId, SignedTx, Suite, Time, Tx};

    fn transaction(request: u8, signature: u8) -> Arc<Transaction> {
        let tx = Tx {
            network: Digest::ZERO,
            account: AccountId([1; 16]),
            key: PublicKey::new(vec![1; 32]).expect("short"),
            request_id: RequestId([request; 16]),
            not_after: Time::default(),
            calls: List::default(),
        };
        let signed = SignedTx { tx, signature: Signature([signature; 64]) };
        Transaction::new(signed, tongban_crypto::primitives(Suite::Intl)).expect("small")
    }

    #[test]
    fn another_signature_over_the_same_transaction_is_not_known() {
        let mut checked = Checked::default();
        checked.insert(&transaction(1, 1));
        assert!(checked.holds(&transaction(1, 1)));
        assert!(!checked.holds(&transaction(1, 2)));
        assert!(!checked.holds(&transaction(2, 1)));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut checked = Checked::with_room_for(2);
        for request in [1, 2, 2, 3] {
            checked.insert(&transaction(request, request));
        }
        let known: Vec<u8> = (1..=3).filter(|request| checked.holds(&transaction(*request, *request))).collect();
        assert_eq!((known, checked.good.len(), checked.order.len()), (vec![2, 3], 2, 2));
    }
}
