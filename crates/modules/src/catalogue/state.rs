//! The records. This is the only place with keys of the state.

use super::msg::{AbsentDepartments, Anomaly, HistoricItem, ItemCode};
use crate::items::Item;
use crate::orgs::{self, DepartmentCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::{AccountId, List, Text, Time};

/// All items by code.
pub const ITEMS: Table<ItemCode, Entry> = Table::new("catalogue/items");
/// All versions by code and number.
pub const VERSIONS: Table<(ItemCode, u32), Version> = Table::new("catalogue/versions");

/// The version of the entry's format.
pub const ENTRY_VERSION: u16 = 1;
/// The version of the version's format.
pub const VERSION_VERSION: u16 = 2;
/// Versions of one item.
pub const VERSIONS_MAX: usize = 200;

/// An item: its state and its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The version of this format.
    pub version: u16,
    /// The name in the last version, or in the older catalogue.
    pub name: Text<200>,
    /// Its versions, oldest first.
    pub editions: List<Edition, VERSIONS_MAX>,
    /// What an older catalogue said, where it came from one.
    pub historic: Option<Historic>,
    /// Whether it is suspended.
    pub suspension: Option<Suspension>,
    /// Whether it is or will be retired.
    pub retirement: Option<Retirement>,
}

/// A version, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edition {
    /// When it comes into force.
    pub effective_from: Time,
    /// When it was published: the block's time.
    pub published_at: Time,
}

/// Where an item came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Historic {
    /// What the older catalogue says.
    pub item: HistoricItem,
    /// What is odd about it.
    pub anomalies: List<Anomaly, 8>,
    /// Who took it over.
    pub importer: AccountId,
    /// When: the block's time.
    pub imported_at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// That an item is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suspension {
    /// Why.
    pub reason: Text<200>,
    /// Since when: the block's time.
    pub since: Time,
    /// The receipt.
    pub receipt: u64,
}

/// That an item is retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retirement {
    /// From when on.
    pub from: Time,
    /// Why.
    pub reason: Text<200>,
    /// The receipt.
    pub receipt: u64,
}

/// One version of an item, as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// The version of this format.
    pub version: u16,
    /// The item's code.
    pub code: ItemCode,
    /// The number of this version.
    pub number: u32,
    /// When it comes into force.
    pub effective_from: Time,
    /// The edition of the law's time limits under which it was checked, see `law`.
    pub law_edition: u16,
    /// Who published it.
    pub publisher: AccountId,
    /// When: the block's time.
    pub published_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// The item.
    pub item: Item,
}

impl Entry {
    /// The number of the last version, 0 where there is none.
    pub fn last_version(&self) -> u32 {
        u32::try_from(self.editions.len()).expect("at most 200 versions")
    }

    /// The version in force at a time.
    pub fn in_force(&self, at: Time) -> Option<u32> {
        let is_off = self.suspension.as_ref().is_some_and(|suspension| suspension.since <= at)
            || self.retirement.as_ref().is_some_and(|retirement| retirement.from <= at);
        let started = self.editions.iter().filter(|edition| edition.effective_from <= at).count();
        if is_off || started == 0 { None } else { u32::try_from(started).ok() }
    }
}

/// The item with this code.
pub fn entry(state: &State, code: &ItemCode) -> Result<Option<Entry>, Missing> {
    ITEMS.get(state, code)
}

/// A version of an item.
pub fn version(state: &State, code: &ItemCode, number: u32) -> Result<Option<Version>, Missing> {
    VERSIONS.get(state, &(code.clone(), number))
}

/// The last version of an item.
pub fn last_version(state: &State, code: &ItemCode) -> Result<Option<Version>, Missing> {
    match entry(state, code)? {
        Some(entry) => version(state, code, entry.last_version()),
        None => Ok(None),
    }
}

/// The department that leads an item by its last version; where there is none, the one that an older catalogue names, if that is registered
/// here.
pub fn leading(state: &State, code: &ItemCode) -> Result<Option<DepartmentCode>, Missing> {
    if let Some(version) = last_version(state, code)? {
        return Ok(version.item.department.code.parse().ok());
    }
    let historic = entry(state, code)?.and_then(|entry| entry.historic);
    let named = historic.and_then(|historic| historic.item.department_code.parse::<DepartmentCode>().ok());
    match named {
        Some(named) if orgs::department(state, &named)?.is_some() => Ok(Some(named)),
        _ => Ok(None),
    }
}

/// The departments that an item names and that handle nothing here: not registered, or closed without another in their place; each once, in the
/// item's order. As long as there is one, nobody can apply for the item.
pub fn absent_departments(state: &State, item: &Item) -> Result<AbsentDepartments, Missing> {
    let mut absent: Vec<Text<18>> = Vec::new();
    let taking_part = std::iter::once(&item.department).chain(&item.joint_departments);
    for department in taking_part {
        let is_there = match department.code.parse::<DepartmentCode>() {
            Ok(code) => orgs::successor(state, &code)?.is_some(),
            Err(_) => false,
        };
        if !is_there {
            absent.push(department.code.clone());
        }
    }
    Ok(List::new(absent).expect("one leads and at most 32 take part"))
}

/// The version that is in force at a time.
pub fn in_force(state: &State, code: &ItemCode, at: Time) -> Result<Option<Version>, Missing> {
    match entry(state, code)?.and_then(|entry| entry.in_force(at)) {
        Some(number) => version(state, code, number),
        None => Ok(None),
    }
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("catalogue", "I1 items and versions stay for ever");
    }
    if let Some(version) = VERSIONS.record_of(write) {
        if version.number == 0 || version.effective_from < version.published_at {
            return broken(VERSIONS.name(), "I3 a version counts from 1 and never from before it was published");
        }
        if !crate::item_rules::findings(&version.code, &version.item).is_empty() {
            return broken(VERSIONS.name(), "I4 what is published passes every check");
        }
    }
    let Some(entry) = ITEMS.record_of(write) else { return Ok(()) };
    if entry.editions.is_empty() && entry.historic.is_none() {
        return broken(ITEMS.name(), "I2 an item has a version or comes from an older catalogue");
    }
    if !entry.editions.is_sorted_by(|left, right| left.effective_from <= right.effective_from) {
        return broken(ITEMS.name(), "I3 versions come into force in their order");
    }
    Ok(())
}
