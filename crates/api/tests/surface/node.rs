//! A node made of values, behind the real routes on a real socket.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tongban_api::lists::Lists;
use tongban_api::{
    Answer, Backend, Client, Described, Limits, NodeStatus, Prepare, Prepared, ReceiptSlip, Rejection, RejectionKind,
    Services, Submitted, codes, router,
};
use tongban_kernel::ModuleSpec;
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::{
    AccountId, Digest, List, Outcome, Receipt, Refusal, RequestId, SignedTx, Suite, Time, transaction,
};

/// What the fake's accounts look like.
pub fn account(number: u8) -> AccountId {
    AccountId([number; 16])
}

/// Receipts that a test adds as it goes.
pub struct FakeNode {
    receipts: Mutex<Vec<Receipt>>,
    count: watch::Sender<u64>,
}

impl FakeNode {
    /// Adds a receipt with these events, each given as JSON.
    pub fn apply(&self, account: AccountId, events: &[serde_json::Value]) {
        let bytes = events.iter().map(|event| EventBytes::new(serde_json::to_vec(event).expect("JSON")));
        let events = List::new(bytes.map(|bytes| bytes.expect("a short event")).collect()).expect("few events");
        self.add(account, Outcome::Applied { events });
    }

    /// Adds a refusal.
    pub fn refuse(&self, account: AccountId, code: &str) {
        self.add(account, Outcome::Refused(Refusal { code: Code::new(code).expect("a code"), call: None }));
    }

    fn add(&self, account: AccountId, outcome: Outcome) {
        let mut receipts = self.receipts.lock().expect("no test panics with it");
        let number = receipts.len() as u64;
        receipts.push(Receipt {
            number,
            transaction: Digest([7; 32]),
            account,
            request_id: RequestId([u8::try_from(number % 256).expect("a byte"); 16]),
            not_after: Time::MAX,
            height: number + 1,
            time: Time::default(),
            outcome,
        });
        self.count.send_replace(number + 1);
    }

    pub fn len(&self) -> u64 {
        *self.count.borrow()
    }
}

impl Backend for FakeNode {
    fn submit(&self, tx: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>> {
        async move {
            self.apply(tx.tx.account, &[serde_json::json!({ "evidence": { "registered": {} } })]);
            let receipts = self.receipts.lock().expect("no test panics with it");
            Ok(Submitted::Final(receipts.last().expect("added above").clone()))
        }
        .boxed()
    }

    fn prepare(&self, _: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>> {
        async move { Err(codes::TX_EXPIRED.rejection()) }.boxed()
    }

    fn receipt_of(&self, _: AccountId, request_id: RequestId) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>> {
        let receipts = self.receipts.lock().expect("no test panics with it");
        let found = receipts.iter().find(|receipt| receipt.request_id == request_id).cloned();
        async move { Ok(found) }.boxed()
    }

    fn receipts(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>> {
        let receipts = self.receipts.lock().expect("no test panics with it");
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let page = receipts.iter().skip(from).take(limit).cloned().collect();
        async move { Ok(page) }.boxed()
    }

    fn query(&self, _: serde_json::Value) -> BoxFuture<'_, Result<Answer, Rejection>> {
        let height = self.len();
        async move { Ok(Answer { view: serde_json::json!({}), height, time: Time::default() }) }.boxed()
    }

    fn prove_receipt(&self, _: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async move { Ok(b"{\"bundle\":1}".to_vec()) }.boxed()
    }

    fn slip(&self, number: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>> {
        let answer = match number {
            0 => Ok(ReceiptSlip { number, height: 1, time: Time::default(), slip: "TBX1:NOSLIP".to_owned() }),
            1 => Err(codes::SLIP_NO_EVENTS.rejection()),
            2 => Err(codes::SLIP_NEEDS_BUNDLE.rejection()),
            3 => Err(codes::SLIP_TOO_LARGE.rejection()),
            4 => Err(codes::NODE_NOT_PROVABLE_YET.rejection()),
            _ => Err(codes::NODE_NOT_FOUND.rejection()),
        };
        async move { answer }.boxed()
    }

    fn prove_record(&self, table: String, key: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async move { Ok(serde_json::to_vec(&(table, key)).expect("JSON")) }.boxed()
    }

    fn genesis(&self) -> Vec<u8> {
        b"{\"genesis\":1}".to_vec()
    }

    fn status(&self) -> BoxFuture<'_, NodeStatus> {
        let receipts = self.len();
        async move {
            NodeStatus {
                version: "1".to_owned(),
                network_name: "test".to_owned(),
                network: Digest::ZERO,
                suite: Suite::Intl,
                department: "test".to_owned(),
                height: receipts,
                time: None,
                state_root: None,
                receipts,
                waiting: 0,
                validators: 1,
                ready: true,
                reason: None,
                head_age_millis: None,
                uptime_seconds: 0,
                disk_free_bytes: None,
                index_lag_blocks: None,
            }
        }
        .boxed()
    }

    fn modules(&self) -> Vec<ModuleSpec> {
        Vec::new()
    }

    fn watch_receipts(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    fn describe(&self, receipt: Receipt) -> Described {
        let (events, refusal) = match &receipt.outcome {
            Outcome::Applied { events } => {
                (events.iter().map(|event| serde_json::from_slice(event.as_ref()).expect("JSON")).collect(), None)
            }
            Outcome::Refused(refusal) => {
                (Vec::new(), Some(Rejection::new(&refusal.code, RejectionKind::Conflict, "refused")))
            }
        };
        Described { receipt, events, refusal }
    }
}

/// A running interface.
pub struct Served {
    pub node: Arc<FakeNode>,
    pub base: String,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    pub async fn begin(limits: Limits) -> Self {
        Self::begin_with(limits, None).await
    }

    pub async fn begin_with(limits: Limits, lists: Option<Arc<dyn Lists>>) -> Self {
        let node = Arc::new(FakeNode { receipts: Mutex::new(Vec::new()), count: watch::Sender::new(0) });
        let (stop, stopping) = watch::channel(false);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let services = Services { lists, ..Services::new(node.clone(), stopping.clone()) };
        let app = router(services, limits);
        let mut stopping = stopping;
        let task = tokio::spawn(async move {
            let shutdown = async move {
                let _ = stopping.wait_for(|stops| *stops).await; // a dropped sender stops it too
            };
            axum::serve(listener, app).with_graceful_shutdown(shutdown).await.expect("it serves");
        });
        Self { node, base, stop, task }
    }

    pub fn client(&self) -> Client {
        Client::new(self.base.clone())
    }

    /// Stops it as a node does, and waits until every connection has ended.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(std::time::Duration::from_secs(20), self.task)
            .await
            .expect("it ends in time")
            .expect("well");
    }
}

/// Limits that make a test quick.
pub fn limits() -> Limits {
    Limits {
        heartbeat: std::time::Duration::from_millis(100),
        body_bytes_max: transaction::TRANSACTION_BYTES_MAX,
        ..Limits::default()
    }
}
