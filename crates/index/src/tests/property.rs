//! However the blocks come, with repeats, overlaps and restarts: the index is the same as if each had come once.

use super::{NETWORK, chain, dump, named, on_both, open, together};
use crate::{DatabaseUrl, Index};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// Blocks from the first to before the second, as one stretch; and whether the index is opened anew before.
type Step = (usize, usize, bool);

const BLOCKS: usize = 12;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..BLOCKS, 1..=4usize, any::<bool>());
    let step = step.prop_map(|(from, length, is_restart)| (from, (from + length).min(BLOCKS), is_restart));
    proptest::collection::vec(step, 0..20)
}

async fn comes_out_the_same(url: &DatabaseUrl, steps: &[Step]) {
    let events: Vec<Value> = (0..36).map(|number| named(&format!("名{number}称"), &format!("E{number:04}"))).collect();
    let blocks = chain(&events, 3);
    let once = Index::rebuild(url, &NETWORK).await.expect("an index");
    for block in &blocks {
        once.apply(block).await.expect("a block");
    }
    let expected = dump(&once).await;
    once.close().await;
    let mut index = Index::rebuild(url, &NETWORK).await.expect("an index");
    let everything = (0..BLOCKS, BLOCKS, false);
    for (from, to, is_restart) in steps.iter().copied().chain([(everything.0.start, everything.1, everything.2)]) {
        if is_restart {
            index.close().await;
            index = open(url).await;
        }
        let stands_at = index.position().await.expect("a position").height;
        let result = index.apply(&together(&blocks[from..to])).await;
        if from as u64 > stands_at {
            assert_eq!(result.expect_err("a gap").code(), "index.gap");
        } else {
            result.expect("no gap");
        }
    }
    assert_eq!(dump(&index).await, expected);
    index.close().await;
}

#[test]
fn blocks_in_any_order_with_repeats_and_restarts_give_the_same_index() {
    let runtime = Arc::new(tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
    let inner = runtime.clone();
    runtime.block_on(on_both(async move |url| {
        let (url, runner) = (url.clone(), inner.handle().clone());
        // proptest's closure is no future, so that its cases run on a thread of their own.
        let cases = tokio::task::spawn_blocking(move || {
            let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
            proptest!(config, |(steps in steps())| runner.block_on(comes_out_the_same(&url, &steps)));
        });
        cases.await.expect("the same");
    }));
}
