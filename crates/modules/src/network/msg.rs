//! Everything that crosses the boundary of the module.

use super::state::{Calendar, Members};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::List;
use tongban_types::genesis::Parameters;

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Publish the working-day calendar of a year, or its next edition.
    PublishCalendar {
        /// The year, 2000 to 2999.
        year: u16,
        /// 1 for the first, then one more each time.
        edition: u16,
        /// Mondays to Fridays on which nobody works, ascending.
        days_off: List<MonthDay, 100>,
        /// Saturdays and Sundays on which people work, ascending.
        make_up_days: List<MonthDay, 100>,
    },
}

/// A day of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// The members of the network.
    Members {},
    /// Limits and clocks.
    Parameters {},
    /// The newest calendar of a year.
    Calendar {
        /// The year.
        year: u16,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The members of the network.
    Members {
        /// Its validators, by department.
        members: Option<Members>,
    },
    /// Limits and clocks.
    Parameters {
        /// As the genesis gives them.
        parameters: Option<Parameters>,
    },
    /// The newest calendar of a year.
    Calendar {
        /// The calendar, where one is published.
        calendar: Option<Calendar>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A calendar was published.
    CalendarPublished {
        /// The whole calendar, so that old editions stay readable.
        calendar: Calendar,
    },
}
