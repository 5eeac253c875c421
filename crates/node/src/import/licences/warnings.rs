//! What is suspicious about an import and no reason to refuse a row.

use super::faces::{FaceFolder, FaceRecord};
use super::preparation::salt_of;
use crate::import::secret::ImportSecret;
use std::path::Path;
use tongban_types::Primitives;

/// A warning; the serialized name is a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The secret was made by this run.
    SecretIsNew,
    /// The secret is new, and the network has licences of this type from an earlier import.
    TakenOverBefore,
    /// The faces in the folder come from another secret.
    FacesOfAnotherSecret,
    /// Codes of rows name divisions that the network's table does not have.
    DivisionUnknown,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::SecretIsNew => {
                "the secret is new: rows that were taken over with another one are not recognised. Keep it as long as files of this \
                 register are imported"
            }
            Self::TakenOverBefore => {
                "the network has licences of this type from an earlier import: if they are of this register, all rows are taken over a \
                 second time, for ever. Use the secret of that import"
            }
            Self::FacesOfAnotherSecret => {
                "the faces in the folder come from another secret: rows that are taken over already are not recognised with this one"
            }
            Self::DivisionUnknown => {
                "codes of rows name divisions that the network's table does not have, or that are abolished. An abolished one is no error, \
                 a mistyped one is: the rows are taken over"
            }
        })
    }
}

/// Whether the folder has faces whose salts another secret has made.
pub fn has_faces_of_another(folder: &Path, secret: &ImportSecret, primitives: &dyn Primitives) -> bool {
    let is_other = |record: FaceRecord| {
        let field = record.face.fields().first().expect("a face has fields");
        field.salt != salt_of(secret, &record.identifier, &field.name, primitives)
    };
    FaceFolder::any_record(folder).is_some_and(is_other)
}
