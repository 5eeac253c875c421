//! Four nodes in one process.

use super::outcome::Outcome;
use crate::backend::not_ready;
use crate::config::NodeConfig;
use crate::network_init::{NewNetwork, free_ports, init};
use crate::node::{RunningNode, read_genesis};
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context, bail};
use futures::future::{join_all, select_all};
use std::fmt::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_types::{Digest, Genesis, Primitives, Suite};

/// How many nodes the demonstration has.
pub const NODES: usize = 4;

/// Four nodes in one process, with the keys of the accounts that act in the demonstration.
pub struct Cluster {
    /// The folder of the network.
    pub dir: PathBuf,
    /// The genesis, as its file has it.
    pub genesis_bytes: Vec<u8>,
    /// The genesis.
    pub genesis: Genesis,
    /// The nodes.
    pub nodes: Vec<RunningNode>,
}

impl Cluster {
    /// Starts the network in a folder, and makes it first where there is none.
    pub async fn start(dir: &Path, suite: Suite, ports: Option<(u16, u16)>) -> anyhow::Result<Self> {
        if !dir.join("genesis.json").exists() {
            let (base_port, base_api_port) = match ports {
                Some(ports) => ports,
                None => free_ports(NODES as u16, 7101)?,
            };
            let host = Ipv4Addr::LOCALHOST.into();
            init(&NewNetwork { out: dir, nodes: NODES, suite, host, base_port, base_api_port, passphrase: None })?;
        }
        let (genesis_bytes, genesis) = read_genesis(&dir.join("genesis.json"))?;
        if genesis.suite != suite {
            bail!(
                "{} holds a network of the suite {}: name it with --suite {}, or another folder with --dir",
                dir.display(),
                genesis.suite,
                genesis.suite
            );
        }
        let mut configurations = Vec::new();
        for index in 1..=genesis.validators.validators().len() {
            configurations.push(NodeConfig::load(&dir.join(format!("node-{index}")).join("node.toml"))?);
        }
        let mut nodes = Vec::new();
        for node in join_all(configurations.iter().map(RunningNode::start)).await {
            nodes.push(node.context("a node of the demonstration cannot start")?);
        }
        Ok(Self { dir: dir.to_owned(), genesis_bytes, genesis, nodes })
    }

    /// Waits until every node has a final block and takes part.
    pub async fn wait_until_ready(&self, time_max: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + time_max;
        for node in &self.nodes {
            while let Some(reason) = not_ready(&node.ledger, &self.genesis) {
                if Instant::now() > deadline {
                    bail!("{} is not ready: {reason}", node.department);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// The algorithms of the network.
    pub fn primitives(&self) -> &'static dyn Primitives {
        primitives(self.genesis.suite)
    }

    /// The network's identifier.
    pub fn network(&self) -> Digest {
        self.genesis.network(self.primitives())
    }

    /// A client of the node with this place.
    pub fn client(&self, place: usize) -> Client {
        Client::new(format!("http://{}", self.nodes[place % self.nodes.len()].api))
    }

    /// The path of an account's key file.
    pub fn key_path(&self, account: &str) -> PathBuf {
        self.dir.join("accounts").join(format!("{account}.key.json"))
    }

    /// Signs as one of the network's first accounts.
    pub fn signer(&self, account: &str) -> anyhow::Result<Signer> {
        Ok(Signer::new(read_key(&self.key_path(account))?, self.network()))
    }

    /// Waits until all nodes stand at one height, and answers whether they have one state and one history there.
    pub async fn agree(&self) -> anyhow::Result<bool> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            let heads: Vec<_> = self.nodes.iter().map(|node| node.ledger.status().head).collect();
            let same_height = heads.windows(2).all(|pair| pair[0].height == pair[1].height);
            if same_height {
                return Ok(heads.windows(2).all(|pair| pair[0] == pair[1]));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the nodes did not come to one height")
    }

    /// Answers when a node has failed.
    pub async fn failed(&self) -> String {
        match select_all(self.nodes.iter().map(|node| Box::pin(node.ledger.ended()))).await.0 {
            Ok(()) => "stopped".to_owned(),
            Err(failure) => failure.to_string(),
        }
    }

    /// Stops all nodes.
    pub async fn stop(self) -> anyhow::Result<()> {
        for stopped in join_all(self.nodes.into_iter().map(RunningNode::stop)).await {
            stopped?;
        }
        Ok(())
    }

    /// The head in one line.
    pub fn head_in_words(&self) -> String {
        let Some(head) = self.nodes.first().map(|node| node.ledger.status().head) else { return String::new() };
        format!("区块 block {}  回执 receipts {}  {}", head.height, head.receipts, head.time)
    }

    /// Where each node answers.
    pub fn print_addresses(&self) {
        for node in &self.nodes {
            output::line(format_args!("  {}  http://{}/v1/status", node.department, node.api));
        }
    }

    /// Commands that a newcomer can copy.
    pub fn what_to_try(&self, outcome: &Outcome) -> String {
        let program = std::env::current_exe().map_or_else(|_| "tongban".into(), |path| path.display().to_string());
        let api = self.nodes.first().map(|node| node.api.to_string()).unwrap_or_default();
        let dir = self.dir.display();
        let mut text = String::new();
        let _ = writeln!(text, "\n试一试（另开一个终端）Try this in another terminal:"); // writing to a text never fails
        let anchor = outcome.genesis.display();
        for line in [
            format!("{program} verify {} --anchor {anchor}", outcome.slip_file.display()),
            format!("{program} query licences verify --identifier {} --node http://{api}", outcome.licence),
            format!("{program} query cases case --case {} --node http://{api}", outcome.case),
            format!("{program} status --node http://{api}"),
            format!("curl 'http://{api}/v1/receipts?from=0'"),
            format!("{program} verify {} --anchor {anchor}", outcome.bundle.display()),
            format!(
                "{program} evidence register {anchor} --node http://{api} --key {dir}/accounts/depositor.key.json --openings {dir}/openings"
            ),
        ] {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "在浏览器中打开 Open in a browser: http://{api}/docs");
        let _ = writeln!(text, "按 Ctrl-C 停止 Press Ctrl-C to stop.");
        text
    }
}
