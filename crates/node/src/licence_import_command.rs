//! `tongban import licences`: the importer of licences against a node's API.

use crate::asking;
use crate::cli::{NodeAddress, read_file};
use crate::import::licences::warnings::has_faces_of_another;
use crate::import::licences::{LicenceImport, LicenceSummary, LicenceTarget, Mapping, Warning, import};
use crate::import::progress_bar;
use crate::import::rows::Limits;
use crate::import_command::load_or_make_secret;
use crate::licences::types;
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::Args;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_api::lists::EventPage;
use tongban_crypto::primitives;
use tongban_modules::licences::{Query as LicencesQuery, TakenOver, TypeDefinition, View as LicencesView};
use tongban_modules::{Call, Query, View, orgs};
use tongban_types::codes::{DivisionCode, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::{Genesis, List, Receipt, Time};

/// Bytes of a mapping file.
const MAPPING_BYTES_MAX: u64 = 256 * 1024;

/// Options of `tongban import licences`.
#[derive(Args)]
pub struct ImportLicencesArguments {
    /// The licences: CSV or XLSX, UTF-8 or GB18030, plain or gz
    file: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
    /// The key file of an importer of the department
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// The department that takes the licences over, by its unified social credit code
    #[arg(long)]
    department: UnifiedSocialCreditCode,
    /// Which column is which field, which codes follow which standard, and whether licences bring an identifier: YAML or JSON
    #[arg(long)]
    mapping: PathBuf,
    /// The file with the secret that serials and salts are derived from; made where it is absent. Keep that of the first import as long as
    /// files of this register are imported: with another one, licences without an identifier of their own are taken over a second time.
    /// Destroy it when that is over and the vault has the faces
    #[arg(long)]
    secret: PathBuf,
    /// The folder for faces and salts, which go to the vault: personal data
    #[arg(long)]
    faces: PathBuf,
    /// When the source said so; the file's own time where this is absent
    #[arg(long)]
    as_of: Option<Time>,
    /// Read and check the file and take nothing over
    #[arg(long)]
    dry_run: bool,
    /// Where rows that cannot be taken over are listed
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Calls in one transaction, 1 to 100. With 1 each licence has a receipt of its own, of which `tongban prove receipt --slip` makes a QR
    /// code; that of many licences is too long for one, and proven by a bundle. More are faster
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=100))]
    calls_per_transaction: u16,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// A node that licences are taken over to, through its API.
pub struct LicenceNode {
    client: Client,
    signer: Signer,
}

impl LicenceNode {
    /// Takes over at this node as this account.
    pub fn new(client: Client, signer: Signer) -> Self {
        Self { client, signer }
    }
}

impl LicenceTarget for LicenceNode {
    async fn known(&self, identifiers: Vec<LicenceIdentifier>) -> anyhow::Result<Vec<TakenOver>> {
        let question = Query::Licences(LicencesQuery::TakenOver { identifiers: List::new(identifiers)? });
        let answer = self.client.query(&question.to_json()).await?;
        match View::from_json(answer.view)? {
            View::Licences(LicencesView::TakenOver { licences }) => Ok(licences.into_vec()),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        Ok(self.client.submit(&self.signer.sign(&calls)?).await?)
    }

    async fn definition(&self, licence_type: LicenceTypeCode) -> anyhow::Result<Option<TypeDefinition>> {
        let now = self.client.status().await?.time.unwrap_or_default();
        types::definition(&self.client, &licence_type, now).await
    }

    async fn has_division(&self, division: DivisionCode) -> anyhow::Result<bool> {
        let at = self.client.status().await?.time.unwrap_or_default();
        let question = Query::Orgs(orgs::Query::Division { division: division.to_long(), at });
        match asking::ask(&self.client, &question).await? {
            View::Orgs(orgs::View::Division { division, .. }) => Ok(division.is_some_and(|found| found.is_place())),
            other => bail!("the node answered another question: {other:?}"),
        }
    }
}

/// Imports the file and says what became of its rows; fails where rows were refused.
pub async fn run(arguments: &ImportLicencesArguments) -> anyhow::Result<()> {
    let mapping = read_mapping(&arguments.mapping)?;
    let client = arguments.node.client()?;
    let genesis: Genesis =
        serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")?;
    let primitives = primitives(genesis.suite);
    let now = client.status().await?.time.unwrap_or(genesis.time);
    let is_secret_new = !arguments.secret.exists();
    let secret = load_or_make_secret(&arguments.secret)?;
    let mut warnings = BTreeSet::new();
    if is_secret_new {
        warnings.insert(Warning::SecretIsNew);
        if taken_over_before(&client, &mapping.licence_type).await {
            warnings.insert(Warning::TakenOverBefore);
        }
    }
    if has_faces_of_another(&arguments.faces, &secret, primitives) {
        warnings.insert(Warning::FacesOfAnotherSecret);
    }
    for warning in &warnings {
        output::error(format_args!("tongban: {warning}"));
    }
    let options = LicenceImport {
        file: arguments.file.clone(),
        mapping,
        by: arguments.department,
        as_of: arguments.as_of.unwrap_or_else(|| file_time(&arguments.file)).min(now),
        calls_per_transaction: usize::from(arguments.calls_per_transaction),
        dry_run: arguments.dry_run,
        error_file: arguments.errors.clone(),
        faces: arguments.faces.clone(),
        secret,
        primitives,
        limits: Limits::default(),
    };
    let signer = Signer::new(read_key(&arguments.key)?, genesis.network(primitives));
    let mut summary = import(&LicenceNode::new(client, signer), options, &progress_bar()).await?;
    for warning in summary.warnings.difference(&warnings) {
        output::error(format_args!("tongban: {warning}"));
    }
    summary.warnings.extend(warnings);
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

/// Whether the latest imports at this node were of this type. Where its index does not answer, nobody can say.
async fn taken_over_before(client: &Client, licence_type: &LicenceTypeCode) -> bool {
    let page = client.get::<EventPage>("/v1/events?module=licences&kind=imported&limit=100").await;
    let of_type = format!(".{licence_type}.");
    page.is_ok_and(|page| {
        page.events.iter().flat_map(|listed| &listed.event).any(|event| event.to_string().contains(&of_type))
    })
}

/// The mapping in a file.
pub fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let place = || format!("cannot use the mapping {}", path.display());
    let bytes = read_file(path, MAPPING_BYTES_MAX).with_context(place)?;
    let text = String::from_utf8(bytes).context("the file is not UTF-8").with_context(place)?;
    Mapping::parse(&text).with_context(place)
}

/// When the file was last changed.
pub fn file_time(file: &Path) -> Time {
    let modified = std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    modified.and_then(crate::import::preparation::to_time).unwrap_or(Time::MAX)
}

/// The summary for people.
fn in_words(summary: &LicenceSummary) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (name, count) in [
        ("rows", summary.rows),
        ("imported", summary.imported),
        ("already imported", summary.already_imported),
        ("would import", summary.would_import),
        ("errors", summary.errors),
        ("broken files", summary.broken_files),
        ("lines passed over", summary.skipped_lines),
        ("transactions", summary.transactions),
        ("files of faces", summary.face_files),
        ("unknown divisions in rows", summary.divisions_unknown),
    ] {
        let _ = writeln!(text, "{name:<19} {count}");
    }
    for (reason, count) in &summary.skipped {
        let _ = writeln!(text, "passed over         {count} × {}", <&str>::from(*reason));
    }
    for (code, count) in &summary.refused {
        let _ = writeln!(text, "refused             {count} × {code}");
    }
    for (kind, count) in &summary.anomalies {
        let _ = writeln!(text, "anomaly             {count} × {kind}");
    }
    for (confidence, count) in &summary.confidence {
        let _ = writeln!(text, "confidence {confidence:>3}      {count}");
    }
    if let Some(checksum) = &summary.checksum {
        let _ = writeln!(text, "checksum            {checksum}");
    }
    text
}
