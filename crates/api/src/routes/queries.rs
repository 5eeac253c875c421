//! Questions to modules.

use super::{Given, body_rejection};
use crate::RejectionKind;
use crate::backend::{Answer, Rejection};
use crate::codes;
use crate::surface::{Content, Endpoint, Operation, Reply, Scope, component};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(query_operation(), query)]
}

fn query_operation() -> Operation {
    Operation::post("query", "/v1/queries", Scope::Read)
        .about(
            "queries",
            "Ask a module",
            "The answer is true at one block, which it names. It is this node's word; where that is not enough, ask for a proof.",
        )
        .body(
            "The question.",
            vec![Content::of("application/json", component("Query").to_value())],
        )
        .reply(Reply::json::<Answer>(200, "The answer."))
        .problems(&[codes::NOT_JSON, codes::QUERY_MALFORMED, codes::QUERY_TOO_MUCH, codes::NODE_STOPPED])
        .refusals(&[RejectionKind::Invalid, RejectionKind::NotFound, RejectionKind::Conflict])
}

async fn query(State(context): Given, body: Result<Bytes, BytesRejection>) -> Result<Json<Answer>, Rejection> {
    let question = body.map_err(body_rejection)?;
    Ok(Json(context.services.backend.query(question.to_vec()).await?))
}
