//! Proposing to an applicant what departments already hold (智能预填): the plan from the ledger, the accesses on the ledger, and only
//! then the vaults of the departments that this node hosts. What it means stands in `tongban_modules::prefill`.
//!
//! ```text
//! propose: plan ─▶ accesses, each final ─▶ vaults ─▶ answers (the applicant edits them) and provenance (whence each field comes)
//! check:   answers + provenance + the ledger ─▶ fields that were typed over, and the correction request for each
//! commit:  answers ─▶ the item's own rules, the check ─▶ salted commitments, whose root the application carries, and its sources
//! review:  the form in the department's vault + the ledger ─▶ which answers are proven, which are typed in
//! ```
//!
//! A wrong value is corrected at its source and not typed over. The ledger's application carries the root of the form and the names of its
//! sources; what proves them lies beside the form in the vault, so that whoever accepts it sees for each answer whether it is what a licence says.

pub mod answers;
pub mod commands;
pub mod commit;
pub mod form;
pub mod hosts;
pub mod provenance;
pub mod review;
#[cfg(test)]
mod tests;
pub mod words;

use crate::asking::ask;
use crate::random;
use crate::signer::{Signer, now};
use anyhow::{Context, bail};
use provenance::{Opening, ProposedField};
use rand_core::Rng as _;
use serde::Serialize;
use std::collections::BTreeMap;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::forms::Form;
use tongban_modules::held::Target;
use tongban_modules::items::Item;
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::prefill::{Obstacle, Plan, Proposed, Showing, handouts, propose};
use tongban_modules::sharing::{Fields, Handout};
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
    /// What was not asked for, because the vaults of its departments are opened by other nodes.
    pub elsewhere: Vec<Elsewhere>,
    /// What opens the commitments to the values that are proposed, for each licence.
    pub openings: Vec<Opening>,
}

/// A licence that its department keeps in a vault which this node does not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The department: whoever runs its node can propose the fields there.
    pub provider: DepartmentCode,
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The fields and materials that it would have been read for.
    pub targets: Vec<Target>,
}

/// Proposes values for an application. Each access is final before the vault that it is about is opened; what a department holds that is
/// hosted elsewhere is named, and asked for as ever.
pub async fn prefill(client: &Client, suite: Suite, showing: &Showing, hosted: &[Hosted]) -> anyhow::Result<Prefilled> {
    let plan = plan(client, showing).await?;
    let form = form_of(client, showing, &plan).await?;
    let elsewhere = elsewhere(&plan, hosted);
    let mut receipts = Vec::new();
    let mut recorded: Vec<(AccessId, Handout)> = Vec::new();
    let mut refused = Vec::new();
    for handout in handouts(&plan, showing) {
        // Those without a host are in `elsewhere`.
        let Some(host) = hosted.iter().find(|host| host.department == handout.provider) else { continue };
        let id = access_id();
        // One transaction for each: one that is refused does not keep the others from being shown.
        let call = Call::Sharing(sharing::Call::RecordAccess { id, handout: handout.clone() });
        let receipt = client.submit(&host.officer.sign(&[call])?).await.context("recording an access")?;
        match &receipt.outcome {
            Outcome::Applied { .. } => recorded.push((id, handout)),
            Outcome::Refused(refusal) => refused.push((handout.licence, refusal.code.clone())),
        }
        receipts.push(receipt);
    }
    let mut faces = BTreeMap::new();
    let face_of = |provider: &DepartmentCode, licence: &LicenceIdentifier| {
        let face = face_of(hosted, provider, licence)?;
        faces.insert(licence.clone(), face.clone());
        Some(face)
    };
    let mut proposed = propose(&plan, showing, &receipts, &form, face_of, primitives(suite));
    say_elsewhere(&mut proposed, &elsewhere);
    let openings = openings(&proposed, &faces, &recorded, suite)?;
    Ok(Prefilled { proposed, recorded: recorded.into_iter().map(|(id, _)| id).collect(), refused, elsewhere, openings })
}

/// What of a plan is kept in vaults that this node does not open.
fn elsewhere(plan: &Plan, hosted: &[Hosted]) -> Vec<Elsewhere> {
    let is_hosted = |provider: &DepartmentCode| hosted.iter().any(|host| host.department == *provider);
    let not_here = plan.readable.iter().filter(|readable| !is_hosted(&readable.provider));
    let named = not_here.map(|readable| Elsewhere {
        provider: readable.provider,
        licence: readable.licence.clone(),
        targets: readable.uses.iter().map(|field_use| field_use.target.clone()).collect(),
    });
    named.collect()
}

/// Gives what was not asked for its reason.
fn say_elsewhere(proposed: &mut Proposed, elsewhere: &[Elsewhere]) {
    let is_elsewhere = |target: &Target| elsewhere.iter().any(|of| of.targets.contains(target));
    for unmet in proposed.unmet.iter_mut().filter(|unmet| unmet.obstacle == Obstacle::NotRecorded) {
        if is_elsewhere(&unmet.target) {
            unmet.obstacle = Obstacle::HostedElsewhere;
        }
    }
}

/// What opens the commitments to what is proposed: of each licence the proposed fields with their salts and ways, and no other.
fn openings(
    proposed: &Proposed,
    faces: &BTreeMap<LicenceIdentifier, Face>,
    recorded: &[(AccessId, Handout)],
    suite: Suite,
) -> anyhow::Result<Vec<Opening>> {
    let mut openings = Vec::new();
    for (licence, face) in faces {
        let of_licence: Vec<_> = proposed.proposals.iter().filter(|proposal| proposal.licence == *licence).collect();
        let Some(first) = of_licence.first() else { continue };
        let names: Vec<&str> = of_licence.iter().map(|proposal| &*proposal.field).collect();
        let mut fields = Vec::new();
        for proposal in &of_licence {
            let covers = |handout: &Handout| match &handout.fields {
                Fields::Whole => true,
                Fields::Named(names) => names.contains(&proposal.field),
            };
            let access = recorded.iter().find(|(_, handout)| handout.licence == *licence && covers(handout));
            fields.push(ProposedField {
                target: proposal.target.clone(),
                field: proposal.field.clone(),
                access: access.map(|(id, _)| *id).context("what is proposed was recorded")?,
                value: proposal.value.clone(),
            });
        }
        openings.push(Opening {
            licence: licence.clone(),
            provider: first.provider,
            as_of: first.as_of,
            fields,
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
