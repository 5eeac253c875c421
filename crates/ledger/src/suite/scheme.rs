//! Votes and certificates: every validator signs for itself, a certificate is a quorum of such signatures.
//!
//! Certificates are attributable: a bitmap names the validators that signed, and each signature can be checked by
//! itself. Places in the bitmap are places in the genesis' validator set, because both order keys by their bytes.

use super::{EngineSuite, NodeSignature};
use bytes::BufMut;
use commonware_codec::{Buf, EncodeSize, Error as CodecError, FixedSize as _, Read, ReadRangeExt as _, Write};
use commonware_consensus::simplex::{scheme::Namespace, types::Subject};
use commonware_cryptography::certificate::{
    self, AssemblyError, Attestation, Membership, Namespace as _, Scheme, Signers, Subject as _, Verification,
    Verifier, verify_then_assemble,
};
use commonware_cryptography::{Digest, Signer as _, Verifier as _};
use commonware_parallel::Strategy;
use commonware_utils::iter::NonEmpty;
use commonware_utils::ordered::{Quorum as _, Set};
use commonware_utils::{N3f1, Participant};
use rand_core::CryptoRng;
use std::fmt;
use std::sync::Arc;
use tongban_types::Signature;
use tongban_types::validators::SignatureBy;

/// Signing and checking for one epoch's validators.
#[derive(Clone)]
pub struct Multisig<S: EngineSuite> {
    participants: Set<S::Key>,
    me: Option<(Participant, S::Secret)>,
    namespace: Arc<Namespace>,
}

impl<S: EngineSuite> Multisig<S> {
    /// Signs for one of the validators. `None` where the key is none of theirs.
    pub fn signer(namespace: &[u8], participants: Set<S::Key>, secret: S::Secret) -> Option<Self> {
        let index = participants.index(&secret.public_key())?;
        Some(Self { participants, me: Some((index, secret)), namespace: Arc::new(Namespace::derive(namespace)) })
    }

    fn check(&self, subject: &Subject<'_, impl Digest>, signer: Participant, signature: &NodeSignature) -> bool {
        let Some(key) = self.participants.key(signer) else { return false };
        key.verify(subject.namespace(&self.namespace), &subject.message(), signature)
    }
}

impl<S: EngineSuite> fmt::Debug for Multisig<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Multisig({} validators)", self.participants.len())
    }
}

/// A quorum's signatures, ordered by their signers' places.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureSet {
    signers: Signers,
    signatures: Vec<NodeSignature>,
}

impl SignatureSet {
    /// The signatures as the rest of the system knows them.
    pub fn to_types(&self) -> Vec<SignatureBy> {
        let signed = self.signers.iter().zip(&self.signatures);
        signed
            .map(|(signer, signature)| SignatureBy { validator: signer.get(), signature: Signature(signature.0) })
            .collect()
    }
}

impl Write for SignatureSet {
    fn write(&self, buffer: &mut impl BufMut) {
        self.signers.write(buffer);
        self.signatures.write(buffer);
    }
}

impl EncodeSize for SignatureSet {
    fn encode_size(&self) -> usize {
        self.signers.encode_size() + self.signatures.encode_size()
    }
}

impl Read for SignatureSet {
    /// The greatest number of validators.
    type Cfg = usize;

    fn read_cfg(buffer: &mut impl Buf, participants: &usize) -> Result<Self, CodecError> {
        let signers = Signers::read_cfg(buffer, participants)?;
        let signatures = Vec::<NodeSignature>::read_range(buffer, ..=*participants)?;
        if signatures.is_empty() || signers.count() != signatures.len() {
            return Err(CodecError::Invalid("SignatureSet", "one signature for each signer, at least one"));
        }
        Ok(Self { signers, signatures })
    }
}

impl<S: EngineSuite> Verifier for Multisig<S> {
    type Subject<'a, D: Digest> = Subject<'a, D>;
    type Faults = N3f1;
    type PublicKey = S::Key;
    type Certificate = SignatureSet;

    fn verify_certificate<R: CryptoRng, D: Digest>(
        &self,
        _: &mut R,
        subject: Subject<'_, D>,
        certificate: &SignatureSet,
        _: &impl Strategy,
    ) -> bool {
        let quorum = self.participants.quorum::<N3f1>();
        certificate.signers.len() == self.participants.len()
            && certificate.signers.count() == certificate.signatures.len()
            && certificate.signatures.len() >= quorum as usize
            && certificate
                .signers
                .iter()
                .zip(&certificate.signatures)
                .all(|(signer, signature)| self.check(&subject, signer, signature))
    }

    fn is_batchable() -> bool {
        false
    }

    fn max_certificate_size(participants: u32) -> usize {
        // The bitmap with its length, and the signatures with their number.
        let participants = participants as usize;
        8 + participants.div_ceil(8) + 5 + participants * NodeSignature::SIZE
    }

    fn certificate_codec_config(&self) -> usize {
        self.participants.len()
    }

    fn certificate_codec_config_unbounded() -> usize {
        u32::MAX as usize
    }
}

impl<S: EngineSuite> Scheme for Multisig<S> {
    type Signature = NodeSignature;

    fn me(&self) -> Option<Membership> {
        self.me.as_ref().map(|(index, _)| Membership::Signer(*index))
    }

    fn participants(&self) -> &Set<S::Key> {
        &self.participants
    }

    fn sign<D: Digest>(&self, subject: Subject<'_, D>) -> Option<Attestation<Self>> {
        let (signer, secret) = self.me.as_ref()?;
        let signature = secret.sign(subject.namespace(&self.namespace), &subject.message());
        Some(Attestation { signer: *signer, signature: signature.into() })
    }

    fn verify_attestation<R: CryptoRng, D: Digest>(
        &self,
        _: &mut R,
        subject: Subject<'_, D>,
        attestation: &Attestation<Self>,
        _: &impl Strategy,
    ) -> bool {
        attestation.signature.get().is_some_and(|signature| self.check(&subject, attestation.signer, signature))
    }

    fn optimistic_assemble<'a, R, D, I, J>(
        &self,
        rng: &mut R,
        subject: Subject<'_, D>,
        pending: I,
        verified: J,
        strategy: &impl Strategy,
    ) -> Result<SignatureSet, Verification<Self>>
    where
        R: CryptoRng,
        D: Digest,
        I: IntoIterator<Item = Attestation<Self>>,
        I::IntoIter: ExactSizeIterator + Send,
        J: IntoIterator<Item = &'a Attestation<Self>>,
        J::IntoIter: Send,
    {
        verify_then_assemble::<Self, _, D, _, _>(self, rng, subject, pending, verified, strategy)
    }

    fn assemble<I>(&self, attestations: NonEmpty<I>, _: &impl Strategy) -> Result<SignatureSet, AssemblyError>
    where
        I: Iterator<Item = Attestation<Self>> + Send,
    {
        let mut entries = Vec::new();
        for certificate::Attestation { signer, signature } in attestations {
            let signature = signature.get().cloned().ok_or(AssemblyError::MalformedSignature(signer))?;
            entries.push((signer, signature));
        }
        entries.sort_by_key(|(signer, _)| *signer);
        let (signers, signatures): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let signers = Signers::try_from((&self.participants, signers))?; // refuses unknown signers and doubles
        let quorum = self.participants.quorum::<N3f1>();
        let found = u32::try_from(signatures.len()).expect("no more signatures than participants");
        if found < quorum {
            return Err(AssemblyError::InsufficientAttestations(quorum, found));
        }
        Ok(SignatureSet { signers, signatures })
    }

    fn is_attributable() -> bool {
        true
    }
}
