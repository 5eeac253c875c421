//! Headers that follow one another, and validator sets that hand over to one another.

use crate::block::HEADER_VERSION;
use crate::{Certificate, Digest, Header, Primitives, ValidatorSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Headers in one bundle. A block that has no certificate of its own is final through a descendant's, and the
/// network certifies one again within a few blocks.
pub const HEADERS_MAX: usize = 64;
/// Changes of the validator set in one bundle.
pub const EPOCHS_MAX: usize = 256;

/// Why headers or validator sets make no chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No header at all.
    #[error("there is no header")]
    NoHeader,
    /// A header of another version of the format.
    #[error("a header has version {found}, this program reads version {HEADER_VERSION}")]
    Version {
        /// The version that was found.
        found: u16,
    },
    /// A header of another network.
    #[error("a header belongs to another network")]
    OtherNetwork,
    /// A header that is not the child of the one before it.
    #[error("the headers do not follow one another")]
    NotAChild,
    /// A certificate for another block than the one it should certify.
    #[error("the certificate is for another block")]
    OtherBlock,
    /// The epochs of the headers and certificates are not in sequence.
    #[error("the epochs do not follow one another")]
    Epoch,
    /// A validator set that is none, or is not the one that the headers of the epoch before it name.
    #[error("the validator set is not the one that the epoch before it names")]
    OtherValidators,
}

/// How one epoch hands over to the next: a header of the epoch, certified by its validators, and the set it names.
///
/// All headers of one epoch name the same next set, or none ([`Digest::ZERO`]) while it is not settled, so any of them
/// that names one will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidatorChange {
    /// A header of the epoch that ends.
    pub header: Header,
    /// The certificate of that header.
    pub certificate: Certificate,
    /// The validators of the next epoch.
    pub validators: ValidatorSet,
}

/// Refuses headers that are not each the parent of the next, or not of this network. Returns the digest of the last.
pub fn check_headers(primitives: &dyn Primitives, network: &Digest, headers: &[Header]) -> Result<Digest, ChainError> {
    for header in headers {
        if header.version != HEADER_VERSION {
            return Err(ChainError::Version { found: header.version });
        }
        if header.network != *network {
            return Err(ChainError::OtherNetwork);
        }
    }
    for pair in headers.windows(2) {
        let [parent, child] = pair else { return Err(ChainError::NotAChild) };
        let is_child = parent.height.checked_add(1) == Some(child.height)
            && child.parent == parent.digest(primitives)
            && child.epoch >= parent.epoch;
        if !is_child {
            return Err(ChainError::NotAChild);
        }
    }
    headers.last().map(|header| header.digest(primitives)).ok_or(ChainError::NoHeader)
}

/// Refuses unless the change ends this epoch and names its set. The certificate's signatures are for the caller to
/// check, with [`check_certificate`](super::check_certificate) and the validators of this epoch.
pub fn check_validator_change(
    primitives: &dyn Primitives,
    network: &Digest,
    epoch: u64,
    change: &ValidatorChange,
) -> Result<(), ChainError> {
    let digest = check_headers(primitives, network, std::slice::from_ref(&change.header))?;
    if change.certificate.header != digest {
        return Err(ChainError::OtherBlock);
    }
    if change.header.epoch != epoch || change.certificate.epoch != epoch {
        return Err(ChainError::Epoch);
    }
    let is_named =
        change.validators.check().is_ok() && change.validators.digest(primitives) == change.header.next_validators;
    if is_named { Ok(()) } else { Err(ChainError::OtherValidators) }
}
