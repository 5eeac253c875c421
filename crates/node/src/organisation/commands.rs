//! The commands' arguments, and their way to a node.

use super::file::Organisation;
use super::keys::{Keys, read_or_make};
use super::plan::{Known, account, plan};
use crate::cli::NodeAddress;
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_crypto::{SecretKey, primitives};
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::{Call, Query, View, identity, orgs};
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{AccountId, Digest, Genesis, Outcome};

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
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Accounts that were opened.
    pub accounts: usize,
    /// Departments, appointments and rights that were added.
    pub calls: usize,
}

/// Runs a command of `tongban organisation`.
pub async fn run(action: OrganisationAction) -> anyhow::Result<()> {
    let OrganisationAction::Apply { file, node, keys, administrator, registrar, dry_run } = action;
    let organisation = Organisation::read(&file).with_context(|| format!("cannot use {}", file.display()))?;
    let client = node.client()?;
    let genesis: Genesis =
        serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")?;
    let network = genesis.network(primitives(genesis.suite));
    let secrets = read_keys(&organisation, &keys, genesis.suite)?;
    if dry_run {
        let known = ask(&client, &organisation, &secrets).await?;
        let plan = plan(&organisation, &secrets, &network, &known);
        let calls = plan.by_administrator.len() + plan.by_government.len();
        output::line(format_args!("would open {} accounts and make {calls} calls", plan.by_registrar.len()));
        return Ok(());
    }
    let signers = Signers {
        administrator: Signer::new(read_key(&administrator)?, network),
        registrar: Signer::new(read_key(&registrar)?, network),
        government: signer(&secrets[&*organisation.government.administrator.key], network)?,
    };
    let Applied { accounts, calls } = apply(&client, &organisation, &secrets, &network, &signers).await?;
    output::line(format_args!("opened {accounts} accounts, made {calls} calls"));
    Ok(())
}

/// A key for each name in the file.
pub fn read_keys(organisation: &Organisation, folder: &Path, suite: tongban_types::Suite) -> anyhow::Result<Keys> {
    let names = organisation.keys().into_iter();
    names.map(|name| Ok((name.to_string(), read_or_make(folder, name, suite)?))).collect()
}

/// Signs as the account that was opened with a key.
pub fn signer(key: &SecretKey, network: Digest) -> anyhow::Result<Signer> {
    let copy = SecretKey::from_bytes(key.suite(), key.expose_bytes()).context("a key that was read is good")?;
    Ok(Signer::new(copy, network))
}

/// Does what is still to be done, in as few transactions as it fits in.
pub async fn apply(
    client: &Client,
    organisation: &Organisation,
    keys: &Keys,
    network: &Digest,
    signers: &Signers,
) -> anyhow::Result<Applied> {
    let known = ask(client, organisation, keys).await?;
    let plan = plan(organisation, keys, network, &known);
    let applied =
        Applied { accounts: plan.by_registrar.len(), calls: plan.by_administrator.len() + plan.by_government.len() };
    let parts = [
        (&signers.registrar, plan.by_registrar),
        (&signers.administrator, plan.by_administrator),
        (&signers.government, plan.by_government),
    ];
    for (signer, calls) in parts {
        submit_all(client, signer, &calls).await?;
    }
    Ok(applied)
}

/// Submits calls in order, as many at once as a transaction takes; fails with the first refusal.
pub async fn submit_all(client: &Client, signer: &Signer, calls: &[Call]) -> anyhow::Result<()> {
    for calls in calls.chunks(CALLS_MAX) {
        let receipt = client.submit(&signer.sign(calls)?).await?;
        if let Outcome::Refused(refusal) = receipt.outcome {
            let place = usize::try_from(refusal.call.unwrap_or_default()).unwrap_or_default();
            let meaning = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
            bail!("refused: {meaning} ({}); the call was {:?}", &*refusal.code, calls.get(place));
        }
    }
    Ok(())
}

async fn ask(client: &Client, organisation: &Organisation, keys: &Keys) -> anyhow::Result<Known> {
    let status = client.status().await?;
    let mut known = Known { time: status.time.unwrap_or_default(), ..Known::default() };
    for name in keys.keys() {
        let account = account(keys, name);
        let question = Query::Identity(identity::Query::Account { account });
        if let View::Identity(identity::View::Account { account: Some(_) }) = answer(client, &question).await? {
            known.accounts.insert(account);
        }
    }
    let government = organisation.government.code;
    for department in std::iter::once(government).chain(organisation.departments.iter().map(|found| found.code)) {
        let question = Query::Orgs(orgs::Query::Department { department });
        if let View::Orgs(orgs::View::Department { department: Some(_) }) = answer(client, &question).await? {
            known.departments.insert(department);
        }
    }
    let registered = known.departments.clone();
    for (department, officer) in organisation.offices().filter(|(department, _)| registered.contains(department)) {
        ask_officer(client, department, account(keys, &officer.key), &mut known).await?;
    }
    Ok(known)
}

async fn ask_officer(
    client: &Client,
    department: DepartmentCode,
    account: AccountId,
    known: &mut Known,
) -> anyhow::Result<()> {
    let question = Query::Orgs(orgs::Query::Officer { department, account });
    if let View::Orgs(orgs::View::Officer { appointment: Some(appointment) }) = answer(client, &question).await?
        && appointment.end.is_none()
    {
        known.appointments.insert((department, account), *appointment);
    }
    Ok(())
}

async fn answer(client: &Client, question: &Query) -> anyhow::Result<View> {
    Ok(serde_json::from_value(client.query(question).await?.view)?)
}
