//! What a node knows that no other node knows and that cannot be rebuilt: tokens, idempotency keys, webhooks and their deliveries.
//!
//! One SQLite file, `api.sqlite`, in the node's folder of data (ADR 0009). Several processes may open it at once: the command line
//! makes and revokes tokens while the node runs, and the node sees that with its next request. Times are milliseconds since 1970.

pub mod idempotency;
mod schema;
pub mod tokens;
pub mod webhooks;

use crate::backend::Rejection;
use crate::codes;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tongban_types::Time;

/// The file's name in the node's folder of data.
pub const FILE: &str = "api.sqlite";

/// How long one process waits for another's change.
const BUSY_TIME_MAX: Duration = Duration::from_secs(5);
/// Connections to the file.
const CONNECTIONS_MAX: u32 = 4;

/// The store, open.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or its rights cannot be set.
    #[error("{path} cannot be used: {source} (node.store_file)")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file was written by a later version of the program.
    #[error(
        "the store has the form {found}, this program knows {known}: use the program that wrote it (node.store_newer)"
    )]
    Newer {
        /// The form of the file.
        found: i64,
        /// The form that this program writes.
        known: i64,
    },
    /// What is stored makes no sense.
    #[error("the store is damaged: {what} (node.store_damaged)")]
    Damaged {
        /// What does not make sense.
        what: String,
    },
    /// The database has failed.
    #[error("the store has failed: {0} (node.store_failed)")]
    Failed(#[from] sqlx::Error),
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        // The caller cannot do anything about it and learns no details; the operator finds them in the log.
        tracing::error!(%error, "the store has failed");
        codes::STORE_FAILED.rejection()
    }
}

impl Store {
    /// Opens the store in a folder of data, makes it where it is absent, and brings it to this program's form.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(FILE);
        keep_private(&path).map_err(|source| StoreError::Access { path: path.clone(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            // A revoked token stays revoked when the power fails right after the answer.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIME_MAX);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).connect_with(options).await?;
        let store = Self { pool };
        schema::prepare(&store).await?;
        Ok(store)
    }

    /// Looks whether the store in a folder of data can be opened, and changes nothing: the form of its file, which may be one that this program
    /// brings forward, or none where there is no file yet.
    pub async fn examine(data: &Path) -> Result<Option<i64>, StoreError> {
        let path = data.join(FILE);
        match std::fs::File::open(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Access { path, source }),
        }
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(false).busy_timeout(BUSY_TIME_MAX);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let form = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await;
        pool.close().await;
        let found: i64 = form?;
        if found > schema::KNOWN { Err(StoreError::Newer { found, known: schema::KNOWN }) } else { Ok(Some(found)) }
    }

    /// Ends all connections to the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that may write, from its beginning: two that read first and write later would block each other.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Makes the file for its owner alone before the database writes into it. What it makes beside it gets the same rights.
fn keep_private(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// This machine's clock.
pub(crate) fn now() -> Time {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)).unwrap_or(Time::MAX)
}

/// The operating system's randomness. A machine without it cannot go on.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A time as it is stored.
fn stored(time: Time) -> i64 {
    stored_number(time.as_millis())
}

fn stored_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time as it was stored.
fn time(millis: i64) -> Result<Time, StoreError> {
    let damaged = || StoreError::Damaged { what: format!("{millis} is no time") };
    Time::from_millis(u64::try_from(millis).map_err(|_| damaged())?).map_err(|_| damaged())
}

fn number<T: TryFrom<i64>>(stored: i64) -> Result<T, StoreError> {
    T::try_from(stored).map_err(|_| StoreError::Damaged { what: format!("{stored} is out of range") })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A store in a folder that goes with it.
    pub(crate) async fn new_store() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        (Store::open(folder.path()).await.expect("a store"), folder)
    }

    #[tokio::test]
    async fn the_files_are_their_owners_alone() {
        let (store, folder) = new_store().await;
        let mut names = Vec::new();
        for entry in folder.path().read_dir().expect("a folder") {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
            names.push(entry.file_name());
        }
        assert!(names.len() >= 2, "the file and its log: {names:?}");
        store.close().await;
        std::fs::set_permissions(folder.path().join(FILE), Permissions::from_mode(0o644)).expect("rights");
        Store::open(folder.path()).await.expect("a store");
        let mode = std::fs::metadata(folder.path().join(FILE)).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a file that others could read is closed to them");
    }

    #[tokio::test]
    async fn a_store_of_a_later_program_is_refused_and_left_alone() {
        let (store, folder) = new_store().await;
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&store.pool).await.expect("a pragma");
        store.close().await;
        let error = Store::open(folder.path()).await.expect_err("a later form");
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    }

    #[tokio::test]
    async fn a_store_that_is_looked_at_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(Store::examine(folder.path()).await, Ok(None)), "there is none yet");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "and none is made");
        let store = Store::open(folder.path()).await.expect("a store");
        assert!(matches!(Store::examine(folder.path()).await, Ok(Some(form)) if form == schema::KNOWN), "in use");
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&store.pool).await.expect("a pragma");
        store.close().await;
        let content = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
        let before = content(FILE);
        let error = Store::examine(folder.path()).await.expect_err("a later form");
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
        assert_eq!(content(FILE), before);
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 1, "nothing is left beside it");
        std::fs::write(folder.path().join(FILE), vec![7; 10_000]).expect("a file");
        assert!(matches!(Store::examine(folder.path()).await, Err(StoreError::Failed(_))));
        assert_eq!(content(FILE), vec![7; 10_000]);
    }

    #[tokio::test]
    async fn what_is_no_store_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), vec![7; 10_000]).expect("a file");
        assert!(matches!(Store::open(folder.path()).await, Err(StoreError::Failed(_))));
        assert!(matches!(Store::open(&folder.path().join("absent")).await, Err(StoreError::Access { .. })));
    }
}
