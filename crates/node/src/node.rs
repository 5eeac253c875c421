//! `tongban node`: one complete node, its ledger and its API.

use crate::backend::NodeBackend;
use crate::cli::{DOCUMENT_BYTES_MAX, block_on, read_file};
use crate::config::NodeConfig;
use crate::indexing::{Follower, follow};
use crate::observe::{self, NodeCollector};
use crate::random::rng;
use crate::record_form;
use crate::signer::read_key;
use anyhow::{Context, bail};
use rand_core::Rng as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_api::lists::Lists;
use tongban_api::server::{self, Tls};
use tongban_api::store::Store;
use tongban_api::{Border, Limits, Metrics, Services, observed, router};
use tongban_ledger::{EngineConfig, Handle, Ledger, MempoolLimits};
use tongban_types::Genesis;
use tracing::info;

/// How long the API may take to end.
const API_ENDING_TIME_MAX: Duration = Duration::from_secs(5);
/// How often the files of certificate and key are looked at.
const TLS_LOOK_INTERVAL: Duration = Duration::from_secs(30);

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
    api_tasks: JoinSet<()>,
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
        let tls = read_tls(config)?;
        record_form::claim(&config.data)?;
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
        let (stop_api, stopped) = watch::channel(false);
        let metrics = Arc::new(Metrics::new());
        let data = config.data.clone();
        let backend =
            NodeBackend::new(ledger.clone(), genesis_bytes, genesis.clone(), department.clone(), data, metrics.clone());
        let api = listener.local_addr()?;
        let mut running = Self { ledger, api, department, engine, stop_api, api_tasks: JoinSet::new() };
        match Store::open(&config.data).await {
            Ok(store) => {
                let lists = running.start_index(config, &stopped)?;
                let collector = NodeCollector::new(running.ledger.clone(), genesis, config.data.clone(), lists.clone());
                metrics.register(|registry| collector.register(registry, &running.department));
                let border = Arc::new(Border::new(store, config.border()));
                let services = Services { lists, metrics, ..Services::new(Arc::new(backend), stopped.clone()) };
                running.serve(config, listener, tls, services.behind(border.clone()), border, &stopped);
                Ok(running)
            }
            Err(error) => {
                running.stop().await?;
                Err(anyhow::Error::new(error).context("the node cannot start"))
            }
        }
    }

    /// Starts what answers and what sends.
    fn serve(
        &mut self,
        config: &NodeConfig,
        listener: TcpListener,
        tls: Option<Arc<Tls>>,
        services: Services,
        border: Arc<Border>,
        stopped: &watch::Receiver<bool>,
    ) {
        let (backend, metrics) = (services.backend.clone(), services.metrics.clone());
        let app = observed(router(services, Limits::default()), metrics, rng().next_u64());
        let (limits, api_tls, stop_serving) = (config.server(), tls.clone(), stopped.clone());
        self.api_tasks.spawn(async move {
            if let Err(error) = server::serve(listener, app, limits, api_tls, stop_serving).await {
                tracing::error!(%error, "the API has failed");
            }
        });
        let stop_sending = stopped.clone();
        self.api_tasks.spawn(async move {
            border.webhooks().run(border.store().clone(), backend, stop_sending).await;
            border.store().close().await;
        });
        if let Some(tls) = tls {
            let mut stopped = stopped.clone();
            self.api_tasks.spawn(async move {
                tokio::select! {
                    () = tls.clone().watch(TLS_LOOK_INTERVAL) => {}
                    () = reload_on_hangup(&tls) => {}
                    _ = stopped.wait_for(|stop| *stop) => {}
                }
            });
        }
    }

    /// Starts what keeps lists and search; they are absent where the configuration switches the index off.
    fn start_index(
        &mut self,
        config: &NodeConfig,
        stopped: &watch::Receiver<bool>,
    ) -> anyhow::Result<Option<Arc<dyn Lists>>> {
        let Some(url) = config.index.url(&config.data)? else { return Ok(None) };
        info!(index = %url, "lists and search come from an index");
        let follower = Arc::new(Follower::new(self.ledger.clone()));
        let (following, stop) = (follower.clone(), stopped.clone());
        self.api_tasks.spawn(async move { follow(&following, &url, stop).await });
        Ok(Some(follower))
    }

    /// Stops the API, the index and what it sends, then the ledger; answers why the ledger failed, if it did.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let _ = self.stop_api.send(true); // nobody listens where the API has ended
        let all_ended = async { while self.api_tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(API_ENDING_TIME_MAX, all_ended).await.is_err() {
            self.api_tasks.abort_all(); // a client that holds its connection, or a database that hangs, does not hold the node
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

/// Certificate and key, where the configuration names them.
fn read_tls(config: &NodeConfig) -> anyhow::Result<Option<Arc<Tls>>> {
    match (&config.tls_certificate, &config.tls_key) {
        (Some(certificate), Some(key)) => {
            let tls = Tls::load(certificate.clone(), key.clone()).context("the API cannot speak TLS")?;
            Ok(Some(Arc::new(tls)))
        }
        _ => Ok(None),
    }
}

/// Reads certificate and key again whenever the process is told to (SIGHUP), for ever.
async fn reload_on_hangup(tls: &Tls) {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        Ok(mut hangups) => {
            while hangups.recv().await.is_some() {
                tls.reload_and_log();
            }
        }
        Err(error) => tracing::warn!(%error, "SIGHUP does not make the node read its certificate again"),
    }
    std::future::pending().await
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
