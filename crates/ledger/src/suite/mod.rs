//! The engine's cryptography: newtypes that bring the network's suites to the traits of the engine.
//!
//! Keys and signatures are those of [`tongban_crypto`]: a validator has one key, for its votes and for its node's
//! identity, and whoever has the genesis can check every vote without the engine. The engine signs
//! `union_unique(namespace, message)` (the namespace's length, the namespace, the message) and nothing more.

mod cipher;
mod digest;
mod keys;
mod metered;
mod scheme;

pub use digest::EngineDigest;
pub use keys::{NodeKey, NodeSecret, NodeSignature};
pub use scheme::Multisig;

use metered::Metered;
use std::fmt::Debug;
use tongban_types::Suite;

/// The algorithms that the engine runs with. Two implementations, two copies of the engine in the program.
pub trait EngineSuite: Clone + Debug + PartialEq + Eq + std::hash::Hash + Send + Sync + 'static {
    /// The suite.
    const SUITE: Suite;
    /// The hash of blocks, Merkle structures and the leaders' schedule.
    type Hasher: commonware_cryptography::Hasher<Digest = EngineDigest>;
    /// Encrypts what nodes send each other.
    type Cipher: commonware_cryptography::Cipher;
    /// Names a validator.
    type Key: NodeKeyOf;
    /// A validator's private key.
    type Secret: commonware_cryptography::Signer<PublicKey = Self::Key, Signature = NodeSignature>
        + From<tongban_crypto::SecretKey>;
}

/// What generic code needs of a validator's key.
pub trait NodeKeyOf:
    commonware_cryptography::PublicKey + commonware_cryptography::Verifier<Signature = NodeSignature>
{
    /// The engine's form of a key, or `None` where it has another length than the suite's keys.
    fn from_types(key: &tongban_types::PublicKey) -> Option<Self>;

    /// The key as the rest of the system knows it.
    fn to_types(&self) -> tongban_types::PublicKey {
        tongban_types::PublicKey::new(self.as_ref().to_vec()).expect("no suite has keys of more than 33 bytes")
    }
}

/// SM2, SM3, SM4-GCM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sm;

impl EngineSuite for Sm {
    const SUITE: Suite = Suite::Sm;
    type Hasher = digest::Sm3;
    type Cipher = Metered<cipher::Sm4Gcm>;
    type Key = NodeKey<33>;
    type Secret = NodeSecret<33>;
}

/// Ed25519, SHA-256, ChaCha20-Poly1305.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Intl;

impl EngineSuite for Intl {
    const SUITE: Suite = Suite::Intl;
    type Hasher = commonware_cryptography::Sha256;
    type Cipher = Metered<commonware_cryptography::ChaCha20Poly1305>;
    type Key = NodeKey<32>;
    type Secret = NodeSecret<32>;
}
