//! Lists and search, from the node's index: by page, or to their end.

use super::paging::{address, rows, word};
use super::{Client, ClientError};
use crate::backend::Described;
use crate::lists::{
    EventFilter, EventPage, FilteredReceiptPage, FoundEvent, LIST_LIMIT_MAX, ListOrder, ListedEvent, PageRequest,
    ReceiptFilter, SearchPage,
};
use futures::Stream;

/// The whole list is asked for in the largest pages.
fn first(order: ListOrder) -> PageRequest {
    PageRequest { order, limit: LIST_LIMIT_MAX, cursor: None }
}

/// The page behind a cursor, for one that asked for `page`.
fn behind(page: &PageRequest, cursor: Option<String>) -> Option<PageRequest> {
    cursor.map(|cursor| PageRequest { cursor: Some(cursor), ..page.clone() })
}

/// A limit of 0 is the node's choice.
fn limit(page: &PageRequest) -> Option<String> {
    (page.limit > 0).then(|| page.limit.to_string())
}

fn events_address(filter: &EventFilter, page: &PageRequest) -> String {
    address(
        "/v1/events",
        [
            ("module", filter.module.clone()),
            ("kind", filter.kind.clone()),
            ("account", filter.account.map(|account| account.to_string())),
            ("subject", filter.subject.clone()),
            ("field", filter.field.clone()),
            ("since", filter.since.map(|since| since.to_string())),
            ("until", filter.until.map(|until| until.to_string())),
            ("order", Some(word(page.order))),
            ("limit", limit(page)),
            ("cursor", page.cursor.clone()),
        ],
    )
}

fn receipts_address(filter: &ReceiptFilter, page: &PageRequest) -> String {
    address(
        "/v1/receipts/find",
        [
            ("account", filter.account.map(|account| account.to_string())),
            ("transaction", filter.transaction.map(|transaction| transaction.to_string())),
            ("outcome", filter.outcome.map(word)),
            ("code", filter.code.clone()),
            ("since", filter.since.map(|since| since.to_string())),
            ("until", filter.until.map(|until| until.to_string())),
            ("order", Some(word(page.order))),
            ("limit", limit(page)),
            ("cursor", page.cursor.clone()),
        ],
    )
}

fn search_address(text: &str, page: &PageRequest) -> String {
    address("/v1/search", [("q", Some(text.to_owned())), ("limit", limit(page)), ("cursor", page.cursor.clone())])
}

impl Client {
    /// A page of events that a filter lets through. It says how far the node's index is behind its ledger. A limit of 0 leaves the length to
    /// the node; the list ends where `next` is absent, not where a page is short.
    pub async fn event_page(&self, filter: &EventFilter, page: &PageRequest) -> Result<EventPage, ClientError> {
        self.get(&events_address(filter, page)).await
    }

    /// All events that a filter lets through, one page after the other. Ends with the first error. For events as they become final, see
    /// [`Client::events`].
    pub fn list_events(
        &self,
        filter: EventFilter,
        order: ListOrder,
    ) -> impl Stream<Item = Result<ListedEvent, ClientError>> + Unpin + Send + use<> {
        let (client, page) = (self.clone(), first(order));
        rows(events_address(&filter, &page), move |path| {
            let (client, filter, page) = (client.clone(), filter.clone(), page.clone());
            async move {
                let EventPage { events, next, .. } = client.get(&path).await?;
                Ok((events, behind(&page, next).map(|page| events_address(&filter, &page))))
            }
        })
    }

    /// A page of receipts that a filter lets through; otherwise as [`Client::event_page`].
    pub async fn found_receipt_page(
        &self,
        filter: &ReceiptFilter,
        page: &PageRequest,
    ) -> Result<FilteredReceiptPage, ClientError> {
        self.get(&receipts_address(filter, page)).await
    }

    /// All receipts that a filter lets through, one page after the other. Ends with the first error.
    pub fn find_receipts(
        &self,
        filter: ReceiptFilter,
        order: ListOrder,
    ) -> impl Stream<Item = Result<Described, ClientError>> + Unpin + Send + use<> {
        let (client, page) = (self.clone(), first(order));
        rows(receipts_address(&filter, &page), move |path| {
            let (client, filter, page) = (client.clone(), filter.clone(), page.clone());
            async move {
                let FilteredReceiptPage { receipts, next, .. } = client.get(&path).await?;
                Ok((receipts, behind(&page, next).map(|page| receipts_address(&filter, &page))))
            }
        })
    }

    /// A page of what a text finds, by number, name or code; the page's order is not looked at, since the best come first.
    pub async fn search_page(&self, text: &str, page: &PageRequest) -> Result<SearchPage, ClientError> {
        self.get(&search_address(text, page)).await
    }

    /// All that a text finds, the best first, one page after the other. Ends with the first error. Whether it is really all,
    /// [`SearchPage::complete`] says.
    pub fn search(&self, text: &str) -> impl Stream<Item = Result<FoundEvent, ClientError>> + Unpin + Send + use<> {
        let (client, text, page) = (self.clone(), text.to_owned(), first(ListOrder::default()));
        rows(search_address(&text, &page), move |path| {
            let (client, text, page) = (client.clone(), text.clone(), page.clone());
            async move {
                let SearchPage { events, next, .. } = client.get(&path).await?;
                Ok((events, behind(&page, next).map(|page| search_address(&text, &page))))
            }
        })
    }
}
