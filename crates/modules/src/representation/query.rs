//! One function for each question.

use super::msg::{AgentAct, View};
use super::state::{self, AGENCIES, BETWEEN, ESTATES, GUARDIANS, REPRESENTATIVES};
use crate::catalogue::ItemCode;
use tongban_kernel::{State, Stop};
use tongban_types::{AccountId, Time};

/// The legal representatives of an organisation.
pub fn representatives(organisation: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Representatives { representatives: REPRESENTATIVES.get(state, organisation)? })
}

/// The guardians of a person.
pub fn guardians(ward: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Guardians { guardians: GUARDIANS.get(state, ward)? })
}

/// One agency.
pub fn agency(number: u64, state: &State) -> Result<View, Stop> {
    Ok(View::Agency { agency: AGENCIES.get(state, &number)?.map(Box::new) })
}

/// The agencies that an agent has from a principal.
pub fn agencies(principal: &AccountId, agent: &AccountId, state: &State) -> Result<View, Stop> {
    let numbers = BETWEEN.get(state, &(*principal, *agent))?.unwrap_or_default();
    Ok(View::Agencies { agencies: numbers.into_vec() })
}

/// As what somebody may act for a principal.
pub fn capacity(
    actor: &AccountId,
    principal: &AccountId,
    item: Option<&ItemCode>,
    act: Option<AgentAct>,
    at: Time,
    state: &State,
) -> Result<View, Stop> {
    let capacity = match act {
        Some(act) => state::capacity_for(state, actor, principal, item, act, at)?,
        None => state::capacity(state, actor, principal, item, at)?,
    };
    Ok(View::Capacity { capacity })
}

/// Who administers the estate of a person who died.
pub fn estate(deceased: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Estate { estate: ESTATES.get(state, deceased)? })
}
