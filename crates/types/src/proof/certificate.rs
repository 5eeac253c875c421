//! Certificates: that a quorum of an epoch's validators declared a block final.

use super::engine_format::write_varint;
use crate::domain::consensus_namespace;
use crate::{Certificate, Digest, Primitives, Validator, ValidatorSet};

/// What the engine appends to the namespace of votes that finalize.
const FINALIZE: &[u8] = b"_FINALIZE";

/// The message that each validator signs to finalize the block that the certificate names.
pub fn finalization_message(network: &Digest, certificate: &Certificate) -> Vec<u8> {
    let namespace = [&consensus_namespace(network), FINALIZE].concat();
    let mut message = Vec::new();
    write_varint(namespace.len() as u64, &mut message);
    message.extend_from_slice(&namespace);
    write_varint(certificate.epoch, &mut message);
    write_varint(certificate.view, &mut message);
    write_varint(certificate.parent_view, &mut message);
    message.extend_from_slice(&certificate.header.0);
    message
}

/// Why a certificate is refused, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A signer is not in the set, or signers are out of order, or one stands twice.
    #[error("the certificate names a signer that is not in the validator set, or names signers out of order")]
    Signers,
    /// Fewer signatures than a quorum.
    #[error("the certificate has {found} signatures and needs {needed}")]
    TooFewSignatures {
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
    /// A signature is false. None may be, however many others are good.
    #[error("the signature of validator {validator} is not valid")]
    BadSignature {
        /// The signer's place in the set.
        validator: u32,
    },
}

/// Refuses unless a quorum of the set signed, each validator once, and every signature is good. Returns who signed.
///
/// Whether the certificate names the right header and epoch is for the caller to compare.
pub fn check_certificate<'a>(
    primitives: &dyn Primitives,
    network: &Digest,
    validators: &'a ValidatorSet,
    certificate: &Certificate,
) -> Result<Vec<&'a Validator>, CertificateError> {
    let signers = check_signers(validators, certificate)?;
    let message = finalization_message(network, certificate);
    for (by, signer) in certificate.signatures.iter().zip(&signers) {
        if !primitives.verify(&signer.key, &message, &by.signature) {
            return Err(CertificateError::BadSignature { validator: by.validator });
        }
    }
    Ok(signers)
}

/// The part of [`check_certificate`] that costs little: that the signers are a quorum of the set. **It does not look
/// at the signatures.**
pub fn check_signers<'a>(
    validators: &'a ValidatorSet,
    certificate: &Certificate,
) -> Result<Vec<&'a Validator>, CertificateError> {
    let signatures = &certificate.signatures;
    if !signatures.is_sorted_by(|left, right| left.validator < right.validator) {
        return Err(CertificateError::Signers);
    }
    let signer = |place: u32| usize::try_from(place).ok().and_then(|place| validators.validators().get(place));
    let signers: Option<Vec<&Validator>> = signatures.iter().map(|by| signer(by.validator)).collect();
    let signers = signers.ok_or(CertificateError::Signers)?;
    let needed = validators.quorum();
    if signers.len() < needed {
        return Err(CertificateError::TooFewSignatures { found: signers.len(), needed });
    }
    Ok(signers)
}
