//! Errors as RFC 9457 problem details.

use crate::backend::{Described, Rejection, RejectionKind};
use crate::codes::{self, Code};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A problem document: what went wrong, its stable code, who must act and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// What that one can do, in a sentence.
    pub how: String,
    /// The receipt, where the ledger has refused the transaction.
    pub receipt: Option<tongban_types::Receipt>,
}

impl Problem {
    fn new(rejection: &Rejection) -> Self {
        let status = status_of(rejection.kind, codes::find(&rejection.code));
        Self {
            kind: format!("urn:tongban:error:{}", &*rejection.code),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: rejection.message.clone(),
            code: rejection.code.to_string(),
            who: rejection.kind,
            how: rejection.how.clone(),
            receipt: None,
        }
    }
}

/// The one place where who must act becomes a status; a code of the rim may have one that says more.
pub(crate) fn status_of(kind: RejectionKind, code: Option<&Code>) -> StatusCode {
    if let Some(status) = code.and_then(|code| code.status) {
        return StatusCode::from_u16(status).expect("the table has valid statuses");
    }
    match kind {
        RejectionKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RejectionKind::NotFound => StatusCode::NOT_FOUND,
        RejectionKind::Conflict => StatusCode::CONFLICT,
        RejectionKind::Denied => StatusCode::FORBIDDEN,
        RejectionKind::Unauthenticated => StatusCode::UNAUTHORIZED,
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
