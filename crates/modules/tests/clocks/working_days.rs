//! Days, working days and the ends of terms.

use super::walk::{Calendars, DAY_MILLIS, LAST_YEAR, Ledger, ask, calendar, calendars, time, walk};
use proptest::prelude::*;
use tongban_kernel::Missing;
use tongban_modules::items::{DayUnit, Term};
use tongban_modules::working_days::{
    BeijingDay, Deadline, after, after_calendar_days, after_working_days, day_with_left, is_working_day,
    working_days_after, working_days_between,
};
use tongban_types::Time;

fn deadline(calendars: &Calendars, from: &str, days: u16) -> (String, bool) {
    let Deadline { at, is_provisional } = ask(calendars, |state| after_working_days(state, time(from), days));
    (at.to_string(), is_provisional)
}

/// A spring holiday from Monday to Friday with a Sunday before and a Saturday behind made up for, and the turn of the year.
fn invented() -> Calendars {
    let year =
        calendar(2026, &[(1, 1), (1, 2), (2, 16), (2, 17), (2, 18), (2, 19), (2, 20)], &[(1, 4), (2, 15), (2, 28)]);
    Calendars::from([(2025, calendar(2025, &[], &[])), (2026, year)])
}

#[test]
fn a_term_ends_at_midnight_in_beijing_of_its_last_working_day() {
    let calendars = invented();
    for (from, days, expected) in [
        ("2026-03-02T02:00:00Z", 1, "2026-03-03T16:00:00.000Z"), // Monday, so Tuesday
        ("2026-03-02T15:59:59.999Z", 1, "2026-03-03T16:00:00.000Z"), // the last moment of Monday
        ("2026-03-02T16:00:00Z", 1, "2026-03-04T16:00:00.000Z"), // Tuesday already
        ("2026-03-02T02:00:00Z", 5, "2026-03-09T16:00:00.000Z"), // over a weekend
        ("2026-03-07T02:00:00Z", 5, "2026-03-13T16:00:00.000Z"), // from a Saturday
        ("2026-02-13T02:00:00Z", 1, "2026-02-15T16:00:00.000Z"), // the make-up Sunday
        ("2026-02-13T02:00:00Z", 2, "2026-02-23T16:00:00.000Z"), // behind the holiday
        ("2026-02-26T02:00:00Z", 2, "2026-02-28T16:00:00.000Z"), // the make-up Saturday
        ("2025-12-31T02:00:00Z", 1, "2026-01-04T16:00:00.000Z"), // over the turn of the year
        ("2025-12-31T16:00:00Z", 2, "2026-01-05T16:00:00.000Z"), // in Beijing that is 1 January
    ] {
        assert_eq!(deadline(&calendars, from, days), (expected.to_owned(), false), "{days} days from {from}");
    }
}

#[test]
fn a_term_without_days_ends_with_its_day_or_the_next_working_day() {
    let calendars = invented();
    for (from, expected) in [
        ("2026-03-02T02:00:00Z", "2026-03-02T16:00:00.000Z"),
        ("2026-02-15T02:00:00Z", "2026-02-15T16:00:00.000Z"), // a make-up Sunday
        ("2026-02-16T02:00:00Z", "2026-02-23T16:00:00.000Z"), // the first day of the holiday
        ("2026-03-07T02:00:00Z", "2026-03-09T16:00:00.000Z"), // a Saturday
    ] {
        assert_eq!(deadline(&calendars, from, 0).0, expected, "from {from}");
    }
    assert_eq!(after_calendar_days(time("2026-03-07T02:00:00Z"), 0).to_string(), "2026-03-07T16:00:00.000Z");
}

#[test]
fn a_deadline_is_provisional_where_a_calendar_is_missing_on_the_way_and_only_there() {
    let calendars = invented();
    assert_eq!(deadline(&calendars, "2026-12-30T02:00:00Z", 1), ("2026-12-31T16:00:00.000Z".to_owned(), false));
    assert_eq!(deadline(&calendars, "2026-12-30T02:00:00Z", 2), ("2027-01-01T16:00:00.000Z".to_owned(), true));
    assert_eq!(deadline(&calendars, "2024-12-31T02:00:00Z", 1), ("2025-01-01T16:00:00.000Z".to_owned(), false));
    assert_eq!(deadline(&calendars, "2024-12-30T02:00:00Z", 2), ("2025-01-01T16:00:00.000Z".to_owned(), true));
    let term = Term { days: 400, unit: DayUnit::CalendarDay };
    assert!(!ask(&calendars, |state| after(state, time("2026-12-30T02:00:00Z"), term)).is_provisional);
}

#[test]
fn the_deadline_itself_is_too_late() {
    let deadline = ask(&invented(), |state| after_working_days(state, time("2026-03-02T02:00:00Z"), 1));
    assert!(!deadline.is_over(time("2026-03-03T15:59:59.999Z")));
    assert!(deadline.is_over(time("2026-03-03T16:00:00Z")));
    assert_eq!(deadline.last_day(), BeijingDay::of(time("2026-03-03T02:00:00Z")));
}

#[test]
fn the_greatest_term_and_the_last_times_end_without_a_panic() {
    let ledger = Ledger::with_all_years_loaded(&Calendars::new());
    let last = ledger.ask(|state| after_working_days(state, Time::MAX, u16::MAX));
    assert_eq!(last, Deadline { at: Time::MAX, is_provisional: true });
    assert_eq!(after_calendar_days(Time::MAX, u16::MAX), Time::MAX);
    assert_eq!(after_calendar_days(time("1970-01-01T00:00:00Z"), 0).to_string(), "1970-01-01T16:00:00.000Z");
    let far = ledger.ask(|state| after_working_days(state, time("2026-03-02T02:00:00Z"), u16::MAX));
    assert_eq!(far.at.to_string(), "2277-05-14T16:00:00.000Z"); // 13,107 weeks behind a Monday
    let whole = ledger.ask(|state| working_days_between(state, Time::default(), Time::MAX));
    assert_eq!(whole, 2_932_897 / 7 * 5 + 1, "418,985 weeks from a Thursday, and a Friday and a Saturday");
}

#[test]
fn every_day_of_eight_thousand_years_has_its_date() {
    let (mut year, mut month, mut day) = (1970u16, 1u8, 1u8);
    let mut begin = Time::default();
    while year < 10_000 {
        let (found, date) = BeijingDay::of(begin).date();
        assert_eq!((found, date.month, date.day), (year, month, day));
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last =
            if month == 2 { 28 + u8::from(is_leap) } else { 30 + u8::from([1, 3, 5, 7, 8, 10, 12].contains(&month)) };
        day += 1;
        if day > last {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
        begin = begin.plus_millis(DAY_MILLIS);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The end of a term is that of the walk, and so is whether a calendar was missing.
    #[test]
    fn a_term_ends_where_a_walk_from_day_to_day_does(
        calendars in calendars(), start in 0..3_000usize, moment in 0..DAY_MILLIS, days in 0..300u16,
    ) {
        let days_walked = walk(&calendars);
        let from = days_walked[start].begin.plus_millis(moment);
        let mut left = days;
        let mut place = start;
        let mut is_provisional = !days_walked[start].has_calendar && days == 0;
        if days == 0 {
            while !days_walked[place].is_working {
                place += 1;
                is_provisional |= !days_walked[place].has_calendar;
            }
        }
        while left > 0 {
            place += 1;
            left -= u16::from(days_walked[place].is_working);
            is_provisional |= !days_walked[place].has_calendar;
        }
        prop_assert!(days_walked[place].year <= LAST_YEAR);
        let expected = Deadline { at: days_walked[place].begin.plus_millis(DAY_MILLIS), is_provisional };
        prop_assert_eq!(ask(&calendars, |state| after_working_days(state, from, days)), expected);
        prop_assert_eq!(after_calendar_days(from, days), days_walked[start + usize::from(days)].begin.plus_millis(DAY_MILLIS));
    }

    /// The number of working days between two times is that of the walk; and it is the inverse of the end of a term.
    #[test]
    fn working_days_between_two_times_are_those_of_a_walk(
        calendars in calendars(), from in 0..4_000usize, to in 0..4_000usize, moments in (0..DAY_MILLIS, 0..DAY_MILLIS),
    ) {
        let days = walk(&calendars);
        let expected = days.get(from + 1..=to).unwrap_or_default().iter().filter(|day| day.is_working).count();
        let (start, end) = (days[from].begin.plus_millis(moments.0), days[to].begin.plus_millis(moments.1));
        let question = |state: &_| working_days_between(state, start, end);
        prop_assert_eq!(ask(&calendars, question) as usize, expected);
        if let Ok(expected @ 1..) = u16::try_from(expected) {
            let at = ask(&calendars, |state| after_working_days(state, start, expected)).at;
            prop_assert!(at <= days[to].begin.plus_millis(DAY_MILLIS), "the term ends no later than the last day that was counted");
            prop_assert!(days[from + 1..=to].iter().filter(|day| day.begin >= at).all(|day| !day.is_working));
        }
    }

    /// A single day is a working day where the walk says so.
    #[test]
    fn a_working_day_is_one_of_the_walk(calendars in calendars(), place in 0..5_000usize) {
        let day = walk(&calendars)[place];
        prop_assert_eq!(ask(&calendars, |state| is_working_day(state, BeijingDay::of(day.begin))), day.is_working);
        prop_assert_eq!(BeijingDay::of(day.begin).date(), (day.year, day.date));
        prop_assert_eq!(BeijingDay::of(day.begin).begin(), day.begin);
    }

    /// Going back from a day, so many working days are left behind the day found, and more behind the one before.
    #[test]
    fn the_day_with_so_many_days_left_is_the_first_such(
        calendars in calendars(), last in 1_000..5_000usize, left in 0..200u16,
    ) {
        let days = walk(&calendars);
        let last_day = BeijingDay::of(days[last].begin);
        let found = ask(&calendars, |state| day_with_left(state, last_day, left));
        let behind = |day: BeijingDay| -> u32 { ask(&calendars, |state| -> Result<u32, Missing> { working_days_after(state, day, last_day) }) };
        prop_assert_eq!(behind(found), u32::from(left));
        let before = days.iter().rev().find(|day| BeijingDay::of(day.begin) < found).expect("a day before");
        prop_assert!(behind(BeijingDay::of(before.begin)) > u32::from(left));
    }
}
