//! Lists and search as a program of ours asks for them: typed, filtered, by page and to their end.

use crate::node::{Served, account, limits};
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tongban_api::lists::{
    Ending, EventFilter, FoundEvent, LIST_LIMIT_MAX, ListOrder, Listed, ListedEvent, ListedReceipt, Lists, PageRequest,
    ReceiptFilter, Searched, Standing,
};
use tongban_api::{ClientError, Rejection, codes};
use tongban_types::{Digest, Time};

/// Rows in each list.
const ROWS: u64 = 250;
/// What finds nothing but an index that is away.
const AWAY: &str = "away";

/// Lists of numbered rows. Their cursors are the number to go on with, and every second page is short.
#[derive(Default)]
struct Numbered {
    asked_events: Mutex<Vec<(EventFilter, PageRequest)>>,
    asked_receipts: Mutex<Vec<(ReceiptFilter, PageRequest)>>,
    asked_texts: Mutex<Vec<(String, PageRequest)>>,
}

/// The numbers on a page and the cursor behind them.
fn numbers(page: &PageRequest) -> (Vec<u64>, Option<String>) {
    let from: u64 = page.cursor.as_deref().map_or(0, |cursor| cursor.parse().expect("a cursor of ours"));
    let length = if from.is_multiple_of(2 * page.limit as u64) { page.limit as u64 } else { 0 };
    let end = (from + length).min(ROWS);
    let to = (from + page.limit as u64).min(ROWS);
    let numbers = (from..end).collect();
    (numbers, (to < ROWS).then(|| to.to_string()))
}

fn event(number: u64) -> ListedEvent {
    ListedEvent {
        receipt: number,
        position: 0,
        height: number + 1,
        time: Time::default(),
        account: account(1),
        module: "evidence".to_owned(),
        kind: "registered".to_owned(),
        event: Some(json!({ "evidence": { "registered": {} } })),
    }
}

fn listed<T>(page: &PageRequest, row: impl Fn(u64) -> T) -> Listed<T> {
    let (numbers, next) = numbers(page);
    let standing = Standing { index_height: 8, ledger_height: 11 };
    Listed { rows: numbers.into_iter().map(row).collect(), next, standing }
}

impl Lists for Numbered {
    fn events(&self, filter: EventFilter, page: PageRequest) -> BoxFuture<'_, Result<Listed<ListedEvent>, Rejection>> {
        let listed = listed(&page, event);
        self.asked_events.lock().expect("not poisoned").push((filter, page));
        async move { Ok(listed) }.boxed()
    }

    fn receipts(
        &self,
        filter: ReceiptFilter,
        page: PageRequest,
    ) -> BoxFuture<'_, Result<Listed<ListedReceipt>, Rejection>> {
        let listed = listed(&page, |number| ListedReceipt { number, cursor: (number + 1).to_string() });
        self.asked_receipts.lock().expect("not poisoned").push((filter, page));
        async move { Ok(listed) }.boxed()
    }

    fn search(&self, text: String, page: PageRequest) -> BoxFuture<'_, Result<Searched, Rejection>> {
        let is_away = text == AWAY && page.cursor.is_some();
        let found = listed(&page, |number| FoundEvent { found: event(number), exact: number == 0, matched: 2 });
        self.asked_texts.lock().expect("not poisoned").push((text, page));
        let searched = Searched { found, matches: ROWS, is_complete: true, parts: 2 };
        let answer = if is_away { Err(codes::INDEX_UNAVAILABLE.rejection()) } else { Ok(searched) };
        async move { answer }.boxed()
    }

    fn lag_blocks(&self) -> u64 {
        3
    }
}

async fn served() -> (Served, Arc<Numbered>) {
    let lists = Arc::new(Numbered::default());
    let served = Served::begin_with(limits(), Some(lists.clone())).await;
    (served, lists)
}

/// The rows of pages of the largest size, where every second one is empty.
fn expected() -> Vec<u64> {
    let limit = LIST_LIMIT_MAX as u64;
    (0..ROWS).filter(|number| (number / limit).is_multiple_of(2)).collect()
}

async fn all<T>(rows: impl Stream<Item = Result<T, ClientError>>, number: impl Fn(&T) -> u64) -> Vec<u64> {
    let rows: Vec<T> = rows.try_collect().await.expect("no error");
    rows.iter().map(number).collect()
}

#[tokio::test]
async fn filters_orders_and_cursors_arrive_as_they_were_meant() {
    let (served, lists) = served().await;
    let client = served.client();
    let (since, until) = (Time::from_millis(1_000).expect("a time"), Time::from_millis(2_000).expect("a time"));
    let filter = EventFilter {
        module: Some("evidence".to_owned()),
        kind: Some("registered".to_owned()),
        account: Some(account(7)),
        subject: Some("不动产 & 登记=?".to_owned()),
        field: Some("id".to_owned()),
        since: Some(since),
        until: Some(until),
    };
    let page = PageRequest { order: ListOrder::Oldest, limit: 7, cursor: Some("14".to_owned()) };
    let answer = client.event_page(&filter, &page).await.expect("a page");
    let found: Vec<u64> = answer.events.iter().map(|event| event.receipt).collect();
    assert_eq!((found, answer.next.as_deref()), ((14..21).collect(), Some("21")));
    assert_eq!((answer.index_height, answer.ledger_height, answer.lag_blocks), (8, 11, 3));
    let (asked, asked_page) = lists.asked_events.lock().expect("not poisoned").remove(0);
    assert_eq!(asked, filter);
    assert_eq!((asked_page.order, asked_page.limit, asked_page.cursor.as_deref()), (page.order, 7, Some("14")));

    let filter = ReceiptFilter {
        account: Some(account(7)),
        transaction: Some(Digest([9; 32])),
        outcome: Some(Ending::Refused),
        code: Some("evidence.exists".to_owned()),
        since: Some(since),
        until: Some(until),
    };
    served.node.refuse(account(7), "evidence.exists");
    let answer = client.found_receipt_page(&filter, &PageRequest { limit: 1, ..PageRequest::default() }).await;
    assert_eq!(answer.expect("a page").receipts.len(), 1);
    let (asked, asked_page) = lists.asked_receipts.lock().expect("not poisoned").remove(0);
    assert_eq!((asked, asked_page.order, asked_page.limit), (filter, ListOrder::Newest, 1));

    // Without a limit of its own it is the node's, and a search has no order.
    let answer =
        client.search_page("不动产", &PageRequest { order: ListOrder::Oldest, ..PageRequest::default() }).await;
    let answer = answer.expect("a page");
    assert_eq!((answer.matches, answer.complete, answer.parts, answer.events[0].exact), (ROWS, true, 2, true));
    let (text, asked_page) = lists.asked_texts.lock().expect("not poisoned").remove(0);
    assert_eq!((text.as_str(), asked_page.limit, asked_page.cursor), ("不动产", 20, None));
    served.stop().await;
}

#[tokio::test]
async fn a_list_is_followed_past_empty_pages_to_its_end_with_its_filter() {
    let (served, lists) = served().await;
    for _ in 0..ROWS {
        served.node.apply(account(1), &[]);
    }
    let client = served.client();
    let filter = EventFilter { kind: Some("registered".to_owned()), ..EventFilter::default() };
    let events = client.list_events(filter.clone(), ListOrder::Oldest);
    assert_eq!(all(events, |event| event.receipt).await, expected());
    let asked = std::mem::take(&mut *lists.asked_events.lock().expect("not poisoned"));
    let is_same = |(asked, page): &(EventFilter, PageRequest)| *asked == filter && page.order == ListOrder::Oldest;
    assert!(asked.len() == 3 && asked.iter().all(is_same), "{asked:?}");

    let filter = ReceiptFilter { outcome: Some(Ending::Applied), ..ReceiptFilter::default() };
    let receipts = client.find_receipts(filter.clone(), ListOrder::Newest);
    assert_eq!(all(receipts, |described| described.receipt.number).await, expected());
    let asked = std::mem::take(&mut *lists.asked_receipts.lock().expect("not poisoned"));
    assert!(asked.len() == 3 && asked.iter().all(|(asked, _)| *asked == filter), "{asked:?}");

    let found = client.search("登记");
    assert_eq!(all(found, |found| found.found.receipt).await, expected());
    served.stop().await;
}

#[tokio::test]
async fn a_list_ends_with_the_first_error_and_nothing_is_asked_before_it_is_wanted() {
    let (served, lists) = served().await;
    let client = served.client();
    let mut found = client.search(AWAY);
    for _ in 0..LIST_LIMIT_MAX {
        found.next().await.expect("a row").expect("no error");
    }
    assert_eq!(lists.asked_texts.lock().expect("not poisoned").len(), 1, "the second page was not asked for");
    let error = found.next().await.expect("an end that is told").expect_err("the index is away");
    let ClientError::Refused(problem) = error else { panic!("not a refusal: {error}") };
    assert_eq!(&*problem.code, "index.unavailable");
    assert!(found.next().await.is_none());
    let none = Served::begin(limits()).await;
    let off = none.client().event_page(&EventFilter::default(), &PageRequest::default()).await;
    assert!(matches!(off, Err(ClientError::Refused(problem)) if &*problem.code == "index.off"), "no index is no list");
    none.stop().await;
    served.stop().await;
}
