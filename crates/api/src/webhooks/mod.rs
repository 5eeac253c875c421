//! Webhooks: events sent to programs elsewhere, signed, again and again until they are taken.
//!
//! The form is that of "Standard Webhooks": a JSON body with type, timestamp and data, and the headers `webhook-id`,
//! `webhook-timestamp` and `webhook-signature`.
//!
//! - **W1.** Every event that passes a webhook's filters is noted exactly once, and sent at least once; repeats carry the same `webhook-id`.
//! - **W2.** Events of one subject are sent in the order of the ledger, one at a time: one that fails holds back later ones of its
//!   subject, and of no other.
//! - **W3.** What was tried often enough is dead: it leaves the order, is shown, and can be sent again, dead ones in their order.
//! - **W4.** A receiver that fails for days, or says that it is gone, is left alone, and the webhook says why.
//! - **W5.** A webhook whose token is revoked or has expired sends nothing more.
//!
//! The ledger is the queue: a webhook has a position in its receipts, and while it is paused, disabled or full, the position stays.

mod engine;
pub(crate) mod events;
pub(crate) mod secret;
pub(crate) mod target;

pub use target::{Reach, TargetError};

use crate::backend::Backend;
use crate::store::Store;
use crate::store::webhooks::{Webhook, WebhookState};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How webhooks are sent.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where they may go.
    pub reach: Reach,
    /// Before each attempt but the first, how long after the last one.
    pub pauses: Vec<Duration>,
    /// How long one attempt may take.
    pub attempt_time_max: Duration,
    /// After so long without anything arriving a webhook is disabled.
    pub failing_time_max: Duration,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        const HOUR: u64 = 3_600;
        // The schedule that the specification recommends: about three days in all.
        let pauses = [5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
        Self {
            reach: Reach::default(),
            pauses: pauses.map(Duration::from_secs).to_vec(),
            attempt_time_max: target::ATTEMPT_TIME_MAX,
            failing_time_max: Duration::from_secs(5 * 24 * HOUR),
        }
    }
}

/// The webhooks of a node, as its routes see them.
#[derive(Clone, Debug)]
pub struct Webhooks {
    pub(crate) settings: Arc<WebhookSettings>,
    changed: Arc<Notify>,
    waiting: Gauge,
    dead: Gauge,
}

impl Webhooks {
    /// Webhooks that are not sent yet; [`Webhooks::run`] does that.
    pub fn new(settings: WebhookSettings) -> Self {
        Self {
            settings: Arc::new(settings),
            changed: Arc::default(),
            waiting: Gauge::default(),
            dead: Gauge::default(),
        }
    }

    /// Adds what is known of deliveries to a node's figures.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Deliveries that wait, of webhooks that are sent";
        registry.register("webhook_deliveries_waiting", help, self.waiting.clone());
        registry.register("webhook_deliveries_dead", "Deliveries that are not sent any more", self.dead.clone());
    }

    fn measure(&self, webhooks: &[Webhook]) {
        let active = webhooks.iter().filter(|webhook| webhook.state == WebhookState::Active);
        let total = |counts: u64| i64::try_from(counts).unwrap_or(i64::MAX);
        self.waiting.set(total(active.map(|webhook| webhook.waiting).sum()));
        self.dead.set(total(webhooks.iter().map(|webhook| webhook.dead).sum()));
    }

    /// Says that the store has changed, so that what is to be sent now is sent now.
    pub(crate) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Sends events until `stop` becomes true or its sender is gone. What is under way then is sent again at the next start.
    pub async fn run(&self, store: Store, backend: Arc<dyn Backend>, stop: watch::Receiver<bool>) {
        engine::Engine::new(store, backend, self.clone()).run(stop).await;
    }
}
