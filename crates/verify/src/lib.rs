//! Checks proof bundles, and slips from QR codes, offline: a stranger needs the proof and the network's genesis, and trusts no
//! server.
//!
//! ```no_run
//! let genesis = std::fs::read("genesis.json")?;
//! let bundle = std::fs::read("licence.proof.json")?;
//! match tongban_verify::verify(&bundle, &genesis) {
//!     Ok(verified) => println!("true as of {}, signed by {:?}", verified.header.time, verified.departments),
//!     Err(error) => println!("refused ({}): {error}", error.code()),
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The links of the chain of trust are in [`tongban_types::proof`]; this crate walks it, from the genesis to the claim.
//!
//! **Architecture invariant:** no network, no clock, no files: what is proven depends on the two inputs alone.

mod error;
mod slip;
mod verifier;

pub use error::VerifyError;
pub use slip::{Disclosed, SlipRefusal, SlipVerdict, Standing, verify_slip};
pub use verifier::{GENESIS_BYTES_MAX, Verified, Verifier};

/// Checks one bundle, in either of its forms, against the genesis of the network it should belong to.
pub fn verify(bundle: &[u8], genesis: &[u8]) -> Result<Verified, VerifyError> {
    Verifier::new(genesis)?.verify(bundle)
}
