//! The API's lists, read from the node's index.

use super::Follower;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tongban_api::lists::{
    Ending, EventFilter, FoundEvent, ListOrder, Listed, ListedEvent, ListedReceipt, Lists, PageRequest, ReceiptFilter,
    Searched, Standing,
};
use tongban_api::{Rejection, RejectionKind, codes};
use tongban_index::{EventEntry, Index, IndexError, Order, Position, Selection};
use tongban_types::Time;

impl Lists for Follower {
    fn events(&self, filter: EventFilter, page: PageRequest) -> BoxFuture<'_, Result<Listed<ListedEvent>, Rejection>> {
        async move {
            let index = self.open_index()?;
            let filter = tongban_index::EventFilter {
                module: filter.module,
                kind: filter.kind,
                account: filter.account.map(|account| account.to_string()),
                subject: filter.subject,
                field: filter.field,
                since_millis: filter.since.map(Time::as_millis),
                until_millis: filter.until.map(Time::as_millis),
            };
            let found = index.events(&filter, &selection(page)).await.map_err(rejection)?;
            let rows = found.entries.into_iter().map(listed).collect::<Result<_, _>>()?;
            Ok(Listed { rows, next: found.next, standing: self.standing(found.position) })
        }
        .boxed()
    }

    fn receipts(
        &self,
        filter: ReceiptFilter,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Listed<ListedReceipt>, Rejection>> {
        async move {
            let index = self.open_index()?;
            let filter = tongban_index::ReceiptFilter {
                account: filter.account.map(|account| account.to_string()),
                transaction: filter.transaction.map(|transaction| transaction.to_string()),
                is_refused: filter.outcome.map(|outcome| outcome == Ending::Refused),
                code: filter.code,
                since_millis: filter.since.map(Time::as_millis),
                until_millis: filter.until.map(Time::as_millis),
            };
            let selection = selection(page);
            let found = index.receipts(&filter, &selection).await.map_err(rejection)?;
            let cursor = |number| Index::cursor_behind(&filter, selection.order, number);
            let numbers = found.entries.iter().map(|entry| entry.number);
            let rows = numbers.map(|number| ListedReceipt { number, cursor: cursor(number) }).collect();
            Ok(Listed { rows, next: found.next, standing: self.standing(found.position) })
        }
        .boxed()
    }

    fn search(&self, text: String, page: PageRequest) -> BoxFuture<'_, Result<Searched, Rejection>> {
        async move {
            let index = self.open_index()?;
            let found = index.search(&text, page.limit, page.cursor.as_deref()).await.map_err(rejection)?;
            let event = |found: tongban_index::Found| {
                Ok(FoundEvent { found: listed(found.event)?, exact: found.is_exact, matched: found.matched })
            };
            let rows = found.entries.into_iter().map(event).collect::<Result<_, Rejection>>()?;
            Ok(Searched {
                found: Listed { rows, next: found.next, standing: self.standing(found.position) },
                matches: found.matches,
                is_complete: found.is_complete,
                parts: found.groups,
            })
        }
        .boxed()
    }

    fn lag_blocks(&self) -> u64 {
        Follower::lag_blocks(self)
    }
}

impl Follower {
    fn open_index(&self) -> Result<Index, Rejection> {
        self.index().map_err(|code| codes::find(code).unwrap_or(&codes::INDEX_UNAVAILABLE).rejection())
    }

    fn standing(&self, position: Position) -> Standing {
        Standing { index_height: position.height, ledger_height: self.ledger.status().head.height }
    }
}

fn selection(page: PageRequest) -> Selection {
    let order = match page.order {
        ListOrder::Newest => Order::Newest,
        ListOrder::Oldest => Order::Oldest,
    };
    Selection { order, limit: page.limit, cursor: page.cursor }
}

/// An event as the API lists it. What is no event of ours does not belong into the database.
fn listed(entry: EventEntry) -> Result<ListedEvent, Rejection> {
    let corrupt = || codes::INDEX_CORRUPT.rejection();
    let event = entry.body.as_deref().map(serde_json::from_str).transpose().map_err(|_| corrupt())?;
    Ok(ListedEvent {
        receipt: entry.receipt,
        position: entry.position,
        height: entry.height,
        time: Time::from_millis(entry.time_millis).map_err(|_| corrupt())?,
        account: entry.account.parse().map_err(|_| corrupt())?,
        module: entry.module,
        kind: entry.kind,
        event,
    })
}

/// What a caller is told. Details of the database are for the log.
fn rejection(error: IndexError) -> Rejection {
    let known = codes::find(error.code()).unwrap_or(&codes::INDEX_UNAVAILABLE);
    if known.kind == RejectionKind::Unavailable {
        tracing::warn!(code = error.code(), %error, "a question to the index failed");
    }
    known.rejection()
}
