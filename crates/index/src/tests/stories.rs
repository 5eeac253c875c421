//! Bringing an index forward, and its lists.

use super::{NETWORK, chain, dump, named, on_both, open, receipt, together};
use crate::database::Statement;
use crate::lists::{EXAMINED_MAX, LIMIT_MAX};
use crate::{
    Applied, DatabaseUrl, EventEntry, EventFilter, Index, IndexError, Order, Position, ReceiptFilter, Selection,
    Stretch, project,
};
use serde_json::{Value, json};
use tongban_types::Digest;

fn code_of<T: std::fmt::Debug>(result: Result<T, IndexError>) -> &'static str {
    result.expect_err("refused").code()
}

#[tokio::test]
async fn what_stands_in_the_index_is_not_applied_twice() {
    on_both(async |url| {
        let index = open(url).await;
        let events: Vec<Value> = (0..40).map(|number| named("西藏宏发", &format!("AB{number:05}"))).collect();
        let blocks = chain(&events, 4);
        for block in &blocks {
            assert_eq!(index.apply(block).await.expect("a block"), Applied::Forward);
            assert_eq!(index.apply(block).await.expect("again"), Applied::Known);
        }
        let once = dump(&index).await;
        assert_eq!(index.position().await.expect("a position"), Position { height: 10, receipts: 40 });
        assert_eq!(index.apply(&together(&blocks[2..7])).await.expect("old ones"), Applied::Known);
        assert_eq!(dump(&index).await, once);

        // Overlapping stretches of several blocks give the same, and so does going on with another connection.
        let index = Index::rebuild(url, &NETWORK).await.expect("emptied");
        assert_eq!(index.position().await.expect("a position"), Position::default());
        index.apply(&together(&blocks[..3])).await.expect("three blocks");
        index.close().await;
        let index = open(url).await;
        index.apply(&together(&blocks[1..8])).await.expect("five new ones");
        index.apply(&together(&blocks)).await.expect("all");
        assert_eq!(dump(&index).await, once);

        // Empty blocks move the height.
        let empty = Stretch { until: Position { height: 15, receipts: 40 }, rows: Vec::new() };
        assert_eq!(index.apply(&empty).await.expect("empty blocks"), Applied::Forward);
        assert_eq!(index.position().await.expect("a position"), Position { height: 15, receipts: 40 });
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn gaps_disorder_and_failures_leave_the_index_as_it_was() {
    on_both(async |url| {
        let index = open(url).await;
        let events: Vec<Value> = (0..9).map(|number| named("名称", &format!("C{number:05}"))).collect();
        let blocks = chain(&events, 3);
        index.apply(&blocks[0]).await.expect("the first");
        let before = dump(&index).await;
        assert_eq!(code_of(index.apply(&blocks[2]).await), "index.gap");
        let ahead = Stretch { until: Position { height: 3, receipts: 9 }, rows: Vec::new() };
        assert_eq!(code_of(index.apply(&ahead).await), "index.gap");
        let mut swapped = blocks[1].clone();
        swapped.rows.swap(0, 1);
        assert_eq!(code_of(index.apply(&swapped).await), "index.disorder");
        let mut late = blocks[1].clone();
        late.until.height = 1;
        assert_eq!(code_of(index.apply(&late).await), "index.disorder");
        let too_many = Stretch { until: Position { height: 2, receipts: 1 }, rows: blocks[1].rows.clone() };
        assert_eq!(code_of(index.apply(&too_many).await), "index.disorder");
        // The database refuses the last table of the block: nothing of the block stays.
        let mut broken = blocks[1].clone();
        let terms = &mut broken.rows[2].events[0].terms;
        let repeated = terms[0].clone();
        terms.push(repeated);
        assert_eq!(code_of(index.apply(&broken).await), "index.unavailable");
        assert_eq!(dump(&index).await, before);
        index.apply(&blocks[1]).await.expect("the second");
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_index_that_is_looked_at_stays_as_it_was() {
    on_both(async |url| {
        assert_eq!(Index::examine(url, &NETWORK).await.expect("it can be asked"), None, "there is none yet");
        assert_eq!(Index::examine(url, &NETWORK).await.expect("it can be asked"), None, "and none is made");
        let index = open(url).await;
        let events: Vec<Value> = (0..4).map(|number| named("名称", &format!("C{number:05}"))).collect();
        index.apply(&together(&chain(&events, 2))).await.expect("two blocks");
        let before = dump(&index).await;
        let found = Index::examine(url, &NETWORK).await.expect("in use");
        assert_eq!(found, Some(Position { height: 2, receipts: 4 }));
        assert_eq!(code_of(Index::examine(url, &Digest([8; 32])).await), "index.other_network");
        assert_eq!(dump(&index).await, before);
        let mut transaction = index.pool.begin().await.expect("a transaction");
        let raised = "UPDATE index_meta SET value = '999' WHERE name = 'schema_version'";
        transaction.execute(Statement::once(raised)).await.expect("a change");
        transaction.commit().await.expect("a change");
        assert_eq!(code_of(Index::examine(url, &NETWORK).await), "index.other_version");
        index.close().await;
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("index.sqlite");
    assert_eq!(Index::examine(&DatabaseUrl::file(&file), &NETWORK).await.expect("no index"), None);
    assert!(!file.exists());
    std::fs::write(&file, vec![7; 10_000]).expect("a file");
    assert_eq!(code_of(Index::examine(&DatabaseUrl::file(&file), &NETWORK).await), "index.unavailable");
}

#[tokio::test]
async fn another_network_or_version_is_refused_until_the_index_is_rebuilt() {
    on_both(async |url| {
        let index = open(url).await;
        index.apply(&chain(&[named("名称", "C00001")], 1)[0]).await.expect("a block");
        index.close().await;
        let other = Digest([8; 32]);
        assert_eq!(code_of(Index::open(url, &other).await.map(|_| ())), "index.other_network");
        let index = open(url).await;
        let older = Statement::once("UPDATE index_meta SET value = '0' WHERE name = 'schema_version'");
        let mut transaction = index.pool.begin().await.expect("a transaction");
        transaction.execute(older).await.expect("changed");
        transaction.commit().await.expect("written");
        index.close().await;
        assert_eq!(code_of(Index::open(url, &NETWORK).await.map(|_| ())), "index.other_version");
        assert_eq!(code_of(Index::open(url, &other).await.map(|_| ())), "index.other_version");
        let index = Index::rebuild(url, &other).await.expect("rebuilt for the other");
        assert_eq!(index.position().await.expect("a position"), Position::default());
        assert!(index.size_bytes().await.expect("a size") > 0);
        index.close().await;
        Index::open(url, &other).await.expect("now its own").close().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    std::fs::write(&path, "no database, but long enough to have a header that is wrong ".repeat(40)).expect("a file");
    assert_eq!(code_of(Index::open(&DatabaseUrl::file(&path), &NETWORK).await.map(|_| ())), "index.unavailable");
    let nowhere = DatabaseUrl::file(folder.path().join("none").join("index.sqlite"));
    assert_eq!(code_of(Index::open(&nowhere, &NETWORK).await.map(|_| ())), "index.unavailable");
}

/// 30 receipts in 10 blocks: every fifth refused, the others with one event of one of two modules, every sixth with two.
async fn mixed(index: &Index) {
    for height in 1..=10 {
        let mut rows = Vec::new();
        for number in (height - 1) * 3..height * 3 {
            let licence =
                json!({ "licences": { "issued": { "number": format!("JY-{number:04}"), "holder": "x1234" } } });
            let case = json!({ "cases": { "filed": { "id": format!("{number:032x}") } } });
            let refused = number % 5 == 0;
            let events = match number {
                _ if refused => vec![],
                number if number % 6 == 1 => vec![case, licence],
                number if number % 2 == 0 => vec![case],
                _ => vec![licence],
            };
            rows.push(project(&receipt(number, height, refused.then_some("cases.not_found")), &events));
        }
        let stretch = Stretch { until: Position { height, receipts: height * 3 }, rows };
        index.apply(&stretch).await.expect("a block");
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn page_of(limit: usize) -> Selection {
    Selection { limit, ..Selection::default() }
}

async fn all_events(index: &Index, filter: &EventFilter, order: Order, limit: usize) -> Vec<EventEntry> {
    let mut selection = Selection { order, limit, cursor: None };
    let mut all = Vec::new();
    loop {
        let page = index.events(filter, &selection).await.expect("a page");
        assert!(page.entries.len() <= limit);
        all.extend(page.entries);
        selection.cursor = page.next;
        if selection.cursor.is_none() {
            return all;
        }
    }
}

/// Whether an event belongs into a list.
type Belongs<'a> = &'a dyn Fn(&EventEntry) -> bool;

#[tokio::test]
async fn events_are_filtered_in_order_and_by_page() {
    on_both(async |url| {
        let index = open(url).await;
        mixed(&index).await;
        let everything = all_events(&index, &EventFilter::default(), Order::Oldest, 100).await;
        // 24 receipts took effect; of them 1, 7, 13, 19 have two events (25 is refused).
        assert_eq!(everything.len(), 28);
        let account = "01".repeat(tongban_types::AccountId::BYTES);
        let licences = EventFilter { module: some("licences"), ..EventFilter::default() };
        let cases: [(EventFilter, Belongs<'_>); 9] = [
            (EventFilter::default(), &|_| true),
            (licences.clone(), &|event| event.module == "licences"),
            (EventFilter { kind: some("filed"), ..EventFilter::default() }, &|event| event.kind == "filed"),
            (EventFilter { kind: some("filed"), ..licences.clone() }, &|_| false),
            (EventFilter { account: Some(account.clone()), ..licences.clone() }, &|event| {
                event.module == "licences" && event.receipt % 3 == 1
            }),
            (EventFilter { subject: some("Ｘ1234"), ..EventFilter::default() }, &|event| event.module == "licences"),
            (EventFilter { subject: some("x1234"), field: some("number"), ..EventFilter::default() }, &|_| false),
            (EventFilter { subject: some("x1234"), account: Some(account), ..EventFilter::default() }, &|event| {
                event.module == "licences" && event.receipt % 3 == 1
            }),
            (
                EventFilter { since_millis: Some(3_000), until_millis: Some(7_000), ..EventFilter::default() },
                &|event| (3..7).contains(&event.height),
            ),
        ];
        for (filter, belongs) in cases {
            let mut expected: Vec<EventEntry> = everything.iter().filter(|event| belongs(event)).cloned().collect();
            for limit in [1, 3, 100] {
                assert_eq!(all_events(&index, &filter, Order::Oldest, limit).await, expected, "{filter:?}");
            }
            expected.reverse();
            for limit in [2, 100] {
                assert_eq!(all_events(&index, &filter, Order::Newest, limit).await, expected, "{filter:?}");
            }
        }
        let body: Value = serde_json::from_str(everything[0].body.as_deref().expect("a body")).expect("JSON");
        assert_eq!(body, json!({ "cases": { "filed": { "id": format!("{:032x}", 1) } } }));
        let page = index.events(&EventFilter::default(), &page_of(1_000)).await.expect("a page");
        assert_eq!(page.position, Position { height: 10, receipts: 30 });
        assert!(page.entries.len() <= LIMIT_MAX);
        assert_eq!(index.events(&EventFilter::default(), &page_of(0)).await.expect("a page").entries.len(), 1);
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn receipts_are_filtered_in_order_and_by_page() {
    on_both(async |url| {
        let index = open(url).await;
        mixed(&index).await;
        let account = "02".repeat(tongban_types::AccountId::BYTES);
        let transaction = receipt(17, 6, None).transaction.to_string();
        let none = ReceiptFilter::default;
        let cases: [(ReceiptFilter, &dyn Fn(u64) -> bool); 7] = [
            (none(), &|_| true),
            (ReceiptFilter { is_refused: Some(true), ..none() }, &|number| number % 5 == 0),
            (ReceiptFilter { is_refused: Some(false), account: Some(account), ..none() }, &|number| {
                number % 5 != 0 && number % 3 == 2
            }),
            (ReceiptFilter { code: some("cases.not_found"), ..none() }, &|number| number % 5 == 0),
            (ReceiptFilter { code: some("cases.exists"), ..none() }, &|_| false),
            (ReceiptFilter { transaction: Some(transaction), ..none() }, &|number| number == 17),
            (ReceiptFilter { since_millis: Some(9_001), until_millis: Some(60_000), ..none() }, &|number| number >= 27),
        ];
        for (filter, belongs) in cases {
            let expected: Vec<u64> = (0..30).rev().filter(|number| belongs(*number)).collect();
            let mut selection = page_of(4);
            let mut found = Vec::new();
            loop {
                let page = index.receipts(&filter, &selection).await.expect("a page");
                found.extend(page.entries.iter().map(|entry| entry.number));
                selection.cursor = page.next;
                if selection.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{filter:?}");
            // Whoever keeps but one row of each page goes on behind it, and misses none.
            for order in [Order::Newest, Order::Oldest] {
                let mut selection = Selection { order, ..page_of(4) };
                let mut found = Vec::new();
                while let Some(first) = index.receipts(&filter, &selection).await.expect("a page").entries.first() {
                    found.push(first.number);
                    selection.cursor = Some(Index::cursor_behind(&filter, order, first.number));
                }
                if order == Order::Oldest {
                    found.reverse();
                }
                assert_eq!(found, expected, "{filter:?}");
            }
        }
        let refused =
            index.receipts(&ReceiptFilter { is_refused: Some(true), ..none() }, &page_of(1)).await.expect("one");
        assert_eq!((refused.entries[0].code.as_deref(), refused.entries[0].call), (Some("cases.not_found"), Some(0)));
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn pages_stay_right_while_rows_arrive() {
    on_both(async |url| {
        let index = open(url).await;
        let events: Vec<Value> = (0..60).map(|number| named("同名", &format!("D{number:05}"))).collect();
        let blocks = chain(&events, 5);
        index.apply(&together(&blocks[..6])).await.expect("half");
        let filter = EventFilter::default();
        let first = index.events(&filter, &page_of(20)).await.expect("a page");
        let searched = index.search("同名", 20, None).await.expect("a page");
        index.apply(&together(&blocks)).await.expect("the other half");
        let second = Selection { cursor: first.next.clone(), ..page_of(20) };
        let second = index.events(&filter, &second).await.expect("a page");
        let numbers: Vec<u64> = first.entries.iter().chain(&second.entries).map(|event| event.receipt).collect();
        assert_eq!(numbers, (0..30).rev().collect::<Vec<u64>>());
        assert_eq!((first.position.height, second.position.height, &second.next), (6, 12, &None));
        let rest = index.search("同名", 20, searched.next.as_deref()).await.expect("a page");
        let numbers: Vec<u64> = searched.entries.iter().chain(&rest.entries).map(|found| found.event.receipt).collect();
        assert_eq!(numbers, (0..30).rev().collect::<Vec<u64>>());
        assert_eq!((rest.matches, &rest.next), (30, &None));
        // A cursor of another list is refused.
        let other = EventFilter { module: some("registers"), ..EventFilter::default() };
        for cursor in [first.next.clone(), some(""), some("00"), searched.next.clone()] {
            let selection = Selection { cursor, ..page_of(20) };
            assert_eq!(code_of(index.events(&other, &selection).await), "index.cursor_invalid");
        }
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_lets_little_through_examines_a_bounded_number_of_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(&DatabaseUrl::file(folder.path().join("index.sqlite"))).await;
    let many = usize::try_from(EXAMINED_MAX).expect("small") + 500;
    let events: Vec<Value> = std::iter::once(json!({ "cases": { "filed": {} } }))
        .chain((0..many).map(|_| json!({ "cases": { "noted": {} } })))
        .collect();
    index.apply(&together(&chain(&events, 1_000))).await.expect("many");
    // All of one account's are walked; only the first of them is of the kind.
    let account = "00".repeat(tongban_types::AccountId::BYTES);
    let walks_accounts = EventFilter { account: Some(account), kind: some("filed"), ..EventFilter::default() };
    let page = index.events(&walks_accounts, &page_of(10)).await.expect("a page");
    assert_eq!((page.entries.len(), page.next.is_none()), (1, true), "a third of them is fewer than may be examined");
    let walks_modules = EventFilter { module: some("cases"), subject: None, kind: None, ..EventFilter::default() };
    assert_eq!(index.events(&walks_modules, &page_of(10)).await.expect("a page").entries.len(), 10);
    let walks_kinds = EventFilter { kind: some("noted"), module: some("licences"), ..EventFilter::default() };
    let mut selection = page_of(10);
    let page = index.events(&walks_kinds, &selection).await.expect("a page");
    assert!(page.entries.is_empty() && page.next.is_some(), "there may be more, and the page says so");
    selection.cursor = page.next;
    let page = index.events(&walks_kinds, &selection).await.expect("a page");
    assert!(page.entries.is_empty() && page.next.is_none(), "now everything was examined");
    index.close().await;
}
