//! Four real processes: one killed under load catches up, two killed stop progress, all killed lose nothing.

use crate::support::{Network, register};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tongban_api::Client;
use tongban_types::{Receipt, RequestId, SignedTx, Suite};

/// What was acknowledged: the transaction and its receipt.
type Acknowledged = (SignedTx, Receipt);

/// Submits registrations to a node, one after the other.
struct Load {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Vec<Acknowledged>>,
}

impl Load {
    fn begin(network: &Network, node: usize, numbers: &Arc<AtomicU64>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, numbers, client) = (stop.clone(), numbers.clone(), network.client(node));
        let (signer, genesis) = (network.signer("depositor"), network.genesis.clone());
        let task = tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let tx = signer.sign(&[register(&signer, &genesis, number)]).expect("a transaction");
                if let Ok(receipt) = client.submit(&tx).await {
                    acknowledged.push((tx, receipt));
                }
            }
            acknowledged
        });
        Self { stop, task }
    }

    async fn end(self) -> Vec<Acknowledged> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("the load runs to its end")
    }
}

async fn all_receipts(client: &Client) -> BTreeMap<RequestId, Vec<Receipt>> {
    let mut found: BTreeMap<RequestId, Vec<Receipt>> = BTreeMap::new();
    let mut next = 0;
    loop {
        let page: serde_json::Value = client.get(&format!("/v1/receipts?from={next}")).await.expect("a page");
        let receipts = page["receipts"].as_array().expect("a list").clone();
        if receipts.is_empty() {
            return found;
        }
        for described in receipts {
            let receipt: Receipt = serde_json::from_value(described["receipt"].clone()).expect("a receipt");
            next = receipt.number + 1;
            found.entry(receipt.request_id).or_default().push(receipt);
        }
    }
}

async fn assert_each_once(network: &Network, node: usize, acknowledged: &[Acknowledged]) {
    let receipts = all_receipts(&network.client(node)).await;
    for (tx, receipt) in acknowledged {
        assert_eq!(receipts.get(&tx.tx.request_id), Some(&vec![receipt.clone()]), "once, and as acknowledged");
    }
    assert!(receipts.values().all(|receipts| receipts.len() == 1), "no request has two receipts");
}

async fn height(network: &Network, node: usize) -> u64 {
    network.client(node).status().await.expect("the node answers").height
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_nodes_come_back_and_nothing_acknowledged_is_lost() {
    let mut network = Network::new(4, Suite::Intl);
    network.start_all();
    for node in 0..4 {
        network.wait_until_ready(node).await;
    }
    let numbers = Arc::new(AtomicU64::new(0));

    // One of four is killed under load. The others go on, and it catches up when it is back.
    let loads = [Load::begin(&network, 0, &numbers), Load::begin(&network, 1, &numbers)];
    tokio::time::sleep(Duration::from_secs(2)).await;
    network.kill(3);
    let at_kill = height(&network, 0).await;
    network.wait_for_height(0, at_kill + 5).await;
    network.start(3);
    network.wait_until_ready(3).await;
    network.wait_for_height(3, at_kill + 5).await;
    let mut acknowledged = Vec::new();
    for load in loads {
        acknowledged.extend(load.end().await);
    }
    assert!(acknowledged.len() > 10, "the load was a load: {}", acknowledged.len());

    // Two of four are killed. Nothing becomes final until one is back; then what waited does.
    network.kill(2);
    network.kill(3);
    let signer = network.signer("depositor");
    let number = numbers.fetch_add(1, Ordering::Relaxed);
    let tx = signer.sign(&[register(&signer, &network.genesis, number)]).expect("a transaction");
    let waiting = tokio::spawn({
        let (client, tx) = (network.client(0), tx.clone());
        async move { client.submit(&tx).await }
    });
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!waiting.is_finished(), "two of four nodes cannot make anything final");
    let found = network.client(1).receipt_of(signer.account(), tx.tx.request_id).await.expect("the node answers");
    assert!(found.is_none(), "nothing is reported before it is final");
    network.start(2);
    let receipt = waiting.await.expect("the task ends").expect("three of four nodes go on");
    acknowledged.push((tx, receipt));
    network.start(3);
    network.wait_until_ready(3).await;

    // All four are killed. Afterwards every acknowledged transaction is there exactly once, on each node.
    let last = height(&network, 0).await;
    for node in 0..4 {
        network.kill(node);
    }
    network.start_all();
    for node in 0..4 {
        network.wait_until_ready(node).await;
        network.wait_for_height(node, last).await;
        assert_each_once(&network, node, &acknowledged).await;
    }
    // A repeat gets the first receipt, after the restart and from another node than the one that took it.
    let (tx, receipt) = &acknowledged[acknowledged.len() / 2];
    assert_eq!(&network.client(3).submit(tx).await.expect("an answer"), receipt);
}
