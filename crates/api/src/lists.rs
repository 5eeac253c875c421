//! Lists and search: what a node with an index can be asked beyond its ledger.
//!
//! Lists come from a read model that follows the ledger. So each answer says at which block it is true and how far that is
//! behind, and where there is no index the answer is a problem, never an empty list.

use crate::backend::{Described, Rejection};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::{AccountId, Digest, Time};

/// Rows on one page.
pub const LIST_LIMIT_MAX: usize = 100;
/// Characters of a text in a filter.
pub const FILTER_CHARS_MAX: usize = 160;
/// Characters of a search.
pub const SEARCH_CHARS_MAX: usize = 100;

/// Where lists come from.
pub trait Lists: Send + Sync + 'static {
    /// Events that a filter lets through.
    fn events(&self, filter: EventFilter, page: PageRequest) -> BoxFuture<'_, Result<Listed<ListedEvent>, Rejection>>;

    /// The numbers of receipts that a filter lets through.
    fn receipts(
        &self,
        filter: ReceiptFilter,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Listed<ListedReceipt>, Rejection>>;

    /// Events that a text finds, best first; the page's order is not looked at.
    fn search(&self, text: String, page: PageRequest) -> BoxFuture<'_, Result<Searched, Rejection>>;

    /// How far the index is behind the ledger, in blocks. For the node's metrics.
    fn lag_blocks(&self) -> u64;
}

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListOrder {
    /// The latest first.
    #[default]
    Newest,
    /// From the beginning.
    Oldest,
}

/// Which page of a list.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Which end comes first.
    pub order: ListOrder,
    /// Rows on the page, 1 to [`LIST_LIMIT_MAX`].
    pub limit: usize,
    /// `next` of the page before it.
    pub cursor: Option<String>,
}

/// Which events. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this module.
    pub module: Option<String>,
    /// Of this kind, such as `registered`.
    pub kind: Option<String>,
    /// Of transactions of this account.
    pub account: Option<AccountId>,
    /// With this identifier in one of their fields.
    pub subject: Option<String>,
    /// With the identifier in this field.
    pub field: Option<String>,
    /// From this time on.
    pub since: Option<Time>,
    /// Before this time.
    pub until: Option<Time>,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It took effect.
    Applied,
    /// It was refused.
    Refused,
}

/// Which receipts. All conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this transaction.
    pub transaction: Option<Digest>,
    /// That ended so.
    pub outcome: Option<Ending>,
    /// Refused with this code.
    pub code: Option<String>,
    /// From this time on.
    pub since: Option<Time>,
    /// Before this time.
    pub until: Option<Time>,
}

/// How far the index had come when a page was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The last block in the index.
    pub index_height: u64,
    /// The last final block.
    pub ledger_height: u64,
}

impl Standing {
    /// How far the index is behind, in blocks.
    pub fn lag_blocks(&self) -> u64 {
        self.ledger_height.saturating_sub(self.index_height)
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The cursor of the next page, where there may be one.
    pub next: Option<String>,
    /// How far the index had come.
    pub standing: Standing,
}

/// A page of what a search has found.
#[derive(Clone, Debug)]
pub struct Searched {
    /// The events, with what they were found by.
    pub found: Listed<FoundEvent>,
    /// How many there are on all pages.
    pub matches: u64,
    /// Whether these are all.
    pub is_complete: bool,
    /// How many parts were looked for.
    pub parts: u64,
}

/// A receipt in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedReceipt {
    /// Its number.
    pub number: u64,
    /// The cursor that goes on behind it, for a page that has no room for all rows.
    pub cursor: String,
}

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedEvent {
    /// The number of its receipt, with which it can be proven.
    pub receipt: u64,
    /// Its place in the receipt, from 0.
    pub position: u64,
    /// The block's height.
    pub height: u64,
    /// The block's time.
    pub time: Time,
    /// Who acted.
    pub account: AccountId,
    /// The module.
    pub module: String,
    /// What happened.
    pub kind: String,
    /// The event; null where it is too long for a list, the receipt has it.
    pub event: Option<serde_json::Value>,
}

/// An event that a search has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundEvent {
    /// The event.
    pub found: ListedEvent,
    /// Whether the search named it exactly, by number, code, account or transaction.
    pub exact: bool,
    /// How many of the search's parts it has.
    pub matched: u64,
}

/// A page of events.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EventPage {
    /// The events. Fewer than asked for, even none, does not mean the end.
    pub events: Vec<ListedEvent>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The page is true after this block.
    pub index_height: u64,
    /// The last final block of this node.
    pub ledger_height: u64,
    /// How many blocks the index is behind.
    pub lag_blocks: u64,
}

/// A page of receipts that a filter let through.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FilteredReceiptPage {
    /// The receipts, as they stand on the ledger. Fewer than asked for, even none, does not mean the end.
    pub receipts: Vec<Described>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The page is true after this block.
    pub index_height: u64,
    /// The last final block of this node.
    pub ledger_height: u64,
    /// How many blocks the index is behind.
    pub lag_blocks: u64,
}

/// A page of what a search has found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SearchPage {
    /// The events: those that are named exactly, then those with the most parts, then the newest.
    pub events: Vec<FoundEvent>,
    /// How many there are on all pages.
    pub matches: u64,
    /// Whether these are all. False where the text is so common that only the newest were looked at: ask for more of the name.
    pub complete: bool,
    /// How many parts were looked for: pairs of Chinese characters, words, codes.
    pub parts: u64,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The page is true after this block.
    pub index_height: u64,
    /// The last final block of this node.
    pub ledger_height: u64,
    /// How many blocks the index is behind.
    pub lag_blocks: u64,
}
