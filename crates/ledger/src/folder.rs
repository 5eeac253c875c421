//! The data folder: it belongs to one network for ever and to one process at a time, and its disk must have room.

use crate::error::StartError;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tongban_types::Digest;

/// A data folder that this process holds; it is free again when this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    reserve_bytes: u64,
    _lock: File,
}

impl DataFolder {
    /// Takes the folder for a network, and makes it if there is none.
    pub fn take(path: &Path, network: &Digest, reserve_bytes: u64) -> Result<Self, StartError> {
        let unusable = |source| StartError::FolderUnusable { folder: path.to_owned(), source };
        fs::create_dir_all(path).map_err(unusable)?;
        let lock =
            File::options().create(true).truncate(false).write(true).open(path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StartError::FolderLocked { folder: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let folder = Self { path: path.to_owned(), reserve_bytes, _lock: lock };
        folder.claim(network)?;
        let free_bytes = folder.free_bytes().map_err(unusable)?;
        if free_bytes < reserve_bytes {
            return Err(StartError::DiskFull { folder: path.to_owned(), free_bytes, reserve_bytes });
        }
        Ok(folder)
    }

    fn claim(&self, network: &Digest) -> Result<(), StartError> {
        let unusable = |source| StartError::FolderUnusable { folder: self.path.clone(), source };
        let file = self.path.join("network");
        match fs::read_to_string(&file) {
            Ok(found) if found.trim() == network.to_string() => Ok(()),
            Ok(found) => {
                let found = found.trim().to_owned();
                Err(StartError::FolderOfOtherNetwork { folder: self.path.clone(), found })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Renamed into place, so that the file is never half written.
                let draft = self.path.join("network.draft");
                fs::write(&draft, format!("{network}\n")).map_err(unusable)?;
                fs::rename(&draft, &file).map_err(unusable)
            }
            Err(error) => Err(unusable(error)),
        }
    }

    /// Where the engine keeps its stores.
    pub fn store_path(&self) -> PathBuf {
        self.path.join("store")
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let room = rustix::fs::statvfs(&self.path)?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }

    /// Whether the disk has less room than the reserve. False where the system does not say.
    pub fn is_low(&self) -> bool {
        self.free_bytes().is_ok_and(|free_bytes| free_bytes < self.reserve_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<DataFolder, StartError>) -> &'static str {
        result.expect_err("the folder is refused").code()
    }

    #[test]
    fn one_process_one_network_and_room() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let (ours, theirs) = (Digest([1; 32]), Digest([2; 32]));
        let folder = DataFolder::take(root.path(), &ours, 0).expect("a new folder");
        assert!(!folder.is_low());
        assert_eq!(code(DataFolder::take(root.path(), &ours, 0)), "node.folder_locked");
        drop(folder);
        assert_eq!(code(DataFolder::take(root.path(), &theirs, 0)), "node.folder_of_other_network");
        assert_eq!(code(DataFolder::take(root.path(), &ours, u64::MAX)), "node.disk_full");
        DataFolder::take(root.path(), &ours, 0).expect("free again");
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        assert_eq!(code(DataFolder::take(file.path(), &Digest::ZERO, 0)), "node.folder_unusable");
    }
}
