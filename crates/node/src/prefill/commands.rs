//! The commands' arguments, and their way to a node.

use super::answers::{nested, read};
use super::commit::commit;
use super::hosts::{OfDepartment, open};
use super::provenance::{FieldCheck, Provenance, in_words, refuse_typed_over};
use super::review::{self, ReviewArguments};
use super::{item_in_force, plan, prefill, words};
use crate::asking::{ask, genesis};
use crate::cli::NodeAddress;
use crate::output;
use crate::private_file::write_new_json;
use crate::random::rng;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use rand_core::Rng as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::catalogue::ItemCode;
use tongban_modules::items::Item;
use tongban_modules::offices::DepartmentCode;
use tongban_modules::prefill::{Obstacle, Showing, sources};
use tongban_modules::sharing::{self, Purpose, Reading, Uses};
use tongban_modules::{Call, Query, View, licences};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{AccountId, ConsentId, CorrectionId, Outcome, Suite, Time};

const DAY_MILLIS: u64 = 86_400_000;

/// Commands of `tongban prefill`.
#[derive(Subcommand)]
pub enum PrefillAction {
    /// Propose values that departments hold, each access recorded before it is read, and write the answers and whence they come (预填)
    Propose(Box<ProposeArguments>),
    /// Name the fields that were typed over, and the request that has each corrected at its source (核对预填)
    Check(CheckArguments),
    /// Hold a filled-in form to its item's rules, salt it, and print the root that an application carries (表单承诺)
    Commit(CommitArguments),
    /// Name for each answer of a form in a vault whether a licence proves it or the applicant typed it in, for who accepts it (审看来源)
    Review(ReviewArguments),
}

/// Options of `tongban prefill propose`.
#[derive(Args)]
pub struct ProposeArguments {
    #[command(flatten)]
    node: NodeAddress,
    /// The service item
    #[arg(long)]
    item: ItemCode,
    /// Who applies and whose data they are, a person or a company; the reader himself where this is absent
    #[arg(long)]
    person: Option<AccountId>,
    /// The department that handles the application; the one that leads the item where this is absent
    #[arg(long)]
    receiver: Option<DepartmentCode>,
    /// The key file of who is shown the values: the applicant, or an officer of the receiver
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// His account, where the key was added to it later
    #[arg(long)]
    account_id: Option<AccountId>,
    /// The case, where it is filed already
    #[arg(long)]
    case: Option<CaseNumber>,
    /// Give the consent that is missing, with the same key, for so many days; without this, what no consent covers is asked for
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=366))]
    consent_days: Option<u16>,
    /// A vault: the department's credit code, =, and the folder
    #[arg(long = "vault", value_name = "CODE=FOLDER")]
    vaults: Vec<OfDepartment>,
    /// The key file that opens a department's vault; FOLDER.key.json beside it where this is absent
    #[arg(long = "vault-key", value_name = "CODE=KEY")]
    keys: Vec<OfDepartment>,
    /// The key file of the data officer who records accesses for a department
    #[arg(long = "officer", value_name = "CODE=KEY")]
    officers: Vec<OfDepartment>,
    /// Where the answers go, for the applicant to complete: a new file
    #[arg(long, requires = "provenance")]
    answers: Option<PathBuf>,
    /// Where it goes whence each field comes: a new file
    #[arg(long, requires = "answers")]
    provenance: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of `tongban prefill check`.
#[derive(Args)]
pub struct CheckArguments {
    /// The filled-in form: YAML or JSON
    answers: PathBuf,
    /// Whence its fields come, as it was written when they were proposed
    #[arg(long)]
    provenance: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of `tongban prefill commit`.
#[derive(Args)]
pub struct CommitArguments {
    /// The filled-in form: YAML or JSON
    pub(super) answers: PathBuf,
    /// Whence its fields come, as it was written when they were proposed: a form in which one was typed over is refused
    #[arg(long)]
    pub(super) provenance: Option<PathBuf>,
    /// The service item, by whose rules the form is checked; that of the proposal where this is absent
    #[arg(long, required_unless_present = "provenance")]
    pub(super) item: Option<ItemCode>,
    /// Commit to it although it does not meet the item's condition for acceptance: the department then answers in writing
    #[arg(long)]
    pub(super) although_not_eligible: bool,
    #[command(flatten)]
    pub(super) node: NodeAddress,
    /// Where the form with its salts goes; `tongban vault keep --form` takes it when the case has a number
    #[arg(long)]
    pub(super) out: PathBuf,
    /// Print JSON: root, facts and sources as an application carries them, or the rules that are broken
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs a command of `tongban prefill`.
pub async fn run(action: PrefillAction) -> anyhow::Result<()> {
    match action {
        PrefillAction::Propose(arguments) => propose(&arguments).await,
        PrefillAction::Check(arguments) => check(&arguments).await,
        PrefillAction::Commit(arguments) => commit(&arguments).await,
        PrefillAction::Review(arguments) => review::run(&arguments).await,
    }
}

async fn propose(arguments: &ProposeArguments) -> anyhow::Result<()> {
    let client = arguments.node.client()?;
    let genesis = genesis(&client).await?;
    let network = genesis.network(primitives(genesis.suite));
    let mut reader = Signer::new(read_key(&arguments.key)?, network);
    if let Some(account) = arguments.account_id {
        reader = reader.for_account(account);
    }
    let hosted = open(&arguments.vaults, &arguments.keys, &arguments.officers, network, genesis.suite)?;
    let item = item_in_force(&client, &arguments.item).await?;
    let showing = showing(arguments, &reader, &item)?;
    let consents = match arguments.consent_days {
        Some(days) => consent(&client, &reader, &item, &showing, days).await?,
        None => Vec::new(),
    };
    let filled = prefill(&client, genesis.suite, &showing, &hosted).await?;
    if let (Some(answers), Some(provenance)) = (&arguments.answers, &arguments.provenance) {
        let proposals = filled.proposed.proposals.iter().map(|proposal| (&proposal.target, &proposal.value));
        write_new_json(answers, &nested(proposals))?;
        let person = showing.reading.person;
        write_new_json(provenance, &Provenance::new(arguments.item.clone(), person, filled.openings.clone()))?;
    }
    if arguments.json {
        let refused: Vec<_> = filled.refused.iter().collect();
        let said = serde_json::json!({
            "proposed": filled.proposed, "consents": consents, "accesses": filled.recorded, "refused": refused,
            "elsewhere": filled.elsewhere,
        });
        output::line(format_args!("{}", serde_json::to_string_pretty(&said)?));
    } else {
        output::text(format_args!("{}", words::of_proposal(&filled, &consents)));
    }
    Ok(())
}

fn showing(arguments: &ProposeArguments, reader: &Signer, item: &Item) -> anyhow::Result<Showing> {
    let leading = || item.department.code.parse().context("the item's department has no credit code: name --receiver");
    let reading = Reading {
        person: arguments.person.unwrap_or(reader.account()),
        receiver: arguments.receiver.map_or_else(leading, Ok)?,
        purpose: Purpose::Application,
        item: arguments.item.clone(),
    };
    Ok(Showing { reading, reader: reader.account(), case: arguments.case.clone() })
}

/// Gives the consents that the item asks for, where something of it is covered by none.
async fn consent(
    client: &Client,
    giver: &Signer,
    item: &Item,
    showing: &Showing,
    days: u16,
) -> anyhow::Result<Vec<ConsentId>> {
    let plan = plan(client, showing).await?;
    if plan.unmet.iter().all(|unmet| unmet.obstacle != Obstacle::NoConsent) {
        return Ok(Vec::new());
    }
    let now = client.status().await?.time.context("the node has no time yet")?;
    let until: Time = now.plus_millis(u64::from(days) * DAY_MILLIS);
    let mut given = Vec::new();
    for sources in sources(item) {
        let (id, reading) = (ConsentId(random()), showing.reading.clone());
        let give = sharing::Call::GiveConsent { id, reading, sources, uses: Uses::Once, until };
        let receipt = client.submit(&giver.sign(&[Call::Sharing(give)])?).await?;
        if let Outcome::Refused(refusal) = receipt.outcome {
            let meaning = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
            bail!("the consent is refused: {meaning} ({})", refusal.code);
        }
        given.push(id);
    }
    Ok(given)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}

async fn check(arguments: &CheckArguments) -> anyhow::Result<()> {
    let (answers, provenance) = (read(&arguments.answers)?, Provenance::read(&arguments.provenance)?);
    let client = arguments.node.client()?;
    let suite = genesis(&client).await?.suite;
    let checks = compare(&client, suite, &answers, &provenance).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&checks)?));
    } else {
        output::text(format_args!("{}", in_words(&checks)));
    }
    refuse_typed_over(&checks)
}

/// What became of each field that was proposed, by what the ledger has of the licences.
pub(super) async fn compare(
    client: &Client,
    suite: Suite,
    answers: &Value,
    provenance: &Provenance,
) -> anyhow::Result<Vec<FieldCheck>> {
    let mut roots = BTreeMap::new();
    for opening in &provenance.openings {
        if let Some(root) = root_of(client, &opening.licence).await? {
            roots.insert(opening.licence.clone(), root);
        }
    }
    let root_of = |licence: &LicenceIdentifier| roots.get(licence).copied();
    Ok(provenance.check(answers, root_of, || CorrectionId(random()), primitives(suite)))
}

/// What the ledger has of the face of a licence.
pub(super) async fn root_of(client: &Client, licence: &LicenceIdentifier) -> anyhow::Result<Option<FaceRoot>> {
    let question = Query::Licences(licences::Query::Licence { identifier: licence.clone() });
    match ask(client, &question).await? {
        View::Licences(licences::View::Licence { licence }) => Ok(licence.map(|licence| licence.content.face)),
        other => bail!("the node answered another question: {other:?}"),
    }
}
