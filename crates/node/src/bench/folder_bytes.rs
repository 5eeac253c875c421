//! What a folder takes on disk.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes of one block that a file system counts in, whatever its own blocks are.
const BLOCK_BYTES: u64 = 512;

/// Bytes on disk of all files in a folder and the folders in it. A file that goes while this counts is not counted.
pub fn folder_bytes(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => sum += folder_bytes(&entry.path())?,
            Ok(metadata) => sum += metadata.blocks() * BLOCK_BYTES,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_all_folders_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(folder_bytes(folder.path()).expect("an empty folder"), 0);
        fs::create_dir(folder.path().join("inner")).expect("a folder");
        fs::write(folder.path().join("a"), vec![7; 100_000]).expect("a file");
        fs::write(folder.path().join("inner/b"), vec![7; 100_000]).expect("a file");
        let file = fs::File::open(folder.path().join("a")).expect("the file");
        file.sync_all().expect("written"); // some file systems find room only then
        fs::File::open(folder.path().join("inner/b")).and_then(|file| file.sync_all()).expect("written");
        let bytes = folder_bytes(folder.path()).expect("a folder");
        assert!((200_000..2_000_000).contains(&bytes), "{bytes}");
        assert!(folder_bytes(&folder.path().join("missing")).is_err());
    }
}
