//! Why the vault refuses.

use crate::ObjectId;
use std::io;
use std::path::PathBuf;
use tongban_crypto::sealing::SealError;
use tongban_types::Time;

/// Why an object was not stored, read or erased; the name is the stable code. What objects say is never part of a message.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum VaultError {
    /// The folder to begin a vault in holds something already.
    #[error("{} is not empty, a vault begins in an empty folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is no vault of this version.
    #[error("{} is no vault that this program reads", path.display())]
    NotAVault {
        /// The folder.
        path: PathBuf,
    },
    /// Others than the owner have access to a file or folder.
    #[error("{} is accessible for others than its owner (mode {mode:03o}); make it 700, files in it 600", path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process writes to the vault.
    #[error("{} is used by another process", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The vault was opened for reading.
    #[error("the vault was opened for reading only")]
    ReadOnly,
    /// The system refused to read or write.
    #[error("cannot access {}", path.display())]
    Access {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such object, and never was.
    #[error("the vault holds nothing about this")]
    NotFound,
    /// The object was erased.
    #[error("it was erased at {at}")]
    Erased {
        /// When.
        at: Time,
    },
    /// There is such an object already.
    #[error("the vault holds this already")]
    Exists,
    /// The recipients or the size do not fit.
    #[error("{0}")]
    NotSealed(
        /// What is wrong.
        SealError,
    ),
    /// The object is sealed to others.
    #[error("the object is not sealed to this key")]
    NotARecipient,
    /// The object was changed, or is none.
    #[error("object {id} was damaged or changed")]
    Damaged {
        /// Its name.
        id: ObjectId,
    },
    /// The object is about something else than its name says.
    #[error("object {id} is another one, moved here")]
    Misplaced {
        /// Its name.
        id: ObjectId,
    },
}

impl VaultError {
    /// The stable code, such as `vault.not_found`.
    pub fn code(&self) -> String {
        let name: &'static str = self.into();
        format!("vault.{name}")
    }
}
