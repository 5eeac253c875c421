//! The key files of officers and citizens: read where they are, made where they are not.

use crate::random::rng;
use crate::signer::{passphrase, read_key};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::path::Path;
use tongban_crypto::key_file::Protection;
use tongban_crypto::{KeyFile, SecretKey};
use tongban_types::Suite;

/// Keys by the names of their files.
pub type Keys = BTreeMap<String, SecretKey>;

/// The key with this name in a folder; a new one where there is none.
pub fn read_or_make(folder: &Path, name: &str, suite: Suite) -> anyhow::Result<SecretKey> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    if name.is_empty() || !name.chars().all(is_plain) {
        bail!("`{name}` cannot name a key file: use letters, digits, - and _");
    }
    let path = folder.join(format!("{name}.key.json"));
    if path.exists() {
        let key = read_key(&path)?;
        if key.suite() != suite {
            bail!("{} is a key of the suite {}, the network uses {suite}", path.display(), key.suite());
        }
        return Ok(key);
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let passphrase = passphrase()?;
    let protection = passphrase.as_deref().map_or(Protection::None, Protection::Passphrase);
    let key = SecretKey::generate(suite, &mut rng());
    KeyFile::for_signing(&key, protection, &mut rng()).write(&path)?;
    Ok(key)
}
