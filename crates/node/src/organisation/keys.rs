//! The key files of officers and citizens: read where they are, made where they are not.

use crate::random::rng;
use crate::signer::{passphrase, read_key};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tongban_crypto::key_file::Protection;
use tongban_crypto::{KeyFile, SecretKey};
use tongban_types::Suite;

/// Keys by the names of their files.
pub type Keys = BTreeMap<String, SecretKey>;

/// Whether a name can be that of a key file, and leads nowhere out of its folder.
pub fn is_plain(name: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    !name.is_empty() && name.chars().all(is_plain)
}

/// The key with this name in a folder; a new one where there is none.
pub fn read_or_make(folder: &Path, name: &str, suite: Suite) -> anyhow::Result<SecretKey> {
    let path = path_of(folder, name)?;
    if path.exists() {
        return read(&path, suite);
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let passphrase = passphrase()?;
    let protection = passphrase.as_deref().map_or(Protection::None, Protection::Passphrase);
    let key = SecretKey::generate(suite, &mut rng());
    KeyFile::for_signing(&key, protection, &mut rng()).write(&path)?;
    Ok(key)
}

/// The key with this name in a folder; where there is none, one that is written nowhere and lasts as long as the question what would be
/// done.
pub fn read_or_imagine(folder: &Path, name: &str, suite: Suite) -> anyhow::Result<SecretKey> {
    let path = path_of(folder, name)?;
    if path.exists() { read(&path, suite) } else { Ok(SecretKey::generate(suite, &mut rng())) }
}

fn path_of(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    if !is_plain(name) {
        bail!("`{name}` cannot name a key file: use letters, digits, - and _");
    }
    Ok(folder.join(format!("{name}.key.json")))
}

fn read(path: &Path, suite: Suite) -> anyhow::Result<SecretKey> {
    let key = read_key(path)?;
    if key.suite() != suite {
        bail!("{} is a key of the suite {}, the network uses {suite}", path.display(), key.suite());
    }
    Ok(key)
}
