//! Lists of events and receipts: filtered, in order, by page.
//!
//! A filter of several conditions is answered from the index over its most telling one; the others are checked row by row,
//! for at most [`EXAMINED_MAX`] rows a page. So a page may hold fewer rows than asked for, even none, and still have a next one. The
//! list ends where there is no next page.

use crate::cursor::{Cursor, list_of};
use crate::database::{Row, Statement, Value};
use crate::error::IndexError;
use crate::index::{Index, Position, event_number};
use crate::projection::fold_identifier;
use crate::schema::EVENTS_PER_RECEIPT;

/// Rows on one page.
pub const LIMIT_MAX: usize = 100;
/// Rows that are examined for one page where a filter has several conditions.
pub const EXAMINED_MAX: u64 = 10_000;

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// The latest first.
    #[default]
    Newest,
    /// From the beginning.
    Oldest,
}

/// Which page of a list.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Which end comes first.
    pub order: Order,
    /// Rows on the page, 1 to [`LIMIT_MAX`]; what lies outside is brought inside.
    pub limit: usize,
    /// Where the page before it ended; none for the first.
    pub cursor: Option<String>,
}

/// Which events. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this module.
    pub module: Option<String>,
    /// Of this kind, such as `registered`.
    pub kind: Option<String>,
    /// Of transactions of this account, in hexadecimal.
    pub account: Option<String>,
    /// With this identifier in one of their fields.
    pub subject: Option<String>,
    /// With the identifier in this field.
    pub field: Option<String>,
    /// From this time on, in milliseconds since 1970.
    pub since_millis: Option<u64>,
    /// Before this time.
    pub until_millis: Option<u64>,
}

/// Which receipts. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFilter {
    /// Of this account, in hexadecimal.
    pub account: Option<String>,
    /// Of the transaction with this identifier, in hexadecimal.
    pub transaction: Option<String>,
    /// Refused, or not.
    pub is_refused: Option<bool>,
    /// Refused with this code.
    pub code: Option<String>,
    /// From this time on, in milliseconds since 1970.
    pub since_millis: Option<u64>,
    /// Before this time.
    pub until_millis: Option<u64>,
}

/// A page, and where the index stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub entries: Vec<T>,
    /// The cursor of the next page, where there may be one.
    pub next: Option<String>,
    /// The page is true at this position.
    pub position: Position,
}

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventEntry {
    /// The number of its receipt.
    pub receipt: u64,
    /// Its place in the receipt.
    pub position: u64,
    /// The block.
    pub height: u64,
    /// The block's time, in milliseconds since 1970.
    pub time_millis: u64,
    /// Who acted, in hexadecimal.
    pub account: String,
    /// The module.
    pub module: String,
    /// What happened.
    pub kind: String,
    /// The event's JSON; none where it was too long to be kept here.
    pub body: Option<String>,
}

/// A receipt in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptEntry {
    /// Its number.
    pub number: u64,
    /// The block.
    pub height: u64,
    /// The block's time, in milliseconds since 1970.
    pub time_millis: u64,
    /// Who acted, in hexadecimal.
    pub account: String,
    /// The sender's number, in hexadecimal.
    pub request_id: String,
    /// The transaction's identifier, in hexadecimal.
    pub transaction: String,
    /// The code of the refusal, where it was refused.
    pub code: Option<String>,
    /// Which call was refused.
    pub call: Option<u32>,
}

/// Columns of an [`EventEntry`], of the table `e`.
pub(crate) const EVENT_COLUMNS: &str = "e.event, e.height, e.time_millis, e.account, e.module, e.kind, e.body";

/// A condition: a column and the value it must have.
type Condition = (&'static str, Value);

/// A list that is to be read: from which index, with what else to check.
pub(crate) struct Plan {
    table: &'static str,
    key: &'static str,
    columns: &'static str,
    /// The table whose index is walked; the same as `table` but for subjects.
    driver: &'static str,
    walked: Vec<Condition>,
    checked: Vec<Condition>,
    order: Order,
    /// Keys from here on …
    from: u64,
    /// … to before here.
    to: u64,
    limit: usize,
}

impl Plan {
    /// The keys that the page examines, in order.
    fn walk(&self, statement: &mut Statement) {
        let examined = if self.checked.is_empty() { self.limit as u64 + 1 } else { EXAMINED_MAX };
        let distinct = if self.driver == self.table { "" } else { "DISTINCT " };
        statement.push(&format!("SELECT {distinct}{key} AS k FROM {} WHERE {key} >= ", self.driver, key = self.key));
        statement.bind(self.from).push(&format!(" AND {} < ", self.key)).bind(self.to);
        for (column, value) in &self.walked {
            statement.push(&format!(" AND {column} = ")).bind(value.clone());
        }
        statement.push(&format!(" ORDER BY {} {} LIMIT ", self.key, self.direction())).bind(examined);
    }

    fn direction(&self) -> &'static str {
        match self.order {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        }
    }

    /// The page's rows and one more.
    pub(crate) fn rows(&self) -> Statement {
        let mut statement = Statement::new(&format!("SELECT {} FROM (", self.columns));
        self.walk(&mut statement);
        statement.push(&format!(") w JOIN {} e ON e.{} = w.k WHERE 1 = 1", self.table, self.key));
        for (column, value) in &self.checked {
            statement.push(&format!(" AND e.{column} = ")).bind(value.clone());
        }
        statement.push(&format!(" ORDER BY e.{} {} LIMIT ", self.key, self.direction())).bind(self.limit as u64 + 1);
        statement
    }

    /// How many keys the page has examined, and the last of them.
    pub(crate) fn examined(&self) -> Statement {
        let last = if self.order == Order::Newest { "MIN" } else { "MAX" };
        let mut statement = Statement::new(&format!("SELECT COUNT(*), COALESCE({last}(k), 0) FROM ("));
        self.walk(&mut statement);
        statement.push(") w");
        statement
    }

    /// Goes on behind a cursor.
    fn continue_behind(&mut self, last: u64) {
        match self.order {
            Order::Newest => self.to = self.to.min(last),
            Order::Oldest => self.from = self.from.max(last.saturating_add(1)),
        }
    }
}

/// The first condition that is given is walked, the others are checked.
fn divide(conditions: Vec<Option<Condition>>) -> (Vec<Condition>, Vec<Condition>) {
    let mut given = conditions.into_iter().flatten();
    (given.next().into_iter().collect(), given.collect())
}

impl Index {
    /// Events that a filter lets through.
    pub async fn events(&self, filter: &EventFilter, selection: &Selection) -> Result<Page<EventEntry>, IndexError> {
        let position = self.position().await?;
        let (from, to) = self.range(filter.since_millis, filter.until_millis, position).await?;
        let plan = event_plan(filter, selection, from * EVENTS_PER_RECEIPT, to * EVENTS_PER_RECEIPT);
        let list = list_of(&["events", &format!("{filter:?}{:?}", selection.order)]);
        self.page(plan, selection, list, position, read_event).await
    }

    /// Receipts that a filter lets through.
    pub async fn receipts(
        &self,
        filter: &ReceiptFilter,
        selection: &Selection,
    ) -> Result<Page<ReceiptEntry>, IndexError> {
        let list = receipt_list(filter, selection.order);
        let position = self.position().await?;
        let (from, to) = self.range(filter.since_millis, filter.until_millis, position).await?;
        let plan = receipt_plan(filter, selection, from, to);
        self.page(plan, selection, list, position, read_receipt).await
    }

    /// The cursor that goes on behind a receipt of such a list, for whoever has no room for the rest of a page.
    pub fn cursor_behind(filter: &ReceiptFilter, order: Order, number: u64) -> String {
        Cursor { list: receipt_list(filter, order), last: number, rank: 0, bound: 0 }.to_text()
    }

    /// The numbers of the receipts in a stretch of time. Blocks' times grow with their height, so it is one stretch of numbers.
    async fn range(
        &self,
        since_millis: Option<u64>,
        until_millis: Option<u64>,
        position: Position,
    ) -> Result<(u64, u64), IndexError> {
        let mut bounds = [0, position.receipts];
        for (bound, millis) in bounds.iter_mut().zip([since_millis, until_millis]) {
            let Some(millis) = millis else { continue };
            let rows = self.pool.fetch(first_from(millis)).await?;
            *bound = rows.first().map_or(Ok(position.receipts), |row| row.count(0))?.min(position.receipts);
        }
        Ok((bounds[0], bounds[1]))
    }

    async fn page<T>(
        &self,
        mut plan: Plan,
        selection: &Selection,
        list: u64,
        position: Position,
        read: impl Fn(&Row) -> Result<T, IndexError>,
    ) -> Result<Page<T>, IndexError> {
        if let Some(cursor) = &selection.cursor {
            plan.continue_behind(Cursor::parse(cursor, list)?.last);
        }
        let mut rows = self.pool.fetch(plan.rows()).await?;
        let last = if rows.len() > plan.limit {
            rows.truncate(plan.limit);
            rows.last().map(|row| row.count(0)).transpose()?
        } else if plan.checked.is_empty() {
            None
        } else {
            let examined = self.pool.fetch(plan.examined()).await?;
            let examined = examined.first().ok_or(IndexError::Corrupt("a count is missing"))?;
            (examined.count(0)? == EXAMINED_MAX).then(|| examined.count(1)).transpose()?
        };
        let next = last.map(|last| Cursor { list, last, rank: 0, bound: 0 }.to_text());
        Ok(Page { entries: rows.iter().map(read).collect::<Result<_, _>>()?, next, position })
    }
}

fn receipt_list(filter: &ReceiptFilter, order: Order) -> u64 {
    list_of(&["receipts", &format!("{filter:?}{order:?}")])
}

pub(crate) fn first_from(millis: u64) -> Statement {
    let mut statement = Statement::new("SELECT number FROM index_receipts WHERE time_millis >= ");
    statement.bind(millis).push(" ORDER BY time_millis, number LIMIT 1");
    statement
}

pub(crate) fn event_plan(filter: &EventFilter, selection: &Selection, from: u64, to: u64) -> Plan {
    let condition = |column, value: &Option<String>| value.as_deref().map(|value| (column, Value::from(value)));
    let mut conditions = vec![
        condition("account", &filter.account),
        condition("kind", &filter.kind),
        condition("module", &filter.module),
    ];
    let (driver, walked, checked) = match &filter.subject {
        None => {
            let (walked, checked) = divide(conditions);
            ("index_events", walked, checked)
        }
        Some(subject) => {
            let subject = ("value", Value::from(fold_identifier(subject)));
            let walked = std::iter::once(subject).chain(condition("field", &filter.field)).collect();
            ("index_subjects", walked, conditions.drain(..).flatten().collect())
        }
    };
    Plan {
        table: "index_events",
        key: "event",
        columns: EVENT_COLUMNS,
        driver,
        walked,
        checked,
        order: selection.order,
        from,
        to,
        limit: selection.limit.clamp(1, LIMIT_MAX),
    }
}

pub(crate) fn receipt_plan(filter: &ReceiptFilter, selection: &Selection, from: u64, to: u64) -> Plan {
    let condition = |column, value: &Option<String>| value.as_deref().map(|value| (column, Value::from(value)));
    let (walked, checked) = divide(vec![
        condition("transaction_id", &filter.transaction),
        condition("code", &filter.code),
        condition("account", &filter.account),
        filter.is_refused.map(|is_refused| ("refused", Value::Number(i64::from(is_refused)))),
    ]);
    Plan {
        table: "index_receipts",
        key: "number",
        columns: "e.number, e.height, e.time_millis, e.account, e.request_id, e.transaction_id, e.code, e.call",
        driver: "index_receipts",
        walked,
        checked,
        order: selection.order,
        from,
        to,
        limit: selection.limit.clamp(1, LIMIT_MAX),
    }
}

/// An event from the columns [`EVENT_COLUMNS`].
pub(crate) fn read_event(row: &Row) -> Result<EventEntry, IndexError> {
    let number = row.count(0)?;
    Ok(EventEntry {
        receipt: number / EVENTS_PER_RECEIPT,
        position: number % EVENTS_PER_RECEIPT,
        height: row.count(1)?,
        time_millis: row.count(2)?,
        account: row.text(3)?.to_owned(),
        module: row.text(4)?.to_owned(),
        kind: row.text(5)?.to_owned(),
        body: Some(row.text(6)?.to_owned()).filter(|body| !body.is_empty()),
    })
}

fn read_receipt(row: &Row) -> Result<ReceiptEntry, IndexError> {
    Ok(ReceiptEntry {
        number: row.count(0)?,
        height: row.count(1)?,
        time_millis: row.count(2)?,
        account: row.text(3)?.to_owned(),
        request_id: row.text(4)?.to_owned(),
        transaction: row.text(5)?.to_owned(),
        code: Some(row.text(6)?.to_owned()).filter(|code| !code.is_empty()),
        call: u32::try_from(row.number(7)?).ok(),
    })
}

/// One past the last event of the receipts that an index holds.
pub(crate) fn end_of_events(position: Position) -> u64 {
    event_number(position.receipts, 0)
}
