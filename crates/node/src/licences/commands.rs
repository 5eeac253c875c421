//! The commands' arguments, and their way to a node.

use super::terms::{Day, GroundArguments, TermArguments};
use super::{copy, issue, outside, show, types};
use crate::asking::genesis;
use crate::cli::{NodeAddress, block_on};
use crate::signer::{Signer, read_key};
use crate::vault::keys::VaultPlace;
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::licences::SupersessionCause;
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::licence_face::FieldValue;
use tongban_types::{AccountId, Genesis, Time};

/// Commands of `tongban licences`.
#[derive(Subcommand)]
pub enum LicencesAction {
    /// Publish a type of licence from a file as its next version (证照类型发布)
    RegisterType(TypeArguments),
    /// Issue a licence from a face file, which stays sealed in a vault (颁发)
    Issue(Box<IssueArguments>),
    /// Issue a new version in the place of one, from a face file (变更、更正、延续、换发)
    Supersede(Box<SupersedeArguments>),
    /// Show some fields of a licence for its holder, without the others, so that anybody can check them (选择性出示)
    Show(ShowArguments),
    /// Make an annotated copy of a licence for one purpose, until a day, as a slip that says so (加注件)
    Copy(Box<CopyArguments>),
}

/// Who signs, and at which node.
#[derive(Args)]
pub struct SigningArguments {
    #[command(flatten)]
    node: NodeAddress,
    /// The key file of the officer who signs
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// The account, where the key was added to it later
    #[arg(long)]
    account_id: Option<AccountId>,
}

/// A node and who signs there.
pub struct Signing {
    /// The node.
    pub client: Client,
    /// Who signs.
    pub signer: Signer,
    /// The genesis of its network.
    pub genesis: Genesis,
    /// The time of its last block.
    pub time: Time,
}

/// Options of `tongban licences register-type`.
#[derive(Args)]
pub struct TypeArguments {
    /// The type: YAML or JSON
    pub file: PathBuf,
    /// The type's code: the credit code of the authority that defines it, and three digits
    #[arg(long)]
    pub code: LicenceTypeCode,
    /// When it comes into force; at once where this is absent
    #[arg(long)]
    pub effective_from: Option<Time>,
    #[command(flatten)]
    pub signing: SigningArguments,
}

/// Options of `tongban licences issue`.
#[derive(Args)]
pub struct IssueArguments {
    /// What stands on the licence, field by field: YAML or JSON
    pub face: PathBuf,
    /// Its identifier; one with a random serial is made where this is absent
    #[arg(long, required_unless_present = "licence_type")]
    pub identifier: Option<LicenceIdentifier>,
    /// Its type, where no identifier is given
    #[arg(long = "type", conflicts_with = "identifier", requires = "department")]
    pub licence_type: Option<LicenceTypeCode>,
    /// The department that issues it, where no identifier is given
    #[arg(long, conflicts_with = "identifier", requires = "licence_type")]
    pub department: Option<UnifiedSocialCreditCode>,
    /// The holder's account
    #[arg(long)]
    pub holder: AccountId,
    /// Prepare it only (制证): another officer issues it, with `tongban call licences issue-prepared`
    #[arg(long)]
    pub draft: bool,
    #[command(flatten)]
    pub version: VersionArguments,
}

/// Options of `tongban licences supersede`.
#[derive(Args)]
pub struct SupersedeArguments {
    /// The version to replace
    pub identifier: LicenceIdentifier,
    /// What stands on the new version: YAML or JSON; what it leaves out stays as it is in the vault
    pub face: PathBuf,
    /// Why
    #[arg(long)]
    pub cause: Cause,
    #[command(flatten)]
    pub version: VersionArguments,
}

/// What `tongban licences issue` and `tongban licences supersede` are told of a version besides its face.
#[derive(Args)]
pub struct VersionArguments {
    /// A file with the number that people read on it (证照号码), `-` for standard input: the vault keeps it, the ledger gets a salted
    /// commitment. A new version without one has that of the version which it replaces
    #[arg(long, env = "TONGBAN_CERTIFICATE_NUMBER_FILE")]
    pub certificate_number_file: Option<PathBuf>,
    /// The case in which it was granted
    #[arg(long)]
    pub case: Option<CaseNumber>,
    #[command(flatten)]
    pub term: TermArguments,
    #[command(flatten)]
    pub ground: GroundArguments,
    #[command(flatten)]
    pub place: VaultPlace,
    #[command(flatten)]
    pub signing: SigningArguments,
}

/// Options of `tongban licences copy`.
#[derive(Args)]
pub struct CopyArguments {
    /// The licence
    pub identifier: LicenceIdentifier,
    /// What is noted on the copy, YAML or JSON: `purpose`, for what it may be used, and `creator`, who makes it out. Not on the ledger
    #[arg(long)]
    pub note: PathBuf,
    /// The last day on which it counts (YYYY-MM-DD), at most a year from now
    #[arg(long)]
    pub until: Day,
    /// A field that is shown; may be given several times
    #[arg(long = "field", requires = "vault")]
    pub fields: Vec<String>,
    #[command(flatten)]
    pub place: Option<VaultPlace>,
    /// Put note and fields into this new file, to hand over beside the slip, where the slip has no room for them
    #[arg(long, requires = "fields")]
    pub beside: Option<PathBuf>,
    /// Where the slip goes, the text for the QR code: a new file
    #[arg(long)]
    pub out: PathBuf,
    #[command(flatten)]
    pub signing: SigningArguments,
}

/// Options of `tongban licences show`.
#[derive(Args)]
pub struct ShowArguments {
    /// The licence
    pub identifier: LicenceIdentifier,
    /// A field that is shown; may be given several times
    #[arg(long = "field", required = true)]
    pub fields: Vec<String>,
    #[command(flatten)]
    pub place: VaultPlace,
    /// Put the fields into this slip, its file or its text, in place of a file of their own
    #[arg(long)]
    pub slip: Option<PathBuf>,
    /// Where they go: a new file
    #[arg(long)]
    pub out: PathBuf,
}

/// Why a new version takes the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cause {
    /// Something on it was wrong (更正)
    Correction,
    /// Something has changed (变更)
    Change,
    /// Its validity is extended (延续)
    Renewal,
    /// It is made out anew (换发、补发)
    Replacement,
}

impl From<Cause> for SupersessionCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Correction => Self::Correction,
            Cause::Change => Self::Change,
            Cause::Renewal => Self::Renewal,
            Cause::Replacement => Self::Replacement,
        }
    }
}

impl SigningArguments {
    /// Asks the node for its network and its time.
    pub async fn connect(&self) -> anyhow::Result<Signing> {
        let client = self.node.client()?;
        let genesis = genesis(&client).await?;
        let network = genesis.network(primitives(genesis.suite));
        let mut signer = Signer::new(read_key(&self.key)?, network);
        if let Some(account) = self.account_id {
            signer = signer.for_account(account);
        }
        let time = client.status().await?.time.context("the node has no time yet")?;
        Ok(Signing { client, signer, genesis, time })
    }
}

impl VersionArguments {
    /// The number, where one is given.
    pub fn certificate_number(&self) -> anyhow::Result<Option<FieldValue>> {
        self.certificate_number_file.as_deref().map(outside::number_in).transpose()
    }
}

impl IssueArguments {
    /// The type that is named in place of an identifier.
    pub fn licence_type(&self) -> anyhow::Result<LicenceTypeCode> {
        self.licence_type.context("name the type, or the identifier")
    }

    /// The department that is named in place of an identifier.
    pub fn department(&self) -> anyhow::Result<UnifiedSocialCreditCode> {
        self.department.context("name the department, or the identifier")
    }
}

/// Runs a command of `tongban licences`.
pub fn run(action: LicencesAction) -> anyhow::Result<()> {
    match action {
        LicencesAction::RegisterType(arguments) => block_on(types::register(&arguments))?,
        LicencesAction::Issue(arguments) => block_on(issue::issue(&arguments))?,
        LicencesAction::Supersede(arguments) => block_on(issue::supersede(&arguments))?,
        LicencesAction::Show(arguments) => show::show(&arguments),
        LicencesAction::Copy(arguments) => block_on(copy::copy(&arguments))?,
    }
}
