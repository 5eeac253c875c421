//! Why a bundle is refused.

use strum::IntoStaticStr;
use tongban_types::proof::{BundleError, CertificateError, ChainError, PathError};

/// Why a bundle is refused. Stands in order of precedence: of several faults the first in this list is named, epoch by
/// epoch where validators have changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum VerifyError {
    /// The genesis is not one, so there is nothing to check against.
    #[error("the genesis cannot be used: {reason}")]
    BadGenesis {
        /// What is wrong with it.
        reason: String,
    },
    /// More bytes than a bundle may have.
    #[error("the file has {found} bytes, more than a bundle may have")]
    Oversized {
        /// How many it has.
        found: usize,
    },
    /// Not a bundle, cut off, or not in the one spelling that counts.
    #[error("the file is not a bundle in its canonical form: {reason}")]
    NotCanonical {
        /// What the decoder met.
        reason: String,
    },
    /// The bundle or one of its headers belongs to another network.
    #[error("the bundle belongs to another network than the genesis")]
    OtherNetwork,
    /// A header of a version that this program does not read.
    #[error("a header has version {found}, which this program does not read")]
    UnsupportedHeader {
        /// The version.
        found: u16,
    },
    /// The headers do not follow one another, or there is none.
    #[error("the headers do not follow one another")]
    BrokenHeaderChain,
    /// The certificate is not one of the last header.
    #[error("the certificate is for another block than the last header's")]
    OtherBlock,
    /// A validator set that the epoch before did not name, an epoch missing, or a signer that is not in the set.
    #[error("the signers are not the validators that the network named for this epoch")]
    WrongValidatorSet,
    /// Fewer signatures than a quorum.
    #[error("the block has {found} signatures and needs {needed} to be final")]
    TooFewSignatures {
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
    /// A signature that its validator did not make for this block.
    #[error("the signature of validator {validator} is not valid")]
    BadSignature {
        /// The validator's place in its set.
        validator: u32,
    },
    /// A path that fits no claim of this kind, or a path or claim whose parts do not fit together.
    #[error("the claim and its path do not fit together")]
    BadPath,
    /// The record was current once.
    #[error("the record on the path is not the current one")]
    Superseded,
    /// The neighbours in the path do not enclose the key; it may well be present.
    #[error("the absence of the key is not shown: it does not lie between the neighbours on the path")]
    AbsenceNotShown,
    /// The claim, or the path, is not what the header commits to.
    #[error("the claim and its path do not lead to the root in the header")]
    RootMismatch,
}

impl VerifyError {
    /// The stable code, such as `too_few_signatures`.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl From<BundleError> for VerifyError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Oversized { found } => Self::Oversized { found },
            BundleError::NotCanonical { reason } => Self::NotCanonical { reason },
        }
    }
}

impl From<ChainError> for VerifyError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::NoHeader | ChainError::NotAChild => Self::BrokenHeaderChain,
            ChainError::Version { found } => Self::UnsupportedHeader { found },
            ChainError::OtherNetwork => Self::OtherNetwork,
            ChainError::OtherBlock => Self::OtherBlock,
            ChainError::Epoch | ChainError::OtherValidators => Self::WrongValidatorSet,
        }
    }
}

impl From<CertificateError> for VerifyError {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Signers => Self::WrongValidatorSet,
            CertificateError::TooFewSignatures { found, needed } => Self::TooFewSignatures { found, needed },
            CertificateError::BadSignature { validator } => Self::BadSignature { validator },
        }
    }
}

impl From<PathError> for VerifyError {
    fn from(error: PathError) -> Self {
        match error {
            PathError::Malformed => Self::BadPath,
            PathError::Superseded => Self::Superseded,
            PathError::NotEnclosed => Self::AbsenceNotShown,
            PathError::RootMismatch => Self::RootMismatch,
        }
    }
}
