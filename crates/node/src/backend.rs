//! The API's view of a ledger: its reads, its submissions, and the modules that give them meaning.

use crate::observe::disk_free_bytes;
use crate::random;
use crate::signer::{VALID_MILLIS, now};
use crate::verification::events_of;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tongban_api::metrics::{self, Metrics};
use tongban_api::{
    Answer, Backend, Described, NodeStatus, Prepare, Prepared, ReceiptSlip, Rejection, RejectionKind, Submitted, codes,
};
use tongban_crypto::primitives;
use tongban_kernel::{ModuleError, ModuleSpec, State, Stop, TxError};
use tongban_ledger::{Handle, ReadError, RecordName, SubmitError};
use tongban_modules::{Call, Event, Query, View, explain};
use tongban_types::proof::Bundle;
use tongban_types::transaction::{CallBytes, TRANSACTION_BYTES_MAX, signing_message};
use tongban_types::{
    AccountId, Blob, Digest, Genesis, List, Outcome, Primitives, Receipt, RequestId, Signature, SignedTx, Time, Tx,
    codec,
};

/// How often a question is asked again because the state moved on while its records were read.
const QUERY_ATTEMPTS_MAX: usize = 2_000;

/// How long a proof may take to become possible. A block that became final through its descendant is proven through it, and
/// an idle network makes the next block with its heartbeat.
const PROVABLE_AFTER_MAX: Duration = Duration::from_secs(15);
/// How often a proof is tried in that time.
const PROVABLE_INTERVAL: Duration = Duration::from_millis(50);

/// Has a proof made as soon as it is possible.
pub async fn when_provable<T, F>(prove: impl Fn() -> F) -> Result<T, ReadError>
where
    F: Future<Output = Result<T, ReadError>>,
{
    let deadline = Instant::now() + PROVABLE_AFTER_MAX;
    loop {
        match prove().await {
            Err(ReadError::NotProvableYet) if Instant::now() < deadline => tokio::time::sleep(PROVABLE_INTERVAL).await,
            result => return result,
        }
    }
}

/// A call in JSON as a transaction carries it, where it is not wrong by itself.
fn call_of(place: usize, call: &serde_json::Value) -> Result<CallBytes, Rejection> {
    let call = Call::from_json(call.clone()).map_err(|error| {
        let message = format!("call {place} cannot be read: {error}");
        Rejection { message, ..rejection_of_code(&TxError::MalformedCall.code()) }
    })?;
    call.validate().map_err(|code| {
        let rejection = rejection_of_code(&code);
        Rejection { message: format!("call {place}: {}", rejection.message), ..rejection }
    })?;
    Ok(call.to_bytes())
}

/// The number of final receipts, as it grows.
fn follow_receipts(ledger: &Handle) -> watch::Receiver<u64> {
    let mut head = ledger.watch_head();
    let (sender, receiver) = watch::channel(head.borrow_and_update().receipts);
    tokio::spawn(async move {
        while head.changed().await.is_ok() {
            let receipts = head.borrow_and_update().receipts;
            sender.send_if_modified(|known| std::mem::replace(known, receipts) != receipts);
        }
    });
    receiver
}

/// One node, as the API sees it.
pub struct NodeBackend {
    ledger: Handle,
    genesis_bytes: Vec<u8>,
    genesis: Genesis,
    network: Digest,
    department: String,
    primitives: &'static dyn Primitives,
    receipts: watch::Receiver<u64>,
    data: PathBuf,
    started: Instant,
    metrics: Arc<Metrics>,
}

impl NodeBackend {
    /// A backend over a running ledger. Starts a task that ends with the ledger, so it needs a runtime.
    pub fn new(
        ledger: Handle,
        genesis_bytes: Vec<u8>,
        genesis: Genesis,
        department: String,
        data: PathBuf,
        metrics: Arc<Metrics>,
    ) -> Self {
        let primitives = primitives(genesis.suite);
        let network = genesis.network(primitives);
        let receipts = follow_receipts(&ledger);
        let started = Instant::now();
        Self { ledger, genesis_bytes, genesis, network, department, primitives, receipts, data, started, metrics }
    }

    async fn submit_and_wait(&self, tx: SignedTx) -> Result<Submitted, Rejection> {
        if tx.tx.calls.is_empty() {
            return Err(rejection_of_code(&TxError::NoCalls.code()));
        }
        let receipt = self.ledger.submit_and_wait(tx).await.map_err(submit_rejection)?;
        Ok(Submitted::Final(receipt))
    }

    /// Answers a question from one state: what is missing is loaded and the question asked again.
    async fn answer(&self, question: &Query) -> Result<(View, tongban_types::Header), Rejection> {
        let mut state = State::new(self.primitives);
        let mut loaded: Vec<Digest> = Vec::new();
        for _ in 0..QUERY_ATTEMPTS_MAX {
            match question.answer(&state) {
                Ok(view) => {
                    // All records again under one guard, so that the answer is true at one height.
                    let (values, header) = self.ledger.get(loaded.clone()).await.map_err(read_rejection)?;
                    if values.iter().zip(&loaded).all(|(value, key)| state.holds(key, value.as_deref())) {
                        return Ok((view.seen_at(header.time), header));
                    }
                    state = State::new(self.primitives);
                    for (key, value) in loaded.iter().zip(values) {
                        state.load(*key, value);
                    }
                }
                Err(Stop::Missing(missing)) => {
                    let (mut values, _) = self.ledger.get(vec![missing.0]).await.map_err(read_rejection)?;
                    state.load(missing.0, values.pop().flatten());
                    loaded.push(missing.0);
                }
                Err(Stop::Refused(code)) => return Err(rejection_of_code(&code)),
            }
        }
        Err(codes::QUERY_TOO_MUCH.rejection())
    }
}

impl Backend for NodeBackend {
    fn submit(&self, tx: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>> {
        async move {
            let submitted = self.submit_and_wait(tx).await;
            self.metrics.submitted(match &submitted {
                Ok(Submitted::Final(Receipt { outcome: Outcome::Applied { .. }, .. })) => metrics::Outcome::Applied,
                Ok(Submitted::Final(Receipt { outcome: Outcome::Refused(refusal), .. })) => {
                    metrics::Outcome::Refused(&refusal.code)
                }
                Ok(Submitted::Waiting) => metrics::Outcome::Waiting,
                Err(rejection) => metrics::Outcome::Refused(&rejection.code),
            });
            submitted
        }
        .boxed()
    }

    fn prepare(&self, asked: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>> {
        async move { prepare(asked, &self.genesis, self.network, now()) }.boxed()
    }

    fn receipt_of(
        &self,
        account: AccountId,
        request_id: RequestId,
    ) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>> {
        async move {
            match self.ledger.receipt(account, request_id).await {
                Ok(receipt) => Ok(Some(receipt)),
                Err(ReadError::NotFound) => Ok(None),
                Err(error) => Err(read_rejection(error)),
            }
        }
        .boxed()
    }

    fn receipts(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>> {
        async move { self.ledger.receipts(from, limit).await.map_err(read_rejection) }.boxed()
    }

    fn query(&self, question: serde_json::Value) -> BoxFuture<'_, Result<Answer, Rejection>> {
        async move {
            let question = Query::from_json(question)
                .map_err(|error| codes::QUERY_MALFORMED.because(format!("the question cannot be read: {error}")))?;
            let (view, header) = self.answer(&question).await?;
            Ok(Answer { view: view.to_json(), height: header.height, time: header.time })
        }
        .boxed()
    }

    fn prove_receipt(&self, number: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async move {
            let bundle = when_provable(|| self.ledger.prove_receipt(number)).await.map_err(read_rejection)?;
            Ok(bundle.to_json())
        }
        .boxed()
    }

    fn slip(&self, number: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>> {
        async move {
            let slip = when_provable(|| self.ledger.slip(number)).await.map_err(read_rejection)?;
            let receipts = self.ledger.receipts(number, 1).await.map_err(read_rejection)?;
            let receipt = receipts.first().ok_or_else(|| read_rejection(ReadError::NotFound))?;
            Ok(ReceiptSlip { number, height: receipt.height, time: receipt.time, slip: slip.to_text() })
        }
        .boxed()
    }

    fn prove_record(&self, table: String, key: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async move {
            let names = vec![RecordName { table, key }];
            let bundles = when_provable(|| self.ledger.prove_records(names.clone())).await.map_err(read_rejection)?;
            let bundle: Option<Bundle> = bundles.into_iter().next();
            bundle.map(|bundle| bundle.to_json()).ok_or_else(|| read_rejection(ReadError::NotFound))
        }
        .boxed()
    }

    fn genesis(&self) -> Vec<u8> {
        self.genesis_bytes.clone()
    }

    fn status(&self) -> BoxFuture<'_, NodeStatus> {
        async move {
            let status = self.ledger.status();
            let head = &status.head;
            let begun = head.height > 0;
            let reason = not_ready(&self.ledger, &self.genesis);
            NodeStatus {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                network_name: self.genesis.name.to_string(),
                network: self.network,
                suite: self.genesis.suite,
                department: self.department.clone(),
                height: head.height,
                time: begun.then_some(head.time),
                state_root: begun.then_some(head.state_root),
                receipts: head.receipts,
                waiting: status.waiting,
                validators: self.genesis.validators.validators().len(),
                ready: reason.is_none(),
                reason,
                head_age_millis: begun.then(|| now().millis_since(head.time)),
                uptime_seconds: self.started.elapsed().as_secs(),
                disk_free_bytes: disk_free_bytes(&self.data),
                index_lag_blocks: None, // the routes know the index
            }
        }
        .boxed()
    }

    fn modules(&self) -> Vec<ModuleSpec> {
        tongban_modules::specs()
    }

    fn watch_receipts(&self) -> watch::Receiver<u64> {
        self.receipts.clone()
    }

    fn describe(&self, receipt: Receipt) -> Described {
        describe(receipt)
    }
}

/// Heartbeats that may be missed before a node says that it is not ready.
const HEARTBEATS_MISSED_MAX: u64 = 3;

/// Why a node cannot serve: it has failed, has no block yet, or has had none for several heartbeats (it is behind, or there
/// is no quorum).
pub fn not_ready(ledger: &Handle, genesis: &Genesis) -> Option<String> {
    if let Some(failure) = ledger.failed() {
        return Some(format!("the engine has failed: {failure}"));
    }
    let head = ledger.status().head;
    if head.height == 0 {
        return Some("there is no block yet".to_owned());
    }
    let silent_millis = now().millis_since(head.time);
    let silent_millis_max = genesis.parameters.heartbeat_millis.saturating_mul(HEARTBEATS_MISSED_MAX);
    (silent_millis > silent_millis_max)
        .then(|| format!("the last block is {} s old: catching up, or no quorum", silent_millis / 1000))
}

/// Puts together what an account is to sign for this network, as of now. The network is the genesis' identifier, which takes hashing to find.
pub fn prepare(asked: Prepare, genesis: &Genesis, network: Digest, now: Time) -> Result<Prepared, Rejection> {
    if asked.calls.is_empty() {
        return Err(rejection_of_code(&TxError::NoCalls.code()));
    }
    let calls = asked.calls.iter().enumerate().map(|(place, call)| call_of(place, call));
    let calls = calls.collect::<Result<Vec<CallBytes>, Rejection>>()?;
    let window_millis = genesis.parameters.window_millis;
    let not_after = asked.not_after.unwrap_or(now.plus_millis(window_millis.min(VALID_MILLIS)));
    if not_after <= now {
        return Err(codes::TX_EXPIRED.rejection());
    }
    if not_after.millis_since(now) > window_millis {
        return Err(codes::TX_WINDOW_TOO_LONG.rejection());
    }
    let transaction = Tx {
        network,
        account: asked.account,
        key: asked.key,
        request_id: asked.request_id.unwrap_or_else(random::request_id),
        not_after,
        calls: List::new(calls).expect("no more than were asked for"),
    };
    // The signature comes on top of these bytes.
    let bytes = codec::encode(&transaction);
    if bytes.len() + Signature::BYTES > TRANSACTION_BYTES_MAX {
        return Err(codes::TX_TOO_LARGE.rejection());
    }
    let id = transaction.id(primitives(genesis.suite));
    let signing_bytes = Blob::new(signing_message(&id)).expect("a tag and a digest are short");
    Ok(Prepared { transaction, bytes: Blob::new(bytes).expect("compared above"), id, signing_bytes })
}

/// A receipt in words: its events decoded, its code explained.
pub fn describe(receipt: Receipt) -> Described {
    let events = events_of(&receipt).iter().map(Event::to_json).collect();
    let refusal = match &receipt.outcome {
        Outcome::Applied { .. } => None,
        Outcome::Refused(refusal) => Some(rejection_of_code(&refusal.code)),
    };
    Described { receipt, events, refusal }
}

fn rejection_of_code(code: &tongban_types::receipt::Code) -> Rejection {
    match explain(code) {
        Some(error) => Rejection::new(code, error.kind.into(), error.message),
        None => Rejection::new(code, RejectionKind::Conflict, "refused"),
    }
}

fn submit_rejection(error: SubmitError) -> Rejection {
    if let SubmitError::Refused { code } = &error {
        return rejection_of_code(code);
    }
    let retry_after_seconds = match &error {
        SubmitError::Busy { retry_after_millis } => u32::try_from(retry_after_millis.div_ceil(1000)).ok(),
        _ => None,
    };
    Rejection { retry_after_seconds, ..rejection_of_rim(&error.code(), error.to_string()) }
}

fn read_rejection(error: ReadError) -> Rejection {
    rejection_of_rim(error.code(), error.to_string())
}

/// A code of the ledger's border, in the API's table; a test knows them all there.
fn rejection_of_rim(code: &str, message: String) -> Rejection {
    match codes::find(code) {
        Some(entry) => entry.because(message),
        None => Rejection::new(code, RejectionKind::Unavailable, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::proof::NoSlip;

    #[test]
    fn every_refusal_at_the_border_of_the_ledger_stands_in_the_table() {
        let busy = SubmitError::Busy { retry_after_millis: 1_001 };
        let submissions = [
            SubmitError::TooLarge,
            SubmitError::WrongNetwork,
            SubmitError::Expired,
            SubmitError::WindowTooLong,
            SubmitError::BadSignature,
            busy.clone(),
            SubmitError::DiskLow,
            SubmitError::Stopped,
        ];
        let reads = [
            ReadError::NotFound,
            ReadError::NotProvableYet,
            ReadError::TooMany,
            ReadError::NoSlip(NoSlip::NoEvents),
            ReadError::NoSlip(NoSlip::NeedsBundle),
            ReadError::NoSlip(NoSlip::TooLarge { found: 3_000 }),
            ReadError::Stopped,
        ];
        let submissions = submissions.map(|error| error.code().to_string());
        for code in submissions.into_iter().chain(reads.map(|error| error.code().to_owned())) {
            assert!(codes::find(&code).is_some(), "{code} is missing in crates/api/src/codes.rs");
        }
        let rejection = submit_rejection(busy);
        assert_eq!((rejection.kind, rejection.retry_after_seconds), (RejectionKind::TooMany, Some(2)));
    }

    #[test]
    fn a_refusal_of_the_rules_keeps_its_own_kind() {
        let rejection = submit_rejection(SubmitError::Refused { code: TxError::Denied.code() });
        assert_eq!((&*rejection.code, rejection.kind), ("tx.denied", RejectionKind::Denied));
        assert_eq!(rejection.how, codes::how(RejectionKind::Denied));
    }
}
