//! The network under load: one process for each node, with sockets, folder and keys of its own.

use super::cpu::Spent;
use super::http::Connection;
use crate::network_init::{Files, NewNetwork, free_ports, init};
use crate::node::read_genesis;
use crate::processes::NodeProcess;
use crate::signer::{Signer, read_key};
use anyhow::{Context, bail, ensure};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tongban_api::NodeStatus;
use tongban_crypto::primitives;
use tongban_types::{Digest, Genesis, Suite};

/// How long nodes may take to become ready, to agree, and to stop.
const TIME_MAX: Duration = Duration::from_secs(60);
/// Between two questions.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Below the ports that systems give to outgoing connections; each process begins elsewhere, so that two do not meet.
fn first_port() -> u16 {
    12_000 + u16::try_from(std::process::id() % 10).expect("below 10") * 1_800
}

/// What the nodes let their load do: to read their figures, and to hold a connection for each submission in flight.
const SETTINGS: [(&str, &str); 4] = [
    ("anonymous", "['read', 'submit', 'metrics']"),
    ("connections_max", "20000"),
    ("connections_per_address_max", "20000"),
    ("requests_max", "20000"),
];

/// A network of processes. Dropping it ends them.
pub struct Cluster {
    /// The genesis.
    pub genesis: Genesis,
    folder: PathBuf,
    nodes: Vec<NodeProcess>,
}

impl Cluster {
    /// Makes a network in an empty folder and starts its nodes.
    pub fn start(folder: &Path, nodes: u16, suite: Suite, with_index: bool) -> anyhow::Result<Self> {
        let (base_port, base_api_port) = free_ports(nodes, first_port())?;
        let host = Ipv4Addr::LOCALHOST.into();
        let Files { genesis, configurations } = init(&NewNetwork {
            out: folder,
            nodes: usize::from(nodes),
            suite,
            host,
            base_port,
            base_api_port,
            passphrase: None,
        })?;
        let (_, genesis) = read_genesis(&genesis)?;
        let mut cluster = Self { genesis, folder: folder.to_owned(), nodes: Vec::new() };
        let program = std::env::current_exe()?;
        let mut settings = SETTINGS.to_vec();
        if !with_index {
            settings.push(("index", "none"));
        }
        for configuration in &configurations {
            cluster.nodes.push(NodeProcess::start(&program, configuration, &settings)?);
        }
        Ok(cluster)
    }

    /// Where the nodes' APIs answer.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(NodeProcess::api).collect()
    }

    /// The folder of the node with this place: its configuration, its key and all that it keeps.
    pub fn data(&self, place: usize) -> PathBuf {
        self.folder.join(format!("node-{}", place + 1))
    }

    /// The process of the node with this place; a number that no process has where there is no such node.
    pub fn process(&self, place: usize) -> u32 {
        self.nodes.get(place).map_or(u32::MAX, NodeProcess::id)
    }

    /// The network's identifier.
    pub fn network(&self) -> Digest {
        self.genesis.network(primitives(self.genesis.suite))
    }

    /// Signs as one of the network's first accounts.
    pub fn signer(&self, account: &str) -> anyhow::Result<Signer> {
        let path = self.folder.join("accounts").join(format!("{account}.key.json"));
        Ok(Signer::new(read_key(&path)?, self.network()))
    }

    /// What all nodes have spent since they started.
    pub fn spent(&self) -> Spent {
        Spent::sum(self.nodes.iter().map(|node| Spent::by(node.id(), node.engine_workers())))
    }

    /// Waits until every node is ready.
    pub async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        self.wait_until("the nodes are not ready", |statuses| statuses.iter().all(|status| status.ready)).await?;
        Ok(())
    }

    /// Waits until all nodes stand at one height with so many receipts, and answers where; fails where their states differ there.
    pub async fn agree(&mut self, receipts: u64) -> anyhow::Result<NodeStatus> {
        let together = |statuses: &[NodeStatus]| {
            statuses.iter().all(|status| status.height == statuses[0].height && status.receipts >= receipts)
        };
        let statuses = self.wait_until("the nodes do not come to one height with all receipts", together).await?;
        let first = &statuses[0];
        for status in &statuses {
            ensure!(
                status.state_root == first.state_root && status.receipts == receipts,
                "the nodes disagree at height {}: {} has {} receipts and {} has {}, where {receipts} were expected",
                first.height,
                first.department,
                first.receipts,
                status.department,
                status.receipts,
            );
        }
        statuses.into_iter().next().context("a network has a node")
    }

    async fn wait_until(
        &mut self,
        failure: &str,
        holds: impl Fn(&[NodeStatus]) -> bool,
    ) -> anyhow::Result<Vec<NodeStatus>> {
        let deadline = Instant::now() + TIME_MAX;
        loop {
            self.check()?;
            let mut statuses = Vec::new();
            for address in self.addresses() {
                statuses.extend(status(address).await);
            }
            if statuses.len() == self.nodes.len() && holds(&statuses) {
                return Ok(statuses);
            }
            if Instant::now() > deadline {
                bail!("{failure} within {} s\n{}", TIME_MAX.as_secs(), self.nodes[0].log_tail());
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Fails where a node has ended, with the end of its log.
    pub fn check(&mut self) -> anyhow::Result<()> {
        for (number, node) in (1..).zip(&mut self.nodes) {
            if let Some(status) = node.ended()? {
                bail!("node {number} has ended ({status}):\n{}", node.log_tail());
            }
        }
        Ok(())
    }

    /// Asks the nodes to stop, one after the other, and waits until they have.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.check()?;
        for node in &mut self.nodes {
            node.ask_to_stop()?;
        }
        let deadline = Instant::now() + TIME_MAX;
        for (number, node) in (1..).zip(&mut self.nodes) {
            let status = loop {
                if let Some(status) = node.ended()? {
                    break status;
                }
                ensure!(Instant::now() < deadline, "node {number} does not stop:\n{}", node.log_tail());
                tokio::time::sleep(POLL_INTERVAL).await;
            };
            ensure!(status.success(), "node {number} did not stop well ({status}):\n{}", node.log_tail());
        }
        Ok(())
    }
}

async fn status(address: SocketAddr) -> Option<NodeStatus> {
    let (_, body) = Connection::open(address).await.ok()?.get("/ready").await.ok()?;
    serde_json::from_slice(&body).ok()
}
