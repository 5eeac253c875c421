//! The tables, and how a file comes to have them.

use super::{Store, StoreError};

/// Each step brings the file from one form to the next. Steps are appended, never changed.
const STEPS: [&str; 2] = [
    "
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
",
    "
    -- Rows of keys have bodies in them. What is looked through stands in these as well, so that no body is passed over to find it.
    DROP INDEX idempotency_begun;
    CREATE INDEX idempotency_age ON idempotency (begun_at, caller, key, bytes);
    CREATE INDEX idempotency_caller ON idempotency (caller, begun_at, key);

    -- How many deliveries of a webhook wait and are dead, so that nobody counts them.
    ALTER TABLE webhooks ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE webhooks ADD COLUMN dead INTEGER NOT NULL DEFAULT 0;
    UPDATE webhooks SET
        waiting = (SELECT count(*) FROM deliveries WHERE webhook = webhooks.id AND state = 'waiting'),
        dead = (SELECT count(*) FROM deliveries WHERE webhook = webhooks.id AND state = 'dead');
    CREATE TRIGGER deliveries_noted AFTER INSERT ON deliveries BEGIN
        UPDATE webhooks SET waiting = waiting + (NEW.state = 'waiting'), dead = dead + (NEW.state = 'dead')
        WHERE id = NEW.webhook;
    END;
    CREATE TRIGGER deliveries_changed AFTER UPDATE OF state ON deliveries WHEN NEW.state <> OLD.state BEGIN
        UPDATE webhooks SET waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
            dead = dead + (NEW.state = 'dead') - (OLD.state = 'dead')
        WHERE id = NEW.webhook;
    END;
    CREATE TRIGGER deliveries_forgotten AFTER DELETE ON deliveries BEGIN
        UPDATE webhooks SET waiting = waiting - (OLD.state = 'waiting'), dead = dead - (OLD.state = 'dead')
        WHERE id = OLD.webhook;
    END;
",
];

/// The form that this program knows.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// Brings the file to this program's form, or refuses one that is further on.
pub(super) async fn prepare(store: &Store) -> Result<(), StoreError> {
    let known = KNOWN;
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
const VERSION: &str = "PRAGMA user_version = 2";

#[cfg(test)]
mod tests {
    use super::super::FILE;
    use super::super::idempotency::Claim;
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
    use tongban_types::Time;

    #[test]
    fn the_version_is_the_number_of_steps() {
        assert_eq!(VERSION, format!("PRAGMA user_version = {}", STEPS.len()));
    }

    #[tokio::test]
    async fn a_store_of_an_earlier_program_is_brought_on_with_all_that_it_holds() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).create_if_missing(true);
        let pool = SqlitePoolOptions::new().connect_with(options).await.expect("a file");
        for statement in [
            STEPS[0],
            "PRAGMA user_version = 1",
            "INSERT INTO idempotency VALUES ('a', 'k', zeroblob(32), 1000, 201, '[]', zeroblob(200000), 200002);
             INSERT INTO webhooks (id, label, url, modules, kinds, subjects, secret, state, position, created_at)
             VALUES ('wh_0000000000000001', '', 'https://a/', '[]', '[]', '[]', zeroblob(32), 'active', 7, 1000),
                 ('wh_0000000000000002', '', 'https://b/', '[]', '[]', '[]', zeroblob(32), 'paused', 0, 1000);
             INSERT INTO deliveries (webhook, message, event, kind, subject, state, created_at, next_attempt_at)
             SELECT 'wh_0000000000000001', value, 0, 'k', 's', substr(value, 3), 1000, 1000
             FROM json_each('[\"1 waiting\", \"2 waiting\", \"3 dead\", \"4 delivered\"]')",
        ] {
            sqlx::raw_sql(statement).execute(&pool).await.expect("it is written");
        }
        pool.close().await;
        let store = Store::open(folder.path()).await.expect("a store");
        let now = Time::from_millis(2_000).expect("a time");
        let claim = store.claim_key("a", "k", &[0; 32], now).await.expect("a store");
        let Claim::Answered(answer) = claim else { panic!("the answer is still there: {claim:?}") };
        assert_eq!((answer.status, answer.body.len()), (201, 200_000));
        let webhooks = store.webhooks().await.expect("a store");
        let counts: Vec<_> = webhooks.iter().map(|webhook| (webhook.position, webhook.waiting, webhook.dead)).collect();
        assert_eq!(counts, [(7, 2, 1), (0, 0, 0)]);
        store.close().await;
        Store::open(folder.path()).await.expect("a store that is brought on once");
    }
}
