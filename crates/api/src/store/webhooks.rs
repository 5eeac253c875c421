//! Webhooks, where each stands in the ledger's receipts, and the deliveries that wait, have arrived or have died.
//!
//! Receipts become deliveries, and the webhook's position moves on, in one transaction: each event is noted exactly once. The body of a
//! delivery is not stored; it follows from the receipt.

use super::{Store, StoreError, number, random, stored, stored_number, time};
use crate::webhooks::secret::Secret;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use std::fmt;
use std::str::FromStr;
use tongban_types::{Text, Time};

/// Webhooks of one node.
pub const WEBHOOKS_MAX: usize = 100;
/// Deliveries of one webhook that may wait. The ledger keeps what comes behind them.
pub const WAITING_MAX: u64 = 10_000;
/// Deliveries of one webhook that are shown after they arrived; the oldest go first.
pub const DELIVERED_MAX: u64 = 10_000;
/// Dead deliveries of one webhook that are kept; the oldest go first.
pub const DEAD_MAX: u64 = 10_000;
/// How long deliveries are shown after they arrived, in milliseconds.
pub const DELIVERED_KEPT_MILLIS: u64 = 7 * 24 * 60 * 60 * 1000;
/// How long dead deliveries are kept, in milliseconds.
pub const DEAD_KEPT_MILLIS: u64 = 90 * 24 * 60 * 60 * 1000;
/// Characters of a webhook's address.
pub const URL_MAX: usize = 2_000;
/// Entries of one filter.
pub const FILTER_MAX: usize = 50;
/// Characters of an entry of a filter.
pub const FILTER_TEXT_MAX: usize = 128;

/// Names a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId([u8; 8]);

/// A text names no webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the identifier of a webhook")]
pub struct WebhookIdError;

impl fmt::Display for WebhookId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "wh_{}", hex::encode(self.0))
    }
}

impl FromStr for WebhookId {
    type Err = WebhookIdError;

    fn from_str(text: &str) -> Result<Self, WebhookIdError> {
        let mut bytes = [0; 8];
        hex::decode_to_slice(text.strip_prefix("wh_").ok_or(WebhookIdError)?, &mut bytes)
            .map_err(|_| WebhookIdError)?;
        let id = Self(bytes);
        if id.to_string() == text { Ok(id) } else { Err(WebhookIdError) } // one spelling
    }
}

/// Which events a webhook is told. An empty list lets every event pass; what stands in different lists must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Modules, such as `evidence`.
    pub modules: Vec<Text<FILTER_TEXT_MAX>>,
    /// Kinds of events, such as `evidence.registered`.
    pub kinds: Vec<Text<FILTER_TEXT_MAX>>,
    /// Identifiers of what the events are about.
    pub subjects: Vec<Text<FILTER_TEXT_MAX>>,
}

/// How a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum WebhookState {
    /// Events are sent.
    Active,
    /// Its owner has stopped it.
    Paused,
    /// The node has stopped it.
    Disabled,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// What names it.
    pub id: WebhookId,
    /// The token that made it.
    pub owner: Option<String>,
    /// What it is for.
    pub label: Text<100>,
    /// Where events are sent.
    pub url: Text<URL_MAX>,
    /// Which events.
    pub filters: Filters,
    /// What signs them.
    pub secret: Secret,
    /// What signed them before, and until when it still does too.
    pub former_secret: Option<(Secret, Time)>,
    /// How it is.
    pub state: WebhookState,
    /// Why, where the node has stopped it.
    pub reason: Option<String>,
    /// The next receipt to look at.
    pub position: u64,
    /// Since when nothing has arrived.
    pub failing_since: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// How many of its deliveries wait; the store keeps count.
    pub waiting: u64,
    /// How many of them are dead.
    pub dead: u64,
}

/// What a webhook is to be.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The token that makes it.
    pub owner: Option<String>,
    /// What it is for.
    pub label: Text<100>,
    /// Where events are sent.
    pub url: Text<URL_MAX>,
    /// Which events.
    pub filters: Filters,
    /// The first receipt that it is told of.
    pub position: u64,
}

/// How a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryState {
    /// It will be sent, perhaps again.
    Waiting,
    /// The receiver has taken it.
    Delivered,
    /// It is not sent any more, unless somebody asks for it.
    Dead,
}

/// One event for one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place among all deliveries.
    pub sequence: i64,
    /// The webhook.
    pub webhook: WebhookId,
    /// What the receiver tells repeats by; the same in every attempt.
    pub message: String,
    /// The receipt; none for a test.
    pub receipt: Option<u64>,
    /// The event's place in the receipt.
    pub event: u32,
    /// The event's kind, such as `evidence.registered`.
    pub kind: String,
    /// What it is about; events of one subject arrive in order.
    pub subject: String,
    /// How it is.
    pub state: DeliveryState,
    /// When the event was noted.
    pub created_at: Time,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Time,
    /// When it was tried last.
    pub last_attempt_at: Option<Time>,
    /// The status of the last answer.
    pub last_status: Option<u16>,
    /// The beginning of the last answer, or why there was none.
    pub last_answer: Option<String>,
}

/// An event that a webhook is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// What the receiver tells repeats by.
    pub message: String,
    /// The receipt; none for a test.
    pub receipt: Option<u64>,
    /// The event's place in the receipt.
    pub event: u32,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it was made.
    pub at: Time,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Its beginning, or why there was none.
    pub answer: String,
    /// How the delivery is now.
    pub state: DeliveryState,
    /// When it is tried next, where it waits.
    pub next_attempt_at: Time,
}

impl Store {
    /// Makes a webhook. None where there are [`WEBHOOKS_MAX`] already.
    pub async fn create_webhook(&self, new: NewWebhook, now: Time) -> Result<Option<Webhook>, StoreError> {
        let webhook = Webhook {
            id: WebhookId(random()),
            owner: new.owner,
            label: new.label,
            url: new.url,
            filters: new.filters,
            secret: Secret::generate(),
            former_secret: None,
            state: WebhookState::Active,
            reason: None,
            position: new.position,
            failing_since: None,
            created_at: now,
            waiting: 0,
            dead: 0,
        };
        let mut write = self.write().await?;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM webhooks").fetch_one(&mut *write).await?;
        if number::<usize>(count)? >= WEBHOOKS_MAX {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO webhooks (id, owner, label, url, modules, kinds, subjects, secret, state, position, created_at)
             VALUES (?, ?, ?, ?, '', '', '', ?, '', ?, ?)",
        )
        .bind(webhook.id.to_string())
        .bind(webhook.owner.clone())
        .bind(webhook.label.to_string())
        .bind(webhook.url.to_string())
        .bind(webhook.secret.bytes().to_vec())
        .bind(stored_number(webhook.position))
        .bind(stored(now))
        .execute(&mut *write)
        .await?;
        save(&mut write, &webhook).await?;
        write.commit().await?;
        Ok(Some(webhook))
    }

    /// All webhooks, in the order of their identifiers.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, StoreError> {
        let rows = sqlx::query("SELECT * FROM webhooks ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(webhook).collect()
    }

    /// One webhook.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM webhooks WHERE id = ?").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(webhook).transpose()
    }

    /// Changes a webhook in one step; nothing else changes it meanwhile. The changed one, or none where there is none.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        change: impl FnOnce(&mut Webhook) + Send,
    ) -> Result<Option<Webhook>, StoreError> {
        let mut write = self.write().await?;
        let row =
            sqlx::query("SELECT * FROM webhooks WHERE id = ?").bind(id.to_string()).fetch_optional(&mut *write).await?;
        let Some(row) = row else { return Ok(None) };
        let mut webhook = webhook(&row)?;
        change(&mut webhook);
        save(&mut write, &webhook).await?;
        write.commit().await?;
        Ok(Some(webhook))
    }

    /// Removes a webhook with its deliveries; whether there was one.
    pub async fn remove_webhook(&self, id: WebhookId) -> Result<bool, StoreError> {
        let result = sqlx::query("DELETE FROM webhooks WHERE id = ?").bind(id.to_string()).execute(&self.pool).await?;
        Ok(result.rows_affected() > 0)
    }

    /// Notes deliveries of a webhook and moves its position on from `from` to `to`, both or neither; whether it was still at `from`.
    pub async fn enqueue(
        &self,
        id: WebhookId,
        (from, to): (u64, u64),
        deliveries: &[NewDelivery],
        now: Time,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let moved = sqlx::query("UPDATE webhooks SET position = ? WHERE id = ? AND position = ? AND state = 'active'")
            .bind(stored_number(to))
            .bind(id.to_string())
            .bind(stored_number(from))
            .execute(&mut *write)
            .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        for delivery in deliveries {
            insert(&mut write, id, delivery, now).await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// Notes one delivery that does not come from the position, such as a test.
    pub async fn enqueue_one(&self, id: WebhookId, delivery: &NewDelivery, now: Time) -> Result<Delivery, StoreError> {
        let mut write = self.write().await?;
        insert(&mut write, id, delivery, now).await?;
        let row = sqlx::query("SELECT * FROM deliveries WHERE webhook = ? AND message = ?")
            .bind(id.to_string())
            .bind(&delivery.message)
            .fetch_one(&mut *write)
            .await?;
        write.commit().await?;
        self::delivery(&row)
    }

    /// Stops webhooks whose token is revoked or has expired. Where there are none, nothing is written and no lock is taken: this is asked with
    /// every block.
    pub async fn disable_orphans(&self, now: Time) -> Result<(), StoreError> {
        let orphans: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, owner FROM webhooks WHERE state = 'active' AND owner IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM tokens
                 WHERE id = webhooks.owner AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?))",
        )
        .bind(stored(now))
        .fetch_all(&self.pool)
        .await?;
        for (id, owner) in orphans {
            // Its owner again, since it may have got another one meanwhile.
            sqlx::query(
                "UPDATE webhooks SET state = 'disabled', reason = 'the token that made it is no longer valid'
                 WHERE id = ? AND owner = ? AND state = 'active'",
            )
            .bind(id)
            .bind(owner)
            .execute(&self.pool)
            .await?;
        }
        Ok(())
    }

    /// What may be sent now: of each subject the earliest that waits, where its time has come.
    pub async fn due_deliveries(&self, id: WebhookId, now: Time, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM deliveries AS due
             WHERE webhook = ?1 AND state = 'waiting' AND next_attempt_at <= ?2 AND NOT EXISTS (
                 SELECT 1 FROM deliveries AS earlier
                 WHERE earlier.webhook = ?1 AND earlier.subject = due.subject AND earlier.state = 'waiting'
                     AND earlier.sequence < due.sequence)
             ORDER BY sequence LIMIT ?3",
        )
        .bind(id.to_string())
        .bind(stored(now))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(delivery).collect()
    }

    /// When the next attempt of an active webhook's delivery is, of those that come after `now`.
    pub async fn next_attempt_after(&self, now: Time) -> Result<Option<Time>, StoreError> {
        let next: Option<i64> = sqlx::query_scalar(
            // Of each webhook the first behind `now` in its index, not all that wait.
            "SELECT min((
                 SELECT min(next_attempt_at) FROM deliveries
                 WHERE webhook = webhooks.id AND state = 'waiting' AND next_attempt_at > ?))
             FROM webhooks WHERE state = 'active'",
        )
        .bind(stored(now))
        .fetch_one(&self.pool)
        .await?;
        next.map(time).transpose()
    }

    /// Notes what came of an attempt. One that died by itself has left the order of its subject.
    pub async fn note_attempt(&self, delivery: &Delivery, attempt: &Attempt) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE deliveries SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_attempt_at = ?,
                 last_status = ?, last_answer = ?
             WHERE sequence = ?",
        )
        .bind(<&str>::from(attempt.state))
        .bind(stored(attempt.next_attempt_at))
        .bind(stored(attempt.at))
        .bind(attempt.status.map(i64::from))
        .bind(&attempt.answer)
        .bind(delivery.sequence)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Deliveries of a webhook, of one state or of all, the latest first, before a place, at most `limit`.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM deliveries WHERE webhook = ?1 AND (?2 IS NULL OR state = ?2) AND sequence < ?3
             ORDER BY sequence DESC LIMIT ?4",
        )
        .bind(id.to_string())
        .bind(state.map(<&str>::from))
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(delivery).collect()
    }

    /// One delivery by what receivers tell it by.
    pub async fn delivery(&self, id: WebhookId, message: &str) -> Result<Option<Delivery>, StoreError> {
        let row = sqlx::query("SELECT * FROM deliveries WHERE webhook = ? AND message = ?")
            .bind(id.to_string())
            .bind(message)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(delivery).transpose()
    }

    /// Has deliveries sent again: the one with this message whatever its state, or all dead ones where none is named. They keep their
    /// places, so those of one subject go in their order, before later ones that still wait. How many there are.
    pub async fn replay(&self, id: WebhookId, message: Option<&str>, now: Time) -> Result<u64, StoreError> {
        let result = sqlx::query(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, next_attempt_at = ?1
             WHERE webhook = ?2 AND ((?3 IS NULL AND state = 'dead') OR message = ?3)",
        )
        .bind(stored(now))
        .bind(id.to_string())
        .bind(message)
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }

    /// Forgets deliveries that arrived or died long ago, and the oldest where there are too many.
    pub async fn prune_deliveries(&self, now: Time) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        for (state, kept_millis, kept) in
            [("delivered", DELIVERED_KEPT_MILLIS, DELIVERED_MAX), ("dead", DEAD_KEPT_MILLIS, DEAD_MAX)]
        {
            sqlx::query(
                "DELETE FROM deliveries WHERE sequence IN (
                     SELECT sequence FROM (
                         SELECT sequence, created_at, row_number() OVER (PARTITION BY webhook ORDER BY sequence DESC) AS place
                         FROM deliveries WHERE state = ?1)
                     WHERE place > ?2 OR created_at <= ?3)",
            )
            .bind(state)
            .bind(stored_number(kept))
            .bind(stored_number(now.as_millis().saturating_sub(kept_millis)))
            .execute(&mut *write)
            .await?;
        }
        write.commit().await?;
        Ok(())
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    id: WebhookId,
    delivery: &NewDelivery,
    now: Time,
) -> Result<(), StoreError> {
    // An event that is noted again, because the position was set back, waits again unless it still does.
    sqlx::query(
        "INSERT INTO deliveries (webhook, message, receipt, event, kind, subject, state, created_at, next_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7)
         ON CONFLICT (webhook, message) DO UPDATE SET state = 'waiting', attempts = 0, next_attempt_at = ?7
             WHERE state <> 'waiting'",
    )
    .bind(id.to_string())
    .bind(&delivery.message)
    .bind(delivery.receipt.map(stored_number))
    .bind(i64::from(delivery.event))
    .bind(&delivery.kind)
    .bind(&delivery.subject)
    .bind(stored(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what can change about a webhook, all but its position's moving on and its counts.
async fn save(connection: &mut SqliteConnection, webhook: &Webhook) -> Result<(), StoreError> {
    let (former_secret, until) = match &webhook.former_secret {
        Some((secret, until)) => (Some(secret.bytes().to_vec()), Some(stored(*until))),
        None => (None, None),
    };
    sqlx::query(
        "UPDATE webhooks SET owner = ?, label = ?, url = ?, modules = ?, kinds = ?, subjects = ?, secret = ?, former_secret = ?,
             former_secret_until = ?, state = ?, reason = ?, position = ?, failing_since = ?
         WHERE id = ?",
    )
    .bind(&webhook.owner)
    .bind(webhook.label.to_string())
    .bind(webhook.url.to_string())
    .bind(list(&webhook.filters.modules))
    .bind(list(&webhook.filters.kinds))
    .bind(list(&webhook.filters.subjects))
    .bind(webhook.secret.bytes().to_vec())
    .bind(former_secret)
    .bind(until)
    .bind(<&str>::from(webhook.state))
    .bind(&webhook.reason)
    .bind(stored_number(webhook.position))
    .bind(webhook.failing_since.map(stored))
    .bind(webhook.id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

fn list(entries: &[Text<FILTER_TEXT_MAX>]) -> String {
    serde_json::to_string(entries).expect("texts can be written")
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { what: what.to_owned() }
}

fn webhook(row: &SqliteRow) -> Result<Webhook, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(StoreError::from);
    let entries = |column: &str| serde_json::from_str(&text(column)?).map_err(|_| damaged("a webhook's filter"));
    let secret = |bytes: Vec<u8>| Secret::from_bytes(&bytes).ok_or_else(|| damaged("a webhook's secret"));
    let former: Option<Vec<u8>> = row.try_get("former_secret")?;
    let until: Option<i64> = row.try_get("former_secret_until")?;
    Ok(Webhook {
        id: text("id")?.parse().map_err(|_| damaged("a webhook's identifier"))?,
        owner: row.try_get("owner")?,
        label: Text::new(text("label")?).map_err(|_| damaged("a webhook's label"))?,
        url: Text::new(text("url")?).map_err(|_| damaged("a webhook's address"))?,
        filters: Filters { modules: entries("modules")?, kinds: entries("kinds")?, subjects: entries("subjects")? },
        secret: secret(row.try_get("secret")?)?,
        former_secret: match (former, until) {
            (Some(former), Some(until)) => Some((secret(former)?, time(until)?)),
            _ => None,
        },
        state: text("state")?.parse().map_err(|_| damaged("a webhook's state"))?,
        reason: row.try_get("reason")?,
        position: number(row.try_get("position")?)?,
        failing_since: row.try_get::<Option<i64>, _>("failing_since")?.map(time).transpose()?,
        created_at: time(row.try_get("created_at")?)?,
        waiting: number(row.try_get("waiting")?)?,
        dead: number(row.try_get("dead")?)?,
    })
}

fn delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(StoreError::from);
    Ok(Delivery {
        sequence: row.try_get("sequence")?,
        webhook: text("webhook")?.parse().map_err(|_| damaged("a delivery's webhook"))?,
        message: text("message")?,
        receipt: row.try_get::<Option<i64>, _>("receipt")?.map(number).transpose()?,
        event: number(row.try_get("event")?)?,
        kind: text("kind")?,
        subject: text("subject")?,
        state: text("state")?.parse().map_err(|_| damaged("a delivery's state"))?,
        created_at: time(row.try_get("created_at")?)?,
        attempts: number(row.try_get("attempts")?)?,
        next_attempt_at: time(row.try_get("next_attempt_at")?)?,
        last_attempt_at: row.try_get::<Option<i64>, _>("last_attempt_at")?.map(time).transpose()?,
        last_status: row.try_get::<Option<i64>, _>("last_status")?.map(number).transpose()?,
        last_answer: row.try_get("last_answer")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::new_store;
    use super::super::tokens::NewToken;
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis).expect("a time")
    }

    async fn new_webhook(store: &Store, owner: Option<&str>) -> Webhook {
        let new = NewWebhook {
            owner: owner.map(str::to_owned),
            label: Text::default(),
            url: Text::new("https://example.org/").expect("an address"),
            filters: Filters::default(),
            position: 0,
        };
        store.create_webhook(new, at(1)).await.expect("a store").expect("room")
    }

    fn delivery(message: &str) -> NewDelivery {
        let (message, kind) = (message.to_owned(), "evidence.registered".to_owned());
        NewDelivery { subject: message.clone(), message, receipt: Some(0), event: 0, kind }
    }

    #[tokio::test]
    async fn a_webhook_knows_how_many_of_its_deliveries_wait_and_are_dead() {
        let (store, _folder) = new_store().await;
        let (hook, other) = (new_webhook(&store, None).await.id, new_webhook(&store, None).await.id);
        let counts = async |id| {
            let webhook = store.webhook(id).await.expect("a store").expect("the webhook");
            (webhook.waiting, webhook.dead)
        };
        let three = ["a", "b", "c"].map(delivery);
        assert!(store.enqueue(hook, (0, 1), &three, at(2)).await.expect("a store"));
        store.enqueue_one(other, &delivery("a"), at(2)).await.expect("a store");
        assert_eq!((counts(hook).await, counts(other).await), ((3, 0), (1, 0)));
        let due = store.due_deliveries(hook, at(2), 10).await.expect("a store");
        for (delivery, state, expected) in [
            (&due[0], DeliveryState::Waiting, (3, 0)),
            (&due[0], DeliveryState::Delivered, (2, 0)),
            (&due[1], DeliveryState::Dead, (1, 1)),
        ] {
            let attempt = Attempt { at: at(3), status: None, answer: String::new(), state, next_attempt_at: at(9) };
            store.note_attempt(delivery, &attempt).await.expect("a store");
            assert_eq!(counts(hook).await, expected, "{state:?}");
        }
        store.replay(hook, None, at(4)).await.expect("a store");
        assert_eq!(counts(hook).await, (2, 0), "what is sent again is no longer dead");
        let attempt = Attempt {
            at: at(5),
            status: None,
            answer: String::new(),
            state: DeliveryState::Dead,
            next_attempt_at: at(5),
        };
        store.note_attempt(&due[1], &attempt).await.expect("a store");
        // The position is set back: one that waits goes on waiting, the others wait again.
        store.change_webhook(hook, |webhook| webhook.position = 0).await.expect("a store");
        assert!(store.enqueue(hook, (0, 1), &three, at(6)).await.expect("a store"));
        assert_eq!(counts(hook).await, (3, 0));
        store.note_attempt(&due[1], &attempt).await.expect("a store");
        store.prune_deliveries(at(2 + DEAD_KEPT_MILLIS)).await.expect("a store");
        assert_eq!(counts(hook).await, (2, 0), "what is forgotten is not counted");
        assert!(store.remove_webhook(hook).await.expect("a store"));
        assert_eq!(counts(other).await, (1, 0));
    }

    #[tokio::test]
    async fn the_next_attempt_is_the_earliest_of_all_that_are_sent() {
        let (store, _folder) = new_store().await;
        assert_eq!(store.next_attempt_after(at(0)).await.expect("a store"), None);
        let mut hooks = Vec::new();
        for millis in [30, 20, 10] {
            let hook = new_webhook(&store, None).await.id;
            store.enqueue_one(hook, &delivery("a"), at(millis)).await.expect("a store");
            store.enqueue_one(hook, &delivery("b"), at(millis + 100)).await.expect("a store");
            hooks.push(hook);
        }
        store.change_webhook(hooks[2], |webhook| webhook.state = WebhookState::Paused).await.expect("a store");
        for (now, next) in [(0, Some(20)), (20, Some(30)), (30, Some(120)), (130, None)] {
            assert_eq!(store.next_attempt_after(at(now)).await.expect("a store"), next.map(at), "after {now}");
        }
    }

    #[tokio::test]
    async fn where_no_owner_has_ended_nothing_is_written() {
        let (store, _folder) = new_store().await;
        let token = NewToken {
            label: Text::default(),
            scopes: Vec::new(),
            requests_per_minute: None,
            addresses: Vec::new(),
            expires_at: Some(at(100)),
        };
        let (_, owner) = store.create_token(token, None, at(1)).await.expect("a store").expect("room");
        let hook = new_webhook(&store, Some(&owner.id.to_string())).await.id;
        new_webhook(&store, None).await;
        let writes_elsewhere = store.write().await.expect("the store's lock");
        store.disable_orphans(at(99)).await.expect("it needs no lock");
        writes_elsewhere.rollback().await.expect("it ends");
        store.disable_orphans(at(100)).await.expect("a store");
        let states = store.webhooks().await.expect("a store");
        let states = states.iter().map(|webhook| (webhook.id == hook, webhook.state == WebhookState::Active));
        assert!(states.clone().all(|(is_orphan, is_active)| is_orphan != is_active) && states.len() == 2);
    }
}
