//! `tongban index`: what an operator does with the index of a node.
//!
//! `rebuild` empties the database; the node projects it again, from the beginning, with the code that always does. A node that runs
//! notices by itself and need not be restarted, and the command shows how far it is; one that is stopped begins when it starts.
//! So there is one writer, and the ledger's folder stays with its one process.
//!
//! Whether a node runs, the lock in its folder says. How it is, it says itself, without a token.

use crate::config::NodeConfig;
use crate::doctor::{Answer, Holder, ask_own, holder_of, own_address};
use crate::node::read_genesis;
use crate::output;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tongban_crypto::primitives;
use tongban_index::{DatabaseUrl, Index, IndexError, SCHEMA_VERSION};
use tongban_types::Digest;

/// How often progress is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// After so long without progress the node does not seem to work on this index.
const STANDSTILL_MAX: Duration = Duration::from_secs(60);

/// What can be done with an index.
#[derive(Subcommand)]
pub enum IndexAction {
    /// Empty the index and have the node project it again (重建索引)
    Rebuild(Place),
    /// Say how far the index is (索引状态)
    Status {
        #[command(flatten)]
        place: Place,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Whose index.
#[derive(Args)]
pub struct Place {
    /// The node's configuration
    #[arg(long)]
    config: PathBuf,
}

/// An index and the node it belongs to.
struct Target {
    url: DatabaseUrl,
    network: Digest,
    /// The node's folder.
    data: PathBuf,
    /// Where the node's API answers.
    api: String,
}

/// The node, as it looks from here.
enum Node {
    /// It runs, and says how it is.
    Runs(Answer),
    /// It does not run.
    Stopped,
    /// It may run, and does not say how it is, for this reason.
    Silent(String),
}

impl Target {
    fn of(place: &Place) -> anyhow::Result<Self> {
        let config = NodeConfig::load(&place.config)?;
        let url = config.index.url(&config.data)?.context("the configuration says index = \"none\" (index.off)")?;
        let (_, genesis) = read_genesis(&config.genesis)?;
        let network = genesis.network(primitives(genesis.suite));
        let api = own_address(config.api, config.tls_certificate.is_some());
        Ok(Self { url, network, data: config.data, api })
    }

    /// How the node is.
    async fn node(&self) -> anyhow::Result<Node> {
        let works = match holder_of(&self.data) {
            Holder::Nobody => return Ok(Node::Stopped),
            Holder::Process => format!("a process works in {}", self.data.display()),
            Holder::Unknown(reason) => format!("{} does not tell whether a node runs ({reason})", self.data.display()),
        };
        match ask_own(&self.api).await {
            Ok(answer) if answer.network == self.network.to_string() => Ok(Node::Runs(answer)),
            Ok(_) => bail!("the node at {} belongs to another network than this configuration", self.api),
            Err(reason) => Ok(Node::Silent(format!("{works}, and no node answers at {}: {reason}", self.api))),
        }
    }
}

/// Does it.
pub async fn run(action: &IndexAction) -> anyhow::Result<()> {
    match action {
        IndexAction::Rebuild(place) => rebuild(&Target::of(place)?).await,
        IndexAction::Status { place, json } => status(&Target::of(place)?, *json).await,
    }
}

fn failed(error: IndexError) -> anyhow::Error {
    let code = error.code();
    anyhow::Error::new(error).context(code)
}

async fn rebuild(target: &Target) -> anyhow::Result<()> {
    let node = match target.node().await? {
        Node::Runs(answer) => Some(answer),
        Node::Stopped => None,
        Node::Silent(reason) => bail!(
            "the index is left as it is: {reason}; a node that is starting or stopping says more in a minute, else correct \
             `api` or stop it"
        ),
    };
    let began = Instant::now();
    let index = Index::rebuild(&target.url, &target.network).await.map_err(failed)?;
    output::line(format_args!("{} is empty", target.url));
    let Some(node) = node else {
        output::line(format_args!(
            "no node works in {}: it will project the index when it starts",
            target.data.display()
        ));
        return Ok(());
    };
    let bar = progress_bar(node.receipts);
    let mut last = (index.position().await.map_err(failed)?, Instant::now());
    while last.0.receipts < node.receipts || last.0.height < node.height {
        tokio::time::sleep(LOOK_INTERVAL).await;
        let position = index.position().await.map_err(failed)?;
        if position != last.0 {
            last = (position, Instant::now());
        } else if last.1.elapsed() > STANDSTILL_MAX {
            bail!(
                "the index stands at receipt {} of {}: does the node at {} run with this configuration?",
                position.receipts,
                node.receipts,
                target.api
            );
        }
        bar.set_position(position.receipts.min(node.receipts));
    }
    bar.finish_and_clear();
    let (millis, bytes) = (began.elapsed().as_millis().max(1), index.size_bytes().await.map_err(failed)?);
    output::line(format_args!("receipts    {}", last.0.receipts));
    output::line(format_args!("height      {}", last.0.height));
    output::line(format_args!("took        {millis} ms, {} receipts/s", u128::from(last.0.receipts) * 1000 / millis));
    output::line(format_args!("size        {bytes} bytes"));
    index.close().await;
    Ok(())
}

fn progress_bar(receipts: u64) -> ProgressBar {
    if !crate::cli::has_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {pos} of {len} receipts  {elapsed_precise}, {eta} left");
    ProgressBar::new(receipts).with_style(style.expect("a valid template"))
}

async fn status(target: &Target, json: bool) -> anyhow::Result<()> {
    let index = Index::open(&target.url, &target.network).await.map_err(failed)?;
    let (position, bytes) = (index.position().await.map_err(failed)?, index.size_bytes().await.map_err(failed)?);
    index.close().await;
    let (ledger_height, reason) = match target.node().await? {
        Node::Runs(answer) => (Some(answer.height), None),
        Node::Stopped => (None, Some(format!("no node works in {}", target.data.display()))),
        Node::Silent(reason) => (None, Some(reason)),
    };
    let lag_blocks = ledger_height.map(|height| height.saturating_sub(position.height));
    if json {
        let report = serde_json::json!({
            "database": target.url.to_string(),
            "schema_version": SCHEMA_VERSION,
            "network": target.network,
            "index_height": position.height,
            "receipts": position.receipts,
            "bytes": bytes,
            "ledger_height": ledger_height,
            "lag_blocks": lag_blocks,
            "reason": reason,
        });
        output::line(format_args!("{}", serde_json::to_string_pretty(&report)?));
        return Ok(());
    }
    let or_unknown = |number: Option<u64>| number.map_or("unknown".to_owned(), |number| number.to_string());
    output::line(format_args!("database      {} (schema {SCHEMA_VERSION})", target.url));
    output::line(format_args!("network       {}", target.network));
    output::line(format_args!("height        {}", position.height));
    output::line(format_args!("receipts      {}", position.receipts));
    output::line(format_args!("size          {bytes} bytes"));
    output::line(format_args!("ledger        {}", or_unknown(ledger_height)));
    output::line(format_args!("blocks behind {}", or_unknown(lag_blocks)));
    if let Some(reason) = reason {
        output::line(format_args!("unknown       {reason}"));
    }
    Ok(())
}
