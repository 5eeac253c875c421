//! Small secret files: written whole or not at all, for their owner alone.

use super::KeyFileError;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A longer file is no key file.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// Writes a new file. The text goes to a file beside it first, reaches the disk, and then gets its name, which the
/// system refuses where the name is taken.
pub fn write_new(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let draft = draft_path(path);
    let result = write_draft(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    let cleaned = match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    result.and(cleaned).and_then(|()| sync_folder(path)).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => KeyFileError::Access { path: path.to_owned(), source },
    })
}

/// Reads a file, after asking the open file who has access to it.
pub fn read(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let access = |source| KeyFileError::Access { path: path.to_owned(), source };
    let file = File::open(path).map_err(access)?;
    let metadata = file.metadata().map_err(access)?;
    if !metadata.is_file() {
        return Err(KeyFileError::Malformed { reason: "not a regular file".to_owned() });
    }
    refuse_exposed(path, &metadata)?;
    if metadata.len() > FILE_BYTES_MAX {
        return Err(KeyFileError::Malformed { reason: format!("longer than {FILE_BYTES_MAX} bytes") });
    }
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX as usize)); // so that it never moves
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(access)?;
    Ok(text)
}

fn draft_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.draft", std::process::id()));
    path.with_file_name(name)
}

fn write_draft(draft: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), KeyFileError> {
    Ok(())
}

/// Makes the new name itself durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
