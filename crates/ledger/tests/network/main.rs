//! Whole networks in one process, over real sockets and real disks: what is submitted becomes final everywhere, survives
//! restarts, and can be proven to a stranger.

mod cluster;
mod rules;

use cluster::{Cluster, PATIENCE, secret, time};
use rules::{Call, LINES};
use std::time::{Duration, Instant};
use tongban_ledger::{ReadError, RecordName};
use tongban_types::domain::state_key;
use tongban_types::proof::NoSlip;
use tongban_types::{Outcome, Receipt, Suite, codec};

fn write(number: u64) -> Call {
    Call::Write { number, line: format!("line {number}") }
}

fn is_applied(receipt: &Receipt) -> bool {
    matches!(receipt.outcome, Outcome::Applied { .. })
}

fn code(receipt: &Receipt) -> Option<String> {
    match &receipt.outcome {
        Outcome::Refused(refusal) => Some(refusal.code.to_string()),
        Outcome::Applied { .. } => None,
    }
}

fn line(number: u64) -> RecordName {
    RecordName { table: LINES.name().into(), key: codec::encode(&number) }
}

async fn becomes_final_everywhere(suite: Suite) {
    let cluster = Cluster::start(suite, 4);
    cluster.is_ready().await;
    let begin = Instant::now();
    let receipt =
        cluster.node(0).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("it becomes final");
    println!("{suite}: first transaction final after {:?}", begin.elapsed());
    assert!(is_applied(&receipt));

    let begin = Instant::now();
    let repeat = cluster.node(1).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("known already");
    assert_eq!(repeat, receipt, "one effect, wherever the request is repeated");
    let refused = cluster.node(2).submit_and_wait(cluster.transaction(101, 1, &write(1))).await.expect("final");
    println!("{suite}: second transaction final after {:?}", begin.elapsed());
    assert_eq!(code(&refused).as_deref(), Some("notebook.taken"));

    for index in 0..4 {
        cluster.reaches(index, refused.height).await;
        let receipts = cluster.node(index).receipts(0, 10).await.expect("readable");
        assert_eq!(receipts, [receipt.clone(), refused.clone()]);
        let key = state_key(tongban_crypto::primitives(suite), LINES.name(), &codec::encode(&1u64));
        let (values, _) = cluster.node(index).get(vec![key]).await.expect("readable");
        assert_eq!(values, [Some(codec::encode(&"line 1".to_owned()))]);
    }
    proves(&cluster, &[receipt, refused]).await;
}

async fn proves(cluster: &Cluster, receipts: &[Receipt]) {
    let genesis = serde_json::to_vec(&cluster.genesis).expect("a genesis is JSON");
    let mut bundles = cluster.node(0).prove_records(vec![line(1), line(2)]).await.expect("provable");
    assert_eq!(bundles.len(), 2);
    for receipt in receipts {
        bundles.push(cluster.node(0).prove_receipt(receipt.number).await.expect("provable"));
    }
    for bundle in bundles {
        let verified = tongban_verify::verify(&bundle.to_json(), &genesis).expect("a stranger believes it");
        println!("{:?} signed by {:?}", verified.header.height, verified.departments);
    }
    assert_eq!(cluster.node(0).prove_receipt(99).await.expect_err("no such receipt"), ReadError::NotFound);
    for receipt in receipts {
        let slip = cluster.node(0).slip(receipt.number).await;
        if !is_applied(receipt) {
            assert_eq!(slip, Err(ReadError::NoSlip(NoSlip::NoEvents)));
            continue;
        }
        let verdict = tongban_verify::verify_slip(slip.expect("it has one").to_text().as_bytes(), &genesis);
        assert_eq!(&verdict.expect("a stranger believes it").receipt, receipt);
    }
    assert_eq!(cluster.node(0).slip(99).await.expect_err("no such receipt"), ReadError::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_submitted_becomes_final_everywhere_with_sm() {
    becomes_final_everywhere(Suite::Sm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_submitted_becomes_final_everywhere_with_intl() {
    becomes_final_everywhere(Suite::Intl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_is_a_network() {
    let mut cluster = Cluster::start(Suite::Intl, 1);
    cluster.is_ready().await;
    let receipt = cluster.node(0).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("final");
    assert!(is_applied(&receipt));
    cluster.down(0);
    cluster.up(vec![0]);
    let account = cluster.account(100);
    let found = cluster.node(0).receipt(account, receipt.request_id).await.expect("found after a restart");
    assert_eq!(found, receipt);
    let repeat = cluster.node(0).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("known already");
    assert_eq!(repeat, receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_of_four_go_on_and_the_fourth_catches_up() {
    let mut cluster = Cluster::start(Suite::Intl, 4);
    cluster.is_ready().await;
    cluster.node(0).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("final");
    cluster.down(3);
    let mut last = 0;
    for request in 2..12 {
        let begin = Instant::now();
        let receipt =
            cluster.node(1).submit_and_wait(cluster.transaction(100, request, &write(request))).await.expect("final");
        println!("with three of four: final after {:?}", begin.elapsed());
        last = receipt.height;
    }
    cluster.up(vec![3]);
    cluster.reaches(3, last).await;
    assert_eq!(cluster.node(3).receipts(0, 100).await.expect("readable").len(), 11);
    let receipt = cluster.node(3).submit_and_wait(cluster.transaction(100, 50, &write(50))).await.expect("final");
    assert!(is_applied(&receipt));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_network_beats_slowly_and_wakes_at_once() {
    let cluster = Cluster::start(Suite::Intl, 4);
    cluster.is_ready().await;
    let before = cluster.node(0).status().head.height;
    tokio::time::sleep(Duration::from_secs(7)).await;
    let after = cluster.node(0).status().head.height;
    assert!((2..=5).contains(&(after - before)), "heartbeat of 2 s: {before} to {after}");
    let begin = Instant::now();
    cluster.node(0).submit_and_wait(cluster.transaction(100, 1, &write(1))).await.expect("final");
    println!("woken after {:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_wait_is_refused_with_its_code() {
    let cluster = Cluster::start(Suite::Sm, 1);
    cluster.is_ready().await;
    let good = cluster.transaction(100, 1, &write(1));
    let mut forged = good.clone();
    forged.signature.0[10] ^= 1;
    let mut elsewhere = good.clone();
    elsewhere.tx.network.0[0] ^= 1;
    let unknown = cluster.transaction(55, 1, &write(1));
    let expired = cluster.transaction_until(100, 2, &write(1), time());
    let far = cluster.transaction_until(100, 3, &write(1), time().plus_millis(100_000_000));
    let cases = [
        (forged, "tx.bad_signature"),
        (elsewhere, "tx.wrong_network"),
        (unknown, "notebook.unknown_account"),
        (expired, "tx.expired"),
        (far, "tx.window_too_long"),
    ];
    for (transaction, expected) in cases {
        let error = cluster.node(0).submit(transaction).await.expect_err("it is refused");
        assert_eq!(error.code().to_string(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_start_is_refused_with_its_code() {
    let cluster = Cluster::start(Suite::Intl, 1);
    let start = |config| tongban_ledger::Ledger::start(config).map(|_| ()).expect_err("it is refused").code();
    assert_eq!(start(cluster.config(0)), "node.folder_locked");
    let other_folder = tempfile::tempdir().expect("a temporary folder");
    let mut config = cluster.config(0);
    config.data_dir = other_folder.path().into();
    assert_eq!(start(config), "node.port_taken");
    let mut config = cluster.config(0);
    config.key = secret(Suite::Intl, 77);
    assert_eq!(start(config), "node.not_a_validator");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_transactions_from_two_accounts_have_one_effect_each() {
    let cluster = Cluster::start(Suite::Intl, 4);
    cluster.is_ready().await;
    let begin = Instant::now();
    let mut tickets = Vec::new();
    for request in 0..1_000u64 {
        let account = 100 + (request % 2) as u8;
        let node = cluster.node((request % 4) as usize);
        let transaction = cluster.transaction(account, request, &write(request));
        tickets.push(node.submit(transaction).await.expect("there is room"));
    }
    let mut last = 0;
    for ticket in tickets {
        let receipt = tokio::time::timeout(PATIENCE, ticket.wait()).await.expect("in time").expect("final");
        assert!(is_applied(&receipt));
        last = last.max(receipt.height);
    }
    cluster.reaches(0, last).await; // each ticket was answered by its own node
    println!("1000 transactions final after {:?}, at height {}", begin.elapsed(), cluster.node(0).status().head.height);
    let receipts = cluster.node(0).receipts(0, 1_000).await.expect("readable");
    assert!(receipts.iter().enumerate().all(|(index, receipt)| receipt.number == index as u64));
    assert_eq!(receipts.len(), 1_000);
}
