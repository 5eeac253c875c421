//! Taking requests apart: each part is read strictly, and what cannot be read is refused with a problem that names it.

use crate::backend::Rejection;
use crate::codes;
use crate::surface::{Operation, Place};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What every request to an operation must keep, whatever its handler does.
pub(crate) struct Rules {
    query: Vec<&'static str>,
    content_types: Vec<&'static str>,
}

impl Rules {
    pub(crate) fn of(operation: &Operation) -> Self {
        let in_query = operation.parameters.iter().filter(|parameter| parameter.place == Place::Query);
        let contents = operation.body.iter().flat_map(|body| &body.contents);
        Self {
            query: in_query.map(|parameter| parameter.name).collect(),
            content_types: contents.map(|content| content.content_type).collect(),
        }
    }

    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Rejection> {
        let pairs: Query<Vec<(String, String)>> =
            Query::try_from_uri(uri).map_err(|error| malformed("text behind the question mark", error.body_text()))?;
        let mut seen = BTreeSet::new();
        for (name, _) in &pairs.0 {
            if !self.query.contains(&name.as_str()) {
                let known = if self.query.is_empty() { "none".to_owned() } else { self.query.join(", ") };
                let shown: String = name.chars().take(40).collect();
                return Err(
                    codes::UNKNOWN_PARAMETER.because(format!("the parameter '{shown}' is unknown; known are: {known}"))
                );
            }
            if !seen.insert(name) {
                return Err(malformed(name, "it is there twice"));
            }
        }
        if !self.content_types.is_empty() && !self.content_types.contains(&content_type(headers)) {
            return Err(codes::CONTENT_TYPE.because(format!("send {}", self.content_types.join(" or "))));
        }
        Ok(())
    }
}

/// Refuses requests that break the rules of their operation.
pub(crate) async fn keep(rules: Arc<Rules>, request: Request, next: Next) -> Response {
    match rules.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.into_response(),
    }
}

/// The content type without its parameters.
pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// A part of the request that cannot be read.
pub(crate) fn malformed(what: &str, error: impl std::fmt::Display) -> Rejection {
    codes::MALFORMED.because(format!("the {what} cannot be read: {error}"))
}

/// A number that counts something, in its one spelling.
pub(crate) fn number(what: &str, text: &str) -> Result<u64, Rejection> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = if is_plain { text.parse().ok() } else { None };
    number.ok_or_else(|| malformed(what, format!("expected a number from 0 to {}", u64::MAX)))
}

/// The path's parts, as texts.
pub(crate) struct Path<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|error| malformed("path", error.body_text()))
    }
}

/// What stands behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Asked<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let query: Result<Query<T>, _> = Query::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|error| malformed("text behind the question mark", error.body_text()))
    }
}

/// The whole body, within the limit.
pub(crate) struct Body(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        Bytes::from_request(request, state).await.map(Self).map_err(|error| body_rejection(&error))
    }
}

/// Why a body could not be had.
fn body_rejection(rejection: &BytesRejection) -> Rejection {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        codes::BODY_TOO_LARGE.rejection()
    } else {
        codes::BODY.rejection()
    }
}

/// Turns numbers such as `7.0` into integers, which they are in JSON Schema though not for serde.
pub(crate) fn integers(value: &mut Value) {
    /// Beyond it, not every integer is a float.
    const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= INTEGER_MAX);
            if let Some(integer) = float.and_then(|float| format!("{float:.0}").parse::<i64>().ok()) {
                *value = Value::from(integer);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(integers),
        Value::Object(fields) => fields.values_mut().for_each(integers),
        _ => {}
    }
}

/// An object of JSON in the body. A list of its fields' values is none, though serde would take it for one.
pub(crate) fn json<T: DeserializeOwned>(what: &str, body: &Body) -> Result<T, Rejection> {
    let document = crate::json::document(&body.0, &codes::MALFORMED, what)?;
    if !document.is_object() {
        return Err(malformed(what, "expected an object"));
    }
    serde_json::from_value(document).map_err(|error| malformed(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_floats_are_integers_and_nothing_else_changes() {
        let mut value = serde_json::json!({ "a": [7.0, -0.0, 1.5, 9e15, 1e300, "7.0"], "b": { "c": 3 } });
        integers(&mut value);
        let expected =
            serde_json::json!({ "a": [7, 0, 1.5, 9_000_000_000_000_000_i64, 1e300, "7.0"], "b": { "c": 3 } });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number("n", "0").ok(), Some(0));
        assert_eq!(number("n", "18446744073709551615").ok(), Some(u64::MAX));
        for text in ["", "+1", "-1", "01", "00", "1e3", " 1", "18446744073709551616", "٣"] {
            let rejection = number("receipt number", text).expect_err("it is no number");
            assert_eq!(&*rejection.code, "api.malformed", "{text:?}");
        }
    }
}
