//! What every answer has: a name for its request, and headers that keep browsers from doing more with it than it is meant for.

use crate::server::Peer;
use crate::store::random;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of a request's name.
const REQUEST_ID_MAX: usize = 64;

/// Unless a route has said otherwise.
const DEFAULTS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Names a request, for whoever logs it and in its answer, and adds the headers.
pub(super) async fn apply(mut request: Request, next: Next) -> Response {
    let id =
        given(&request).unwrap_or_else(|| HeaderValue::from_str(&hex::encode(random::<8>())).expect("hexadecimal"));
    let is_encrypted = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_encrypted);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_encrypted {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.insert(REQUEST_ID, id);
    response
}

/// The name that the client has given, where it is one that can stand in a log.
fn given(request: &Request) -> Option<HeaderValue> {
    let value = request.headers().get(REQUEST_ID)?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_good = (1..=REQUEST_ID_MAX).contains(&value.len()) && value.as_bytes().iter().all(is_plain);
    is_good.then(|| value.clone())
}
