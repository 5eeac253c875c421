//! The routes: one file for each area, each with its operations and their handlers side by side.

mod documents;
mod lists;
mod metrics;
pub(crate) mod modules;
mod node;
mod proofs;
mod queries;
pub(crate) mod receipts;
pub(crate) mod stream;
mod stream_places;
pub(crate) mod tokens;
pub(crate) mod transactions;
pub(crate) mod webhooks;

use crate::backend::{Backend, Rejection};
use crate::border::{Border, protect};
use crate::caching::{Keep, Tagged};
use crate::codes;
use crate::lists::Lists;
use crate::metrics::Metrics;
use crate::openapi::document;
use crate::problem::coded;
use crate::surface::Endpoint;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
pub(crate) use documents::is_of_page;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use stream_places::StreamPlaces;
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
    /// Streams of events at the same time.
    pub streams_max: usize,
    /// Streams of one caller at the same time.
    pub streams_per_caller_max: usize,
    /// How often a stream says that it lives, and whether its reader may still have it is looked at.
    pub heartbeat: Duration,
    /// How long a stream waits for its reader to take what was sent, before it is given up.
    pub reader_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // In JSON a transaction takes two characters for each byte, and its fields' names.
            body_bytes_max: 2 * transaction::TRANSACTION_BYTES_MAX + 16 * 1024,
            wait: Duration::from_secs(30),
            streams_max: 256,
            streams_per_caller_max: 32,
            heartbeat: Duration::from_secs(15),
            reader_wait: Duration::from_secs(30),
        }
    }
}

/// What the routes are served from. An area that a node may do without is an option here, and its routes answer a problem
/// where it is absent.
#[derive(Clone)]
pub struct Services {
    /// The node.
    pub backend: Arc<dyn Backend>,
    /// Lists and search, where the node has an index.
    pub lists: Option<Arc<dyn Lists>>,
    /// Becomes true when the node stops: what would go on for ever ends then. So it does where the sender is gone.
    pub stopping: watch::Receiver<bool>,
    /// What the node counts and measures.
    pub metrics: Arc<Metrics>,
    /// Who is let in, and what that takes. Without it everyone is, and there are neither tokens nor webhooks: for tests.
    pub border: Option<Arc<Border>>,
}

impl Services {
    /// The services of a node that only answers for its ledger.
    pub fn new(backend: Arc<dyn Backend>, stopping: watch::Receiver<bool>) -> Self {
        Self { backend, lists: None, stopping, metrics: Arc::default(), border: None }
    }

    /// The same services behind a border.
    #[must_use]
    pub fn behind(self, border: Arc<Border>) -> Self {
        Self { border: Some(border), ..self }
    }
}

/// What handlers share.
pub(crate) struct Context {
    pub(crate) services: Services,
    pub(crate) limits: Limits,
    /// The OpenAPI document's file.
    pub(crate) document: Tagged,
    /// The genesis' file.
    pub(crate) genesis: Tagged,
    /// What the modules are.
    pub(crate) modules: modules::Answers,
    /// Places for streams.
    pub(crate) streams: Arc<StreamPlaces>,
}

pub(crate) type Shared = Arc<Context>;

/// How handlers get the context.
pub(crate) type Given = State<Shared>;

/// All operations with their handlers, in the order of the document.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let areas = [
        transactions::endpoints(),
        receipts::endpoints(),
        lists::endpoints(),
        stream::endpoints(),
        queries::endpoints(),
        modules::endpoints(),
        proofs::endpoints(),
        tokens::endpoints(),
        webhooks::endpoints(),
        node::endpoints(),
        metrics::endpoints(),
        documents::endpoints(),
    ];
    areas.into_iter().flatten().collect()
}

/// All routes over a node.
pub fn router(services: Services, limits: Limits) -> Router {
    let border = services.border.clone();
    if let Some(border) = &border {
        services.metrics.register(|registry| border.webhooks.register(registry));
    }
    let specs = services.backend.modules();
    let document = Tagged::json(Keep::AskAgain, &document(&specs));
    let genesis = Tagged::new(Keep::ForEver, "application/json", services.backend.genesis());
    let modules = modules::Answers::new(&specs);
    let streams = Arc::new(StreamPlaces::new(limits));
    let context = Context { services, limits, document, genesis, modules, streams };
    let routes = endpoints()
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.operation.path, endpoint.handler));
    let request_time_max = limits.wait + Duration::from_secs(15);
    let router = documents::with_page(routes)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, request_time_max))
        .layer(DefaultBodyLimit::max(limits.body_bytes_max))
        .layer(map_response(coded))
        .with_state(Arc::new(context));
    match &border {
        Some(border) => protect(router, border),
        None => router,
    }
}

async fn not_found() -> Rejection {
    codes::NO_SUCH_ROUTE.rejection()
}

async fn method_not_allowed() -> Rejection {
    codes::METHOD.rejection()
}

/// A number that counts something from 0.
pub(crate) fn count_schema() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX })
}
