//! The walk from the genesis to the claim.

use crate::VerifyError;
use serde::Serialize;
use std::collections::VecDeque;
use tongban_crypto::primitives;
use tongban_types::proof::{
    Bundle, ChainError, Claim, Path, check_certificate, check_headers, check_signers, check_validator_change, state_key,
};
use tongban_types::{Certificate, Digest, Genesis, Header, Primitives, Text, Validator, ValidatorSet, codec};

/// Bytes of a genesis description.
pub const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Certificates that a verifier remembers as checked.
const CERTIFICATES_REMEMBERED_MAX: usize = 128;

/// What a bundle has proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The network's name, from the genesis.
    pub network_name: Text<100>,
    /// What is true.
    pub claim: Claim,
    /// The block after which it was true; its time is the "as of" of the claim.
    pub header: Header,
    /// The height of the certified block: the same one or a descendant.
    pub certified_height: u64,
    /// The departments whose validators signed, in the order of the validator set.
    pub departments: Vec<Text<200>>,
}

/// Checks many bundles of one network. A certificate that several share is checked once.
pub struct Verifier {
    pub(crate) genesis: Genesis,
    pub(crate) network: Digest,
    pub(crate) primitives: &'static dyn Primitives,
    /// Hashes of a validator set and a certificate that it made, the latest last. Both go in with every byte, so a
    /// changed certificate is never taken for one that was checked.
    checked: VecDeque<Digest>,
}

impl Verifier {
    /// Takes the genesis (JSON) as the trust anchor. Where it comes from is what the reader trusts.
    pub fn new(genesis: &[u8]) -> Result<Self, VerifyError> {
        let bad_genesis = |reason: String| VerifyError::BadGenesis { reason };
        if genesis.len() > GENESIS_BYTES_MAX {
            return Err(bad_genesis(format!("it has more than {GENESIS_BYTES_MAX} bytes")));
        }
        let genesis: Genesis = serde_json::from_slice(genesis).map_err(|error| bad_genesis(error.to_string()))?;
        genesis.check().map_err(|error| bad_genesis(error.to_string()))?;
        let primitives = primitives(genesis.suite);
        Ok(Self { network: genesis.network(primitives), genesis, primitives, checked: VecDeque::new() })
    }

    /// The network's identifier.
    pub fn network(&self) -> Digest {
        self.network
    }

    /// Checks one bundle, in either of its forms.
    pub fn verify(&mut self, bundle: &[u8]) -> Result<Verified, VerifyError> {
        let bundle = Bundle::decode(bundle)?;
        if bundle.network != self.network {
            return Err(VerifyError::OtherNetwork);
        }
        let certified = check_headers(self.primitives, &self.network, &bundle.headers)?;
        if bundle.certificate.header != certified {
            return Err(VerifyError::OtherBlock);
        }
        let (Some(header), Some(last)) = (bundle.headers.first(), bundle.headers.last()) else {
            return Err(VerifyError::BrokenHeaderChain);
        };
        let validators = self.validators_of(last.epoch, &bundle)?;
        let departments = self.check_certificate(&validators, &bundle.certificate)?;
        self.check_claim(&bundle.claim, &bundle.path, header)?;
        Ok(Verified {
            network_name: self.genesis.name.clone(),
            header: header.clone(),
            certified_height: last.height,
            departments,
            claim: bundle.claim,
        })
    }

    /// The validators of the epoch, handed over from those of the genesis through every epoch before it.
    fn validators_of(&mut self, epoch: u64, bundle: &Bundle) -> Result<ValidatorSet, VerifyError> {
        if bundle.certificate.epoch != epoch || bundle.validator_changes.len() as u64 != epoch {
            return Err(ChainError::Epoch.into());
        }
        let mut validators = self.genesis.validators.clone();
        for (change, epoch) in bundle.validator_changes.iter().zip(0..) {
            check_validator_change(self.primitives, &self.network, epoch, change)?;
            self.check_certificate(&validators, &change.certificate)?;
            validators = change.validators.clone();
        }
        Ok(validators)
    }

    /// Refuses a certificate that the set did not make. Returns the signing departments.
    fn check_certificate(
        &mut self,
        validators: &ValidatorSet,
        certificate: &Certificate,
    ) -> Result<Vec<Text<200>>, VerifyError> {
        let set = validators.digest(self.primitives);
        let entry = self.primitives.hash(&[&set.0, &codec::encode(certificate)]);
        let signers = if self.checked.contains(&entry) {
            check_signers(validators, certificate)?
        } else {
            let signers = check_certificate(self.primitives, &self.network, validators, certificate)?;
            if self.checked.len() == CERTIFICATES_REMEMBERED_MAX {
                self.checked.pop_front();
            }
            self.checked.push_back(entry);
            signers
        };
        let department = |validator: &Validator| validator.department.clone();
        Ok(signers.into_iter().map(department).collect())
    }

    fn check_claim(&self, claim: &Claim, path: &Path, header: &Header) -> Result<(), VerifyError> {
        let primitives = self.primitives;
        match (claim, path) {
            (Claim::Receipt { receipt }, Path::Receipt(path)) => path.check(primitives, receipt, &header.event_root)?,
            (Claim::Record { table, key, value }, Path::Record(path)) => {
                let key = state_key(primitives, table, key.as_ref());
                path.check(primitives, &key, value.as_ref(), &header.state_root)?;
            }
            (Claim::Absence { table, key, state_key: claimed }, Path::Absence(path)) => {
                let key = state_key(primitives, table, key.as_ref());
                if key != *claimed {
                    return Err(VerifyError::BadPath);
                }
                path.check(primitives, &key, &header.state_root)?;
            }
            _ => return Err(VerifyError::BadPath),
        }
        Ok(())
    }
}
