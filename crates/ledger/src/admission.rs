//! Admission: what a transaction must pass before it may wait in the mempool, from a user or from a peer.
//!
//! In order of cost: its network and window, whether the request is known already, its calls by themselves, its
//! signature (in batches, on all cores), and whether the latest state knows its account and key. None of this decides
//! about its effect: execution asks again, at the block's height. Admission keeps out what would only fill blocks.

use crate::error::SubmitError;
use crate::execution::now;
use crate::library::Library;
use crate::live::{Answer, Live, Offered};
use crate::meter::Stage;
use crate::signature;
use crate::stores::StoreContext;
use crate::suite::EngineSuite;
use crate::transaction::Transaction;
use commonware_parallel::Rayon;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, oneshot};
use tongban_kernel::{Missing, ModuleError as _, State, Stop, TxError};
use tongban_types::{Receipt, Time};

/// Transactions whose signatures are checked together.
const BATCH_MAX: usize = 512;
/// Submissions that may wait for admission.
pub(crate) const SUBMISSIONS_MAX: usize = 4_096;
/// When a full node wants to be asked again.
pub(crate) const RETRY_AFTER_MILLIS: u64 = 500;

/// A user's transaction on its way to the mempool.
pub(crate) struct Submission {
    /// The transaction.
    pub transaction: Arc<Transaction>,
    /// Told whether it is on its way.
    pub accepted: oneshot::Sender<Result<(), SubmitError>>,
    /// Told how it ended.
    pub answer: oneshot::Sender<Answer>,
}

impl Submission {
    // Whoever submitted may have gone; then nobody hears the answer, and that is well.
    fn settle(self, receipt: Receipt) {
        let _ = self.answer.send(Ok(receipt));
        let _ = self.accepted.send(Ok(()));
    }

    fn refuse(self, error: SubmitError) {
        let _ = self.accepted.send(Err(error));
    }
}

/// Checks transactions against the rules that need no order.
pub(crate) struct Admission<E: StoreContext, S: EngineSuite> {
    live: Arc<Live>,
    library: Library<E, S>,
    strategy: Rayon,
    disk_is_low: Arc<AtomicBool>,
}

impl<E: StoreContext, S: EngineSuite> Clone for Admission<E, S> {
    fn clone(&self) -> Self {
        Self {
            live: self.live.clone(),
            library: self.library.clone(),
            strategy: self.strategy.clone(),
            disk_is_low: self.disk_is_low.clone(),
        }
    }
}

impl<E: StoreContext, S: EngineSuite> Admission<E, S> {
    /// Admits against the latest state.
    pub fn new(library: Library<E, S>, strategy: Rayon, disk_is_low: Arc<AtomicBool>) -> Self {
        Self { live: library.live.clone(), library, strategy, disk_is_low }
    }

    /// Takes users' transactions in, in batches of whatever has come while the last batch was checked, and hands what is
    /// new to the gossip.
    pub async fn run(
        self,
        clock: E,
        mut submissions: mpsc::Receiver<Submission>,
        gossip: mpsc::Sender<Arc<Transaction>>,
    ) {
        let mut batch = Vec::new();
        while submissions.recv_many(&mut batch, BATCH_MAX).await > 0 {
            let batch = std::mem::take(&mut batch);
            Stage::Admission.time_future(self.admit(batch, now(&clock), &gossip)).await;
        }
    }

    async fn admit(&self, batch: Vec<Submission>, time: Time, gossip: &mpsc::Sender<Arc<Transaction>>) {
        let mut fresh = Vec::with_capacity(batch.len());
        for submission in batch {
            if self.disk_is_low.load(Ordering::Relaxed) {
                submission.refuse(SubmitError::DiskLow);
                continue;
            }
            match self.library.receipt(&submission.transaction.key()).await {
                Some(receipt) => submission.settle(receipt), // a repeat has no second effect
                None => fresh.push(submission),
            }
        }
        let transactions = fresh.iter().map(|submission| submission.transaction.clone()).collect();
        let verdicts = self.check(transactions, time).await;
        for (submission, verdict) in fresh.into_iter().zip(verdicts) {
            match verdict {
                Ok(()) => self.take(submission, gossip).await,
                Err(error) => submission.refuse(error),
            }
        }
    }

    async fn take(&self, submission: Submission, gossip: &mpsc::Sender<Arc<Transaction>>) {
        let Submission { transaction, accepted, answer } = submission;
        let (offered, answer) = self.live.offer(transaction.clone(), Some(answer));
        let verdict = match offered {
            Offered::Added => {
                // A full gossip queue loses nothing: this node proposes the transaction itself when it leads.
                let _ = gossip.try_send(transaction);
                Ok(())
            }
            Offered::Waiting => Ok(()),
            Offered::Settled(_) => {
                let receipt = self.library.receipt(&transaction.key()).await;
                if let (Some(receipt), Some(answer)) = (receipt, answer) {
                    let _ = answer.send(Ok(receipt));
                }
                Ok(())
            }
            Offered::Full => Err(SubmitError::Busy { retry_after_millis: RETRY_AFTER_MILLIS }),
        };
        let _ = accepted.send(verdict);
    }

    /// Checks transactions, each by itself; the verdicts stand in their order.
    pub async fn check(&self, transactions: Vec<Arc<Transaction>>, time: Time) -> Vec<Result<(), SubmitError>> {
        let mut verdicts: Vec<_> = transactions.iter().map(|transaction| self.check_alone(transaction, time)).collect();

        let good = indices_of_good(&verdicts);
        let asked: Vec<_> = good.iter().map(|index| transactions[*index].clone()).collect();
        let signed = signature::are_good(&self.live, &self.strategy, &asked).await;
        for (index, signed) in good.into_iter().zip(signed) {
            if !signed {
                verdicts[index] = Err(SubmitError::BadSignature);
            }
        }

        self.check_accounts(&transactions, &mut verdicts).await;
        verdicts
    }

    /// What the transaction and the clock alone decide.
    fn check_alone(&self, transaction: &Transaction, time: Time) -> Result<(), SubmitError> {
        let tx = &transaction.signed.tx;
        if tx.network != self.live.network {
            return Err(SubmitError::WrongNetwork);
        }
        // Where the clock stands behind the head, the head says what time it is.
        let time = time.max(self.live.head().time);
        if tx.not_after <= time {
            return Err(SubmitError::Expired);
        }
        if tx.not_after > time.plus_millis(self.live.genesis.parameters.window_millis) {
            return Err(SubmitError::WindowTooLong);
        }
        if tx.calls.is_empty() {
            return Err(SubmitError::Refused { code: TxError::NoCalls.code() });
        }
        let refused = tx.calls.iter().find_map(|call| self.live.rules.validate(call).err());
        refused.map_or(Ok(()), |code| Err(SubmitError::Refused { code }))
    }

    /// Asks the latest state whether each account and key may act. Everything that is missing is read at once, again and
    /// again until nothing is.
    async fn check_accounts(&self, transactions: &[Arc<Transaction>], verdicts: &mut [Result<(), SubmitError>]) {
        if self.live.head().height == 0 {
            // The first block writes the accounts; until then nobody is known.
            for verdict in verdicts.iter_mut().filter(|verdict| verdict.is_ok()) {
                *verdict = Err(SubmitError::Busy { retry_after_millis: RETRY_AFTER_MILLIS });
            }
            return;
        }
        let mut state = State::new(self.live.primitives);
        let mut open = indices_of_good(verdicts);
        while !open.is_empty() {
            let mut missing = Vec::new();
            open.retain(|index| match self.live.rules.authenticate(&transactions[*index].signed.tx, &state) {
                Err(Stop::Missing(Missing(key))) => {
                    missing.push(key);
                    true
                }
                Err(Stop::Refused(code)) => {
                    verdicts[*index] = Err(SubmitError::Refused { code });
                    false
                }
                Ok(()) => false,
            });
            missing.sort_unstable();
            missing.dedup();
            let engine_keys: Vec<_> = missing.iter().map(crate::block::to_engine).collect();
            let references: Vec<_> = engine_keys.iter().collect();
            let values = self
                .library
                .databases
                .0
                .read()
                .await
                .get_many(&references)
                .await
                .expect("a state that cannot be read stops the node");
            for (key, value) in missing.into_iter().zip(values) {
                state.load(key, value);
            }
        }
    }
}

fn indices_of_good(verdicts: &[Result<(), SubmitError>]) -> Vec<usize> {
    (0..verdicts.len()).filter(|index| verdicts[*index].is_ok()).collect()
}
