//! The genesis of a network: everything its members agree on before the first block.

use crate::validators::ValidatorSetError;
use crate::{AccountId, Digest, List, Primitives, PublicKey, Suite, Text, Time, ValidatorSet, codec, domain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the genesis format.
pub const GENESIS_VERSION: u16 = 1;
/// Accounts that exist from the beginning.
pub const GENESIS_ACCOUNTS_MAX: usize = 1_000;

/// The agreed beginning of a network. Its hash is the network's identifier and the trust anchor of every proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The version of this format.
    pub version: u16,
    /// The network's name, for people.
    pub name: Text<100>,
    /// Its algorithms.
    pub suite: Suite,
    /// When it begins; no block is earlier.
    pub time: Time,
    /// The first epoch's validators.
    pub validators: ValidatorSet,
    /// The accounts that exist from the beginning, ordered by identifier.
    pub accounts: List<GenesisAccount, GENESIS_ACCOUNTS_MAX>,
    /// Limits and clocks.
    pub parameters: Parameters,
}

/// An account that exists from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenesisAccount {
    /// Whose account it is: a department, an office or a system, never a natural person's name.
    pub name: Text<200>,
    /// Its first signing key, which also gives its identifier.
    pub key: PublicKey,
    /// Names of the roles it holds.
    pub roles: List<Text<40>, 16>,
}

/// Limits and clocks of a network. Every node must use the same, so they stand in the genesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// An idle network makes one block in so many milliseconds.
    pub heartbeat_millis: u64,
    /// How far ahead of block time a transaction's `not_after` may lie, in milliseconds.
    pub window_millis: u64,
    /// Bytes of all transactions in one block, at most [`crate::block::BLOCK_BYTES_MAX`].
    pub block_bytes_max: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { heartbeat_millis: 10_000, window_millis: 600_000, block_bytes_max: 1024 * 1024 }
    }
}

/// Why a genesis description is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Another version of the format.
    #[error("genesis version {found} is not supported, this program reads version {GENESIS_VERSION}")]
    Version {
        /// The version that was found.
        found: u16,
    },
    /// The validators make no set.
    #[error("{0}")]
    Validators(ValidatorSetError),
    /// A parameter is outside its limits.
    #[error("parameter {name} is outside {min} to {max}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its least value.
        min: u64,
        /// Its greatest value.
        max: u64,
    },
}

impl Genesis {
    /// Refuses what no network can begin with. **Call it on every genesis from outside.**
    pub fn check(&self) -> Result<(), GenesisError> {
        if self.version != GENESIS_VERSION {
            return Err(GenesisError::Version { found: self.version });
        }
        self.validators.check().map_err(GenesisError::Validators)?;
        let parameters = &self.parameters;
        within("heartbeat_millis", parameters.heartbeat_millis, 500, 600_000)?;
        within("window_millis", parameters.window_millis, 10_000, 3_600_000)?;
        let block_bytes = u64::from(parameters.block_bytes_max);
        let least = crate::transaction::TRANSACTION_BYTES_MAX as u64;
        within("block_bytes_max", block_bytes, least, crate::block::BLOCK_BYTES_MAX as u64)
    }

    /// The network's identifier.
    pub fn network(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::GENESIS, &codec::encode(self)])
    }
}

fn within(name: &'static str, value: u64, min: u64, max: u64) -> Result<(), GenesisError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(GenesisError::Parameter { name, min, max }) }
}

/// The identifier of the account that is opened with this key.
pub fn account_of(key: &PublicKey, primitives: &dyn Primitives) -> AccountId {
    let digest = primitives.hash(&[domain::ACCOUNT, key.as_ref()]);
    let mut id = [0; AccountId::BYTES];
    id.copy_from_slice(&digest.0[..AccountId::BYTES]);
    AccountId(id)
}
