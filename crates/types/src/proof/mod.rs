//! The checker of proofs: our own, small, and independent of the engine that makes them.
//!
//! Trust runs down one chain, and each file checks one link of it:
//!
//! | Link | File |
//! |---|---|
//! | the genesis names the first validators, each epoch's headers name the next ones | `chain` |
//! | a quorum of them signed a header | `certificate` |
//! | that header descends from the one the path ends in | `chain` |
//! | the path ends in that header's root of state, or of receipts | `log`, `state`, `receipt` |
//! | the path begins with the claimed record, absence or receipt | `state`, `receipt` |
//!
//! [`Bundle`] is the file that carries them, [`Slip`] what fits a QR code. The crate `verify` walks the chain and says what was
//! proven.
//!
//! **Architecture invariant:** nothing here depends on the engine. The formats that must agree with it are in
//! `engine_format` and `log`, and the tests of `verify` compare every verdict with the engine's own.
//!
//! **Architecture invariant:** nothing here panics on any input, and every list has a greatest length.

pub mod bundle;
pub mod certificate;
pub mod chain;
mod engine_format;
pub mod log;
pub mod receipt;
pub mod slip;
pub mod state;

pub use crate::domain::{consensus_namespace, state_key};
pub use bundle::{Bundle, BundleError, Claim, Format, Path};
pub use certificate::{CertificateError, check_certificate, check_signers, finalization_message};
pub use chain::{ChainError, EPOCHS_MAX, HEADERS_MAX, ValidatorChange, check_headers, check_validator_change};
pub use log::{LogPath, PathError};
pub use receipt::ReceiptPath;
pub use slip::{NoSlip, OpenError, OpenSlip, Slip, SlipError, SlipParts};
pub use state::{AbsencePath, OperationPath, PresencePath};
