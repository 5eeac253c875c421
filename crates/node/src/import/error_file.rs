//! The error file: a CSV with one line for each row that was not registered.

use super::error::RowError;
use anyhow::Context as _;
use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::path::Path;

/// Characters of a row's content that are written.
const CONTENT_CHARS_MAX: usize = 4_000;

/// Receives errors as they occur. Only its owner can read the file, because it quotes the rows.
pub struct ErrorFile {
    writer: Option<csv::Writer<File>>,
}

impl ErrorFile {
    /// Creates the file, over an older one. Without a path, errors are only counted.
    pub fn create(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self { writer: None }) };
        let file = create_private(path).with_context(|| format!("cannot write the error file {}", path.display()))?;
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(["file", "line", "code", "message", "content"])?;
        Ok(Self { writer: Some(writer) })
    }

    /// Writes one error.
    pub fn write(&mut self, file: &Path, error: &RowError) -> anyhow::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let content: String = error.content.chars().take(CONTENT_CHARS_MAX).collect();
        let line = error.line.to_string();
        let name = file.display().to_string();
        writer.write_record([&*inert(&name), &line, &*error.code, &*inert(&error.message), &*inert(&content)])?;
        Ok(())
    }

    /// Makes sure that everything is written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if let Some(writer) = &mut self.writer {
            writer.flush().context("cannot write the error file")?;
        }
        Ok(())
    }
}

/// A cell that a spreadsheet shows and does not calculate: rows may come from anybody, and people look at errors in
/// spreadsheets.
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(unix)]
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // The mode above is for new files; an older one gets it before anything is written.
    if file.metadata()?.is_file() {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_calculate_is_quoted() {
        for (cell, expected) in [
            ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(inert(cell), expected);
        }
    }
}
