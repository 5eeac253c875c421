//! Opening an index, bringing it forward, throwing it away.

use crate::database::{DatabaseUrl, Pool, Statement, Transaction, Value};
use crate::error::IndexError;
use crate::projection::Rows;
use crate::schema::{self, EVENTS_PER_RECEIPT};
use tongban_types::Digest;

/// Values in one statement. SQLite looks for each among all others, so that few at once are quicker; PostgreSQL takes 65,535 and
/// is further away.
const VALUES_MAX_SQLITE: usize = 600;
const VALUES_MAX_POSTGRES: usize = 30_000;

/// How far an index has come: it holds the receipts of all blocks up to a height, and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// The height of the last block in it; 0 where there is none.
    pub height: u64,
    /// How many receipts it holds: the number of the next one.
    pub receipts: u64,
}

/// The receipts of whole blocks, one after the other.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Where the index stands afterwards.
    pub until: Position,
    /// The rows, by receipt number without gaps, the last one before `until.receipts`. Empty where all blocks are.
    pub rows: Vec<Rows>,
}

/// What became of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The index has come forward.
    Forward,
    /// Everything stood there already.
    Known,
}

/// The read model of one network.
#[derive(Clone)]
pub struct Index {
    pub(crate) pool: Pool,
    network: String,
}

impl Index {
    /// Opens the index of a network, and makes it where the database is empty. An index of another network or version is refused.
    pub async fn open(url: &DatabaseUrl, network: &Digest) -> Result<Self, IndexError> {
        let index = Self { pool: Pool::open(url).await?, network: network.to_string() };
        let mut transaction = index.pool.begin().await?;
        let prepared = schema::prepare(&mut transaction, &index.network).await;
        let result = match prepared {
            Ok(()) => transaction.commit().await,
            Err(error) => transaction.undo().await.and(Err(error)),
        };
        match result {
            Ok(()) => Ok(index),
            Err(error) => {
                index.close().await;
                Err(error)
            }
        }
    }

    /// Looks at the index of a network and changes nothing: how far it has come, or none where the database has no index yet. One of another
    /// network or version is refused.
    pub async fn examine(url: &DatabaseUrl, network: &Digest) -> Result<Option<Position>, IndexError> {
        if url.file_is_absent() {
            return Ok(None);
        }
        let index = Self { pool: Pool::open_existing(url).await?, network: network.to_string() };
        let position = index.examined().await;
        index.close().await;
        position
    }

    async fn examined(&self) -> Result<Option<Position>, IndexError> {
        let mut transaction = self.pool.begin().await?;
        let checked = schema::check(&mut transaction, &self.network).await;
        transaction.undo().await?;
        if checked? { self.position().await.map(Some) } else { Ok(None) }
    }

    /// Throws away whatever index stands in the database, of whatever network and version, and makes an empty one.
    pub async fn rebuild(url: &DatabaseUrl, network: &Digest) -> Result<Self, IndexError> {
        let index = Self { pool: Pool::open(url).await?, network: network.to_string() };
        let mut transaction = index.pool.begin().await?;
        schema::reset(&mut transaction, &index.network).await?;
        transaction.commit().await?;
        Ok(index)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// How far the index has come.
    pub async fn position(&self) -> Result<Position, IndexError> {
        let rows = self.pool.fetch(Statement::new("SELECT height, receipts FROM index_position")).await?;
        let row = rows.first().ok_or(IndexError::Corrupt("the position is missing"))?;
        Ok(Position { height: row.count(0)?, receipts: row.count(1)? })
    }

    /// Brings the index forward by whole blocks, in one database transaction. What it has already is passed over, so a stretch may
    /// come twice, overlap, or come again after a crash; a gap is refused.
    pub async fn apply(&self, stretch: &Stretch) -> Result<Applied, IndexError> {
        check_order(stretch)?;
        let mut transaction = self.pool.begin().await?;
        let at = lock_position(&mut transaction).await?;
        if stretch.until.receipts <= at.receipts && stretch.until.height <= at.height {
            transaction.undo().await?;
            return Ok(Applied::Known);
        }
        let begins_at = stretch.until.receipts.saturating_sub(count(&stretch.rows));
        if begins_at > at.receipts {
            transaction.undo().await?;
            return Err(IndexError::Gap { expected: at.receipts, found: begins_at });
        }
        let known = usize::try_from(at.receipts - begins_at).unwrap_or(usize::MAX).min(stretch.rows.len());
        insert(&mut transaction, &stretch.rows[known..]).await?;
        let mut position = Statement::new("UPDATE index_position SET height = ");
        position.bind(stretch.until.height.max(at.height)).push(", receipts = ");
        position.bind(stretch.until.receipts.max(at.receipts));
        transaction.execute(position).await?;
        transaction.commit().await?;
        Ok(Applied::Forward)
    }

    /// The index's size on disk, in bytes.
    pub async fn size_bytes(&self) -> Result<u64, IndexError> {
        let statement = if self.pool.is_sqlite() {
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()".to_owned()
        } else {
            let sizes = schema::tables().map(|table| format!("pg_total_relation_size('{table}')"));
            format!("SELECT CAST({} AS BIGINT)", sizes.collect::<Vec<_>>().join(" + "))
        };
        let rows = self.pool.fetch(Statement::new(&statement)).await?;
        rows.first().ok_or(IndexError::Corrupt("the size is missing"))?.count(0)
    }
}

fn count(rows: &[Rows]) -> u64 {
    u64::try_from(rows.len()).expect("a length fits")
}

/// The position, kept from others until the transaction ends.
async fn lock_position(transaction: &mut Transaction) -> Result<Position, IndexError> {
    // An update that changes nothing takes the lock in both databases.
    transaction.execute(Statement::new("UPDATE index_position SET height = height")).await?;
    let rows = transaction.fetch(Statement::new("SELECT height, receipts FROM index_position")).await?;
    let row = rows.first().ok_or(IndexError::Corrupt("the position is missing"))?;
    Ok(Position { height: row.count(0)?, receipts: row.count(1)? })
}

fn check_order(stretch: &Stretch) -> Result<(), IndexError> {
    let begins_at = stretch.until.receipts.checked_sub(count(&stretch.rows));
    let begins_at = begins_at.ok_or(IndexError::Disorder { number: stretch.until.receipts })?;
    for (number, rows) in (begins_at..).zip(&stretch.rows) {
        if rows.receipt.number != number || rows.receipt.height > stretch.until.height {
            return Err(IndexError::Disorder { number });
        }
    }
    Ok(())
}

/// Where an event stands among all events of the network.
pub(crate) fn event_number(receipt: u64, position: u64) -> u64 {
    receipt.saturating_mul(EVENTS_PER_RECEIPT).saturating_add(position)
}

async fn insert(transaction: &mut Transaction, rows: &[Rows]) -> Result<(), IndexError> {
    let (mut receipts, mut events, mut subjects, mut terms) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for rows in rows {
        let receipt = &rows.receipt;
        receipts.push(vec![
            receipt.number.into(),
            receipt.height.into(),
            receipt.time_millis.into(),
            receipt.account.as_str().into(),
            receipt.request_id.as_str().into(),
            receipt.transaction.as_str().into(),
            receipt.code.clone().unwrap_or_default().into(),
            receipt.call.map_or(-1, i64::from).into(),
            i64::from(receipt.code.is_some()).into(),
        ]);
        for event in &rows.events {
            let number = Value::from(event_number(receipt.number, event.position.into()));
            events.push(vec![
                number.clone(),
                receipt.height.into(),
                receipt.time_millis.into(),
                receipt.account.as_str().into(),
                event.module.as_str().into(),
                event.kind.as_str().into(),
                event.body.clone().unwrap_or_default().into(),
            ]);
            for subject in &event.subjects {
                subjects.push(vec![subject.value.as_str().into(), number.clone(), subject.field.as_str().into()]);
            }
            terms.extend(event.terms.iter().map(|term| vec![Value::from(term.as_str()), number.clone()]));
        }
    }
    // Clustered by their value: in order, neighbours are written together.
    subjects.sort_unstable();
    terms.sort_unstable();
    insert_into(transaction, "INSERT INTO index_receipts VALUES ", receipts).await?;
    insert_into(transaction, "INSERT INTO index_events VALUES ", events).await?;
    insert_into(transaction, "INSERT INTO index_subjects VALUES ", subjects).await?;
    insert_into(transaction, "INSERT INTO index_terms VALUES ", terms).await
}

async fn insert_into(transaction: &mut Transaction, into: &str, rows: Vec<Vec<Value>>) -> Result<(), IndexError> {
    let Some(columns) = rows.first().map(Vec::len) else { return Ok(()) };
    let values_max = if transaction.is_sqlite() { VALUES_MAX_SQLITE } else { VALUES_MAX_POSTGRES };
    let rows_max = values_max / columns;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        // Full statements are all the same and worth keeping, the last one is not.
        let mut statement = if rows.len() >= rows_max { Statement::new(into) } else { Statement::once(into) };
        for (place, row) in rows.by_ref().take(rows_max).enumerate() {
            statement.push(if place == 0 { "(" } else { ", (" });
            for (column, value) in row.into_iter().enumerate() {
                statement.push(if column == 0 { "" } else { ", " }).bind(value);
            }
            statement.push(")");
        }
        transaction.execute(statement).await?;
    }
    Ok(())
}
