//! The key that opens a vault: where it lies, how it is made, and the vault that it opens.

use crate::random::rng;
use crate::signer::{PASSPHRASE_VARIABLE, passphrase};
use anyhow::{Context as _, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use tongban_crypto::key_file::Protection;
use tongban_crypto::{KeyFile, OpeningKey};
use tongban_types::Suite;
use tongban_vault::{Vault, VaultError};

/// Where a vault's key file is looked for.
pub const KEY_VARIABLE: &str = "TONGBAN_VAULT_KEY";

/// Which vault a command keeps things in or takes them from.
#[derive(Args)]
pub struct VaultPlace {
    /// The folder of the vault
    #[arg(long)]
    pub vault: PathBuf,
    /// The key file that opens it; VAULT.key.json beside it where this is absent
    #[arg(long, env = KEY_VARIABLE)]
    pub vault_key: Option<PathBuf>,
}

/// A vault with its algorithms.
pub struct Opened {
    /// The vault.
    pub vault: Vault,
    /// The suite of its key, and of the network that it belongs to.
    pub suite: Suite,
}

impl VaultPlace {
    /// Opens it to read and write.
    pub fn open(&self) -> anyhow::Result<Opened> {
        open(&self.vault, self.vault_key.as_deref())
    }

    /// Opens it to read, beside the process that writes.
    pub fn open_to_read(&self) -> anyhow::Result<Opened> {
        open_to_read(&self.vault, self.vault_key.as_deref())
    }
}

/// The key file of a vault where none is named: beside the folder, under its name.
pub fn key_path(folder: &Path, key: Option<&Path>) -> PathBuf {
    if let Some(key) = key {
        return key.to_owned();
    }
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".key.json");
    folder.with_file_name(name)
}

/// Opens a vault to read and write.
pub fn open(folder: &Path, key: Option<&Path>) -> anyhow::Result<Opened> {
    let key = read_key(&key_path(folder, key))?;
    let suite = key.suite();
    Ok(Opened { vault: Vault::open(folder, key).map_err(|error| explained(folder, &error))?, suite })
}

/// Opens a vault to read.
pub fn open_to_read(folder: &Path, key: Option<&Path>) -> anyhow::Result<Opened> {
    let key = read_key(&key_path(folder, key))?;
    let suite = key.suite();
    Ok(Opened { vault: Vault::open_to_read(folder, key).map_err(|error| explained(folder, &error))?, suite })
}

/// Begins a vault. Its key is the one in the key file, or a new one where there is none.
pub fn create(folder: &Path, key: Option<&Path>, suite: Suite) -> anyhow::Result<(Opened, PathBuf)> {
    let path = key_path(folder, key);
    let key = if path.exists() { read_key(&path)? } else { make_key(&path, suite)? };
    if key.suite() != suite {
        bail!("{} is a key of the suite {}, the vault is to be of {suite}", path.display(), key.suite());
    }
    let vault = Vault::create(folder, key, &mut rng()).map_err(|error| explained(folder, &error))?;
    Ok((Opened { vault, suite }, path))
}

fn make_key(path: &Path, suite: Suite) -> anyhow::Result<OpeningKey> {
    let passphrase = passphrase()?;
    let protection = passphrase.as_deref().map_or(Protection::None, Protection::Passphrase);
    let key = OpeningKey::generate(suite, &mut rng());
    KeyFile::for_opening(&key, protection, &mut rng()).write(path)?;
    Ok(key)
}

fn read_key(path: &Path) -> anyhow::Result<OpeningKey> {
    let file = KeyFile::read(path).with_context(|| format!("cannot use the vault's key file {}", path.display()))?;
    let passphrase = passphrase()?;
    if file.is_encrypted() && passphrase.is_none() {
        bail!("{} is encrypted: give its passphrase in {PASSPHRASE_VARIABLE}", path.display());
    }
    file.unlock_opening(passphrase.as_deref()).with_context(|| format!("cannot open the key file {}", path.display()))
}

/// What the vault refused, with its code.
pub fn explained(folder: &Path, error: &VaultError) -> anyhow::Error {
    anyhow::anyhow!("the vault {}: {error} ({})", folder.display(), error.code())
}
