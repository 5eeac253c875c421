//! Errors as RFC 9457 problem details.

use crate::backend::{Described, Rejection, RejectionKind};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// A problem document: what went wrong, its stable code and who must act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:tongban:error:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// One sentence about this case.
    pub detail: String,
    /// The stable code.
    pub code: String,
    /// Who must act: `invalid` the sender, `denied` an administrator, `unavailable` nobody but time, …
    pub who: RejectionKind,
    /// The receipt, where the ledger has refused the transaction.
    pub receipt: Option<tongban_types::Receipt>,
}

impl Problem {
    fn new(rejection: &Rejection) -> Self {
        let status = status_of(rejection.kind);
        Self {
            kind: format!("urn:tongban:error:{}", &*rejection.code),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: rejection.message.clone(),
            code: rejection.code.to_string(),
            who: rejection.kind,
            receipt: None,
        }
    }
}

/// The one place where who must act becomes a status.
fn status_of(kind: RejectionKind) -> StatusCode {
    match kind {
        RejectionKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RejectionKind::NotFound => StatusCode::NOT_FOUND,
        RejectionKind::Conflict => StatusCode::CONFLICT,
        RejectionKind::Denied => StatusCode::FORBIDDEN,
        RejectionKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        RejectionKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        RejectionKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        respond(Problem::new(&self), self.retry_after_seconds)
    }
}

/// An executed transaction: its receipt, or the problem that the ledger found with it.
pub fn executed(described: Described) -> Response {
    match described.refusal {
        None => axum::Json(described).into_response(),
        Some(rejection) => respond(
            Problem { receipt: Some(described.receipt), ..Problem::new(&rejection) },
            rejection.retry_after_seconds,
        ),
    }
}

fn respond(problem: Problem, retry_after_seconds: Option<u32>) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
