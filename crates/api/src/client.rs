//! The client of the interface.

use crate::backend::{Answer, Described, NodeStatus};
use crate::problem::Problem;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tongban_types::{AccountId, Receipt, RequestId, SignedTx, codec};

/// Speaks to one node.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
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
    /// The transaction is not final after all the time it was given. It may become so later.
    #[error("not final yet, ask for its receipt later")]
    NotFinal,
}

/// How long one request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);
/// How long to wait between questions about a receipt.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Bytes of an answer. A page of the largest receipts would be longer; then less is to be asked for at once.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often to send again what a busy or starting node refused.
const ATTEMPTS_MAX: u32 = 120;

impl Client {
    /// A client for the node at an address such as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> Self {
        let base: String = base.into();
        // A proxy from the environment must not stand between a node and its own clients.
        let builder = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIME_MAX);
        let http = builder.build().expect("a client without TLS can always be built");
        Self { base: base.trim_end_matches('/').to_owned(), http }
    }

    /// Where the node is.
    pub fn base(&self) -> &str {
        &self.base
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

    /// Asks a module; the question is the JSON of a query.
    pub async fn query(&self, question: &impl serde::Serialize) -> Result<Answer, ClientError> {
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
        let response = self.send(self.http.get(format!("{}{path}", self.base))).await?;
        self.read(response).await
    }

    async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let response = self.send(self.http.get(format!("{}{path}", self.base))).await?;
        let response = self.succeeded(response).await?;
        self.content(response).await
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

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, ClientError> {
        request.send().await.map_err(|error| self.unreachable(&error))
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, ClientError> {
        let response = self.succeeded(response).await?;
        let content = self.content(response).await?;
        serde_json::from_slice(&content).map_err(|error| ClientError::Answer { reason: error.to_string() })
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
        ClientError::Unreachable { base: self.base.clone(), reason: error.to_string() }
    }
}
