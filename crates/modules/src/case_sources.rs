//! Whence the answers of a form come (预填来源): which licence of the applicant's holds each that was proposed to him, and under which access it
//! was read.
//!
//! The ledger has names alone: what an answer says and what opens its commitment are in the department's vault. What can be seen here is
//! refused here: a licence of somebody else, one that is not in force, and a field that nobody was allowed to read for this application. That an
//! answer is what its licence says is checked by whoever accepts the form, who has both.

use crate::held::{self, FieldName, FieldPath, Target};
use crate::items::Item;
use crate::licences::{self, Status};
use crate::sharing::{self, Fields, Ground, Purpose};
use crate::{case_licences, catalogue::ItemCode};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::ops::Deref;
use tongban_kernel::{Missing, State};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, AccountId, CorrectionId, List, Text, Time, codec};

/// Sources of one form. Answers beyond them count as typed in.
pub const SOURCES_MAX: usize = 64;
/// Bytes of all encoded sources of one form: with the rest of an application they fit a call.
pub const SOURCES_BYTES_MAX: usize = 10 * 1024;

/// Whence one answer of a form comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSource {
    /// The field of the form, by its path.
    pub path: FieldPath,
    /// The licence that holds it, in its version.
    pub licence: LicenceIdentifier,
    /// The field of the licence.
    pub field: FieldName,
    /// The access under which it was read.
    pub access: AccessId,
}

/// Whence answers of one form come, by ascending paths, each once; at most [`SOURCES_BYTES_MAX`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct AnswerSources(List<AnswerSource, SOURCES_MAX>);

/// Sources are more than an application may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an application has at most {SOURCES_MAX} sources and {SOURCES_BYTES_MAX} bytes of them")]
pub struct TooManySources;

impl AnswerSources {
    /// Takes sources, or says that they are too many.
    pub fn new(sources: Vec<AnswerSource>) -> Result<Self, TooManySources> {
        let sources = List::new(sources).map_err(|_| TooManySources)?;
        if codec::encode(&sources).len() > SOURCES_BYTES_MAX { Err(TooManySources) } else { Ok(Self(sources)) }
    }

    /// As many as fit, from the first on.
    pub fn first_of(mut sources: Vec<AnswerSource>) -> Self {
        sources.truncate(SOURCES_MAX);
        while codec::encode(&sources).len() > SOURCES_BYTES_MAX {
            sources.pop();
        }
        Self(List::new(sources).expect("no more than there may be"))
    }
}

impl Deref for AnswerSources {
    type Target = [AnswerSource];

    fn deref(&self) -> &[AnswerSource] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for AnswerSources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sources = List::<AnswerSource, SOURCES_MAX>::deserialize(deserializer)?;
        Self::new(sources.into_vec()).map_err(serde::de::Error::custom)
    }
}

/// A source as it is now. When the form was handed in, the licence was the applicant's and in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceNow {
    /// What was said when the form was handed in.
    pub source: AnswerSource,
    /// What the licence is.
    pub status: Status,
    /// The correction request about its field that is open.
    pub correction: Option<CorrectionId>,
}

/// Why an answer cannot come from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// The form does not take the field from such a licence.
    Unasked,
    /// The licence is not the applicant's, or is not in force.
    NotHeld,
    /// No access lets the field be taken from the licence for this application.
    NotRead,
}

/// What an application is, for its sources.
#[derive(Clone, Copy, Debug)]
pub struct Applying<'a> {
    /// For whom.
    pub applicant: &'a AccountId,
    /// For what.
    pub code: &'a ItemCode,
    /// The same, in its version.
    pub item: &'a Item,
    /// The case, where it is filed already.
    pub case: Option<&'a CaseNumber>,
}

/// Whether sources stand by ascending paths, each once.
pub fn are_ordered(sources: &[AnswerSource]) -> bool {
    sources.is_sorted_by(|left, right| left.path < right.path)
}

/// What is wrong with the sources of an application at a time.
pub fn check(
    applying: Applying<'_>,
    sources: &[AnswerSource],
    at: Time,
    state: &State,
) -> Result<Option<SourceError>, Missing> {
    let needs = if sources.is_empty() { Vec::new() } else { held::needs(applying.item) };
    let is_asked = |source: &AnswerSource| {
        let target = Target::Field(source.path.clone());
        let licence_type = source.licence.licence_type();
        needs.iter().any(|need| {
            need.target == target && need.licence_type == licence_type && need.field.as_ref() == Some(&source.field)
        })
    };
    if !sources.iter().all(is_asked) {
        return Ok(Some(SourceError::Unasked));
    }
    for source in sources {
        let licence_type = Text::new(source.licence.licence_type().as_str()).expect("a type's code has 21 characters");
        if !case_licences::holds(state, applying.applicant, &source.licence, &licence_type, at)? {
            return Ok(Some(SourceError::NotHeld));
        }
    }
    for source in sources {
        if !is_read(applying, source, state)? {
            return Ok(Some(SourceError::NotRead));
        }
    }
    Ok(None)
}

/// Whether an access is recorded that lets this field be taken from this licence for this application. One under a consent that was withdrawn
/// since lets nothing be taken any more.
fn is_read(applying: Applying<'_>, source: &AnswerSource, state: &State) -> Result<bool, Missing> {
    let Some(access) = sharing::access(state, &source.access)? else { return Ok(false) };
    let (handout, reading) = (&access.handout, &access.handout.reading);
    let field = Fields::Named(List::new(vec![source.field.clone()]).expect("one field fits"));
    let is_for_this = reading.person == *applying.applicant
        && reading.item == *applying.code
        && reading.purpose == Purpose::Application
        && handout.case.as_ref().is_none_or(|case| Some(case) == applying.case);
    if !is_for_this || handout.licence != source.licence || !handout.fields.include(&field) {
        return Ok(false);
    }
    match &handout.ground {
        Ground::Consent { consent } => {
            let consent = sharing::consent(state, consent)?;
            Ok(consent.is_some_and(|consent| consent.withdrawal.is_none()))
        }
        Ground::Law { .. } => Ok(true),
    }
}

/// What has become of sources.
pub fn now(sources: &AnswerSources, at: Time, state: &State) -> Result<List<SourceNow, SOURCES_MAX>, Missing> {
    let mut found = Vec::new();
    for source in sources.iter() {
        let licence = licences::licence(state, &source.licence)?;
        found.push(SourceNow {
            source: source.clone(),
            status: licence.map_or(Status::NotYetValid, |licence| licences::status(&licence, at)),
            correction: sharing::open_correction(state, &source.licence, &source.field)?,
        });
    }
    Ok(List::new(found).expect("as many as there are sources"))
}
