//! Ranking, numbers, codes, common words, odd input.

use super::{chain, named, on_both, open, receipt, together};
use crate::search::{GROUPS_MAX, POSTINGS_MAX, QUERY_CHARS_MAX};
use crate::{DatabaseUrl, Index, Position, SearchPage, Stretch, project};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;

async fn found(index: &Index, text: &str) -> Vec<u64> {
    let page = index.search(text, 100, None).await.expect("a page");
    page.entries.iter().map(|found| found.event.receipt).collect()
}

async fn all_pages(index: &Index, text: &str, limit: usize) -> Vec<SearchPage> {
    let mut pages: Vec<SearchPage> = Vec::new();
    loop {
        let cursor = pages.last().and_then(|page| page.next.clone());
        pages.push(index.search(text, limit, cursor.as_deref()).await.expect("a page"));
        if pages.last().is_some_and(|page| page.next.is_none()) {
            return pages;
        }
    }
}

#[tokio::test]
async fn the_best_comes_first_and_among_equals_the_newest() {
    on_both(async |url| {
        let index = open(url).await;
        let digest = format!("a3f09b17{}", "0c".repeat(28));
        let events = [
            named("西藏宏发建筑有限公司", "91540091MA6T10AB2C"), // 0
            named("西藏宏发建材商行", "91540091MA6T10AB3X"),     // 1
            named("四川宏发建筑公司", "JY-2026-0017"),           // 2
            named("拉萨市公安局", &digest),                      // 3
            named("第17号令", "JY-2026-00171"),                  // 4
            named("西藏（拉萨）宏发建筑", "４"),                 // 5
        ];
        index.apply(&together(&chain(&events, 2))).await.expect("blocks");
        let stories: [(&str, &[u64]); 17] = [
            ("宏发建筑", &[5, 2, 0, 1]),  // 1 has two of three pairs
            ("西藏宏发建筑", &[0, 5, 1]), // 2 has three of five pairs
            ("藏", &[5, 1, 0]),
            ("公安局", &[3]),
            ("拉萨宏发", &[5]),
            ("四川 建筑", &[2]),
            ("91540091ma6t10ab2c", &[0]),
            ("91540091MA6T", &[1, 0]),
            ("９１５４００９１", &[1, 0]),
            ("JY-2026-0017", &[2, 4]), // itself, then what goes on behind it
            ("jy20260017", &[4, 2]),   // without hyphens it is a beginning of both
            ("a3f09b", &[3]),
            (&digest[..33], &[3]),
            (&digest, &[3]),
            ("4", &[5, 4]), // a receipt's number, and a whole number in a field
            ("北京", &[]),
            ("西藏北京", &[]),
        ];
        for (text, expected) in stories {
            let mut hits = found(&index, text).await;
            if text == "4" {
                hits.sort_unstable_by(|left, right| right.cmp(left));
            }
            assert_eq!(hits, expected, "{text}");
        }
        let page = index.search("JY-2026-0017", 10, None).await.expect("a page");
        assert_eq!(page.entries.iter().map(|found| found.is_exact).collect::<Vec<_>>(), [true, false]);
        assert_eq!((page.matches, page.is_complete, page.position.receipts), (2, true, 6));
        // By transaction and by account.
        let transaction = receipt(3, 2, None).transaction.to_string();
        assert_eq!(found(&index, &transaction.to_uppercase()).await, [3]);
        assert_eq!(found(&index, &"01".repeat(tongban_types::AccountId::BYTES)).await, [4, 1]);
        // Page by page it is the same list.
        let whole = found(&index, "宏发建筑").await;
        let pages = all_pages(&index, "宏发建筑", 1).await;
        let by_page: Vec<u64> = pages.iter().flat_map(|page| &page.entries).map(|found| found.event.receipt).collect();
        assert_eq!(by_page, whole);
        assert!(pages.iter().all(|page| page.matches == 4 && page.groups == 3));
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_common_word_finds_nothing_by_itself_beside_a_rarer_one() {
    on_both(async |url| {
        let index = open(url).await;
        let common = usize::try_from(POSTINGS_MAX).expect("small") + 50;
        let events: Vec<Value> = (0..common)
            .map(|number| if number == 5 { json!({"a": {"b": "宏发公司"}}) } else { json!({"a": {"b": "公司"}}) })
            .collect();
        index.apply(&together(&chain(&events, 1_000))).await.expect("blocks");
        let page = index.search("宏发公司", 10, None).await.expect("a page");
        assert_eq!(page.entries.iter().map(|found| found.event.receipt).collect::<Vec<_>>(), [5], "old, and found");
        assert_eq!((page.entries[0].matched, page.groups, page.is_complete), (3, 3, true));
        let page = index.search("公司", 10, None).await.expect("a page");
        assert_eq!((page.entries.len(), page.matches, page.is_complete), (10, POSTINGS_MAX, false));
        index.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(&DatabaseUrl::file(folder.path().join("index.sqlite"))).await;
    for (text, code) in [
        ("", "index.query_empty"),
        ("  （）——、", "index.query_empty"),
        (&"长".repeat(QUERY_CHARS_MAX + 1), "index.query_too_long"),
    ] {
        assert_eq!(index.search(text, 10, None).await.expect_err(text).code(), code);
    }
    let longest: String = ('\u{4E00}'..).take(QUERY_CHARS_MAX).collect();
    let page = index.search(&longest, 10, None).await.expect("a page");
    assert_eq!(page.groups, GROUPS_MAX as u64);
    index.close().await;
}

#[test]
fn any_event_and_any_search_is_digested() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let index = runtime.block_on(open(&DatabaseUrl::file(folder.path().join("index.sqlite"))));
    let counter = Cell::new(0);
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(field in any::<String>(), text in any::<String>(), search in "\\PC{0,40}", tag in any::<String>())| {
        runtime.block_on(async {
            let event = json!({ tag.clone(): { "kind": { field: text.clone() } } });
            let next = counter.get();
            counter.set(next + 1);
            let rows = project(&receipt(next, next + 1, None), &[event, json!([1, null]), json!(text), Value::Null]);
            let until = Position { height: next + 1, receipts: next + 1 };
            index.apply(&Stretch { until, rows: vec![rows] }).await.expect("any event");
            if let Err(error) = index.search(&search, 5, None).await {
                assert_eq!(error.code(), "index.query_empty");
            }
        });
    });
}
