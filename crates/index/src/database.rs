//! The two databases behind one small interface: every statement is written once, with `$1`, `$2`, … for its values, which both
//! understand, and with texts and 64-bit numbers only.

use crate::error::IndexError;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Row as _};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Connections that one node holds.
const CONNECTIONS_MAX: u32 = 4;
/// How long a question waits for a connection, and for another process that writes.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long it is waited for by whoever only looks.
const LOOK_WAIT_MAX: Duration = Duration::from_secs(3);
/// After so long a question to PostgreSQL is given up, in milliseconds.
const STATEMENT_MILLIS_MAX: u64 = 30_000;

/// Where an index is. Prints itself without user and password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// A SQLite file at a path.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into())
    }

    /// Reads `sqlite:FILE`, relative to a folder, or `postgres://USER:PASSWORD@HOST/DATABASE?sslmode=…`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, IndexError> {
        let invalid = |reason: &str| IndexError::UrlInvalid { reason: reason.to_owned() };
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', ':']) {
                return Err(invalid("a file name is needed behind sqlite:, without ':' and '?'"));
            }
            return Ok(Self::Sqlite(folder.join(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // The error may quote the address, and with it the password.
            let options = PgConnectOptions::from_str(text).map_err(|_| invalid("it is no valid PostgreSQL address"))?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(invalid("it begins otherwise"))
    }

    /// Whether it is a file that is not there yet.
    pub(crate) fn file_is_absent(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound),
            Self::Postgres(_) => false,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or_else(|| options.get_username());
                match options.get_socket() {
                    Some(socket) => write!(formatter, "postgres:{}/{database}", socket.display()),
                    None => write!(formatter, "postgres://{}:{}/{database}", options.get_host(), options.get_port()),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({self})")
    }
}

/// A value in a statement or a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Value {
    /// Numbers of receipts, heights and times are far below; what a stranger sends is cut to the greatest.
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// One row, read from the left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row(pub Vec<Value>);

impl Row {
    pub(crate) fn number(&self, column: usize) -> Result<i64, IndexError> {
        match self.0.get(column) {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(IndexError::Corrupt("a number is missing")),
        }
    }

    /// A number that is never negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64, IndexError> {
        u64::try_from(self.number(column)?).map_err(|_| IndexError::Corrupt("a count is negative"))
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, IndexError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(IndexError::Corrupt("a text is missing")),
        }
    }
}

/// A statement and its values. Only texts of this crate become part of the statement; whatever comes from outside is bound.
#[derive(Default)]
pub(crate) struct Statement {
    text: String,
    values: Vec<Value>,
    is_repeated: bool,
}

impl Statement {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new(), is_repeated: true }
    }

    /// A statement that will hardly be asked again in the same words, so that nobody keeps its plan.
    pub(crate) fn once(text: &str) -> Self {
        Self { is_repeated: false, ..Self::new(text) }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Puts a value here.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// The question how the database would answer this statement.
    #[cfg(test)]
    pub(crate) fn explained(mut self) -> Self {
        self.text.insert_str(0, "EXPLAIN QUERY PLAN ");
        self
    }

    fn sqlite(self) -> sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text)).persistent(self.is_repeated);
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
    }

    fn postgres(self) -> sqlx::query::Query<'static, sqlx::Postgres, PgArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text)).persistent(self.is_repeated);
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
    }
}

/// Connections to one database.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A database transaction. Dropped, it is undone.
pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Pool {
    pub(crate) async fn open(url: &DatabaseUrl) -> Result<Self, IndexError> {
        Self::connect(url, WAIT_MAX, |options| {
            // With NORMAL a power failure may take the last blocks, which are projected again; it harms nothing.
            options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal)
        })
        .await
    }

    /// Connections to a database as it is: no file is made, and none is changed.
    pub(crate) async fn open_existing(url: &DatabaseUrl) -> Result<Self, IndexError> {
        Self::connect(url, LOOK_WAIT_MAX, |options| options.create_if_missing(false)).await
    }

    async fn connect(
        url: &DatabaseUrl,
        wait_max: Duration,
        of_file: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, IndexError> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let options = of_file(SqliteConnectOptions::new().filename(path).busy_timeout(wait_max));
                let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(wait_max);
                Self::Sqlite(pool.connect_with(options).await?)
            }
            DatabaseUrl::Postgres(options) => {
                let limits = [("statement_timeout", STATEMENT_MILLIS_MAX), ("lock_timeout", STATEMENT_MILLIS_MAX)];
                let options = (**options).clone().application_name("tongban-index").options(limits);
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(wait_max);
                Self::Postgres(pool.connect_with(options).await?)
            }
        })
    }

    pub(crate) async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, IndexError> {
        match self {
            Self::Sqlite(pool) => sqlite_rows(statement.sqlite().fetch_all(pool).await?),
            Self::Postgres(pool) => postgres_rows(statement.postgres().fetch_all(pool).await?),
        }
    }

    /// Begins a transaction that writes; whoever comes second waits.
    pub(crate) async fn begin(&self) -> Result<Transaction, IndexError> {
        Ok(match self {
            Self::Sqlite(pool) => Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                // As in SQLite: what a power failure takes is projected again.
                sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
                Transaction::Postgres(transaction)
            }
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

impl Transaction {
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<(), IndexError> {
        match self {
            Self::Sqlite(transaction) => {
                statement.sqlite().execute(&mut **transaction).await?;
            }
            Self::Postgres(transaction) => {
                statement.postgres().execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, IndexError> {
        match self {
            Self::Sqlite(transaction) => sqlite_rows(statement.sqlite().fetch_all(&mut **transaction).await?),
            Self::Postgres(transaction) => postgres_rows(statement.postgres().fetch_all(&mut **transaction).await?),
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Undoes everything at once, so that nobody waits for its locks.
    pub(crate) async fn undo(self) -> Result<(), IndexError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), IndexError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

fn sqlite_rows(rows: Vec<SqliteRow>) -> Result<Vec<Row>, IndexError> {
    let value = |row: &SqliteRow, column: usize| {
        row.try_get::<i64, _>(column).map(Value::Number).or_else(|_| row.try_get::<String, _>(column).map(Value::Text))
    };
    rows.iter()
        .map(|row| Ok(Row((0..row.len()).map(|column| value(row, column)).collect::<Result<_, sqlx::Error>>()?)))
        .collect()
}

fn postgres_rows(rows: Vec<PgRow>) -> Result<Vec<Row>, IndexError> {
    let value = |row: &PgRow, column: usize| {
        row.try_get::<i64, _>(column).map(Value::Number).or_else(|_| row.try_get::<String, _>(column).map(Value::Text))
    };
    rows.iter()
        .map(|row| Ok(Row((0..row.len()).map(|column| value(row, column)).collect::<Result<_, sqlx::Error>>()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_printed_without_secrets() {
        let folder = Path::new("data");
        let file = DatabaseUrl::parse("sqlite:index.sqlite", folder).expect("a file");
        assert_eq!(file.to_string(), "sqlite:data/index.sqlite");
        let secret = "postgres://clerk:geheim@db.example:5433/read?sslmode=verify-full";
        let postgres = DatabaseUrl::parse(secret, folder).expect("an address");
        assert_eq!(postgres.to_string(), "postgres://db.example:5433/read");
        assert!(!format!("{postgres:?}").contains("geheim"));
        for wrong in [
            "",
            "sqlite:",
            "mysql://x",
            "index.sqlite",
            "sqlite:a?mode=ro",
            "sqlite::memory:",
            "postgres://u:geheim@h:x/d",
        ] {
            let error = DatabaseUrl::parse(wrong, folder).expect_err(wrong);
            assert_eq!(error.code(), "index.url_invalid", "{wrong}");
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
    }
}
