//! The departments whose vaults are opened for a proposal, from the command line: `CODE=FOLDER` and `CODE=KEY`.

use super::Hosted;
use crate::signer::{Signer, read_key};
use crate::vault::keys;
use anyhow::{Context as _, bail};
use std::path::PathBuf;
use std::str::FromStr;
use tongban_modules::offices::DepartmentCode;
use tongban_types::{Digest, Suite};

/// Something of a department: its vault, or a key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfDepartment {
    /// The department.
    pub department: DepartmentCode,
    /// The folder or file.
    pub path: PathBuf,
}

impl FromStr for OfDepartment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, path) = text.split_once('=').ok_or("a department's credit code, =, and a path are expected")?;
        let department = code.parse::<DepartmentCode>().map_err(|error| format!("{code}: {error}"))?;
        if path.is_empty() {
            return Err("a path is expected behind =".to_owned());
        }
        Ok(Self { department, path: path.into() })
    }
}

/// Opens the vaults to read, each with its key and with the officer who records accesses to it.
pub fn open(
    vaults: &[OfDepartment],
    keys: &[OfDepartment],
    officers: &[OfDepartment],
    network: Digest,
    suite: Suite,
) -> anyhow::Result<Vec<Hosted>> {
    for of in keys.iter().chain(officers) {
        if find(vaults, &of.department).is_none() {
            bail!("{} has a key and no vault: add --vault {0}=FOLDER", of.department);
        }
    }
    let hosted = vaults.iter().map(|vault| {
        let department = vault.department;
        let key = find(keys, &department).map(PathBuf::as_path);
        let opened = keys::open_to_read(&vault.path, key)?;
        if opened.suite != suite {
            bail!("the vault {} is of the suite {}, the network uses {suite}", vault.path.display(), opened.suite);
        }
        let officer = find(officers, &department)
            .with_context(|| format!("who records accesses for {department}? add --officer {department}=KEY"))?;
        Ok(Hosted { department, vault: opened.vault, officer: Signer::new(read_key(officer)?, network) })
    });
    hosted.collect()
}

fn find<'a>(among: &'a [OfDepartment], department: &DepartmentCode) -> Option<&'a PathBuf> {
    among.iter().find(|of| of.department == *department).map(|of| &of.path)
}
