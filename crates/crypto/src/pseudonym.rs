//! Pseudonyms of persons: what stands on the ledger in place of the number of a document.
//!
//! All numbers there are can be hashed within minutes, so a bare hash hides nothing. A pseudonym is an HMAC under one secret key, which the
//! identity authority keeps: the same person has the same pseudonym at every department, and without the key nobody gets from a number to
//! a pseudonym or back. A key for each department would let a person register once at each.

use hmac::{Hmac, KeyInit as _};
use rand_core::CryptoRng;
use std::fmt;
use tongban_types::codes::{CitizenId, CitizenIdError, DocumentKind, normalise};
use tongban_types::{Digest, Suite, domain};
use zeroize::Zeroizing;

/// In front of what a key's fingerprint is made of. No document makes a text that begins so.
const FINGERPRINT_DOMAIN: &[u8] = b"tongban/pseudonym-key/1:";

/// Characters of a document's number.
pub const NUMBER_CHARACTERS_MAX: usize = 40;

/// The identity authority's secret key. Wiped when dropped, and never printed.
pub struct PseudonymKey {
    suite: Suite,
    bytes: Zeroizing<[u8; 32]>,
}

/// Why a number has no pseudonym. No error repeats the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentNumberError {
    /// Nothing is left of it but blanks and hyphens, or it is too long.
    #[error("the number of a document has 1 to {NUMBER_CHARACTERS_MAX} characters")]
    Length,
    /// It has other characters than letters of Latin script and digits.
    #[error("the number of a document consists of letters and digits")]
    Character,
    /// The document carries a citizen's number, and this is none.
    #[error("the document carries the number of a citizen: {0}")]
    Citizen(CitizenIdError),
}

impl PseudonymKey {
    /// A new key.
    pub fn generate(suite: Suite, rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self { suite, bytes }
    }

    /// The key with these bytes.
    pub fn from_bytes(suite: Suite, bytes: &[u8; 32]) -> Self {
        Self { suite, bytes: Zeroizing::new(*bytes) }
    }

    /// The suite whose hash it is used with.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The secret itself, for a key store. It must not reach logs or the network.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Tells keys apart without giving any of them away: with another key a person would get a second pseudonym.
    pub fn fingerprint(&self) -> Digest {
        hmac(self.suite, self.bytes.as_ref(), &[FINGERPRINT_DOMAIN])
    }

    /// The pseudonym of whoever holds the document with this number, which may be spelt in any way that people do.
    ///
    /// The number of a citizen gives one pseudonym on whatever document it stands: the identity card, the temporary one, the household
    /// register. Whoever also holds another document, such as a passport, has another pseudonym with it.
    pub fn pseudonym(&self, kind: DocumentKind, number: &str) -> Result<Digest, DocumentNumberError> {
        let content = canonical(kind, number)?;
        Ok(hmac(self.suite, self.bytes.as_ref(), &[domain::PSEUDONYM, content.as_bytes()]))
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PseudonymKey({})", self.suite)
    }
}

/// The one spelling of a document: the number of its kind, a colon, and its number in half-width capitals without blanks and hyphens. A
/// citizen's number is that of an identity card, with 18 characters.
fn canonical(kind: DocumentKind, number: &str) -> Result<Zeroizing<String>, DocumentNumberError> {
    let mut plain = Zeroizing::new(normalise(number));
    plain.retain(|character| !matches!(character, ' ' | '-'));
    if plain.is_empty() || plain.chars().count() > NUMBER_CHARACTERS_MAX {
        return Err(DocumentNumberError::Length);
    }
    if !plain.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Err(DocumentNumberError::Character);
    }
    let is_old = kind.has_citizen_number() && plain.len() == 15;
    let citizen = if is_old { CitizenId::upgrade(&plain) } else { plain.parse::<CitizenId>() };
    Ok(Zeroizing::new(match citizen {
        Ok(citizen) => format!("{}:{citizen}", DocumentKind::RESIDENT_IDENTITY_CARD),
        Err(error) if kind.has_citizen_number() => return Err(DocumentNumberError::Citizen(error)),
        Err(_) => format!("{kind}:{}", plain.as_str()),
    }))
}

/// HMAC (RFC 2104) with the suite's hash, over the parts one after the other.
pub fn hmac(suite: Suite, key: &[u8], parts: &[&[u8]]) -> Digest {
    match suite {
        Suite::Sm => mac(Hmac::<sm3::Sm3>::new_from_slice(key).expect("HMAC takes keys of any length"), parts),
        Suite::Intl => mac(Hmac::<sha2::Sha256>::new_from_slice(key).expect("HMAC takes keys of any length"), parts),
    }
}

fn mac<M: hmac::Mac<OutputSize = sm3::digest::consts::U32>>(mut mac: M, parts: &[&[u8]]) -> Digest {
    for part in parts {
        mac.update(part);
    }
    Digest(mac.finalize().into_bytes().into())
}
