//! The routes.

use crate::backend::{Backend, Described, Rejection, RejectionKind, Submitted};
use crate::problem::executed;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tongban_types::{AccountId, RequestId, SignedTx, codec, transaction};
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

/// Receipts on one page.
const PAGE_MAX: usize = 100;

struct Context {
    backend: Arc<dyn Backend>,
    limits: Limits,
}

type Shared = State<Arc<Context>>;

/// All routes over a backend.
pub fn router(backend: Arc<dyn Backend>, limits: Limits) -> Router {
    let request_time_max = limits.wait + Duration::from_secs(15);
    Router::new()
        .route("/v1/transactions", post(submit))
        .route("/v1/receipts", get(receipts))
        .route("/v1/receipts/{number}", get(receipt_by_number))
        .route("/v1/receipts/{account}/{request_id}", get(receipt_of))
        .route("/v1/queries", post(query))
        .route("/v1/proofs/receipts/{number}", get(prove_receipt))
        .route("/v1/proofs/records/{*table}", get(prove_record))
        .route("/v1/genesis", get(genesis))
        .route("/v1/status", get(status))
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, request_time_max))
        .layer(DefaultBodyLimit::max(limits.body_bytes_max))
        .with_state(Arc::new(Context { backend, limits }))
}

async fn submit(
    State(context): Shared,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Rejection> {
    let tx = decode_transaction(&headers, &body.map_err(body_rejection)?)?;
    let address = format!("/v1/receipts/{}/{}", tx.tx.account, tx.tx.request_id);
    let asynchronous = headers
        .get("prefer")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|preference| preference.trim() == "respond-async"));
    let wait = if asynchronous { Duration::ZERO } else { context.limits.wait };
    let backend = context.backend.clone();
    // The submission goes on when the answer no longer waits for it, so it is a task of its own.
    let submission = tokio::spawn(async move { backend.submit(tx).await });
    match tokio::time::timeout(wait.max(Duration::from_millis(50)), submission).await {
        Ok(Ok(Ok(Submitted::Final(receipt)))) => Ok(executed(context.backend.describe(receipt))),
        Ok(Ok(Err(rejection))) => Err(rejection),
        Ok(Err(_)) => Err(Rejection::new("node.failed", RejectionKind::Unavailable, "the node has failed")),
        Ok(Ok(Ok(Submitted::Waiting))) | Err(_) => Ok(accepted(&address)),
    }
}

fn accepted(address: &str) -> Response {
    let body = serde_json::json!({ "state": "waiting", "receipt": address });
    let mut response = (StatusCode::ACCEPTED, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn decode_transaction(headers: &HeaderMap, body: &[u8]) -> Result<SignedTx, Rejection> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let decoded = match content_type.split(';').next().unwrap_or_default().trim() {
        "application/octet-stream" => codec::decode(body).map_err(|error| error.to_string()),
        "application/json" => serde_json::from_slice(body).map_err(|error| error.to_string()),
        other => {
            let message = format!("send application/json or application/octet-stream, not '{other}'");
            return Err(Rejection::new("api.content_type", RejectionKind::Invalid, message));
        }
    };
    decoded.map_err(|reason| {
        Rejection::new("tx.malformed", RejectionKind::Invalid, format!("the transaction cannot be read: {reason}"))
    })
}

fn body_rejection(rejection: BytesRejection) -> Rejection {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Rejection::new("api.body_too_large", RejectionKind::TooLarge, "the body is larger than a transaction may be")
    } else {
        Rejection::new("api.body", RejectionKind::Invalid, "the body could not be read to its end")
    }
}

async fn receipt_of(
    State(context): Shared,
    Path((account, request_id)): Path<(String, String)>,
) -> Result<Json<Described>, Rejection> {
    let account: AccountId = account.parse().map_err(|error| malformed("account", error))?;
    let request_id: RequestId = request_id.parse().map_err(|error| malformed("request id", error))?;
    let receipt = context.backend.receipt_of(account, request_id).await?.ok_or_else(no_receipt)?;
    Ok(Json(context.backend.describe(receipt)))
}

async fn receipt_by_number(State(context): Shared, Path(number): Path<String>) -> Result<Json<Described>, Rejection> {
    let number: u64 = number.parse().map_err(|error| malformed("receipt number", error))?;
    let receipt = context.backend.receipts(number, 1).await?.pop().ok_or_else(no_receipt)?;
    Ok(Json(context.backend.describe(receipt)))
}

fn no_receipt() -> Rejection {
    Rejection::new("receipt.not_found", RejectionKind::NotFound, "there is no such receipt, or not yet")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    #[serde(default)]
    from: u64,
    limit: Option<usize>,
}

async fn receipts(
    State(context): Shared,
    page: Result<Query<PageQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<serde_json::Value>, Rejection> {
    let Query(page) = page.map_err(|error| malformed("page", error.body_text()))?;
    let limit = page.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let receipts = context.backend.receipts(page.from, limit).await?;
    let next = receipts.last().map_or(page.from, |receipt| receipt.number.saturating_add(1));
    let described: Vec<Described> = receipts.into_iter().map(|receipt| context.backend.describe(receipt)).collect();
    Ok(Json(serde_json::json!({ "receipts": described, "next": next })))
}

async fn query(
    State(context): Shared,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<crate::backend::Answer>, Rejection> {
    let question = body.map_err(body_rejection)?;
    Ok(Json(context.backend.query(question.to_vec()).await?))
}

async fn prove_receipt(State(context): Shared, Path(number): Path<String>) -> Result<Response, Rejection> {
    let number: u64 = number.parse().map_err(|error| malformed("receipt number", error))?;
    Ok(json_file(context.backend.prove_receipt(number).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyQuery {
    key: String,
}

async fn prove_record(
    State(context): Shared,
    Path(table): Path<String>,
    key: Result<Query<KeyQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Rejection> {
    let Query(KeyQuery { key }) = key.map_err(|error| malformed("key", error.body_text()))?;
    let key: tongban_types::Blob<1024> = key.parse().map_err(|error| malformed("key", error))?;
    Ok(json_file(context.backend.prove_record(table, key.into_bytes()).await?))
}

fn malformed(what: &str, error: impl std::fmt::Display) -> Rejection {
    Rejection::new("api.malformed", RejectionKind::Invalid, format!("the {what} cannot be read: {error}"))
}

async fn genesis(State(context): Shared) -> Response {
    json_file(context.backend.genesis())
}

fn json_file(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}

async fn status(State(context): Shared) -> Json<crate::backend::NodeStatus> {
    Json(context.backend.status().await)
}

async fn ready(State(context): Shared) -> Response {
    let status = context.backend.status().await;
    let code = if status.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(status)).into_response()
}

async fn not_found() -> Rejection {
    Rejection::new("api.no_such_route", RejectionKind::NotFound, "there is no such address")
}

async fn method_not_allowed() -> Response {
    let rejection = Rejection::new("api.method", RejectionKind::Invalid, "this address does not know this method");
    let mut response = rejection.into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
