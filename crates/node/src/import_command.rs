//! `tongban import evidence`: the importer against a node's API.

use crate::cli::NodeAddress;
use crate::import::{ImportOptions, ImportSecret, ImportSummary, ImportTarget, import, progress_bar};
use crate::output;
use crate::random::rng;
use crate::signer::{Signer, read_key};
use anyhow::{Context, bail};
use clap::Args;
use rand_core::Rng;
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::evidence::{Query as EvidenceQuery, View as EvidenceView};
use tongban_modules::{Call, Query, View};
use tongban_types::{EvidenceId, Genesis, List, Receipt, Text};

/// Options of `tongban import evidence`.
#[derive(Args)]
pub struct ImportArguments {
    /// Files: CSV or XES, plain or gz, UTF-8 or GB18030
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    node: NodeAddress,
    /// The key file of the depositor
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// The file with the secret that numbers and salts are derived from; made where it is absent. Keep it: without it
    /// nobody can open the records, and a repeated import registers everything again
    #[arg(long)]
    secret: PathBuf,
    /// The name of the system that the records come from
    #[arg(long, default_value = "import")]
    system: Text<100>,
    /// Read and check the files and register nothing
    #[arg(long)]
    dry_run: bool,
    /// Where rows that cannot be registered are listed
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Calls in one transaction, 1 to 100
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=100))]
    calls_per_transaction: u16,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// A node that records are registered at, through its API.
pub struct NodeTarget {
    client: Client,
    signer: Signer,
}

impl NodeTarget {
    /// Registers at this node as this account.
    pub fn new(client: Client, signer: Signer) -> Self {
        Self { client, signer }
    }
}

impl ImportTarget for NodeTarget {
    async fn registered(&self, ids: Vec<EvidenceId>) -> anyhow::Result<Vec<EvidenceId>> {
        let question = Query::Evidence(EvidenceQuery::Which { ids: List::new(ids)? });
        let answer = self.client.query(&question.to_json()).await?;
        match View::from_json(answer.view)? {
            View::Evidence(EvidenceView::Which { registered }) => Ok(registered.into_vec()),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        Ok(self.client.submit(&self.signer.sign(&calls)?).await?)
    }
}

/// The secret in a file, made where there is none.
pub fn load_or_make_secret(path: &Path) -> anyhow::Result<ImportSecret> {
    if !path.exists() {
        ImportSecret::generate(|bytes| rng().fill_bytes(bytes)).save_new(path)?;
    }
    ImportSecret::load(path)
}

/// Imports the files and says what became of their rows; fails where rows were refused.
pub async fn run(arguments: &ImportArguments) -> anyhow::Result<()> {
    let client = arguments.node.client()?;
    let genesis: Genesis =
        serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")?;
    let primitives = primitives(genesis.suite);
    let signer = Signer::new(read_key(&arguments.key)?, genesis.network(primitives));
    let secret = load_or_make_secret(&arguments.secret)?;
    let options = ImportOptions {
        calls_per_transaction: usize::from(arguments.calls_per_transaction),
        dry_run: arguments.dry_run,
        error_file: arguments.errors.clone(),
        ..ImportOptions::new(
            arguments.files.clone(),
            signer.account(),
            arguments.system.clone(),
            client.status().await?.time.unwrap_or(genesis.time),
            secret,
            primitives,
        )
    };
    let summary = import(&NodeTarget::new(client, signer), options, &progress_bar()).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&summary)?));
    } else {
        print_summary(&summary);
    }
    if summary.errors > 0 || summary.broken_files > 0 {
        let place = arguments.errors.as_ref().map_or_else(String::new, |path| format!(", see {}", path.display()));
        bail!("{} rows were not registered, {} files are broken{place}", summary.errors, summary.broken_files);
    }
    Ok(())
}

fn print_summary(summary: &ImportSummary) {
    output::line(format_args!("rows                {}", summary.rows));
    output::line(format_args!("registered          {}", summary.registered));
    output::line(format_args!("already registered  {}", summary.already_registered));
    output::line(format_args!("would register      {}", summary.would_register));
    output::line(format_args!("errors              {}", summary.errors));
    output::line(format_args!("broken files        {}", summary.broken_files));
    output::line(format_args!("lines passed over   {}", summary.skipped_lines));
    output::line(format_args!("transactions        {}", summary.transactions));
    for (reason, count) in &summary.skipped {
        output::line(format_args!("passed over         {count} × {}", <&str>::from(*reason)));
    }
    for (code, count) in &summary.refused {
        output::line(format_args!("refused             {count} × {code}"));
    }
}
