//! What a node counts and measures, in the OpenMetrics text that Prometheus reads.
//!
//! There is one [`Metrics`] for each node. Requests and submissions are counted here; other parts add what they know with
//! [`Metrics::register`]. Names begin with `tongban_` (or `process_`, as every program has them), units are base units and stand last.
//!
//! **Invariant:** no label is what a client sends. Routes are templates, methods and codes are from lists, and what is in no list
//! is one label, so that nobody can fill the memory of a node or of its Prometheus.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The content type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of the buckets of answering times, in seconds: from a read in memory to a submission that waits for its block.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Outcomes that are told apart. The modules and the rim have fewer codes together.
const OUTCOMES_MAX: usize = 512;
/// The outcome beyond those.
const OTHER: &str = "other";
/// The outcome of a transaction that took effect.
const APPLIED: &str = "applied";
/// The outcome of one that was admitted and is not final yet.
const WAITING: &str = "waiting";
/// The route of a request that matched none.
pub(crate) const NO_ROUTE: &str = "unmatched";
/// The status of a request whose client left before it was answered.
pub(crate) const ABANDONED: &str = "abandoned";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: String,
}

/// What became of a submission, as it is counted.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// It took effect.
    Applied,
    /// It was admitted and is not final yet.
    Waiting,
    /// It was refused, by the ledger or before, with this code.
    Refused(&'a str),
}

/// The counts and measures of one node.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    open: Gauge,
    submissions: Family<OutcomeLabels, Counter>,
    outcomes: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let requests = Family::<RequestLabels, Counter>::default();
        let buckets: fn() -> Histogram = || Histogram::new(SECONDS);
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(buckets);
        let open = Gauge::default();
        let submissions = Family::<OutcomeLabels, Counter>::default();
        let mut registry = Registry::with_prefix("tongban");
        registry.register("http_requests", "Requests by route and status", requests.clone());
        let help = "Time until an answer began";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations.clone());
        registry.register("http_requests_open", "Requests that are being answered", open.clone());
        registry.register(
            "submissions",
            "Submitted transactions by outcome: applied, waiting or a code",
            submissions.clone(),
        );
        Self { registry: Mutex::new(registry), requests, durations, open, submissions, outcomes: Mutex::default() }
    }

    /// Adds what another part knows; its names get the prefix `tongban_`.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Counts a submission.
    pub fn submitted(&self, outcome: Outcome<'_>) {
        let name = match outcome {
            Outcome::Applied => APPLIED,
            Outcome::Waiting => WAITING,
            Outcome::Refused(code) => code,
        };
        let name = if self.is_counted_apart(name) { name } else { OTHER };
        self.submissions.get_or_create(&OutcomeLabels { outcome: name.to_owned() }).inc();
    }

    /// Whether the outcome has, or now gets, a place of its own.
    fn is_counted_apart(&self, name: &str) -> bool {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.contains(name) || (outcomes.len() < OUTCOMES_MAX && outcomes.insert(name.to_owned()))
    }

    /// All of it as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry).expect("writing to a text never fails");
        text
    }

    pub(crate) fn request_begins(&self) {
        self.open.inc();
    }

    /// Counts a request; without a status its client left.
    pub(crate) fn request_ends(&self, method: &Method, route: &str, status: Option<StatusCode>, took: Duration) {
        self.open.dec();
        let (method, route) = (name_of(method), route.to_owned());
        let status = status.map_or_else(|| ABANDONED.to_owned(), |status| status.as_u16().to_string());
        self.durations.get_or_create(&RouteLabels { method, route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }
}

/// The method, where it is one of HTTP's own.
pub(crate) fn name_of(method: &Method) -> &'static str {
    const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE"];
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_bounded() {
        let metrics = Metrics::new();
        metrics.submitted(Outcome::Applied);
        for number in 0..2 * OUTCOMES_MAX {
            metrics.submitted(Outcome::Refused(&format!("made_up.code_{number}")));
        }
        metrics.submitted(Outcome::Applied);
        let text = metrics.text();
        let lines = text.lines().filter(|line| line.starts_with("tongban_submissions_total{")).count();
        assert_eq!(lines, OUTCOMES_MAX + 1);
        assert!(text.contains("tongban_submissions_total{outcome=\"applied\"} 2\n"), "{text}");
        assert!(text.contains("tongban_submissions_total{outcome=\"other\"} 513\n"));
    }

    #[test]
    fn a_method_that_a_client_makes_up_is_no_label() {
        assert_eq!(name_of(&Method::from_bytes(b"BREW").expect("a token")), OTHER);
        assert_eq!(name_of(&Method::GET), "GET");
    }
}
