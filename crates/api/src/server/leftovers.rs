//! What is left of a body when its request is answered already.
//!
//! Somebody who is still sending does not listen, and a connection that is closed under him takes the answer with it: he sees a
//! broken pipe, not why he was refused. So what is left is taken and thrown away for a while before the answer is sent; nothing of it is kept.

use axum::body::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// So much is taken at the most.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// For so long at the most.
const TIME_MAX: Duration = Duration::from_secs(5);
/// After so long without a byte nobody is sending.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// The place to which a lent body comes back if it was not read to its end.
#[derive(Clone, Default)]
pub(super) struct Leftovers(Arc<Mutex<Option<Incoming>>>);

impl Leftovers {
    /// Lends a body to whoever answers the request.
    pub(super) fn lend(&self, body: Incoming) -> Lent {
        Lent { body: Some(body), leftovers: self.clone() }
    }

    /// Takes what has come back, within bounds.
    pub(super) async fn take(self) {
        let Some(mut body) = self.place().take() else { return };
        let deadline = Instant::now() + TIME_MAX;
        let mut bytes_left = BYTES_MAX;
        while let Ok(Ok(Some(Ok(frame)))) = timeout_at(deadline, timeout(PAUSE_MAX, body.frame())).await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = bytes_left.checked_sub(length) else { break };
            bytes_left = rest;
        }
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<Incoming>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body that comes back when it is dropped before its end.
pub(super) struct Lent {
    body: Option<Incoming>,
    leftovers: Leftovers,
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.leftovers.place() = self.body.take().filter(|body| !body.is_end_stream());
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(ctx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None; // nothing more will come
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
