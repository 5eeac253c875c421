//! Clocks.

use super::walk::{Calendars, DAY_MILLIS, WalkedDay, ask, calendar, calendars, time, walk};
use proptest::prelude::*;
use tongban_kernel::State;
use tongban_modules::clocks::{Clock, ClockError, Phase};
use tongban_modules::items::{DayUnit, Term};
use tongban_types::{Time, codec};

fn working(days: u16) -> Term {
    Term { days, unit: DayUnit::WorkingDay }
}

/// Monday to Wednesday, 9 to 11 March 2026, are off; Saturday the 14th is made up for.
fn invented() -> Calendars {
    Calendars::from([(2026, calendar(2026, &[(3, 9), (3, 10), (3, 11)], &[(3, 14)]))])
}

fn deadline(calendars: &Calendars, clock: &Clock) -> Option<String> {
    ask(calendars, |state| clock.deadline(state)).map(|deadline| deadline.at.to_string())
}

fn stopped(calendars: &Calendars, clock: Clock, at: &str) -> Result<Clock, ClockError> {
    ask(calendars, |state| {
        let mut clock = clock;
        clock.stop(state, time(at)).map(|done| done.map(|()| clock))
    })
}

fn resumed(mut clock: Clock, at: &str) -> Result<Clock, ClockError> {
    clock.resume(time(at)).map(|()| clock)
}

fn extended(calendars: &Calendars, clock: Clock, days: u16, at: &str) -> Result<Clock, ClockError> {
    ask(calendars, |state| {
        let mut clock = clock;
        clock.extend(state, days, time(at)).map(|done| done.map(|()| clock))
    })
}

fn finished(calendars: &Calendars, clock: Clock, at: &str) -> Result<Clock, ClockError> {
    ask(calendars, |state| {
        let mut clock = clock;
        clock.finish(state, time(at)).map(|done| done.map(|()| clock))
    })
}

#[test]
fn a_stop_moves_the_deadline_by_the_working_days_between() {
    let calendars = invented();
    let clock = Clock::start(working(5), time("2026-03-02T02:00:00Z")); // Monday
    assert_eq!(deadline(&calendars, &clock).as_deref(), Some("2026-03-12T16:00:00.000Z"));
    let clock = stopped(&calendars, clock, "2026-03-04T02:00:00Z").expect("it runs");
    assert_eq!(deadline(&calendars, &clock), None, "nobody knows when it goes on");
    assert_eq!(ask(&calendars, |state| clock.days_used(state, time("2026-03-20T02:00:00Z"))), 2);
    // On a holiday: Thursday and Friday passed, the holiday counts neither way.
    let clock = resumed(clock, "2026-03-10T02:00:00Z").expect("it stands");
    assert_eq!(deadline(&calendars, &clock).as_deref(), Some("2026-03-14T16:00:00.000Z"));
    assert_eq!(ask(&calendars, |state| clock.days_used(state, time("2026-03-12T02:00:00Z"))), 3);
}

#[test]
fn stopping_and_going_on_within_a_day_gains_nothing() {
    let calendars = invented();
    let mut clock = Clock::start(working(5), time("2026-03-02T02:00:00Z"));
    let before = deadline(&calendars, &clock);
    for hour in ["01", "03", "05"] {
        clock = stopped(&calendars, clock, &format!("2026-03-03T{hour}:00:00Z")).expect("it runs");
        clock = resumed(clock, &format!("2026-03-03T{hour}:30:00Z")).expect("it stands");
    }
    assert_eq!(deadline(&calendars, &clock), before);
}

#[test]
fn a_clock_stopped_on_its_last_day_ends_with_the_day_on_which_it_goes_on() {
    let calendars = invented();
    let clock = Clock::start(working(2), time("2026-03-02T02:00:00Z"));
    let clock = stopped(&calendars, clock, "2026-03-04T15:59:59Z").expect("it is the last day");
    let on_a_working_day = resumed(clock, "2026-03-12T02:00:00Z").expect("it stands");
    assert_eq!(deadline(&calendars, &on_a_working_day).as_deref(), Some("2026-03-12T16:00:00.000Z"));
    let on_a_holiday = resumed(clock, "2026-03-09T02:00:00Z").expect("it stands");
    assert_eq!(deadline(&calendars, &on_a_holiday).as_deref(), Some("2026-03-12T16:00:00.000Z"));
}

#[test]
fn a_deadline_that_has_passed_stays_passed() {
    let calendars = invented();
    let clock = Clock::start(working(2), time("2026-03-02T02:00:00Z"));
    let missed = deadline(&calendars, &clock);
    assert_eq!(missed.as_deref(), Some("2026-03-04T16:00:00.000Z"));
    assert_eq!(extended(&calendars, clock, 10, "2026-03-04T16:00:00Z"), Err(ClockError::Over));
    let clock = stopped(&calendars, clock, "2026-03-04T16:00:00Z").expect("a hearing may be held late");
    assert_eq!(deadline(&calendars, &clock), missed);
    assert_eq!(extended(&calendars, clock, 10, "2026-03-05T16:00:00Z"), Err(ClockError::Over));
    let clock = resumed(clock, "2026-03-20T02:00:00Z").expect("it stands");
    assert_eq!(deadline(&calendars, &clock), missed);
    let clock = stopped(&calendars, clock, "2026-03-21T02:00:00Z").expect("and another");
    assert_eq!(deadline(&calendars, &clock), missed);
    let clock = finished(&calendars, clock, "2026-03-22T02:00:00Z").expect("it ends");
    assert!(ask(&calendars, |state| clock.is_over(state, time("2026-03-22T02:00:00Z"))));
    assert!(clock.is_consistent());
}

#[test]
fn an_extension_adds_days_of_the_same_kind() {
    let calendars = invented();
    let clock = Clock::start(working(5), time("2026-03-02T02:00:00Z"));
    let longer = extended(&calendars, clock, 2, "2026-03-12T15:59:59Z").expect("in time");
    assert_eq!(deadline(&calendars, &longer).as_deref(), Some("2026-03-14T16:00:00.000Z"));
    assert_eq!(longer.extension_days(), 2);
    let stopped = stopped(&calendars, clock, "2026-03-12T02:00:00Z").expect("it runs");
    let while_stopped =
        extended(&calendars, stopped, 2, "2026-04-01T02:00:00Z").expect("it stands before its deadline");
    let clock = resumed(while_stopped, "2026-04-01T02:00:00Z").expect("it stands");
    assert_eq!(deadline(&calendars, &clock).as_deref(), Some("2026-04-03T16:00:00.000Z"));
    let calendar_days = Clock::start(Term { days: 5, unit: DayUnit::CalendarDay }, time("2026-03-02T02:00:00Z"));
    let longer = extended(&calendars, calendar_days, 2, "2026-03-03T02:00:00Z").expect("in time");
    assert_eq!(deadline(&calendars, &longer).as_deref(), Some("2026-03-09T16:00:00.000Z"));
}

#[test]
fn what_a_clock_cannot_do() {
    let calendars = invented();
    let (morning, noon) = ("2026-03-03T01:00:00Z", "2026-03-03T04:00:00Z");
    let running = Clock::start(working(5), time(morning));
    let standing = stopped(&calendars, running, noon).expect("it runs");
    let done = finished(&calendars, standing, noon).expect("it can end while it stands");
    assert!(matches!(done.phase(), Phase::Done { deadline: None, .. }));
    assert!(!ask(&calendars, |state| done.is_over(state, Time::MAX)), "it stood before its deadline");
    assert_eq!(ask(&calendars, |state| done.days_used(state, Time::MAX)), 0);
    let earlier = "2026-03-03T00:59:59Z";
    assert_eq!(stopped(&calendars, standing, noon), Err(ClockError::Stopped));
    assert_eq!(stopped(&calendars, running, earlier), Err(ClockError::Earlier));
    assert_eq!(stopped(&calendars, done, noon), Err(ClockError::Done));
    assert_eq!(resumed(running, noon), Err(ClockError::Running));
    assert_eq!(resumed(standing, morning), Err(ClockError::Earlier));
    assert_eq!(resumed(done, noon), Err(ClockError::Done));
    assert_eq!(extended(&calendars, done, 1, noon), Err(ClockError::Done));
    assert_eq!(extended(&calendars, running, u16::MAX - 4, noon), Err(ClockError::TooLong));
    assert_eq!(finished(&calendars, running, earlier), Err(ClockError::Earlier));
    assert_eq!(finished(&calendars, standing, morning), Err(ClockError::Earlier));
    assert_eq!(finished(&calendars, done, noon), Err(ClockError::Done));
}

#[test]
fn a_new_edition_of_a_calendar_changes_only_days_to_come() {
    let before = invented();
    let clock = Clock::start(working(5), time("2026-03-02T02:00:00Z"));
    let finished_clock = finished(&before, clock, "2026-03-12T15:00:00Z").expect("it runs");
    let standing = stopped(&before, clock, "2026-03-05T02:00:00Z").expect("it runs");
    let after = Calendars::from([(2026, calendar(2026, &[(3, 3), (3, 13)], &[]))]);
    assert_eq!(
        deadline(&after, &clock).as_deref(),
        Some("2026-03-10T16:00:00.000Z"),
        "a running clock is reckoned anew"
    );
    assert_eq!(deadline(&after, &finished_clock).as_deref(), Some("2026-03-12T16:00:00.000Z"));
    let resumed = resumed(standing, "2026-03-12T02:00:00Z").expect("it stands");
    assert_eq!(
        deadline(&after, &resumed).as_deref(),
        Some("2026-03-17T16:00:00.000Z"),
        "two days are left, the 13th is off"
    );
}

/// What the walk says of a clock: its own list of what has happened, and no formula.
struct Walked<'a> {
    days: &'a [WalkedDay],
    start: usize,
    total: usize,
    unit: DayUnit,
    /// From the day of a stop to that of going on; none where it still stands.
    stops: Vec<(usize, Option<usize>)>,
    passed: Option<Time>,
}

impl Walked<'_> {
    /// Where the last day of the term lies; none while the clock stands.
    fn deadline(&self) -> Option<Time> {
        if self.passed.is_some() {
            return self.passed;
        }
        if matches!(self.stops.last(), Some((_, None))) {
            return None;
        }
        let counts = |day: &WalkedDay| day.is_working || self.unit == DayUnit::CalendarDay;
        let runs_since = self.stops.last().map_or(self.start, |stop| stop.1.unwrap_or(stop.0));
        let mut used = 0;
        for (place, day) in self.days.iter().enumerate().skip(self.start + 1) {
            let stands = self.stops.iter().any(|(from, to)| place > *from && to.is_none_or(|to| place <= to));
            if used < self.total && counts(day) && !stands {
                used += 1;
                if used == self.total && place > runs_since {
                    return Some(day.begin.plus_millis(DAY_MILLIS));
                }
            }
            let is_used_up = used == self.total && place >= runs_since;
            if is_used_up && counts(day) {
                return Some(day.begin.plus_millis(DAY_MILLIS));
            }
        }
        panic!("the walk is too short")
    }
}

fn apply(
    calendars: &Calendars,
    clock: Clock,
    change: impl Fn(&mut Clock, &State) -> Result<Result<(), ClockError>, tongban_kernel::Missing>,
) -> Result<Clock, ClockError> {
    ask(calendars, |state| {
        let mut clock = clock;
        change(&mut clock, state).map(|done| done.map(|()| clock))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens to a clock, its deadline is that of a walk which counts days one by one and leaves out those on which it stood; it
    /// is small, survives its encoding and stays consistent.
    #[test]
    fn a_clock_agrees_with_a_walk(
        calendars in calendars(),
        start in 0..1_500usize,
        days in 1..60u16,
        is_working in any::<bool>(),
        changes in proptest::collection::vec((0..3u8, 0..25usize, 0..DAY_MILLIS, 0..20u16), 0..8),
    ) {
        let all = walk(&calendars);
        let unit = if is_working { DayUnit::WorkingDay } else { DayUnit::CalendarDay };
        let mut clock = Clock::start(Term { days, unit }, all[start].begin);
        let mut walked = Walked { days: &all, start, total: usize::from(days), unit, stops: Vec::new(), passed: None };
        let mut now = all[start].begin;
        let mut place = start;
        for (kind, skip, moment, more) in changes {
            place += skip;
            now = all[place].begin.plus_millis(moment).max(now);
            let is_over = walked.deadline().is_some_and(|deadline| now >= deadline);
            let stands = matches!(walked.stops.last(), Some((_, None)));
            let (result, expected) = match kind {
                0 => {
                    if !stands {
                        walked.passed = walked.deadline().filter(|_| is_over);
                        walked.stops.push((place, None));
                    }
                    (apply(&calendars, clock, |clock, state| clock.stop(state, now)), if stands { Err(ClockError::Stopped) } else { Ok(()) })
                }
                1 => {
                    if let Some((_, to @ None)) = walked.stops.last_mut() {
                        *to = Some(place);
                    }
                    (apply(&calendars, clock, |clock, _| Ok(clock.resume(now))), if stands { Ok(()) } else { Err(ClockError::Running) })
                }
                _ => {
                    if !is_over {
                        walked.total += usize::from(more);
                    }
                    (apply(&calendars, clock, |clock, state| clock.extend(state, more, now)), if is_over { Err(ClockError::Over) } else { Ok(()) })
                }
            };
            prop_assert_eq!(result.map(|_| ()), expected);
            clock = result.unwrap_or(clock);
            prop_assert_eq!(ask(&calendars, |state| clock.deadline(state)).map(|deadline| deadline.at), walked.deadline());
            prop_assert!(clock.is_consistent());
            let bytes = codec::encode(&clock);
            prop_assert!(bytes.len() <= 48, "{} bytes", bytes.len());
            prop_assert_eq!(codec::decode::<Clock>(&bytes).expect("what was encoded"), clock);
        }
        let done = apply(&calendars, clock, |clock, state| clock.finish(state, now)).expect("it can end");
        prop_assert_eq!(ask(&calendars, |state| done.is_over(state, Time::MAX)), walked.deadline().is_some_and(|deadline| now >= deadline));
    }
}
