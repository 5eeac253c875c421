//! Idempotency keys: the answer to a request, kept so that a repeat gets it instead of a second effect.
//!
//! A key belongs to its caller and to one request; for 24 hours, or until the caller has used [`KEYS_OF_CALLER_MAX`] more.

use super::{Store, StoreError, number, stored, stored_number};
use sqlx::{Row as _, SqliteConnection};
use tongban_types::Time;

/// How long an answer is kept, in milliseconds.
pub const KEPT_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// After so long a request without an answer was cut off by the end of the process, and may be made again, in milliseconds.
pub const WORKING_MILLIS_MAX: u64 = 5 * 60 * 1000;
/// Keys of one caller; the oldest go first.
pub const KEYS_OF_CALLER_MAX: u32 = 10_000;
/// Keys of all callers; the oldest go first.
pub const KEYS_MAX: u32 = 200_000;
/// Bytes of all answers that are kept; the oldest go first.
pub const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes of one answer; a longer one is not kept, and its request can be made again.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Those header fields that belong to the answer, as JSON.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What a key means for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The request is new: carry it out, then keep its answer or give the key up.
    New,
    /// It was answered already.
    Answered(KeptAnswer),
    /// It is being worked on.
    Working,
    /// The key belongs to another request.
    Reused,
}

impl Store {
    /// Takes a key for a request.
    pub async fn claim_key(&self, caller: &str, key: &str, request: &[u8; 32], now: Time) -> Result<Claim, StoreError> {
        let mut write = self.write().await?;
        let row = sqlx::query("SELECT * FROM idempotency WHERE caller = ? AND key = ?")
            .bind(caller)
            .bind(key)
            .fetch_optional(&mut *write)
            .await?;
        if let Some(row) = row {
            let begun_at = super::time(row.try_get("begun_at")?)?;
            let age_millis = now.millis_since(begun_at);
            let status: Option<i64> = row.try_get("status")?;
            let is_over = age_millis >= if status.is_some() { KEPT_MILLIS } else { WORKING_MILLIS_MAX };
            if !is_over && row.try_get::<Vec<u8>, _>("request_hash")? != request {
                return Ok(Claim::Reused);
            }
            match status {
                _ if is_over => {}
                None => return Ok(Claim::Working),
                Some(status) => {
                    let headers: Option<String> = row.try_get("headers")?;
                    let body: Option<Vec<u8>> = row.try_get("body")?;
                    return Ok(Claim::Answered(KeptAnswer {
                        status: number(status)?,
                        headers: headers.unwrap_or_default(),
                        body: body.unwrap_or_default(),
                    }));
                }
            }
        }
        sqlx::query(
            "INSERT OR REPLACE INTO idempotency (caller, key, request_hash, begun_at, bytes) VALUES (?, ?, ?, ?, 0)",
        )
        .bind(caller)
        .bind(key)
        .bind(request.to_vec())
        .bind(stored(now))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Claim::New)
    }

    /// Keeps the answer to a request whose key was claimed.
    pub async fn keep_answer(&self, caller: &str, key: &str, answer: &KeptAnswer) -> Result<(), StoreError> {
        sqlx::query("UPDATE idempotency SET status = ?, headers = ?, body = ?, bytes = ? WHERE caller = ? AND key = ?")
            .bind(i64::from(answer.status))
            .bind(&answer.headers)
            .bind(&answer.body)
            .bind(stored_number((answer.headers.len() + answer.body.len()) as u64))
            .bind(caller)
            .bind(key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Gives a key up, so that the same request can be made again.
    pub async fn give_key_up(&self, caller: &str, key: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency WHERE caller = ? AND key = ? AND status IS NULL")
            .bind(caller)
            .bind(key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets keys whose time is over, and the oldest where there are too many.
    pub async fn prune_keys(&self, now: Time) -> Result<(), StoreError> {
        self.prune_keys_to(now, KEYS_OF_CALLER_MAX, KEYS_MAX, BYTES_MAX).await
    }

    async fn prune_keys_to(&self, now: Time, of_caller: u32, all: u32, bytes: u64) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let over = now.as_millis().saturating_sub(KEPT_MILLIS);
        sqlx::query(FORGET_OVER).bind(stored_number(over)).execute(&mut *write).await?;
        let crowded: Vec<(String, i64)> =
            sqlx::query_as(CROWDED).bind(i64::from(of_caller)).fetch_all(&mut *write).await?;
        for (caller, count) in crowded {
            let excess = count - i64::from(of_caller);
            sqlx::query(FORGET_OLDEST_OF_CALLER).bind(caller).bind(excess).execute(&mut *write).await?;
        }
        forget_oldest(&mut write, i64::from(all), stored_number(bytes)).await?;
        write.commit().await?;
        Ok(())
    }
}

// While these run nobody else can write, so each reads an index that has all it needs: beside them lie the bodies, some hundred megabytes.
const FORGET_OVER: &str = "DELETE FROM idempotency WHERE begun_at <= ?";
const CROWDED: &str = "SELECT caller, count(*) FROM idempotency INDEXED BY idempotency_caller
     GROUP BY caller HAVING count(*) > ?";
const FORGET_OLDEST_OF_CALLER: &str = "DELETE FROM idempotency WHERE caller = ?1 AND key IN (
         SELECT key FROM idempotency INDEXED BY idempotency_caller WHERE caller = ?1 ORDER BY begun_at, key LIMIT ?2)";
const TOTALS: &str = "SELECT count(*), coalesce(sum(bytes), 0) FROM idempotency INDEXED BY idempotency_age";
const OLDEST: &str = "SELECT caller, key, bytes FROM idempotency INDEXED BY idempotency_age
     ORDER BY begun_at, caller, key LIMIT ?";
/// The oldest that are read in one go.
const OLDEST_AT_ONCE: i64 = 256;

/// Forgets the oldest keys until so many with so many bytes are left.
async fn forget_oldest(connection: &mut SqliteConnection, all: i64, bytes_max: i64) -> Result<(), StoreError> {
    let (mut count, mut bytes): (i64, i64) = sqlx::query_as(TOTALS).fetch_one(&mut *connection).await?;
    while count > all || bytes > bytes_max {
        let oldest: Vec<(String, String, i64)> =
            sqlx::query_as(OLDEST).bind(OLDEST_AT_ONCE).fetch_all(&mut *connection).await?;
        if oldest.is_empty() {
            break;
        }
        for (caller, key, bytes_of_key) in oldest {
            if count <= all && bytes <= bytes_max {
                break;
            }
            let forget = sqlx::query("DELETE FROM idempotency WHERE caller = ? AND key = ?").bind(caller).bind(key);
            forget.execute(&mut *connection).await?;
            (count, bytes) = (count - 1, bytes - bytes_of_key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::new_store;
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis).expect("a time")
    }

    fn answer(bytes: usize) -> KeptAnswer {
        KeptAnswer { status: 201, headers: "[]".to_owned(), body: vec![b'x'; bytes] }
    }

    const REQUEST: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    #[tokio::test]
    async fn a_key_goes_through_its_life() {
        let (store, _folder) = new_store().await;
        let claim = async |caller: &str, request: &[u8; 32], now: u64| {
            store.claim_key(caller, "k", request, at(now)).await.expect("a store")
        };
        assert_eq!(claim("a", &REQUEST, 1_000).await, Claim::New);
        assert_eq!(claim("a", &REQUEST, 1_001).await, Claim::Working);
        assert_eq!(claim("a", &OTHER, 1_001).await, Claim::Reused);
        assert_eq!(claim("b", &OTHER, 1_001).await, Claim::New, "keys of callers do not meet");
        store.keep_answer("a", "k", &answer(3)).await.expect("a store");
        assert_eq!(claim("a", &REQUEST, 2_000).await, Claim::Answered(answer(3)));
        assert_eq!(claim("a", &OTHER, 2_000).await, Claim::Reused);
        store.give_key_up("a", "k").await.expect("a store");
        assert_eq!(claim("a", &REQUEST, 2_000).await, Claim::Answered(answer(3)), "an answer is not given up");
        store.give_key_up("b", "k").await.expect("a store");
        assert_eq!(claim("b", &OTHER, 2_000).await, Claim::New);
        assert_eq!(claim("a", &OTHER, 1_000 + KEPT_MILLIS).await, Claim::New, "its time is over");
    }

    #[tokio::test]
    async fn a_request_that_was_cut_off_can_be_made_again() {
        let (store, _folder) = new_store().await;
        assert_eq!(store.claim_key("a", "k", &REQUEST, at(0)).await.expect("a store"), Claim::New);
        let late = at(WORKING_MILLIS_MAX);
        assert_eq!(store.claim_key("a", "k", &REQUEST, late).await.expect("a store"), Claim::New);
        assert_eq!(store.claim_key("a", "k", &REQUEST, late).await.expect("a store"), Claim::Working);
    }

    #[tokio::test]
    async fn the_oldest_go_first() {
        let (store, _folder) = new_store().await;
        let claimed = async |caller: &str, key: &str| {
            let row = sqlx::query("SELECT 1 FROM idempotency WHERE caller = ? AND key = ?").bind(caller).bind(key);
            row.fetch_optional(&store.pool).await.expect("a store").is_some()
        };
        for (caller, key, now) in [("a", "1", 1), ("a", "2", 2), ("a", "3", 3), ("b", "1", 4), ("c", "1", 5)] {
            store.claim_key(caller, key, &REQUEST, at(now)).await.expect("a store");
            store.keep_answer(caller, key, &answer(98)).await.expect("a store"); // 100 bytes with the headers
        }
        store.prune_keys_to(at(6), 2, 100, 10_000).await.expect("a store");
        assert!(!claimed("a", "1").await && claimed("a", "2").await && claimed("b", "1").await);
        store.prune_keys_to(at(6), 2, 3, 10_000).await.expect("a store");
        assert!(!claimed("a", "2").await && claimed("a", "3").await);
        store.prune_keys_to(at(6), 2, 100, 250).await.expect("a store");
        assert!(!claimed("a", "3").await && claimed("b", "1").await && claimed("c", "1").await);
        store.prune_keys_to(at(4 + KEPT_MILLIS), 2, 100, 250).await.expect("a store");
        assert!(!claimed("b", "1").await && claimed("c", "1").await);
    }

    #[tokio::test]
    async fn old_keys_are_found_without_reading_bodies() {
        let (store, _folder) = new_store().await;
        for statement in [FORGET_OVER, CROWDED, FORGET_OLDEST_OF_CALLER, TOTALS, OLDEST] {
            let plan = format!("EXPLAIN QUERY PLAN {statement}");
            let steps = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&store.pool).await.expect("a plan");
            let steps = steps.iter().map(|step| step.get::<String, _>("detail"));
            // Rows are looked up one by one where they are forgotten; whatever else is looked through is an index.
            let reads: Vec<String> = steps.filter(|step| step.contains("idempotency")).collect();
            let is_good = |step: &String| {
                ["COVERING INDEX", "(begun_at<?)", "(caller=? AND key=?)"].iter().any(|good| step.contains(good))
            };
            assert!(!reads.is_empty() && reads.iter().all(is_good), "{statement}: {reads:?}");
        }
    }
}
