//! `tongban node`: one complete node, its ledger and its API.

use crate::backend::NodeBackend;
use crate::cli::{DOCUMENT_BYTES_MAX, block_on, has_terminal, read_file};
use crate::config::NodeConfig;
use crate::indexing::{Follower, follow};
use crate::signer::read_key;
use anyhow::{Context, bail};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tongban_api::lists::Lists;
use tongban_api::{Limits, Services, router};
use tongban_ledger::{EngineConfig, Handle, Ledger, MempoolLimits};
use tongban_types::Genesis;
use tracing::info;
use tracing_subscriber::EnvFilter;

/// A node that runs in this process.
pub struct RunningNode {
    /// The node's ledger.
    pub ledger: Handle,
    /// Where its API answers.
    pub api: SocketAddr,
    /// The department that runs it.
    pub department: String,
    engine: tongban_ledger::EngineThread,
    stop_api: watch::Sender<bool>,
    api_task: tokio::task::JoinHandle<()>,
    index_task: Option<tokio::task::JoinHandle<()>>,
}

/// Reads and checks a genesis.
pub fn read_genesis(path: &Path) -> anyhow::Result<(Vec<u8>, Genesis)> {
    let bytes = read_file(path, DOCUMENT_BYTES_MAX)?;
    let genesis: Genesis =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no genesis", path.display()))?;
    genesis.check().with_context(|| format!("the genesis {} is refused", path.display()))?;
    Ok((bytes, genesis))
}

impl RunningNode {
    /// Starts the ledger and the API.
    pub async fn start(config: &NodeConfig) -> anyhow::Result<Self> {
        let (genesis_bytes, genesis) = read_genesis(&config.genesis)?;
        let key = read_key(&config.key)?;
        let public_key = key.public_key();
        let department = genesis
            .validators
            .validators()
            .iter()
            .find(|validator| validator.key == public_key)
            .map(|validator| validator.department.to_string())
            .with_context(|| format!("the key {} is none of the validators' in the genesis", config.key.display()))?;
        let listener = TcpListener::bind(config.api)
            .await
            .with_context(|| format!("cannot listen on {} for the API (node.port_taken)", config.api))?;
        let engine = tongban_ledger::EngineConfig {
            peers: config.peers.iter().map(|peer| (peer.key.clone(), peer.address)).collect(),
            worker_threads: config.worker_threads,
            disk_reserve_bytes: config.disk_reserve_bytes,
            mempool: MempoolLimits {
                transactions_max: config.waiting_max,
                transactions_per_account_max: config.waiting_per_account_max,
                ..MempoolLimits::default()
            },
            ..EngineConfig::new(config.data.clone(), config.listen, key, genesis.clone(), tongban_modules::RULES)
        };
        // Opening the stores blocks, so it does not belong on a thread that serves others.
        let (ledger, engine) = match tokio::task::spawn_blocking(move || Ledger::start(engine)).await? {
            Ok(started) => started,
            Err(error) => {
                let code = error.code();
                return Err(anyhow::Error::new(error).context(format!("the node cannot start ({code})")));
            }
        };
        let backend = NodeBackend::new(ledger.clone(), genesis_bytes, genesis, department.clone());
        let (stop_api, mut stopped) = watch::channel(false);
        let (lists, index_task) = start_index(config, &ledger, stopped.clone())?;
        let services = Services { lists, ..Services::new(Arc::new(backend), stopped.clone()) };
        let app = router(services, Limits::default());
        let api = listener.local_addr()?;
        let api_task = tokio::spawn(async move {
            let shutdown = async move {
                let _ = stopped.wait_for(|stop| *stop).await; // a dropped sender stops it too
            };
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(shutdown).await {
                tracing::error!(%error, "the API has failed");
            }
        });
        Ok(Self { ledger, api, department, engine, stop_api, api_task, index_task })
    }

    /// Stops the API and the index, then the ledger; answers why the ledger failed, if it did.
    pub async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop_api.send(true); // nobody listens where the API has ended
        let deadline = std::time::Duration::from_secs(5);
        let abort = self.api_task.abort_handle();
        if tokio::time::timeout(deadline, self.api_task).await.is_err() {
            abort.abort(); // a client that holds its connection does not hold the node
        }
        if let Some(task) = self.index_task {
            let abort = task.abort_handle();
            if tokio::time::timeout(deadline, task).await.is_err() {
                abort.abort(); // a database that hangs does not hold the node; the index goes on where it stood
            }
        }
        self.ledger.stop();
        tokio::task::spawn_blocking(move || self.engine.join()).await?.map_err(anyhow::Error::new)
    }
}

/// The lists of a node's API, and the task that keeps them; neither where the index is off.
type Indexing = (Option<Arc<dyn Lists>>, Option<tokio::task::JoinHandle<()>>);

fn start_index(config: &NodeConfig, ledger: &Handle, stop: watch::Receiver<bool>) -> anyhow::Result<Indexing> {
    let Some(url) = config.index.url(&config.data)? else { return Ok((None, None)) };
    info!(index = %url, "lists and search come from an index");
    let follower = Arc::new(Follower::new(ledger.clone()));
    let following = follower.clone();
    let task = tokio::spawn(async move { follow(&following, &url, stop).await });
    Ok((Some(follower), Some(task)))
}

/// Logs go to standard error, so that standard output stays for answers.
pub fn init_logs(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("'{filter}' is no log filter"))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(has_terminal());
    let result = if json { logs.json().try_init() } else { logs.try_init() };
    result.map_err(|error| anyhow::anyhow!("logs cannot be set up: {error}"))
}

/// Runs a node until a signal or a failure ends it.
pub fn run(path: &Path) -> anyhow::Result<()> {
    let config = NodeConfig::load(path)?;
    init_logs(&config.log, config.log_json)?;
    block_on(async {
        let node = RunningNode::start(&config).await?;
        info!(department = node.department, api = %node.api, listen = %config.listen, "the node runs");
        tokio::select! {
            () = wait_for_signal() => {
                info!("stopping");
                node.stop().await
            }
            ended = node.ledger.ended() => match ended {
                Ok(()) => bail!("the engine has stopped without being asked to (node.engine_failed)"),
                Err(failure) => bail!("the node has failed: {failure} (node.engine_failed)"),
            },
        }
    })?
}

/// Waits until the process is asked to stop.
pub async fn wait_for_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
