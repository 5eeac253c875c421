//! `tongban node`: one complete node, its ledger and its API.

use crate::backend::NodeBackend;
use crate::cli::{DOCUMENT_BYTES_MAX, block_on, has_terminal, read_file};
use crate::config::NodeConfig;
use crate::signer::read_key;
use anyhow::{Context, bail};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_api::server::{self, Tls};
use tongban_api::store::Store;
use tongban_api::{Border, Limits, Services, router};
use tongban_ledger::{EngineConfig, Handle, Ledger, MempoolLimits};
use tongban_types::Genesis;
use tracing::info;
use tracing_subscriber::EnvFilter;

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
        let (stop_api, stopped) = watch::channel(false);
        let backend = Arc::new(NodeBackend::new(ledger.clone(), genesis_bytes, genesis, department.clone()));
        let api = listener.local_addr()?;
        let mut running = Self { ledger, api, department, engine, stop_api, api_tasks: JoinSet::new() };
        match Store::open(&config.data).await {
            Ok(store) => {
                running.serve(config, listener, tls, backend, Border::new(store, config.border()), &stopped);
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
        backend: Arc<NodeBackend>,
        border: Border,
        stopped: &watch::Receiver<bool>,
    ) {
        let border = Arc::new(border);
        let services = Services::new(backend.clone(), stopped.clone()).behind(border.clone());
        let app = router(services, Limits::default());
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

    /// Stops the API, then the ledger; answers why the ledger failed, if it did.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let _ = self.stop_api.send(true); // nobody listens where the API has ended
        let all_ended = async { while self.api_tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(API_ENDING_TIME_MAX, all_ended).await.is_err() {
            self.api_tasks.abort_all(); // a client that holds its connection does not hold the node
        }
        self.ledger.stop();
        tokio::task::spawn_blocking(move || self.engine.join()).await?.map_err(anyhow::Error::new)
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
