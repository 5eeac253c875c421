//! The HTTP interface of a node, version 1, and its client.
//!
//! | Route | What it does |
//! |---|---|
//! | `POST /v1/transactions` | submit a signed transaction (JSON, or BCS as `application/octet-stream`); answered when final |
//! | `GET /v1/receipts/{account}/{request_id}` | what became of a transaction |
//! | `GET /v1/receipts/{number}` | one receipt by its number |
//! | `GET /v1/receipts?from=N&limit=M` | receipts with their events, in order |
//! | `POST /v1/queries` | ask a module; the answer names the block it is true at |
//! | `GET /v1/proofs/receipts/{number}` | a proof bundle for a receipt |
//! | `GET /v1/proofs/records/{table}?key=HEX` | a proof bundle for a record, or for its absence |
//! | `GET /v1/genesis` | the trust anchor |
//! | `GET /v1/status`, `GET /health`, `GET /ready` | how the node is |
//!
//! Nothing is answered as done before it is final: a submission that is not final in time, or that asks with
//! `Prefer: respond-async`, gets 202 and the address of its receipt-to-be.
//!
//! Errors are RFC 9457 problem details with the stable code, who must act and how.
//!
//! **Architecture invariant:** this crate knows neither the ledger nor any module: it speaks to a [`Backend`], which the
//! node implements and tests imitate.

mod backend;
mod client;
pub mod codes;
pub mod json;
mod problem;
mod routes;
pub mod surface;

pub use backend::{Answer, Backend, Described, NodeStatus, Rejection, RejectionKind, Submitted};
pub use client::{Client, ClientError};
pub use problem::Problem;
pub use routes::receipts::ReceiptPage;
pub use routes::transactions::{Accepted, Waiting};
pub use routes::{Limits, Services, router};
