//! The node itself: the trust anchor it serves, and how it is.

use super::{Context, Given};
use crate::NodeStatus;
use crate::caching::tag_schema;
use crate::surface::{Content, Endpoint, Operation, Reply, Scope};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tongban_types::Genesis;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(genesis_operation(), genesis),
        Endpoint::new(status_operation(), status),
        Endpoint::new(health_operation(), health),
        Endpoint::new(ready_operation(), ready),
    ]
}

fn genesis_operation() -> Operation {
    Operation::get("genesis", "/v1/genesis", Scope::Read)
        .about(
            "node",
            "The trust anchor",
            "The file that proofs are checked against. Compare its digest with what the network's members have published: a node \
             cannot vouch for itself.",
        )
        .reply(Reply::json::<Genesis>(200, "The genesis, byte for byte as it was made.").header(
            "ETag",
            "Never changes.",
            tag_schema(),
        ))
        .not_modified()
}

async fn genesis(State(context): Given, headers: HeaderMap) -> Response {
    context.genesis.answer(&headers)
}

fn status_operation() -> Operation {
    Operation::get("status", "/v1/status", Scope::Read).about("node", "How the node is", "").reply(Reply::json::<
        NodeStatus,
    >(
        200,
        "The node's state, also where it is not ready.",
    ))
}

async fn status(State(context): Given) -> Json<NodeStatus> {
    Json(status_of(&context).await)
}

fn health_operation() -> Operation {
    let text = Content::of("text/plain; charset=utf-8", json!({ "type": "string", "const": "ok\n" }));
    Operation::get("health", "/health", Scope::Open)
        .about("node", "Whether the process lives", "For supervisors; says nothing about the network.")
        .reply(Reply::of(200, "It lives.", vec![text]))
}

async fn health() -> &'static str {
    "ok\n"
}

fn ready_operation() -> Operation {
    Operation::get("ready", "/ready", Scope::Open)
        .about("node", "Whether the node takes part and can answer", "For load balancers.")
        .reply(Reply::json::<NodeStatus>(200, "It is ready."))
        .reply(Reply::json::<NodeStatus>(503, "It is not, and says why."))
}

async fn ready(State(context): Given) -> Response {
    let status = status_of(&context).await;
    let code = if status.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(status)).into_response()
}

async fn status_of(context: &Context) -> NodeStatus {
    let index_lag_blocks = context.services.lists.as_ref().map(|lists| lists.lag_blocks());
    NodeStatus { index_lag_blocks, ..context.services.backend.status().await }
}
