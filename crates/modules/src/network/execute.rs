//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Event, MonthDay};
use super::state::{self, CALENDARS, Calendar, exists, is_weekend};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::{Digest, List};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    let Call::PublishCalendar { year, days_off, make_up_days, .. } = call;
    if !(2000..=2999).contains(year) {
        return Err(Error::Year);
    }
    for days in [days_off, make_up_days] {
        if !days.iter().all(|day| exists(*year, *day)) {
            return Err(Error::NoSuchDay); // I2
        }
        if !days.is_sorted_by(|left, right| left < right) {
            return Err(Error::Order); // I2
        }
    }
    if days_off.iter().any(|day| is_weekend(*year, *day)) {
        return Err(Error::DayOffOnWeekend); // I3
    }
    if !make_up_days.iter().all(|day| is_weekend(*year, *day)) {
        return Err(Error::MakeUpDayOnWeekday); // I3
    }
    Ok(())
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    let Call::PublishCalendar { year, .. } = call;
    vec![CALENDARS.state_key(state, year)]
}

/// Publishes the calendar of a year, or its next edition.
pub fn publish_calendar(
    year: u16,
    edition: u16,
    days_off: List<MonthDay, 100>,
    make_up_days: List<MonthDay, 100>,
    _ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let published = state::calendar(state, year)?.map_or(0, |calendar| calendar.edition);
    if published.checked_add(1) != Some(edition) {
        return Err(Error::Edition.into()); // I4
    }
    let calendar = Calendar { year, edition, days_off, make_up_days };
    CALENDARS.put(state, &year, &calendar);
    Ok(Event::CalendarPublished { calendar })
}
