//! Slips: what a QR code proves, to a reader who has nothing but the genesis.

use crate::{Verifier, VerifyError};
use serde::Serialize;
use strum::IntoStaticStr;
use tongban_types::proof::slip::DisclosedBytes;
use tongban_types::proof::{CertificateError, OpenError, Slip, SlipError, check_certificate};
use tongban_types::receipt::EventBytes;
use tongban_types::{Digest, Outcome, Receipt, Text, Time};

/// What a slip has proven: that these events happened in this block. **What became of it since, it cannot say.**
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlipVerdict {
    /// How far the proof reaches.
    pub standing: Standing,
    /// The network's identifier.
    pub network: Digest,
    /// The network's name, from the genesis.
    pub network_name: Text<100>,
    /// The block in which it happened.
    pub height: u64,
    /// That block's time: what is proven was true then.
    pub as_of: Time,
    /// The receipt, which has events.
    pub receipt: Receipt,
    /// The height of the certified block: the same one or a descendant.
    pub certified_height: u64,
    /// The departments whose validators signed, in the order of the validator set.
    pub departments: Vec<Text<200>>,
    /// What it discloses, once it is bound.
    #[serde(skip)]
    pub disclosed: Disclosed,
}

/// How far a slip's proof reaches. There is no better one: a licence may have been withdrawn a moment after its slip was made. Nor does it
/// say that anything is valid: the events may be those that ended a licence, and what they mean is for the module to say that they are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Proven as of [`SlipVerdict::as_of`], unconfirmed now.
    ProvenAsOfUnconfirmedNow,
}

/// What a slip discloses, opaque to this crate. It cannot be read before it is bound to the events that were proven: until then
/// anybody may have put it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed(DisclosedBytes);

/// Why a slip is refused. Stands in order of precedence: of several faults the first in this list is named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SlipRefusal {
    /// The genesis is not one, so there is nothing to check against.
    #[error("the genesis cannot be used: {reason}")]
    BadGenesis {
        /// What is wrong with it.
        reason: String,
    },
    /// More bytes or characters than a slip may have.
    #[error("the slip has {found} bytes or characters, at most {max} are allowed")]
    Oversized {
        /// How many it may have.
        max: usize,
        /// How many it has.
        found: usize,
    },
    /// A version of the slip that this program does not read.
    #[error("the slip has version {found}, which this program does not read")]
    UnsupportedVersion {
        /// The version.
        found: u8,
    },
    /// Not a slip, cut off, not in the one spelling that counts, or with numbers that no block has.
    #[error("this is no slip in its canonical form: {reason}")]
    NotCanonical {
        /// What the decoder met.
        reason: String,
    },
    /// The slip was made for another network.
    #[error("the slip belongs to another network than the genesis")]
    OtherNetwork,
    /// Validators changed since the genesis: how, a slip does not say.
    #[error("the slip is of epoch {epoch}, so its proof needs the full bundle")]
    NeedsBundle {
        /// The epoch.
        epoch: u64,
    },
    /// A validator that the genesis does not have.
    #[error("the slip names a validator that is not in the genesis")]
    WrongValidatorSet,
    /// Fewer signatures than a quorum.
    #[error("the block has {found} signatures and needs {needed} to be final")]
    TooFewSignatures {
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
    /// A signature that its validator did not make for what the slip says: one of the two was changed.
    #[error("the signature of validator {validator} is not of what the slip says")]
    BadSignature {
        /// The validator's place in its set.
        validator: u32,
    },
    /// What is disclosed is not what the proven events commit to.
    #[error("what the slip discloses does not belong to what it proves")]
    DisclosureNotBound,
}

impl SlipRefusal {
    /// The stable code, such as `needs_bundle`.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// Checks one slip, its text or its bytes, against the genesis of the network it should belong to.
///
/// ```no_run
/// let genesis = std::fs::read("genesis.json")?;
/// let scanned = "TBX1:…";
/// match tongban_verify::verify_slip(scanned.as_bytes(), &genesis) {
///     Ok(verdict) => println!("proven as of {}, unconfirmed now", verdict.as_of),
///     Err(refusal) => println!("refused ({}): {refusal}", refusal.code()),
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn verify_slip(slip: &[u8], genesis: &[u8]) -> Result<SlipVerdict, SlipRefusal> {
    let verifier = Verifier::new(genesis).map_err(|error| match error {
        VerifyError::BadGenesis { reason } => SlipRefusal::BadGenesis { reason },
        other => SlipRefusal::BadGenesis { reason: other.to_string() },
    })?;
    verifier.verify_slip(slip)
}

impl Verifier {
    /// Checks one slip, its text or its bytes.
    pub fn verify_slip(&self, slip: &[u8]) -> Result<SlipVerdict, SlipRefusal> {
        let slip = Slip::read(slip)?;
        let opened = slip.open(self.primitives, &self.network, &self.genesis.validators)?;
        let validators = &self.genesis.validators;
        let signers = check_certificate(self.primitives, &self.network, validators, &opened.certificate)?;
        let last = opened.headers.last();
        Ok(SlipVerdict {
            standing: Standing::ProvenAsOfUnconfirmedNow,
            network: self.network,
            network_name: self.genesis.name.clone(),
            height: opened.receipt.height,
            as_of: opened.receipt.time,
            certified_height: last.map_or(opened.receipt.height, |header| header.height),
            departments: signers.into_iter().map(|signer| signer.department.clone()).collect(),
            disclosed: Disclosed(slip.disclosed().clone()),
            receipt: opened.receipt,
        })
    }
}

impl SlipVerdict {
    /// The encoded events that were proven, at least one.
    pub fn events(&self) -> &[EventBytes] {
        match &self.receipt.outcome {
            Outcome::Applied { events } => events,
            Outcome::Refused(_) => &[], // no slip of it can be read
        }
    }

    /// Hands out what is disclosed, through the check of the module that the events are of: it gets the events and the
    /// disclosed bytes, and returns what it has read, or nothing where the events do not commit to it.
    pub fn disclose<T>(&self, bind: impl FnOnce(&[EventBytes], &[u8]) -> Option<T>) -> Result<T, SlipRefusal> {
        bind(self.events(), self.disclosed.0.as_ref()).ok_or(SlipRefusal::DisclosureNotBound)
    }
}

impl Disclosed {
    /// Whether nothing is disclosed.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_empty()
    }
}

impl From<SlipError> for SlipRefusal {
    fn from(error: SlipError) -> Self {
        match error {
            SlipError::Oversized { max, found } => Self::Oversized { max, found },
            SlipError::Version { found } => Self::UnsupportedVersion { found },
            SlipError::NotCanonical { reason } => Self::NotCanonical { reason: reason.to_owned() },
        }
    }
}

impl From<OpenError> for SlipRefusal {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::OtherNetwork => Self::OtherNetwork,
            OpenError::NeedsBundle { epoch } => Self::NeedsBundle { epoch },
            OpenError::Validator => Self::WrongValidatorSet,
            OpenError::OutOfRange => Self::NotCanonical { reason: "numbers that no block has".to_owned() },
        }
    }
}

impl From<CertificateError> for SlipRefusal {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Signers => Self::WrongValidatorSet,
            CertificateError::TooFewSignatures { found, needed } => Self::TooFewSignatures { found, needed },
            CertificateError::BadSignature { validator } => Self::BadSignature { validator },
        }
    }
}
