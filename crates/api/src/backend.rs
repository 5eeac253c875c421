//! What the routes need of a node.

use crate::codes;
use crate::routes::transactions::{Prepare, Prepared};
use crate::surface::component;
use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tongban_kernel::{ErrorKind, ModuleSpec};
use tongban_types::proof::slip::SLIP_TEXT_MAX;
use tongban_types::receipt::Code;
use tongban_types::{AccountId, Digest, Receipt, RequestId, SignedTx, Suite, Time};

/// A node, as the routes see it.
pub trait Backend: Send + Sync + 'static {
    /// Admits a transaction and answers when it is final. A repeat gets the first receipt.
    fn submit(&self, tx: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>>;

    /// Encodes a transaction from calls in JSON, for a key to sign. What is absent comes from the node's clock and randomness.
    fn prepare(&self, asked: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>>;

    /// The receipt of a transaction, where it is final.
    fn receipt_of(
        &self,
        account: AccountId,
        request_id: RequestId,
    ) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>>;

    /// Receipts in order from a number on, at most `limit`.
    fn receipts(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>>;

    /// Answers a question in JSON to a module.
    fn query(&self, question: serde_json::Value) -> BoxFuture<'_, Result<Answer, Rejection>>;

    /// The file of a bundle that proves a receipt.
    fn prove_receipt(&self, number: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>>;

    /// What proves a receipt's events in a QR code.
    fn slip(&self, number: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>>;

    /// The file of a bundle that proves a record, or its absence.
    fn prove_record(&self, table: String, key: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>>;

    /// The file of the genesis.
    fn genesis(&self) -> Vec<u8>;

    /// How the node is.
    fn status(&self) -> BoxFuture<'_, NodeStatus>;

    /// What modules there are.
    fn modules(&self) -> Vec<ModuleSpec>;

    /// How many receipts are final, now and after each block that adds some. What waits for news waits on this.
    fn watch_receipts(&self) -> watch::Receiver<u64>;

    /// A receipt in words: its events decoded, its code explained.
    fn describe(&self, receipt: Receipt) -> Described;
}

/// What became of a submission.
pub enum Submitted {
    /// It is final.
    Final(Receipt),
    /// It was admitted and is not final yet.
    Waiting,
}

/// An answer and the block it is true at.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The view, in JSON.
    #[schemars(schema_with = "view_schema")]
    pub view: serde_json::Value,
    /// The height of the block after which it is true.
    pub height: u64,
    /// That block's time.
    pub time: Time,
}

/// A receipt with its events in words.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Described {
    /// The receipt as it stands on the ledger.
    pub receipt: Receipt,
    /// Its events, decoded; empty where it was refused.
    #[schemars(schema_with = "events_schema")]
    pub events: Vec<serde_json::Value>,
    /// Where it was refused, why and who must act.
    pub refusal: Option<Rejection>,
}

fn view_schema(_: &mut SchemaGenerator) -> Schema {
    component("View")
}

fn events_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "array", "items": component("Event") })
}

/// What proves a receipt's events in a QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptSlip {
    /// The receipt's number.
    pub number: u64,
    /// The block in which it happened.
    pub height: u64,
    /// That block's time: what is proven was true then, and is unconfirmed since.
    pub time: Time,
    /// The slip, in the letters of a QR code's alphanumeric mode.
    #[schemars(schema_with = "slip_schema")]
    pub slip: String,
}

fn slip_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "string", "pattern": "^TBX1:[0-9A-Z $%*+./:-]+$", "maxLength": SLIP_TEXT_MAX })
}

/// Why a request is refused before or instead of reaching the ledger, or what a refusal on a receipt means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Rejection {
    /// The stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// Who must act.
    pub kind: RejectionKind,
    /// What that one can do, in a sentence.
    pub how: String,
    /// When it makes sense to try again, in seconds.
    pub retry_after_seconds: Option<u32>,
}

/// Who must act, and how the answer's status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectionKind {
    /// The request is wrong in itself.
    Invalid,
    /// What it names does not exist.
    NotFound,
    /// It does not fit the present state.
    Conflict,
    /// The account, or the caller, may not do this.
    Denied,
    /// The caller did not say who it is, or is not known.
    Unauthenticated,
    /// The node cannot serve it now.
    Unavailable,
    /// Too much at once; slow down.
    TooMany,
    /// The body is larger than allowed.
    TooLarge,
}

impl From<ErrorKind> for RejectionKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::Unavailable => Self::Unavailable,
        }
    }
}

impl Rejection {
    /// A rejection with this code, which must be a short identifier. Codes of the rim are made from [`codes`] instead.
    pub fn new(code: &str, kind: RejectionKind, message: impl Into<String>) -> Self {
        let how = codes::find(code).map_or_else(|| codes::how(kind), |entry| entry.how);
        let code = Code::new(code).expect("codes are short identifiers");
        Self { code, message: message.into(), kind, how: how.to_owned(), retry_after_seconds: None }
    }
}

/// How a node is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NodeStatus {
    /// The program's version.
    pub version: String,
    /// The network's name.
    pub network_name: String,
    /// The network's identifier.
    pub network: Digest,
    /// Its algorithms.
    pub suite: Suite,
    /// The department that runs the node.
    pub department: String,
    /// The last final block.
    pub height: u64,
    /// Its time.
    pub time: Option<Time>,
    /// The state after it.
    pub state_root: Option<Digest>,
    /// Receipts since genesis.
    pub receipts: u64,
    /// Transactions that wait.
    pub waiting: usize,
    /// Members of the network.
    pub validators: usize,
    /// Whether it takes part and can answer.
    pub ready: bool,
    /// Why not, where it is not ready.
    pub reason: Option<String>,
    /// How old the last final block is by the node's clock, in milliseconds; absent before the first.
    #[serde(default)]
    pub head_age_millis: Option<u64>,
    /// How long the node has run, in seconds.
    #[serde(default)]
    pub uptime_seconds: u64,
    /// Free bytes on the disk of the data folder, where the system tells.
    #[serde(default)]
    pub disk_free_bytes: Option<u64>,
    /// Blocks that the node's index is behind its ledger; absent where it has none.
    #[serde(default)]
    pub index_lag_blocks: Option<u64>,
}
