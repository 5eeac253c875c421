//! Submitting transactions.

use super::{Given, body_rejection};
use crate::backend::{Rejection, Submitted};
use crate::problem::executed;
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope};
use crate::{Described, RejectionKind};
use crate::{codes, json};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use tongban_types::{SignedTx, codec};

/// What is said of a transaction that was admitted and is not final yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Always `waiting`.
    pub state: Waiting,
    /// Where its receipt will be.
    pub receipt: String,
}

/// The one state that [`Accepted`] knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// It waits for its block.
    Waiting,
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(submit_operation(), submit)]
}

fn submit_operation() -> Operation {
    Operation::post("submitTransaction", "/v1/transactions", Scope::Submit)
        .about(
            "transactions",
            "Submit a signed transaction",
            "Answered when it is final. Where that takes longer than the node waits, or the request says \
             `Prefer: respond-async`, the answer is 202 with the address of the receipt-to-be. A repeat, by the same account with \
             the same `request_id`, has no second effect and gets the first receipt, so sending again is always safe.",
        )
        .parameter(Parameter::header(
            "Prefer",
            "`respond-async` asks not to wait until the transaction is final.",
            json!({ "type": "string" }),
        ))
        .body(
            "The transaction and its signature.",
            vec![
                Content::json_read::<SignedTx>(),
                Content::of("application/octet-stream", json!({ "type": "string", "format": "binary" })),
            ],
        )
        .reply(Reply::json::<Described>(200, "It is final and took effect."))
        .reply(
            Reply::json::<Accepted>(202, "It was admitted and is not final yet.").header(
                "Location",
                "Where its receipt will be.",
                json!({ "type": "string" }),
            ),
        )
        .problems(&[
            codes::NOT_JSON,
            codes::TX_MALFORMED,
            codes::TX_TOO_LARGE,
            codes::TX_WRONG_NETWORK,
            codes::TX_EXPIRED,
            codes::TX_WINDOW_TOO_LONG,
            codes::TX_BAD_SIGNATURE,
            codes::CONTENT_TYPE,
            codes::NODE_BUSY,
            codes::NODE_DISK_LOW,
            codes::NODE_STOPPED,
            codes::NODE_FAILED,
        ])
        .refusals(&[
            RejectionKind::Invalid,
            RejectionKind::NotFound,
            RejectionKind::Conflict,
            RejectionKind::Denied,
            RejectionKind::Unavailable,
        ])
}

async fn submit(
    State(context): Given,
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
    let backend = context.services.backend.clone();
    // The submission goes on when the answer no longer waits for it, so it is a task of its own.
    let submission = tokio::spawn(async move { backend.submit(tx).await });
    match tokio::time::timeout(wait.max(Duration::from_millis(50)), submission).await {
        Ok(Ok(Ok(Submitted::Final(receipt)))) => Ok(executed(context.services.backend.describe(receipt))),
        Ok(Ok(Err(rejection))) => Err(rejection),
        Ok(Err(_)) => Err(codes::NODE_FAILED.rejection()),
        Ok(Ok(Ok(Submitted::Waiting))) | Err(_) => Ok(accepted(address)),
    }
}

fn accepted(address: String) -> Response {
    let location = HeaderValue::from_str(&address);
    let body = Json(Accepted { state: Waiting::Waiting, receipt: address });
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn decode_transaction(headers: &HeaderMap, body: &[u8]) -> Result<SignedTx, Rejection> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/octet-stream" => codec::decode(body)
            .map_err(|error| codes::TX_MALFORMED.because(format!("the transaction cannot be read: {error}"))),
        "application/json" => json::body(body, &codes::TX_MALFORMED, "transaction"),
        _ => Err(codes::CONTENT_TYPE.because("send application/json or application/octet-stream")),
    }
}
