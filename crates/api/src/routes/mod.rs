//! The routes: one file for each area, each with its operations and their handlers side by side.

mod node;
mod proofs;
mod queries;
pub(crate) mod receipts;
pub(crate) mod transactions;

use crate::backend::{Backend, Rejection};
use crate::codes;
use crate::problem::coded;
use crate::surface::Endpoint;
use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tongban_types::transaction;
use tower_http::timeout::TimeoutLayer;

/// Bounds of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes_max: usize,
    /// How long a submission waits to become final before it is answered with 202.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // In JSON a transaction takes two characters for each byte, and its fields' names.
        Self { body_bytes_max: 2 * transaction::TRANSACTION_BYTES_MAX + 16 * 1024, wait: Duration::from_secs(30) }
    }
}

/// What the routes are served from. An area that a node may do without is an option here, and its routes answer a problem
/// where it is absent.
#[derive(Clone)]
pub struct Services {
    /// The node.
    pub backend: Arc<dyn Backend>,
    /// Becomes true when the node stops: what would go on for ever ends then. So it does where the sender is gone.
    pub stopping: watch::Receiver<bool>,
}

impl Services {
    /// The services of a node that only answers for its ledger.
    pub fn new(backend: Arc<dyn Backend>, stopping: watch::Receiver<bool>) -> Self {
        Self { backend, stopping }
    }
}

/// What handlers share.
pub(crate) struct Context {
    pub(crate) services: Services,
    pub(crate) limits: Limits,
}

pub(crate) type Shared = Arc<Context>;

/// How handlers get the context.
pub(crate) type Given = State<Shared>;

/// All operations with their handlers, in the order of the document.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    [transactions::endpoints(), receipts::endpoints(), queries::endpoints(), proofs::endpoints(), node::endpoints()]
        .into_iter()
        .flatten()
        .collect()
}

/// All routes over a node.
pub fn router(services: Services, limits: Limits) -> Router {
    let request_time_max = limits.wait + Duration::from_secs(15);
    let routes = endpoints()
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.operation.path, endpoint.handler));
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, request_time_max))
        .layer(DefaultBodyLimit::max(limits.body_bytes_max))
        .layer(axum::middleware::map_response(coded))
        .with_state(Arc::new(Context { services, limits }))
}

async fn not_found() -> Rejection {
    codes::NO_SUCH_ROUTE.rejection()
}

async fn method_not_allowed() -> Rejection {
    codes::METHOD.rejection()
}

/// Why a body could not be had.
pub(crate) fn body_rejection(rejection: BytesRejection) -> Rejection {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        codes::BODY_TOO_LARGE.rejection()
    } else {
        codes::BODY.rejection()
    }
}

/// A part of the request that cannot be read.
pub(crate) fn malformed(what: &str, error: impl std::fmt::Display) -> Rejection {
    codes::MALFORMED.because(format!("the {what} cannot be read: {error}"))
}

/// A number that counts something from 0.
pub(crate) fn count_schema() -> Value {
    json!({ "type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX })
}

/// A file that stands for itself.
pub(crate) fn json_file(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}
