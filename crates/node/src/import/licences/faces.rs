//! Faces and salts on their way to a vault: one file of JSON lines for each batch, which only its owner can read.

use crate::import::error_file::create_private;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tongban_types::Digest;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::licence_face::{Face, FaceRoot, FieldValue, Salt};

/// One licence as the vault gets it. Personal data; what the ledger has is `root` and commitments.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceRecord {
    /// The licence.
    pub identifier: LicenceIdentifier,
    /// The holder's code, empty where there is none.
    pub holder_code: FieldValue,
    /// The number on the certificate.
    pub certificate_number: Option<SaltedText>,
    /// What the ledger has of the face.
    pub root: FaceRoot,
    /// The face with its salts.
    pub face: Face,
}

impl std::fmt::Debug for FaceRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FaceRecord({})", self.identifier)
    }
}

/// A text and the salt of its commitment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedText {
    /// The text.
    pub value: FieldValue,
    /// The salt.
    pub salt: Salt,
}

/// The folder that the files go to.
pub struct FaceFolder {
    path: PathBuf,
    /// Tells the files of one import from those of another.
    name: String,
}

impl FaceFolder {
    /// The folder, made where it is absent, for the faces of a file with this checksum.
    pub fn create(path: &Path, checksum: &Digest) -> anyhow::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path: path.to_owned(), name: checksum.to_string()[..16].to_owned() })
    }

    /// Where a batch goes. A run with other batches writes the same records to other files besides; records are known by their identifier.
    pub fn file(&self, batch: u64) -> PathBuf {
        self.path.join(format!("faces-{}-{batch:06}.jsonl", self.name))
    }

    /// Writes a batch, whole or not at all, before anything of it is submitted: what is on the ledger always has its face here.
    pub fn write(&self, batch: u64, records: &[&FaceRecord]) -> anyhow::Result<()> {
        let place = self.file(batch);
        let unfinished = place.with_extension("unfinished");
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        let write = || -> std::io::Result<()> {
            let mut file = create_private(&unfinished)?;
            file.write_all(&lines)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &place)
        };
        write().with_context(|| format!("cannot write {}", place.display()))
    }
}
