//! Four nodes in one process.

use super::outcome::Outcome;
use super::progress::{Language, Progress};
use crate::backend::not_ready;
use crate::config::NodeConfig;
use crate::network_init::{NewNetwork, free_ports, init};
use crate::node::{RunningNode, read_genesis};
use crate::signer::{Signer, read_key};
use anyhow::{Context, bail};
use futures::future::{join_all, select_all};
use std::borrow::Cow;
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
    pub fn head_in_words(&self, language: Language) -> String {
        let Some(head) = self.nodes.first().map(|node| node.ledger.status().head) else { return String::new() };
        let (blocks, receipts) = (language.words("区块", "block"), language.words("回执", "receipts"));
        format!("{blocks} {}  {receipts} {}  {}", head.height, head.receipts, head.time)
    }

    /// Where each node answers.
    pub fn tell_addresses(&self, progress: &Progress) {
        for node in &self.nodes {
            progress.print(&format!("      {}  http://{}/v1/status", node.department, node.api));
        }
    }

    /// Commands that a newcomer can copy, each below what it shows.
    pub fn what_to_try(&self, outcome: &Outcome, language: Language) -> String {
        let api = self.nodes.first().map(|node| node.api.to_string()).unwrap_or_default();
        let mut text = format!("\n{}\n", language.words("试一试（另开一个终端）", "Try this in another terminal:"));
        for ((zh, en), command) in self.commands(outcome, &api) {
            // Writing to a text never fails.
            let _ = writeln!(text, "  # {}\n  {command}", language.words(zh, en));
        }
        let open = language.words("在浏览器中打开接口文档", "Open the interface's page in a browser:");
        let own = language
            .words("换上自己的事项目录和证照再看一遍：", "See it again with a catalogue and licences of your own:");
        let stop = language.words(
            "按 Ctrl-C 停止；再次运行从同一目录继续。",
            "Press Ctrl-C to stop; the next start goes on from its folder.",
        );
        let program = program();
        let _ = writeln!(text, "{open} http://{api}/docs");
        let _ = writeln!(text, "{own} {program} demo --catalogue FILE_OR_FOLDER --licences FILE --dir another-demo");
        let _ = writeln!(text, "{stop}");
        text
    }

    fn commands(&self, outcome: &Outcome, api: &str) -> Vec<((&'static str, &'static str), String)> {
        let (program, anchor) = (program(), quoted(&outcome.genesis.display().to_string()).into_owned());
        let (slip, bundle) = (outcome.slip_file.display().to_string(), outcome.bundle.display().to_string());
        let (slip, bundle) = (quoted(&slip), quoted(&bundle));
        let in_folder = |path: &str| quoted(&self.dir.join(path).display().to_string()).into_owned();
        let (key, openings) = (in_folder("accounts/depositor.key.json"), in_folder("openings"));
        vec![
            (
                ("离线核验证照的凭条，只凭创世文件", "verify the licence's slip offline, with the genesis alone"),
                format!("{program} verify {slip} --anchor {anchor}"),
            ),
            (
                ("此刻呢？问网络：已撤销", "and now? ask the network: it is revoked"),
                format!("{program} query licences verify --identifier {} --node http://{api}", outcome.licence),
            ),
            (("凭条的二维码", "the slip as a QR code"), format!("{program} qr {slip} --terminal")),
            (
                ("这件事的办理记录", "the record of the case"),
                format!("{program} query cases case --case {} --node http://{api}", outcome.case),
            ),
            (
                (
                    "公民的账户：旧密钥已作废，账户没有变",
                    "the citizen's account: his old key is void, the account is the same",
                ),
                format!("{program} query identity account --account {} --node http://{api}", outcome.citizen),
            ),
            (("节点状态", "the state of a node"), format!("{program} status --node http://{api}")),
            (
                ("每一笔都有回执，拒绝的也有", "every act has a receipt, a refused one too"),
                format!("curl 'http://{api}/v1/receipts?from=0'"),
            ),
            (
                ("离线核验一条存证的证明", "verify the proof of a record offline"),
                format!("{program} verify {bundle} --anchor {anchor}"),
            ),
            (
                ("把一个文件登记为存证", "register a file as evidence"),
                format!("{program} evidence register {anchor} --node http://{api} --key {key} --openings {openings}"),
            ),
        ]
    }
}

fn program() -> String {
    let path = std::env::current_exe().map_or_else(|_| "tongban".into(), |path| path.display().to_string());
    quoted(&path).into_owned()
}

/// A word that a shell takes as it stands.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for word in ["tongban-demo/slip.txt", "a folder/云港 市", "it's", "$(echo x)", "", "a;b&c"] {
            let output = std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]).output();
            let output = output.expect("a shell");
            assert_eq!(String::from_utf8_lossy(&output.stdout), word);
        }
        assert_eq!(quoted("tongban-demo/slip.txt"), "tongban-demo/slip.txt");
    }
}
