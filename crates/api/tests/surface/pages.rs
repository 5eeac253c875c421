//! Pages of long receipts: bounded in bytes, and followed to their end without losing any.

use crate::node::{Served, account, limits};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use serde_json::json;
use std::sync::Arc;
use tongban_api::Rejection;
use tongban_api::lists::{
    EventFilter, FilteredReceiptPage, Listed, ListedEvent, ListedReceipt, Lists, PageRequest, ReceiptFilter, Searched,
    Standing,
};
use tongban_api::{Described, ReceiptPage};

/// Bytes that the receipts of a page may have, unless it is one receipt alone.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A list of all receipts up to a number. Its cursors are the number of the last one.
struct All(u64);

impl Lists for All {
    fn events(&self, _: EventFilter, _: PageRequest) -> BoxFuture<'_, Result<Listed<ListedEvent>, Rejection>> {
        unreachable!("receipts are listed here")
    }

    fn receipts(&self, _: ReceiptFilter, page: PageRequest) -> BoxFuture<'_, Result<Listed<ListedReceipt>, Rejection>> {
        let from = page.cursor.map_or(0, |cursor| cursor.parse::<u64>().expect("a cursor of ours") + 1);
        let numbers = (from..self.0).take(page.limit);
        let rows: Vec<_> = numbers.map(|number| ListedReceipt { number, cursor: number.to_string() }).collect();
        let next = rows.last().filter(|last| last.number + 1 < self.0).map(|last| last.cursor.clone());
        async move { Ok(Listed { rows, next, standing: Standing { index_height: 1, ledger_height: 1 } }) }.boxed()
    }

    fn search(&self, _: String, _: PageRequest) -> BoxFuture<'_, Result<Searched, Rejection>> {
        unreachable!("receipts are listed here")
    }

    fn lag_blocks(&self) -> u64 {
        0
    }
}

fn bytes(receipts: &[Described]) -> usize {
    receipts.iter().map(|receipt| serde_json::to_vec(receipt).expect("JSON").len()).sum()
}

fn numbers(receipts: &[Described]) -> Vec<u64> {
    receipts.iter().map(|described| described.receipt.number).collect()
}

#[tokio::test]
async fn a_page_ends_before_its_receipts_are_too_long_and_the_next_begins_with_the_rest() {
    let event = json!({ "evidence": { "registered": { "note": "n".repeat(60_000) } } });
    let events_of_each: [usize; 7] = [0, 8, 10, 26, 1, 0, 4]; // 26 are longer than a page by themselves
    let served = Served::begin_with(limits(), Some(Arc::new(All(events_of_each.len() as u64)))).await;
    for events in events_of_each {
        served.node.apply(account(1), &vec![event.clone(); events]);
    }
    let client = served.client();
    let all: Vec<u64> = (0..events_of_each.len() as u64).collect();
    let (mut found, mut lengths, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page: ReceiptPage = client.receipt_page(cursor.as_deref()).await.expect("a page");
        assert!(bytes(&page.receipts) <= PAGE_BYTES_MAX || page.receipts.len() == 1);
        lengths.push(page.receipts.len());
        found.extend(numbers(&page.receipts));
        if !page.has_more {
            break;
        }
        cursor = Some(page.next);
    }
    assert_eq!(found, all);
    assert_eq!(lengths, [3, 1, 3], "pages are filled");
    let streamed: Vec<u64> = client.receipts(0).map(|each| each.expect("a receipt").receipt.number).collect().await;
    assert_eq!(streamed, all);

    let (mut filtered, mut path) = (Vec::new(), "/v1/receipts/find?limit=100".to_owned());
    loop {
        let page: FilteredReceiptPage = client.get(&path).await.expect("a page");
        assert!(bytes(&page.receipts) <= PAGE_BYTES_MAX || page.receipts.len() == 1);
        filtered.push(numbers(&page.receipts));
        let Some(next) = page.next else { break };
        path = format!("/v1/receipts/find?limit=100&cursor={next}");
    }
    assert_eq!(filtered.concat(), all);
    assert_eq!(filtered.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "both fill their pages alike");
    let page: FilteredReceiptPage = client.get("/v1/receipts/find?limit=1").await.expect("a page");
    assert_eq!((numbers(&page.receipts), page.next.as_deref()), (vec![0], Some("0")), "a whole page has its own end");
    served.stop().await;
}
