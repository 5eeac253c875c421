//! The records. This is the only place with keys of the state.

use super::msg::MonthDay;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Stop, Table, Write};
use tongban_types::genesis::{Genesis, Parameters};
use tongban_types::{List, ValidatorSet};

/// The members; one record under the unit key.
pub const MEMBERS: Table<(), Members> = Table::new("network/members");
/// The parameters; one record under the unit key.
pub const PARAMETERS: Table<(), Parameters> = Table::new("network/parameters");
/// Calendars by year.
pub const CALENDARS: Table<u16, Calendar> = Table::new("network/calendars");

/// The members of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Members {
    /// The epoch since which they decide.
    pub since_epoch: u64,
    /// Who decides.
    pub validators: ValidatorSet,
}

/// The days of one year that differ from the week's rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// The year.
    pub year: u16,
    /// Counts editions from 1.
    pub edition: u16,
    /// Mondays to Fridays on which nobody works.
    pub days_off: List<MonthDay, 100>,
    /// Saturdays and Sundays on which people work.
    pub make_up_days: List<MonthDay, 100>,
}

/// Whether a department of this name runs one of the network's validators.
pub fn is_member(state: &State, department: &str) -> Result<bool, Missing> {
    let members = MEMBERS.get(state, &())?;
    let mut validators = members.iter().flat_map(|members| members.validators.validators());
    Ok(validators.any(|validator| &*validator.department == department))
}

/// The newest calendar of a year.
pub fn calendar(state: &State, year: u16) -> Result<Option<Calendar>, Missing> {
    CALENDARS.get(state, &year)
}

/// Whether people work on a day of the calendar's year.
pub fn is_working_day(calendar: &Calendar, day: MonthDay) -> bool {
    if is_weekend(calendar.year, day) {
        calendar.make_up_days.contains(&day)
    } else {
        !calendar.days_off.contains(&day)
    }
}

/// Whether the day exists in that year of the Gregorian calendar.
pub fn exists(year: u16, day: MonthDay) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match day.month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day.day)
}

/// Whether the day is a Saturday or Sunday, by Sakamoto's method. The day must exist.
pub fn is_weekend(year: u16, day: MonthDay) -> bool {
    const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let years = u32::from(year) - u32::from(day.month < 3);
    let shift = SHIFT[usize::from(day.month) - 1];
    let weekday = (years + years / 4 - years / 100 + years / 400 + shift + u32::from(day.day)) % 7;
    weekday == 0 || weekday == 6
}

/// Writes members and parameters as the genesis gives them (I1).
pub fn genesis(genesis: &Genesis, state: &mut State) -> Result<(), Stop> {
    MEMBERS.put(state, &(), &Members { since_epoch: 0, validators: genesis.validators.clone() });
    PARAMETERS.put(state, &(), &genesis.parameters);
    Ok(())
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    if write.value.is_none() {
        return Err(Broken { table: "network", invariant: "I4 calendars, members and parameters are not deleted" });
    }
    let Some(calendar) = CALENDARS.record_of(write) else { return Ok(()) };
    let days_in_order = [&calendar.days_off, &calendar.make_up_days].iter().all(|days| {
        days.is_sorted_by(|left, right| left < right) && days.iter().all(|day| exists(calendar.year, *day))
    });
    if !days_in_order {
        return Err(Broken { table: CALENDARS.name(), invariant: "I2 days exist, each once, in ascending order" });
    }
    let on_right_days = calendar.days_off.iter().all(|day| !is_weekend(calendar.year, *day))
        && calendar.make_up_days.iter().all(|day| is_weekend(calendar.year, *day));
    if !on_right_days {
        return Err(Broken { table: CALENDARS.name(), invariant: "I3 days off are weekdays, make-up days weekends" });
    }
    Ok(())
}
