//! Proposing to an applicant what departments already hold (智能预填): the plan from the ledger, the accesses on the ledger, and only
//! then the vaults of the departments that this node hosts. What it means stands in `tongban_modules::prefill`.

use crate::random;
use crate::signer::{Signer, now};
use anyhow::{Context, bail};
use rand_core::Rng as _;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::forms::Form;
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::prefill::{Plan, Proposed, Showing, handouts, propose};
use tongban_modules::{Call, Query, View, catalogue, sharing};
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::Face;
use tongban_types::receipt::Code;
use tongban_types::{AccessId, Outcome, Suite};
use tongban_vault::Vault;

/// A department that this node hosts: its vault, and the account that records accesses for it as its data officer or system.
pub struct Hosted {
    /// The department.
    pub department: DepartmentCode,
    /// Its vault.
    pub vault: Vault,
    /// Who records accesses.
    pub officer: Signer,
}

/// What came of it.
#[derive(Debug)]
pub struct Prefilled {
    /// What is proposed, and what is asked for.
    pub proposed: Proposed,
    /// The accesses that were recorded.
    pub recorded: Vec<AccessId>,
    /// Those that the ledger refused, with its code.
    pub refused: Vec<(LicenceIdentifier, Code)>,
}

/// Proposes values for an application. Each access is final before the vault that it is about is opened; what a department holds that is
/// hosted elsewhere is asked for as ever.
pub async fn prefill(client: &Client, suite: Suite, showing: &Showing, hosted: &[Hosted]) -> anyhow::Result<Prefilled> {
    let plan = plan(client, showing).await?;
    let form = form(client, showing, &plan).await?;
    let mut receipts = Vec::new();
    let (mut recorded, mut refused) = (Vec::new(), Vec::new());
    for handout in handouts(&plan, showing) {
        let Some(host) = hosted.iter().find(|host| host.department == handout.provider) else { continue };
        let (id, licence) = (access_id(), handout.licence.clone());
        // One transaction for each: one that is refused does not keep the others from being shown.
        let call = Call::Sharing(sharing::Call::RecordAccess { id, handout });
        let receipt = client.submit(&host.officer.sign(&[call])?).await.context("recording an access")?;
        match &receipt.outcome {
            Outcome::Applied { .. } => recorded.push(id),
            Outcome::Refused(refusal) => refused.push((licence, refusal.code.clone())),
        }
        receipts.push(receipt);
    }
    let face_of = |provider: &DepartmentCode, licence: &LicenceIdentifier| face_of(hosted, provider, licence);
    let proposed = propose(&plan, showing, &receipts, &form, face_of, primitives(suite));
    Ok(Prefilled { proposed, recorded, refused })
}

async fn plan(client: &Client, showing: &Showing) -> anyhow::Result<Plan> {
    let query = sharing::Query::Prefill { reading: showing.reading.clone(), at: now() };
    match ask(client, Query::Sharing(query)).await? {
        View::Sharing(sharing::View::Prefill { plan: Some(plan) }) => Ok(*plan),
        View::Sharing(sharing::View::Prefill { plan: None }) => bail!("the item is not in force"),
        other => bail!("an unexpected answer to the question for a plan: {other:?}"),
    }
}

async fn form(client: &Client, showing: &Showing, plan: &Plan) -> anyhow::Result<Form> {
    let query = catalogue::Query::Version { code: showing.reading.item.clone(), version: Some(plan.version) };
    match ask(client, Query::Catalogue(query)).await? {
        View::Catalogue(catalogue::View::Version { version: Some(version) }) => Ok(Form::parse(&version.item.form)?),
        _ => bail!("the item has no version {}", plan.version),
    }
}

async fn ask(client: &Client, query: Query) -> anyhow::Result<View> {
    Ok(serde_json::from_value(client.query(&query).await?.view)?)
}

fn face_of(hosted: &[Hosted], provider: &DepartmentCode, licence: &LicenceIdentifier) -> Option<Face> {
    let host = hosted.iter().find(|host| host.department == *provider)?;
    match host.vault.face(licence) {
        Ok(stored) => Some(stored.face),
        Err(error) => {
            // Neither the licence nor what is in the vault: who operates the node need not know whose data are asked for.
            tracing::warn!(department = %provider, code = error.code(), "a face is not in the vault");
            None
        }
    }
}

fn access_id() -> AccessId {
    let mut bytes = [0; AccessId::BYTES];
    random::rng().fill_bytes(&mut bytes);
    AccessId(bytes)
}
