//! Private keys in files, encrypted with a passphrase.
//!
//! A key file is one JSON document. The secret is encrypted with the suite's cipher; its key comes from the passphrase
//! by PBKDF2 with the suite's hash and a fresh salt, so the nonce can be zero. All other fields are authenticated with
//! it. Files are readable for their owner alone, and a file that others can read is refused. A file is never
//! overwritten: a lost key cannot be made again.

mod storage;

use crate::cipher::{Cipher, ONLY_NONCE};
use crate::pseudonym::PseudonymKey;
use crate::sealing::OpeningKey;
use crate::secret_key::SecretKey;
use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use tongban_types::{Blob, Suite, codec};
use zeroize::Zeroizing;

/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// Rounds of PBKDF2 for new files: some tenths of a second.
const ITERATIONS: u32 = 600_000;
/// A file that asks for more is refused, so that it cannot keep the reader busy for hours.
const ITERATIONS_MAX: u32 = 10_000_000;

const KEY_FILE_DOMAIN: &[u8] = b"tongban/key-file/1:";

/// What the key of a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// A [`SecretKey`].
    Signing,
    /// An [`OpeningKey`].
    Opening,
    /// A [`PseudonymKey`], which has no public half: its fingerprint stands in its place.
    Pseudonyms,
}

/// How a new file keeps the secret.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// Encrypted with this passphrase.
    Passphrase(&'a str),
    /// As it is: for demonstrations and development only.
    None,
}

/// A private key as it lies in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    version: u32,
    purpose: Purpose,
    suite: Suite,
    public_key: Blob<33>,
    secret: Secret,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Secret {
    Encrypted {
        iterations: u32,
        salt: Blob<16>,
        /// 32 bytes and a tag.
        ciphertext: Blob<48>,
    },
    Plain {
        bytes: Blob<32>,
    },
}

/// Why a key file was not written, read or unlocked.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum KeyFileError {
    /// There is a file with this name already.
    #[error("{} exists and is not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner have access to the file.
    #[error("{} is accessible for others than its owner (mode {mode:03o}); make it 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The system refused to read or write.
    #[error("cannot access {}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no key file of this version.
    #[error("not a key file: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The key is encrypted and no passphrase was given.
    #[error("the key needs a passphrase")]
    PassphraseNeeded,
    /// The passphrase is wrong, or the file was changed.
    #[error("the passphrase is wrong, or the file was changed")]
    NotUnlocked,
    /// The file holds a key for something else.
    #[error("the file holds a key for {found}, not for {wanted}")]
    Purpose {
        /// What the key is for.
        found: Purpose,
        /// What a key was wanted for.
        wanted: Purpose,
    },
}

impl KeyFile {
    /// Stores a signing key.
    pub fn for_signing(key: &SecretKey, protection: Protection<'_>, rng: &mut impl CryptoRng) -> Self {
        Self::new(Purpose::Signing, key.suite(), key.public_key(), key.expose_bytes(), protection, rng)
    }

    /// Stores an opening key.
    pub fn for_opening(key: &OpeningKey, protection: Protection<'_>, rng: &mut impl CryptoRng) -> Self {
        Self::new(Purpose::Opening, key.suite(), key.sealing_key().0, key.expose_bytes(), protection, rng)
    }

    /// Stores the identity authority's key.
    pub fn for_pseudonyms(key: &PseudonymKey, protection: Protection<'_>, rng: &mut impl CryptoRng) -> Self {
        let fingerprint = Blob::new(key.fingerprint().0.to_vec()).expect("a digest is shorter than a public key");
        Self::new(Purpose::Pseudonyms, key.suite(), fingerprint, key.expose_bytes(), protection, rng)
    }

    /// Writes the file, whole or not at all, where none is yet.
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        let text = Zeroizing::new(serde_json::to_string_pretty(self).expect("a key file is made of texts and numbers"));
        storage::write_new(path, &text)
    }

    /// Reads a file that only its owner has access to.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        Self::parse(&storage::read(path)?)
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let malformed = |reason: String| KeyFileError::Malformed { reason };
        let file: Self = serde_json::from_str(text).map_err(|error| {
            malformed(format!("unexpected content at line {}, column {}", error.line(), error.column()))
        })?;
        if file.version != VERSION {
            return Err(malformed(format!("version {} is not known", file.version)));
        }
        if matches!(file.secret, Secret::Encrypted { iterations, .. } if !(1..=ITERATIONS_MAX).contains(&iterations)) {
            return Err(malformed("the number of iterations is out of bounds".to_owned()));
        }
        Ok(file)
    }

    /// The suite of the key.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// What the key is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The public key, or the fingerprint of a key that has none: readable without the passphrase, and only as trustworthy as the file
    /// until it is unlocked.
    pub fn public_key(&self) -> &Blob<33> {
        &self.public_key
    }

    /// Whether a passphrase is needed.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.secret, Secret::Encrypted { .. })
    }

    /// The signing key.
    pub fn unlock_signing(&self, passphrase: Option<&str>) -> Result<SecretKey, KeyFileError> {
        let bytes = self.unlock(Purpose::Signing, passphrase)?;
        let key = SecretKey::from_bytes(self.suite, &bytes).map_err(|_| KeyFileError::NotUnlocked)?;
        if key.public_key() == self.public_key { Ok(key) } else { Err(KeyFileError::NotUnlocked) }
    }

    /// The opening key.
    pub fn unlock_opening(&self, passphrase: Option<&str>) -> Result<OpeningKey, KeyFileError> {
        let bytes = self.unlock(Purpose::Opening, passphrase)?;
        let key = OpeningKey::from_bytes(self.suite, &bytes).ok_or(KeyFileError::NotUnlocked)?;
        if key.sealing_key().0 == self.public_key { Ok(key) } else { Err(KeyFileError::NotUnlocked) }
    }

    /// The identity authority's key.
    pub fn unlock_pseudonyms(&self, passphrase: Option<&str>) -> Result<PseudonymKey, KeyFileError> {
        let bytes = self.unlock(Purpose::Pseudonyms, passphrase)?;
        let key = PseudonymKey::from_bytes(self.suite, &bytes);
        if key.fingerprint().0 == *self.public_key.as_ref() { Ok(key) } else { Err(KeyFileError::NotUnlocked) }
    }

    fn new(
        purpose: Purpose,
        suite: Suite,
        public_key: Blob<33>,
        bytes: &[u8; 32],
        protection: Protection<'_>,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let mut file =
            Self { version: VERSION, purpose, suite, public_key, secret: Secret::Plain { bytes: Blob::default() } };
        file.secret = match protection {
            Protection::None => Secret::Plain { bytes: Blob::new(bytes.to_vec()).expect("a secret has 32 bytes") },
            Protection::Passphrase(passphrase) => {
                let mut salt = vec![0; 16];
                rng.fill_bytes(&mut salt);
                let salt = Blob::new(salt).expect("a salt has 16 bytes");
                let ciphertext = derive_cipher(suite, passphrase, salt.as_ref(), ITERATIONS)
                    .encrypt(&ONLY_NONCE, &file.associated_bytes(ITERATIONS, &salt), bytes)
                    .expect("a secret is shorter than the cipher's limit");
                let ciphertext = Blob::new(ciphertext).expect("a secret and its tag have 48 bytes");
                Secret::Encrypted { iterations: ITERATIONS, salt, ciphertext }
            }
        };
        file
    }

    fn unlock(&self, wanted: Purpose, passphrase: Option<&str>) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
        if self.purpose != wanted {
            return Err(KeyFileError::Purpose { found: self.purpose, wanted });
        }
        let bytes = match &self.secret {
            Secret::Plain { bytes } => Zeroizing::new(bytes.as_ref().to_vec()),
            Secret::Encrypted { iterations, salt, ciphertext } => {
                let passphrase = passphrase.ok_or(KeyFileError::PassphraseNeeded)?;
                derive_cipher(self.suite, passphrase, salt.as_ref(), *iterations)
                    .decrypt(&ONLY_NONCE, &self.associated_bytes(*iterations, salt), ciphertext.as_ref())
                    .ok_or(KeyFileError::NotUnlocked)?
            }
        };
        let bytes = bytes.as_slice().try_into().map_err(|_| KeyFileError::NotUnlocked)?;
        Ok(Zeroizing::new(bytes))
    }

    fn associated_bytes(&self, iterations: u32, salt: &Blob<16>) -> Vec<u8> {
        let fields = (self.version, self.purpose, self.suite, &self.public_key, iterations, salt);
        [KEY_FILE_DOMAIN, &codec::encode(&fields)].concat()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Encrypted { .. } => "Encrypted",
            Self::Plain { .. } => "Plain",
        })
    }
}

fn derive_cipher(suite: Suite, passphrase: &str, salt: &[u8], iterations: u32) -> Cipher {
    let mut key = Zeroizing::new(vec![0; Cipher::key_bytes(suite)]);
    match suite {
        Suite::Sm => pbkdf2_hmac::<sm3::Sm3>(passphrase.as_bytes(), salt, iterations, &mut key),
        Suite::Intl => pbkdf2_hmac::<sha2::Sha256>(passphrase.as_bytes(), salt, iterations, &mut key),
    }
    Cipher::new(suite, &key).expect("the key has the suite's length")
}
