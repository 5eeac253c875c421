//! The two cryptographic operations that this crate needs, as an interface.

use crate::{Digest, PublicKey, Signature};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which algorithms a network uses, chosen in its genesis for all its life.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Suite {
    /// SM2 signatures, SM3 hashes, SM4-GCM (GB/T 32918, 32905, 32907): 国密.
    Sm,
    /// Ed25519 signatures, SHA-256 hashes, AES-256-GCM.
    Intl,
}

/// Hashing and checking signatures, without naming an algorithm. The crate `crypto` implements it.
pub trait Primitives: Sync {
    /// Which algorithms these are.
    fn suite(&self) -> Suite;

    /// The hash of the parts, one after the other.
    fn hash(&self, parts: &[&[u8]]) -> Digest;

    /// Whether `signature` was made over `message` with the private key of `key`. False for any malformed input.
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}
