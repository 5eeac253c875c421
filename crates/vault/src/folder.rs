//! Files that are there whole or not at all, for their owner alone, and that are overwritten before they go.

use crate::VaultError;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The end of the names of files that are being written.
pub const DRAFT: &str = ".draft";

fn access(path: &Path) -> impl Fn(io::Error) -> VaultError {
    let path = path.to_owned();
    move |source| VaultError::Access { path: path.clone(), source }
}

/// Where a name stands. A name without a folder stands in the one that one is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a folder for its owner alone, if it is not there, and its name durable.
pub fn make(path: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Ok(()) => sync(folder_of(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(access(path)(source)),
    }
}

/// Refuses what others than the owner have access to, and what is no folder or file by itself.
pub fn refuse_exposed(path: &Path) -> Result<fs::Metadata, VaultError> {
    let metadata = fs::symlink_metadata(path).map_err(access(path))?;
    if metadata.is_symlink() {
        return Err(access(path)(io::Error::other("a link, not a file or folder of the vault")));
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::Exposed { path: path.to_owned(), mode });
        }
    }
    Ok(metadata)
}

/// Whether there is something of this name.
pub fn is_there(path: &Path) -> Result<bool, VaultError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(access(path)(source)),
    }
}

/// Reads a file of at most so many bytes. None where there is no such file.
pub fn read(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, VaultError> {
    let metadata = match refuse_exposed(path) {
        Err(VaultError::Access { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if !metadata.is_file() || metadata.len() > bytes_max {
        return Err(access(path)(io::Error::other(format!("no file of at most {bytes_max} bytes"))));
    }
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(access(path))?,
    };
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    file.take(bytes_max).read_to_end(&mut bytes).map_err(access(path))?;
    Ok(Some(bytes))
}

/// Writes a file, in the place of the one that has its name: to a file beside it, which reaches the disk and then gets the name. Readers see
/// the old one or the new one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(DRAFT);
    let draft = path.with_file_name(name);
    let result = write_draft(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if result.is_err() {
        let _ = fs::remove_file(&draft); // what remains is removed at the next opening
    }
    result.map_err(access(path))?;
    sync(folder_of(path))
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Overwrites a file, lets that reach the disk, and removes it. No error where it is gone.
pub fn erase(path: &Path) -> Result<(), VaultError> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(access(path))?,
    };
    if metadata.is_symlink() {
        return fs::remove_file(path).map_err(access(path)); // what it leads to is not the vault's
    }
    let mut file = OpenOptions::new().write(true).open(path).map_err(access(path))?;
    let overwrite = |file: &mut File| -> io::Result<()> {
        let length = file.metadata()?.len();
        file.rewind()?;
        io::copy(&mut io::repeat(0).take(length), file)?;
        file.sync_all()
    };
    overwrite(&mut file).map_err(access(path))?;
    fs::remove_file(path).map_err(access(path))?;
    sync(folder_of(path))
}

/// Moves a file to another folder of the vault.
pub fn move_to(from: &Path, to: &Path) -> Result<(), VaultError> {
    fs::rename(from, to).map_err(access(from))?;
    sync(folder_of(to))?;
    sync(folder_of(from))
}

/// The names in a folder, in ascending order; none where there is no such folder.
pub fn names(path: &Path) -> Result<Vec<String>, VaultError> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(access(path))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(access(path))?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes files that were never finished.
pub fn remove_drafts(path: &Path) -> Result<(), VaultError> {
    for name in names(path)?.iter().filter(|name| name.starts_with('.') && name.ends_with(DRAFT)) {
        erase(&path.join(name))?;
    }
    Ok(())
}

/// Takes the lock of the one process that writes; it is given back when the file is closed.
pub fn lock(path: &Path, folder: &Path) -> Result<File, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(access(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(VaultError::Locked { path: PathBuf::from(folder) }),
        Err(fs::TryLockError::Error(source)) => Err(access(path)(source)),
    }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), VaultError> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(access(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_stands_in_the_present_folder() {
        for (path, folder) in [("market", "."), ("a/market", "a"), ("/market", "/"), ("/", "."), ("./market", ".")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder), "{path}");
        }
    }
}
