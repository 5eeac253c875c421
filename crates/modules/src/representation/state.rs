//! The records. This is the only place with keys of the state.

use super::msg::{AgentAct, Capacity, Mandate, REPRESENTATIVES_MAX};
use crate::catalogue::ItemCode;
use crate::identity::{self, EndingKind, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, Time};

/// The legal representatives of organisations.
pub const REPRESENTATIVES: Table<AccountId, Representatives> = Table::new("representation/representatives");
/// The guardians of persons.
pub const GUARDIANS: Table<AccountId, Guardians> = Table::new("representation/guardians");
/// All agencies by the number of the receipt that began them.
pub const AGENCIES: Table<u64, Agency> = Table::new("representation/agencies");
/// Who administers the estates of persons who died.
pub const ESTATES: Table<AccountId, Estate> = Table::new("representation/estates");
/// The agencies by principal and agent.
pub const BETWEEN: Table<(AccountId, AccountId), Numbers> = Table::new("representation/between");

/// The version of the formats.
pub const RECORD_VERSION: u16 = 1;
/// Guardians of one person at a time.
pub const GUARDIANS_MAX: usize = 8;
/// Administrators of one estate at a time.
pub const ADMINISTRATORS_MAX: usize = 8;
/// What whoever administers an estate may do: bring what there is to its end, and ask that what is wrong be put right. He files nothing anew and consents to
/// nothing (民法典 第一千一百四十七条: to take stock, keep, settle and divide). Licences are given back to whoever has issued them.
pub const ESTATE_ACTS: [AgentAct; 3] = [AgentAct::Withdraw, AgentAct::Receive, AgentAct::Appeal];
/// Agencies in force between a principal and an agent.
pub const BETWEEN_MAX: usize = 16;

/// Numbers of agencies, oldest first.
pub type Numbers = List<u64, BETWEEN_MAX>;

/// Who acts for an organisation by law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Representatives {
    /// The version of this format.
    pub version: u16,
    /// The persons' accounts.
    pub persons: List<AccountId, REPRESENTATIVES_MAX>,
    /// The department that recorded it.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// Since when: the block's time.
    pub since: Time,
    /// The receipt.
    pub receipt: u64,
}

/// Who acts for a person who cannot. Those that are over stay until room is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guardians {
    /// The version of this format.
    pub version: u16,
    /// The guardianships, oldest first.
    pub guardianships: List<Guardianship, GUARDIANS_MAX>,
}

/// That a person acts for another who cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guardianship {
    /// The guardian.
    pub guardian: AccountId,
    /// Since when: the block's time.
    pub since: Time,
    /// Until when, exclusively.
    pub until: Option<Time>,
    /// The department that recorded it.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// The receipt.
    pub receipt: u64,
}

/// Who administers the estate of a person who died (遗产管理人). Those that are over stay until room is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estate {
    /// The version of this format.
    pub version: u16,
    /// The administrations, oldest first.
    pub administrations: List<Administration, ADMINISTRATORS_MAX>,
}

/// That somebody administers the estate of a person who died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Administration {
    /// The administrator: a person or an organisation.
    pub administrator: AccountId,
    /// Since when: the block's time.
    pub since: Time,
    /// Until when, exclusively.
    pub until: Time,
    /// The department that recorded it.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// The receipt.
    pub receipt: u64,
}

/// What a principal lets an agent do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agency {
    /// The version of this format.
    pub version: u16,
    /// For whom he acts.
    pub principal: AccountId,
    /// Who acts.
    pub agent: AccountId,
    /// What he may do, and until when.
    pub mandate: Mandate,
    /// Who named him.
    pub given_by: AccountId,
    /// As what.
    pub given_as: Capacity,
    /// When: the block's time.
    pub given_at: Time,
    /// That it was ended before its term.
    pub end: Option<AgencyEnd>,
}

/// That an agency was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgencyEnd {
    /// How.
    pub kind: AgencyEndKind,
    /// Who ended it.
    pub by: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How an agency was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgencyEndKind {
    /// On the principal's side (撤销).
    Revoked,
    /// By the agent (辞去).
    Renounced,
}

impl Guardianship {
    /// Whether it lasts at a time.
    pub fn lasts(&self, at: Time) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Administration {
    /// Whether it lasts at a time.
    pub fn lasts(&self, at: Time) -> bool {
        self.since <= at && at < self.until
    }
}

impl Mandate {
    /// Whether it is for this item, or for what is of no item.
    fn is_for(&self, item: Option<&ItemCode>) -> bool {
        match (&self.items, item) {
            (None, _) => true,
            (Some(items), Some(item)) => items.contains(item),
            (Some(_), None) => false,
        }
    }

    /// Whether it admits this act; without one, whether it admits all of them.
    fn admits(&self, act: Option<AgentAct>) -> bool {
        match (&self.acts, act) {
            (None, _) => true,
            (Some(acts), Some(act)) => acts.contains(&act),
            (Some(_), None) => false,
        }
    }
}

impl Agency {
    /// Whether its term has begun and is not over, and nobody has ended it.
    pub fn lasts(&self, at: Time) -> bool {
        let is_ended = self.end.as_ref().is_some_and(|end| end.at <= at);
        !is_ended && self.mandate.from.unwrap_or(self.given_at) <= at && at < self.mandate.until
    }
}

/// An agency.
pub fn agency(state: &State, number: u64) -> Result<Option<Agency>, Missing> {
    AGENCIES.get(state, &number)
}

/// Whether and as what an account may do **anything** for a principal: an agency for certain acts does not suffice, see [`capacity_for`]. With
/// an item, what is about that item; without one, what is about none.
pub fn capacity(
    state: &State,
    actor: &AccountId,
    principal: &AccountId,
    item: Option<&ItemCode>,
    at: Time,
) -> Result<Option<Capacity>, Missing> {
    find(state, actor, principal, item, None, at)
}

/// Whether and as what an account may do this act for a principal.
pub fn capacity_for(
    state: &State,
    actor: &AccountId,
    principal: &AccountId,
    item: Option<&ItemCode>,
    act: AgentAct,
    at: Time,
) -> Result<Option<Capacity>, Missing> {
    find(state, actor, principal, item, Some(act), at)
}

fn find(
    state: &State,
    actor: &AccountId,
    principal: &AccountId,
    item: Option<&ItemCode>,
    act: Option<AgentAct>,
    at: Time,
) -> Result<Option<Capacity>, Missing> {
    let Some(acting) = identity::successor(state, principal)? else { return Ok(None) };
    if identity::status(state, actor)? != Status::Active {
        return Ok(None); // I2
    }
    match identity::status(state, &acting)? {
        Status::Active => {}
        Status::Deceased if act.is_some_and(|act| ESTATE_ACTS.contains(&act)) => {
            let is_known = identity::level(state, actor)?.is_some(); // I1
            let administers = is_known && is_administrator(state, actor, &acting, at)?;
            return Ok(administers.then_some(Capacity::EstateAdministrator)); // I7
        }
        Status::Unknown
        | Status::Suspended
        | Status::Frozen(_)
        | Status::Deceased
        | Status::Dissolved
        | Status::MergedInto(_) => return Ok(None), // I2
    }
    let capacity = match by_right(state, actor, &acting, at)? {
        Some(Capacity::Oneself) if acting != *principal => Some(Capacity::Successor),
        Some(capacity) => Some(capacity),
        None => by_agency(state, actor, &acting, item, act, at)?,
    };
    let is_for_another = capacity.is_some_and(|capacity| capacity != Capacity::Oneself);
    if is_for_another && identity::level(state, actor)?.is_none() {
        return Ok(None); // I1: a binding can be corrected after somebody was recorded or named
    }
    Ok(capacity)
}

/// Whether an account administers the estate of a person who has died: what was recorded upon a death that was annulled counts for nothing.
fn is_administrator(state: &State, actor: &AccountId, deceased: &AccountId, at: Time) -> Result<bool, Missing> {
    let Some(account) = identity::account(state, deceased)? else { return Ok(false) };
    let Some(ending) = account.ending.filter(|ending| ending.kind == EndingKind::Deceased) else { return Ok(false) };
    let Some(estate) = ESTATES.get(state, deceased)? else { return Ok(false) };
    let is_meant =
        |entry: &Administration| entry.administrator == *actor && ending.at <= entry.since && entry.lasts(at);
    Ok(estate.administrations.iter().any(is_meant))
}

/// Whether an account has been the guardian of another since a time, and still is.
pub fn is_guardian_since(
    state: &State,
    actor: &AccountId,
    ward: &AccountId,
    since: Time,
    at: Time,
) -> Result<bool, Missing> {
    let Some(guardians) = GUARDIANS.get(state, ward)? else { return Ok(false) };
    let is_meant = |entry: &Guardianship| entry.guardian == *actor && entry.since <= since && entry.lasts(at);
    Ok(guardians.guardianships.iter().any(is_meant))
}

/// As what an account stands for a principal by itself or by law.
pub fn by_right(
    state: &State,
    actor: &AccountId,
    principal: &AccountId,
    at: Time,
) -> Result<Option<Capacity>, Missing> {
    if actor == principal {
        return Ok(Some(Capacity::Oneself));
    }
    let representatives = REPRESENTATIVES.get(state, principal)?;
    if representatives.is_some_and(|representatives| representatives.persons.contains(actor)) {
        return Ok(Some(Capacity::LegalRepresentative));
    }
    Ok(is_guardian(state, actor, principal, at)?.then_some(Capacity::Guardian))
}

fn is_guardian(state: &State, actor: &AccountId, ward: &AccountId, at: Time) -> Result<bool, Missing> {
    let Some(guardians) = GUARDIANS.get(state, ward)? else { return Ok(false) };
    Ok(guardians.guardianships.iter().any(|entry| entry.guardian == *actor && entry.lasts(at)))
}

fn by_agency(
    state: &State,
    actor: &AccountId,
    principal: &AccountId,
    item: Option<&ItemCode>,
    act: Option<AgentAct>,
    at: Time,
) -> Result<Option<Capacity>, Missing> {
    for number in BETWEEN.get(state, &(*principal, *actor))?.unwrap_or_default().iter() {
        let Some(agency) = agency(state, *number)? else { continue };
        let is_within = agency.lasts(at) && agency.mandate.is_for(item) && agency.mandate.admits(act); // I2
        if is_within && is_still_given(state, &agency, at)? {
            return Ok(Some(Capacity::Agent { agency: *number }));
        }
    }
    Ok(None)
}

fn is_still_given(state: &State, agency: &Agency, at: Time) -> Result<bool, Missing> {
    match agency.given_as {
        Capacity::Guardian => {
            let is_active = identity::status(state, &agency.given_by)? == Status::Active;
            Ok(is_active && is_guardian(state, &agency.given_by, &agency.principal, at)?) // I4
        }
        Capacity::Oneself | Capacity::LegalRepresentative | Capacity::Successor => Ok(true),
        Capacity::Agent { .. } | Capacity::EstateAdministrator => Ok(false), // I3
    }
}

/// Whether an account stands on the side of a principal: itself, by law, or under an agency that lasts, for whatever items and acts, and
/// whether or not either may act now. Who does has no business in office there (回避).
pub fn stands_for(state: &State, actor: &AccountId, principal: &AccountId, at: Time) -> Result<bool, Missing> {
    let acting = identity::successor(state, principal)?.filter(|acting| acting != principal);
    for principal in std::iter::once(principal).chain(&acting) {
        if by_right(state, actor, principal, at)?.is_some() || is_administrator(state, actor, principal, at)? {
            return Ok(true);
        }
        for number in BETWEEN.get(state, &(*principal, *actor))?.unwrap_or_default().iter() {
            if agency(state, *number)?.is_some_and(|agency| agency.lasts(at)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("representation", "I5 records stay for ever");
    }
    let Some(agency) = AGENCIES.record_of(write) else { return Ok(()) };
    if agency.agent == agency.principal {
        return broken(AGENCIES.name(), "I1 nobody is his own agent");
    }
    if !agency.given_as.is_of_own_right() {
        return broken(AGENCIES.name(), "I3 an agent names no agents");
    }
    if agency.mandate.until <= agency.mandate.from.unwrap_or(agency.given_at) {
        return broken(AGENCIES.name(), "I2 an agency has a term");
    }
    Ok(())
}
