//! Each request as it is seen from outside: counted, logged in one line, traced in one span.
//!
//! A span and a line say: the request's id, method, route (as a template), status, milliseconds, and who asked: the name of a token
//! or `anonymous`. Never a secret, never a body, never the address's own parts: identifiers in it may point at a person.
//!
//! The id is the client's `X-Request-Id` where that is a plain word, otherwise made here; it is answered in the same header, so that
//! a person who reports a problem can name it.

use crate::metrics::{ABANDONED, Metrics, NO_ROUTE, name_of};
use crate::surface::{Scope, scope_of};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// The header with a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Letters of a client's own id.
const ID_LETTERS_MAX: usize = 64;

/// Who asked, for the log: whoever checks tokens finds it among the request's extensions and says so. The name of a token, never its
/// secret.
#[derive(Clone, Debug, Default)]
pub struct Who(Arc<OnceLock<String>>);

impl Who {
    /// Names who asked; the first name stays.
    pub fn is(&self, name: &str) {
        let _ = self.0.set(name.to_owned()); // the first name stays
    }

    fn name(&self) -> &str {
        self.0.get().map_or("anonymous", String::as_str)
    }
}

struct Observer {
    metrics: Arc<Metrics>,
    /// Tells this run of the node from others in the ids that are made here.
    run: u64,
    made: AtomicU64,
}

/// Has every request to these routes counted, logged and traced. The last layer to be added, so that nothing happens outside it.
///
/// `run` should differ between runs and nodes; a random number does.
pub fn observed(routes: Router, metrics: Arc<Metrics>, run: u64) -> Router {
    let observer = Arc::new(Observer { metrics, run, made: AtomicU64::new(0) });
    routes.layer(middleware::from_fn(move |request: Request, next: Next| observe(observer.clone(), request, next)))
}

async fn observe(observer: Arc<Observer>, mut request: Request, next: Next) -> Response {
    let id = observer.id_of(request.headers());
    let header = HeaderValue::from_str(&id).expect("ids are plain words");
    request.headers_mut().insert(REQUEST_ID, header.clone()); // one id, whoever else looks for it
    let who = Who::default();
    request.extensions_mut().insert(who.clone());
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE.into(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request = id,
        method = name_of(&method),
        route,
        status = Empty,
        millis = Empty,
        who = Empty
    );
    observer.metrics.request_begins();
    let seen = Seen { observer, id, method, route, who, span, began: Instant::now(), status: None };
    let mut response = next.run(request).instrument(seen.span.clone()).await;
    response.headers_mut().insert(REQUEST_ID, header);
    seen.answered(response.status());
    response
}

impl Observer {
    fn id_of(&self, headers: &HeaderMap) -> String {
        let is_plain = |id: &&str| {
            let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
            (1..=ID_LETTERS_MAX).contains(&id.len()) && id.bytes().all(is_letter)
        };
        let own = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(is_plain);
        own.map_or_else(|| format!("{:016x}-{}", self.run, self.made.fetch_add(1, Ordering::Relaxed)), str::to_owned)
    }
}

/// A request that is being answered. Dropping it writes it down, also where its client left and nothing goes on.
struct Seen {
    observer: Arc<Observer>,
    id: String,
    method: Method,
    route: String,
    who: Who,
    span: Span,
    began: Instant,
    status: Option<StatusCode>,
}

impl Seen {
    fn answered(mut self, status: StatusCode) {
        self.status = Some(status);
    }

    fn log(&self, took: Duration) {
        let status = self.status.map_or(0, |status| status.as_u16());
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (request, method, route, who) = (&*self.id, name_of(&self.method), &*self.route, self.who.name());
        self.span.record("status", status).record("millis", millis).record("who", who);
        let is_of_machines = || matches!(scope_of(&self.method, route), Scope::Open | Scope::Metrics);
        match self.status {
            None => tracing::info!(parent: None, request, method, route, status = ABANDONED, millis, who, "request"),
            Some(code) if code.is_server_error() => {
                tracing::warn!(parent: None, request, method, route, status, millis, who, "request");
            }
            // Supervisors ask every few seconds, and nobody reads that.
            Some(code) if code.is_success() && is_of_machines() => {
                tracing::debug!(parent: None, request, method, route, status, millis, who, "request");
            }
            Some(_) => tracing::info!(parent: None, request, method, route, status, millis, who, "request"),
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        self.observer.metrics.request_ends(&self.method, &self.route, self.status, took);
        self.log(took);
    }
}
