//! The domain modules of Tongban and the registry that puts them together.
//!
//! **Architecture invariant:** modules are pure and never see the engine, HTTP or storage. A module reads another's public
//! functions and writes only its own tables.
//!
//! Read [`evidence`] first: it is the model that the others follow. What several modules reckon with (flows, conditions, forms, limits of
//! the law) stands beside their folders, as pure functions without records.

pub mod cards;
pub mod case_cards;
pub mod case_entries;
pub mod case_facts;
pub mod case_forecast;
pub mod case_hearings;
pub mod case_history;
pub mod case_licences;
pub mod case_materials;
pub mod case_moments;
pub mod case_papers;
#[cfg(test)]
mod case_properties;
pub mod case_ratings;
pub mod case_reasons;
pub mod case_records;
pub mod case_recusal;
pub mod case_responsibility;
pub mod case_sources;
pub mod case_states;
pub mod case_step_reasons;
pub mod case_steps;
#[cfg(test)]
mod case_stories_of_counters;
#[cfg(test)]
mod case_stories_of_departments;
#[cfg(test)]
mod case_stories_of_ends;
#[cfg(test)]
mod case_stories_of_exchange;
#[cfg(test)]
mod case_stories_of_gaps;
#[cfg(test)]
mod case_stories_of_hearings;
#[cfg(test)]
mod case_stories_of_items;
#[cfg(test)]
mod case_stories_of_losses;
#[cfg(test)]
mod case_stories_of_papers;
#[cfg(test)]
mod case_stories_of_recusal;
#[cfg(test)]
mod case_stories_of_remedies;
#[cfg(test)]
mod case_stories_of_renewal;
#[cfg(test)]
mod case_stories_of_rights;
#[cfg(test)]
mod case_stories_of_rounds;
#[cfg(test)]
mod case_stories_of_sources;
#[cfg(test)]
mod case_stories_of_steps;
#[cfg(test)]
mod case_stories_of_supervision;
#[cfg(test)]
mod case_stories_of_time;
#[cfg(test)]
mod case_stories_of_waiting;
#[cfg(test)]
mod case_test_cast;
pub mod cases;
pub mod catalogue;
#[cfg(test)]
mod catalogue_stories;
pub mod citizen_numbers;
pub mod clocks;
pub mod code_standards;
pub mod conditions;
pub mod departments;
#[cfg(test)]
mod dispute_stories;
#[cfg(test)]
mod division_stories;
pub mod divisions;
#[cfg(test)]
mod ending_stories;
#[cfg(test)]
mod estate_stories;
pub mod evidence;
pub mod expressions;
pub mod filled_forms;
pub mod flow;
pub mod forms;
#[cfg(test)]
mod four_eyes_stories;
#[cfg(test)]
mod freeze_stories;
pub mod held;
pub mod history;
pub mod identity;
pub mod item_rules;
pub mod items;
pub mod law;
pub mod licence_copies;
pub mod licence_history;
pub mod licence_metadata;
pub mod licence_rules;
#[cfg(test)]
mod licence_stories_of_copies;
#[cfg(test)]
mod licence_stories_of_drafts;
#[cfg(test)]
mod licence_stories_of_grants;
#[cfg(test)]
mod licence_stories_of_holders;
#[cfg(test)]
mod licence_stories_of_imports;
#[cfg(test)]
mod licence_stories_of_moves;
#[cfg(test)]
mod licence_stories_of_recusal;
#[cfg(test)]
mod licence_stories_of_surrenders;
#[cfg(test)]
mod licence_stories_of_time;
pub mod licence_surrenders;
#[cfg(test)]
mod licence_test_cast;
pub mod licence_types;
pub mod licences;
mod messages;
pub mod network;
#[cfg(test)]
mod office_stories;
pub mod offices;
#[cfg(test)]
mod one_account_stories;
pub mod orgs;
pub mod prefill;
#[cfg(test)]
mod prefill_stories;
pub mod process_report;
#[cfg(test)]
mod publishing_stories;
pub mod recovery;
#[cfg(test)]
mod recovery_stories;
mod registry;
pub mod representation;
pub mod sharing;
#[cfg(test)]
mod sharing_stories;
#[cfg(test)]
mod test_cast;
#[cfg(test)]
mod transfer_stories;
#[cfg(test)]
mod ward_stories;
pub mod working_days;

pub use registry::{Act, Call, Event, Query, RULES, Record, View, decode_record, explain, specs};
