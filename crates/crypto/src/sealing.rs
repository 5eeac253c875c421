//! Sealing: content that only named recipients can read.
//!
//! Each object has a fresh content key, used once. The content is encrypted with the suite's cipher under that key,
//! and the key is wrapped to each recipient (see [`sm::wrapping`] and [`intl::wrapping`]). The content is bound to the
//! whole list of recipients, and to a hash of the content key: nobody can change the list, and no object opens to
//! different contents for different recipients.
//!
//! The keys for sealing are other keys than those for signing, so that one can be kept by the vault and the other in
//! hardware.

use crate::cipher::{Cipher, ONLY_NONCE, TAG_BYTES};
use crate::{intl, primitives, sm};
use rand_core::CryptoRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use tongban_types::{Blob, Digest, List, Suite, codec};
use zeroize::Zeroizing;

/// Bytes of content in one object.
pub const CONTENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Recipients of one object.
pub const RECIPIENTS_MAX: usize = 64;

const CIPHERTEXT_BYTES_MAX: usize = CONTENT_BYTES_MAX + TAG_BYTES;
const WRAPPED_BYTES_MAX: usize = 128;

const CONTENT_DOMAIN: &[u8] = b"tongban/sealed/1:";
const KEY_DOMAIN: &[u8] = b"tongban/sealed-key/1:";

/// The public key that content is sealed to: 33 bytes of a compressed SM2 point, or 32 bytes of X25519.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SealingKey(pub Blob<33>);

/// The private key that opens what was sealed to its [`SealingKey`]. Wiped when dropped, and never printed.
pub struct OpeningKey {
    bytes: Zeroizing<[u8; 32]>,
    secret: WrappingSecret,
}

enum WrappingSecret {
    Sm(sm::wrapping::WrappingSecret),
    Intl(intl::wrapping::WrappingSecret),
}

/// Sealed content and the ways to its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SealedObject {
    /// The algorithms.
    pub suite: Suite,
    /// Who can open it.
    pub recipients: List<Recipient, RECIPIENTS_MAX>,
    /// The hash of the content key.
    pub key_hash: Digest,
    /// Ciphertext and tag.
    pub ciphertext: Blob<CIPHERTEXT_BYTES_MAX>,
}

/// One recipient of a sealed object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recipient {
    /// The key it is sealed to.
    pub key: SealingKey,
    /// The content key, wrapped to that key.
    pub wrapped: Blob<WRAPPED_BYTES_MAX>,
}

/// Why content was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SealError {
    /// There is nobody to seal to.
    #[error("an object needs at least one recipient")]
    NoRecipients,
    /// There are more recipients than an object may have.
    #[error("at most {RECIPIENTS_MAX} recipients are allowed")]
    TooManyRecipients,
    /// A recipient is named twice.
    #[error("a recipient is named twice")]
    RepeatedRecipient,
    /// A recipient's key is no sealing key of the suite.
    #[error("a recipient's key is not a sealing key of the suite")]
    InvalidRecipient,
    /// The content is longer than an object may be.
    #[error("at most {CONTENT_BYTES_MAX} bytes of content are allowed")]
    TooLong,
}

/// Why an object was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum OpenError {
    /// It is not sealed to this key.
    #[error("the object is not sealed to this key")]
    NotARecipient,
    /// Some part of it was changed, or never belonged together.
    #[error("the object was tampered with")]
    Tampered,
}

/// Seals the content to the recipients.
pub fn seal(
    suite: Suite,
    recipients: &[SealingKey],
    content: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<SealedObject, SealError> {
    if recipients.is_empty() {
        return Err(SealError::NoRecipients);
    }
    if recipients.len() > RECIPIENTS_MAX {
        return Err(SealError::TooManyRecipients);
    }
    if recipients.iter().enumerate().any(|(index, key)| recipients[..index].contains(key)) {
        return Err(SealError::RepeatedRecipient);
    }
    if content.len() > CONTENT_BYTES_MAX {
        return Err(SealError::TooLong);
    }

    let mut content_key = Zeroizing::new(vec![0; Cipher::key_bytes(suite)]);
    rng.fill_bytes(&mut content_key);
    let mut wrapped = Vec::with_capacity(recipients.len());
    for key in recipients {
        wrapped.push(Recipient { key: key.clone(), wrapped: wrap(suite, key, &content_key, rng)? });
    }
    let recipients = List::new(wrapped).expect("the number was checked above");
    let key_hash = hash_key(suite, &content_key);
    let associated = associated_bytes(suite, &recipients, &key_hash);
    let ciphertext = Cipher::new(suite, &content_key)
        .expect("the key has the suite's length")
        .encrypt(&ONLY_NONCE, &associated, content)
        .expect("the content is shorter than the cipher's limit");
    let ciphertext = Blob::new(ciphertext).expect("the length of the content was checked above");
    Ok(SealedObject { suite, recipients, key_hash, ciphertext })
}

impl SealedObject {
    /// The content, if the object is sealed to this key and nothing of it was changed.
    pub fn open(&self, key: &OpeningKey) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let own = key.sealing_key();
        if self.suite != key.suite() {
            return Err(OpenError::NotARecipient);
        }
        let recipient =
            self.recipients.iter().find(|recipient| recipient.key == own).ok_or(OpenError::NotARecipient)?;
        let content_key = key.unwrap(recipient.wrapped.as_ref()).ok_or(OpenError::Tampered)?;
        let cipher = Cipher::new(self.suite, &content_key).ok_or(OpenError::Tampered)?;
        if hash_key(self.suite, &content_key) != self.key_hash {
            return Err(OpenError::Tampered);
        }
        let associated = associated_bytes(self.suite, &self.recipients, &self.key_hash);
        cipher.decrypt(&ONLY_NONCE, &associated, self.ciphertext.as_ref()).ok_or(OpenError::Tampered)
    }
}

impl OpeningKey {
    /// A new key.
    pub fn generate(suite: Suite, rng: &mut impl CryptoRng) -> Self {
        loop {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(bytes.as_mut());
            if let Some(key) = Self::from_bytes(suite, &bytes) {
                return key;
            }
        }
    }

    /// The key with these bytes. `None` where they are no SM2 key; every 32 bytes are an X25519 key.
    pub fn from_bytes(suite: Suite, bytes: &[u8; 32]) -> Option<Self> {
        let secret = match suite {
            Suite::Sm => WrappingSecret::Sm(sm::wrapping::WrappingSecret::from_bytes(bytes)?),
            Suite::Intl => WrappingSecret::Intl(intl::wrapping::WrappingSecret::from_bytes(bytes)),
        };
        Some(Self { bytes: Zeroizing::new(*bytes), secret })
    }

    /// The suite that the key belongs to.
    pub fn suite(&self) -> Suite {
        match self.secret {
            WrappingSecret::Sm(_) => Suite::Sm,
            WrappingSecret::Intl(_) => Suite::Intl,
        }
    }

    /// The key that others seal to.
    pub fn sealing_key(&self) -> SealingKey {
        let bytes = match &self.secret {
            WrappingSecret::Sm(secret) => secret.public_key().to_vec(),
            WrappingSecret::Intl(secret) => secret.public_key().to_vec(),
        };
        SealingKey(Blob::new(bytes).expect("sealing keys have at most 33 bytes"))
    }

    /// The secret itself, for key files. It must not reach logs or the network.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn unwrap(&self, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match &self.secret {
            WrappingSecret::Sm(secret) => secret.decrypt(wrapped),
            WrappingSecret::Intl(secret) => secret.decrypt(wrapped),
        }
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OpeningKey({}, public {})", self.suite(), self.sealing_key().0)
    }
}

fn wrap(
    suite: Suite,
    recipient: &SealingKey,
    content_key: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Blob<WRAPPED_BYTES_MAX>, SealError> {
    let recipient = recipient.0.as_ref();
    let wrapped = match suite {
        Suite::Sm => sm::wrapping::encrypt(recipient, content_key, rng),
        Suite::Intl => intl::wrapping::encrypt(recipient, content_key, rng),
    };
    let wrapped = wrapped.ok_or(SealError::InvalidRecipient)?;
    Ok(Blob::new(wrapped).expect("a wrapped key has 113 bytes in `sm` and 80 in `intl`"))
}

fn hash_key(suite: Suite, content_key: &[u8]) -> Digest {
    primitives(suite).hash(&[KEY_DOMAIN, content_key])
}

fn associated_bytes(suite: Suite, recipients: &List<Recipient, RECIPIENTS_MAX>, key_hash: &Digest) -> Vec<u8> {
    [CONTENT_DOMAIN, &codec::encode(&(suite, recipients, key_hash))].concat()
}
