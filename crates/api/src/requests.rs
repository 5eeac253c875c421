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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Extension;
    use axum::routing::get;
    use std::sync::Mutex;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};

    /// What is logged, one text for each event, with its level.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0 += &format!(" {}={value:?}", field.name());
        }
    }

    impl tracing::Subscriber for Log {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.target().starts_with("tongban_api::requests")
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().expect("no panic under the lock").push(line.0);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    async fn serve(metrics: Arc<Metrics>) -> String {
        let named = |Extension(who): Extension<Who>| async move {
            who.is("token-7");
            who.is("somebody else");
            "ok"
        };
        let routes = Router::new()
            .route("/named/{secret}", get(named))
            .route("/broken", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/health", get(|| async { "ok" }))
            .route("/slow", get(std::future::pending::<()>));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, observed(routes, metrics, 7)).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_request_is_counted_and_logged_once_however_it_ends() {
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        let metrics = Arc::new(Metrics::new());
        let base = serve(metrics.clone()).await;
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let get = |path: &str| client.get(format!("{base}{path}"));
        let first = get("/named/lin-330102").send().await.expect("an answer");
        assert_eq!(first.headers()[REQUEST_ID], "0000000000000007-0");
        for path in ["/broken", "/health", "/nowhere"] {
            get(path).send().await.expect("an answer");
        }
        get("/slow").timeout(Duration::from_millis(50)).send().await.expect_err("it is never answered");
        let counted = || metrics.text().contains("route=\"/slow\",status=\"abandoned\"} 1");
        let deadline = Instant::now() + Duration::from_secs(30);
        while !counted() {
            assert!(Instant::now() < deadline, "a request that its client left is counted\n{}", metrics.text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(metrics.text().contains("tongban_http_requests_open 0\n"));

        let lines = log.0.lock().expect("no panic under the lock").clone();
        let beginnings: Vec<&str> = lines.iter().map(|line| line.split(" millis").next().unwrap_or_default()).collect();
        let expected = [
            ("INFO", "0", "/named/{secret}", "200"),
            ("WARN", "1", "/broken", "500"),
            ("DEBUG", "2", "/health", "200"),
            ("INFO", "3", "unmatched", "404"),
            ("INFO", "4", "/slow", "\"abandoned\""),
        ]
        .map(|(level, number, route, status)| {
            let id = format!("0000000000000007-{number}");
            format!("{level} message=request request=\"{id}\" method=\"GET\" route=\"{route}\" status={status}")
        });
        assert_eq!(beginnings, expected);
        assert!(lines[0].ends_with("who=\"token-7\"") && lines[1].ends_with("who=\"anonymous\""), "{lines:?}");
        assert!(!lines.concat().contains("330102"), "what stands in an address is not logged");
    }
}
