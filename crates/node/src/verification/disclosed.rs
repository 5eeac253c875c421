//! Fields of a licence's face that its holder shows, checked against the root that was proven (选择性出示).
//!
//! They come in a file beside the proof, or in the slip itself, which has room for one or two; on an annotated copy with its note, which must be
//! what the copy commits to. What does not lead to the root, or is another note, is refused with the whole proof, and not shown.

use super::licence::LicenceVerdict;
use crate::cli::read_file;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tongban_crypto::commitment;
use tongban_modules::licences::CopyNote;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::{Disclosure, FieldName, FieldValue, Salt};
use tongban_types::{Digest, Primitives, codec};

/// Bytes of one file: all fields of a face with their ways, as JSON.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The file that `tongban licences show` writes. Personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureFile {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// Some of its fields.
    pub disclosure: Disclosure,
    /// The note on an annotated copy of it, where they belong to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<SaltedNote>,
}

/// The note on an annotated copy, and what opens the commitment to it. Personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedNote {
    /// The note.
    pub note: CopyNote,
    /// The salt.
    pub salt: Salt,
}

/// What the slip of an annotated copy carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The note.
    pub noted: SaltedNote,
    /// Some fields of the licence.
    pub disclosure: Option<Disclosure>,
}

impl SaltedNote {
    /// What the ledger has of it.
    pub fn commitment(&self, primitives: &dyn Primitives) -> Digest {
        commitment(primitives, &self.salt.0, &self.note.to_bytes())
    }

    /// Puts the note on the copy that commits to it; false where there is none.
    fn bind(&self, licence: &mut LicenceVerdict, primitives: &dyn Primitives) -> bool {
        let commitment = self.commitment(primitives);
        let copy = licence.copy.as_mut().filter(|copy| copy.commitment == commitment);
        let is_bound = copy.is_some();
        if let Some(copy) = copy {
            copy.note = Some(self.note.clone());
        }
        is_bound
    }
}

/// A field that was shown and belongs to a licence that was proven. Personal data: `Debug` shows the name alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct DisclosedField {
    /// The licence.
    pub licence: LicenceIdentifier,
    /// The field.
    pub name: FieldName,
    /// What stands there.
    pub value: FieldValue,
}

impl std::fmt::Debug for DisclosedField {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DisclosedField({} of {})", self.name, self.licence)
    }
}

impl DisclosureFile {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_file(path, FILE_BYTES_MAX)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} shows no fields of a licence", path.display()))
    }

    /// The fields, where they are those of a licence that was proven.
    pub fn bind(&self, licences: &mut [LicenceVerdict], primitives: &dyn Primitives) -> Option<Vec<DisclosedField>> {
        let licence = licences.iter_mut().find(|licence| licence.identifier == self.licence)?;
        let fields = bind_to(licence, &self.disclosure, primitives)?;
        let is_bound = self.noted.as_ref().is_none_or(|noted| noted.bind(licence, primitives));
        is_bound.then_some(fields)
    }
}

/// What a slip carries: the fields, where one of the licences that were proven has them.
pub fn bind_carried(
    carried: &[u8],
    licences: &mut [LicenceVerdict],
    primitives: &dyn Primitives,
) -> Option<Vec<DisclosedField>> {
    if carried.is_empty() {
        return Some(Vec::new());
    }
    if let Some(licence) = licences.iter_mut().find(|licence| licence.copy.is_some()) {
        let carried: Carried = codec::decode(carried).ok()?;
        if !carried.noted.bind(licence, primitives) {
            return None;
        }
        let disclosure = carried.disclosure.as_ref();
        return disclosure.map_or(Some(Vec::new()), |disclosure| bind_to(licence, disclosure, primitives));
    }
    let disclosure: Disclosure = codec::decode(carried).ok()?;
    licences.iter().find_map(|licence| bind_to(licence, &disclosure, primitives))
}

fn bind_to(
    licence: &LicenceVerdict,
    disclosure: &Disclosure,
    primitives: &dyn Primitives,
) -> Option<Vec<DisclosedField>> {
    let fields = disclosure.check(licence.face.as_ref()?, primitives).ok()?;
    let shown = fields.into_iter().map(|field| DisclosedField {
        licence: licence.identifier.clone(),
        name: field.name.clone(),
        value: field.value.clone(),
    });
    Some(shown.collect())
}
