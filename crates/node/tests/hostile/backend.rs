//! The API's routes over a ledger in memory, without a network in between.

use crate::ledger::{Ledger, SUITE};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::TempDir;
use tokio::sync::watch;
use tongban_api::store::Store;
use tongban_api::store::tokens::NewToken;
use tongban_api::surface::Scope;
use tongban_api::{
    Answer, Backend, Border, BorderSettings, Described, Limits, NodeStatus, Prepare, Prepared, ReceiptSlip, Rejection,
    RejectionKind, Services, Submitted, codes, router,
};
use tongban_crypto::primitives;
use tongban_kernel::{ModuleSpec, Stop};
use tongban_modules::Query;
use tongban_node::backend::{describe, prepare};
use tongban_types::transaction::signing_message;
use tongban_types::{AccountId, Receipt, RequestId, SignedTx, Text, Time};
use tower::ServiceExt;

/// A ledger that answers at once.
struct InMemory {
    ledger: Mutex<Ledger>,
}

impl InMemory {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("nothing panics under the lock")
    }
}

fn ready<T: Send + 'static>(value: T) -> BoxFuture<'static, T> {
    async move { value }.boxed()
}

impl Backend for InMemory {
    fn submit(&self, tx: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>> {
        let id = tx.tx.id(primitives(SUITE));
        if tx.tx.network != self.ledger().network() {
            return ready(Err(codes::TX_WRONG_NETWORK.rejection()));
        }
        if !primitives(SUITE).verify(&tx.tx.key, &signing_message(&id), &tx.signature) {
            return ready(Err(codes::TX_BAD_SIGNATURE.rejection()));
        }
        let receipt = self.ledger().execute(&tx.tx).receipt;
        ready(match receipt {
            Some(receipt) => Ok(Submitted::Final(receipt)),
            None => Err(Rejection::new("tx.unknown_account", RejectionKind::NotFound, "the account does not exist")),
        })
    }

    fn receipt_of(
        &self,
        account: AccountId,
        request_id: RequestId,
    ) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>> {
        let is_wanted = |receipt: &&Receipt| receipt.account == account && receipt.request_id == request_id;
        ready(Ok(self.ledger().receipts().iter().find(is_wanted).cloned()))
    }

    fn receipts(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        ready(Ok(self.ledger().receipts().iter().skip(from).take(limit).cloned().collect()))
    }

    fn prepare(&self, asked: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>> {
        let ledger = self.ledger();
        ready(prepare(asked, &ledger.genesis, ledger.network(), ledger.time()))
    }

    fn modules(&self) -> Vec<ModuleSpec> {
        tongban_modules::specs()
    }

    fn query(&self, question: Value) -> BoxFuture<'_, Result<Answer, Rejection>> {
        let ledger = self.ledger();
        let question = Query::from_json(question);
        let question = question.map_err(|error| codes::QUERY_MALFORMED.because(error.to_string()));
        let answer = question.and_then(|question| match ledger.ask(|state| question.answer(state)) {
            Ok(view) => Ok(view.to_json()),
            Err(Stop::Refused(code)) => Err(Rejection::new(&code, RejectionKind::Invalid, "refused")),
            Err(Stop::Missing(_)) => panic!("what is missing was loaded"),
        });
        ready(answer.map(|view| Answer { view, height: ledger.height(), time: ledger.time() }))
    }

    fn prove_receipt(&self, _: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        ready(Err(codes::NODE_NOT_PROVABLE_YET.rejection()))
    }

    fn slip(&self, _: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>> {
        ready(Err(codes::NODE_NOT_PROVABLE_YET.rejection()))
    }

    fn prove_record(&self, _: String, _: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
        ready(Err(codes::NODE_NOT_PROVABLE_YET.rejection()))
    }

    fn genesis(&self) -> Vec<u8> {
        serde_json::to_vec(&self.ledger().genesis).expect("a genesis is JSON")
    }

    fn status(&self) -> BoxFuture<'_, NodeStatus> {
        let ledger = self.ledger();
        ready(NodeStatus {
            version: "0".to_owned(),
            network_name: ledger.genesis.name.to_string(),
            network: ledger.network(),
            suite: SUITE,
            department: "数据局".to_owned(),
            height: ledger.height(),
            time: Some(ledger.time()),
            state_root: None,
            receipts: ledger.receipts().len() as u64,
            waiting: 0,
            validators: 1,
            ready: true,
            reason: None,
            head_age_millis: None,
            uptime_seconds: 0,
            disk_free_bytes: None,
            index_lag_blocks: None,
        })
    }

    fn watch_receipts(&self) -> watch::Receiver<u64> {
        watch::channel(self.ledger().receipts().len() as u64).1
    }

    fn describe(&self, receipt: Receipt) -> Described {
        describe(receipt)
    }
}

/// The routes of a node.
pub struct Api {
    router: Router,
    runtime: tokio::runtime::Runtime,
    /// What is shown with everything that is posted.
    token: Option<String>,
    _folder: Option<TempDir>,
}

/// An answer, read to its end.
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// The code of a problem document; empty where it is none.
    pub fn code(&self) -> String {
        let document: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        document["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Fails unless this is a success, or a problem document with a stable code and the status that it names.
    pub fn assert_coded(&self, what: &str) {
        if self.status < 300 {
            return;
        }
        let said = String::from_utf8_lossy(&self.body);
        assert!((400..500).contains(&self.status) || self.status == 503, "{what}: {} {said}", self.status);
        assert_eq!(self.content_type, "application/problem+json", "{what}: {} {said}", self.status);
        let document: serde_json::Value = serde_json::from_slice(&self.body).expect("a problem is JSON");
        assert_eq!(document["status"], self.status, "{what}");
        assert!(
            self.code().split_once('.').is_some_and(|(group, name)| !group.is_empty() && !name.is_empty()),
            "{what}"
        );
        assert!(said.chars().all(|letter| !letter.is_control()), "{what}: no control character is passed on");
    }
}

impl Api {
    /// Routes over a new ledger.
    pub fn new() -> Self {
        Self { router: router(services(), Limits::default()), runtime: runtime(), token: None, _folder: None }
    }

    /// The same behind a border, asked with an administrator's token.
    pub fn behind_border() -> Self {
        let (runtime, folder) = (runtime(), tempfile::tempdir().expect("a folder"));
        let new = NewToken {
            label: Text::new("test").expect("a label"),
            scopes: vec![Scope::Read, Scope::Submit, Scope::Webhooks, Scope::Admin],
            requests_per_minute: Some(0),
            addresses: Vec::new(),
            expires_at: None,
        };
        let (border, token) = runtime.block_on(async {
            let store = Store::open(folder.path()).await.expect("a store");
            let (token, _) = store.create_token(new, None, Time::default()).await.expect("a store").expect("room");
            (Arc::new(Border::new(store, BorderSettings::default())), token.reveal())
        });
        let router = router(services().behind(border), Limits::default());
        Self { router, runtime, token: Some(token), _folder: Some(folder) }
    }

    /// Answers one request.
    pub fn ask(&self, request: Request<Body>) -> Reply {
        self.runtime.block_on(async {
            let response: Response<Body> = self.router.clone().oneshot(request).await.expect("routes always answer");
            let status = response.status().as_u16();
            let content_type = response.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().expect("ASCII"));
            let content_type = content_type.unwrap_or_default().to_owned();
            let body = axum::body::to_bytes(response.into_body(), 1 << 24).await.expect("a bounded answer");
            Reply { status, content_type, body: body.to_vec() }
        })
    }

    /// Posts a body.
    pub fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(path).header(header::CONTENT_TYPE, content_type);
        let request = match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        self.ask(request.body(body.into()).expect("a sound request"))
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn services() -> Services {
    let backend = Arc::new(InMemory { ledger: Mutex::new(Ledger::new()) });
    Services::new(backend, watch::channel(false).1)
}
