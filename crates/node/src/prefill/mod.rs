//! Proposing to an applicant what departments already hold (智能预填): the plan from the ledger, the accesses on the ledger, and only
//! then the vaults of the departments that this node hosts. What it means stands in `tongban_modules::prefill`.
//!
//! ```text
//! propose: plan ─▶ accesses, each final ─▶ vaults ─▶ answers (the applicant edits them) and provenance (whence each field comes)
//! check:   answers + provenance + the ledger ─▶ fields that were typed over, and the correction request for each
//! commit:  answers ─▶ salted commitments, whose root the application carries; with the provenance, only what passes the check
//! ```
//!
//! A wrong value is corrected at its source and not typed over. The ledger's application carries the root of the form and nothing of its
//! provenance; so the provenance is a file beside the form, and whoever accepts the form checks one against the other.

pub mod answers;
pub mod commands;
pub mod form;
pub mod hosts;
pub mod provenance;
#[cfg(test)]
mod tests;

use crate::asking::ask;
use crate::random;
use crate::signer::{Signer, now};
use anyhow::{Context, bail};
use provenance::{Opening, ProposedField};
use rand_core::Rng as _;
use std::collections::BTreeMap;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::forms::Form;
use tongban_modules::items::Item;
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
    /// What opens the commitments to the values that are proposed, for each licence.
    pub openings: Vec<Opening>,
}

/// Proposes values for an application. Each access is final before the vault that it is about is opened; what a department holds that is
/// hosted elsewhere is asked for as ever.
pub async fn prefill(client: &Client, suite: Suite, showing: &Showing, hosted: &[Hosted]) -> anyhow::Result<Prefilled> {
    let plan = plan(client, showing).await?;
    let form = form_of(client, showing, &plan).await?;
    let mut receipts = Vec::new();
    let (mut recorded, mut refused) = (Vec::new(), Vec::new());
    let mut accesses: BTreeMap<LicenceIdentifier, Vec<AccessId>> = BTreeMap::new();
    for handout in handouts(&plan, showing) {
        let Some(host) = hosted.iter().find(|host| host.department == handout.provider) else { continue };
        let (id, licence) = (access_id(), handout.licence.clone());
        // One transaction for each: one that is refused does not keep the others from being shown.
        let call = Call::Sharing(sharing::Call::RecordAccess { id, handout });
        let receipt = client.submit(&host.officer.sign(&[call])?).await.context("recording an access")?;
        match &receipt.outcome {
            Outcome::Applied { .. } => {
                recorded.push(id);
                accesses.entry(licence).or_default().push(id);
            }
            Outcome::Refused(refusal) => refused.push((licence, refusal.code.clone())),
        }
        receipts.push(receipt);
    }
    let mut faces = BTreeMap::new();
    let face_of = |provider: &DepartmentCode, licence: &LicenceIdentifier| {
        let face = face_of(hosted, provider, licence)?;
        faces.insert(licence.clone(), face.clone());
        Some(face)
    };
    let proposed = propose(&plan, showing, &receipts, &form, face_of, primitives(suite));
    let openings = openings(&proposed, &faces, &accesses, suite)?;
    Ok(Prefilled { proposed, recorded, refused, openings })
}

/// What opens the commitments to what is proposed: of each licence the proposed fields with their salts and ways, and no other.
fn openings(
    proposed: &Proposed,
    faces: &BTreeMap<LicenceIdentifier, Face>,
    accesses: &BTreeMap<LicenceIdentifier, Vec<AccessId>>,
    suite: Suite,
) -> anyhow::Result<Vec<Opening>> {
    let mut openings = Vec::new();
    for (licence, face) in faces {
        let of_licence: Vec<_> = proposed.proposals.iter().filter(|proposal| proposal.licence == *licence).collect();
        let Some(first) = of_licence.first() else { continue };
        let names: Vec<&str> = of_licence.iter().map(|proposal| &*proposal.field).collect();
        let fields = of_licence.iter().map(|proposal| ProposedField {
            target: proposal.target.clone(),
            field: proposal.field.clone(),
            value: proposal.value.clone(),
        });
        openings.push(Opening {
            licence: licence.clone(),
            provider: first.provider,
            as_of: first.as_of,
            accesses: accesses.get(licence).cloned().context("what is proposed was recorded")?,
            fields: fields.collect(),
            disclosure: face.disclose(&names, primitives(suite))?,
        });
    }
    Ok(openings)
}

/// What departments hold of what the item asks for.
pub async fn plan(client: &Client, showing: &Showing) -> anyhow::Result<Plan> {
    let query = sharing::Query::Prefill { reading: showing.reading.clone(), at: now() };
    match ask(client, &Query::Sharing(query)).await? {
        View::Sharing(sharing::View::Prefill { plan: Some(plan) }) => Ok(*plan),
        View::Sharing(sharing::View::Prefill { plan: None }) => bail!("the item is not in force"),
        other => bail!("an unexpected answer to the question for a plan: {other:?}"),
    }
}

async fn form_of(client: &Client, showing: &Showing, plan: &Plan) -> anyhow::Result<Form> {
    let query = catalogue::Query::Version { code: showing.reading.item.clone(), version: Some(plan.version) };
    match ask(client, &Query::Catalogue(query)).await? {
        View::Catalogue(catalogue::View::Version { version: Some(version) }) => Ok(Form::parse(&version.item.form)?),
        _ => bail!("the item has no version {}", plan.version),
    }
}

/// The item in the version that is in force.
pub async fn item_in_force(client: &Client, code: &catalogue::ItemCode) -> anyhow::Result<Item> {
    let query = catalogue::Query::InForce { code: code.clone(), at: now() };
    match ask(client, &Query::Catalogue(query)).await? {
        View::Catalogue(catalogue::View::InForce { version: Some(version) }) => Ok(version.item),
        _ => bail!("the item {code} is not in force"),
    }
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
