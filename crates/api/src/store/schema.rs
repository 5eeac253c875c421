//! The tables, and how a file comes to have them.

use super::{Store, StoreError};

/// Each step brings the file from one form to the next. Steps are appended, never changed.
const STEPS: [&str; 1] = ["
    CREATE TABLE tokens (
        id TEXT PRIMARY KEY,
        secret_hash BLOB NOT NULL,
        label TEXT NOT NULL,
        scopes TEXT NOT NULL,              -- names with commas between them
        requests_per_minute INTEGER,       -- NULL: what the node grants; 0: none counted
        addresses TEXT NOT NULL,           -- ranges with commas between them; empty: from anywhere
        created_at INTEGER NOT NULL,
        created_by TEXT,                   -- the token that made it; NULL: the command line
        expires_at INTEGER,
        last_used_at INTEGER,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE idempotency (
        caller TEXT NOT NULL,
        key TEXT NOT NULL,
        request_hash BLOB NOT NULL,
        begun_at INTEGER NOT NULL,
        status INTEGER,                    -- NULL: being worked on
        headers TEXT,
        body BLOB,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (caller, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotency_begun ON idempotency (begun_at);

    CREATE TABLE webhooks (
        id TEXT PRIMARY KEY,
        owner TEXT,                        -- the token that made it; NULL: nobody in particular
        label TEXT NOT NULL,
        url TEXT NOT NULL,
        modules TEXT NOT NULL,             -- filters in JSON; empty lists let everything pass
        kinds TEXT NOT NULL,
        subjects TEXT NOT NULL,
        secret BLOB NOT NULL,
        former_secret BLOB,
        former_secret_until INTEGER,
        state TEXT NOT NULL,
        reason TEXT,
        position INTEGER NOT NULL,         -- the next receipt to look at
        failing_since INTEGER,
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE deliveries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        message TEXT NOT NULL,             -- what receivers tell repeats by
        receipt INTEGER,                   -- NULL: a test
        event INTEGER NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL,
        last_attempt_at INTEGER,
        last_status INTEGER,
        last_answer TEXT,
        UNIQUE (webhook, message)
    ) STRICT;
    CREATE INDEX deliveries_due ON deliveries (webhook, next_attempt_at) WHERE state = 'waiting';
    CREATE INDEX deliveries_order ON deliveries (webhook, subject, sequence) WHERE state = 'waiting';
    CREATE INDEX deliveries_state ON deliveries (webhook, state, sequence);
"];

/// Brings the file to this program's form, or refuses one that is further on.
pub(super) async fn prepare(store: &Store) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    let mut write = store.write().await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *write).await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in STEPS.iter().skip(super::number(found)?) {
        sqlx::raw_sql(*step).execute(&mut *write).await?;
    }
    if found < known {
        sqlx::raw_sql(VERSION).execute(&mut *write).await?;
    }
    write.commit().await?;
    Ok(())
}

/// What a file of this program's form says of itself; a pragma takes no parameters.
const VERSION: &str = "PRAGMA user_version = 1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_number_of_steps() {
        assert_eq!(VERSION, format!("PRAGMA user_version = {}", STEPS.len()));
    }
}
