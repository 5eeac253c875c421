//! A server over an imitated node, and what tests need to speak to it.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tongban_api::server::{ServerLimits, Tls, serve};
use tongban_api::store::Store;
use tongban_api::store::tokens::{NewToken, TokenId};
use tongban_api::surface::Scope;
use tongban_api::{
    Answer, Backend, Border, BorderSettings, Described, Limits, NodeStatus, Prepare, Prepared, ReceiptSlip, Rejection,
    Services, Submitted, codes, router,
};
use tongban_kernel::ModuleSpec;
use tongban_types::receipt::Refusal;
use tongban_types::{AccountId, Digest, List, Outcome, Receipt, RequestId, SignedTx, Suite, Text, Time};

/// A node that is imitated: it takes every transaction and remembers what it is told to have happened.
pub struct FakeNode {
    happened: Mutex<Vec<(Receipt, Vec<Value>)>>,
    count: watch::Sender<u64>,
    pub submissions: AtomicUsize,
    /// Where it is there, submissions wait for it.
    pub gate: Mutex<Option<Arc<Notify>>>,
    pub genesis: Vec<u8>,
    /// Whether so much has happened that nobody comes to the end of it: receipts without events.
    has_endless_past: bool,
}

impl FakeNode {
    pub fn new() -> Self {
        Self {
            happened: Mutex::default(),
            count: watch::Sender::new(0),
            submissions: AtomicUsize::new(0),
            gate: Mutex::default(),
            genesis: b"{}".to_vec(),
            has_endless_past: false,
        }
    }

    /// A node with a past that nobody comes to the end of. None of it has events.
    pub fn with_endless_past() -> Self {
        Self { has_endless_past: true, count: watch::Sender::new(u64::MAX / 2), ..Self::new() }
    }

    /// One more receipt, with these events; without any it is a refusal.
    pub fn happen(&self, events: Vec<Value>) -> u64 {
        let mut happened = self.happened.lock().expect("not poisoned");
        let number = happened.len() as u64;
        let outcome = if events.is_empty() {
            Outcome::Refused(Refusal { code: Text::new("evidence.exists").expect("a code"), call: Some(0) })
        } else {
            Outcome::Applied { events: List::default() }
        };
        happened.push((receipt(number, outcome), events));
        self.count.send_replace(number + 1);
        number
    }
}

fn receipt(number: u64, outcome: Outcome) -> Receipt {
    Receipt {
        number,
        transaction: Digest([1; 32]),
        account: AccountId([2; AccountId::BYTES]),
        request_id: RequestId([3; RequestId::BYTES]),
        not_after: Time::MAX,
        height: number + 1,
        time: Time::from_millis(1_000).expect("a time"),
        outcome,
    }
}

impl Backend for FakeNode {
    fn submit(&self, _: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>> {
        async move {
            self.submissions.fetch_add(1, Ordering::SeqCst);
            let gate = self.gate.lock().expect("not poisoned").clone();
            if let Some(gate) = gate {
                gate.notified().await;
            }
            Ok(Submitted::Final(receipt(7, Outcome::Applied { events: List::default() })))
        }
        .boxed()
    }

    fn receipt_of(&self, _: AccountId, _: RequestId) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>> {
        async { Ok(None) }.boxed()
    }

    fn receipts(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>> {
        if self.has_endless_past {
            let quiet = Outcome::Applied { events: List::default() };
            let receipts = (from..).take(limit).map(|number| receipt(number, quiet.clone())).collect();
            return async { Ok(receipts) }.boxed();
        }
        let happened = self.happened.lock().expect("not poisoned");
        let receipts = happened.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(limit);
        let receipts = receipts.map(|(receipt, _)| receipt.clone()).collect();
        async { Ok(receipts) }.boxed()
    }

    fn prepare(&self, _: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>> {
        async { Err(codes::NODE_STOPPED.rejection()) }.boxed()
    }

    fn modules(&self) -> Vec<ModuleSpec> {
        Vec::new()
    }

    fn query(&self, _: Value) -> BoxFuture<'_, Result<Answer, Rejection>> {
        async { Ok(Answer { view: Value::Null, height: 1, time: Time::MAX }) }.boxed()
    }

    fn prove_receipt(&self, _: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async { Err(codes::NODE_NOT_FOUND.rejection()) }.boxed()
    }

    fn slip(&self, _: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>> {
        async { Err(codes::NODE_NOT_FOUND.rejection()) }.boxed()
    }

    fn prove_record(&self, _: String, _: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        async { Err(codes::NODE_NOT_FOUND.rejection()) }.boxed()
    }

    fn genesis(&self) -> Vec<u8> {
        self.genesis.clone()
    }

    fn status(&self) -> BoxFuture<'_, NodeStatus> {
        async {
            NodeStatus {
                version: "0".to_owned(),
                network_name: "n".to_owned(),
                network: Digest([0; 32]),
                suite: Suite::Intl,
                department: "d".to_owned(),
                height: 1,
                time: None,
                state_root: None,
                receipts: 0,
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

    fn watch_receipts(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    fn describe(&self, receipt: Receipt) -> Described {
        let happened = self.happened.lock().expect("not poisoned");
        let events = happened.get(receipt.number as usize).map(|(_, events)| events.clone()).unwrap_or_default();
        Described { receipt, events, refusal: None }
    }
}

/// What a server is made with.
pub struct Setting {
    pub node: FakeNode,
    pub border: BorderSettings,
    pub limits: Limits,
    pub server: ServerLimits,
    pub tls: Option<Arc<Tls>>,
}

impl Setting {
    pub fn new() -> Self {
        Self {
            node: FakeNode::new(),
            border: BorderSettings::default(),
            limits: Limits::default(),
            server: ServerLimits::default(),
            tls: None,
        }
    }

    /// A server with this setting; it ends with what is returned.
    pub async fn start(self) -> Running {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).await.expect("a store");
        let border = Arc::new(Border::new(store.clone(), self.border));
        let node = Arc::new(self.node);
        let (stop, stopped) = watch::channel(false);
        let app = router(Services::new(node.clone(), stopped.clone()).behind(border.clone()), self.limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving =
            tokio::spawn(async move { serve(listener, app, self.server, self.tls, stopped).await.expect("it serves") });
        Running { address, node, store, border, stop, serving, sending: None, _folder: folder }
    }
}

/// A server that runs.
pub struct Running {
    pub address: SocketAddr,
    pub node: Arc<FakeNode>,
    pub store: Store,
    pub border: Arc<Border>,
    pub stop: watch::Sender<bool>,
    pub serving: JoinHandle<()>,
    sending: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
        self.stop_sending();
    }
}

impl Running {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Has webhooks sent until [`Running::stop_sending`].
    pub fn send_webhooks(&mut self) {
        let (border, store, node, stop) =
            (self.border.clone(), self.store.clone(), self.node.clone(), self.stop.subscribe());
        self.sending = Some(tokio::spawn(async move { border.webhooks().run(store, node, stop).await }));
    }

    /// Ends sending without warning, wherever it is.
    pub fn stop_sending(&mut self) {
        if let Some(sending) = self.sending.take() {
            sending.abort();
        }
    }

    /// A token with these scopes, and what names it.
    pub async fn token(&self, scopes: &[Scope]) -> (String, TokenId) {
        self.token_with(scopes, |_| {}).await
    }

    pub async fn token_with(&self, scopes: &[Scope], change: impl FnOnce(&mut NewToken)) -> (String, TokenId) {
        let mut new = NewToken {
            label: Text::new("test").expect("a label"),
            scopes: scopes.to_vec(),
            requests_per_minute: None,
            addresses: Vec::new(),
            expires_at: None,
        };
        change(&mut new);
        let now = Time::from_millis(1_000).expect("a time");
        let (token, record) = self.store.create_token(new, None, now).await.expect("a store").expect("room");
        (token.reveal(), record.id)
    }
}

/// A client that makes a connection for each request.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client")
}

/// Status and body of an answer.
pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Status and code of an answer.
pub async fn code(request: reqwest::RequestBuilder) -> (u16, String) {
    let (status, body) = answer(request).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// Asks again until something holds, for at most half a minute.
pub async fn wait_for<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within half a minute");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
