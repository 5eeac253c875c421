//! What sends: receipts become deliveries, due deliveries become attempts, attempts become outcomes.

use super::events::{TEST, occurrences, test_body};
use super::target::{Answer, Sender};
use super::{WebhookSettings, Webhooks};
use crate::backend::{Backend, Described, Rejection};
use crate::server::stopped;
use crate::store::webhooks::{Attempt, Delivery, DeliveryState, NewDelivery, WAITING_MAX, Webhook, WebhookState};
use crate::store::{Store, StoreError, now, random};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_types::Time;

/// Receipts that are looked at in one go.
const PAGE: usize = 100;
/// Attempts of one webhook at once, each of another subject.
const ATTEMPTS_AT_ONCE: usize = 4;
/// The longest wait without looking whether something is to be done, such as a token that has expired.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);
/// How often what is over is forgotten.
const PRUNE_INTERVAL: Duration = Duration::from_secs(600);
/// After a failure of store or node, so long until the next try.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// The status by which a receiver says that it will never listen again.
const GONE: u16 = 410;

pub(super) struct Engine {
    shared: Arc<Shared>,
    webhooks: Webhooks,
}

struct Shared {
    store: Store,
    backend: Arc<dyn Backend>,
    settings: Arc<WebhookSettings>,
    sender: Sender,
}

/// What goes on in one run.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<i64>,
    sequences: HashSet<i64>,
    pruned: Option<tokio::time::Instant>,
    /// Whether there was no webhook when they were looked for. Whoever makes one says so.
    is_idle: bool,
}

impl Engine {
    pub(super) fn new(store: Store, backend: Arc<dyn Backend>, webhooks: Webhooks) -> Self {
        let settings = webhooks.settings.clone();
        let sender = Sender::new(settings.reach, settings.attempt_time_max);
        Self { shared: Arc::new(Shared { store, backend, settings, sender }), webhooks }
    }

    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut receipts = self.shared.backend.watch_receipts();
        let mut under_way = UnderWay::default();
        loop {
            let pause = match self.round(&mut receipts, &mut under_way).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "webhooks cannot be sent now");
                    FAILURE_PAUSE
                }
            };
            tokio::select! {
                changed = receipts.changed() => if changed.is_err() { return }, // the node has ended
                () = self.webhooks.changed.notified() => under_way.is_idle = false,
                Some(ended) = under_way.attempts.join_next(), if !under_way.attempts.is_empty() => {
                    match ended {
                        Ok(sequence) => { under_way.sequences.remove(&sequence); }
                        Err(error) => {
                            // It is not known which attempt has panicked. All others are on their way and are not lost.
                            tracing::error!(%error, "an attempt to send a webhook has failed");
                            under_way = UnderWay::default();
                        }
                    }
                }
                () = tokio::time::sleep(pause) => {}
                () = stopped(&mut stop) => return, // what is under way is dropped, and sent again at the next start
            }
        }
    }

    /// Does all that can be done now; how long nothing will be to be done unless something changes.
    async fn round(
        &self,
        receipts: &mut watch::Receiver<u64>,
        under_way: &mut UnderWay,
    ) -> Result<Duration, StoreError> {
        let shared = &self.shared;
        let began = now();
        let count = *receipts.borrow_and_update();
        if under_way.is_idle {
            return Ok(LOOK_INTERVAL); // a node without webhooks pays nothing for them with each block
        }
        shared.store.disable_orphans(began).await?;
        let webhooks = shared.store.webhooks().await?;
        self.webhooks.measure(&webhooks);
        under_way.is_idle = webhooks.is_empty();
        if under_way.is_idle {
            return Ok(LOOK_INTERVAL);
        }
        if under_way.pruned.is_none_or(|pruned| pruned.elapsed() >= PRUNE_INTERVAL) {
            shared.store.prune_deliveries(began).await?;
            under_way.pruned = Some(tokio::time::Instant::now());
        }
        let is_behind = shared.note_receipts(&webhooks, count).await?;
        for webhook in webhooks.iter().filter(|webhook| webhook.state == WebhookState::Active) {
            self.start_attempts(webhook, under_way).await?;
        }
        if is_behind {
            return Ok(Duration::ZERO);
        }
        let next = shared.store.next_attempt_after(began).await?;
        let pause = next.map_or(LOOK_INTERVAL, |next| Duration::from_millis(next.millis_since(began)));
        Ok(pause.min(LOOK_INTERVAL))
    }

    async fn start_attempts(&self, webhook: &Webhook, under_way: &mut UnderWay) -> Result<(), StoreError> {
        let due = self.shared.store.due_deliveries(webhook.id, now(), ATTEMPTS_AT_ONCE as u32).await?;
        for delivery in due {
            // The earliest of a subject stays the earliest until its outcome is noted, so no later one starts beside it (W2).
            if under_way.sequences.insert(delivery.sequence) {
                let (shared, webhook) = (self.shared.clone(), webhook.clone());
                under_way.attempts.spawn(async move {
                    let sequence = delivery.sequence;
                    if let Err(error) = shared.attempt(&webhook, delivery).await {
                        tracing::error!(webhook = %webhook.id, %error, "a webhook could not be sent");
                        tokio::time::sleep(FAILURE_PAUSE).await;
                    }
                    sequence
                });
            }
        }
        Ok(())
    }
}

/// Why an attempt could not even be made.
#[derive(Debug, thiserror::Error)]
enum AttemptError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Node(Rejection),
    #[error("the receipt {0} is not there")]
    NoReceipt(u64),
}

impl Shared {
    /// Notes the next receipts for each webhook; whether one has more to look at.
    async fn note_receipts(&self, webhooks: &[Webhook], count: u64) -> Result<bool, StoreError> {
        let mut is_behind = false;
        // Most webhooks stand at the same place, so each page is read once for all of them.
        let mut pages: HashMap<u64, Arc<Vec<Described>>> = HashMap::new();
        for webhook in webhooks {
            let from = webhook.position;
            if webhook.state != WebhookState::Active || from >= count {
                continue;
            }
            if webhook.waiting >= WAITING_MAX {
                continue; // the ledger keeps the rest until there is room
            }
            let page = match pages.get(&from) {
                Some(page) => page.clone(),
                None => {
                    let receipts = match self.backend.receipts(from, PAGE).await {
                        Ok(receipts) => receipts,
                        Err(error) => {
                            tracing::warn!(%error, "webhooks wait: the receipts cannot be read now");
                            return Ok(false);
                        }
                    };
                    let page: Vec<Described> =
                        receipts.into_iter().map(|receipt| self.backend.describe(receipt)).collect();
                    pages.entry(from).or_insert(Arc::new(page)).clone()
                }
            };
            let Some(last) = page.last() else { continue };
            let to = last.receipt.number.saturating_add(1);
            let deliveries: Vec<NewDelivery> = page.iter().flat_map(|described| passing(webhook, described)).collect();
            is_behind |= self.store.enqueue(webhook.id, (from, to), &deliveries, now()).await? && to < count;
        }
        Ok(is_behind)
    }

    /// Sends one delivery and notes what came of it.
    async fn attempt(&self, webhook: &Webhook, delivery: Delivery) -> Result<(), AttemptError> {
        let body = self.body(&delivery).await?;
        let sent_at = now();
        let seconds = sent_at.as_millis() / 1_000;
        let mut signature = webhook.secret.sign(&delivery.message, seconds, &body);
        if let Some((former, until)) = &webhook.former_secret
            && sent_at < *until
        {
            signature = format!("{signature} {}", former.sign(&delivery.message, seconds, &body));
        }
        let headers = [
            ("webhook-id", delivery.message.clone()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signature),
        ];
        let answer = self.sender.send(&webhook.url, headers, body).await;
        let attempt = self.judge(&delivery, answer, now());
        tracing::debug!(webhook = %webhook.id, message = delivery.message, status = ?attempt.status, state = ?attempt.state, "a webhook was sent");
        self.store.note_attempt(&delivery, &attempt).await?;
        self.note_health(webhook, &attempt).await?;
        Ok(())
    }

    /// The body, made anew from the receipt.
    async fn body(&self, delivery: &Delivery) -> Result<Vec<u8>, AttemptError> {
        let Some(number) = delivery.receipt else {
            debug_assert_eq!(delivery.kind, TEST);
            return Ok(test_body(delivery.webhook, delivery.created_at));
        };
        let mut receipts = self.backend.receipts(number, 1).await.map_err(AttemptError::Node)?;
        let described =
            receipts.pop().map(|receipt| self.backend.describe(receipt)).ok_or(AttemptError::NoReceipt(number))?;
        let occurrence = occurrences(&described).into_iter().find(|occurrence| occurrence.event == delivery.event);
        Ok(occurrence.ok_or(AttemptError::NoReceipt(number))?.body(&described.receipt))
    }

    /// What an answer means for the delivery.
    fn judge(&self, delivery: &Delivery, answer: Answer, at: Time) -> Attempt {
        let pause = self.settings.pauses.get(delivery.attempts as usize);
        let (state, next_attempt_at) = match (answer.status, pause) {
            (Some(200..=299), _) => (DeliveryState::Delivered, at),
            (Some(GONE), _) | (_, None) => (DeliveryState::Dead, at), // W3
            (_, Some(pause)) => {
                let pause = jittered(*pause).max(answer.retry_after.unwrap_or_default());
                (DeliveryState::Waiting, at.plus_millis(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)))
            }
        };
        Attempt { at, status: answer.status, answer: answer.text, state, next_attempt_at }
    }

    /// Notes since when a webhook fails, and stops one that does so for too long or is gone (W4).
    async fn note_health(&self, webhook: &Webhook, attempt: &Attempt) -> Result<(), StoreError> {
        let has_arrived = attempt.state == DeliveryState::Delivered;
        let is_gone = attempt.status == Some(GONE);
        if has_arrived && webhook.failing_since.is_none() {
            return Ok(());
        }
        let at = attempt.at;
        let failing_millis_max = u64::try_from(self.settings.failing_time_max.as_millis()).unwrap_or(u64::MAX);
        self.store
            .change_webhook(webhook.id, move |webhook| {
                if has_arrived {
                    webhook.failing_since = None;
                    return;
                }
                let failing_since = *webhook.failing_since.get_or_insert(at);
                let reason = if is_gone {
                    "the receiver has answered 410 Gone".to_owned()
                } else if at.millis_since(failing_since) >= failing_millis_max {
                    format!("nothing has arrived since {failing_since}")
                } else {
                    return;
                };
                if webhook.state == WebhookState::Active {
                    tracing::warn!(webhook = %webhook.id, reason, "a webhook is disabled");
                    (webhook.state, webhook.reason) = (WebhookState::Disabled, Some(reason));
                }
            })
            .await?;
        Ok(())
    }
}

fn passing(webhook: &Webhook, described: &Described) -> Vec<NewDelivery> {
    let number = described.receipt.number;
    let passing = occurrences(described).into_iter().filter(|occurrence| occurrence.passes(&webhook.filters));
    passing.map(|occurrence| occurrence.delivery(webhook.id, number)).collect()
}

/// A pause that is up to a tenth shorter or longer, so that what failed together is not tried together.
fn jittered(pause: Duration) -> Duration {
    let thousandths = 900 + u32::from(u16::from_le_bytes(random())) % 201;
    pause * thousandths / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Answer, NodeStatus, ReceiptSlip, Submitted};
    use crate::routes::transactions::{Prepare, Prepared};
    use crate::store::tests::new_store;
    use crate::store::webhooks::{Filters, NewWebhook};
    use futures::future::BoxFuture;
    use tongban_kernel::ModuleSpec;
    use tongban_types::{AccountId, Receipt, RequestId, SignedTx, Text};

    /// A node of which nothing is known but that something happens there.
    struct Silent;

    impl Backend for Silent {
        fn submit(&self, _: SignedTx) -> BoxFuture<'_, Result<Submitted, Rejection>> {
            unreachable!("nothing is submitted")
        }

        fn prepare(&self, _: Prepare) -> BoxFuture<'_, Result<Prepared, Rejection>> {
            unreachable!("nothing is submitted")
        }

        fn receipt_of(&self, _: AccountId, _: RequestId) -> BoxFuture<'_, Result<Option<Receipt>, Rejection>> {
            unreachable!("nothing is submitted")
        }

        fn receipts(&self, _: u64, _: usize) -> BoxFuture<'_, Result<Vec<Receipt>, Rejection>> {
            unreachable!("nobody is told")
        }

        fn query(&self, _: serde_json::Value) -> BoxFuture<'_, Result<Answer, Rejection>> {
            unreachable!("nobody asks")
        }

        fn prove_receipt(&self, _: u64) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
            unreachable!("nobody asks")
        }

        fn slip(&self, _: u64) -> BoxFuture<'_, Result<ReceiptSlip, Rejection>> {
            unreachable!("nobody asks")
        }

        fn prove_record(&self, _: String, _: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, Rejection>> {
            unreachable!("nobody asks")
        }

        fn genesis(&self) -> Vec<u8> {
            unreachable!("nobody asks")
        }

        fn status(&self) -> BoxFuture<'_, NodeStatus> {
            unreachable!("nobody asks")
        }

        fn modules(&self) -> Vec<ModuleSpec> {
            unreachable!("nobody asks")
        }

        fn watch_receipts(&self) -> watch::Receiver<u64> {
            unreachable!("the test has its own")
        }

        fn describe(&self, _: Receipt) -> Described {
            unreachable!("nobody is told")
        }
    }

    #[tokio::test]
    async fn a_node_without_webhooks_leaves_its_store_alone() {
        let (store, folder) = new_store().await;
        let webhooks = Webhooks::new(WebhookSettings::default());
        let engine = Engine::new(store.clone(), Arc::new(Silent), webhooks.clone());
        let (happening, mut receipts) = watch::channel(0);
        let mut under_way = UnderWay::default();
        assert_eq!(engine.round(&mut receipts, &mut under_way).await.expect("a store"), LOOK_INTERVAL);
        store.close().await;
        happening.send_replace(1);
        assert_eq!(engine.round(&mut receipts, &mut under_way).await.expect("no store"), LOOK_INTERVAL);
        under_way.is_idle = false; // as after somebody has made a webhook
        assert!(engine.round(&mut receipts, &mut under_way).await.is_err(), "then it is looked into");

        let store = Store::open(folder.path()).await.expect("a store");
        let new = NewWebhook {
            owner: None,
            label: Text::default(),
            url: Text::new("https://example.org/").expect("an address"),
            filters: Filters::default(),
            position: 1,
        };
        store.create_webhook(new, now()).await.expect("a store").expect("room");
        let engine = Engine::new(store, Arc::new(Silent), webhooks);
        engine.round(&mut receipts, &mut under_way).await.expect("a store");
        assert!(!under_way.is_idle, "where there is one the node goes on looking");
    }
}
