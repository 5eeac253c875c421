//! Bodies: read whole before anything is done with them, within bounds of size, time and depth, and of the memory that all of them take.

use super::budget::Taken;
use super::{Border, Caller};
use crate::backend::Rejection;
use crate::codes;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a body may take.
pub(super) const TIME_MAX: Duration = Duration::from_secs(30);
/// How long a body may take to begin.
const GRACE: Duration = Duration::from_secs(5);
/// After that, so many bytes must have come for each second.
const BYTES_PER_SECOND_MIN: u64 = 1_024;
/// How deeply JSON may be nested; requests need eight levels.
pub(super) const DEPTH_MAX: usize = 32;

/// Reads the body, or says what is wrong with it.
pub(super) async fn apply(State(border): State<Arc<Border>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    // The guard has put the caller there.
    let caller = parts.extensions.get::<Caller>().map(Caller::name).unwrap_or_default();
    let held = Held { bytes: Vec::new(), taken: border.budget.place(caller) };
    let bytes = match read(body, held, border.settings.body_bytes_max, border.settings.body_time_max).await {
        Ok(bytes) => bytes,
        Err(rejection) => {
            let mut response = rejection.into_response();
            // What is left of the body is not read, so the connection is of no further use.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            return response;
        }
    };
    if !is_binary(&parts.headers) && depth(&bytes) > DEPTH_MAX {
        let message = format!("the JSON is nested more than {DEPTH_MAX} levels deep");
        return codes::TOO_DEEP.because(message).into_response();
    }
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    // Kept until the request is answered, whoever lets go of the body before: what was made of it is still there.
    let _kept = bytes.clone();
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// A body, and what it takes of the budget: given back when nobody has the bytes any more.
struct Held {
    bytes: Vec<u8>,
    taken: Taken,
}

impl Held {
    /// Adds to a body that may become so long, where there is room for it.
    fn add(&mut self, data: &[u8], bytes_max: usize) -> Result<(), Rejection> {
        let needed = self.bytes.len() + data.len();
        if needed > self.bytes.capacity() {
            // Twice as much each time, so that a body in very small pieces is not copied with each of them.
            let capacity = needed.max((2 * self.bytes.capacity()).min(bytes_max));
            self.taken.grow(capacity)?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(data);
        Ok(())
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

async fn read(mut body: Body, mut held: Held, bytes_max: usize, time_max: Duration) -> Result<Bytes, Rejection> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(codes::BODY_TOO_LARGE.rejection()); // before a byte of it is read
    }
    let began = Instant::now();
    loop {
        let earned = Duration::from_millis(held.bytes.len() as u64 * 1_000 / BYTES_PER_SECOND_MIN);
        let deadline = began + (GRACE + earned).min(time_max);
        let frame = tokio::time::timeout_at(deadline, body.frame()).await;
        let Some(frame) = frame.map_err(|_| codes::BODY_TOO_SLOW.rejection())? else { break };
        let frame = frame.map_err(|_| codes::BODY.rejection())?;
        let Ok(data) = frame.into_data() else { continue }; // trailers mean nothing here
        if held.bytes.len() + data.len() > bytes_max {
            return Err(codes::BODY_TOO_LARGE.rejection());
        }
        held.add(&data, bytes_max)?;
    }
    Ok(Bytes::from_owner(held))
}

fn is_binary(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/octet-stream"))
}

/// How deeply objects and lists are nested, whatever else is wrong with the text.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' | b'[' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        for (text, expected) in [
            ("", 0),
            ("1", 0),
            ("[]", 1),
            (r#"{"a":[{}]}"#, 3),
            (r#"["[[[["]"#, 1),
            (r#"["\"[[[["]"#, 1),
            (r#"["\\",[]]"#, 2),
            ("[[[", 3),
            ("]]][", 1),
        ] {
            assert_eq!(depth(text.as_bytes()), expected, "{text}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "\\PC{0,8}".prop_map(Value::from)];
        leaf.prop_recursive(6, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("\\PC{0,4}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn depth_of(value: &Value) -> usize {
        match value {
            Value::Array(entries) => 1 + entries.iter().map(depth_of).max().unwrap_or(0),
            Value::Object(fields) => 1 + fields.values().map(depth_of).max().unwrap_or(0),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn depth_is_that_of_the_parsed_value(value in json()) {
            prop_assert_eq!(depth(value.to_string().as_bytes()), depth_of(&value));
        }

        #[test]
        fn any_bytes_have_a_depth(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(depth(&bytes) <= bytes.len());
        }
    }
}
