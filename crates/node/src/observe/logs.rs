//! Logs to standard error, and traces to a collector where the configuration names one.
//!
//! In JSON, each line is one object with `timestamp` (RFC 3339), `level`, `target`, `message`, the event's own fields beside them, and
//! `span` where something was logged while a request was answered. A request leaves one line with the message `request` and the
//! fields `request`, `method`, `route`, `status`, `millis`, `who`. These names are stable.
//!
//! Traces are the requests' spans, sent in batches by a thread of their own. A collector that is slow or gone costs the node
//! nothing: what does not fit the queue is dropped.

use crate::cli::has_terminal;
use anyhow::{Context, bail};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

/// How long the collector may take for a batch, and for the last one at the end.
const EXPORT_TIME_MAX: Duration = Duration::from_secs(3);

/// Logs and traces of this process. Dropping it sends what is left to the collector, and waits a little for that; so it is dropped
/// last and on no asynchronous thread.
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces {
            let _ = traces.shutdown_with_timeout(EXPORT_TIME_MAX); // a collector that is gone is no failure of the node
        }
    }
}

/// Sets logs and traces up for the whole process.
pub fn init(filter: &str, json: bool, otlp: Option<&str>, instance: &str) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("'{filter}' is no log filter"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(has_terminal());
    let lines = if json {
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
    } else {
        lines.boxed()
    };
    let traces = otlp.map(|url| traces_to(url, instance)).transpose()?;
    let spans = traces.as_ref().map(|traces| {
        // Our own spans alone: the engine's are for those who work on it.
        let ours = Targets::new().with_target("tongban", LevelFilter::INFO);
        let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("tongban"));
        layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(ours)
    });
    let all = Registry::default().with(lines.with_filter(filter)).with(spans);
    all.try_init().map_err(|error| anyhow::anyhow!("logs cannot be set up: {error}"))?;
    Ok(Telemetry { traces })
}

fn traces_to(url: &str, instance: &str) -> anyhow::Result<SdkTracerProvider> {
    if !url.starts_with("http://") {
        bail!("otlp must be an address such as http://127.0.0.1:4318, not {url}");
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/')))
        .with_timeout(EXPORT_TIME_MAX)
        .build()
        .with_context(|| format!("traces cannot be sent to {url}"))?;
    let resource = Resource::builder_empty()
        .with_service_name("tongban")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance.to_owned()))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}
