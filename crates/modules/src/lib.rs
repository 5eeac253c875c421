//! The domain modules of Tongban and the registry that puts them together.
//!
//! **Architecture invariant:** modules are pure and never see the engine, HTTP or storage. A module reads another's public
//! functions and writes only its own tables.
//!
//! Read [`evidence`] first: it is the model that the others follow. What several modules reckon with (flows, conditions, forms, limits of
//! the law) stands beside their folders, as pure functions without records.

pub mod cards;
pub mod case_history;
pub mod catalogue;
pub mod clocks;
pub mod conditions;
pub mod departments;
pub mod evidence;
pub mod expressions;
pub mod flow;
pub mod forms;
pub mod history;
pub mod identity;
pub mod item_rules;
pub mod items;
pub mod law;
pub mod network;
pub mod offices;
pub mod orgs;
pub mod process_report;
mod registry;
#[cfg(test)]
mod test_cast;
pub mod working_days;

pub use registry::{Call, Event, Query, RULES, Record, View, decode_record, explain, specs};
