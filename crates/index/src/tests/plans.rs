//! No question walks through a whole table: what SQLite would do is asked and checked.

use super::{chain, named, open};
use crate::database::Statement;
use crate::lists::{event_plan, first_from, receipt_plan};
use crate::search::{POSTINGS_MAX, Ranking, Search};
use crate::{DatabaseUrl, EventFilter, Index, ReceiptFilter, Selection};

/// Refuses a plan that reads a table of the index from end to end, or sorts more than a page.
async fn check(index: &Index, what: &str, statement: Statement) {
    let plan = index.pool.fetch(statement.explained()).await.expect("a plan");
    let lines: Vec<&str> = plan.iter().map(|row| row.text(3).expect("a line")).collect();
    assert!(!lines.is_empty());
    for line in &lines {
        let walks_table =
            line.starts_with("SCAN index_") || ["SCAN e", "SCAN t", "SCAN known", "SCAN v"].contains(line);
        assert!(!walks_table, "{what}: {line}\n{lines:#?}");
    }
}

#[tokio::test]
async fn no_question_walks_through_a_whole_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(&DatabaseUrl::file(folder.path().join("index.sqlite"))).await;
    for block in chain(&[named("名称", "C00001"), named("名称", "C00002")], 1) {
        index.apply(&block).await.expect("a block");
    }
    let some = |text: &str| Some(text.to_owned());
    let none = EventFilter::default;
    for filter in [
        none(),
        EventFilter { module: some("a"), ..none() },
        EventFilter { kind: some("a"), module: some("b"), ..none() },
        EventFilter { account: some("a"), kind: some("b"), ..none() },
        EventFilter { subject: some("a"), ..none() },
        EventFilter { subject: some("a"), field: some("f"), module: some("b"), account: some("c"), ..none() },
    ] {
        let plan = event_plan(&filter, &Selection::default(), 0, 1_000);
        check(&index, &format!("{filter:?}"), plan.rows()).await;
        check(&index, &format!("{filter:?}"), plan.examined()).await;
    }
    let none = ReceiptFilter::default;
    for filter in [
        none(),
        ReceiptFilter { transaction: some("a"), ..none() },
        ReceiptFilter { code: some("a"), account: some("b"), ..none() },
        ReceiptFilter { account: some("a"), is_refused: Some(true), ..none() },
        ReceiptFilter { is_refused: Some(false), ..none() },
    ] {
        let plan = receipt_plan(&filter, &Selection::default(), 0, 1_000);
        check(&index, &format!("{filter:?}"), plan.rows()).await;
        check(&index, &format!("{filter:?}"), plan.examined()).await;
    }
    check(&index, "time", first_from(7)).await;
    for text in ["宏发建筑公司", "17", "a3f09b17", "JY-2026-0017"] {
        let search = Search::new(text, 1_000).expect("a search");
        check(&index, text, search.counts()).await;
        for count in [1, POSTINGS_MAX + 1] {
            let ranking = Ranking::new(&search.groups, &vec![count; search.groups.len()], true);
            check(&index, text, search.ranked(&ranking, None, 10)).await;
            check(&index, text, search.ranked(&ranking, Some((3, 500)), 10)).await;
        }
    }
    index.close().await;
}
