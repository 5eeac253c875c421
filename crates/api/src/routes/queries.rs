//! Questions to modules.

use super::Given;
use crate::RejectionKind;
use crate::backend::{Answer, Rejection};
use crate::caching::{tag_of_height, tag_schema};
use crate::codes;
use crate::extract::{Body, integers};
use crate::surface::{Content, Endpoint, Operation, Reply, Scope, component};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};

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
        .reply(Reply::json::<Answer>(200, "The answer.").header(
            "ETag",
            "Weak; the height of the block at which the answer is true.",
            tag_schema(),
        ))
        .problems(&[codes::NOT_JSON, codes::QUERY_MALFORMED, codes::QUERY_TOO_MUCH, codes::NODE_STOPPED])
        .refusals(&[RejectionKind::Invalid, RejectionKind::NotFound, RejectionKind::Conflict])
}

async fn query(State(context): Given, body: Body) -> Result<([(HeaderName, HeaderValue); 1], Json<Answer>), Rejection> {
    let mut question = crate::json::document(&body.0, &codes::QUERY_MALFORMED, "question")?;
    integers(&mut question);
    let answer = context.services.backend.query(question).await?;
    Ok(([(header::ETAG, tag_of_height(answer.height))], Json(answer)))
}
