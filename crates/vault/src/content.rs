//! What a vault keeps: faces of licences and filled-in forms, with their salts.

use serde::{Deserialize, Serialize};
use std::fmt;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::{Disclosure, Face, FieldValue, Salt};
use tongban_types::{Blob, Digest, List, Primitives, Text, codec, domain, merkle};

/// Answers of one form.
pub const ANSWERS_MAX: usize = 256;
/// Attachments of one form.
pub const ATTACHMENTS_MAX: usize = 64;
/// Licences of which fields are opened beside one form.
pub const OPENINGS_MAX: usize = 64;
/// Bytes of one answer, as JSON.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What an object is about. Each is stored once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Label {
    /// The face of this licence.
    Face(LicenceIdentifier),
    /// The form of this case.
    Form(CaseNumber),
}

/// The content of one object. Personal data: `Debug` shows names alone.
///
/// Variants are appended, never reordered: their places are part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// The face of a licence.
    Face(StoredFace),
    /// A filled-in form.
    Form(StoredForm),
    /// The face of a licence that was taken over from an older system.
    Imported(ImportedFace),
    /// A filled-in form with what proves whence its answers come.
    Sourced(SourcedForm),
}

/// The face of a licence with its salts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFace {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// Its fields and salts.
    pub face: Face,
}

/// The face of a licence that was taken over, with what its source says besides. When the source's file and the importer's secret are gone,
/// this is all there is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFace {
    /// The licence and its face.
    pub stored: StoredFace,
    /// The holder's code, empty where the source has none.
    pub holder_code: FieldValue,
    /// The number that people read on the certificate.
    pub certificate_number: Option<SaltedNumber>,
}

/// A number and the salt of its commitment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaltedNumber {
    /// The number.
    pub value: FieldValue,
    /// The salt.
    pub salt: Salt,
}

/// A filled-in form with its salts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredForm {
    /// The case.
    pub case: CaseNumber,
    /// The answers, by ascending paths of their fields, each once.
    pub answers: List<Answer, ANSWERS_MAX>,
    /// What was attached.
    pub attachments: List<Attachment, ATTACHMENTS_MAX>,
}

/// A filled-in form, and beside it the fields of licences from which answers were taken. The root of the form says nothing of them: each leads to the
/// face root of its licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcedForm {
    /// The form.
    pub form: StoredForm,
    /// What opens the commitments of licences, one entry for each.
    pub openings: List<OpenedLicence, OPENINGS_MAX>,
}

/// Some fields of a licence with their salts and ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedLicence {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The fields that were proposed, and no others.
    pub disclosure: Disclosure,
}

/// The bytes of an answer, as JSON without blanks between the tokens.
pub type AnswerValue = Blob<ANSWER_BYTES_MAX>;

/// One answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The path of the field, such as `address.town`.
    pub path: Text<200>,
    /// The answer as JSON.
    pub value: AnswerValue,
    /// The salt of its commitment.
    pub salt: Salt,
}

/// Something that was attached to a form, a sealed object of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The material that it is.
    pub material: Text<100>,
    /// The hash of its bytes.
    pub digest: Digest,
    /// The salt of its commitment.
    pub salt: Salt,
}

impl fmt::Debug for ImportedFace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ImportedFace({})", self.stored.licence)
    }
}

impl fmt::Debug for SaltedNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SaltedNumber")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Answer({})", self.path)
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Attachment({})", self.material)
    }
}

impl Content {
    /// What it is about.
    pub fn label(&self) -> Label {
        match self {
            Self::Face(face) => Label::Face(face.licence.clone()),
            Self::Form(form) => Label::Form(form.case.clone()),
            Self::Imported(imported) => Label::Face(imported.stored.licence.clone()),
            Self::Sourced(sourced) => Label::Form(sourced.form.case.clone()),
        }
    }

    /// The face, where it is one, however it came here.
    pub fn face(&self) -> Option<&StoredFace> {
        match self {
            Self::Face(stored) => Some(stored),
            Self::Imported(imported) => Some(&imported.stored),
            Self::Form(_) | Self::Sourced(_) => None,
        }
    }

    /// The form, where it is one, with or without what proves its answers.
    pub fn form(&self) -> Option<&StoredForm> {
        match self {
            Self::Form(form) => Some(form),
            Self::Sourced(sourced) => Some(&sourced.form),
            Self::Face(_) | Self::Imported(_) => None,
        }
    }
}

impl StoredForm {
    /// What the ledger gets: the RFC 6962 root over the salted commitments of answers and attachments, in their order, so that one answer can be
    /// shown without the rest. Whoever erases the salts leaves a root that nobody can try guesses against.
    pub fn root(&self, primitives: &dyn Primitives) -> Digest {
        let answers = self.answers.iter().map(|answer| answer.commitment(primitives));
        let attachments = self.attachments.iter().map(|attachment| attachment.commitment(primitives));
        merkle::root(primitives, &answers.chain(attachments).collect::<Vec<_>>())
    }
}

impl Answer {
    /// The salted commitment: a leaf of the form's tree.
    pub fn commitment(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::FORM_ANSWER, &self.salt.0, &codec::encode(&(&self.path, &self.value))])
    }
}

impl Attachment {
    /// The salted commitment: a leaf of the form's tree.
    pub fn commitment(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::FORM_ATTACHMENT, &self.salt.0, &codec::encode(&(&self.material, &self.digest))])
    }
}
