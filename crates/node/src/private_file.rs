//! New files that only their owner can read: what holds personal data or salts outside of a vault.

use anyhow::Context as _;
use serde::Serialize;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// Writes a file where none is yet. One that is there is not overwritten: it may be the only copy.
pub fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || -> std::io::Result<()> {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a value as JSON, for people to read, where no file is yet.
pub fn write_new_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    write_new(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_new_file_is_its_owners_and_an_old_one_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shown.json");
        write_new_json(&path, &serde_json::json!({ "name": "云港小馆" })).expect("a new file");
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("a file").permissions());
        assert_eq!(mode & 0o777, 0o600);
        let written = std::fs::read(&path).expect("a file");
        assert!(write_new(&path, b"another").is_err());
        assert_eq!(std::fs::read(&path).expect("a file"), written);
    }
}
