//! Faces and salts on their way to a vault: one file of JSON lines for each batch, which only its owner can read.

use crate::import::error_file::create_private;
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
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

/// Bytes of one record.
const RECORD_BYTES_MAX: u64 = 4 * 1024 * 1024;

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

    /// A record of some file in a folder, where there is one.
    pub fn any_record(path: &Path) -> Option<FaceRecord> {
        let files = std::fs::read_dir(path).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|end| end == "jsonl")).collect();
        files.sort();
        let mut line = String::new();
        BufReader::new(File::open(files.first()?).ok()?.take(RECORD_BYTES_MAX)).read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// Where a batch goes, the first time and where a run with other rows in it has been there before.
    fn file(&self, batch: u64, copy: u32) -> PathBuf {
        let copy = if copy > 1 { format!("-{copy}") } else { String::new() };
        self.path.join(format!("faces-{}-{batch:06}{copy}.jsonl", self.name))
    }

    /// Writes a batch, whole or not at all, before anything of it is submitted: what is on the ledger always has its face here. Nothing that
    /// an earlier run has written is touched: what it holds may be on the ledger. Returns whether there is a new file; there is none where
    /// the same stands there already.
    pub fn write(&self, batch: u64, records: &[&FaceRecord]) -> anyhow::Result<bool> {
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record)?;
            lines.push(b'\n');
        }
        let mut place = self.file(batch, 1);
        for copy in 2.. {
            if !place.exists() {
                break;
            }
            if std::fs::metadata(&place).is_ok_and(|found| found.len() == lines.len() as u64)
                && std::fs::read(&place).is_ok_and(|found| found == lines)
            {
                return Ok(false);
            }
            place = self.file(batch, copy);
        }
        let unfinished = place.with_extension("unfinished");
        let write = || -> std::io::Result<()> {
            let mut file = create_private(&unfinished)?;
            file.write_all(&lines)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &place)
        };
        write().map(|()| true).with_context(|| format!("cannot write {}", place.display()))
    }
}
