//! The secret from which an importer derives numbers and salts.

use anyhow::{Context as _, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// 32 random bytes. Whoever has them and a row can find the row's record on the ledger and open its commitments;
/// without them nobody can. **Losing the secret** means that a repeated import registers everything again.
#[derive(Clone)]
pub struct ImportSecret(Zeroizing<[u8; 32]>);

impl ImportSecret {
    /// How many bytes a secret has.
    pub const BYTES: usize = 32;

    /// A new secret; `fill` is the caller's generator of random bytes.
    pub fn generate(fill: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        fill(bytes.as_mut());
        Self(bytes)
    }

    /// The secret in a file of [`ImportSecret::save_new`]. Refuses a file that others than its owner can read.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let place = || format!("cannot read the import secret {}", path.display());
        let file = File::open(path).with_context(place)?;
        refuse_exposed(&file).with_context(place)?;
        // One byte more than a file of ours has, so that a longer one is noticed.
        let mut text = Zeroizing::new(Vec::with_capacity(2 * Self::BYTES + 2));
        file.take(2 * Self::BYTES as u64 + 2).read_to_end(&mut text).with_context(place)?;
        let digits = text.strip_suffix(b"\n").unwrap_or(&text);
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        if hex::decode_to_slice(digits, bytes.as_mut()).is_err() {
            bail!("{} holds no import secret: 64 hexadecimal digits are expected", path.display());
        }
        Ok(Self(bytes))
    }

    /// Writes the secret to a new file that only its owner can read. Never over an older file.
    pub fn save_new(&self, path: &Path) -> anyhow::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = Zeroizing::new(format!("{}\n", hex::encode(self.expose_bytes())));
        let write = || -> std::io::Result<()> {
            let mut file = options.open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().with_context(|| format!("cannot write the import secret {}", path.display()))
    }

    /// The secret itself, for deriving. It must not reach logs or the network.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for ImportSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ImportSecret")
    }
}

#[cfg(unix)]
fn refuse_exposed(file: &File) -> anyhow::Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o777;
    if mode & 0o077 != 0 {
        bail!("its mode is {mode:o}, so that others can read it; set it to 600");
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_exposed(_: &File) -> anyhow::Result<()> {
    Ok(())
}
