//! Fields of a licence's face that its holder shows, checked against the root that was proven (选择性出示).
//!
//! They come in a file beside the proof, or in the slip itself, which has room for one or two. What does not lead to the root is refused
//! with the whole proof, and not shown.

use super::licence::LicenceVerdict;
use crate::cli::read_file;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::{Disclosure, FieldName, FieldValue};
use tongban_types::{Primitives, codec};

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
    pub fn bind(&self, licences: &[LicenceVerdict], primitives: &dyn Primitives) -> Option<Vec<DisclosedField>> {
        let licence = licences.iter().find(|licence| licence.identifier == self.licence)?;
        bind_to(licence, &self.disclosure, primitives)
    }
}

/// What a slip carries: the fields, where one of the licences that were proven has them.
pub fn bind_carried(
    carried: &[u8],
    licences: &[LicenceVerdict],
    primitives: &dyn Primitives,
) -> Option<Vec<DisclosedField>> {
    if carried.is_empty() {
        return Some(Vec::new());
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
