//! The vaults of two departments: market regulation keeps the faces of business licences, the approval bureau forms and what it issues.

use super::city::{APPROVAL, City, MARKET, licence_definition};
use crate::identification::pseudonym::today;
use crate::licences::face_file::check_codes;
use crate::prefill::Hosted;
use crate::random::rng;
use anyhow::{Context as _, bail};
use rand_core::Rng as _;
use std::path::Path;
use tongban_crypto::key_file::Protection;
use tongban_crypto::{KeyFile, OpeningKey};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::licence_face::{Face, FaceField, Salt};
use tongban_types::{Suite, Text};
use tongban_vault::{Content, Label, StoredFace, Vault};

/// The vaults.
pub struct Vaults {
    /// Market regulation's, with whoever records accesses to it.
    market: [Hosted; 1],
    approval: Vault,
}

impl Vaults {
    /// Opens the vaults, and makes them where there are none.
    pub fn open(city: &City) -> anyhow::Result<Self> {
        let (dir, suite) = (city.cluster.dir.join("vaults"), city.cluster.genesis.suite);
        let open = |name: &str| open_or_make(&dir.join(name), suite);
        let (department, officer) = (MARKET.parse()?, city.signer("market-issuer")?);
        Ok(Self { market: [Hosted { department, vault: open("market")?, officer }], approval: open("approval")? })
    }

    /// The departments that hand out what they hold.
    pub fn hosted(&self) -> &[Hosted] {
        &self.market
    }

    fn of(&self, department: &str) -> anyhow::Result<&Vault> {
        match department {
            MARKET => Ok(&self.market[0].vault),
            APPROVAL => Ok(&self.approval),
            other => bail!("{other} has no vault in the demonstration"),
        }
    }

    /// Keeps a face sealed, whose codes are those of the standards that its type names.
    pub fn keep(&self, department: &str, licence: &LicenceIdentifier, face: &Face) -> anyhow::Result<()> {
        check_codes(face, &licence_definition(&licence.licence_type())?, today())?;
        let content = Content::Face(StoredFace { licence: licence.clone(), face: face.clone() });
        self.of(department)?.put(&content, &[], &mut rng())?;
        Ok(())
    }

    /// The face of a licence.
    pub fn face(&self, department: &str, licence: &LicenceIdentifier) -> anyhow::Result<Face> {
        Ok(self.of(department)?.face(licence)?.face)
    }

    /// Keeps a form sealed, with what proves its answers.
    pub fn keep_form(&self, form: &Content) -> anyhow::Result<()> {
        self.approval.put(form, &[], &mut rng())?;
        Ok(())
    }

    /// The form of a case, as it is kept.
    pub fn form(&self, case: &CaseNumber) -> anyhow::Result<Content> {
        Ok(self.approval.get(&Label::Form(case.clone()))?)
    }
}

fn open_or_make(folder: &Path, suite: Suite) -> anyhow::Result<Vault> {
    let key_path = folder.with_extension("key.json");
    if key_path.exists() {
        let key = KeyFile::read(&key_path)?.unlock_opening(None)?;
        return Ok(Vault::open(folder, key)?);
    }
    std::fs::create_dir_all(folder.parent().context("a vault lies in a folder")?)?;
    let key = OpeningKey::generate(suite, &mut rng());
    KeyFile::for_opening(&key, Protection::None, &mut rng()).write(&key_path)?;
    Ok(Vault::create(folder, key, &mut rng())?)
}

/// A random salt.
pub fn salt() -> Salt {
    let mut salt = [0; 32];
    rng().fill_bytes(&mut salt);
    Salt(salt)
}

/// A face with these fields, in their order, each with a salt of its own.
pub fn compose(fields: &[(&str, &str)]) -> anyhow::Result<Face> {
    let field = |(name, value): &(&str, &str)| -> anyhow::Result<FaceField> {
        Ok(FaceField { name: Text::new(*name)?, value: Text::new(*value)?, salt: salt() })
    };
    Ok(Face::new(fields.iter().map(field).collect::<Result<_, _>>()?)?)
}
