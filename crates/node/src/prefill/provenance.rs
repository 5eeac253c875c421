//! Whence the fields of a form come: which licence holds each, with what opens its commitment. Beside the form it shows, to whoever accepts
//! it, which fields were taken over as they are and which were typed over.

use super::answers::at;
use crate::cli::read_file;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use tongban_modules::case_sources::{AnswerSource, AnswerSources};
use tongban_modules::catalogue::ItemCode;
use tongban_modules::held::Target;
use tongban_modules::offices::DepartmentCode;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::{Disclosure, FaceRoot, FieldName};
use tongban_types::{AccessId, AccountId, CorrectionId, Primitives, Time};
use tongban_vault::OpenedLicence;

/// The version of the file.
const VERSION: u16 = 2;
/// Bytes of one file.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// What `tongban prefill propose` writes beside the answers. Personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The version of this format.
    pub version: u16,
    /// The service item.
    pub item: ItemCode,
    /// Whose data they are.
    pub person: AccountId,
    /// One entry for each licence.
    pub openings: Vec<Opening>,
}

/// The fields of one licence that were proposed, with their salts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The department that keeps it.
    pub provider: DepartmentCode,
    /// As of when it is.
    pub as_of: Time,
    /// What was proposed.
    pub fields: Vec<ProposedField>,
    /// The licence's fields and their ways to the root on the ledger.
    pub disclosure: Disclosure,
}

/// One value that was proposed. Personal data: `Debug` shows no value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedField {
    /// The field of the form, or the material.
    pub target: Target,
    /// The field of the licence.
    pub field: FieldName,
    /// The access under which it was read.
    pub access: AccessId,
    /// The value as the form takes it.
    pub value: Value,
}

impl std::fmt::Debug for ProposedField {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ProposedField({:?} from {})", self.target, self.field)
    }
}

/// What became of a field that was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldCheck {
    /// Its path in the form.
    pub path: String,
    /// The licence that holds it.
    pub licence: LicenceIdentifier,
    /// The field there.
    pub field: FieldName,
    /// The department that keeps it.
    pub provider: DepartmentCode,
    /// What became of it.
    pub state: FieldState,
    /// How a correction is asked for at the source, where it was typed over.
    pub correction: Option<String>,
}

/// What became of a field. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldState {
    /// It stands as its source has it.
    Unchanged,
    /// It was left out.
    LeftOut,
    /// It was typed over.
    TypedOver,
    /// What is said of its source does not lead to the ledger's commitment: it proves nothing.
    Unproven,
}

impl Provenance {
    /// Of values that were proposed.
    pub fn new(item: ItemCode, person: AccountId, openings: Vec<Opening>) -> Self {
        Self { version: VERSION, item, person, openings }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_file(path, FILE_BYTES_MAX)?;
        let read: Self = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} says of no fields whence they come", path.display()))?;
        if read.version != VERSION {
            bail!("{} has version {}, this program reads {VERSION}", path.display(), read.version);
        }
        Ok(read)
    }

    /// What became of each field that was proposed. `root_of` is what the ledger has of a licence's face; none where it has none. `number` makes the
    /// numbers of the correction requests that are suggested.
    pub fn check(
        &self,
        answers: &Value,
        root_of: impl Fn(&LicenceIdentifier) -> Option<FaceRoot>,
        mut number: impl FnMut() -> CorrectionId,
        primitives: &dyn Primitives,
    ) -> Vec<FieldCheck> {
        let mut checks = Vec::new();
        for opening in &self.openings {
            let root = root_of(&opening.licence);
            for proposed in &opening.fields {
                let Target::Field(path) = &proposed.target else { continue }; // a material is no answer
                let is_proven = root.is_some_and(|root| opening.holds(proposed, &root, primitives));
                let state = match at(answers, path) {
                    _ if !is_proven => FieldState::Unproven,
                    None => FieldState::LeftOut,
                    Some(answer) if *answer == proposed.value => FieldState::Unchanged,
                    Some(_) => FieldState::TypedOver,
                };
                let is_typed_over = state == FieldState::TypedOver;
                let correction = is_typed_over.then(|| self.correction(opening, proposed, &number()));
                checks.push(FieldCheck {
                    path: path.to_string(),
                    licence: opening.licence.clone(),
                    field: proposed.field.clone(),
                    provider: opening.provider,
                    state,
                    correction,
                });
            }
        }
        checks
    }

    /// What the application says of whence its answers come: of what was proposed, what stands in the form as its source has it.
    /// Those beyond what an application may have count as typed in.
    pub fn sources(&self, answers: &Value) -> AnswerSources {
        let mut sources: Vec<AnswerSource> = Vec::new();
        for (opening, proposed) in self.openings.iter().flat_map(|of| of.fields.iter().map(move |field| (of, field))) {
            let Target::Field(path) = &proposed.target else { continue };
            if at(answers, path) == Some(&proposed.value) {
                let (licence, field) = (opening.licence.clone(), proposed.field.clone());
                sources.push(AnswerSource { path: path.clone(), licence, field, access: proposed.access });
            }
        }
        sources.sort_by(|left, right| left.path.cmp(&right.path));
        sources.dedup_by(|left, right| left.path == right.path);
        AnswerSources::first_of(sources)
    }

    /// What proves the answers, as the department's vault keeps it beside the form.
    pub fn opened(&self) -> Vec<OpenedLicence> {
        let opened = self.openings.iter();
        opened.map(|of| OpenedLicence { licence: of.licence.clone(), disclosure: of.disclosure.clone() }).collect()
    }

    /// The command that asks for a correction at the source, as it is typed.
    fn correction(&self, opening: &Opening, proposed: &ProposedField, id: &CorrectionId) -> String {
        format!(
            "tongban call sharing open-correction --id {id} --request.holder {} --request.licence {} --request.field {} \
             --request.reason mistaken --key KEY",
            self.person, opening.licence, proposed.field
        )
    }
}

impl Opening {
    /// Whether the licence says this, by the root on the ledger.
    fn holds(&self, proposed: &ProposedField, root: &FaceRoot, primitives: &dyn Primitives) -> bool {
        let Ok(fields) = self.disclosure.check(root, primitives) else { return false };
        let field = fields.into_iter().find(|field| field.name == proposed.field);
        field.is_some_and(|field| is_same(&proposed.value, &field.value))
    }
}

/// Whether a form's value is what a licence says, which has words alone.
pub(super) fn is_same(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        Value::Number(value) => text.parse::<i64>().is_ok_and(|number| value.as_i64() == Some(number)),
        Value::Bool(true) => matches!(text, "是" | "true"),
        Value::Bool(false) => matches!(text, "否" | "false"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Refuses a form in which a field was typed over, or whose sources prove nothing.
pub fn refuse_typed_over(checks: &[FieldCheck]) -> anyhow::Result<()> {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    match (count(FieldState::TypedOver), count(FieldState::Unproven)) {
        (0, 0) => Ok(()),
        (typed_over, unproven) => bail!("{typed_over} fields were typed over, {unproven} are not proven"),
    }
}

/// What became of the fields, as text. What they say is not repeated.
pub fn in_words(checks: &[FieldCheck]) -> String {
    let mut text = String::new();
    for check in checks {
        let state = match check.state {
            FieldState::Unchanged => "一致 unchanged",
            FieldState::LeftOut => "未填 left out",
            FieldState::TypedOver => "已改写 TYPED OVER",
            FieldState::Unproven => "来源未获证实 NOT PROVEN",
        };
        let source = format!("{} of {}, kept by {}", check.field, check.licence, check.provider);
        let _ = writeln!(text, "{}: {state} ({source})", check.path); // writing to a text never fails
        if let Some(correction) = &check.correction {
            let _ = writeln!(text, "  有误请向来源申请更正 have it corrected at its source:\n  {correction}");
        }
    }
    text
}
