//! Submitting transactions.

use super::Given;
use crate::backend::{Rejection, Submitted};
use crate::codes;
use crate::extract::{Body, content_type, integers, json};
use crate::problem::executed;
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope, component};
use crate::{Described, RejectionKind};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use tongban_types::transaction::{CALLS_MAX, TRANSACTION_BYTES_MAX};
use tongban_types::{AccountId, Blob, Digest, List, PublicKey, RequestId, SignedTx, Time, Tx, codec};

/// The type of BCS bytes.
const BCS: &str = "application/octet-stream";

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

/// A transaction to be encoded.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepare {
    /// The account that acts.
    pub account: AccountId,
    /// The key that will sign.
    pub key: PublicKey,
    /// The sender's number for the intended effect; the node draws one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// The latest block time at which it may be executed; some minutes from now where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Time>,
    /// The calls, which take effect together or not at all.
    #[schemars(schema_with = "calls_schema")]
    pub calls: List<Value, CALLS_MAX>,
}

fn calls_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "array", "items": component("Call"), "minItems": 1, "maxItems": CALLS_MAX })
}

/// A transaction to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prepared {
    /// The transaction.
    pub transaction: Tx,
    /// Its BCS bytes, in hexadecimal.
    pub bytes: Blob<TRANSACTION_BYTES_MAX>,
    /// Its identifier: the hash of its domain tag and its bytes.
    pub id: Digest,
    /// What the key signs, in hexadecimal: the domain tag and the identifier.
    pub signing_bytes: Blob<SIGNING_BYTES_MAX>,
}

/// Bytes that are signed for a transaction; its domain tag and identifier are fewer.
pub const SIGNING_BYTES_MAX: usize = 256;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(prepare_operation(), prepare), Endpoint::new(submit_operation(), submit)]
}

fn prepare_operation() -> Operation {
    Operation::post("prepareTransaction", "/v1/transactions/prepare", Scope::Submit)
        .about(
            "transactions",
            "Have a transaction encoded",
            "For programs that do not encode BCS. Sign `signing_bytes` with the account's key (suite `sm`: SM2 with SM3 and the \
             user identity 1234567812345678, as r ‖ s; suite `intl`: Ed25519) and post `{\"tx\": transaction, \"signature\": …}` to \
             /v1/transactions. Nothing is kept here. Whoever does not trust this node compares `bytes` with generated/wire.txt: the \
             signature covers them alone.",
        )
        .body("What the account asks for.", vec![Content::json_read::<Prepare>()])
        .reply(Reply::json::<Prepared>(200, "The transaction, ready to be signed."))
        .problems(&[codes::MALFORMED, codes::TX_TOO_LARGE, codes::TX_EXPIRED, codes::TX_WINDOW_TOO_LONG])
        .refusals(&[RejectionKind::Invalid])
}

async fn prepare(State(context): Given, body: Body) -> Result<Json<Prepared>, Rejection> {
    let asked: Prepare = json("request", &body)?;
    let mut calls = asked.calls.into_vec();
    calls.iter_mut().for_each(integers);
    let asked = Prepare { calls: List::new(calls).expect("as many as before"), ..asked };
    context.services.backend.prepare(asked).await.map(Json)
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
            serde_json::json!({ "type": "string" }),
        ))
        .body(
            "The transaction and its signature.",
            vec![
                Content::json_read::<SignedTx>(),
                Content::of(BCS, serde_json::json!({ "type": "string", "format": "binary" })),
            ],
        )
        .reply(Reply::json::<Described>(200, "It is final and took effect."))
        .reply(
            Reply::json::<Accepted>(202, "It was admitted and is not final yet.").header(
                "Location",
                "Where its receipt will be.",
                serde_json::json!({ "type": "string" }),
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

async fn submit(State(context): Given, headers: HeaderMap, Body(body): Body) -> Result<Response, Rejection> {
    let tx = decode_transaction(&headers, &body)?;
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
    if content_type(headers) == BCS {
        codec::decode(body)
            .map_err(|error| codes::TX_MALFORMED.because(format!("the transaction cannot be read: {error}")))
    } else {
        crate::json::body(body, &codes::TX_MALFORMED, "transaction")
    }
}
