//! Checking many signatures at once, each with its own verdict.

use crate::{intl, sm};
use tongban_types::{PublicKey, Signature, Suite};

/// A message, who is said to have signed it, and the signature.
#[derive(Clone, Copy, Debug)]
pub struct SignedMessage<'a> {
    /// The key of the signer.
    pub key: &'a PublicKey,
    /// What was signed.
    pub message: &'a [u8],
    /// What is to be checked.
    pub signature: &'a Signature,
}

/// The verdict on each item, in order; the same that checking it alone gives.
///
/// Ed25519 checks a batch about twice as fast as its items one by one, the faster the longer it is; from 256 items on
/// little is gained. SM2 has no such equation: its items are checked one by one and share a little work. It runs on the
/// calling thread: who has more cores cuts the items into chunks.
pub fn verify_batch(suite: Suite, items: &[SignedMessage<'_>]) -> Vec<bool> {
    match suite {
        Suite::Sm => sm::verify_batch(items),
        Suite::Intl => intl::verify_batch(items),
    }
}
