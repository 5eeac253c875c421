//! `tongban prefill review`: the officer who accepts a form sees for each answer whether it is what a licence says, or was typed in. Nothing of what
//! it says is printed.
//!
//! The ledger refuses a source that is somebody else's, not in force or not read with leave. What it cannot see is checked here: that the form
//! is the one that was filed, that the vault has what opens the licence's commitment, and that the answer is what stands there.

use super::provenance::is_same;
use super::words;
use crate::asking::ask;
use crate::cli::NodeAddress;
use crate::output;
use crate::signer::now;
use crate::vault::commands::Place;
use crate::vault::keys::Opened;
use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::case_sources::SourceNow;
use tongban_modules::cases::{self, Case};
use tongban_modules::held::{self, Target};
use tongban_modules::licence_history::Status;
use tongban_modules::{Query, View, catalogue, licences};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::{FaceRoot, FieldName};
use tongban_types::{CorrectionId, Digest, Primitives, Time};
use tongban_vault::{Content, Label, OpenedLicence, StoredForm};

/// Options of `tongban prefill review`.
#[derive(Args)]
pub struct ReviewArguments {
    #[command(flatten)]
    place: Place,
    /// The case
    #[arg(long)]
    case: CaseNumber,
    #[command(flatten)]
    node: NodeAddress,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is known of an answer. Nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerReview {
    /// The path of its field.
    pub path: String,
    /// Whence it comes.
    pub state: AnswerState,
    /// The licence from which it was said to come, or which holds it although it was typed in.
    pub licence: Option<LicenceIdentifier>,
    /// The field of the licence from which it was said to come.
    pub field: Option<FieldName>,
    /// What the licence from which it was said to come is now; it was in force when the form was handed in.
    pub licence_now: Option<Status>,
    /// The correction request about that field that is open.
    pub correction: Option<CorrectionId>,
}

/// Whence an answer comes. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// It is what the licence says, by the root on the ledger.
    Proven,
    /// The licence says something else.
    Differs,
    /// The vault has nothing that opens the commitment of the licence.
    Unproven,
    /// It is said to come from a licence, and the form has no such answer.
    Unanswered,
    /// The applicant has typed it in.
    TypedIn,
    /// The applicant has typed it in, and a licence of his that is in force holds it.
    TypedInThoughHeld,
}

impl AnswerState {
    /// Whether what was said of the answer is not so.
    fn is_trouble(self) -> bool {
        match self {
            Self::Differs | Self::Unproven | Self::Unanswered => true,
            Self::Proven | Self::TypedIn | Self::TypedInThoughHeld => false,
        }
    }
}

/// A form as the vault has it, and what the ledger says of it.
#[derive(Clone, Copy)]
pub struct Reviewed<'a> {
    /// The form.
    pub form: &'a StoredForm,
    /// What opens the commitments of licences.
    pub openings: &'a [OpenedLicence],
    /// Whence its answers come, by the ledger.
    pub sources: &'a [SourceNow],
    /// What the ledger has of the faces of the licences.
    pub faces: &'a BTreeMap<LicenceIdentifier, FaceRoot>,
    /// Which licence of the applicant holds a field, by its path.
    pub held: &'a BTreeMap<String, LicenceIdentifier>,
}

impl Reviewed<'_> {
    /// What is known of each answer, by ascending paths; at last what is said of answers that are not there.
    pub fn answers(&self, primitives: &dyn Primitives) -> Vec<AnswerReview> {
        let answered = self.form.answers.iter().map(|answer| {
            let source = self.sources.iter().find(|now| *now.source.path == *answer.path);
            let value = serde_json::from_slice(answer.value.as_ref()).unwrap_or(Value::Null);
            match source {
                Some(source) => review_of(source, self.state(source, &value, primitives)),
                None => self.typed_in(&answer.path),
            }
        });
        let is_answered = |now: &&SourceNow| self.form.answers.iter().any(|answer| *answer.path == *now.source.path);
        let unanswered = self.sources.iter().filter(|now| !is_answered(now));
        let unanswered = unanswered.map(|now| review_of(now, AnswerState::Unanswered));
        answered.chain(unanswered).collect()
    }

    fn state(&self, now: &SourceNow, value: &Value, primitives: &dyn Primitives) -> AnswerState {
        let source = &now.source;
        let opened = self.openings.iter().find(|opened| opened.licence == source.licence);
        let Some((opened, root)) = opened.zip(self.faces.get(&source.licence)) else { return AnswerState::Unproven };
        let Ok(fields) = opened.disclosure.check(root, primitives) else { return AnswerState::Unproven };
        match fields.into_iter().find(|field| field.name == source.field) {
            Some(field) if is_same(value, &field.value) => AnswerState::Proven,
            Some(_) => AnswerState::Differs,
            None => AnswerState::Unproven,
        }
    }

    fn typed_in(&self, path: &str) -> AnswerReview {
        let licence = self.held.get(path).cloned();
        let state = if licence.is_some() { AnswerState::TypedInThoughHeld } else { AnswerState::TypedIn };
        AnswerReview { path: path.to_owned(), state, licence, field: None, licence_now: None, correction: None }
    }
}

fn review_of(now: &SourceNow, state: AnswerState) -> AnswerReview {
    AnswerReview {
        path: now.source.path.to_string(),
        state,
        licence: Some(now.source.licence.clone()),
        field: Some(now.source.field.clone()),
        licence_now: Some(now.status.clone()),
        correction: now.correction,
    }
}

/// Refuses a form of whose answers something was said that is not so.
pub fn refuse_unproven(answers: &[AnswerReview]) -> anyhow::Result<()> {
    match answers.iter().filter(|answer| answer.state.is_trouble()).count() {
        0 => Ok(()),
        count => bail!("{count} answers are not what their sources say"),
    }
}

/// Runs the command.
pub async fn run(arguments: &ReviewArguments) -> anyhow::Result<()> {
    let Opened { vault, suite } = arguments.place.open_to_read()?;
    let label = Label::Form(arguments.case.clone());
    let content = vault.get(&label).map_err(|error| arguments.place.explained(&error))?;
    let answers = review(&arguments.node.client()?, &arguments.case, &content, primitives(suite)).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::json!({ "case": arguments.case, "answers": answers })));
    } else {
        output::text(format_args!("{}", words::of_review(&answers)));
    }
    refuse_unproven(&answers)
}

/// Reviews a form as a vault has it.
pub async fn review(
    client: &Client,
    number: &CaseNumber,
    content: &Content,
    primitives: &dyn Primitives,
) -> anyhow::Result<Vec<AnswerReview>> {
    let (form, openings) = match content {
        Content::Form(form) => (form, Vec::new()),
        Content::Sourced(sourced) => (&sourced.form, sourced.openings.to_vec()),
        Content::Face(_) | Content::Imported(_) => bail!("{number} is no form"),
    };
    let (case, root) = filed(client, number).await?;
    if form.root(primitives) != root {
        bail!("the form in the vault is not the one that was filed (vault.differs)");
    }
    let at = now();
    let sources = sources(client, number, at).await?;
    let mut faces = BTreeMap::new();
    for source in &sources {
        if let Some(root) = super::commands::root_of(client, &source.source.licence).await? {
            faces.insert(source.source.licence.clone(), root);
        }
    }
    let held = held(client, &case, at).await?;
    let reviewed = Reviewed { form, openings: &openings, sources: &sources, faces: &faces, held: &held };
    Ok(reviewed.answers(primitives))
}

/// The case, and the commitment to its form.
async fn filed(client: &Client, number: &CaseNumber) -> anyhow::Result<(Case, Digest)> {
    match ask(client, &Query::Cases(cases::Query::Case { case: number.clone() })).await? {
        View::Cases(cases::View::Case { case: Some(case), filing: Some(filing) }) => Ok((*case, filing.form)),
        View::Cases(cases::View::Case { .. }) => bail!("no case has the number {number}"),
        other => bail!("the node answered another question: {other:?}"),
    }
}

async fn sources(client: &Client, number: &CaseNumber, at: Time) -> anyhow::Result<Vec<SourceNow>> {
    match ask(client, &Query::Cases(cases::Query::Sources { case: number.clone(), at })).await? {
        View::Cases(cases::View::Sources { sources }) => Ok(sources.into_vec()),
        other => bail!("the node answered another question: {other:?}"),
    }
}

/// Which licence of the applicant, in force now, holds a field that the item could take from it.
async fn held(client: &Client, case: &Case, at: Time) -> anyhow::Result<BTreeMap<String, LicenceIdentifier>> {
    let question = catalogue::Query::Version { code: case.item.code.clone(), version: Some(case.item.version) };
    let item = match ask(client, &Query::Catalogue(question)).await? {
        View::Catalogue(catalogue::View::Version { version }) => version.context("a case has an item")?.item,
        other => bail!("the node answered another question: {other:?}"),
    };
    let (mut held, mut of_type) = (BTreeMap::new(), BTreeMap::new());
    for need in held::needs(&item) {
        let Target::Field(path) = need.target else { continue };
        if let Entry::Vacant(place) = of_type.entry(need.licence_type) {
            place.insert(in_force(client, case, need.licence_type, at).await?);
        }
        if let Some(licence) = of_type.get(&need.licence_type).cloned().flatten() {
            held.insert(path.to_string(), licence);
        }
    }
    Ok(held)
}

async fn in_force(
    client: &Client,
    case: &Case,
    licence_type: tongban_types::codes::LicenceTypeCode,
    at: Time,
) -> anyhow::Result<Option<LicenceIdentifier>> {
    let question = licences::Query::Held { holder: case.applicant, licence_type, at };
    match ask(client, &Query::Licences(question)).await? {
        View::Licences(licences::View::Held { licences }) => {
            let valid = licences.iter().rev().find(|held| held.status == Status::Valid);
            Ok(valid.map(|held| held.identifier.clone()))
        }
        other => bail!("the node answered another question: {other:?}"),
    }
}
