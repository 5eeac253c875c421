//! `tongban node`: one complete node, its ledger and its API.

use crate::backend::NodeBackend;
use crate::cli::{DOCUMENT_BYTES_MAX, block_on, read_file};
use crate::config::NodeConfig;
use crate::indexing::{Follower, follow};
use crate::observe::{self, NodeCollector};
use crate::random::rng;
use crate::signer::read_key;
use anyhow::{Context, bail};
use rand_core::Rng as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tongban_api::lists::Lists;
use tongban_api::{Limits, Metrics, Services, observed, router};
use tongban_ledger::{EngineConfig, Handle, Ledger, MempoolLimits};
use tongban_types::Genesis;
use tracing::info;

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
        log_peers(config, &genesis);
        let (stop_api, mut stopped) = watch::channel(false);
        let (lists, index_task) = start_index(config, &ledger, stopped.clone())?;
        let metrics = Arc::new(Metrics::new());
        let collector = NodeCollector::new(ledger.clone(), genesis.clone(), config.data.clone(), lists.clone());
        metrics.register(|registry| collector.register(registry, &department));
        let backend = NodeBackend::new(
            ledger.clone(),
            genesis_bytes,
            genesis,
            department.clone(),
            config.data.clone(),
            metrics.clone(),
        );
        let services =
            Services { lists, metrics: metrics.clone(), ..Services::new(Arc::new(backend), stopped.clone()) };
        let app = observed(router(services, Limits::default()), metrics, rng().next_u64());
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

/// Names whom the node will look for, so that a log that was kept says whom it was set up to meet.
fn log_peers(config: &NodeConfig, genesis: &Genesis) {
    for peer in &config.peers {
        let validator = genesis.validators.validators().iter().find(|validator| validator.key == peer.key);
        match validator {
            Some(validator) => info!(department = %validator.department, address = %peer.address, "a peer"),
            None => tracing::warn!(key = %peer.key, address = %peer.address, "a peer that is no validator"),
        }
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

/// Runs a node until a signal or a failure ends it.
pub fn run(path: &Path) -> anyhow::Result<()> {
    let config = NodeConfig::load(path)?;
    let telemetry = observe::init(&config.log, config.log_json, config.otlp.as_deref(), &config.api.to_string())?;
    let ended = block_on(run_until_signal(&config));
    drop(telemetry); // after the runtime: what is left to send is sent on no asynchronous thread
    ended?
}

async fn run_until_signal(config: &NodeConfig) -> anyhow::Result<()> {
    let node = RunningNode::start(config).await?;
    info!(
        version = env!("CARGO_PKG_VERSION"),
        department = node.department,
        network = %node.ledger.status().network,
        api = %node.api,
        listen = %config.listen,
        "the node runs"
    );
    tokio::select! {
        () = wait_for_signal() => {
            info!("stopping");
            let stopped = node.stop().await;
            info!("stopped");
            stopped
        }
        ended = node.ledger.ended() => match ended {
            Ok(()) => bail!("the engine has stopped without being asked to (node.engine_failed)"),
            Err(failure) => bail!("the node has failed: {failure} (node.engine_failed)"),
        },
    }
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
