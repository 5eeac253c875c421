//! Working days (工作日) and the ends of terms, in Beijing time.
//!
//! A day is a day in Beijing: UTC+8, without daylight saving. Which days people work is never computed from rules but read from the
//! calendars that the module `network` holds, one for each year: Monday to Friday without the days off, and the make-up days
//! (调休上班日). Where the calendar of a year is not published yet, weekends alone are off and the deadline says that it is provisional.
//!
//! The day on which a term begins does not count, and a term ends with its last day at 24:00 (行政许可法 第八十二条: terms of that law are
//! working days). At [`Deadline::at`] it is over: what happens at that very moment is late, and an act of time that is scheduled
//! for it finds the term over.
//!
//! Absent on purpose: a term in calendar days whose last day is a holiday is not moved behind it. Whoever means the general rule of civil law
//! (民法典 第二百零三条) says so with a term in working days.

use crate::items::{DayUnit, Term};
use crate::network::{self, Calendar, MonthDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, State};
use tongban_types::Time;

const DAY_MILLIS: u64 = 86_400_000;
/// Beijing is ahead of UTC.
const BEIJING_AHEAD_MILLIS: u64 = 8 * 3_600_000;

/// When a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// 24:00 in Beijing at the end of the last day; from this moment on it is too late.
    pub at: Time,
    /// Whether a year's calendar was missing, so that only weekends were taken for days off.
    pub is_provisional: bool,
}

impl Deadline {
    /// Whether the term is over at a time.
    pub fn is_over(&self, at: Time) -> bool {
        at >= self.at
    }

    /// The last day of the term.
    pub fn last_day(&self) -> BeijingDay {
        BeijingDay(BeijingDay::of(self.at).0.saturating_sub(1))
    }
}

/// A day in Beijing, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BeijingDay(u32);

impl BeijingDay {
    /// The day in which a time lies.
    pub fn of(time: Time) -> Self {
        let days = (time.as_millis() + BEIJING_AHEAD_MILLIS) / DAY_MILLIS;
        Self(u32::try_from(days).expect("times end with the year 9999"))
    }

    /// Its first moment, 00:00 in Beijing; never before 1970 or after [`Time::MAX`].
    pub fn begin(self) -> Time {
        let millis = (u64::from(self.0) * DAY_MILLIS).saturating_sub(BEIJING_AHEAD_MILLIS);
        Time::default().plus_millis(millis)
    }

    /// The moment after its last, 24:00 in Beijing.
    pub fn end(self) -> Time {
        self.plus_days(1).begin()
    }

    /// The day so many days later.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0 + u32::from(days)) // days end with the year 9999, below 3 million
    }

    /// Days from `earlier` to this day, 0 where it is not earlier.
    pub fn days_since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Year, month and day of the Gregorian calendar.
    pub fn date(self) -> (u16, MonthDay) {
        // Years begin on 1 March here, so that the leap day is the last: 400 of them have 146,097 days.
        let shifted = self.0 + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + u32::from(month <= 2);
        let month_day = MonthDay { month: narrow(month), day: narrow(day) };
        (u16::try_from(year).expect("days end soon after the year 9999"), month_day)
    }
}

/// Months and days of a month.
fn narrow(number: u32) -> u8 {
    u8::try_from(number).expect("at most 31")
}

/// One year: its days, from the first to before the first of the next, and its calendar.
struct Year {
    begin: u32,
    end: u32,
    calendar: Option<Calendar>,
}

impl Year {
    fn of(state: &State, day: u32) -> Result<Self, Missing> {
        let (year, MonthDay { month, day: day_of_month }) = BeijingDay(day).date();
        let calendar = network::calendar(state, year)?;
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let begin = day - days_before(is_leap, month) - (u32::from(day_of_month) - 1);
        Ok(Self { begin, end: begin + 365 + u32::from(is_leap), calendar })
    }

    /// Working days from a day to before another, both of this year.
    fn working_days(&self, from: u32, to: u32) -> u32 {
        let weekdays = weekdays_before(to) - weekdays_before(from);
        let Some(calendar) = &self.calendar else { return weekdays };
        let is_leap = self.end - self.begin == 366;
        let among = |days: &[MonthDay]| {
            let before = |limit| {
                let day_of = |day: &MonthDay| self.begin + days_before(is_leap, day.month) + u32::from(day.day) - 1;
                days.partition_point(|day| day_of(day) < limit)
            };
            u32::try_from(before(to) - before(from)).expect("a year has at most 100 of them")
        };
        weekdays + among(&calendar.make_up_days) - among(&calendar.days_off) // days off are weekdays
    }
}

/// Days of a year before a month of it.
fn days_before(is_leap: bool, month: u8) -> u32 {
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[usize::from(month) - 1] + u32::from(is_leap && month > 2)
}

/// Mondays to Fridays before a day, from the Monday before 1970-01-01, which was a Thursday.
fn weekdays_before(day: u32) -> u32 {
    let days = day + 3;
    days / 7 * 5 + (days % 7).min(5)
}

/// The smallest number in a range for which the condition holds, where it holds for all behind it too; the range's end where there is none.
fn first(mut from: u32, mut to: u32, holds: impl Fn(u32) -> bool) -> u32 {
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

/// Whether people work on a day; by the week alone where no calendar is published.
pub fn is_working_day(state: &State, day: BeijingDay) -> Result<bool, Missing> {
    Ok(Year::of(state, day.0)?.working_days(day.0, day.0 + 1) == 1)
}

/// The end of the last of so many working days after the day of `from`. With no day at all, as for what is done on the spot, the term ends with
/// the day itself, or with the next working day where nobody works on it.
pub fn after_working_days(state: &State, from: Time, days: u16) -> Result<Deadline, Missing> {
    let mut begin = BeijingDay::of(from).0 + u32::from(days > 0);
    let mut left = u32::from(days.max(1));
    let mut is_provisional = false;
    loop {
        let year = Year::of(state, begin)?;
        is_provisional |= year.calendar.is_none();
        let in_year = year.working_days(begin, year.end);
        if in_year >= left {
            let last = first(begin, year.end, |day| year.working_days(begin, day + 1) >= left);
            return Ok(Deadline { at: BeijingDay(last).end(), is_provisional });
        }
        left -= in_year; // a year has more than 150 working days, so this ends
        begin = year.end;
    }
}

/// The end of the last of so many days after the day of `from`; of that day itself where there are none.
pub fn after_calendar_days(from: Time, days: u16) -> Time {
    BeijingDay::of(from).plus_days(days).end()
}

/// The end of a term that begins on the day of `from`.
pub fn after(state: &State, from: Time, term: Term) -> Result<Deadline, Missing> {
    match term.unit {
        DayUnit::WorkingDay => after_working_days(state, from, term.days),
        DayUnit::CalendarDay => Ok(Deadline { at: after_calendar_days(from, term.days), is_provisional: false }),
    }
}

/// Working days after the day of `from`, up to and with the day of `to`; none where that is not later.
pub fn working_days_between(state: &State, from: Time, to: Time) -> Result<u32, Missing> {
    working_days_after(state, BeijingDay::of(from), BeijingDay::of(to))
}

/// Working days after a day, up to and with the other; none where that is not later.
pub fn working_days_after(state: &State, after: BeijingDay, until: BeijingDay) -> Result<u32, Missing> {
    let mut begin = after.0 + 1;
    let mut days = 0;
    while begin <= until.0 {
        let year = Year::of(state, begin)?;
        let end = year.end.min(until.0 + 1);
        days += year.working_days(begin, end);
        begin = end;
    }
    Ok(days)
}

/// The first day after which, up to and with `last`, at most so many working days are left.
pub fn day_with_left(state: &State, last: BeijingDay, days: u16) -> Result<BeijingDay, Missing> {
    let mut left = u32::from(days);
    let mut end = last.0 + 1;
    while end > 0 {
        let year = Year::of(state, end - 1)?;
        let in_year = year.working_days(year.begin, end);
        if in_year > left {
            let begin = first(year.begin, end, |day| year.working_days(day, end) <= left);
            return Ok(BeijingDay(begin - 1)); // not the first of the year, after which more are left
        }
        left -= in_year;
        end = year.begin;
    }
    Ok(BeijingDay(0))
}
