//! `Idempotency-Key`: a repeat of a request gets the answer of the first, and has no second effect.
//!
//! The header means something on every POST that changes anything. The key belongs to the caller; the request behind it is known by a hash of
//! method, address and body. Answers are kept for a day, but not those that say "later": such a request can be made again.
//! A transaction has one effect with or without a key, by its request id; the key only brings back the same answer.

use super::{Border, Caller};
use crate::backend::Rejection;
use crate::codes;
use crate::store::idempotency::{ANSWER_BYTES_MAX, Claim, KeptAnswer};
use crate::store::{StoreError, now};
use crate::surface::{Scope, scope_of};
use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters of a key.
const KEY_MAX: usize = 128;
/// Header fields of an answer that are kept with it.
const KEPT_HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::LOCATION];
/// After so many new keys the old ones are looked through.
const PRUNE_EVERY: u32 = 256;

/// On an answer that holds a secret: the body that is kept in its place. The secret is not stored, so it cannot be given again.
#[derive(Clone, Debug)]
pub(crate) struct Unrepeatable(pub(crate) Bytes);

/// Lets the first request with a key through and gives its answer to repeats.
pub(super) async fn apply(State(border): State<Arc<Border>>, request: Request, next: Next) -> Response {
    let key = match key_of(&request) {
        Ok(Some(key)) => key,
        Ok(None) => return next.run(request).await,
        Err(rejection) => return rejection.into_response(),
    };
    // The guard has put the caller there. Without one there is nobody whom a key could belong to.
    let Some(caller) = request.extensions().get::<Caller>().map(Caller::name) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, border.settings.body_bytes_max).await else {
        return codes::BODY.rejection().into_response();
    };
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let hash = fingerprint(&parts.method, address, &parts.headers, &body);
    match border.claim(&caller, &key, &hash).await {
        Ok(Claim::New) => {}
        Ok(Claim::Answered(answer)) => return replayed(answer),
        Ok(Claim::Working) => {
            let rejection = codes::IDEMPOTENCY_KEY_IN_USE.rejection();
            return Rejection { retry_after_seconds: Some(1), ..rejection }.into_response();
        }
        Ok(Claim::Reused) => return codes::IDEMPOTENCY_KEY_REUSED.rejection().into_response(),
        Err(error) => return Rejection::from(error).into_response(),
    }
    let request = Request::from_parts(parts, Body::from(body));
    // A caller that goes away does not leave its request half done, or its key without an answer.
    let work = tokio::spawn(async move {
        let (response, kept) = to_keep(next.run(request).await).await;
        let result = match kept {
            Some(answer) => border.store.keep_answer(&caller, &key, &answer).await,
            None => border.store.give_key_up(&caller, &key).await,
        };
        if let Err(error) = result {
            tracing::error!(%error, "an answer could not be kept for repeats of its request");
        }
        response
    });
    work.await.unwrap_or_else(|_| codes::NODE_FAILED.rejection().into_response())
}

/// The key, where the request has one and it means something.
fn key_of(request: &Request) -> Result<Option<String>, Rejection> {
    let path = request.extensions().get::<MatchedPath>();
    let changes = *request.method() == Method::POST
        && path.is_some_and(|path| !matches!(scope_of(request.method(), path.as_str()), Scope::Open | Scope::Read));
    let mut values = request.headers().get_all(KEY).iter();
    let (Some(value), true) = (values.next(), changes) else { return Ok(None) };
    let malformed = || codes::IDEMPOTENCY_KEY_MALFORMED.rejection();
    let text = value.to_str().map_err(|_| malformed())?.trim();
    // The draft has a quoted string; most clients send the text alone.
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_good = (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good && values.next().is_none() { Ok(Some(text.to_owned())) } else { Err(malformed()) }
}

fn fingerprint(method: &Method, address: &str, headers: &HeaderMap, body: &[u8]) -> [u8; 32] {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hash = Sha256::new_with_prefix(b"tongban request 1");
    for part in [method.as_str().as_bytes(), address.as_bytes(), content_type, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl Border {
    async fn claim(&self, caller: &str, key: &str, hash: &[u8; 32]) -> Result<Claim, StoreError> {
        if self.claims.fetch_add(1, Ordering::Relaxed).is_multiple_of(PRUNE_EVERY) {
            self.store.prune_keys(now()).await?;
        }
        self.store.claim_key(caller, key, hash, now()).await
    }
}

/// The answer, and what of it is kept; nothing where a repeat should be tried anew.
async fn to_keep(response: Response) -> (Response, Option<KeptAnswer>) {
    let status = response.status();
    let is_for_later = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::UNAUTHORIZED);
    if is_for_later {
        return (response, None);
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return (codes::NODE_FAILED.rejection().into_response(), None);
    };
    let replacement = parts.extensions.remove::<Unrepeatable>();
    let body = replacement.map_or_else(|| bytes.clone(), |Unrepeatable(body)| body);
    let kept = (body.len() <= ANSWER_BYTES_MAX).then(|| {
        let headers =
            KEPT_HEADERS.iter().filter_map(|name| Some((name.as_str(), parts.headers.get(name)?.to_str().ok()?)));
        let headers: Vec<(&str, &str)> = headers.collect();
        let headers = serde_json::to_string(&headers).expect("texts can be written");
        KeptAnswer { status: status.as_u16(), headers, body: body.to_vec() }
    });
    (Response::from_parts(parts, Body::from(bytes)), kept)
}

fn replayed(answer: KeptAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: Vec<(String, String)> = serde_json::from_str(&answer.headers).unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
