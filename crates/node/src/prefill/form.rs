//! The commitment to a filled-in form: the salts that nobody else has, and the root that the application carries. The file goes to the vault
//! of the department when the case has its number.

use super::answers::flat;
use super::provenance::Provenance;
use crate::cli::read_file;
use crate::random::rng;
use anyhow::Context as _;
use rand_core::Rng as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use tongban_modules::case_sources::AnswerSources;
use tongban_types::codes::CaseNumber;
use tongban_types::licence_face::Salt;
use tongban_types::{Blob, Digest, List, Primitives, Text};
use tongban_vault::{Answer, Content, OpenedLicence, SourcedForm, StoredForm};

/// Bytes of one file.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A filled-in form with its salts, before its case has a number. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    /// The root that the application carries.
    pub root: Digest,
    /// The answers by ascending paths.
    pub answers: Vec<SaltedAnswer>,
    /// Whence answers come, as the application says it.
    #[serde(default)]
    pub sources: AnswerSources,
    /// What proves that they do: fields of licences with their salts and ways.
    #[serde(default)]
    pub openings: Vec<OpenedLicence>,
}

/// One answer with its salt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedAnswer {
    /// The path of the field.
    pub path: Text<200>,
    /// The answer.
    pub value: Value,
    /// The salt of its commitment.
    pub salt: Salt,
}

impl FormFile {
    /// Salts the answers of a form.
    pub fn commit(answers: &Value, primitives: &dyn Primitives) -> anyhow::Result<Self> {
        let mut salted = Vec::new();
        for (path, value) in flat(answers)? {
            let mut salt = [0; 32];
            rng().fill_bytes(&mut salt);
            let path = Text::new(path.as_str()).with_context(|| format!("{path} is no path of a field"))?;
            salted.push(SaltedAnswer { path, value, salt: Salt(salt) });
        }
        let (sources, openings) = (AnswerSources::default(), Vec::new());
        let mut form = Self { root: Digest([0; 32]), answers: salted, sources, openings };
        form.root = form.stored(&no_case())?.root(primitives); // the number of the case is no part of it
        Ok(form)
    }

    /// The same with whence its answers come.
    pub fn with_sources(self, answers: &Value, provenance: &Provenance) -> Self {
        Self { sources: provenance.sources(answers), openings: provenance.opened(), ..self }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_file(path, FILE_BYTES_MAX)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no form that was committed to", path.display()))
    }

    /// What the vault of the department keeps: the form, and what proves its answers where there is something.
    pub fn content(&self, case: &CaseNumber) -> anyhow::Result<Content> {
        let form = self.stored(case)?;
        if self.openings.is_empty() {
            return Ok(Content::Form(form));
        }
        Ok(Content::Sourced(SourcedForm { form, openings: List::new(self.openings.clone())? }))
    }

    /// The form alone.
    pub fn stored(&self, case: &CaseNumber) -> anyhow::Result<StoredForm> {
        let answers = self.answers.iter().map(|answer| -> anyhow::Result<Answer> {
            let value = Blob::new(serde_json::to_vec(&answer.value)?)?;
            Ok(Answer { path: answer.path.clone(), value, salt: answer.salt })
        });
        let answers = answers.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(StoredForm { case: case.clone(), answers: List::new(answers)?, attachments: List::default() })
    }
}

fn no_case() -> CaseNumber {
    "0".parse().expect("a digit is the number of a case")
}
