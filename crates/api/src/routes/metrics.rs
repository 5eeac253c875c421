//! What the node counts and measures.

use super::Given;
use crate::metrics::CONTENT_TYPE;
use crate::surface::{Content, Endpoint, Operation, Reply, Scope};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(operation(), metrics)]
}

fn operation() -> Operation {
    let text = Content::of(CONTENT_TYPE, json!({ "type": "string" }));
    Operation::get("metrics", "/metrics", Scope::Metrics)
        .about(
            "node",
            "What the node counts and measures",
            "For Prometheus, as OpenMetrics text. `deploy/prometheus` has a configuration and alerts.",
        )
        .reply(Reply::of(200, "Every metric with its present value.", vec![text]))
}

async fn metrics(State(context): Given) -> Response {
    let text = context.services.metrics.text();
    ([(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))], text).into_response()
}
