//! Taking faces over into a vault: the files that `tongban import licences` writes, line by line. It may be repeated, whatever interrupted the
//! first run: what is kept already is left as it is.

use crate::import::licences::FaceRecord;
use crate::random::rng;
use anyhow::Context as _;
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use tongban_types::Primitives;
use tongban_vault::{Content, ImportedFace, SaltedNumber, StoredFace, Vault, VaultError};

/// Bytes of one line: a face of the greatest size, all of it escaped.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Lines that are named one by one; the others are counted.
const TROUBLES_MAX: usize = 100;

/// What became of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Lines that were read.
    pub lines: u64,
    /// Faces that are new in the vault.
    pub kept: u64,
    /// Faces that were there.
    pub already_kept: u64,
    /// Faces that were erased before: they stay erased.
    pub erased: u64,
    /// Lines that could not be kept, by code.
    pub refused: BTreeMap<String, u64>,
    /// The first of them.
    pub troubles: Vec<Trouble>,
}

/// A line that could not be kept. What it says is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The stable code.
    pub code: String,
}

impl Kept {
    /// How many lines could not be kept.
    pub fn troubled(&self) -> u64 {
        self.refused.values().sum()
    }

    fn refuse(&mut self, file: &Path, line: u64, code: String) {
        *self.refused.entry(code.clone()).or_default() += 1;
        if self.troubles.len() < TROUBLES_MAX {
            self.troubles.push(Trouble { file: file.to_owned(), line, code });
        }
    }
}

/// Keeps every face of these files.
pub fn keep(
    vault: &Vault,
    primitives: &dyn Primitives,
    files: &[PathBuf],
    progress: &ProgressBar,
) -> anyhow::Result<Kept> {
    let sizes = files.iter().map(|file| std::fs::metadata(file).map_or(0, |metadata| metadata.len()));
    progress.set_length(sizes.sum());
    let mut kept = Kept::default();
    for file in files {
        keep_file(vault, primitives, file, &mut kept, progress)?;
    }
    progress.finish_and_clear();
    Ok(kept)
}

fn keep_file(
    vault: &Vault,
    primitives: &dyn Primitives,
    path: &Path,
    kept: &mut Kept,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", path.display());
    let mut reader = BufReader::new(File::open(path).with_context(unreadable)?);
    for number in 1.. {
        let mut line = Vec::new();
        let bytes = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).with_context(unreadable)?;
        if bytes == 0 {
            break;
        }
        if !line.ends_with(b"\n") && bytes as u64 == LINE_BYTES_MAX {
            reader.skip_until(b'\n').with_context(unreadable)?;
        }
        progress.inc(bytes as u64);
        if line.trim_ascii().is_empty() {
            continue;
        }
        kept.lines += 1;
        match keep_line(vault, primitives, &line)? {
            LineEnd::Kept => kept.kept += 1,
            LineEnd::AlreadyKept => kept.already_kept += 1,
            LineEnd::Erased => kept.erased += 1,
            LineEnd::Refused(code) => kept.refuse(path, number, code),
        }
        progress.set_message(format!("{} kept, {} refused", kept.kept + kept.already_kept, kept.troubled()));
    }
    Ok(())
}

enum LineEnd {
    Kept,
    AlreadyKept,
    Erased,
    Refused(String),
}

/// Keeps one face. A vault that cannot be written ends the run; anything else is about the line alone.
fn keep_line(vault: &Vault, primitives: &dyn Primitives, line: &[u8]) -> anyhow::Result<LineEnd> {
    let Ok(record) = serde_json::from_slice::<FaceRecord>(line) else {
        return Ok(LineEnd::Refused("vault.no_face".to_owned()));
    };
    if record.face.root(primitives) != record.root {
        return Ok(LineEnd::Refused("vault.face_differs".to_owned()));
    }
    let content = Content::Imported(imported(record));
    match vault.put(&content, &[], &mut rng()) {
        Ok(_) => Ok(LineEnd::Kept),
        Err(VaultError::Exists) => Ok(compare(vault, &content)),
        Err(VaultError::Erased { .. }) => Ok(LineEnd::Erased),
        Err(error @ VaultError::NotSealed(_)) => Ok(LineEnd::Refused(error.code())),
        Err(error) => Err(anyhow::anyhow!("{error} ({})", error.code())),
    }
}

fn imported(record: FaceRecord) -> ImportedFace {
    let number = record.certificate_number.map(|number| SaltedNumber { value: number.value, salt: number.salt });
    ImportedFace {
        stored: StoredFace { licence: record.identifier, face: record.face },
        holder_code: record.holder_code,
        certificate_number: number,
    }
}

/// What is there already is either the same face or another one, which is not overwritten.
fn compare(vault: &Vault, content: &Content) -> LineEnd {
    match vault.get(&content.label()) {
        Ok(there) if there.face() == content.face() => LineEnd::AlreadyKept,
        Ok(_) => LineEnd::Refused("vault.another_face".to_owned()),
        Err(error) => LineEnd::Refused(error.code()),
    }
}
