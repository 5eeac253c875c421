//! The tables, their version, and the network they belong to.
//!
//! There are no migrations: a read model of another version is projected again.

use crate::database::{Statement, Transaction};
use crate::error::IndexError;

/// The version of the tables and of what the projection puts into them. Raise it when either changes.
pub const SCHEMA_VERSION: i64 = 1;

/// Places that one receipt's events take in the numbering of events; a receipt has at most 200.
pub(crate) const EVENTS_PER_RECEIPT: u64 = 256;

const _: () = assert!(tongban_types::transaction::CALLS_MAX * 2 <= EVENTS_PER_RECEIPT as usize);

/// The tables, in the order in which they can be made. Texts are compared byte by byte in both databases (`{text}`), a number
/// is a table's own order (`{key}`), and tables that are nothing but an index are stored as one (`{clustered}`).
const TABLES: [(&str, &str); 6] = [
    ("index_meta", "CREATE TABLE index_meta (name {text} PRIMARY KEY, value {text} NOT NULL)"),
    (
        // One row: everything up to and with this height, and below this receipt, stands in the index.
        "index_position",
        "CREATE TABLE index_position (id BIGINT PRIMARY KEY, height BIGINT NOT NULL, receipts BIGINT NOT NULL)",
    ),
    (
        // `code` is empty and `call` is -1 where there is none.
        "index_receipts",
        "CREATE TABLE index_receipts (number {key} PRIMARY KEY, height BIGINT NOT NULL, time_millis BIGINT NOT NULL, \
         account {text} NOT NULL, request_id {text} NOT NULL, transaction_id {text} NOT NULL, code {text} NOT NULL, \
         call BIGINT NOT NULL, refused BIGINT NOT NULL)",
    ),
    (
        // `event` is the receipt's number times 256 and the event's position. `body` is empty where it was too long.
        "index_events",
        "CREATE TABLE index_events (event {key} PRIMARY KEY, height BIGINT NOT NULL, time_millis BIGINT NOT NULL, \
         account {text} NOT NULL, module {text} NOT NULL, kind {text} NOT NULL, body {text} NOT NULL)",
    ),
    (
        "index_subjects",
        "CREATE TABLE index_subjects (value {text} NOT NULL, event BIGINT NOT NULL, field {text} NOT NULL, \
         PRIMARY KEY (value, event, field)) {clustered}",
    ),
    (
        "index_terms",
        "CREATE TABLE index_terms (term {text} NOT NULL, event BIGINT NOT NULL, PRIMARY KEY (term, event)) {clustered}",
    ),
];

const INDEXES: [&str; 8] = [
    "CREATE INDEX index_receipts_time ON index_receipts (time_millis, number)",
    "CREATE INDEX index_receipts_account ON index_receipts (account, number)",
    "CREATE INDEX index_receipts_code ON index_receipts (code, number)",
    "CREATE INDEX index_receipts_refused ON index_receipts (refused, number)",
    "CREATE INDEX index_receipts_transaction ON index_receipts (transaction_id)",
    "CREATE INDEX index_events_account ON index_events (account, event)",
    "CREATE INDEX index_events_module ON index_events (module, event)",
    "CREATE INDEX index_events_kind ON index_events (kind, event)",
];

/// Whether there are tables of an index, of whatever version.
async fn exists(transaction: &mut Transaction) -> Result<bool, IndexError> {
    let catalogue = if transaction.is_sqlite() {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'index_meta'"
    } else {
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() \
         AND table_name = 'index_meta'"
    };
    Ok(!transaction.fetch(Statement::new(catalogue)).await?.is_empty())
}

/// Makes the tables where there are none, and otherwise refuses those of another network or version.
pub(crate) async fn prepare(transaction: &mut Transaction, network: &str) -> Result<(), IndexError> {
    if check(transaction, network).await? { Ok(()) } else { create(transaction, network).await }
}

/// Refuses the tables of another network or version. Whether there are tables at all.
pub(crate) async fn check(transaction: &mut Transaction, network: &str) -> Result<bool, IndexError> {
    if !exists(transaction).await? {
        return Ok(false);
    }
    let meta = transaction.fetch(Statement::new("SELECT name, value FROM index_meta ORDER BY name")).await?;
    let value = |name: &str| {
        let row = meta.iter().find(|row| row.text(0).is_ok_and(|found| found == name));
        row.and_then(|row| row.text(1).ok()).unwrap_or("none")
    };
    // The version first: another version may say elsewhere whose it is.
    if value("schema_version") != SCHEMA_VERSION.to_string() {
        let found = value("schema_version").to_owned();
        return Err(IndexError::OtherVersion { expected: SCHEMA_VERSION, found });
    }
    if value("network") != network {
        let found = value("network").to_owned();
        return Err(IndexError::OtherNetwork { expected: network.to_owned(), found });
    }
    Ok(true)
}

/// Throws away whatever index there is and makes an empty one.
pub(crate) async fn reset(transaction: &mut Transaction, network: &str) -> Result<(), IndexError> {
    for (name, _) in TABLES.iter().rev() {
        transaction.execute(Statement::once(&format!("DROP TABLE IF EXISTS {name}"))).await?;
    }
    create(transaction, network).await
}

async fn create(transaction: &mut Transaction, network: &str) -> Result<(), IndexError> {
    let (text, key, clustered) = if transaction.is_sqlite() {
        ("TEXT", "INTEGER", "WITHOUT ROWID")
    } else {
        ("TEXT COLLATE \"C\"", "BIGINT", "")
    };
    for (_, table) in TABLES {
        let table = table.replace("{text}", text).replace("{key}", key).replace("{clustered}", clustered);
        transaction.execute(Statement::once(&table)).await?;
    }
    for index in INDEXES {
        transaction.execute(Statement::once(index)).await?;
    }
    let mut meta = Statement::once("INSERT INTO index_meta (name, value) VALUES ('schema_version', ");
    meta.bind(SCHEMA_VERSION.to_string()).push("), ('network', ").bind(network).push(")");
    transaction.execute(meta).await?;
    transaction.execute(Statement::once("INSERT INTO index_position (id, height, receipts) VALUES (0, 0, 0)")).await
}

/// The names of all tables, for tests and for the size on disk.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(name, _)| *name)
}
