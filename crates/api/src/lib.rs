//! The HTTP interface of a node, version 1, and its client.
//!
//! | Route | What it does |
//! |---|---|
//! | `POST /v1/transactions/prepare` | have a transaction encoded from JSON, for a key to sign |
//! | `POST /v1/transactions` | submit a signed transaction (JSON, or BCS as `application/octet-stream`); answered when final |
//! | `GET /v1/receipts/{account}/{request_id}` | what became of a transaction |
//! | `GET /v1/receipts/{number}` | one receipt by its number |
//! | `GET /v1/receipts?cursor=C&limit=M` | receipts with their events, in order |
//! | `GET /v1/receipts/find?account=…` | receipts that a filter lets through, from the node's index |
//! | `GET /v1/events?module=…` | events that a filter lets through, from the node's index |
//! | `GET /v1/search?q=…` | search by number, name or code |
//! | `GET /v1/stream` | events as they become final, as server-sent events that can be resumed |
//! | `POST /v1/queries` | ask a module; the answer names the block it is true at |
//! | `GET /v1/modules`, `GET /v1/modules/{module}` | what modules understand, and who may call |
//! | `GET /v1/proofs/receipts/{number}` | a proof bundle for a receipt |
//! | `GET /v1/proofs/records/{module}/{table}?key=HEX` | a proof bundle for a record, or for its absence |
//! | `GET /v1/genesis` | the trust anchor |
//! | `GET /v1/status`, `GET /health`, `GET /ready` | how the node is |
//! | `GET /metrics` | what it counts and measures |
//! | `GET /v1/openapi.json`, `GET /docs` | this interface as an OpenAPI 3.1 document, and as a page |
//!
//! Everything about an operation stands once, beside its handler: see [`surface`]. The document is made by [`openapi`], the
//! codes are in [`codes`].
//!
//! Nothing is answered as done before it is final: a submission that is not final in time, or that asks with
//! `Prefer: respond-async`, gets 202 and the address of its receipt-to-be.
//!
//! Errors are RFC 9457 problem details with the stable code, who must act and how.
//!
//! **Architecture invariant:** this crate knows neither the ledger nor any module: it speaks to a [`Backend`], which the
//! node implements and tests imitate.

mod addresses;
mod backend;
mod border;
mod caching;
mod client;
pub mod codes;
mod extract;
pub mod json;
pub mod lists;
pub mod metrics;
pub mod openapi;
mod problem;
mod requests;
mod routes;
pub mod server;
pub mod store;
pub mod surface;
mod webhooks;

pub use addresses::{AddressRange, AddressRangeError};
pub use backend::{Answer, Backend, Described, NodeStatus, ReceiptSlip, Rejection, RejectionKind, Submitted};
pub use border::{Border, BorderSettings};
pub use client::{Client, ClientBuilder, ClientError, Interest, Seen, innermost_cause};
pub use metrics::Metrics;
pub use problem::Problem;
pub use requests::{REQUEST_ID, Who, observed};
pub use routes::modules::{ErrorDescription, MessageDescription, ModuleDescription, ModuleList};
pub use routes::receipts::ReceiptPage;
pub use routes::stream::{Happened, Position};
pub use routes::tokens::{NewTokenView, TokenPage, TokenRequest, TokenView};
pub use routes::transactions::{Accepted, Prepare, Prepared, Waiting};
pub use routes::webhooks::{
    DeliveryPage, DeliveryStateView, DeliveryView, NewWebhookView, Replayed, SecretRequest, StateView, WebhookChange,
    WebhookList, WebhookRequest, WebhookView,
};
pub use routes::{Limits, Services, router};
pub use webhooks::{Reach, TargetError, WebhookSettings, Webhooks};
