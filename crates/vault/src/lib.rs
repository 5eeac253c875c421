//! A department's vault (保险库): the faces of the licences that it keeps and the forms that were handed in to it, each sealed, in a folder.
//!
//! The ledger holds salted commitments; what they commit to and the salts are here and nowhere else. Each object is sealed to the
//! department's key and to those of further recipients, so that whoever steals the folder without the key has noise. Nothing is handed out on
//! the strength of what is in here alone: the caller records the access on the ledger first, and checks each value against its commitment.
//!
//! ```text
//! folder/            mode 0700, all files 0600
//!   manifest         the secret from which names are made, sealed to the owner
//!   lock             held by the one process that writes
//!   objects/ab/ab…   sealed objects, under a keyed hash of what they are about
//!   erasing/ab…      erasures that have begun, and are finished at the next opening
//!   erased/ab/ab…    when an object was erased; nothing else is left of it
//! ```
//!
//! **Architecture invariant:** nothing is written that is not sealed, but for the times of erasures. Names tell nothing: they are made
//! with a secret, so that nobody finds out whose licences are here by trying identifiers.
//!
//! **Architecture invariant:** a file is there whole or not at all, and an erased object does not come back.
//!
//! **Architecture invariant:** no clock and no randomness of its own: both are passed in.

mod content;
mod error;
mod folder;
mod vault;

pub use content::{
    ANSWERS_MAX, ATTACHMENTS_MAX, Answer, AnswerValue, Attachment, Content, ImportedFace, Label, OPENINGS_MAX,
    OpenedLicence, SaltedNumber, SourcedForm, StoredFace, StoredForm,
};
pub use error::VaultError;
pub use vault::{Checked, Finding, ObjectId, ObjectIdError, Opened, PAGE_MAX, Page, Vault, unseal};
