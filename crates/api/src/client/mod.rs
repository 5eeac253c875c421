//! The client of the interface: one method for each operation, with its types.
//!
//! What may be sent again is: reads always, submissions because of their request ids. Everything else is tried once.
//!
//! What comes in pages can be asked for by page, or as a stream that follows the cursors to the end.

mod events;
mod lists;
mod paging;
mod tokens;
mod webhooks;

pub use events::{Interest, Seen};

use crate::backend::{Answer, Described, NodeStatus, ReceiptSlip};
use crate::problem::Problem;
use crate::routes::modules::{ModuleDescription, ModuleList};
use crate::routes::receipts::ReceiptPage;
use crate::routes::transactions::{Prepare, Prepared};
use futures::Stream;
use paging::{address, rows};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tongban_types::{AccountId, Receipt, RequestId, SignedTx, codec};

/// Speaks to one node.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    /// Bounded in the time between two pieces instead of the time for the whole.
    http_of_streams: reqwest::Client,
    authorization: Option<HeaderValue>,
}

/// How a client is made.
#[derive(Clone)]
pub struct ClientBuilder {
    base: String,
    token: Option<String>,
    request_time_max: Duration,
}

/// Why a request did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The node could not be reached, or broke off.
    #[error("the node at {base} cannot be reached: {reason}")]
    Unreachable {
        /// Where it was looked for.
        base: String,
        /// What happened.
        reason: String,
    },
    /// The node refused, or the ledger did.
    #[error("{} ({})", .0.detail, .0.code)]
    Refused(Box<Problem>),
    /// The answer makes no sense.
    #[error("the answer of the node cannot be read: {reason}")]
    Answer {
        /// What is wrong with it.
        reason: String,
    },
    /// The token has characters that no header may have.
    #[error("the token has characters that no header may have")]
    Token,
    /// The transaction is not final after all the time it was given. It may become so later.
    #[error("not final yet, ask for its receipt later")]
    NotFinal,
}

/// How long one request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a stream may be silent: three of a node's heartbeats.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// How often a read is sent again to a node that asks for patience.
const READ_ATTEMPTS_MAX: u32 = 4;
/// The longest patience with a read, whatever the node asks for.
const PATIENCE_MAX: Duration = Duration::from_secs(5);
/// How long to wait between questions about a receipt.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Bytes of an answer. A page of the largest receipts would be longer; then less is to be asked for at once.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often to send again what a busy or starting node refused.
const ATTEMPTS_MAX: u32 = 120;
/// Nothing to send with a request.
const NO_BODY: Option<&()> = None;

impl ClientBuilder {
    /// The token that the node's operator has issued.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// How long one request may take; 60 seconds where nothing is said. Streams go on as long as pieces come.
    #[must_use]
    pub fn request_time_max(mut self, request_time_max: Duration) -> Self {
        self.request_time_max = request_time_max;
        self
    }

    /// The client, or an error where the token cannot stand in a header.
    pub fn build(self) -> Result<Client, ClientError> {
        let authorization = self.token.as_deref().map(bearer).transpose()?;
        let request_time_max = self.request_time_max;
        Ok(Client {
            http: built(|| reqwest::Client::builder().no_proxy().timeout(request_time_max)),
            http_of_streams: built(|| {
                let builder = reqwest::Client::builder().no_proxy();
                builder.connect_timeout(request_time_max).read_timeout(SILENCE_MAX)
            }),
            base: self.base.trim_end_matches('/').to_owned(),
            authorization,
        })
    }
}

fn bearer(token: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| ClientError::Token)?;
    value.set_sensitive(true); // not in logs
    Ok(value)
}

impl Client {
    /// A client for the node at an address such as `http://127.0.0.1:8080`, without a token.
    pub fn new(base: impl Into<String>) -> Self {
        Self::builder(base).build().expect("a client without a token can always be built")
    }

    /// A client to be made.
    pub fn builder(base: impl Into<String>) -> ClientBuilder {
        ClientBuilder { base: base.into(), token: None, request_time_max: REQUEST_TIME_MAX }
    }

    /// Where the node is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Has a transaction encoded, for a key to sign.
    pub async fn prepare(&self, asked: &Prepare) -> Result<Prepared, ClientError> {
        let request = self.http.post(format!("{}/v1/transactions/prepare", self.base)).json(asked);
        self.read(self.send(request).await?).await
    }

    /// Submits a transaction and answers when it is final. Sends again while the node is busy: the request id makes that safe.
    /// A refusal by the ledger is an answer, not an error.
    pub async fn submit(&self, tx: &SignedTx) -> Result<Receipt, ClientError> {
        let body = codec::encode(tx);
        for _ in 0..ATTEMPTS_MAX {
            let request = self.http.post(format!("{}/v1/transactions", self.base)).body(body.clone());
            let response = self.send(request.header("content-type", "application/octet-stream")).await?;
            if response.status() == StatusCode::ACCEPTED {
                return self.wait_for_receipt(tx.tx.account, tx.tx.request_id).await;
            }
            match self.read::<Described>(response).await {
                Ok(described) => return Ok(described.receipt),
                Err(ClientError::Refused(problem)) => match problem.receipt.clone() {
                    Some(receipt) => return Ok(receipt),
                    None if matches!(problem.status, 429 | 503) => tokio::time::sleep(POLL_INTERVAL).await,
                    None => return Err(ClientError::Refused(problem)),
                },
                Err(error) => return Err(error),
            }
        }
        Err(ClientError::NotFinal)
    }

    async fn wait_for_receipt(&self, account: AccountId, request_id: RequestId) -> Result<Receipt, ClientError> {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(described) = self.receipt_of(account, request_id).await? {
                return Ok(described.receipt);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Err(ClientError::NotFinal)
    }

    /// The receipt of a transaction, where it is final.
    pub async fn receipt_of(
        &self,
        account: AccountId,
        request_id: RequestId,
    ) -> Result<Option<Described>, ClientError> {
        match self.get(&format!("/v1/receipts/{account}/{request_id}")).await {
            Ok(described) => Ok(Some(described)),
            Err(ClientError::Refused(problem)) if problem.code == "receipt.not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One receipt by its number, where it is final.
    pub async fn receipt_by_number(&self, number: u64) -> Result<Option<Described>, ClientError> {
        match self.get(&format!("/v1/receipts/{number}")).await {
            Ok(described) => Ok(Some(described)),
            Err(ClientError::Refused(problem)) if problem.code == "receipt.not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of receipts: the first, or the one behind a cursor.
    pub async fn receipt_page(&self, cursor: Option<&str>) -> Result<ReceiptPage, ClientError> {
        self.get(&address("/v1/receipts", [("cursor", cursor.map(str::to_owned))])).await
    }

    /// All receipts from a number on, up to the last that is final when it is reached. Ends with the first error.
    pub fn receipts(&self, from: u64) -> impl Stream<Item = Result<Described, ClientError>> + Unpin + Send + use<> {
        let client = self.clone();
        rows(address("/v1/receipts", [("from", Some(from.to_string()))]), move |path| {
            let client = client.clone();
            async move {
                let ReceiptPage { receipts, next, has_more } = client.get(&path).await?;
                let goes_on = has_more && !receipts.is_empty();
                Ok((receipts, goes_on.then(|| address("/v1/receipts", [("cursor", Some(next))]))))
            }
        })
    }

    /// All modules of the node's program.
    pub async fn modules(&self) -> Result<Vec<ModuleDescription>, ClientError> {
        Ok(self.get::<ModuleList>("/v1/modules").await?.modules)
    }

    /// One module.
    pub async fn module(&self, name: &str) -> Result<ModuleDescription, ClientError> {
        self.get(&format!("/v1/modules/{}", escape(name))).await
    }

    /// The OpenAPI document.
    pub async fn openapi(&self) -> Result<serde_json::Value, ClientError> {
        self.get("/v1/openapi.json").await
    }

    /// Asks a module; the question is the JSON of a query.
    pub async fn query(&self, question: &serde_json::Value) -> Result<Answer, ClientError> {
        let request = self.http.post(format!("{}/v1/queries", self.base)).json(question);
        self.read(self.send(request).await?).await
    }

    /// How the node is.
    pub async fn status(&self) -> Result<NodeStatus, ClientError> {
        self.get("/v1/status").await
    }

    /// The file of a bundle that proves a receipt.
    pub async fn prove_receipt(&self, number: u64) -> Result<Vec<u8>, ClientError> {
        self.get_bytes(&format!("/v1/proofs/receipts/{number}")).await
    }

    /// What proves a receipt's events in a QR code.
    pub async fn slip(&self, number: u64) -> Result<ReceiptSlip, ClientError> {
        self.get(&format!("/v1/receipts/{number}/slip")).await
    }

    /// The file of a bundle that proves a record or its absence; the key is encoded.
    pub async fn prove_record(&self, table: &str, key: &[u8]) -> Result<Vec<u8>, ClientError> {
        let key: tongban_types::Blob<1024> = tongban_types::Blob::new(key.to_vec())
            .map_err(|error| ClientError::Answer { reason: error.to_string() })?;
        self.get_bytes(&format!("/v1/proofs/records/{table}?key={key}")).await
    }

    /// The file of the genesis.
    pub async fn genesis(&self) -> Result<Vec<u8>, ClientError> {
        self.get_bytes("/v1/genesis").await
    }

    /// Any address of the interface, as JSON.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.read(self.patiently(path).await?).await
    }

    /// Any address of the interface, with a method and a body in JSON. Tried once.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl serde::Serialize>,
    ) -> Result<T, ClientError> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.read(self.send(request).await?).await
    }

    /// Has something removed.
    pub async fn remove(&self, path: &str) -> Result<(), ClientError> {
        let response = self.send(self.http.delete(format!("{}{path}", self.base))).await?;
        self.succeeded(response).await.map(drop)
    }

    /// A read, sent again where the node asks for patience.
    async fn patiently(&self, path: &str) -> Result<Response, ClientError> {
        let mut attempts = 1;
        loop {
            let response = self.send(self.http.get(format!("{}{path}", self.base))).await?;
            if response.status() != StatusCode::TOO_MANY_REQUESTS || attempts == READ_ATTEMPTS_MAX {
                return Ok(response);
            }
            tokio::time::sleep(patience(&response)).await;
            attempts += 1;
        }
    }

    async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let response = self.succeeded(self.patiently(path).await?).await?;
        self.content(response).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, ClientError> {
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization.clone()),
            None => request,
        };
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, ClientError> {
        let response = self.succeeded(response).await?;
        let content = self.content(response).await?;
        serde_json::from_slice(&content).map_err(|error| ClientError::Answer { reason: error.to_string() })
    }

    /// An answer to its end, unless it has none: whoever answers may be anybody.
    async fn content(&self, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if content.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(ClientError::Answer { reason: format!("it has more than {ANSWER_BYTES_MAX} bytes") });
            }
            content.extend_from_slice(&chunk);
        }
        Ok(content)
    }

    async fn succeeded(&self, response: Response) -> Result<Response, ClientError> {
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        match serde_json::from_slice::<Problem>(&self.content(response).await?) {
            Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
            Err(error) => Err(ClientError::Answer { reason: format!("status {status}: {error}") }),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Unreachable { base: self.base.clone(), reason: innermost_cause(error) }
    }
}

/// The cause below all others, which says most: "connection refused" and not "error sending request".
pub fn innermost_cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error).to_string()
}

/// How long the node asks to wait, within reason.
fn patience(response: &Response) -> Duration {
    let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let seconds = asked.and_then(|seconds| seconds.parse().ok());
    seconds.map_or(POLL_INTERVAL, Duration::from_secs).clamp(POLL_INTERVAL, PATIENCE_MAX)
}

/// A text as it may stand in an address.
fn escape(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    escaped.collect()
}

/// Builds a client that trusts the authorities that the machine knows. (A proxy from the environment must not stand between a node and
/// its own clients, so builders come without one.) One that knows none can still speak without TLS.
pub(crate) fn built(builder: impl Fn() -> reqwest::ClientBuilder) -> reqwest::Client {
    let without_authorities = |_| builder().tls_certs_only([]).build();
    builder().build().or_else(without_authorities).expect("a client without authorities can always be built")
}
