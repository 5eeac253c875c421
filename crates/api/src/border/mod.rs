//! The border of the interface: who is asking, what that one may do and how often, and in what form requests are let in.
//!
//! Every request passes, in this order: a name for it and headers that every answer has (`headers`); who asks, from where, how
//! often and for what (`guard`); the body, whole, within size, time, depth and memory (`bodies`, `budget`); and its idempotency key
//! (`idempotency`).
//! What an operation needs stands beside it in `routes`; what is not described needs [`Scope::Admin`].

mod bodies;
mod budget;
mod caller;
mod guard;
mod headers;
mod idempotency;
mod known;
mod rates;

pub(crate) use caller::Caller;
pub(crate) use idempotency::Unrepeatable;

use crate::addresses::AddressRange;
use crate::store::Store;
use crate::surface::Scope;
use crate::webhooks::{WebhookSettings, Webhooks};
use axum::{Router, middleware};
use budget::Budget;
use known::KnownTokens;
use rates::Rates;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use tokio::sync::Semaphore;

/// What the border is like.
#[derive(Clone, Debug)]
pub struct BorderSettings {
    /// What those without a token may do.
    pub anonymous: Vec<Scope>,
    /// Requests per minute for each address without a token, and for each token that has no rate of its own; 0 is no limit.
    pub requests_per_minute: u32,
    /// Whether requests from this machine are counted too. Those that a proxy on it passes on always are.
    pub limit_loopback: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Requests that are served at once.
    pub requests_max: usize,
    /// Bytes of a body.
    pub body_bytes_max: usize,
    /// Bytes of bodies that are held at once, of all requests together; one caller has a share of them.
    pub bodies_bytes_max: usize,
    /// How long a body may take.
    pub body_time_max: std::time::Duration,
    /// How webhooks are sent.
    pub webhooks: WebhookSettings,
}

impl Default for BorderSettings {
    fn default() -> Self {
        Self {
            // What is on the ledger is for anyone to verify, and transactions are signed.
            anonymous: vec![Scope::Read, Scope::Submit],
            requests_per_minute: 6_000,
            limit_loopback: false,
            trusted_proxies: Vec::new(),
            requests_max: 4_096,
            body_bytes_max: crate::Limits::default().body_bytes_max,
            bodies_bytes_max: 128 * 1024 * 1024,
            body_time_max: bodies::TIME_MAX,
            webhooks: WebhookSettings::default(),
        }
    }
}

/// The border of one node.
pub struct Border {
    pub(crate) store: Store,
    pub(crate) webhooks: Webhooks,
    settings: BorderSettings,
    rates: Rates,
    known: KnownTokens,
    places: Arc<Semaphore>,
    budget: Arc<Budget>,
    claims: AtomicU32,
}

impl Border {
    /// A border with its store.
    pub fn new(store: Store, settings: BorderSettings) -> Self {
        Self {
            store,
            webhooks: Webhooks::new(settings.webhooks.clone()),
            rates: Rates::new(),
            known: KnownTokens::default(),
            places: Arc::new(Semaphore::new(settings.requests_max)),
            budget: Budget::new(settings.bodies_bytes_max, settings.body_bytes_max),
            claims: AtomicU32::new(0),
            settings,
        }
    }

    /// The webhooks, for whoever has them sent.
    pub fn webhooks(&self) -> &Webhooks {
        &self.webhooks
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// Puts the border around routes.
pub(crate) fn protect(router: Router, border: &Arc<Border>) -> Router {
    // What is added last is passed first.
    router
        .layer(middleware::from_fn_with_state(border.clone(), idempotency::apply))
        .layer(middleware::from_fn_with_state(border.clone(), bodies::apply))
        .layer(middleware::from_fn_with_state(border.clone(), guard::apply))
        .layer(middleware::from_fn(headers::apply))
}
