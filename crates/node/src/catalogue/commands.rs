//! The commands' arguments, and their way to a node.

use super::import::{CatalogueImport, CatalogueSummary, CatalogueTarget, import};
use super::item_file::{ItemFile, read_value};
use super::{check, proposals, simulation};
use crate::cli::NodeAddress;
use crate::import::progress_bar;
use crate::organisation::file::Organisation;
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::catalogue::{self, ItemCode};
use tongban_modules::{Call, Event, Query, View};
use tongban_types::{Digest, Genesis, List, Outcome, Receipt, Time};

/// Commands of `tongban catalogue`.
#[derive(Subcommand)]
pub enum CatalogueAction {
    /// Check item files and list every finding with its place, code, reason and remedy (检查)
    Check {
        /// Item files: YAML or JSON
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// An organisation file: are its departments, posts and officers those that the flows need (对照机构文件)
        #[arg(long)]
        organisation: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Play an item's flow with sample answers, day by day (模拟)
    Simulate {
        /// The item file
        file: PathBuf,
        /// The filled-in form: YAML or JSON
        #[arg(long)]
        answers: PathBuf,
        /// An organisation file with which the flow is compared before (对照机构文件)
        #[arg(long)]
        organisation: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Publish an item file as the next version of its item (发布)
    Publish {
        /// The item file
        file: PathBuf,
        #[command(flatten)]
        node: NodeAddress,
        /// The key file of the publisher
        #[arg(long, env = "TONGBAN_KEY")]
        key: PathBuf,
    },
    /// Propose an item file as the next version, where the department wants four eyes (提请审核)
    Propose {
        /// The item file
        file: PathBuf,
        #[command(flatten)]
        node: NodeAddress,
        /// The key file of the officer who proposes
        #[arg(long, env = "TONGBAN_KEY")]
        key: PathBuf,
    },
    /// Show what was proposed for an item and is open (待审清单)
    Proposals {
        /// The item's code
        code: ItemCode,
        #[command(flatten)]
        node: NodeAddress,
    },
    /// Approve what another officer has proposed, exactly as it was read (审核通过)
    Approve {
        /// The item's code
        code: ItemCode,
        /// The number of the proposal
        number: u32,
        /// The item file that was read: approved only if the same was proposed
        #[arg(long, conflicts_with = "digest", required_unless_present = "digest")]
        file: Option<PathBuf>,
        /// The digest of the proposal that was read
        #[arg(long)]
        digest: Option<Digest>,
        #[command(flatten)]
        node: NodeAddress,
        /// The key file of the officer who approves
        #[arg(long, env = "TONGBAN_KEY")]
        key: PathBuf,
    },
}

/// Options of `tongban import catalogue`.
#[derive(Args)]
pub struct ImportCatalogueArguments {
    /// The older catalogue: CSV (UTF-8 or GB18030, plain or gz) or JSON
    file: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
    /// The key file of the publisher
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// When the older catalogue said so; the file's own time where this is absent
    #[arg(long)]
    source_time: Option<Time>,
    /// Read and check the file and take nothing over
    #[arg(long)]
    dry_run: bool,
    /// Where rows that cannot be taken over are listed
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Where anomalies are listed, one line each
    #[arg(long)]
    anomalies: Option<PathBuf>,
    /// Calls in one transaction, 1 to 100
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=100))]
    calls_per_transaction: u16,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Runs a command of `tongban catalogue`.
pub fn run(action: CatalogueAction) -> anyhow::Result<()> {
    match action {
        CatalogueAction::Check { files, organisation, json } => check::run(&files, organisation.as_deref(), json),
        CatalogueAction::Simulate { file, answers, organisation, json } => {
            simulate(&file, &answers, organisation.as_deref(), json)
        }
        CatalogueAction::Publish { file, node, key } => crate::cli::block_on(publish(&file, &node, &key))?,
        CatalogueAction::Propose { file, node, key } => crate::cli::block_on(proposals::propose(&file, &node, &key))?,
        CatalogueAction::Proposals { code, node } => crate::cli::block_on(proposals::list(&code, &node))?,
        CatalogueAction::Approve { code, number, file, digest, node, key } => {
            let read = proposals::Read { code, number, file, digest };
            crate::cli::block_on(proposals::approve(read, &node, &key))?
        }
    }
}

/// Reads an item file that can be published, or fails with its findings on standard output.
pub(super) fn read_checked(file: &Path, organisation: Option<&Organisation>) -> anyhow::Result<ItemFile> {
    let report = check::check(file, organisation);
    if !report.is_good() {
        output::text(format_args!("{}", check::in_words(&report)));
        let can = if report.errors.is_empty() { "be handled by this organisation" } else { "be published" };
        bail!("{} cannot {can}", file.display());
    }
    Ok(ItemFile::read(file)?)
}

fn simulate(file: &Path, answers: &Path, organisation: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let organisation = organisation.map(check::read_organisation).transpose()?;
    let item = read_checked(file, organisation.as_ref())?;
    let filled = read_value(answers).with_context(|| format!("cannot use {}", answers.display()))?;
    let simulation = simulation::simulate(&item, &filled)?;
    if json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&simulation)?));
    } else {
        output::text(format_args!("{}", simulation::in_words(&simulation)));
    }
    Ok(())
}

async fn publish(file: &Path, node: &NodeAddress, key: &Path) -> anyhow::Result<()> {
    let item = read_checked(file, None)?;
    let target = CatalogueNode::connect(node.client()?, key).await?;
    let code = item.code.clone();
    let version = target.last_version(&code).await? + 1;
    let receipt = target.submit(vec![Call::Catalogue(item.publish(version))]).await?;
    match receipt.outcome {
        Outcome::Applied { events } => {
            output::line(format_args!("{code} version {version}: published, receipt {}", receipt.number));
            warn_of_absent(&events);
            Ok(())
        }
        Outcome::Refused(refusal) => refused(&refusal.code),
    }
}

/// What a refusal means.
pub(super) fn refused(code: &str) -> anyhow::Result<()> {
    let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
    bail!("refused: {meaning} ({code})")
}

/// Says which departments of a published item are not there.
pub(super) fn warn_of_absent(events: &[impl AsRef<[u8]>]) {
    for department in events.iter().flat_map(|event| absent_departments(event.as_ref()).into_vec()) {
        output::error(format_args!(
            "部门 {department} 未登记或已撤销，在此之前无法申请 until the department {department} is registered nobody can apply"
        ));
    }
}

/// The departments of a published item that are not there, as its event names them.
fn absent_departments(event: &[u8]) -> catalogue::AbsentDepartments {
    match Event::decode(event) {
        Ok(Event::Catalogue(catalogue::Event::Published { absent_departments, .. })) => absent_departments,
        _ => List::default(),
    }
}

/// A node at which items are published, through its API.
pub struct CatalogueNode {
    client: Client,
    signer: Signer,
    genesis: Genesis,
}

impl CatalogueNode {
    /// Publishes at this node as the account of this key file.
    pub async fn connect(client: Client, key: &Path) -> anyhow::Result<Self> {
        let genesis: Genesis =
            serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")?;
        let signer = Signer::new(read_key(key)?, genesis.network(primitives(genesis.suite)));
        Ok(Self { client, signer, genesis })
    }

    /// The number of the last version, 0 where there is none.
    pub async fn last_version(&self, code: &ItemCode) -> anyhow::Result<u32> {
        match self.ask(catalogue::Query::Item { code: code.clone() }).await? {
            catalogue::View::Item { entry } => Ok(entry.map_or(0, |entry| entry.last_version())),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    pub(super) async fn ask(&self, query: catalogue::Query) -> anyhow::Result<catalogue::View> {
        ask(&self.client, query).await
    }

    /// The digest of what is proposed under a number, as this network reckons it.
    pub(super) fn digest(&self, code: &ItemCode, number: u32, change: &catalogue::Change) -> Digest {
        catalogue::proposal_digest(code, number, change, primitives(self.genesis.suite))
    }
}

/// Asks a node about the catalogue.
pub(super) async fn ask(client: &Client, query: catalogue::Query) -> anyhow::Result<catalogue::View> {
    let answer = client.query(&Query::Catalogue(query).to_json()).await?;
    match View::from_json(answer.view)? {
        View::Catalogue(view) => Ok(view),
        other => bail!("the node answered another question: {other:?}"),
    }
}

impl CatalogueTarget for CatalogueNode {
    async fn known(&self, codes: Vec<ItemCode>) -> anyhow::Result<Vec<ItemCode>> {
        match self.ask(catalogue::Query::Which { codes: List::new(codes)? }).await? {
            catalogue::View::Which { known } => Ok(known.into_vec()),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        Ok(self.client.submit(&self.signer.sign(&calls)?).await?)
    }
}

/// Imports the file and says what became of its rows; fails where rows were lost.
pub async fn run_import(arguments: &ImportCatalogueArguments) -> anyhow::Result<()> {
    let target = CatalogueNode::connect(arguments.node.client()?, &arguments.key).await?;
    let now = target.client.status().await?.time.unwrap_or(target.genesis.time);
    let options = CatalogueImport {
        file: arguments.file.clone(),
        source_time: arguments.source_time.unwrap_or_else(|| file_time(&arguments.file)).min(now),
        calls_per_transaction: usize::from(arguments.calls_per_transaction),
        dry_run: arguments.dry_run,
        error_file: arguments.errors.clone(),
        anomaly_file: arguments.anomalies.clone(),
    };
    let summary = import(&target, &options, &progress_bar()).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&summary)?));
    } else {
        output::text(format_args!("{}", in_words(&summary)));
    }
    if summary.errors > 0 || summary.broken_files > 0 {
        let place = arguments.errors.as_ref().map_or_else(String::new, |path| format!(", see {}", path.display()));
        bail!("{} rows were not taken over, {} files are broken{place}", summary.errors, summary.broken_files);
    }
    Ok(())
}

/// When the file was last changed.
pub fn file_time(file: &Path) -> Time {
    let modified = std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)).unwrap_or(Time::MAX)
}

/// The summary for people.
pub fn in_words(summary: &CatalogueSummary) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (name, count) in [
        ("rows", summary.rows),
        ("imported", summary.imported),
        ("already imported", summary.already_imported),
        ("would import", summary.would_import),
        ("errors", summary.errors),
        ("broken files", summary.broken_files),
        ("transactions", summary.transactions),
        ("departments", summary.departments),
    ] {
        let _ = writeln!(text, "{name:<17} {count}");
    }
    for (code, count) in &summary.refused {
        let _ = writeln!(text, "refused           {count} × {code}");
    }
    for (kind, count) in &summary.types {
        let _ = writeln!(text, "type              {count} × {kind}");
    }
    for (kind, count) in &summary.department_codes {
        let _ = writeln!(text, "department codes  {count} × {kind}");
    }
    for (name, codes) in &summary.departments_with_several_codes {
        let _ = writeln!(text, "several codes     {name}: {}", codes.join(", "));
    }
    for (code, names) in &summary.codes_of_several_departments {
        let _ = writeln!(text, "several names     {code}: {}", names.join(", "));
    }
    for (anomaly, rows) in &summary.anomalies {
        let few: Vec<String> = rows.iter().take(10).map(u64::to_string).collect();
        let more = if rows.len() > 10 { ", …" } else { "" };
        let _ = writeln!(text, "anomaly           {} × {anomaly}: rows {}{more}", rows.len(), few.join(", "));
    }
    text
}
