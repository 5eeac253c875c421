//! The records. This is the only place with keys of the state.

use super::msg::{AbsentDepartments, Anomaly, Change, HistoricItem, ItemCode};
use crate::items::Item;
use crate::orgs::{self, DepartmentCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::{AccountId, Digest, List, Primitives, Text, Time, codec};

/// All items by code.
pub const ITEMS: Table<ItemCode, Entry> = Table::new("catalogue/items");
/// All versions by code and number.
pub const VERSIONS: Table<(ItemCode, u32), Version> = Table::new("catalogue/versions");

/// All proposals by code and number.
pub const PROPOSALS: Table<(ItemCode, u32), Proposal> = Table::new("catalogue/proposals");
/// The open proposals of each item that ever had one.
pub const AGENDAS: Table<ItemCode, Agenda> = Table::new("catalogue/agendas");

/// The version of the entry's format.
pub const ENTRY_VERSION: u16 = 1;
/// The version of the version's format.
pub const VERSION_VERSION: u16 = 3;
/// The version of the format of proposals.
pub const PROPOSAL_VERSION: u16 = 1;
/// The version of the format of agendas.
pub const AGENDA_VERSION: u16 = 1;
/// Versions of one item.
pub const VERSIONS_MAX: usize = 200;
/// Open proposals of one item.
pub const PROPOSALS_OPEN_MAX: usize = 8;
/// What is in front of the digest of a proposal.
const PROPOSAL_DOMAIN: &[u8] = b"tongban/catalogue-proposal/1:";

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
    /// The proposal by which it was published, where it took two.
    pub proposal: Option<u32>,
}

/// What one officer has proposed for another one's approval. It stays as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The version of this format.
    pub version: u16,
    /// What is to be done.
    pub change: Change,
    /// The digest of item, number and change, which the approval names.
    pub digest: Digest,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// When: the block's time.
    pub proposed_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// What became of it.
    pub settlement: Option<Settlement>,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    /// Whether it was approved.
    pub approved: bool,
    /// Who settled it.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// The proposals of an item that wait (待审清单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agenda {
    /// The version of this format.
    pub version: u16,
    /// The number of the last proposal; they count from 1.
    pub last: u32,
    /// Those that are open, ascending.
    pub open: List<u32, PROPOSALS_OPEN_MAX>,
}

impl Default for Agenda {
    fn default() -> Self {
        Self { version: AGENDA_VERSION, last: 0, open: List::default() }
    }
}

/// The digest of what was proposed: of the item's code, the proposal's number and the whole change.
pub fn proposal_digest(code: &ItemCode, number: u32, change: &Change, primitives: &dyn Primitives) -> Digest {
    primitives.hash(&[PROPOSAL_DOMAIN, &codec::encode(&(code, number, change))])
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

/// What was proposed for an item.
pub fn proposal(state: &State, code: &ItemCode, number: u32) -> Result<Option<Proposal>, Missing> {
    PROPOSALS.get(state, &(code.clone(), number))
}

/// The open proposals of an item.
pub fn agenda(state: &State, code: &ItemCode) -> Result<Agenda, Missing> {
    Ok(AGENDAS.get(state, code)?.unwrap_or_default())
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

/// Who took over an item that no department leads yet: it has no version, and the department that its older catalogue names is not registered
/// here, or nothing that could be. None where a department leads it, and where there is no such item.
pub fn leaderless(state: &State, code: &ItemCode) -> Result<Option<AccountId>, Missing> {
    let Some(entry) = entry(state, code)? else { return Ok(None) };
    let is_led = !entry.editions.is_empty() || leading(state, code)?.is_some();
    Ok(entry.historic.filter(|_| !is_led).map(|historic| historic.importer))
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
        return broken("catalogue", "I1 items, versions and proposals stay for ever");
    }
    if let Some(version) = VERSIONS.record_of(write) {
        if version.number == 0 || version.effective_from < version.published_at {
            return broken(VERSIONS.name(), "I3 a version counts from 1 and never from before it was published");
        }
        if !crate::item_rules::findings(&version.code, &version.item).is_empty() {
            return broken(VERSIONS.name(), "I4 what is published passes every check");
        }
    }
    if let Some(proposal) = PROPOSALS.record_of(write)
        && proposal.settlement.is_some_and(|settled| settled.approved && settled.by == proposal.proposed_by)
    {
        return broken(PROPOSALS.name(), "I8 who proposes does not approve");
    }
    if let Some(agenda) = AGENDAS.record_of(write) {
        let is_ascending = agenda.open.is_sorted_by(|left, right| left < right);
        if !is_ascending || agenda.open.iter().any(|number| !(1..=agenda.last).contains(number)) {
            return broken(AGENDAS.name(), "I9 what is open was proposed, each once");
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
