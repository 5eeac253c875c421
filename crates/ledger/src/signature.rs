//! Checking the signatures of transactions: in batches, on all cores, each of them once.

use crate::live::Live;
use crate::meter::Stage;
use crate::transaction::Transaction;
use commonware_parallel::{Rayon, Strategy as _};
use std::sync::Arc;
use tongban_crypto::{SignedMessage, verify_batch};
use tongban_types::Suite;
use tongban_types::transaction::signing_message;

/// Signatures that one thread checks together. Longer batches gain little, shorter ones use more threads.
const BATCH: usize = 64;

/// Whether each signature is good; what was found good before is not checked again.
pub(crate) async fn are_good(live: &Live, strategy: &Rayon, transactions: &[Arc<Transaction>]) -> Vec<bool> {
    let mut verdicts = live.checked(transactions);
    let unchecked: Vec<usize> = (0..transactions.len()).filter(|index| !verdicts[*index]).collect();
    if unchecked.is_empty() {
        return verdicts;
    }
    let count = unchecked.len();
    let asked: Vec<_> = unchecked.iter().map(|index| transactions[*index].clone()).collect();
    let suite = live.genesis.suite;
    let check = move |strategy: Rayon| strategy.map_collect_vec(asked.chunks(BATCH), |batch| check(suite, batch));
    let checked = strategy.spawn(count, check).await;
    for (index, good) in unchecked.iter().zip(checked.into_iter().flatten()) {
        verdicts[*index] = good;
    }
    live.remember_checked(unchecked.iter().filter(|index| verdicts[**index]).map(|index| &transactions[*index]));
    verdicts
}

fn check(suite: Suite, batch: &[Arc<Transaction>]) -> Vec<bool> {
    let messages: Vec<_> = batch.iter().map(|transaction| signing_message(&transaction.id)).collect();
    let items = batch.iter().zip(&messages).map(|(transaction, message)| SignedMessage {
        key: &transaction.signed.tx.key,
        message,
        signature: &transaction.signed.signature,
    });
    let items: Vec<_> = items.collect();
    Stage::Signature.time(|| verify_batch(suite, &items))
}
