//! The commands' arguments, and their way to a node.

use super::differences::differences;
use super::file::Organisation;
use super::keys::{Keys, read_or_imagine, read_or_make};
use super::known::{Known, ask};
use super::plan::{Awaiting, Plan, account, approvers, foreseen, plan};
use super::problems::{Problem, of_file, of_plan};
use super::target::OrganisationTarget;
use crate::asking;
use crate::cli::NodeAddress;
use crate::import::progress_bar;
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_modules::orgs::Proposed;
use tongban_modules::{Call, Event, Query, View, identity, orgs};
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{AccountId, Digest, Outcome, Receipt, Suite};

/// Commands of `tongban organisation`.
#[derive(Subcommand)]
pub enum OrganisationAction {
    /// Bring departments, officers and their rights to the ledger, as far as they are not there yet (建立部门与人员)
    Apply {
        /// The organisation file: YAML or JSON
        file: PathBuf,
        #[command(flatten)]
        node: NodeAddress,
        /// The folder of the officers' key files; missing ones are made
        #[arg(long)]
        keys: PathBuf,
        /// The key file of the network's administrator
        #[arg(long)]
        administrator: PathBuf,
        /// The key file of the registrar
        #[arg(long)]
        registrar: PathBuf,
        /// The key file of another administrator, who approves at once what needs two (双人复核)
        #[arg(long)]
        approver: Option<PathBuf>,
        /// Say what would be done and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Who signs what of a plan.
pub struct Signers {
    /// The network's administrator.
    pub administrator: Signer,
    /// The registrar.
    pub registrar: Signer,
    /// The government's administrator.
    pub government: Signer,
    /// Another administrator, where there is one who approves what needs two.
    pub approver: Option<Signer>,
}

/// How much was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Accounts that were opened.
    pub accounts: usize,
    /// Departments, appointments, rights and proposals that were added.
    pub calls: usize,
    /// Proposals that were approved.
    pub approved: usize,
    /// Proposals that wait for another administrator.
    pub awaiting: Vec<Awaiting>,
}

/// Runs a command of `tongban organisation`.
pub async fn run(action: OrganisationAction) -> anyhow::Result<()> {
    let OrganisationAction::Apply { file, node, keys, administrator, registrar, approver, dry_run } = action;
    let organisation = Organisation::read(&file)
        .map_err(|error| anyhow::anyhow!("cannot use {}: {error} ({})", file.display(), error.code))?;
    refuse(&of_file(&organisation))?; // before keys are made for it
    let client = node.client()?;
    let genesis = asking::genesis(&client).await?;
    let network = genesis.network(primitives(genesis.suite));
    let progress = progress_bar();
    if dry_run {
        let keys = keys_of(&organisation, &keys, genesis.suite, read_or_imagine)?;
        let known = ask(&client, &organisation, &keys, &progress).await?;
        progress.finish_and_clear();
        return foretell(&organisation, &keys, &network, &known);
    }
    let keys = read_keys(&organisation, &keys, genesis.suite)?;
    let signers = Signers {
        administrator: Signer::new(read_key(&administrator)?, network),
        registrar: Signer::new(read_key(&registrar)?, network),
        government: signer(&keys[&*organisation.government.administrator.key], network)?,
        approver: approver.map(|path| Ok::<_, anyhow::Error>(Signer::new(read_key(&path)?, network))).transpose()?,
    };
    let applied = apply(&client, &organisation, &keys, &network, &signers, &progress).await;
    progress.finish_and_clear();
    let Applied { accounts, calls, approved, awaiting } = applied?;
    // Asked once more, so that what is said is how it stands now.
    let known = ask(&client, &organisation, &keys, &ProgressBar::hidden()).await?;
    print_differences(&organisation, &keys, &known);
    print_awaiting(&organisation, &keys, &known, &awaiting);
    output::line(format_args!("opened {accounts} accounts, made {calls} calls, approved {approved} proposals"));
    Ok(())
}

/// Fails with all faults where there are some.
fn refuse(problems: &[Problem]) -> anyhow::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    bail!("the file cannot be applied, and nothing was done:\n{}", lines.join("\n"))
}

/// Says what would be done.
fn foretell(organisation: &Organisation, keys: &Keys, network: &Digest, known: &Known) -> anyhow::Result<()> {
    print_differences(organisation, keys, known);
    refuse(&of_plan(organisation, keys, known))?;
    let Plan { by_registrar, by_administrator, by_government, safeguards_of_root, under_safeguards, awaiting } =
        plan(organisation, keys, network, known);
    print_awaiting(organisation, keys, known, &awaiting);
    let is_proposal = |call: &&Call| matches!(call, Call::Orgs(orgs::Call::Propose { .. }));
    let proposals = by_government.iter().chain(&under_safeguards).filter(is_proposal).count();
    let parts = [by_administrator, by_government, safeguards_of_root, under_safeguards];
    let calls: usize = parts.iter().map(Vec::len).sum();
    output::line(format_args!("would open {} accounts and make {calls} calls", by_registrar.len()));
    if proposals + awaiting.len() > 0 {
        output::line(format_args!(
            "would propose {proposals} rights; with those that wait already, {} need another administrator",
            proposals + awaiting.len()
        ));
    }
    Ok(())
}

fn print_differences(organisation: &Organisation, keys: &Keys, known: &Known) {
    for difference in differences(organisation, keys, known) {
        output::line(format_args!("differs  {}: {}", difference.of, difference.what));
        output::line(format_args!("         it stays so; to change it: {}", difference.remedy));
    }
}

/// Says which rights wait, and who can approve them.
fn print_awaiting(organisation: &Organisation, keys: &Keys, known: &Known, awaiting: &[Awaiting]) {
    let (departments, _) = foreseen(organisation, known);
    let named = |wanted: &AccountId| match keys.keys().find(|name| account(keys, name) == *wanted) {
        Some(name) => format!("{name} ({wanted})"),
        None => wanted.to_string(),
    };
    for waiting in awaiting {
        let Awaiting { department, number, account, role, .. } = waiting;
        let short = departments.get(department).map_or_else(String::new, |found| found.name().short.to_string());
        output::line(format_args!("waits    proposal {number} of {short}: the role {role} for {}", named(account)));
        let approvers: Vec<String> = approvers(&departments, waiting).iter().map(&named).collect();
        if approvers.is_empty() {
            output::line(format_args!(
                "         nobody can approve it: there is no other administrator in the department or above it; of a root the \
                 network's administrator names one with tongban call orgs name-administrator"
            ));
            continue;
        }
        output::line(format_args!("         to be approved by {}:", approvers.join(" or ")));
        output::line(format_args!(
            "         tongban call orgs approve --department {department} --number {number} --key KEY_FILE, or this command with \
             --approver KEY_FILE"
        ));
    }
}

/// A key for each name in the file; missing ones are made.
pub fn read_keys(organisation: &Organisation, folder: &Path, suite: Suite) -> anyhow::Result<Keys> {
    keys_of(organisation, folder, suite, read_or_make)
}

fn keys_of(
    organisation: &Organisation,
    folder: &Path,
    suite: Suite,
    key: impl Fn(&Path, &str, Suite) -> anyhow::Result<SecretKey>,
) -> anyhow::Result<Keys> {
    let names = organisation.keys().into_iter();
    names.map(|name| Ok((name.to_string(), key(folder, name, suite)?))).collect()
}

/// Signs as the account that was opened with a key.
pub fn signer(key: &SecretKey, network: Digest) -> anyhow::Result<Signer> {
    let copy = SecretKey::from_bytes(key.suite(), key.expose_bytes()).context("a key that was read is good")?;
    Ok(Signer::new(copy, network))
}

/// Does what is still to be done, in as few transactions as it fits in. Where something of it would be refused, nothing is done.
pub async fn apply<T: OrganisationTarget + Sync>(
    target: &T,
    organisation: &Organisation,
    keys: &Keys,
    network: &Digest,
    signers: &Signers,
    progress: &ProgressBar,
) -> anyhow::Result<Applied> {
    refuse(&of_file(organisation))?;
    let known = ask(target, organisation, keys, progress).await?;
    refuse(&of_plan(organisation, keys, &known))?;
    let Plan { by_registrar, by_administrator, by_government, safeguards_of_root, under_safeguards, mut awaiting } =
        plan(organisation, keys, network, &known);
    let accounts = by_registrar.len();
    let administrator = Some(("administrator", Role::Administrator));
    let parts = [
        (&signers.registrar, by_registrar, Some(("registrar", Role::Registrar))),
        (&signers.administrator, by_administrator, administrator),
        (&signers.government, by_government, None),
        (&signers.administrator, safeguards_of_root, administrator),
        (&signers.government, under_safeguards, None),
    ];
    let calls: usize = parts.iter().map(|(_, calls, _)| calls.len()).sum();
    let mut applied = Applied { accounts, calls: calls - accounts, ..Applied::default() };
    for (signer, calls, role) in &parts {
        if let (false, Some((option, role))) = (calls.is_empty(), role) {
            check_role(target, signer.account(), *role, option).await?;
        }
    }
    progress.inc_length((applied.accounts + applied.calls) as u64);
    for (signer, calls, _) in parts {
        let receipts = submit(target, signer, &calls, progress).await?;
        awaiting.extend(receipts.iter().flat_map(prepared));
    }
    let Some(approver) = &signers.approver else { return Ok(Applied { awaiting, ..applied }) };
    let (own, others): (Vec<Awaiting>, Vec<Awaiting>) =
        awaiting.into_iter().partition(|awaiting| awaiting.prepared_by == approver.account());
    let approve = |awaiting: &Awaiting| {
        let Awaiting { department, number, .. } = *awaiting;
        Call::Orgs(orgs::Call::Approve { department, number })
    };
    let approvals: Vec<Call> = others.iter().map(approve).collect();
    progress.inc_length(approvals.len() as u64);
    submit(target, approver, &approvals, progress).await?;
    applied.approved = approvals.len();
    Ok(Applied { awaiting: own, ..applied })
}

/// Fails where an account lacks the role that its part of the work needs, before anybody's part is done.
async fn check_role<T: OrganisationTarget + Sync>(
    target: &T,
    account: AccountId,
    role: Role,
    option: &str,
) -> anyhow::Result<()> {
    let question = Query::Identity(identity::Query::Account { account });
    match target.answer(&question).await? {
        View::Identity(identity::View::Account { account: Some(found) }) if found.roles.contains(&role) => Ok(()),
        _ => {
            bail!("the account {account} of --{option} does not hold the role {role}, and nothing was done (tx.denied)")
        }
    }
}

/// The proposals that a receipt tells of.
fn prepared(receipt: &Receipt) -> Vec<Awaiting> {
    let Outcome::Applied { events } = &receipt.outcome else { return Vec::new() };
    let events = events.iter().filter_map(|event| Event::decode(event.as_ref()).ok());
    let of_proposal = |event: Event| match event {
        Event::Orgs(orgs::Event::Prepared { department, number, proposed: Proposed::Grant { account, right }, by }) => {
            Some(Awaiting { department, number, account, role: right.role, prepared_by: by })
        }
        _ => None,
    };
    events.filter_map(of_proposal).collect()
}

/// Submits calls in order, as many at once as a transaction takes; fails with the first refusal.
pub async fn submit_all(client: &Client, signer: &Signer, calls: &[Call]) -> anyhow::Result<()> {
    submit(client, signer, calls, &ProgressBar::hidden()).await.map(drop)
}

async fn submit<T: OrganisationTarget + Sync>(
    target: &T,
    signer: &Signer,
    calls: &[Call],
    progress: &ProgressBar,
) -> anyhow::Result<Vec<Receipt>> {
    let mut receipts = Vec::new();
    progress.set_message("has calls made final");
    for calls in calls.chunks(CALLS_MAX) {
        let receipt = target.submit(signer, calls).await?;
        if let Outcome::Refused(refusal) = &receipt.outcome {
            let place = usize::try_from(refusal.call.unwrap_or_default()).unwrap_or_default();
            let meaning = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
            bail!("refused: {meaning} ({}); the call was {:?}", &*refusal.code, calls.get(place));
        }
        progress.inc(calls.len() as u64);
        receipts.push(receipt);
    }
    Ok(receipts)
}
