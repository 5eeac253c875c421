//! The organisation file: YAML or JSON.

use crate::catalogue::item_file::{FileError, read_value};
use serde::Deserialize;
use std::path::Path;
use tongban_kernel::Role;
use tongban_modules::departments::Safeguard;
use tongban_modules::offices::{DepartmentCode, POSTS_MAX, Post};
use tongban_types::codes::LongDivisionCode;
use tongban_types::{List, Text, Time};

/// Departments in one file.
const DEPARTMENTS_MAX: usize = 2_000;
/// Officers of one department.
const OFFICERS_MAX: usize = 500;

/// What an organisation file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// The department above all others.
    pub government: Government,
    /// The departments below it, each after those that it stands below.
    pub departments: List<Department, DEPARTMENTS_MAX>,
    /// Until when all rights in the file are given.
    pub until: Time,
}

/// The department above all others, with the administrator whom the network names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Government {
    /// Its credit code.
    pub code: DepartmentCode,
    /// Its name in full.
    pub name: Text<200>,
    /// Its short name.
    pub short_name: Text<40>,
    /// The division for which it is there.
    pub division: LongDivisionCode,
    /// The first administrator.
    pub administrator: Administrator,
    /// What is to protect the rights in it.
    #[serde(default)]
    pub safeguards: Safeguards,
    /// Its own officers.
    #[serde(default)]
    pub officers: List<Officer, OFFICERS_MAX>,
}

/// The first administrator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Administrator {
    /// The name of his key file, without `.key.json`.
    pub key: Text<40>,
    /// His office.
    pub office: Text<40>,
}

/// A department.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Its credit code.
    pub code: DepartmentCode,
    /// Its name in full.
    pub name: Text<200>,
    /// Its short name.
    pub short_name: Text<40>,
    /// The division, where it is another than the government's.
    pub division: Option<LongDivisionCode>,
    /// The department above it, where it is another than the government.
    pub parent: Option<DepartmentCode>,
    /// The validator that hosts it, where it runs none.
    pub host: Option<Text<200>>,
    /// What is to protect the rights in it.
    #[serde(default)]
    pub safeguards: Safeguards,
    /// Its officers.
    #[serde(default)]
    pub officers: List<Officer, OFFICERS_MAX>,
}

/// What is to protect the rights in a department. Where nothing is said, nothing is asked; a new department then has what the one above it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safeguards {
    /// Whether roles that decide come from two administrators (双人复核).
    pub four_eyes: Option<bool>,
    /// Whether roles that decide are given to bound persons alone (实名任职).
    pub bound_officers: Option<bool>,
}

/// An officer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// The name of his key file, without `.key.json`.
    pub key: Text<40>,
    /// His office.
    pub office: Text<40>,
    /// His posts.
    #[serde(default)]
    pub posts: List<Post, POSTS_MAX>,
    /// His number in the list of staff.
    pub staff_number: Option<Text<20>>,
    /// The roles he holds, at all of his posts.
    #[serde(default)]
    pub roles: List<Role, 16>,
}

impl Safeguards {
    /// Whether one of them is to be there, where something is said.
    pub fn asked(&self, safeguard: Safeguard) -> Option<bool> {
        match safeguard {
            Safeguard::FourEyes => self.four_eyes,
            Safeguard::BoundOfficers => self.bound_officers,
        }
    }
}

impl Organisation {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        Self::from_value(read_value(path)?)
    }

    /// Takes an organisation from what a file says.
    pub fn from_value(value: serde_json::Value) -> Result<Self, FileError> {
        serde_path_to_error::deserialize(value).map_err(|error| FileError {
            code: "file.field",
            place: error.path().to_string(),
            message: error.into_inner().to_string(),
        })
    }

    /// All officers with their departments: the government's own, then those of the departments in order.
    pub fn offices(&self) -> impl Iterator<Item = (DepartmentCode, &Officer)> {
        let own = self.government.officers.iter().map(|officer| (self.government.code, officer));
        let of = |department: &Department| department.code;
        let others = self.departments.iter();
        own.chain(
            others.flat_map(move |department| department.officers.iter().map(move |officer| (of(department), officer))),
        )
    }

    /// The names of all key files, each once, in their order in the file.
    pub fn keys(&self) -> Vec<&Text<40>> {
        let officers = self.offices().map(|(_, officer)| officer);
        let mut keys = vec![&self.government.administrator.key];
        for officer in officers {
            if !keys.contains(&&officer.key) {
                keys.push(&officer.key);
            }
        }
        keys
    }
}
