//! Real processes: networks of `tongban node`, each with its own process, folder and ports.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::Call;
use tongban_modules::evidence::{Call as EvidenceCall, ObjectType, Source};
use tongban_node::network_init::{NewNetwork, init};
use tongban_node::processes::{NodeProcess, log_of};
use tongban_node::signer::{Signer, read_key};
use tongban_types::{Digest, EvidenceId, Genesis, Suite, Text};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tongban");

/// Tests of one binary run beside each other, so each takes ports of its own.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

/// A network of processes.
pub struct Network {
    pub folder: TempDir,
    pub genesis: Genesis,
    base_port: u16,
    base_api_port: u16,
    processes: Vec<Option<NodeProcess>>,
}

impl Network {
    /// A network whose nodes are not started yet.
    pub fn new(nodes: u16, suite: Suite) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (base_port, base_api_port) = ports(nodes);
        let host = Ipv4Addr::LOCALHOST.into();
        let new = NewNetwork {
            out: folder.path(),
            nodes: usize::from(nodes),
            suite,
            host,
            base_port,
            base_api_port,
            passphrase: None,
        };
        let files = init(&new).expect("a network");
        let genesis = serde_json::from_slice(&std::fs::read(&files.genesis).expect("a file")).expect("a genesis");
        Self { folder, genesis, base_port, base_api_port, processes: (0..nodes).map(|_| None).collect() }
    }

    pub fn config(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("node-{}", node + 1)).join("node.toml")
    }

    /// Starts a node; its log goes to a file beside its configuration.
    pub fn start(&mut self, node: usize) {
        let process = NodeProcess::start(Path::new(PROGRAM), &self.config(node), &[]).expect("the program starts");
        self.processes[node] = Some(process);
    }

    pub fn start_all(&mut self) {
        for node in 0..self.processes.len() {
            self.start(node);
        }
    }

    /// Ends a node without warning (SIGKILL).
    pub fn kill(&mut self, node: usize) {
        drop(self.processes[node].take().expect("the node runs"));
    }

    /// Changes a node's configuration.
    pub fn configure(&self, node: usize, change: impl FnOnce(&mut toml::Table)) {
        let path = self.config(node);
        let mut table: toml::Table = std::fs::read_to_string(&path).expect("a file").parse().expect("TOML");
        change(&mut table);
        std::fs::write(&path, table.to_string()).expect("a file");
    }

    /// Asks a node to stop (SIGTERM) and waits until it has; answers how it ended.
    pub async fn terminate(&mut self, node: usize) -> ExitStatus {
        let mut process = self.processes[node].take().expect("the node runs");
        process.ask_to_stop().expect("it can be told");
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = process.ended().expect("its state can be asked") {
                return status;
            }
            assert!(Instant::now() < deadline, "the node does not end\n{}", self.log(node));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn client(&self, node: usize) -> Client {
        Client::new(format!("http://{}", self.api_address(node)))
    }

    /// Where a node's API answers.
    pub fn api_address(&self, node: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.base_api_port + u16::try_from(node).expect("few nodes")).into()
    }

    /// Where other nodes reach a node.
    pub fn node_address(&self, node: usize) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.base_port + u16::try_from(node).expect("few nodes")).into()
    }

    /// Bytes of memory that a node's process holds now.
    pub fn memory_bytes(&self, node: usize) -> u64 {
        let process = self.processes[node].as_ref().expect("the node runs").id();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the system tells");
        1024 * line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB")
    }

    pub fn signer(&self, account: &str) -> Signer {
        let path = self.folder.path().join("accounts").join(format!("{account}.key.json"));
        Signer::new(read_key(&path).expect("a key"), self.network())
    }

    pub fn network(&self) -> Digest {
        self.genesis.network(primitives(self.genesis.suite))
    }

    /// Waits until a node answers and is ready.
    pub async fn wait_until_ready(&self, node: usize) {
        let client = self.client(node);
        wait_for(
            "the node is ready",
            || async { client.status().await.is_ok_and(|status| status.ready) },
            || self.log(node),
        )
        .await;
    }

    /// Waits until a node has at least this height.
    pub async fn wait_for_height(&self, node: usize, height: u64) {
        let client = self.client(node);
        let there = || async { client.status().await.is_ok_and(|status| status.height >= height) };
        wait_for("the node has the height", there, || self.log(node)).await;
    }

    pub fn log(&self, node: usize) -> String {
        std::fs::read_to_string(log_of(&self.config(node))).unwrap_or_default()
    }
}

/// Asks again until something holds, for at most a minute.
pub async fn wait_for<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F, log: impl Fn() -> String) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within a minute\n{}", log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Two runs of free ports. Below the range from which systems take ports for outgoing connections.
pub fn ports(nodes: u16) -> (u16, u16) {
    let start = 10_000 + u16::try_from(std::process::id() % 200).expect("below 200") * 100;
    loop {
        let base = start + NEXT_PORT.fetch_add(2 * nodes, Ordering::Relaxed) % 2_000;
        if (base..base + 2 * nodes).all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return (base, base + nodes);
        }
    }
}

/// A call that registers a record with this number.
pub fn register(signer: &Signer, genesis: &Genesis, number: u64) -> Call {
    let mut id = [0; EvidenceId::BYTES];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let source = Source {
        object_type: ObjectType::LogEntry,
        system: Text::new("test").expect("a text"),
        method: Text::new("test").expect("a text"),
        operator: signer.account(),
        collected_at: genesis.time,
    };
    let root = Digest([7; 32]);
    Call::Evidence(EvidenceCall::RegisterBatch { id: EvidenceId(id), source, previous: None, root, leaves: 1 })
}

/// Runs the program to its end and gives its exit code, standard output and standard error.
pub fn run(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output = Command::new(PROGRAM).args(arguments).current_dir(folder).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}
