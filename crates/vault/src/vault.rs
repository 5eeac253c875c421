//! The vault: storing, reading, rewrapping, erasing and checking sealed objects.

use crate::content::{Content, Label, StoredFace, StoredForm};
use crate::{VaultError, folder};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_crypto::sealing::{CONTENT_BYTES_MAX, OpenError, RECIPIENTS_MAX};
use tongban_crypto::{OpeningKey, SealedObject, SealingKey, primitives, seal};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::Salt;
use tongban_types::{Time, codec, domain};
use zeroize::Zeroizing;

/// Objects of one page.
pub const PAGE_MAX: usize = 1_000;

/// The version of the formats in the folder.
const FORMAT_VERSION: u16 = 1;
/// Bytes of one file: an object of the greatest size with the greatest number of recipients.
const FILE_BYTES_MAX: u64 = (CONTENT_BYTES_MAX + RECIPIENTS_MAX * 256 + 1_024) as u64;

const MANIFEST: &str = "manifest";
const LOCK: &str = "lock";
const OBJECTS: &str = "objects";
const ERASING: &str = "erasing";
const ERASED: &str = "erased";

/// The name of an object: a hash of what it is about and a secret of the vault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 16]);

/// A vault in a folder. It can be read by many at a time and is written by one process.
pub struct Vault {
    folder: PathBuf,
    owner: OpeningKey,
    name_key: Zeroizing<[u8; 32]>,
    /// Held while something is read, changed and written.
    writing: Mutex<()>,
    /// The lock of the process; none where the vault is open for reading.
    lock: Option<File>,
}

/// A part of the names in a vault, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The names.
    pub ids: Vec<ObjectId>,
    /// Where the next page begins behind; none at the end.
    pub next: Option<ObjectId>,
}

/// What a part of a vault holds, each object with its name: its content, or why it is not to be had.
#[derive(Debug)]
pub struct Opened {
    /// The objects.
    pub objects: Vec<(ObjectId, Result<Content, VaultError>)>,
    /// Where the next part begins behind; none at the end.
    pub next: Option<ObjectId>,
}

/// The text is no name of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of an object is 32 lower-case hexadecimal digits")]
pub struct ObjectIdError;

/// What checking a part of a vault has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many objects are what their names say.
    pub sound: usize,
    /// The others.
    pub findings: Vec<Finding>,
    /// Where the next part begins behind; none at the end.
    pub next: Option<ObjectId>,
}

/// An object that is not what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub id: ObjectId,
    /// The code of what is wrong, such as `vault.damaged`.
    pub code: String,
}

/// A file of the vault.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    version: u16,
    value: T,
}

/// What only the owner of a vault knows about it.
#[derive(Serialize, Deserialize)]
struct Manifest {
    name_key: Salt,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectId({self})")
    }
}

impl ObjectId {
    /// The name that a file has. Nothing else is the name of an object: no path, no other spelling.
    fn parse(name: &str) -> Option<Self> {
        let digits = name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if name.len() != 32 || !digits {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, digits) in bytes.iter_mut().zip(name.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(name: &str) -> Result<Self, ObjectIdError> {
        Self::parse(name).ok_or(ObjectIdError)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Vault({})", self.folder.display())
    }
}

/// The content of a sealed object, for any of its recipients.
pub fn unseal(object: &SealedObject, key: &OpeningKey) -> Result<Content, OpenError> {
    let bytes = object.open(key)?;
    codec::decode(&bytes).map_err(|_| OpenError::Tampered)
}

impl Vault {
    /// Begins a vault in a folder that is empty or not there. The owner's key opens it from then on.
    pub fn create(folder: &Path, owner: OpeningKey, rng: &mut impl CryptoRng) -> Result<Self, VaultError> {
        folder::make(folder)?;
        folder::refuse_exposed(folder)?;
        if !folder::names(folder)?.is_empty() {
            return Err(VaultError::NotEmpty { path: folder.to_owned() });
        }
        let lock = folder::lock(&folder.join(LOCK), folder)?;
        for part in [OBJECTS, ERASING, ERASED] {
            folder::make(&folder.join(part))?;
        }
        let mut name_key = Zeroizing::new([0; 32]);
        rng.fill_bytes(name_key.as_mut());
        let content = Zeroizing::new(codec::encode(&Manifest { name_key: Salt(*name_key) }));
        let sealed = seal(owner.suite(), &[owner.sealing_key()], &content, rng).map_err(VaultError::NotSealed)?;
        folder::write(&folder.join(MANIFEST), &stored(&sealed))?; // last: without it there is no vault
        Ok(Self { folder: folder.to_owned(), owner, name_key, writing: Mutex::new(()), lock: Some(lock) })
    }

    /// Opens a vault to read and write. Erasures that were interrupted are finished, drafts are removed.
    pub fn open(folder: &Path, owner: OpeningKey) -> Result<Self, VaultError> {
        let mut vault = Self::open_to_read(folder, owner)?;
        vault.lock = Some(folder::lock(&folder.join(LOCK), folder)?);
        for part in [OBJECTS, ERASED] {
            for shard in folder::names(&folder.join(part))? {
                folder::remove_drafts(&folder.join(part).join(shard))?;
            }
        }
        folder::remove_drafts(&folder.join(ERASING))?;
        for name in folder::names(&folder.join(ERASING))? {
            if let Some(id) = ObjectId::parse(&name) {
                vault.finish_erasing(&id)?;
            }
        }
        Ok(vault)
    }

    /// Opens a vault to read, beside the process that writes.
    pub fn open_to_read(folder: &Path, owner: OpeningKey) -> Result<Self, VaultError> {
        let no_vault = || VaultError::NotAVault { path: folder.to_owned() };
        if !folder::refuse_exposed(folder)?.is_dir() {
            return Err(no_vault());
        }
        let bytes = folder::read(&folder.join(MANIFEST), FILE_BYTES_MAX)?.ok_or_else(no_vault)?;
        let sealed = read_stored::<SealedObject>(&bytes).ok_or_else(no_vault)?;
        let content = sealed.open(&owner).map_err(|error| match error {
            OpenError::NotARecipient => VaultError::NotARecipient,
            OpenError::Tampered => no_vault(),
        })?;
        let manifest: Manifest = codec::decode(&content).map_err(|_| no_vault())?;
        let name_key = Zeroizing::new(manifest.name_key.0);
        Ok(Self { folder: folder.to_owned(), owner, name_key, writing: Mutex::new(()), lock: None })
    }

    /// The name under which the vault keeps what is about this.
    pub fn id(&self, label: &Label) -> ObjectId {
        let hash = primitives(self.owner.suite()).hash(&[domain::VAULT_NAME, &*self.name_key, &codec::encode(label)]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash.0[..16]);
        ObjectId(id)
    }

    /// Seals and stores something new, to the owner and these recipients.
    pub fn put(
        &self,
        content: &Content,
        recipients: &[SealingKey],
        rng: &mut impl CryptoRng,
    ) -> Result<ObjectId, VaultError> {
        let _writing = self.begin_writing()?;
        let id = self.id(&content.label());
        if folder::is_there(&self.object_path(&id))? {
            return Err(VaultError::Exists);
        }
        if let Some(at) = self.erased_at(&id)? {
            return Err(VaultError::Erased { at });
        }
        self.write_sealed(&id, content, recipients, rng)?;
        Ok(id)
    }

    /// Stores something in the place of what the vault holds about the same, for the same recipients.
    pub fn replace(&self, content: &Content, rng: &mut impl CryptoRng) -> Result<(), VaultError> {
        let _writing = self.begin_writing()?;
        let id = self.id(&content.label());
        let recipients = self.others(&self.read_sealed(&id)?);
        self.write_sealed(&id, content, &recipients, rng)
    }

    /// Lets a further recipient read an object. It is sealed anew, with a new key: who had the old file learns nothing of later ones.
    pub fn add_recipient(
        &self,
        label: &Label,
        recipient: &SealingKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let _writing = self.begin_writing()?;
        let id = self.id(label);
        let sealed = self.read_sealed(&id)?;
        let content = self.unseal(&id, &sealed)?;
        let mut recipients = self.others(&sealed);
        if *recipient != self.owner.sealing_key() && !recipients.contains(recipient) {
            recipients.push(recipient.clone());
        }
        self.write_sealed(&id, &content, &recipients, rng)
    }

    /// What the vault holds about something, as it was stored; whether that is what the ledger commits to is for the caller to check.
    pub fn get(&self, label: &Label) -> Result<Content, VaultError> {
        let id = self.id(label);
        self.unseal(&id, &self.read_sealed(&id)?)
    }

    /// The face of a licence.
    pub fn face(&self, licence: &LicenceIdentifier) -> Result<StoredFace, VaultError> {
        let label = Label::Face(licence.clone());
        match self.get(&label)? {
            Content::Face(stored) => Ok(stored),
            Content::Imported(imported) => Ok(imported.stored),
            Content::Form(_) | Content::Sourced(_) => Err(VaultError::Misplaced { id: self.id(&label) }),
        }
    }

    /// The form of a case.
    pub fn form(&self, case: &CaseNumber) -> Result<StoredForm, VaultError> {
        let label = Label::Form(case.clone());
        match self.get(&label)? {
            Content::Form(form) => Ok(form),
            Content::Sourced(sourced) => Ok(sourced.form),
            Content::Face(_) | Content::Imported(_) => Err(VaultError::Misplaced { id: self.id(&label) }),
        }
    }

    /// The sealed object, to be handed to one of its recipients.
    pub fn sealed(&self, label: &Label) -> Result<SealedObject, VaultError> {
        self.read_sealed(&self.id(label))
    }

    /// Erases an object: its file, and with it keys and salts, is overwritten and removed; that and when it was erased stays. The commitment
    /// on the ledger then says nothing to anybody.
    pub fn erase(&self, label: &Label, now: Time) -> Result<(), VaultError> {
        let _writing = self.begin_writing()?;
        let id = self.id(label);
        if let Some(at) = self.erased_at(&id)? {
            return Err(VaultError::Erased { at });
        }
        if !folder::is_there(&self.object_path(&id))? {
            return Err(VaultError::NotFound);
        }
        folder::write(&self.folder.join(ERASING).join(id.to_string()), &stored(&now))?;
        self.finish_erasing(&id)
    }

    /// The names of objects behind one, at most so many and at most [`PAGE_MAX`].
    pub fn list(&self, after: Option<ObjectId>, limit: usize) -> Result<Page, VaultError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut ids = Vec::new();
        for first in after.map_or(0, |after| after.0[0])..=u8::MAX {
            let shard = self.folder.join(OBJECTS).join(format!("{first:02x}"));
            let found = folder::names(&shard)?;
            let found = found.iter().filter_map(|name| ObjectId::parse(name)).filter(|id| id.0[0] == first);
            ids.extend(found.filter(|id| after.is_none_or(|after| *id > after)));
            if ids.len() > limit {
                ids.truncate(limit);
                let next = ids.last().copied();
                return Ok(Page { ids, next });
            }
        }
        Ok(Page { ids, next: None })
    }

    /// Opens the objects behind one, at most so many. What is erased meanwhile is left out.
    pub fn open_part(&self, after: Option<ObjectId>, limit: usize) -> Result<Opened, VaultError> {
        let Page { ids, next } = self.list(after, limit)?;
        let mut objects = Vec::with_capacity(ids.len());
        for id in ids {
            match self.read_sealed(&id).and_then(|sealed| self.unseal(&id, &sealed)) {
                Err(VaultError::NotFound | VaultError::Erased { .. }) => {} // erased meanwhile
                opened => objects.push((id, opened)),
            }
        }
        Ok(Opened { objects, next })
    }

    /// Opens the objects behind one, at most so many, and reports those that are damaged, of others, or not what their names say.
    pub fn check(&self, after: Option<ObjectId>, limit: usize) -> Result<Checked, VaultError> {
        let Opened { objects, next } = self.open_part(after, limit)?;
        let mut checked = Checked { sound: 0, findings: Vec::new(), next };
        for (id, opened) in objects {
            match opened {
                Ok(_) => checked.sound += 1,
                Err(error) => checked.findings.push(Finding { id, code: error.code() }),
            }
        }
        Ok(checked)
    }

    fn begin_writing(&self) -> Result<MutexGuard<'_, ()>, VaultError> {
        if self.lock.is_none() {
            return Err(VaultError::ReadOnly);
        }
        Ok(self.writing.lock().unwrap_or_else(PoisonError::into_inner)) // files are whole whatever happened
    }

    fn shard(&self, part: &str, id: &ObjectId) -> PathBuf {
        self.folder.join(part).join(format!("{:02x}", id.0[0]))
    }

    fn object_path(&self, id: &ObjectId) -> PathBuf {
        self.shard(OBJECTS, id).join(id.to_string())
    }

    fn read_sealed(&self, id: &ObjectId) -> Result<SealedObject, VaultError> {
        let found = folder::read(&self.object_path(id), FILE_BYTES_MAX)?;
        let is_damaged = found.is_some();
        if let Some(sealed) = found.and_then(|bytes| read_stored(&bytes)) {
            return Ok(sealed);
        }
        match self.erased_at(id)? {
            Some(at) => Err(VaultError::Erased { at }), // perhaps this very moment
            None if is_damaged => Err(VaultError::Damaged { id: *id }),
            None => Err(VaultError::NotFound),
        }
    }

    fn unseal(&self, id: &ObjectId, sealed: &SealedObject) -> Result<Content, VaultError> {
        let content = unseal(sealed, &self.owner).map_err(|error| match error {
            OpenError::NotARecipient => VaultError::NotARecipient,
            OpenError::Tampered => VaultError::Damaged { id: *id },
        })?;
        if self.id(&content.label()) != *id {
            return Err(VaultError::Misplaced { id: *id });
        }
        Ok(content)
    }

    /// The recipients besides the owner.
    fn others(&self, sealed: &SealedObject) -> Vec<SealingKey> {
        let own = self.owner.sealing_key();
        sealed.recipients.iter().map(|recipient| recipient.key.clone()).filter(|key| *key != own).collect()
    }

    fn write_sealed(
        &self,
        id: &ObjectId,
        content: &Content,
        others: &[SealingKey],
        rng: &mut impl CryptoRng,
    ) -> Result<(), VaultError> {
        let own = self.owner.sealing_key();
        let mut recipients: Vec<SealingKey> = others.iter().filter(|key| **key != own).cloned().collect();
        recipients.insert(0, own);
        let content = Zeroizing::new(codec::encode(content));
        let sealed = seal(self.owner.suite(), &recipients, &content, rng).map_err(VaultError::NotSealed)?;
        folder::make(&self.shard(OBJECTS, id))?;
        folder::write(&self.object_path(id), &stored(&sealed))
    }

    /// When an object was erased, if it was.
    fn erased_at(&self, id: &ObjectId) -> Result<Option<Time>, VaultError> {
        for path in [self.shard(ERASED, id).join(id.to_string()), self.folder.join(ERASING).join(id.to_string())] {
            if let Some(bytes) = folder::read(&path, FILE_BYTES_MAX)? {
                return read_stored(&bytes).map(Some).ok_or(VaultError::Damaged { id: *id });
            }
        }
        Ok(None)
    }

    fn finish_erasing(&self, id: &ObjectId) -> Result<(), VaultError> {
        folder::erase(&self.object_path(id))?;
        let shard = self.shard(ERASED, id);
        folder::make(&shard)?;
        folder::move_to(&self.folder.join(ERASING).join(id.to_string()), &shard.join(id.to_string()))
    }
}

fn stored<T: Serialize>(value: &T) -> Vec<u8> {
    codec::encode(&Stored { version: FORMAT_VERSION, value })
}

fn read_stored<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let Stored { version, value } = codec::decode(bytes).ok()?;
    (version == FORMAT_VERSION).then_some(value)
}
