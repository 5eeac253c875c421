//! What may be kept: entity tags, and how long an answer stays true.
//!
//! Tags are digests of the body, so that nodes of one version give the same ones.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// For ever: it never changes. Only by the caller, since another may not be allowed to see it.
    ForEver,
    /// It may be kept, and must be asked after each time.
    AskAgain,
}

/// A body with its tag. One that stays the same while the program runs is made once and given to all who ask.
pub(crate) struct Tagged {
    keep: Keep,
    content_type: &'static str,
    body: Bytes,
    tag: String,
}

impl Tagged {
    /// A body of this type.
    pub(crate) fn new(keep: Keep, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let short: String = Sha256::digest(&body).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { keep, content_type, body, tag: format!("\"{short}\"") }
    }

    /// A body of JSON.
    pub(crate) fn json(keep: Keep, value: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("answers are made of texts, numbers and lists");
        Self::new(keep, "application/json", body)
    }

    /// The body, or 304 where the caller has it already.
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let has_it = if_none_match(asked, &self.tag);
        let whole = || Body::from(self.body.clone()).into_response();
        let mut response = if has_it { StatusCode::NOT_MODIFIED.into_response() } else { whole() };
        let headers = response.headers_mut();
        if !has_it {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        headers.insert(header::ETAG, HeaderValue::from_str(&self.tag).expect("hexadecimal digits in quotes"));
        let keep = match self.keep {
            Keep::ForEver => "private, max-age=31536000, immutable",
            Keep::AskAgain => "private, no-cache",
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        response
    }
}

/// A body with its tag, or 304 where the caller has it already.
pub(crate) fn tagged(asked: &HeaderMap, keep: Keep, content_type: &'static str, body: Vec<u8>) -> Response {
    Tagged::new(keep, content_type, body).answer(asked)
}

/// JSON with its tag.
pub(crate) fn tagged_json(asked: &HeaderMap, keep: Keep, value: &impl serde::Serialize) -> Response {
    Tagged::json(keep, value).answer(asked)
}

/// The weak tag of an answer that is true after a block: two answers to one question at one height mean the same.
pub(crate) fn tag_of_height(height: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("W/\"{height}\"")).expect("digits in quotes")
}

/// Whether the caller has a body with this tag (RFC 9110, 13.1.2: weak comparison).
fn if_none_match(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

/// The schema of a tag.
pub(crate) fn tag_schema() -> Value {
    json!({ "type": "string", "pattern": "^(W/)?\"[^\"]*\"$" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(value))])
    }

    #[test]
    fn who_has_the_body_gets_none() {
        let first = tagged(&HeaderMap::new(), Keep::ForEver, "text/plain", b"abc".to_vec());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().expect("text").to_owned();
        assert_eq!(tag, "\"ba7816bf8f01cfea414140de5dae2223\"", "the SHA-256 of abc begins so");
        for (value, status) in [
            ("\"ba7816bf8f01cfea414140de5dae2223\"", StatusCode::NOT_MODIFIED),
            ("\"x\", W/\"ba7816bf8f01cfea414140de5dae2223\"", StatusCode::NOT_MODIFIED),
            ("*", StatusCode::NOT_MODIFIED),
            ("ba7816bf8f01cfea414140de5dae2223", StatusCode::OK),
            ("\"another\"", StatusCode::OK),
        ] {
            let answer = tagged(&asked(value), Keep::AskAgain, "text/plain", b"abc".to_vec());
            assert_eq!(answer.status(), status, "{value}");
            assert_eq!(answer.headers()[header::ETAG], *tag);
        }
    }
}
