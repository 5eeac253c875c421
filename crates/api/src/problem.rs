//! Errors as RFC 9457 problem details.

use crate::backend::{Described, Rejection, RejectionKind};
use crate::codes::{self, Code};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::Text;
use tongban_types::text::TextError;

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
            detail: plain(&rejection.message),
            code: rejection.code.to_string(),
            who: rejection.kind,
            how: rejection.how.clone(),
            receipt: None,
        }
    }
}

/// Characters of a sentence that are passed on: it may repeat what was sent.
const DETAIL_CHARACTERS_MAX: usize = 300;

/// The sentence, without what would control the terminal of its reader or hide what it says.
fn plain(message: &str) -> String {
    let shown = |letter: char| match Text::<1>::new(letter) {
        Err(TextError::ForbiddenCharacter) => char::REPLACEMENT_CHARACTER,
        _ => letter,
    };
    let mut plain: String = message.chars().take(DETAIL_CHARACTERS_MAX).map(shown).collect();
    if message.chars().nth(DETAIL_CHARACTERS_MAX).is_some() {
        plain.push('…');
    }
    plain
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

impl Code {
    /// The HTTP status it is answered with.
    pub fn http_status(&self) -> u16 {
        status_of(self.kind, Some(self)).as_u16()
    }
}

impl RejectionKind {
    /// The HTTP status that codes of this kind are answered with, where they have none of their own.
    pub fn http_status(self) -> u16 {
        status_of(self, None).as_u16()
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

/// Gives an error that no handler has made its code: a part of an address that is no text, a request that took too long. So
/// every answer but a success is one that programs understand.
pub(crate) async fn coded(response: Response) -> Response {
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let is_json =
        content_type.starts_with(b"application/json") || content_type.starts_with(b"application/problem+json");
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => codes::NO_SUCH_ROUTE,
        StatusCode::METHOD_NOT_ALLOWED => codes::METHOD,
        StatusCode::REQUEST_TIMEOUT => codes::TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => codes::BODY_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => codes::CONTENT_TYPE,
        status if status.is_server_error() => codes::NODE_FAILED,
        _ => codes::MALFORMED,
    };
    let mut coded = code.rejection().into_response();
    if status == StatusCode::REQUEST_TIMEOUT {
        // What is left of the request is not read, so the connection is of no further use.
        coded.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    coded
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_that_no_handler_made_gets_a_code() {
        for (status, code) in [
            (StatusCode::BAD_REQUEST, codes::MALFORMED),
            (StatusCode::NOT_FOUND, codes::NO_SUCH_ROUTE),
            (StatusCode::METHOD_NOT_ALLOWED, codes::METHOD),
            (StatusCode::REQUEST_TIMEOUT, codes::TIMEOUT),
            (StatusCode::PAYLOAD_TOO_LARGE, codes::BODY_TOO_LARGE),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, codes::CONTENT_TYPE),
            (StatusCode::INTERNAL_SERVER_ERROR, codes::NODE_FAILED),
        ] {
            let answer = coded((status, "plain words").into_response()).await;
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
            let is_closed = answer.headers().contains_key(header::CONNECTION);
            assert_eq!(is_closed, status == StatusCode::REQUEST_TIMEOUT, "{status}");
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a short answer");
            let problem: Problem = serde_json::from_slice(&body).expect("a problem");
            assert_eq!(problem.code, code.code, "{status}");
        }
        let fine = coded((StatusCode::OK, "ok\n").into_response()).await;
        assert_eq!(fine.status(), StatusCode::OK, "what is no error stays");
        let not_ready = coded((StatusCode::SERVICE_UNAVAILABLE, axum::Json("not ready")).into_response()).await;
        assert_eq!(not_ready.headers()[header::CONTENT_TYPE], "application/json", "what has its own form stays");
    }

    #[test]
    fn a_problem_repeats_what_was_sent_in_part_and_without_what_controls_a_terminal() {
        for (message, expected) in [
            ("the page cannot be read: unknown field `证`", "the page cannot be read: unknown field `证`"),
            ("\u{1b}[31m\u{9b}a\r\n\u{202e}b", "\u{fffd}[31m\u{fffd}a\u{fffd}\u{fffd}\u{fffd}b"),
        ] {
            assert_eq!(Problem::new(&codes::MALFORMED.because(message)).detail, expected);
        }
        let long = Problem::new(&codes::MALFORMED.because("证".repeat(100_000))).detail;
        assert_eq!(long.chars().count(), DETAIL_CHARACTERS_MAX + 1);
        let fits = "a".repeat(DETAIL_CHARACTERS_MAX);
        assert_eq!(Problem::new(&codes::MALFORMED.because(fits.clone())).detail, fits);
    }
}
