//! The command line: what can be asked of the program, and how it ends.
//!
//! Exit codes: 0 it is done; 1 it could not be done (the reason is on standard error, with its code where it has one);
//! 2 the command line is wrong; 3 a proof holds and the licence in it is not shown to be valid (`verify` alone).

use crate::catalogue::commands::{self as catalogue, CatalogueAction, ImportCatalogueArguments};
use crate::identification::commands::{self as identification, IdentityAction};
use crate::import::cases_command::{self, ImportCasesArguments};
use crate::import_command::{self, ImportArguments};
use crate::indexing::command::{self as index_command, IndexAction};
use crate::key_command::{self, KeyAction};
use crate::licence_import_command::{self, ImportLicencesArguments};
use crate::licences::commands::{self as licences, LicencesAction};
use crate::messages::{self, Kind};
use crate::network_init::{NewNetwork, init};
use crate::new_key::NewKey;
use crate::organisation::commands::{self as organisation, OrganisationAction};
use crate::output;
use crate::prefill::commands::{self as prefill, PrefillAction};
use crate::qr_command::{self, QrArguments};
use crate::report::command::{self as report_command, ReportAction};
use crate::signer::{PASSPHRASE_VARIABLE, Signer, passphrase, read_key};
use crate::token_command::TokenAction;
use crate::vault::commands::{self as vault, VaultAction};
use crate::verification::command::{self as verification, VerifyArguments};
use crate::webhook_command::WebhookAction;
use crate::{bench, demo, doctor, evidence_report, node, status};
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::proof::Slip;
use tongban_types::{AccountId, Genesis, Outcome, Suite, codec};

/// Tongban 通办: a verifiable public-services network (可验证的政务服务网络).
#[derive(Parser)]
#[command(name = "tongban", version, long_about = None)]
struct Program {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Show the network at work: four nodes in this process, real records, proofs checked (演示)
    Demo(demo::Arguments),
    /// Run one node until it is told to stop (运行节点)
    Node {
        /// The node's configuration
        #[arg(long)]
        config: PathBuf,
    },
    /// Measure how fast a network of real processes makes calls final, as ratios within one run (性能测量)
    Bench(bench::Arguments),
    /// Say what would keep a node from running well, and what to do (体检)
    Doctor(doctor::Arguments),
    /// Make a new network (建立网络)
    Network {
        #[command(subcommand)]
        action: NetworkAction,
    },
    /// Check a proof bundle or a slip offline, trusting nothing but the genesis (离线验证)
    Verify(VerifyArguments),
    /// Bring records in from files (导入)
    Import {
        #[command(subcommand)]
        action: ImportAction,
    },
    /// Compute figures from the ledger's own records (统计分析)
    Report {
        #[command(subcommand)]
        action: ReportAction,
    },
    /// Work with electronic evidence (电子存证)
    Evidence {
        #[command(subcommand)]
        action: EvidenceAction,
    },
    /// Set up departments, officers and their rights (部门与人员)
    Organisation {
        #[command(subcommand)]
        action: OrganisationAction,
    },
    /// Make keys, show their public halves, show that one has the private half (密钥)
    Key {
        #[command(subcommand)]
        action: KeyAction,
    },
    /// Make pseudonyms of persons and commitments to papers, for those who establish identities (实名核验)
    Identity {
        #[command(subcommand)]
        action: IdentityAction,
    },
    /// Work with service items (政务服务事项)
    Catalogue {
        #[command(subcommand)]
        action: CatalogueAction,
    },
    /// Publish types of licences, issue licences from face files, show single fields (证照)
    Licences {
        #[command(subcommand)]
        action: LicencesAction,
    },
    /// Keep faces of licences and forms sealed, list, erase and check them (保险库)
    Vault {
        #[command(subcommand)]
        action: VaultAction,
    },
    /// Propose what departments hold to an applicant, with its source, and check what became of it (预填)
    Prefill {
        #[command(subcommand)]
        action: PrefillAction,
    },
    /// Make the QR code of a slip (二维码)
    Qr(QrArguments),
    /// Export a proof bundle or a slip from a node (导出证明)
    Prove {
        #[command(flatten)]
        node: NodeAddress,
        #[command(subcommand)]
        what: Provable,
    },
    /// Say how a node is, or how several stand to each other (状态)
    Status(status::Arguments),
    /// Print the reference of the command line, in Markdown
    #[command(hide = true)]
    Reference,
    /// Look after a node's index, which lists and search come from (索引)
    Index {
        #[command(subcommand)]
        action: IndexAction,
    },
    /// Make, list and revoke tokens for programs, on the node's machine (令牌)
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Have events sent to programs elsewhere (事件推送)
    Webhook {
        #[command(flatten)]
        node: NodeAddress,
        #[command(subcommand)]
        action: WebhookAction,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum NetworkAction {
    /// Write genesis, keys and one configuration for each node
    Init {
        /// How many nodes
        #[arg(long, default_value_t = 4)]
        nodes: usize,
        /// Its algorithms: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
        #[arg(long, default_value_t = Suite::Sm)]
        suite: Suite,
        /// An empty or new folder
        #[arg(long)]
        out: PathBuf,
        /// The address all nodes listen on; edit the configurations to spread them over machines
        #[arg(long, default_value = "127.0.0.1")]
        host: IpAddr,
        /// The first node's port for other nodes
        #[arg(long, default_value_t = 7101)]
        base_port: u16,
        /// The first node's port for the API
        #[arg(long, default_value_t = 8101)]
        base_api_port: u16,
    },
}

#[derive(Subcommand)]
enum ImportAction {
    /// Register every row or event of files as evidence
    Evidence(ImportArguments),
    /// Take over the service items of an older catalogue
    Catalogue(ImportCatalogueArguments),
    /// Take over the past cases of an event log (历史办件)
    Cases(ImportCasesArguments),
    /// Take over the licences of an older system (历史证照)
    Licences(ImportLicencesArguments),
}

#[derive(Subcommand)]
enum EvidenceAction {
    /// Register files and write what opens their commitments (存证)
    Register(crate::evidence_file::Arguments),
    /// Recompute everything about a record and write the verification report (核验报告)
    Report(evidence_report::Arguments),
}

#[derive(Subcommand)]
enum Provable {
    /// The receipt with this number
    Receipt {
        /// The number
        number: u64,
        /// The text for a QR code instead of the bundle (凭条)
        #[arg(long)]
        slip: bool,
        /// Where the bundle or the text goes
        #[arg(long)]
        out: PathBuf,
    },
    /// The record of a licence, and of the case on whose grant it rests (证照)
    Licence {
        /// The licence
        identifier: LicenceIdentifier,
        /// Where the licence's bundle goes
        #[arg(long)]
        out: PathBuf,
        /// Where the case's bundle goes; it says whether the grant stands (依据办件)
        #[arg(long)]
        case_out: Option<PathBuf>,
    },
    /// A record, or its absence
    Record {
        /// The table, such as evidence/records
        table: String,
        /// The encoded key in hexadecimal; for most tables the identifier itself
        key: String,
        /// Where the bundle goes
        #[arg(long)]
        out: PathBuf,
    },
}

/// Which node to speak to.
#[derive(Args)]
pub struct NodeAddress {
    /// The node's API
    #[arg(long = "node", env = "TONGBAN_URL", default_value = "http://127.0.0.1:8101")]
    pub url: String,
    /// A token for it, where it asks for one
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true)]
    pub token: Option<String>,
}

/// Where a token is looked for.
pub const TOKEN_VARIABLE: &str = "TONGBAN_TOKEN";

impl NodeAddress {
    /// A client for the node.
    pub fn client(&self) -> anyhow::Result<Client> {
        client(&self.url, self.token.as_deref())
    }
}

/// A client for the node at an address.
pub fn client(url: &str, token: Option<&str>) -> anyhow::Result<Client> {
    let builder = Client::builder(url);
    Ok(token.into_iter().fold(builder, |builder, token| builder.token(token)).build()?)
}

/// Runs the program to its end.
pub fn run() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    // What modules can be asked is derived from their types, which takes its time, and supervisors start this program all day.
    let specs = if asks_for_modules(&line) { tongban_modules::specs() } else { Vec::new() };
    let matches = match command(&specs).try_get_matches_from(line) {
        Ok(matches) => matches,
        Err(error) => return misspelt(&error),
    };
    let result = match matches.subcommand() {
        Some(("call", matches)) => call(&specs, matches),
        Some(("query", matches)) => query(&specs, matches),
        _ => match Program::from_arg_matches(&matches) {
            Ok(program) => act(program.action.unwrap_or(Action::Demo(demo::Arguments::default()))),
            Err(error) => error.exit(),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(format_args!("tongban: {error:#}"));
            ExitCode::from(verification::exit_code(&error))
        }
    }
}

/// Whether a command line has to do with the commands that come from the modules: with them, or with help about them. The list of all
/// commands names `call` and `query` and nothing below, so that it does without.
fn asks_for_modules(line: &[OsString]) -> bool {
    line.iter().skip(1).any(|word| ["call", "query", "help"].iter().any(|name| word == name))
}

/// Help and version are printed as they are. What is wrong with a command line is said without styles: it repeats what was
/// typed, or what a script has pasted.
fn misspelt(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    output::error(format_args!("{}", error.render().to_string().trim_end()));
    ExitCode::from(2)
}

/// The whole command line, with the commands that come from the modules.
pub fn command(specs: &[tongban_kernel::ModuleSpec]) -> Command {
    let url = Arg::new("node")
        .long("node")
        .env("TONGBAN_URL")
        .default_value("http://127.0.0.1:8101")
        .help("The node's API")
        .global(true)
        .action(ArgAction::Set);
    let token = Arg::new("token")
        .long("token")
        .env(TOKEN_VARIABLE)
        .hide_env_values(true)
        .help("A token for it, where it asks for one")
        .global(true);
    let key = Arg::new("key").long("key").env("TONGBAN_KEY").help("The key file that signs").global(true);
    let account =
        Arg::new("account-id").long("account-id").help("The account, where the key was added to it later").global(true);
    let anchor = Arg::new("anchor")
        .long("anchor")
        .help("The genesis that the node must belong to; without it the node's word is taken")
        .global(true);
    let call =
        messages::command(Kind::Call, specs).arg(url.clone()).arg(token.clone()).arg(key).arg(account).arg(anchor);
    Program::command().subcommand(call).subcommand(messages::command(Kind::Query, specs).arg(url).arg(token))
}

fn act(action: Action) -> anyhow::Result<()> {
    match action {
        Action::Demo(arguments) => demo::run(&arguments),
        Action::Node { config } => node::run(&config),
        Action::Bench(arguments) => bench::run(&arguments),
        Action::Doctor(arguments) => match doctor::run(&arguments)? {
            true => Ok(()),
            false => bail!("the node would not run well: see what to do above"),
        },
        Action::Network { action: NetworkAction::Init { nodes, suite, out, host, base_port, base_api_port } } => {
            let passphrase = passphrase()?;
            let new = NewNetwork {
                out: &out,
                nodes,
                suite,
                host,
                base_port,
                base_api_port,
                passphrase: passphrase.as_deref(),
            };
            print_new_network(&init(&new)?, passphrase.is_some());
            Ok(())
        }
        Action::Verify(arguments) => verification::run(&arguments),
        Action::Licences { action } => licences::run(action),
        Action::Vault { action } => vault::run(action),
        Action::Prefill { action } => block_on(prefill::run(action))?,
        Action::Qr(arguments) => qr_command::qr(&arguments),
        Action::Import { action: ImportAction::Evidence(arguments) } => block_on(import_command::run(&arguments))?,
        Action::Import { action: ImportAction::Catalogue(arguments) } => block_on(catalogue::run_import(&arguments))?,
        Action::Import { action: ImportAction::Cases(arguments) } => block_on(cases_command::run(&arguments))?,
        Action::Report { action } => block_on(report_command::run(&action))?,
        Action::Import { action: ImportAction::Licences(arguments) } => {
            block_on(licence_import_command::run(&arguments))?
        }
        Action::Key { action } => key_command::run(action),
        Action::Identity { action } => block_on(identification::run(action))?,
        Action::Catalogue { action } => catalogue::run(action),
        Action::Organisation { action } => block_on(organisation::run(action))?,
        Action::Evidence { action: EvidenceAction::Register(arguments) } => {
            block_on(crate::evidence_file::register(&arguments))?
        }
        Action::Evidence { action: EvidenceAction::Report(arguments) } => evidence_report::run(&arguments),
        Action::Prove { node, what } => block_on(prove(&node, what))?,
        Action::Status(arguments) => block_on(status::run(&arguments))?,
        Action::Reference => {
            output::text(format_args!("{}", crate::reference::text(command(&tongban_modules::specs()))));
            Ok(())
        }
        Action::Index { action } => block_on(index_command::run(&action))?,
        Action::Token { action } => block_on(crate::token_command::run(action))?,
        Action::Webhook { node, action } => block_on(crate::webhook_command::run(&node, action))?,
        Action::Completions { shell } => {
            let mut command = command(&tongban_modules::specs());
            clap_complete::generate(shell, &mut command, "tongban", &mut std::io::stdout());
            Ok(())
        }
    }
}

/// What the threads are called that serve the API and everything else around the ledger.
pub const RIM_THREADS: &str = "rim";

/// Runs something asynchronous to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    // Named, so that the time of the rim and that of the engine's threads can be told apart.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_name(RIM_THREADS).enable_all().build()?;
    Ok(runtime.block_on(work))
}

fn print_new_network(files: &crate::network_init::Files, encrypted: bool) {
    output::line(format_args!("genesis: {}", files.genesis.display()));
    for configuration in &files.configurations {
        output::line(format_args!("start a node: tongban node --config {}", configuration.display()));
    }
    if !encrypted {
        output::line(format_args!(
            "The key files are not encrypted. Set {PASSPHRASE_VARIABLE} before this command to have them encrypted, \
             and before starting nodes to have them opened."
        ));
    }
}

/// Reads a file whole, unless it is larger than anything of its kind. A device or a pipe may say nothing of its length, so
/// what is read is counted.
pub fn read_file(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(unreadable)?;
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).with_context(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        bail!("{} has more than {bytes_max} bytes", path.display());
    }
    Ok(bytes)
}

/// More bytes than any genesis or bundle has.
pub const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

async fn prove(node: &NodeAddress, what: Provable) -> anyhow::Result<()> {
    let client = node.client()?;
    let (proof, out) = match what {
        Provable::Receipt { number, slip: false, out } => (client.prove_receipt(number).await?, out),
        Provable::Receipt { number, slip: true, out } => {
            let slip = client.slip(number).await?.slip;
            let slip = Slip::from_text(slip.as_bytes()).context("the node answered with what is no slip")?;
            (slip.to_text().into_bytes(), out)
        }
        Provable::Licence { identifier, out, case_out } => {
            if let Some(case_out) = case_out {
                prove_case(&client, &identifier, &case_out).await?;
            }
            let key = codec::encode(&identifier);
            (client.prove_record(tongban_modules::licences::LICENCES.name(), &key).await?, out)
        }
        Provable::Record { table, key, out } => {
            let key = hex::decode(&key).context("the key is not hexadecimal")?;
            (client.prove_record(&table, &key).await?, out)
        }
    };
    write_proof(&out, &proof)
}

/// Writes the bundle of the case on whose grant a licence rests.
async fn prove_case(client: &Client, identifier: &LicenceIdentifier, out: &Path) -> anyhow::Result<()> {
    let licence = crate::licences::issue::licence(client, identifier).await?;
    let licence = licence.with_context(|| format!("no licence {identifier} is known"))?;
    let case = licence.rests_on.context("the licence rests on no case: leave --case-out out")?;
    let proof = client.prove_record(tongban_modules::cases::CASES.name(), &codec::encode(&case)).await?;
    std::fs::write(out, &proof).with_context(|| format!("cannot write {}", out.display()))?;
    output::line(format_args!(
        "{} ({} bytes): the case {case}; hand it to tongban verify with --case",
        out.display(),
        proof.len()
    ));
    Ok(())
}

fn write_proof(out: &Path, proof: &[u8]) -> anyhow::Result<()> {
    std::fs::write(out, proof).with_context(|| format!("cannot write {}", out.display()))?;
    output::line(format_args!(
        "{} ({} bytes); check it with: tongban verify {} --anchor GENESIS",
        out.display(),
        proof.len(),
        out.display()
    ));
    Ok(())
}

fn call(specs: &[tongban_kernel::ModuleSpec], matches: &ArgMatches) -> anyhow::Result<()> {
    let mut call = messages::message(Kind::Call, specs, matches)?;
    let new_key = NewKey::named(matches)?;
    if let Some(new_key) = &new_key {
        new_key.fill(&mut call);
    }
    let mut call = tongban_modules::Call::from_json(call).context("the arguments make no call")?;
    call.validate().map_err(|code| refused(&code))?;
    let key = text(matches, "key").context("name the key file that signs with --key or TONGBAN_KEY")?;
    let key = read_key(Path::new(&key))?;
    let client = client(&text(matches, "node").unwrap_or_default(), text(matches, "token").as_deref())?;
    let anchor = text(matches, "anchor");
    let account: Option<AccountId> = text(matches, "account-id").map(|id| id.parse()).transpose()?;
    block_on(async {
        let genesis = client.genesis().await?;
        if let Some(anchor) = anchor
            && read_file(Path::new(&anchor), DOCUMENT_BYTES_MAX)? != genesis
        {
            bail!("the node at {} belongs to another network than {anchor}", client.base());
        }
        let genesis: Genesis = serde_json::from_slice(&genesis)?;
        let network = genesis.network(primitives(genesis.suite));
        let mut signer = Signer::new(key, network);
        if let Some(account) = account {
            signer = signer.for_account(account);
        }
        if let Some(new_key) = &new_key {
            new_key.show_possession(&mut call, signer.account(), &network, genesis.suite)?;
        }
        let receipt = client.submit(&signer.sign(&[call])?).await?;
        print_json(&crate::backend::describe(receipt.clone()))?;
        match receipt.outcome {
            Outcome::Applied { .. } => Ok(()),
            Outcome::Refused(refusal) => Err(refused(&refusal.code)),
        }
    })?
}

fn query(specs: &[tongban_kernel::ModuleSpec], matches: &ArgMatches) -> anyhow::Result<()> {
    let mut question = messages::message(Kind::Query, specs, matches)?;
    let client = client(&text(matches, "node").unwrap_or_default(), text(matches, "token").as_deref())?;
    let answer = block_on(async {
        if messages::lacks_time(specs, &question) {
            let now = client.status().await?.time.context("the ledger has no block yet: say a time with --at")?;
            messages::set_time(&mut question, now);
        }
        anyhow::Ok(client.query(&question).await?)
    })??;
    print_json(&answer)
}

/// An option that may stand before or behind the names of module and message.
fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    let mut deepest = matches;
    while let Some((_, below)) = deepest.subcommand() {
        deepest = below;
    }
    deepest.get_one::<String>(name).cloned()
}

fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    output::line(format_args!("{}", serde_json::to_string_pretty(value)?));
    Ok(())
}

fn refused(code: &tongban_types::receipt::Code) -> anyhow::Error {
    match tongban_modules::explain(code) {
        Some(error) => anyhow::anyhow!("refused: {} ({}; {})", error.message, error.code, error.kind),
        None => anyhow::anyhow!("refused ({code})"),
    }
}

/// Whether progress can be shown to a person.
pub fn has_terminal() -> bool {
    std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command(&tongban_modules::specs()).debug_assert();
        command(&[]).debug_assert();
    }

    #[test]
    fn the_list_of_commands_is_the_same_without_the_modules() {
        let [whole, without] = [tongban_modules::specs(), Vec::new()].map(|specs| {
            let mut command = command(&specs);
            [command.render_help().to_string(), command.render_long_help().to_string()]
        });
        assert_eq!(whole, without);
        for name in ["call", "query", "key", "identity"] {
            assert!(without[0].contains(&format!("\n  {name} ")), "{name}: {}", without[0]);
        }
    }

    #[test]
    fn modules_are_described_only_where_somebody_asks_for_them() {
        for (line, expected) in [
            ("tongban", false),
            ("tongban status --node http://127.0.0.1:8101", false),
            ("tongban doctor --config node.toml", false),
            ("tongban --help", false),
            ("tongban help", true),
            ("tongban help call", true),
            ("tongban call evidence register", true),
            ("tongban query --help", true),
            ("tongban --node x query network members", true),
            ("call", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(asks_for_modules(&words), expected, "{line}");
        }
    }

    /// An option of a message hides that of all calls where both have one name: the signing key could then not be named.
    #[test]
    fn no_option_of_a_message_has_the_name_of_one_of_all_messages() {
        let command = command(&tongban_modules::specs());
        for kind in ["call", "query"] {
            let above = command.find_subcommand(kind).expect("it is there");
            let common: Vec<&str> = above.get_arguments().filter_map(Arg::get_long).collect();
            assert!(common.contains(&"node"), "{common:?}");
            let messages = above.get_subcommands().flat_map(|module| module.get_subcommands());
            for message in messages {
                let taken = message.get_arguments().filter_map(Arg::get_long).find(|long| common.contains(long));
                assert_eq!(taken, None, "{kind} {}", message.get_name());
            }
        }
    }
}
