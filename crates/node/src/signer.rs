//! An account as a program holds it: makes and signs transactions.

use crate::random;
use anyhow::{Context, bail};
use std::env::VarError;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tongban_crypto::{KeyFile, SecretKey, primitives};
use tongban_modules::Call;
use tongban_types::genesis::account_of;
use tongban_types::transaction::signing_message;
use tongban_types::{AccountId, Digest, List, RequestId, SignedTx, Time, Tx};

/// How long after it is made a transaction may be executed, in milliseconds.
pub const VALID_MILLIS: u64 = 300_000;

/// Where the passphrase of an encrypted key file is looked for.
pub const PASSPHRASE_VARIABLE: &str = "TONGBAN_PASSPHRASE";

/// An account with one of its keys, on one network.
pub struct Signer {
    key: SecretKey,
    account: AccountId,
    network: Digest,
}

impl Signer {
    /// The account that was opened with this key.
    pub fn new(key: SecretKey, network: Digest) -> Self {
        let account = account_of(&key.public_key(), primitives(key.suite()));
        Self { key, account, network }
    }

    /// The same key for another account, to which it was added later.
    #[must_use]
    pub fn for_account(mut self, account: AccountId) -> Self {
        self.account = account;
        self
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// A signed transaction with a request id of its own.
    pub fn sign(&self, calls: &[Call]) -> anyhow::Result<SignedTx> {
        self.sign_as(random::request_id(), calls)
    }

    /// A signed transaction with this request id.
    pub fn sign_as(&self, request_id: RequestId, calls: &[Call]) -> anyhow::Result<SignedTx> {
        let tx = Tx {
            network: self.network,
            account: self.account,
            key: self.key.public_key(),
            request_id,
            not_after: now().plus_millis(VALID_MILLIS),
            calls: List::new(calls.iter().map(Call::to_bytes).collect())?,
        };
        let id = tx.id(primitives(self.key.suite()));
        Ok(SignedTx { signature: self.key.sign(&signing_message(&id)), tx })
    }
}

/// The passphrase in the environment. One that is no text is refused: without it keys would be written in the clear.
pub fn passphrase() -> anyhow::Result<Option<String>> {
    match std::env::var(PASSPHRASE_VARIABLE) {
        Ok(passphrase) => Ok(Some(passphrase)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{PASSPHRASE_VARIABLE} is no text in UTF-8"),
    }
}

/// The key in a file; an encrypted one is opened with the passphrase in the environment.
pub fn read_key(path: &Path) -> anyhow::Result<SecretKey> {
    let file = KeyFile::read(path).with_context(|| format!("cannot use the key file {}", path.display()))?;
    let passphrase = passphrase()?;
    if file.is_encrypted() && passphrase.is_none() {
        bail!("{} is encrypted: give its passphrase in {PASSPHRASE_VARIABLE}", path.display());
    }
    file.unlock_signing(passphrase.as_deref()).with_context(|| format!("cannot open the key file {}", path.display()))
}

/// This machine's clock.
pub fn now() -> Time {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)).unwrap_or(Time::MAX)
}
