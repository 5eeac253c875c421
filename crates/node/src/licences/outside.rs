//! What belongs to a licence and is no field of its face: the number that people read on the certificate (证照号码), and the holder's code where
//! an older system had it. The vault keeps both, the ledger gets a salted commitment to the number.

use super::face_file::salt;
use crate::cli::read_file;
use anyhow::Context as _;
use std::io::Read as _;
use std::path::Path;
use tongban_crypto::commitment;
use tongban_types::licence_face::FieldValue;
use tongban_types::{Digest, Primitives};
use tongban_vault::{Content, ImportedFace, SaltedNumber, StoredFace};

/// Bytes of a file with a number.
const NUMBER_BYTES_MAX: u64 = 64 * 1024;

/// The number in a file, or on standard input where its name is `-`: options stand in the lists of processes, which everybody can read.
pub fn number_in(path: &Path) -> anyhow::Result<FieldValue> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(NUMBER_BYTES_MAX).read_to_end(&mut bytes).context("cannot read standard input")?;
        bytes
    } else {
        read_file(path, NUMBER_BYTES_MAX)?
    };
    let place = || format!("{} holds no certificate number", path.display());
    let text = String::from_utf8(bytes).ok().with_context(place)?;
    number(text.trim_end_matches(['\r', '\n'])).map_err(anyhow::Error::msg).with_context(place)
}

/// A number as it is typed.
pub fn number(text: &str) -> Result<FieldValue, String> {
    if text.is_empty() {
        return Err("a licence that has no number goes without one".to_owned());
    }
    FieldValue::new(text).map_err(|error| error.to_string())
}

/// What a version has outside its face. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Outside {
    number: Option<SaltedNumber>,
    /// Empty where no older system had it.
    holder_code: FieldValue,
}

impl Outside {
    /// Of a new licence.
    pub fn of_issue(number: Option<FieldValue>) -> Self {
        Self { number: number.map(salted), holder_code: FieldValue::default() }
    }

    /// Of a new version: the number that is given, or else that of the old one under the same salt, so that the commitment stays as well.
    pub fn of_version(number: Option<FieldValue>, old: Option<&Content>) -> Self {
        let (old_number, holder_code) = match old {
            Some(Content::Imported(old)) => (old.certificate_number.clone(), old.holder_code.clone()),
            None | Some(Content::Face(_) | Content::Form(_) | Content::Sourced(_)) => (None, FieldValue::default()),
        };
        Self { number: number.map(salted).or(old_number), holder_code }
    }

    /// What the ledger gets of the number.
    pub fn commitment(&self, primitives: &dyn Primitives) -> Option<Digest> {
        self.number.as_ref().map(|number| commitment(primitives, &number.salt.0, number.value.as_bytes()))
    }

    /// What the vault keeps of the version. A face with something outside it has the form of one that was taken over: that has room for it.
    pub fn beside(&self, stored: StoredFace) -> Content {
        if self.number.is_none() && self.holder_code.is_empty() {
            return Content::Face(stored);
        }
        let (holder_code, certificate_number) = (self.holder_code.clone(), self.number.clone());
        Content::Imported(ImportedFace { stored, holder_code, certificate_number })
    }
}

fn salted(value: FieldValue) -> SaltedNumber {
    SaltedNumber { value, salt: salt() }
}
