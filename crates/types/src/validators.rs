//! Validator sets and the certificates they sign.

use crate::{Digest, List, Primitives, PublicKey, Signature, Text, codec, domain};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Validators of one network.
pub const VALIDATORS_MAX: usize = 100;

/// One validator: a node that orders and executes, run by a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validator {
    /// The department that runs it, in full (`南沙区市场监督管理局`).
    pub department: Text<200>,
    /// The key of its consensus messages and of its node identity.
    pub key: PublicKey,
}

/// The validators of one epoch, ordered by key, without doubles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ValidatorSet(List<Validator, VALIDATORS_MAX>);

/// Why validators make no set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorSetError {
    /// There is none.
    #[error("a validator set needs at least one validator")]
    Empty,
    /// More than [`VALIDATORS_MAX`].
    #[error("a validator set has at most {VALIDATORS_MAX} validators")]
    TooMany,
    /// Not in ascending order of keys, or a key twice.
    #[error("validators must stand in ascending order of their keys, each once")]
    NotAscending,
}

impl ValidatorSet {
    /// Puts validators in order; refuses none, too many and doubles.
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        validators.sort_by(|left, right| left.key.cmp(&right.key));
        let set = Self(List::new(validators).map_err(|_| ValidatorSetError::TooMany)?);
        set.check()?;
        Ok(set)
    }

    /// Refuses a decoded set that is empty, unordered or has a key twice. **Call it on every set from outside.**
    pub fn check(&self) -> Result<(), ValidatorSetError> {
        if self.0.is_empty() {
            return Err(ValidatorSetError::Empty);
        }
        if !self.0.is_sorted_by(|left, right| left.key < right.key) {
            return Err(ValidatorSetError::NotAscending);
        }
        Ok(())
    }

    /// The validators in ascending order of their keys; a certificate names them by their place here.
    pub fn validators(&self) -> &[Validator] {
        &self.0
    }

    /// How many must sign: with `n = 3f + 1` or more validators, `n − f`.
    pub fn quorum(&self) -> usize {
        let validators = self.0.len();
        validators - validators.saturating_sub(1) / 3
    }

    /// What headers commit to.
    pub fn digest(&self, primitives: &dyn Primitives) -> Digest {
        primitives.hash(&[domain::VALIDATORS, &codec::encode(self)])
    }
}

/// The proof that a block is final: a quorum of its epoch's validators signed it, each by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// The epoch whose set signed.
    pub epoch: u64,
    /// The view (round of voting) in which it became final.
    pub view: u64,
    /// The view of the parent block.
    pub parent_view: u64,
    /// The digest of the block's header.
    pub header: Digest,
    /// Who signed: places in the validator set, ascending, and their signatures.
    pub signatures: List<SignatureBy, VALIDATORS_MAX>,
}

/// One validator's signature in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignatureBy {
    /// Its place in the validator set.
    pub validator: u32,
    /// Its signature.
    pub signature: Signature,
}
