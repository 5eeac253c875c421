//! Search: by number, by code, by parts of names.
//!
//! What is looked for are [`groups`] of terms. An event is found when it has enough of them: both of two, otherwise two thirds. What
//! names the event exactly (an identifier in it, its receipt's number, its transaction, its account) comes first; then the more groups
//! the better; then the newest.
//!
//! The work is bounded: lists of postings longer than [`POSTINGS_MAX`] are not read. The groups they belong to are common
//! (`公司`), so they are only checked for what the rarer groups have found, and they alone find nothing, unless nothing rarer
//! was asked for: then the newest are ranked and the page says that it is not complete.

use crate::cursor::{Cursor, list_of};
use crate::database::Statement;
use crate::error::IndexError;
use crate::index::{Index, Position, event_number};
use crate::lists::{EVENT_COLUMNS, EventEntry, LIMIT_MAX, end_of_events, read_event};
use crate::projection::{Group, fold_identifier, groups};
use crate::schema::EVENTS_PER_RECEIPT;

/// Postings of one group that a search reads.
pub const POSTINGS_MAX: u64 = 10_000;
/// Characters of a search.
pub const QUERY_CHARS_MAX: usize = 100;
/// Groups of a search; those behind are not looked for.
pub const GROUPS_MAX: usize = 24;

/// What a search has found, by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPage {
    /// The events, best first.
    pub entries: Vec<Found>,
    /// How many there are on all pages.
    pub matches: u64,
    /// Whether these are all: false where so much matches that only the newest were looked at.
    pub is_complete: bool,
    /// How many groups were looked for.
    pub groups: u64,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
    /// The page is true at this position; later pages are ranked among what stood there on the first.
    pub position: Position,
}

/// An event that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The event.
    pub event: EventEntry,
    /// Whether the search named it exactly.
    pub is_exact: bool,
    /// How many groups it has; at least this many where it is exact.
    pub matched: u64,
}

/// A search, ready to be asked.
pub(crate) struct Search {
    pub(crate) groups: Vec<Group>,
    exact: String,
    /// Only events before this one.
    bound: u64,
}

/// How a search is answered, once it is known how common its groups are.
pub(crate) struct Ranking {
    /// Groups whose postings are read.
    read: Vec<Group>,
    /// Whether all of them are, or only the newest.
    is_complete: bool,
    /// Groups that are checked for each event that was found.
    checked: Vec<Group>,
    /// How many groups an event must have.
    required: u64,
}

impl Index {
    /// Looks for a text.
    pub async fn search(&self, text: &str, limit: usize, cursor: Option<&str>) -> Result<SearchPage, IndexError> {
        if text.chars().count() > QUERY_CHARS_MAX {
            return Err(IndexError::QueryTooLong { max: QUERY_CHARS_MAX });
        }
        let position = self.position().await?;
        let list = list_of(&["search", text]);
        let cursor = cursor.map(|cursor| Cursor::parse(cursor, list)).transpose()?;
        let end = end_of_events(position);
        let search = Search::new(text, cursor.map_or(end, |cursor| cursor.bound.min(end)))?;
        let limit = limit.clamp(1, LIMIT_MAX);
        let ranking = self.ranking(&search).await?;
        let behind = cursor.map(|cursor| (cursor.rank, cursor.last));
        let mut rows = self.pool.fetch(search.ranked(&ranking, behind, limit)).await?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let mut page = SearchPage {
            entries: Vec::new(),
            matches: 0,
            is_complete: ranking.is_complete,
            groups: search.groups.len() as u64,
            next: None,
            position,
        };
        for row in &rows {
            let (rank, event) = (row.count(7)?, read_event(row)?);
            page.matches = row.count(8)?;
            if has_more {
                let last = event_number(event.receipt, event.position);
                page.next = Some(Cursor { list, last, rank, bound: search.bound }.to_text());
            }
            page.entries.push(Found { event, is_exact: rank > page.groups, matched: rank.min(page.groups) });
        }
        Ok(page)
    }

    async fn ranking(&self, search: &Search) -> Result<Ranking, IndexError> {
        let rows = self.pool.fetch(search.counts()).await?;
        let mut counts = vec![0; search.groups.len()];
        let mut is_complete = true;
        for row in rows {
            let (place, count) = (usize::try_from(row.count(0)?).unwrap_or(usize::MAX), row.count(1)?);
            match counts.get_mut(place) {
                Some(sum) => *sum += count,
                None => is_complete &= count <= POSTINGS_MAX, // what names the event exactly
            }
        }
        Ok(Ranking::new(&search.groups, &counts, is_complete))
    }
}

impl Ranking {
    /// How to answer a search whose groups have so many postings, and whose exact matches are all read or not.
    pub(crate) fn new(groups: &[Group], counts: &[u64], is_complete: bool) -> Self {
        let (mut read, mut checked) = (Vec::new(), Vec::new());
        for (group, count) in groups.iter().zip(counts) {
            if *count <= POSTINGS_MAX { &mut read } else { &mut checked }.push(group.clone());
        }
        let required = required(groups.len() as u64);
        if read.is_empty() {
            read = checked.drain(..1).collect();
            return Self { read, is_complete: false, checked, required };
        }
        let required = required.max(checked.len() as u64 + 1);
        Self { read, is_complete, checked, required }
    }
}

/// How many of so many groups an event must have.
fn required(groups: u64) -> u64 {
    if groups <= 2 { groups } else { (groups * 2).div_ceil(3) }
}

impl Search {
    pub(crate) fn new(text: &str, bound: u64) -> Result<Self, IndexError> {
        let mut groups = groups(text);
        groups.truncate(GROUPS_MAX);
        if groups.is_empty() {
            return Err(IndexError::QueryEmpty);
        }
        Ok(Self { groups, exact: fold_identifier(text), bound })
    }

    /// How many postings each group has, and what is named exactly, up to one more than is read.
    pub(crate) fn counts(&self) -> Statement {
        let mut statement = Statement::once("");
        for (place, group) in self.groups.iter().enumerate() {
            for term in &group.0 {
                statement.push(&format!(
                    "SELECT CAST({place} AS BIGINT), COUNT(*) FROM (SELECT 1 FROM index_terms WHERE term = "
                ));
                statement.bind(term.as_str()).push(" AND event < ").bind(self.bound).push(" LIMIT ");
                statement.bind(POSTINGS_MAX + 1).push(") x UNION ALL ");
            }
        }
        for (table, column) in [("index_subjects", "value"), ("index_events", "account")] {
            let place = self.groups.len();
            statement.push(&format!(
                "SELECT CAST({place} AS BIGINT), COUNT(*) FROM (SELECT 1 FROM {table} WHERE {column} = "
            ));
            statement.bind(self.exact.as_str()).push(" AND event < ").bind(self.bound).push(" LIMIT ");
            statement.bind(POSTINGS_MAX + 1);
            statement.push(if column == "value" { ") x UNION ALL " } else { ") x" });
        }
        statement
    }

    /// A page of what was found, behind a rank and an event, and one row more.
    pub(crate) fn ranked(&self, ranking: &Ranking, behind: Option<(u64, u64)>, limit: usize) -> Statement {
        let mut statement = Statement::once(&format!(
            "SELECT {EVENT_COLUMNS}, x.score, x.total FROM (SELECT event, score, COUNT(*) OVER () AS total FROM (\
             SELECT event, MAX(score) AS score FROM ("
        ));
        self.scored(&mut statement, ranking);
        self.exact(&mut statement);
        statement.push(") s GROUP BY event) ranked) x JOIN index_events e ON e.event = x.event");
        if let Some((rank, last)) = behind {
            statement.push(" WHERE x.score < ").bind(rank).push(" OR (x.score = ").bind(rank);
            statement.push(" AND x.event < ").bind(last).push(")");
        }
        statement.push(" ORDER BY x.score DESC, x.event DESC LIMIT ").bind(limit as u64 + 1);
        statement
    }

    /// Events with enough groups, and how many they have.
    fn scored(&self, statement: &mut Statement, ranking: &Ranking) {
        statement.push("SELECT event, score FROM (SELECT c.event, c.hits");
        for group in &ranking.checked {
            statement.push(" + CASE WHEN EXISTS (SELECT 1 FROM index_terms t WHERE t.event = c.event AND ");
            condition(statement, "t.term", group);
            statement.push(") THEN 1 ELSE 0 END");
        }
        statement.push(" AS score FROM (SELECT event, COUNT(*) AS hits FROM (");
        for (place, group) in ranking.read.iter().enumerate() {
            statement.push(if place == 0 { "" } else { " UNION ALL " });
            statement.push("SELECT event FROM (SELECT DISTINCT event FROM index_terms WHERE ");
            condition(statement, "term", group);
            statement.push(" AND event < ").bind(self.bound).push(" ORDER BY event DESC LIMIT ");
            statement.bind(POSTINGS_MAX).push(&format!(") l{place}"));
        }
        statement.push(") p GROUP BY event) c) d WHERE score >= ").bind(ranking.required);
    }

    /// Events that are named exactly, above all others.
    fn exact(&self, statement: &mut Statement) {
        let score = self.groups.len() + 1;
        let list = |statement: &mut Statement, table: &str, column: &str| {
            statement.push(&format!(" UNION ALL SELECT event, CAST({score} AS BIGINT) FROM (SELECT DISTINCT event FROM {table} WHERE {column} = "));
            statement.bind(self.exact.as_str()).push(" AND event < ").bind(self.bound);
            statement.push(" ORDER BY event DESC LIMIT ").bind(POSTINGS_MAX).push(&format!(") of_{column}"));
        };
        list(statement, "index_subjects", "value");
        list(statement, "index_events", "account");
        let last = EVENTS_PER_RECEIPT - 1;
        statement.push(&format!(
            " UNION ALL SELECT v.event, CAST({score} AS BIGINT) FROM index_receipts known JOIN index_events v \
             ON v.event BETWEEN known.number * {EVENTS_PER_RECEIPT} AND known.number * {EVENTS_PER_RECEIPT} + {last} \
             WHERE known.transaction_id = "
        ));
        statement.bind(self.exact.as_str()).push(" AND v.event < ").bind(self.bound);
        if let Some(number) = self.exact.parse::<u64>().ok().filter(|number| event_number(*number, 0) < self.bound) {
            statement.push(&format!(
                " UNION ALL SELECT event, CAST({score} AS BIGINT) FROM index_events WHERE event BETWEEN "
            ));
            statement.bind(event_number(number, 0)).push(" AND ").bind(event_number(number, last));
            statement.push(" AND event < ").bind(self.bound);
        }
    }
}

fn condition(statement: &mut Statement, column: &str, group: &Group) {
    for (place, term) in group.0.iter().enumerate() {
        statement.push(if place == 0 { column } else { ", " });
        statement.push(if place == 0 { " IN (" } else { "" }).bind(term.as_str());
    }
    statement.push(")");
}
