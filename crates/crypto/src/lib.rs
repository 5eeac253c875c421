//! The two algorithm suites of a network, behind one small interface.
//!
//! | | `sm` (国密) | `intl` |
//! |---|---|---|
//! | signatures | SM2 (GB/T 32918.2) | Ed25519 |
//! | hash | SM3 (GB/T 32905) | SHA-256 |
//! | cipher | SM4-GCM (GB/T 32907) | AES-256-GCM |
//! | wrapping a key to a recipient | SM2 encryption (GB/T 32918.4) | X25519, HKDF-SHA-256, AES-256-GCM |
//! | pseudonyms of persons | HMAC-SM3 | HMAC-SHA-256 |
//! | key from a passphrase | PBKDF2-HMAC-SM3 | PBKDF2-HMAC-SHA-256 |
//!
//! **Architecture invariant:** whether a signature is accepted depends on key, message and signature alone: the same
//! on every node, alone or in a batch, with or without a warm cache. Consensus rests on it.
//!
//! **Architecture invariant:** nothing here draws randomness by itself. Where randomness is needed (new keys, sealing,
//! key files) the caller passes a generator. Only [`key_file`] touches the file system.

pub mod batch;
pub mod cipher;
pub mod commitment;
pub mod intl;
pub mod key_file;
pub mod primitives;
pub mod pseudonym;
pub mod sealing;
pub mod secret_key;
pub mod sm;

pub use batch::{SignedMessage, verify_batch};
pub use commitment::commitment;
pub use key_file::KeyFile;
pub use primitives::primitives;
pub use pseudonym::PseudonymKey;
pub use sealing::{OpeningKey, SealedObject, SealingKey, seal};
pub use secret_key::SecretKey;
